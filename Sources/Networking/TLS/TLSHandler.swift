package import Cryptography
package import NIOCore

/// Encrypts what passes through a pipeline; may join it at any time, such as after PostgreSQL's `SSLRequest`.
///
///     socket --ciphertext--> TLSHandler --plaintext--> the next handler
///     socket <--ciphertext-- TLSHandler <--plaintext-- the next handler
///
/// Writes are encrypted at once and leave as one buffer a flush. What is written before the handshake is over
/// waits for it. An error closes the connection, after the peer was told why.
package final class TLSHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Most that is kept of what is written before the handshake is over, in bytes. Ours.
    package static let maximumEarlyWrite = 1 << 20
    /// What a handshake may take.
    package static let handshakeTimeout = TimeAmount.seconds(15)

    private var connection: TLSConnection
    private var received: ByteBuffer?
    private var handshake: EventLoopPromise<TLSFacts>?
    private var deadline: Scheduled<Void>?
    /// Written before the handshake was over.
    private var early = ByteBuffer()
    /// Completed when everything written so far has left.
    private var written: EventLoopPromise<Void>?
    private var hasDeliveredPlaintext = false

    /// - Parameters:
    ///   - context: says which of the two ends this is.
    ///   - received: bytes of the peer's handshake that were read before this handler was there.
    ///   - handshake: succeeds before any plaintext is delivered, and fails with a `TLSError` or
    ///     ``NetworkingError``.
    /// - Throws: `TLSError/configuration(_:)` when memory is short.
    package init(
        context: TLSContext, alreadyReceived received: ByteBuffer? = nil,
        handshake: EventLoopPromise<TLSFacts>? = nil
    ) throws(TLSError) {
        self.connection = try TLSConnection(context)
        self.received = received
        self.handshake = handshake
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: Self.handshakeTimeout) {
            let (handler, context) = handler.value
            handler.fail(NetworkingError.timedOut, context)
        }
        if context.channel.isActive { start(context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        end(NetworkingError.connectionClosed)
    }

    package func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        end(NetworkingError.connectionClosed)
        context.fireChannelInactive()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        receive(unwrapInboundIn(data), context)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Whoever reads by hand waits for plaintext, of which this read may have brought none.
        if !hasDeliveredPlaintext { context.read() }
        hasDeliveredPlaintext = false
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let buffer = unwrapOutboundIn(data)
        switch connection.state {
        case .handshaking:
            guard early.readableBytes + buffer.readableBytes <= Self.maximumEarlyWrite else {
                promise?.fail(NetworkingError.tooMuchWritten(limit: Self.maximumEarlyWrite))
                return fail(NetworkingError.tooMuchWritten(limit: Self.maximumEarlyWrite), context)
            }
            early.writeImmutableBuffer(buffer)
            promiseWhenWritten(promise)
        case .open, .closedByPeer:
            promiseWhenWritten(promise)
            send(buffer, context)
        case .failed:
            promise?.fail(TLSError.notOpen)
        }
    }

    package func flush(context: ChannelHandlerContext) {
        flushCiphertext(context)
    }

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode != .input {
            connection.close()
            flushCiphertext(context)
        }
        context.close(mode: mode, promise: promise)
    }

    private func start(_ context: ChannelHandlerContext) {
        do {
            try connection.start()
            flushCiphertext(context)
        } catch {
            return fail(error, context)
        }
        if let received {
            self.received = nil
            receive(received, context)
        }
        context.read()
    }

    private func receive(_ ciphertext: ByteBuffer, _ context: ChannelHandlerContext) {
        let wasOpen = connection.state == .open
        var plaintext = context.channel.allocator.buffer(capacity: 0)
        var failure: TLSError?
        let capacity = connection.plaintextCapacity(forCiphertext: ciphertext.readableBytes)
        plaintext.writeWithOutputRawSpan(minimumWritableBytes: capacity) { output in
            do throws(TLSError) {
                try connection.receive(ciphertext.readableBytesSpan, plaintext: &output)
            } catch {
                failure = error
            }
        }
        if !wasOpen, connection.state == .open || connection.state == .closedByPeer { open(context) }
        if plaintext.readableBytes > 0 {
            hasDeliveredPlaintext = true
            context.fireChannelRead(wrapInboundOut(plaintext))
        }
        if let failure { return fail(failure, context) }
        flushCiphertext(context)
        // Everything has been delivered; the answer is our own notice.
        if connection.state == .closedByPeer { context.channel.close(promise: nil) }
    }

    /// The handshake is over.
    private func open(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        if early.readableBytes > 0 { send(early, context) }
        early = ByteBuffer()
        let promise = handshake
        handshake = nil
        if let facts = connection.facts { promise?.succeed(facts) }
    }

    private func send(_ plaintext: ByteBuffer, _ context: ChannelHandlerContext) {
        do { try connection.send(plaintext.readableBytesSpan) } catch { fail(error, context) }
    }

    private func promiseWhenWritten(_ promise: EventLoopPromise<Void>?) {
        guard let promise else { return }
        if let written { written.futureResult.cascade(to: promise) } else { written = promise }
    }

    private func flushCiphertext(_ context: ChannelHandlerContext) {
        // Before the handshake is over none of it is what was written.
        let promise = early.readableBytes == 0 ? written : nil
        if promise != nil { written = nil }
        guard connection.hasCiphertext else {
            promise?.succeed()
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: 0)
        connection.takeCiphertext { buffer.writeBytes($0) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        flushCiphertext(context)  // the alert
        end(error)
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    private func end(_ error: any Error) {
        deadline?.cancel()
        deadline = nil
        handshake?.fail(error)
        handshake = nil
        written?.fail(error)
        written = nil
    }
}
