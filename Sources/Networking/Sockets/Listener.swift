import Glibc
package import NIOCore
import NIOPosix

/// Accepts connections.
package enum Listener {
    /// Listens until the channel returned is closed.
    ///
    /// A TCP port may be 0 for a free one; see ``host(for:hasIPv6:)`` for its host, ``SocketFile`` for unix sockets.
    /// - Parameters:
    ///   - endpoint: a host name listens on the first of its addresses.
    ///   - permissions: who may connect to a unix socket, as mode bits of its file.
    ///   - accepts: whether clients are accepted at once; otherwise they wait until the channel's `autoRead` is
    ///     turned on.
    ///   - loop: the accepted connections' as well.
    ///   - configure: called on the loop for each connection before anything is read; to add its handlers, or
    ///     to turn `autoRead` off. The connection is closed when it throws.
    /// - Returns: the listening channel.
    /// - Throws: ``SystemRefusal``; ``NetworkingError/addressInUse(_:)``.
    package static func bind(
        _ endpoint: Endpoint, permissions: UInt32 = SocketFile.openToAll, accepts: Bool = true,
        on loop: any EventLoop,
        configure: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: loop, childGroup: loop)
            .serverChannelOption(.backlog, value: SocketOptions.backlog)
            .serverChannelOption(.autoRead, value: accepts)
            .childChannelOption(.maxMessagesPerRead, value: SocketOptions.readsPerReadiness)
            .childChannelOption(.recvAllocator, value: SocketOptions.makeReadAllocator())
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel) }
            }
        switch endpoint {
        case .tcp(let host, let port):
            let configured = SocketOptions.tcp.reduce(bootstrap) {
                $0.childChannelOption($1.option, value: $1.value)
            }
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            return try await telling(endpoint) {
                try await configured.bind(host: Self.host(for: host), port: Int(port)).get()
            }
        case .unix(let path):
            let file = SocketFile(path: path)
            try file.removeStale()
            // NIO would remove the file it binds itself when it closes, whosever it is by then.
            let channel = try await bootstrap.withBoundSocket(file.bind(permissions: permissions)).get()
            file.remove(at: channel.closeFuture)
            return channel
        }
    }

    /// Runs what listens there, also a server of another's making.
    /// - Throws: ``SystemRefusal`` in place of NIO's own error.
    package static func telling<Result>(
        _ endpoints: Endpoint..., listen: () async throws -> Result
    ) async throws -> Result {
        do { return try await listen() } catch let error as IOError {
            throw SystemRefusal(error, at: endpoints)
        }
    }

    /// The host to listen at when it was told so: `::` takes IPv4 too, and on a machine without IPv6 is `0.0.0.0`.
    package static func host(for host: String, hasIPv6: Bool = hasIPv6) -> String {
        host == "::" && !hasIPv6 ? "0.0.0.0" : host
    }

    /// Whether the kernel knows IPv6 at all: with `ipv6.disable=1` it does not.
    package static let hasIPv6: Bool = {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }()
}
