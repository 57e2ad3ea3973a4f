import Cryptography
import Foundation
import NIOCore
import NIOPosix
import Networking
import Synchronization

@testable import KubernetesClient

/// An HTTPS server on loopback that answers as the test says, byte by byte.
final class ScriptedHTTPS: Sendable {
    /// The other end of a connection.
    final class Peer: Sendable {
        let channel: any Channel
        private let written = Mutex("")

        init(_ channel: any Channel) { self.channel = channel }

        func send(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

        /// An answer with its length.
        func answer(_ status: String, _ headers: String = "", body: String = "") {
            send("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }

        /// The head of an answer in chunks, and one of them.
        func begin(_ chunk: String = "") {
            send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            if !chunk.isEmpty { send(chunk: chunk) }
        }

        func send(chunk: String) { send("\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n") }

        func close() { channel.close(promise: nil) }

        /// Once it was closed by either side.
        func waitForEnd() async throws { try await channel.closeFuture.get() }
    }

    /// Its own, so that one test's megabytes do not hold up another's bytes.
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let listener: any Channel
    private let requests = Mutex<[String]>([])
    private let connections = Mutex(0)

    /// Without an identity it does not even answer the handshake.
    init(
        identity: TLSContext.Identity?, answer: @escaping @Sendable (_ request: String, _ peer: Peer) -> Void
    ) async throws {
        let context = try identity.map { identity in try TLSContext.server(identity: identity) }
        let box = Box()
        listener = try await Listener.bind(
            .tcp(host: "127.0.0.1", port: 0), on: group.next()
        ) { channel in
            box.server?.connections.withLock { $0 += 1 }
            guard let context else { return }
            try channel.pipeline.syncOperations.addHandler(TLSHandler(context: context))
            try channel.pipeline.syncOperations.addHandler(
                Requests { request in
                    box.server?.requests.withLock { $0.append(request) }
                    answer(request, Peer(channel))
                })
        }
        box.server = self
    }

    deinit { group.shutdownGracefully { _ in } }

    private final class Box: @unchecked Sendable {
        // Set before the first connection.
        weak var server: ScriptedHTTPS?
    }

    var port: Int { listener.localAddress?.port ?? 0 }
    var seen: [String] { requests.withLock(\.self) }
    var connectionCount: Int { connections.withLock(\.self) }

    /// A client that trusts `authority`.
    func client(
        _ access: any AccessSource, host: String = "127.0.0.1", tlsServerName: String? = nil,
        limits: CurlAPIServer.Limits = .init()
    ) throws -> CurlAPIServer {
        CurlAPIServer(
            try ClusterAddress("https://\(host):\(port)/prefix/", tlsServerName: tlsServerName),
            access: access,
            limits: limits)
    }

    /// Puts whole requests together.
    private final class Requests: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let receive: (String) -> Void
        private var text = ""

        init(_ receive: @escaping (String) -> Void) { self.receive = receive }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            let parts = text.components(separatedBy: "\r\n\r\n")
            guard parts.count > 1 else { return }
            let length = parts[0].lowercased().components(separatedBy: "content-length: ").dropFirst().first
            guard parts[1].utf8.count >= length.flatMap({ Int($0.prefix(while: \.isNumber)) }) ?? 0 else {
                return
            }
            let request = text
            text = ""
            receive(request)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
