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
    /// Where bytes can be sent without a detour.
    private var socket: PlainSocket?
    /// Writes that wait in the channel.
    private var queuedCount = 0
    private var isFlushed = true
    private(set) var isWritable = true
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

    /// Once what was written has left, bytes go to the socket itself, unless TLS is between.
    func writeDirectly() {
        guard let context, let socket = PlainSocket(of: context.channel) else { return }
        self.socket = socket
        queue(ByteBuffer(), context)
        flush()
    }

    /// What does not leave at once waits for ``flush()``. Nothing else happens before that.
    func write(_ bytes: Span<UInt8>) {
        guard let context, !bytes.isEmpty else { return }
        let sent = queuedCount == 0 ? socket?.send(bytes) ?? 0 : 0
        guard sent < bytes.count else { return }
        var rest = context.channel.allocator.buffer(capacity: bytes.count - sent)
        unsafe rest.writeBytes(bytes.extracting(sent...).bytes)
        queue(rest, context)
    }

    private func queue(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        isFlushed = false
        guard socket != nil else { return context.write(wrapOutboundOut(buffer), promise: nil) }
        queuedCount += 1
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in self.queuedCount -= 1 }
        context.write(wrapOutboundOut(buffer), promise: written)
    }

    /// Sends what waits.
    func flush() {
        guard !isFlushed else { return }
        isFlushed = true
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
        socket = nil
        driver = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        driver?.received(unwrapInboundIn(data), from: side)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        driver?.readCompleted()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        driver?.updateReading()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        socket = nil
        driver?.closed(side, hasVanished: hasVanished)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // How the kernel ends a connection whose probes are not answered.
        let codes = [ETIMEDOUT, EHOSTUNREACH, ENETUNREACH]
        if let error = error as? IOError, codes.contains(error.errnoCode) { hasVanished = true }
        context.close(promise: nil)
    }
}
