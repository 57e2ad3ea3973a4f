import Cryptography
import NIOCore
import NIOPosix
import Networking
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TLSHandlerTests {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let identity: TLSContext.Identity
    let serverContext: TLSContext

    init() throws {
        identity = try TestIdentity.make()
        serverContext = try TLSContext.server(identity: identity)
    }

    func clientContext(
        _ verification: TLSContext.Verification = .full(serverName: "localhost")
    ) throws -> TLSContext {
        try TLSContext.client(
            verification: verification, certificateAuthoritiesPEM: identity.certificateChainPEM)
    }

    /// Sends back what it decrypts.
    func echoServer() async throws -> any Channel {
        let context = serverContext
        return try await Listener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { channel in
            try channel.pipeline.syncOperations.addHandler(TLSHandler(context: context))
            try channel.pipeline.syncOperations.addHandler(Echo())
        }
    }

    /// Connects, writes `early` before the handshake, and collects `byteCount` bytes of plaintext.
    func connect(
        to server: any Channel, _ context: TLSContext, early: ByteBuffer = ByteBuffer(),
        expecting byteCount: Int = .max, reading: Reading = .automatic
    ) async throws -> (
        channel: any Channel, facts: EventLoopFuture<TLSFacts>, plaintext: EventLoopFuture<[UInt8]>
    ) {
        let facts = loop.makePromise(of: TLSFacts.self)
        let plaintext = loop.makePromise(of: [UInt8].self)
        let endpoint = Endpoint.tcp(host: "127.0.0.1", port: UInt16(server.localAddress?.port ?? 0))
        let channel = try await Connector.connect(to: endpoint, on: loop, timeout: .minutes(1)) { channel in
            if reading == .byHand { try channel.syncOptions?.setOption(.autoRead, value: false) }
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(TLSHandler(context: context, handshake: facts))
            try pipeline.addHandler(Collector(byteCount, plaintext, reading))
            channel.writeAndFlush(early, promise: nil)
        }.get()
        return (channel, facts.futureResult, plaintext.futureResult)
    }

    @Test(arguments: [Reading.automatic, .byHand])
    func `plaintext arrives whole, also for a reader that asks each time`(reading: Reading) async throws {
        let server = try await echoServer()
        let message = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let client = try await connect(
            to: server, clientContext(), early: ByteBuffer(bytes: message.prefix(10_000)),
            expecting: message.count, reading: reading)
        let facts = try await client.facts.get()
        #expect(facts.versionAndCipher == "TLSv1.3 TLS_AES_256_GCM_SHA384")
        try await client.channel.writeAndFlush(ByteBuffer(bytes: message.dropFirst(10_000)))
        #expect(try await client.plaintext.get() == message)
        try await client.channel.close()
    }

    @Test func `bytes of a connection with TLS do not go to its socket`() async throws {
        let client = try await connect(to: echoServer(), clientContext())
        _ = try await client.facts.get()
        let channel = client.channel
        #expect(try await loop.submit { PlainSocket(of: channel).map { _ in 0 } == nil }.get())
        try await channel.close()
    }

    @Test func `a server of another name fails the handshake and the connection`() async throws {
        let client = try await connect(to: echoServer(), clientContext(.full(serverName: "other.test")))
        await #expect(throws: TLSError.nameMismatch) { try await client.facts.get() }
        try await client.channel.closeFuture.get()
        await #expect(throws: TLSError.nameMismatch) { try await client.plaintext.get() }
    }

    @Test func `a server that hangs up fails the handshake`() async throws {
        let server = try await Listener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { channel in
            channel.close(promise: nil)
        }
        let client = try await connect(to: server, clientContext())
        await #expect(throws: (any Error).self) { try await client.facts.get() }
    }

    @Test func `early writes have a limit`() async throws {
        let server = try await Listener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { _ in }
        let client = try await connect(to: server, clientContext())
        let limit = TLSHandler.maximumEarlyWrite
        client.channel.write(ByteBuffer(repeating: 0, count: limit), promise: nil)
        await #expect(throws: NetworkingError.tooMuchWritten(limit: limit)) {
            try await client.channel.write(ByteBuffer(repeating: 0, count: 1)).get()
        }
        await #expect(throws: NetworkingError.tooMuchWritten(limit: limit)) { try await client.facts.get() }
    }

    @Test func `the end of one side ends the other`() async throws {
        let server = try await Listener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) {
            [serverContext] channel in
            let handshake = channel.eventLoop.makePromise(of: TLSFacts.self)
            handshake.futureResult.whenSuccess { _ in
                channel.writeAndFlush(ByteBuffer(string: "bye"), promise: nil)
                channel.close(promise: nil)
            }
            try channel.pipeline.syncOperations.addHandlers(
                [KeepOpen(), TLSHandler(context: serverContext, handshake: handshake)])
        }
        let client = try await connect(to: server, clientContext(), expecting: 3)
        #expect(try await client.plaintext.get() == Array("bye".utf8))
        try await client.channel.closeFuture.get()
    }

    /// As with PostgreSQL's `SSLRequest`, by a client that does not wait for the answer: the handler gets what
    /// was already read.
    @Test func `TLS begins in the middle of a connection`() async throws {
        let path = "/tmp/weir-\(UInt64.random(in: 0 ... .max)).sock"
        let server = try await Listener.bind(.unix(path: path), on: loop) { [serverContext] channel in
            try channel.pipeline.syncOperations.addHandler(Upgrade(serverContext))
        }
        let facts = loop.makePromise(of: TLSFacts.self)
        let plaintext = loop.makePromise(of: [UInt8].self)
        let context = try clientContext()
        let client = try await Connector.connect(to: .unix(path: path), on: loop, timeout: .minutes(1)) {
            channel in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers(Preamble(), TLSHandler(context: context, handshake: facts))
            try pipeline.addHandler(Collector(5, plaintext, .automatic))
        }.get()
        #expect(try await facts.futureResult.get().serverEndPointBinding?.count == 32)
        try await client.writeAndFlush(ByteBuffer(string: "hello"))
        #expect(try await plaintext.futureResult.get() == Array("hello".utf8))
        try await client.close()
        try await server.close()
    }
}

enum Reading: Sendable {
    case automatic
    case byHand
}

private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.write(data, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let byteCount: Int
    private let promise: EventLoopPromise<[UInt8]>
    private let reading: Reading
    private var bytes: [UInt8] = []

    init(_ byteCount: Int, _ promise: EventLoopPromise<[UInt8]>, _ reading: Reading) {
        (self.byteCount, self.promise, self.reading) = (byteCount, promise, reading)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        if bytes.count >= byteCount { promise.succeed(bytes) }
        if reading == .byHand { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(NetworkingError.connectionClosed)
    }
}

/// Lets a connection end by `close_notify` alone.
private final class KeepOpen: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        promise?.succeed()
    }
}

/// Takes eight bytes, answers with one, and gives the rest to TLS.
private final class Upgrade: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: TLSContext
    private var received = ByteBuffer()

    init(_ server: TLSContext) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        guard received.readSlice(length: 8) != nil else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "S")), promise: nil)
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandlers(TLSHandler(context: server, alreadyReceived: received), Echo())
        } catch {
            context.fireErrorCaught(error)
        }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}

/// Puts eight bytes before what is sent, takes one from what is received.
private final class Preamble: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var isSent = false
    private var isAnswered = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var buffer = ByteBuffer(repeating: 0, count: isSent ? 0 : 8)
        isSent = true
        buffer.writeImmutableBuffer(unwrapOutboundIn(data))
        context.write(wrapOutboundOut(buffer), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if !isAnswered { buffer.moveReaderIndex(forwardBy: 1) }
        isAnswered = true
        context.fireChannelRead(wrapInboundOut(buffer))
    }
}
