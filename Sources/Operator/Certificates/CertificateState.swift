package import Cryptography
package import Kubernetes

/// What this replica shows its clients, and whether they can believe it.
package struct CertificateState: Sendable {
    /// `nil` until there is one.
    package var identity: TLSContext.Identity?
    /// The last second it is good for; `nil` without one.
    package var expiry: Timestamp?
    /// What clients have to trust, PEM: for `operator-ca.crt` of every configuration.
    package var bundle: [UInt8]
    /// Whether the webhooks' configurations hold the ``bundle``.
    package var isTrusted: Bool

    package init(
        identity: TLSContext.Identity? = nil, expiry: Timestamp? = nil, bundle: [UInt8] = [],
        isTrusted: Bool = false
    ) {
        self.identity = identity
        self.expiry = expiry
        self.bundle = bundle
        self.isTrusted = isTrusted
    }

    /// Whether the API server's calls succeed.
    package func isReady(at now: Timestamp) -> Bool {
        guard isTrusted, identity != nil, let expiry else { return false }
        return now <= expiry
    }
}
