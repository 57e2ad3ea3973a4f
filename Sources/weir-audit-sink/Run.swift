import ArgumentParser
import AuditSink
import Logging
import Networking
import Telemetry

/// `weir-audit-sink run`.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run until told to end by SIGTERM or SIGINT.")

    @Option(help: "Folder of the log and the sink's key, of one sink at a time; made if there is none.")
    var data: String

    @Option(help: "Address and port to listen on; reading is open to all who reach it, but for --token-file.")
    var listen = "127.0.0.1:9440"

    @Option(
        help: "Folder with NAME.pub of each gateway; without it, the first key seen under a name is pinned.")
    var trustedKeys: String?

    @Option(help: "File with a name and a bearer token on each line: only these read evidence.")
    var tokenFile: String?

    @Option(help: "Certificate chain to serve HTTPS with, PEM; may come later, and be renewed in place.")
    var tlsCertificate: String?

    @Option(help: "Private key of that certificate, PEM.")
    var tlsKey: String?

    @Option(help: "Address and port where /healthz and /readyz are answered without encryption.")
    var healthListen: String?

    @Option(
        name: .customLong("operator"),
        help: "Base URL of the operator, which is asked whose pod a gateway is that is new here.")
    var operatorURL: String?

    @Option(
        name: .customLong("operator-ca"), help: "PEM of the authorities that its certificate is signed by.")
    var operatorCA: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = "info"

    func run() async throws {
        try CoreDumps.forbid()
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw ValidationError("--log-level is none of the levels there are")
        }
        StandardErrorLog.install(level: level)
        let configuration: AuditSinkServer.Configuration
        do {
            configuration = try AuditSinkServer.Configuration(
                folder: data, listen: listen, trustedKeys: trustedKeys, tokenFile: tokenFile,
                certificate: (tlsCertificate, tlsKey), health: healthListen,
                attestation: (operatorURL, operatorCA))
        } catch {
            throw ValidationError("\(error)")  // exit status 64
        }
        let server = try AuditSinkServer(configuration, logger: Logger(label: "audit-sink"))
        let endpoint = Endpoint.tcp(host: configuration.host, port: UInt16(clamping: configuration.port))
        guard let health = configuration.health else {
            return try await Listener.telling(endpoint) { try await server.run() }
        }
        try await Listener.telling(
            endpoint, .tcp(host: health.host, port: UInt16(clamping: health.port))
        ) { try await server.run() }
    }
}
