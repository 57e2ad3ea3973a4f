import Cryptography
import Foundation
import NIOCore
import Networking
import Synchronization

/// Answers whole HTTP requests with bytes made by the test.
final class CannedServer: Sendable {
    struct Answer: Sendable {
        var bytes: String
        var closes = false
    }

    private final class Counter: Sendable {
        let value = Mutex(0)
    }

    private let listener: any Channel
    private let counter = Counter()

    /// Listens on a free port; an `answer` of `nil` is silence.
    init(
        on loop: any EventLoop, tls context: TLSContext? = nil,
        answer: @escaping @Sendable (_ request: String) -> Answer?
    ) async throws {
        let counter = counter
        listener = try await Listener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { channel in
            counter.value.withLock { $0 += 1 }
            if let context { try channel.pipeline.syncOperations.addHandler(TLSHandler(context: context)) }
            try channel.pipeline.syncOperations.addHandler(Responder(answer))
        }
    }

    var connectionCount: Int { counter.value.withLock { $0 } }
    func close() async throws { try await listener.close() }

    var port: Int { listener.localAddress?.port ?? 0 }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: @Sendable (String) -> Answer?
        private var received = ""

        init(_ answer: @escaping @Sendable (String) -> Answer?) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            guard isWhole else { return }
            guard let answer = answer(received) else { return }
            received = ""
            let written = context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer.bytes)))
            let channel = context.channel
            if answer.closes { written.whenComplete { _ in channel.close(promise: nil) } }
        }

        /// Whether the head is there, and as much of a body as it says.
        private var isWhole: Bool {
            let parts = received.components(separatedBy: "\r\n\r\n")
            guard parts.count > 1 else { return false }
            let length = parts[0].lowercased().components(separatedBy: "content-length: ").dropFirst().first
            return parts[1].utf8.count >= length.flatMap { Int($0.prefix(while: \.isNumber)) } ?? 0
        }
    }
}
