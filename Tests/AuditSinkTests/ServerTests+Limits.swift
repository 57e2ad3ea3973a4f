import AuditSink
import NIOCore
import Networking
import Testing

/// Whoever reaches the sink makes it hold no more than its limits.
extension ServerTests {
    @Test
    func `a batch that is stored gives its room back`() async throws {
        let gateway = try GatewayLog()
        try gateway.session(1)
        let batch = try gateway.bytes()
        var limits = ServingLimits()
        limits.heldByteCount = batch.count
        try await serving(limits: limits) { (client, _) async throws in
            for _ in 0..<2 { #expect(try await post(client, batch).status == 200) }
            try gateway.session(2)
            let busy = try await post(client, gateway.bytes())
            #expect(busy.status == 503 && busy.text.contains("\"error\":\"Busy\""))
            #expect(try await post(client, batch).status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what others have not sent to its end takes room`() async throws {
        let gateway = try GatewayLog()
        try gateway.session(1)
        let batch = try gateway.bytes()
        var limits = ServingLimits()
        limits.heldByteCount = batch.count + batch.count / 2
        try await listening(limits: limits) { (port, _) async throws in
            let client = try client(port)
            let slow = try await begin(batch, sending: batch.count - 1, to: port)
            var status = 200
            while status == 200 { status = try await post(client, batch).status }
            #expect(status == 503)
            try await slow.channel.close()
            while status == 503 { status = try await post(client, batch).status }
            #expect(status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a body that does not come in time is given up`() async throws {
        let gateway = try GatewayLog()
        try gateway.session(1)
        let batch = try gateway.bytes()
        var limits = ServingLimits()
        limits.heldByteCount = batch.count
        limits.bodyTime = .milliseconds(300)
        try await listening(limits: limits) { (port, _) async throws in
            let slow = try await begin(batch, sending: 1, to: port)
            let told = try await slow.told.get()
            #expect(told.hasPrefix("HTTP/1.1 408 ") && told.contains("\"error\":\"Timeout\""))
            #expect(try await post(client(port), batch).status == 200)
            try? await slow.channel.close()
        }
    }

    @Test
    func `who comes after the most connections waits until one ends`() async throws {
        var limits = ServingLimits()
        limits.connectionCount = 1
        try await listening(limits: limits) { (port, _) async throws in
            let first = try client(port)
            #expect(try await get(first, "/healthz").status == 200)
            await #expect(throws: NetworkingError.timedOut) {
                try await get(client(port, timeout: .milliseconds(300)), "/healthz")
            }
            await first.close()
            #expect(try await get(client(port), "/healthz").status == 200)
        }
    }

    /// Sends `count` bytes of a batch's post, and no more.
    /// - Returns: the connection, and what it is told.
    private func begin(
        _ batch: [UInt8], sending count: Int, to port: Int
    ) async throws -> (channel: any Channel, told: EventLoopFuture<String>) {
        let loop = EventLoops.shared.next()
        let told = loop.makePromise(of: String.self)
        let endpoint = Endpoint.tcp(host: "127.0.0.1", port: UInt16(port))
        let channel = try await Connector.connect(to: endpoint, on: loop, timeout: .seconds(5)) { channel in
            try channel.pipeline.syncOperations.addHandler(AnswerReader(told))
        }.get()
        let head = """
            POST /v1/gateways/clinic/events HTTP/1.1\r
            Host: sink\r
            Content-Length: \(batch.count)\r
            \r

            """
        try await channel.writeAndFlush(ByteBuffer(bytes: Array(head.utf8) + batch.prefix(count)))
        return (channel, told.futureResult)
    }
}

/// Keeps what comes up to the end of one failure's JSON, or of the connection.
private final class AnswerReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let told: EventLoopPromise<String>
    private var text = ""

    init(_ told: EventLoopPromise<String>) {
        self.told = told
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        if text.hasSuffix("}\n") { told.succeed(text) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        told.succeed(text)
    }
}
