import Cryptography
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import Networking
import SecureServing
import Telemetry

/// The audit sink: the store, and HTTP in front of it.
package struct AuditSinkServer: Sendable {
    package struct Configuration: Sendable {
        /// Holds the store and the sink's key.
        package var folder: String
        package var host: String
        /// 0 for any that is free.
        package var port: Int
        package var trustedKeys: TrustedKeys
        package var readers: Readers
        /// Of the certificate that is served with; `nil`: HTTP in clear.
        package var certificate: CertificateFiles?
        /// Where `/healthz` and `/readyz` are answered in clear beside it; `nil`: nowhere.
        package var health: (host: String, port: Int)?
        /// Who knows whose pod a gateway is; `nil`: names are whoever's comes first.
        package var attestation: WriterAttestation?
        package var limits = ServingLimits()

        package init(
            folder: String, host: String, port: Int, trustedKeys: TrustedKeys = .firstContact,
            readers: Readers = Readers()
        ) {
            self.folder = folder
            self.host = host
            self.port = port
            self.trustedKeys = trustedKeys
            self.readers = readers
        }
    }

    private let configuration: Configuration
    private let service: EvidenceService
    private let certificate: ServedCertificate?
    private let logger: Logger

    /// Connections without a request for this long are closed.
    private static let idleTimeout = TimeAmount.seconds(60)
    /// Of all headers of a request, in bytes.
    private static let maximumHeaderLength = 16 << 10

    /// Opens the store.
    package init(_ configuration: Configuration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        certificate = configuration.certificate.map { ServedCertificate($0, logger: logger) }
        service = try EvidenceService(
            folder: configuration.folder, trustedKeys: configuration.trustedKeys, now: WallClock.now)
    }

    /// Serves until the process is told to end by SIGTERM or SIGINT, or the task is cancelled. `isListening` is
    /// called with the port once connections are accepted.
    package func run(isListening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let limits = configuration.limits
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: FailedRequests(log: FailureLog(logger)))
        health.add(to: router)
        IngestRoutes(
            service: service, attestation: configuration.attestation, refusals: FailureLog(logger),
            bodies: BodyBudget(limit: limits.heldByteCount), bodyTime: limits.bodyTime
        ).add(to: router)
        TransparencyRoutes(service: service).add(to: router)
        EvidenceRoutes(service: service, readers: configuration.readers).add(to: router)
        let (logger, host, origin) = (logger, configuration.host, await service.origin)
        let application = Application(
            router: router, server: server,
            configuration: .init(
                address: .hostname(Listener.host(for: host), port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.connectionCount, logger: logger)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                logger.info(
                    "audit sink is listening",
                    metadata: ["host": "\(host)", "port": "\(port)", "origin": "\(origin)"])
                await isListening(port)
            },
            logger: logger)
        // What is wrong with the files is said before it listens.
        _ = try? certificate?.current()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.runService() }
            if let address = configuration.health { group.addTask { try await answerProbes(at: address) } }
            if let certificate { group.addTask { await certificate.watch() } }
            defer { group.cancelAll() }
            // The first to end ends all: also a port of the probes that cannot be listened on.
            _ = try await group.next()
        }
    }

    private var health: HealthRoutes { HealthRoutes(service: service, certificate: certificate) }

    private static let channel = HTTP1Channel.Configuration(
        idleTimeout: idleTimeout,
        httpDecoderConfiguration: .init(
            maxHeaderFieldSize: maximumHeaderLength, maxHeaderListSize: maximumHeaderLength))

    private var server: HTTPServerBuilder {
        guard let certificate else { return .http1(configuration: Self.channel) }
        return HTTPServerBuilder { responder in
            SecureChannel(inner: HTTP1Channel(responder: responder, configuration: Self.channel)) {
                () throws(TLSError) in try certificate.current()
            }
        }
    }

    private func answerProbes(at address: (host: String, port: Int)) async throws {
        let router = Router(context: BasicRequestContext.self)
        health.add(to: router)
        let application = Application(
            router: router, server: .http1(configuration: Self.channel),
            configuration: .init(address: .hostname(Listener.host(for: address.host), port: address.port)),
            logger: logger)
        try await application.run()
    }
}
