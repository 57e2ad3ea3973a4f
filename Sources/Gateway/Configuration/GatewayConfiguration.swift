import API
package import Logging
package import Networking

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

    /// The operator that keeps the configuration up to date.
    package struct ControlPlane: Sendable, Equatable {
        /// Base URL, HTTPS.
        package var url: String
        /// File of the authorities to trust, PEM; read afresh for each connection.
        package var certificateAuthorities: String
        /// File of the pod's token; read afresh for each request.
        package var token: String

        package init(url: String, certificateAuthorities: String, token: String) {
            self.url = url
            self.certificateAuthorities = certificateAuthorities
            self.token = token
        }
    }

    package static let defaultDrainTimeout = Duration.seconds(20)

    /// Folder of the resources' YAML.
    package var manifests: String
    /// Namespace whose connections are served.
    package var namespace: String
    /// Names of the connections that are served; `nil`: all of the namespace.
    package var connections: Set<String>?
    /// Folder of secrets: `<secret>/<key>`.
    package var secrets: String
    /// Folder of the audit spool and the gateway's own keys.
    package var data: String
    /// The audit sink's base URL.
    package var sink: String
    /// File of the authorities to trust for the sink, PEM, read afresh for each connection; `nil`: the system's.
    package var sinkCertificateAuthorities: String?
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
    /// `nil`: the folder of manifests is all there is.
    package var controlPlane: ControlPlane?
    /// Where probes and metrics are answered; `nil`: nowhere.
    package var healthAddress: Endpoint?
    /// Port of the loopback interface that takes `POST /quit`: for a gateway that is no native sidecar, beside an
    /// application that ends by itself.
    package var shutdownPort: UInt16?
    /// Time that running sessions have at most once the gateway stops.
    package var drainTimeout: Duration

    package init(
        manifests: String, namespace: String, connections: Set<String>? = nil, secrets: String, data: String,
        sink: String, name: String,
        listenAddresses: [String], clientTLS: TLSFiles?, requiresTLS: Bool, users: String?,
        userGroups: [String: [String]], workload: Workload?, logLevel: Logger.Level,
        controlPlane: ControlPlane? = nil, healthAddress: Endpoint? = nil, shutdownPort: UInt16? = nil,
        drainTimeout: Duration = defaultDrainTimeout
    ) {
        self.manifests = manifests
        self.namespace = namespace
        self.connections = connections
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
        self.controlPlane = controlPlane
        self.healthAddress = healthAddress
        self.shutdownPort = shutdownPort
        self.drainTimeout = drainTimeout
    }

    /// `ADDRESS:PORT`, an IPv6 address in brackets.
    package static func endpoint(_ text: String) -> Endpoint? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            port > 0
        else { return nil }
        var host = text[..<colon]
        if host.first == "[" {
            guard host.last == "]" else { return nil }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty ? nil : .tcp(host: String(host), port: port)
    }

    /// As manifests write it: `20s`, `1m30s`.
    package static func duration(_ text: String) -> Duration? {
        Duration(manifest: text)
    }
}
