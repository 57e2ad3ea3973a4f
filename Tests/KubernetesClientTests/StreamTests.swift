import Cryptography
import Foundation
import Kubernetes
import NIOCore
import Synchronization
import Testing

@testable import KubernetesClient

@Suite(.timeLimit(.minutes(5)))
struct StreamTests {
    let authority: TestAuthority
    let identity: TLSContext.Identity
    let peers = AsyncStream<ScriptedHTTPS.Peer>.makeStream()

    init() throws {
        authority = try TestAuthority()
        identity = try authority.issue(names: "IP:127.0.0.1")
    }

    var access: FixedAccess { FixedAccess(Access(trust: .authorities(authority.certificatePEM))) }

    /// A server whose answers have begun when their peer is told of.
    private func server(_ first: String = "") async throws -> ScriptedHTTPS {
        try await ScriptedHTTPS(identity: identity) { [peers] _, peer in
            peer.begin(first)
            peers.continuation.yield(peer)
        }
    }

    private func peer() async throws -> ScriptedHTTPS.Peer {
        var iterator = peers.stream.makeAsyncIterator()
        return try #require(await iterator.next())
    }

    private func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    @Test func `bytes are handed over as they come, until the end`() async throws {
        let server = try await server("first\n")
        let stream = try await server.client(access).open(.version)
        #expect(stream.status == 200)
        #expect(text(try await stream.next()) == "first\n")
        let peer = try await peer()
        peer.send(chunk: "second\n")
        #expect(text(try await stream.next()) == "second\n")
        peer.send("0\r\n\r\n")
        #expect(try await stream.next() == nil)
        #expect(try await stream.next() == nil)
    }

    @Test func `what came before a cut is handed over first`() async throws {
        let server = try await server("whole\nhal")
        let stream = try await server.client(access).open(.version)
        try await peer().close()
        #expect(text(try await stream.next()) == "whole\nhal")
        await #expect(throws: TransportFailure.cutShort) { try await stream.next() }
    }

    @Test func `a peer that says nothing is noticed, one that says little is not`() async throws {
        var limits = CurlAPIServer.Limits()
        limits.silence = .seconds(15)
        let server = try await server("first")
        let stream = try await server.client(access, limits: limits).open(.version)
        #expect(text(try await stream.next()) == "first")
        let peer = try await peer()
        let start = ContinuousClock.now
        let trickle = peer.channel.eventLoop.scheduleRepeatedTask(
            initialDelay: .zero, delay: .milliseconds(500)
        ) { _ in peer.send(chunk: "x") }
        var count = 0
        while count < 32 { count += try await stream.next()?.count ?? 32 }
        trickle.cancel()
        #expect(ContinuousClock.now - start >= .milliseconds(15_100))
        await #expect(throws: TransportFailure.silent) { while try await stream.next() != nil {} }
    }

    @Test func `a peer that does not even answer is noticed`() async throws {
        var limits = CurlAPIServer.Limits()
        limits.silence = .milliseconds(200)
        let server = try await ScriptedHTTPS(identity: identity) { _, _ in }
        await #expect(throws: TransportFailure.silent) {
            try await server.client(access, limits: limits).open(.version)
        }
    }

    @Test func `an answer that goes on has no time limit of exchanges`() async throws {
        var limits = CurlAPIServer.Limits()
        limits.exchange = .milliseconds(50)
        let server = try await server("first")
        let stream = try await server.client(access, limits: limits).open(.version)
        #expect(text(try await stream.next()) == "first")
        let peer = try await peer()
        peer.channel.eventLoop.scheduleTask(in: .milliseconds(200)) { peer.send(chunk: "second") }
        #expect(text(try await stream.next()) == "second")
    }

    @Test func `letting go of a stream closes its connection`() async throws {
        let server = try await server("first")
        var stream: (any ResponseStream)? = try await server.client(access).open(.version)
        _ = try await stream?.next()
        let peer = try await peer()
        stream = nil
        try await peer.waitForEnd()
    }

    @Test func `a cancelled reader ends, and the connection with it`() async throws {
        let server = try await server("first")
        let stream = try await server.client(access).open(.version)
        _ = try await stream.next()
        let peer = try await peer()
        let task = Task { try await stream.next() }
        task.cancel()
        await #expect(throws: TransportFailure.cancelled) { try await task.value }
        try await peer.waitForEnd()
    }

    @Test func `a server is not read faster than it is listened to`() async throws {
        let server = try await server()
        let stream = try await server.client(access).open(.version)
        let channel = try await peer().channel
        let chunk = "100000\r\n\(String(repeating: "x", count: 1 << 20))\r\n"
        for _ in 0..<31 { channel.writeAndFlush(ByteBuffer(string: chunk), promise: nil) }
        let last = channel.eventLoop.makePromise(of: Void.self)
        channel.writeAndFlush(ByteBuffer(string: "\(chunk)0\r\n\r\n"), promise: last)
        let isSent = Mutex(false)
        last.futureResult.whenSuccess { isSent.withLock { $0 = true } }
        // Time enough to send all of it to somebody who takes it.
        try await channel.eventLoop.scheduleTask(in: .seconds(2)) {}.futureResult.get()
        #expect(!isSent.withLock { $0 })
        var length = 0
        while let bytes = try await stream.next() {
            length += bytes.count
            #expect(bytes.count <= StreamedTransfer.bufferLimit + 64 << 10)
        }
        #expect(length == 32 << 20)
    }

    @Test func `a refusal is an answer as well`() async throws {
        let server = try await ScriptedHTTPS(identity: identity) { _, peer in
            peer.answer("410 Gone", "Retry-After: 3\r\n", body: #"{"kind":"Status"}"#)
        }
        let stream = try await server.client(access).open(.version)
        #expect(stream.status == 410 && stream.headers.contains(.init("Retry-After", "3")))
        #expect(text(try await stream.next()) == #"{"kind":"Status"}"#)
        #expect(try await stream.next() == nil)
    }

    @Test func `watches do not wait for each other or for requests`() async throws {
        let server = try await ScriptedHTTPS(identity: identity) { request, peer in
            if request.hasPrefix("GET /prefix/watch") { peer.begin("x") } else { peer.answer("200 OK") }
        }
        let client = try server.client(access)
        var streams: [any ResponseStream] = []
        for _ in 0..<20 {
            let stream = try await client.open(APIRequest(.get, path: "/watch"))
            #expect(text(try await stream.next()) == "x")
            streams.append(stream)
        }
        #expect(try await client.send(.version).status == 200)
        #expect(server.connectionCount == 21)
    }

    @Test func `a reflector follows a real connection through a cut and a version that is too old`()
        async throws
    {
        let counter = Counter()
        let server = try await ScriptedHTTPS(identity: identity) { request, peer in
            func object(_ version: Int) -> String {
                #"{"metadata":{"name":"a","uid":"u","resourceVersion":"\#(version)"}}"#
            }
            guard request.contains("watch=true") else {
                let version = counter.next() * 10
                return peer.answer(
                    "200 OK",
                    body: #"{"metadata":{"resourceVersion":"\#(version)"},"items":[\#(object(version))]}"#)
            }
            switch request.components(separatedBy: "resourceVersion=")[1].prefix(2) {
            case "10":
                peer.begin(#"{"type":"MODIFIED","object":\#(object(15))}"# + "\n{\"type\":\"MOD")
                peer.close()
            case "15":
                peer.begin(
                    #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"# + "\n")
            default: peer.begin(#"{"type":"DELETED","object":\#(object(99))}"# + "\n")
            }
        }
        let seen = AsyncStream<String>.makeStream()
        let reflector = Reflector(.pods, of: try server.client(access), clock: ContinuousClock())
        let task = Task {
            await reflector.run { delivery in
                switch delivery {
                case .all(let objects): seen.continuation.yield("all \(objects.map(\.resourceVersion))")
                case .change(.modified(let object)):
                    seen.continuation.yield("modified \(object.resourceVersion)")
                case .change(.deleted(let object)):
                    seen.continuation.yield("deleted \(object.resourceVersion)")
                case .change: seen.continuation.yield("other")
                }
            }
        }
        var lines: [String] = []
        for await line in seen.stream.prefix(4) { lines.append(line) }
        task.cancel()
        await task.value
        #expect(lines == [#"all ["10"]"#, "modified 15", #"all ["20"]"#, "deleted 99"])
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)

        func next() -> Int {
            value.withLock {
                $0 += 1
                return $0
            }
        }
    }
}
