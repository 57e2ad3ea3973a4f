import Cryptography
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Networking
import SecureServing

/// Where the operator listens.
package struct ListenAddresses: Sendable, Equatable {
    package var host: String
    /// HTTPS: the configuration stream and admission. 0 for any that is free.
    package var port: Int
    /// Plain HTTP: health and metrics. 0 for any that is free.
    package var healthPort: Int

    package init(host: String = "::", port: Int = 8443, healthPort: Int = 8081) {
        self.host = host
        self.port = port
        self.healthPort = healthPort
    }
}

/// The two servers of an operator.
struct OperatorServers {
    let addresses: ListenAddresses
    let identity: any ServingIdentity
    let logger: Logger

    /// Connections without a request for this long are closed; streams write at least that often. Longer than
    /// the 90 s after which the API server closes its own (client-go, `IdleConnTimeout`): it does not repeat a
    /// POST that meets a closed one, and admission would fail.
    private static let idleTimeout = TimeAmount.seconds(120)
    /// Of all headers of a request, in bytes.
    private static let maximumHeaderLength = 32 << 10

    private var configuration: HTTP1Channel.Configuration {
        .init(
            idleTimeout: Self.idleTimeout,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Self.maximumHeaderLength, maxHeaderListSize: Self.maximumHeaderLength))
    }

    /// Serves HTTPS until the task is cancelled.
    func runSecure(
        _ router: Router<ClientContext>, isListening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let context = ServingContext(identity)
        let configuration = configuration
        let application = Application(
            router: router,
            server: HTTPServerBuilder { responder in
                SecureChannel(
                    inner: HTTP1Channel(responder: responder, configuration: configuration)
                ) { () throws(TLSError) in try context.current() }
            },
            configuration: .init(
                address: .hostname(Listener.host(for: addresses.host), port: addresses.port)),
            onServerRunning: { channel in await isListening(channel.localAddress?.port ?? 0) }, logger: logger
        )
        try await Listener.telling(endpoint(addresses.port)) { try await application.run() }
    }

    /// Serves plain HTTP until the task is cancelled.
    func runPlain(
        _ router: Router<ClientContext>, isListening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let application = Application(
            router: router, server: .http1(configuration: configuration),
            configuration: .init(
                address: .hostname(Listener.host(for: addresses.host), port: addresses.healthPort)),
            onServerRunning: { channel in await isListening(channel.localAddress?.port ?? 0) }, logger: logger
        )
        try await Listener.telling(endpoint(addresses.healthPort)) { try await application.run() }
    }

    private func endpoint(_ port: Int) -> Endpoint {
        .tcp(host: addresses.host, port: UInt16(clamping: port))
    }
}
