import ArgumentParser
import Gateway
import Glibc
import Logging
import Telemetry

/// Every option can also come from the environment, as `WEIR_` and its name in capitals.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the DatabaseConnections of a namespace until SIGTERM.",
        discussion: """
            Each option can be given in the environment instead: --manifests as WEIR_MANIFESTS, --listen-address as \
            WEIR_LISTEN_ADDRESS and so on; entries of --user-groups are separated by semicolons there, other lists by \
            commas as here, and flags are true or false.

            Secrets are read from files, as a mounted Kubernetes Secret shows them: SECRETS/<secret>/<key>. An edit of \
            the manifests is in force within a second, for running sessions from their next statement on; one that \
            does not load is refused, and the last good configuration stays in force. With --operator, the folder is the \
            snapshot that a cluster's operator made: it counts at the start and while the operator is out of reach.

            Exit status: 0 after SIGTERM, 64 for a configuration that cannot be used, 1 for anything else.
            """)

    @Option(help: "Folder of the DatabaseConnection, MaskingPolicy and ApprovalRule resources, as YAML.")
    var manifests: String?
    @Option(help: "Namespace whose connections are served. (default: default)")
    var namespace: String?
    @Option(help: "NAME[,NAME...]: only these connections are served. (default: all of the namespace)")
    var connections: String?
    @Option(help: "Folder of the secrets.")
    var secrets: String?
    @Option(help: "Folder for the audit spool and the gateway's own keys.")
    var data: String?
    @Option(help: "Base URL of the audit sink, such as http://127.0.0.1:9440.")
    var sink: String?
    @Option(
        name: .customLong("sink-ca"),
        help: "PEM of the authorities to trust for an https:// sink. (default: the system's)")
    var sinkCA: String?
    @Option(help: "Name of this gateway in the audit log. (default: the host's name)")
    var name: String?
    @Option(
        help:
            "ADDRESS[,ADDRESS...] to listen on; :: is all of IPv6 and IPv4. The ports are the connections'. (default: 127.0.0.1)"
    )
    var listenAddress: String?
    @Option(
        help: "Secret whose keys are names of the gateway's own users, and whose values are their passwords.")
    var users: String?
    @Option(help: "USER=GROUP[,GROUP...]: the groups of one of those users; may be repeated.")
    var userGroups: [String] = []
    @Option(help: "Who clients on this machine are, such as system:serviceaccount:clinic:api.")
    var workloadIdentity: String?
    @Option(help: "GROUP[,GROUP...]: that workload's groups.")
    var workloadGroups: String?
    @Option(help: "Certificate chain to show to clients, PEM; without it clients are served without TLS.")
    var tlsCertificate: String?
    @Option(help: "Private key of that certificate, PEM.")
    var tlsKey: String?
    @Flag(help: "Refuse clients that do not use TLS.")
    var requireTLS = false
    @Option(
        name: .customLong("operator"), help: "Base URL of the operator that streams the configuration, HTTPS."
    )
    var operatorURL: String?
    @Option(help: "File of the authorities by which the operator proves itself, PEM.")
    var operatorCA: String?
    @Option(help: "File of the token by which the operator knows this pod.")
    var token: String?
    @Option(help: "ADDRESS:PORT that answers /healthz, /readyz, /startupz and /metrics. (default: none)")
    var healthAddress: String?
    @Option(help: "Port of the loopback interface where POST /quit ends the gateway. (default: none)")
    var shutdownPort: String?
    @Option(help: "Time that sessions have at most once the gateway stops. (default: 20s)")
    var drainTimeout: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    func run() async throws {
        try CoreDumps.forbid()
        let configuration: GatewayConfiguration
        do throws(ConfigurationFaults) {
            configuration = try GatewayConfiguration(self, environment: .ofThisProcess)
        } catch {
            throw Exit.configuration("\(error)")
        }
        StandardErrorLog.install(level: configuration.logLevel)
        do {
            try await GatewayProcess(configuration, logger: Logger(label: "weir-gateway")).run()
        } catch {
            guard GatewayProcess.isConfigurationFault(error) else { throw error }
            throw Exit.configuration("\(error)")
        }
    }
}

enum Exit {
    /// Says what is wrong on standard error, and gives the status for it.
    static func configuration(_ message: String) -> ExitCode {
        tell(message)
        return ExitCode(64)
    }

    static func failure(_ message: String) -> ExitCode {
        tell(message)
        return ExitCode(1)
    }

    private static func tell(_ message: String) {
        let line = message + "\n"
        _ = unsafe line.withCString { unsafe write(STDERR_FILENO, $0, strlen($0)) }
    }
}
