package import NIOCore
import NIOHTTP1

/// Answers small requests over HTTP/1.1 without TLS, one a connection: for probes, metrics and orders from this machine.
package enum HTTPListener {
    /// A connection is over after so long, whatever it has come to. Ours.
    static let connectionTime = TimeAmount.seconds(10)
    /// Most connections at once; more are closed as they come. Ours.
    static let connectionLimit = 64
    /// Longest body of a request, which is not looked at, in bytes. Ours.
    static let bodyLimit = 64 << 10

    /// Listens until the channel returned is closed.
    /// - Parameters:
    ///   - endpoint: as ``Listener`` has it.
    ///   - loop: of the listener and its connections.
    ///   - keepsQuery: whether the path that is asked for comes with its query.
    ///   - answer: to each request, of which it is given method and path; its body is not read.
    /// - Returns: the listening channel.
    /// - Throws: the operating system's refusal.
    package static func bind(
        _ endpoint: Endpoint, on loop: any EventLoop, keepsQuery: Bool = false,
        answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) async throws -> any Channel {
        let count = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: loop)
        return try await Listener.bind(endpoint, on: loop) { channel in
            guard count.value < connectionLimit else { throw NetworkingError.connectionClosed }
            count.value += 1
            channel.closeFuture.whenComplete { _ in count.value -= 1 }
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
            try pipeline.addHandler(HTTPAnswerHandler(answer, keepsQuery: keepsQuery))
            channel.eventLoop.scheduleTask(in: connectionTime) { channel.close(promise: nil) }
        }
    }
}

/// Answers the first request of a connection, and closes it.
final class HTTPAnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (HTTPRequest) async -> HTTPResponse
    private let keepsQuery: Bool
    private var request: HTTPRequestHead?
    private var bodyLength = 0

    init(_ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse, keepsQuery: Bool) {
        self.answer = answer
        self.keepsQuery = keepsQuery
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = head
        case .body(let body):
            bodyLength += body.readableBytes
            if bodyLength > HTTPListener.bodyLimit { context.close(promise: nil) }
        case .end:
            guard let head = request else { return }
            request = nil
            guard let method = HTTPRequest.Method(rawValue: head.method.rawValue) else {
                return send(HTTPResponse(status: 405), context)
            }
            let path = keepsQuery ? head.uri : String(head.uri.prefix { $0 != "?" })
            let answer = answer
            let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.makeFutureWithTask {
                await answer(HTTPRequest(method: method, path: path))
            }.whenSuccess { response in
                let (handler, context) = handler.value
                handler.send(response, context)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func send(_ response: HTTPResponse, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders([("Connection", "close"), ("Content-Length", "\(response.body.count)")])
        for (name, value) in response.headers { headers.add(name: name, value: value) }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let body = context.channel.allocator.buffer(bytes: response.body)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }
}
