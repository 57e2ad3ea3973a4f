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
    /// - Returns: the connected channel, or the operating system's refusal.
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
            return bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: Int(port))
        case .unix(let path):
            return bootstrap.connect(unixDomainSocketPath: path)
        }
    }
}
