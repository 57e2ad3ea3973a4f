import Glibc
import NIOCore
import Networking

/// One of a session's two connections.
enum LegSide {
    case client
    case server
}

/// Hands a connection's bytes and its end to the session's driver.
final class Leg: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let side: LegSide
    private var driver: SessionDriver?
    private var context: ChannelHandlerContext?
    private var isReading = true
    private var isClosing = false
    /// The peer does not answer any more, not even to say that it is gone.
    private var hasVanished = false

    init(_ side: LegSide, of driver: SessionDriver) {
        self.side = side
        self.driver = driver
    }

    // MARK: - What the driver does with it

    var channel: (any Channel)? { context?.channel }
    var isWritable: Bool { context?.channel.isWritable ?? false }

    func write(_ buffer: ByteBuffer) {
        context?.write(wrapOutboundOut(buffer), promise: nil)
    }

    func flush() {
        context?.flush()
    }

    /// Reading stops where its bytes could not be passed on, so that memory stays bounded.
    func setReading(_ reads: Bool) {
        guard reads != isReading, let channel = context?.channel else { return }
        isReading = reads
        try? channel.syncOptions?.setOption(.autoRead, value: reads)
    }

    /// Closes once everything written has been sent, or after ``SessionDriver/lingerTime``.
    func close() {
        guard let context, !isClosing else { return }
        isClosing = true
        let channel = context.channel
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
        channel.eventLoop.assumeIsolated().scheduleTask(in: SessionDriver.lingerTime) {
            channel.close(promise: nil)
        }
    }

    /// Gives a peer up that has not shown itself for too long.
    func checkPeer() {
        guard let channel = context?.channel else { return }
        PeerLiveness.hasVanished(channel).assumeIsolated().whenSuccess { hasVanished in
            guard hasVanished else { return }
            self.hasVanished = true
            channel.close(promise: nil)
        }
    }

    /// Closes, and tells the driver nothing more.
    func abandon() {
        driver = nil
        close()
    }

    // MARK: - Events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        driver = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        driver?.received(unwrapInboundIn(data), from: side)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        driver?.readCompleted()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        driver?.updateReading()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        driver?.closed(side, hasVanished: hasVanished)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // How the kernel ends a connection whose probes are not answered.
        let codes = [ETIMEDOUT, EHOSTUNREACH, ENETUNREACH]
        if let error = error as? IOError, codes.contains(error.errnoCode) { hasVanished = true }
        context.close(promise: nil)
    }
}
