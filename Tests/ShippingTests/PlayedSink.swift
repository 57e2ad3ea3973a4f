import Audit
import NIOCore
import NIOHTTP1
import Networking
import Synchronization

/// An audit sink that answers as a test says.
final class PlayedSink: Sendable {
    struct Post: Sendable {
        var time: ContinuousClock.Instant
        var path: String
        var authorization: String?
        var body: [UInt8]

        /// Of its records.
        var sequences: [UInt64] {
            body.split(separator: UInt8(ascii: "\n")).compactMap { line in
                try? RecordDecoder(Array(line)).envelope().sequence
            }
        }
    }

    /// `number` counts posts from 1; an answer of `nil` is silence.
    typealias Answer = @Sendable (_ post: Post, _ number: Int) -> HTTPResponse?

    private final class Posts: Sendable {
        let kept = Mutex<[Post]>([])
    }

    private let listener: any Channel
    private let received = Posts()

    /// Listens on a free port; without another `answer` it takes whatever it is sent.
    init(
        on loop: any EventLoop,
        answer: @escaping Answer = { post, _ in HTTPResponse.acknowledging(post.sequences.last ?? 0) }
    ) async throws {
        let received = received
        listener = try await Listener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { channel in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
            try pipeline.addHandler(Responder(received, answer))
        }
    }

    var url: String { "http://127.0.0.1:\(listener.localAddress?.port ?? 0)" }
    var posts: [Post] { received.kept.withLock { $0 } }
    func close() async throws { try await listener.close() }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let received: Posts
        private let answer: Answer
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ received: Posts, _ answer: @escaping Answer) {
            self.received = received
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part): body += Array(part.readableBytesView)
            case .end:
                guard let head else { return }
                let post = Post(
                    time: .now, path: head.uri, authorization: head.headers.first(name: "Authorization"),
                    body: body)
                let number = received.kept.withLock { posts in
                    posts.append(post)
                    return posts.count
                }
                if let response = answer(post, number) { send(response, context) }
            }
        }

        private func send(_ response: HTTPResponse, _ context: ChannelHandlerContext) {
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: response.status),
                headers: HTTPHeaders([("Content-Length", "\(response.body.count)")]))
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let body = context.channel.allocator.buffer(bytes: response.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

extension HTTPResponse {
    static func acknowledging(_ sequence: UInt64) -> HTTPResponse {
        HTTPResponse(status: 200, body: Array(#"{"acknowledged": \#(sequence)}"#.utf8))
    }

    static func refusal(_ status: Int, _ body: String) -> HTTPResponse {
        HTTPResponse(status: status, body: Array(body.utf8))
    }
}
