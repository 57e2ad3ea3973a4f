import NIOCore
import NIOHTTP1

/// One request with the promise of its response.
struct HTTPExchange: Sendable {
    let head: HTTPRequestHead
    let body: [UInt8]
    let timeout: TimeAmount
    let response: EventLoopPromise<HTTPResponse>
}

/// Writes one request after the other and collects the response to each.
final class HTTPExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = Never
    typealias OutboundIn = HTTPExchange
    typealias OutboundOut = HTTPClientRequestPart

    private let responseLimit: Int
    private var current: HTTPExchange?
    private var deadline: Scheduled<Void>?
    private var response = HTTPResponse(status: 0)
    private var isKeptAlive = false

    /// - Parameter responseLimit: of a response's body, in bytes.
    init(responseLimit: Int) {
        self.responseLimit = responseLimit
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        precondition(current == nil, "one request at a time")
        current = exchange
        let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: exchange.timeout) {
            let (handler, context) = handler.value
            handler.fail(NetworkingError.timedOut, context)
        }
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        if !exchange.body.isEmpty {
            let body = context.channel.allocator.buffer(bytes: exchange.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let current else { return context.close(promise: nil) }  // nothing was asked
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard Self.isDelimited(head) else { return fail(NetworkingError.malformedResponse, context) }
            isKeptAlive = head.isKeepAlive
            response = HTTPResponse(head)
        case .body(let body):
            guard response.body.count + body.readableBytes <= responseLimit else {
                return fail(NetworkingError.responseTooLong(limit: responseLimit), context)
            }
            response.body.append(contentsOf: body.readableBytesView)
        case .end:
            forget()
            // Before the promise, so that its owner sees whether the connection can be used again.
            if !isKeptAlive { context.close(promise: nil) }
            current.response.succeed(response)
            response = HTTPResponse(status: 0)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(HTTPResponse.fault(for: error), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(NetworkingError.connectionClosed, context)
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        let exchange = current
        forget()
        context.close(promise: nil)
        exchange?.response.fail(error)
    }

    private func forget() {
        current = nil
        deadline?.cancel()
        deadline = nil
    }

    /// Whether the response says where it ends (RFC 9112, section 6.3); others end with the connection, which
    /// cannot be told from one that was cut.
    private static func isDelimited(_ head: HTTPResponseHead) -> Bool {
        head.status.code == 204 || head.status.code == 304 || head.headers.contains(name: "content-length")
            || head.headers.contains(name: "transfer-encoding")
    }
}
