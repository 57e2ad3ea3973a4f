import Cryptography
import NIOCore
import Networking

/// A connection whose bytes are awaited, for one task.
final class ByteChannel {
    private let channel: any Channel
    private var received: AsyncThrowingStream<[UInt8], any Error>.Iterator

    /// Takes a connection over that nobody has read from.
    init(_ channel: any Channel) async throws {
        self.channel = channel
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: [UInt8].self)
        received = stream.makeAsyncIterator()
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(ByteCollector(continuation))
        }.get()
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// - Returns: `nil` at the end.
    func receive() async throws -> [UInt8]? {
        try await received.next(isolation: #isolation)
    }

    /// Becomes TLS with the handler made on the connection's loop, which completes the promise it is given.
    func startTLS(
        _ makeHandler: @escaping @Sendable (EventLoopPromise<TLSFacts>) throws -> TLSHandler
    ) async throws -> TLSFacts {
        let promise = channel.eventLoop.makePromise(of: TLSFacts.self)
        let channel = channel
        channel.eventLoop.execute {
            do {
                try channel.pipeline.syncOperations.addHandler(makeHandler(promise), position: .first)
            } catch {
                promise.fail(error)
            }
        }
        return try await promise.futureResult.get()
    }

    func close() {
        channel.close(promise: nil)
    }
}

/// Puts what arrives into a stream.
private final class ByteCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation

    init(_ continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation) {
        self.continuation = continuation
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if !context.channel.isActive { continuation.finish() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        continuation.yield(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) {
        continuation.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        continuation.finish(throwing: error)
        context.close(promise: nil)
    }
}
