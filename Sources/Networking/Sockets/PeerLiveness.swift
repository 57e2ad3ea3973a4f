import Glibc
package import NIOCore

/// Whether a peer still acknowledges what it is sent.
///
/// Keep-alive probes notice a vanished peer only while nothing is on its way to it; what is, the kernel repeats for a
/// quarter of an hour and more. `TCP_USER_TIMEOUT` would end that sooner, but also a connection whose peer is alive
/// and slow to read, as it counts from when the peer's window closed.
package enum PeerLiveness {
    /// Time without a sign of life, and attempts to get one, after which a peer has vanished; as long as keep-alive
    /// probes take. Ours.
    static let silenceLimit = Duration.seconds(
        SocketOptions.keepAliveIdle + SocketOptions.keepAliveInterval * SocketOptions.keepAliveCount)
    static let unansweredLimit = UInt8(SocketOptions.keepAliveCount)

    /// - Returns: `false` also for what is no TCP connection.
    package static func hasVanished(_ channel: any Channel) -> EventLoopFuture<Bool> {
        guard let provider = channel as? any SocketOptionProvider, channel.remoteAddress?.ipAddress != nil
        else {
            return channel.eventLoop.makeSucceededFuture(false)
        }
        return provider.getTCPInfo().map { info in
            // A peer that reads slowly answers each probe of its window, which sets the count back.
            let unanswered = max(info.tcpi_retransmits, info.tcpi_probes)
            return unanswered >= unansweredLimit
                && .milliseconds(info.tcpi_last_ack_recv) >= silenceLimit
        }
    }
}
