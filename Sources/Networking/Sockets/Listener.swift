import Glibc
package import NIOCore
import NIOPosix

/// Accepts connections.
package enum Listener {
    /// Listens until the channel returned is closed.
    ///
    /// A TCP port may be 0 for a free one. A stale socket file is removed first; the new one may be connected to
    /// by anybody who can reach its folder, which is what PostgreSQL does.
    /// - Parameters:
    ///   - endpoint: a host name listens on the first of its addresses.
    ///   - loop: the accepted connections' as well.
    ///   - configure: called on the loop for each connection before anything is read; to add its handlers, or
    ///     to turn `autoRead` off. The connection is closed when it throws.
    /// - Returns: the listening channel.
    /// - Throws: the operating system's refusal.
    package static func bind(
        _ endpoint: Endpoint, on loop: any EventLoop,
        configure: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        var bootstrap = ServerBootstrap(group: loop, childGroup: loop)
            .serverChannelOption(.backlog, value: SocketOptions.backlog)
            .childChannelOption(.maxMessagesPerRead, value: SocketOptions.readsPerReadiness)
            .childChannelOption(.recvAllocator, value: SocketOptions.makeReadAllocator())
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel) }
            }
        switch endpoint {
        case .tcp(let host, let port):
            bootstrap = bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            return try await bootstrap.bind(host: host, port: Int(port)).get()
        case .unix(let path):
            let channel = try await bootstrap.bind(
                unixDomainSocketPath: path, cleanupExistingSocketFile: true
            )
            .get()
            return channel
        }
    }
}
