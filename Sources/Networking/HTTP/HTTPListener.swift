package import NIOCore
import NIOHTTP1

/// Answers small requests over HTTP/1.1 without TLS, one a connection: for probes, metrics and orders from this machine.
package enum HTTPListener {
    /// How long a connection may take.
    package struct Times: Sendable {
        /// Until it is over, whatever it has come to. Ours.
        package var connection = TimeAmount.seconds(10)
        /// Until the request's head is there. Ours: probes send theirs at once.
        package var head = TimeAmount.seconds(2)

        package init() {}
    }

    /// Most connections at once: beyond, each takes the place of one that has not sent a whole request. Ours.
    static let connectionLimit = 64
    /// Longest body of a request, which is not looked at, in bytes. Ours.
    static let bodyLimit = 64 << 10

    /// Listens until the channel returned is closed.
    /// - Parameters:
    ///   - endpoint: as ``Listener`` has it.
    ///   - loop: of the listener and its connections.
    ///   - times: of each connection.
    ///   - keepsQuery: whether the path that is asked for comes with its query.
    ///   - answer: to each request, of which it is given method and path; its body is not read.
    /// - Returns: the listening channel.
    /// - Throws: as ``Listener`` does.
    package static func bind(
        _ endpoint: Endpoint, on loop: any EventLoop, times: Times = Times(), keepsQuery: Bool = false,
        answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) async throws -> any Channel {
        let connections = NIOLoopBoundBox.makeBoxSendingValue(OpenConnections(), eventLoop: loop)
        return try await Listener.bind(endpoint, on: loop) { channel in
            let displaced = try connections.value.add(channel)
            displaced?.close(promise: nil)
            channel.closeFuture.whenComplete { _ in connections.value.remove(channel) }
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
            let handler = HTTPAnswerHandler(answer, times, keepsQuery: keepsQuery) {
                connections.value.noteRequest(on: channel)
            }
            try pipeline.addHandler(handler)
        }
    }
}

/// The connections of one listener, in the order they came.
private struct OpenConnections: Sendable {
    private struct Connection {
        let channel: any Channel
        /// Without port; empty for a socket of this machine.
        let address: String
        var hasRequest = false
    }

    private var connections: [Connection] = []

    /// - Returns: the connection that has to be closed for it: the oldest without a whole request, of the address that
    ///   has most of these.
    /// - Throws: ``NetworkingError/connectionClosed`` when there is no room.
    mutating func add(_ channel: any Channel) throws(NetworkingError) -> (any Channel)? {
        let isFull = connections.count >= HTTPListener.connectionLimit
        let displaced = isFull ? displaceable.map { connections.remove(at: $0).channel } : nil
        guard !isFull || displaced != nil else { throw .connectionClosed }
        connections.append(
            Connection(channel: channel, address: channel.remoteAddress?.ipAddress ?? ""))
        return displaced
    }

    mutating func noteRequest(on channel: any Channel) {
        guard let index = connections.firstIndex(where: { $0.channel === channel }) else { return }
        connections[index].hasRequest = true
    }

    mutating func remove(_ channel: any Channel) {
        connections.removeAll { $0.channel === channel }
    }

    private var displaceable: Int? {
        var counts: [String: Int] = [:]
        for connection in connections where !connection.hasRequest {
            counts[connection.address, default: 0] += 1
        }
        let most = counts.values.max()
        return connections.firstIndex { !$0.hasRequest && counts[$0.address] == most }
    }
}

/// Answers the first request of a connection, and closes it.
final class HTTPAnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (HTTPRequest) async -> HTTPResponse
    private let times: HTTPListener.Times
    private let keepsQuery: Bool
    /// Called once the request is whole.
    private let received: () -> Void
    private var request: HTTPRequestHead?
    private var bodyLength = 0
    private var headLimit: Scheduled<Void>?
    private var limit: Scheduled<Void>?

    init(
        _ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse, _ times: HTTPListener.Times,
        keepsQuery: Bool, received: @escaping () -> Void
    ) {
        self.answer = answer
        self.times = times
        self.keepsQuery = keepsQuery
        self.received = received
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let (loop, channel) = (context.eventLoop, context.channel)
        headLimit = loop.scheduleTask(in: times.head) { channel.close(promise: nil) }
        limit = loop.scheduleTask(in: times.connection) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        headLimit?.cancel()
        limit?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            headLimit?.cancel()
            request = head
        case .body(let body):
            bodyLength += body.readableBytes
            if bodyLength > HTTPListener.bodyLimit { context.close(promise: nil) }
        case .end:
            guard let head = request else { return }
            request = nil
            received()
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
