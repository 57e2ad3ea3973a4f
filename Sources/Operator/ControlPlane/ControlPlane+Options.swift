import API
package import Kubernetes

extension ControlPlane {
    package struct Options: Sendable {
        package var addresses = ListenAddresses()
        /// Empty for all.
        package var namespaces: [String] = []
        package var electsLeader = true
        /// Names this process and no other, also not one before it.
        package var identity: String
        package var timing = LeaderElection.Timing()
        /// How long connections are served once the operator is told to end: until nobody sends new ones.
        package var drain = Duration.seconds(5)
        /// Longest silence of a stream; whoever listens gives up after 40 s.
        package var heartbeat = Duration.seconds(15)
        /// Between two looks at the certificates.
        package var certificateInterval = CertificateKeeper.interval
        /// Between two looks at what other replicas may have written about identities.
        package var identityInterval = IdentityService.lookInterval
        package var nativeSidecars = NativeSidecars.Mode.auto
        /// Of the Service of the audit sink, whose certificate is kept; `nil` for one with a certificate of its own.
        package var sinkService: String?
        /// Of the Service by which the operator is reached.
        package var serviceName = "weir-operator"
        /// Where browsers reach the operator, for signing in by SAML; `nil`: nobody signs in.
        package var publicURL: String?
        /// Folder of what is kept through a restart, the operator's own audit log; `nil`: it keeps none.
        package var data: String?
        /// Between two signatures of that log.
        package var signInterval = OperatorLog.signInterval
        /// The name of this pod, as its token proves it to the audit sink.
        package var pod = "weir-operator"
        /// Where people see a request for approval; `nil` where there is no such page.
        package var approvalsLink: ApprovalsLink?
        /// This pod's token for the audience of gateways, as it is now: other replicas know this one by it.
        package var token: @Sendable () -> String? = { nil }

        package init(identity: String) {
            self.identity = identity
        }

        /// Cookies of a sign-in need TLS.
        package static func isUsable(publicURL url: String) -> Bool {
            url.hasPrefix("https://") && StringFormat.webAddress.fault(in: url) == nil
                && !url.contains { $0 == "?" || $0 == "#" }
        }
    }
}
