package import NIOCore
import NIOPosix

/// Makes connections.
package enum Connector {
    /// Connects to the first address of the endpoint that answers.
    /// - Parameters:
    ///   - endpoint: whom to call.
    ///   - loop: the connection's.
    ///   - timeout: for looking up the name and connecting, not for a TLS handshake.
    ///   - configure: called on the loop before anything is read or written, for the connection to each
    ///     address that is tried; to add handlers, or to turn `autoRead` off. What may exist only once, such as
    ///     a handshake's promise, belongs into handlers that are added to the channel returned. The connection
    ///     is given up when `configure` throws.
    /// - Returns: the connected channel, or a ``SystemRefusal``.
    package static func connect(
        to endpoint: Endpoint, on loop: any EventLoop, timeout: TimeAmount,
        configure: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelOption(.maxMessagesPerRead, value: SocketOptions.readsPerReadiness)
            .channelOption(.recvAllocator, value: SocketOptions.makeReadAllocator())
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel) }
            }
        switch endpoint {
        case .tcp(let host, let port):
            let configured = SocketOptions.tcp.reduce(bootstrap) {
                $0.channelOption($1.option, value: $1.value)
            }
            // An address needs no look-up, which would cost another thread's time.
            if let address = try? SocketAddress(ipAddress: host, port: Int(port)) {
                return configured.connect(to: address).inWords()
            }
            return configured.connect(host: host, port: Int(port)).inWords()
        case .unix(let path):
            return bootstrap.connect(unixDomainSocketPath: path).inWords()
        }
    }
}
