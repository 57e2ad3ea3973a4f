import Glibc
import NIOCore

/// What listeners and connectors have in common.
enum SocketOptions {
    /// Connections the kernel completes ahead of us.
    static let backlog: Int32 = 1024

    /// One read a readiness: the kernel says again when there is more, and a reader that has had enough is
    /// not handed another buffer.
    static let readsPerReadiness: UInt = 1

    /// How a peer that has vanished is noticed on a connection on which nothing is on its way: a probe after so many
    /// seconds of silence, then every so many, and the end when so many remain unanswered. Ours; the kernel's own
    /// are two hours, 75 and 9.
    static let keepAliveIdle = 30
    static let keepAliveInterval = 10
    static let keepAliveCount = 3

    /// What every TCP connection is set to: small messages leave at once, and dead peers are noticed.
    static let tcp: [(option: ChannelOptions.Types.SocketOption, value: Int)] = [
        (.tcpOption(.tcp_nodelay), 1), (.socketOption(.so_keepalive), 1),
        (.tcpOption(.init(rawValue: TCP_KEEPIDLE)), keepAliveIdle),
        (.tcpOption(.init(rawValue: TCP_KEEPINTVL)), keepAliveInterval),
        (.tcpOption(.init(rawValue: TCP_KEEPCNT)), keepAliveCount),
    ]

    /// In bytes: small while a session idles, so that many cost little; up to 64 KiB while results stream.
    static func makeReadAllocator() -> AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 64 << 10)
    }
}
