import NIOCore
import NIOPosix
import Testing

@testable import Networking

/// Whoever holds connections open keeps nobody else from an answer.
@Suite(.timeLimit(.minutes(5)))
struct HTTPListenerLimitTests {
    let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func listen(
        head: TimeAmount = .hours(1),
        _ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse = { _ in HTTPResponse(status: 200) }
    ) async throws -> any Channel {
        var times = HTTPListener.Times()
        (times.head, times.connection) = (head, .hours(1))
        return try await HTTPListener.bind(
            .tcp(host: "127.0.0.1", port: 0), on: loop, times: times, answer: answer)
    }

    /// A client and all that it is told until it is closed.
    private func connect(
        to listener: any Channel, from address: String = "127.0.0.1", saying text: String = ""
    ) async throws -> (channel: any Channel, told: EventLoopFuture<String>) {
        let told = loop.makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: loop)
            .bind(to: SocketAddress(ipAddress: address, port: 0))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(told))
                }
            }
            .connect(host: "127.0.0.1", port: try #require(listener.localAddress?.port)).get()
        // It may be closed by now.
        if !text.isEmpty { try? await channel.writeAndFlush(ByteBuffer(string: text)) }
        return (channel, told.futureResult)
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let told: EventLoopPromise<String>
        private var text = ""

        init(_ told: EventLoopPromise<String>) {
            self.told = told
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            told.succeed(text)
        }
    }

    private func probe(_ listener: any Channel) async throws -> Int {
        let port = try #require(listener.localAddress?.port)
        let client = try HTTPClient(baseURL: BaseURL("http://127.0.0.1:\(port)"), on: loop)
        return try await client.send(HTTPRequest(path: "/healthz")).status
    }

    @Test(arguments: ["", "GET /healthz HTTP/1.1\r\n", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc"])
    func `a probe is answered while others hold all connections`(text: String) async throws {
        let listener = try await listen()
        var held: [any Channel] = []
        for _ in 0..<HTTPListener.connectionLimit {
            held.append(try await connect(to: listener, saying: text).channel)
        }
        for _ in 1...3 {
            #expect(try await probe(listener) == 200)
            held.append(try await connect(to: listener, saying: text).channel)
        }
        for channel in held { try? await channel.close() }
        try await listener.close()
    }

    @Test func `the oldest of the address that has most gives way`() async throws {
        let listener = try await listen()
        let request = "POST /quit HTTP/1.1\r\nHost: gateway\r\nContent-Length: 1\r\n\r\n"
        let slow = try await connect(to: listener, from: "127.0.0.2", saying: request)
        var held: [(channel: any Channel, told: EventLoopFuture<String>)] = []
        for _ in 0..<HTTPListener.connectionLimit {
            held.append(try await connect(to: listener))
        }
        #expect(try await held[0].told.get() == "")
        try await slow.channel.writeAndFlush(ByteBuffer(string: "x"))
        #expect(try await slow.told.get().hasPrefix("HTTP/1.1 200 OK\r\n"))
        for (channel, _) in held { try? await channel.close() }
        try await listener.close()
    }

    @Test func `a whole request keeps its connection until it is answered`() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let listener = try await listen { request in
            if request.path == "/slow" { for await _ in gate { break } }
            return HTTPResponse(status: 202)
        }
        let slow = try await connect(to: listener, saying: "GET /slow HTTP/1.1\r\nHost: gateway\r\n\r\n")
        var held: [any Channel] = []
        for _ in 0...HTTPListener.connectionLimit {
            held.append(try await connect(to: listener).channel)
        }
        #expect(try await probe(listener) == 202)
        open.yield()
        #expect(try await slow.told.get().hasPrefix("HTTP/1.1 202 Accepted\r\n"))
        for channel in held { try? await channel.close() }
        try await listener.close()
    }

    @Test(arguments: ["", "GET /healthz HTTP/1.1\r\nX: "])
    func `a head that does not come ends its connection`(text: String) async throws {
        let listener = try await listen(head: .milliseconds(200))
        let told = try await connect(to: listener, saying: text).told.get()
        #expect(told == "")
        try await listener.close()
    }
}
