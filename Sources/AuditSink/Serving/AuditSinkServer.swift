import Hummingbird
package import Logging
import NIOCore
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
    private let logger: Logger

    /// Connections without a request for this long are closed.
    private static let idleTimeout = TimeAmount.seconds(60)
    /// Of all headers of a request, in bytes.
    private static let maximumHeaderLength = 16 << 10

    /// Opens the store.
    package init(_ configuration: Configuration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        service = try EvidenceService(
            folder: configuration.folder, trustedKeys: configuration.trustedKeys, now: WallClock.now)
    }

    /// Serves until the process is told to end by SIGTERM or SIGINT, or the task is cancelled. `isListening` is
    /// called with the port once connections are accepted.
    package func run(isListening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let router = Router(context: BasicRequestContext.self)
        IngestRoutes(service: service).add(to: router)
        TransparencyRoutes(service: service).add(to: router)
        EvidenceRoutes(service: service, readers: configuration.readers).add(to: router)
        let (logger, host, origin) = (logger, configuration.host, await service.origin)
        let application = Application(
            router: router,
            server: .http1(
                configuration: .init(
                    idleTimeout: Self.idleTimeout,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Self.maximumHeaderLength,
                        maxHeaderListSize: Self.maximumHeaderLength))),
            configuration: .init(address: .hostname(host, port: configuration.port)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                logger.info(
                    "audit sink is listening",
                    metadata: ["host": "\(host)", "port": "\(port)", "origin": "\(origin)"])
                await isListening(port)
            },
            logger: logger)
        try await application.runService()
    }
}
