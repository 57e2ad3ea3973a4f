package import Logging

/// Everything a gateway is started with, read once by its entry point.
package struct GatewayConfiguration: Sendable {
    package struct TLSFiles: Sendable, Equatable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Who clients on the gateway's loopback and sockets are.
    package struct Workload: Sendable, Equatable {
        package var name: String
        package var groups: [String]

        package init(name: String, groups: [String]) {
            self.name = name
            self.groups = groups
        }
    }

    /// Folder of the resources' YAML.
    package var manifests: String
    /// Namespace whose connections are served.
    package var namespace: String
    /// Folder of secrets: `<secret>/<key>`.
    package var secrets: String
    /// Folder of the audit spool and the gateway's own keys.
    package var data: String
    /// The audit sink's base URL.
    package var sink: String
    /// Names the gateway in the audit log.
    package var name: String
    /// Addresses to listen on, without port: the ports are the connections'.
    package var listenAddresses: [String]
    package var clientTLS: TLSFiles?
    /// Whether clients without TLS are refused.
    package var requiresTLS: Bool
    /// Secret whose keys are user names and whose values are their passwords.
    package var users: String?
    /// Groups of those users.
    package var userGroups: [String: [String]]
    package var workload: Workload?
    package var logLevel: Logger.Level

    package init(
        manifests: String, namespace: String, secrets: String, data: String, sink: String, name: String,
        listenAddresses: [String], clientTLS: TLSFiles?, requiresTLS: Bool, users: String?,
        userGroups: [String: [String]], workload: Workload?, logLevel: Logger.Level
    ) {
        self.manifests = manifests
        self.namespace = namespace
        self.secrets = secrets
        self.data = data
        self.sink = sink
        self.name = name
        self.listenAddresses = listenAddresses
        self.clientTLS = clientTLS
        self.requiresTLS = requiresTLS
        self.users = users
        self.userGroups = userGroups
        self.workload = workload
        self.logLevel = logLevel
    }
}
