import NIOCore
import NIOHTTP1

/// Collects what of one response has not been asked for yet; reads no more once that is a good deal.
final class HTTPStreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// Reading stops while so many bytes wait.
    static let waitingLimit = 256 << 10

    private let head: EventLoopPromise<HTTPResponse>
    private let silenceLimit: TimeAmount
    private var context: ChannelHandlerContext?
    private var silence: Scheduled<Void>?
    private var waiting: [UInt8] = []
    private var reader: EventLoopPromise<[UInt8]?>?
    /// How the body ended.
    private var end: Result<Void, any Error>?

    /// - Parameters:
    ///   - head: of the response without its body.
    ///   - silenceLimit: time in which something must come.
    init(head: EventLoopPromise<HTTPResponse>, silenceLimit: TimeAmount) {
        self.head = head
        self.silenceLimit = silenceLimit
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        awaitMore(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(.failure(NetworkingError.connectionClosed))
        self.context = nil
    }

    func next() -> EventLoopFuture<[UInt8]?> {
        let loop = head.futureResult.eventLoop
        if !waiting.isEmpty {
            let piece = waiting
            waiting = []
            if end == nil, let context { setReading(true, context) }
            return loop.makeSucceededFuture(piece)
        }
        switch end {
        case .success: return loop.makeSucceededFuture(nil)
        case .failure(let error): return loop.makeFailedFuture(error)
        case nil:
            let promise = loop.makePromise(of: [UInt8]?.self)
            precondition(reader == nil, "one reader at a time")
            reader = promise
            return promise.futureResult
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        awaitMore(context)
        switch unwrapInboundIn(data) {
        case .head(let head): self.head.succeed(HTTPResponse(head))
        case .body(let body):
            waiting.append(contentsOf: body.readableBytesView)
            if let reader {
                self.reader = nil
                let piece = waiting
                waiting = []
                reader.succeed(piece)
            } else if waiting.count >= Self.waitingLimit {
                setReading(false, context)
            }
        case .end:
            finish(.success(()))
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(HTTPResponse.fault(for: error), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(NetworkingError.connectionClosed))
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        finish(.failure(error))
        context.close(promise: nil)
    }

    private func finish(_ result: Result<Void, any Error>) {
        silence?.cancel()
        guard end == nil else { return }
        end = result
        switch result {
        case .success: reader?.succeed(nil)
        case .failure(let error):
            head.fail(error)
            reader?.fail(error)
        }
        reader = nil
    }

    private func setReading(_ reads: Bool, _ context: ChannelHandlerContext) {
        // While nothing is read, silence is ours.
        if reads { awaitMore(context) } else { silence?.cancel() }
        try? context.channel.syncOptions?.setOption(.autoRead, value: reads)
    }

    private func awaitMore(_ context: ChannelHandlerContext) {
        silence?.cancel()
        let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        silence = context.eventLoop.scheduleTask(in: silenceLimit) {
            let (handler, context) = handler.value
            handler.fail(NetworkingError.timedOut, context)
        }
    }
}
