import ClusterModel
package import Cryptography
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import SecureServing

/// An API server for tests, over HTTPS.
package struct ClusterServer: Sendable {
    /// What tests reach into; the process' own.
    package let host: ClusterHost
    private let identity: TLSContext.Identity
    private let address: String
    private let port: Int
    private let token: String
    private let bookmarkInterval: Duration
    private let logger: Logger

    /// The certificate of `identity` names `address`; `port` is 0 for any that is free; `token` is the administrator's.
    package init(
        identity: TLSContext.Identity, address: String = "127.0.0.1", port: Int = 0, token: String,
        bookmarkInterval: Duration = .seconds(60),
        logger: Logger
    ) {
        host = ClusterHost()
        self.identity = identity
        self.address = address
        self.port = port
        self.token = token
        self.bookmarkInterval = bookmarkInterval
        self.logger = logger
    }

    /// Serves until the process is told to end, or the task is cancelled. `isListening` is called with the port.
    package func run(isListening: @escaping @Sendable (Int) async -> Void) async throws {
        let context = try TLSContext.server(identity: identity, applicationProtocol: "http/1.1")
        let application = Application(
            responder: APIResponder(host: host, token: token, bookmarkInterval: bookmarkInterval),
            server: HTTPServerBuilder { responder in
                SecureChannel(inner: HTTP1Channel(responder: responder)) { () throws(TLSError) in context }
            },
            configuration: .init(address: .hostname(address, port: port)),
            onServerRunning: { channel in await isListening(channel.localAddress?.port ?? 0) }, logger: logger
        )
        try await application.runService()
    }
}
