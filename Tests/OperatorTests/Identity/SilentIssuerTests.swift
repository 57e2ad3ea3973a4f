import Cryptography
import Kubernetes
import Logging
import Synchronization
import Testing

@testable import Identity
@testable import Operator

/// Issuers that accept a connection and say nothing hold up nobody else.
@Suite(.timeLimit(.minutes(5)))
struct SilentIssuerTests {
    private static func keys() throws -> [UInt8] {
        let seed = [UInt8](repeating: 1, count: Ed25519.seedLength)
        let key = try Ed25519.PrivateKey(rawSeed: seed).publicKey.rawRepresentation
        let set: JSON = [
            "keys": [["kty": "OKP", "crv": "Ed25519", "kid": "1", "x": .string(Base64URL.encode(key))]]
        ]
        return set.rendered
    }

    private static func source(_ name: String) -> IssuerKeys.Source {
        let url = "https://\(name).example"
        return IssuerKeys.Source(issuer: url, keys: "\(url)/keys", authorities: nil)
    }

    @Test func `keys of others are read and told of meanwhile`() async throws {
        let document = try Self.keys()
        let keys = IssuerKeys(
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), now: { .now },
            fetch: { url, _ in
                if url.contains("silent") { try await Task.sleep(for: .seconds(3600)) }
                return document
            })
        let answering = (1...5).map { Self.source("answers-\($0)") }
        let silent = (1..<IssuerKeys.concurrentFetches).map { Self.source("silent-\($0)") }
        let (news, told) = AsyncStream.makeStream(of: Void.self)
        let refresh = Task { await keys.refresh(Set(answering + silent)) { told.yield() } }
        for await _ in news.prefix(answering.count) {}
        let known = (answering + silent).filter { keys.keys(of: $0) != nil }
        #expect(known == answering)
        refresh.cancel()
        await refresh.value
    }

    @Test func `one is asked once, however many tokens name an unknown key meanwhile`() async throws {
        let document = try Self.keys()
        let asked = Mutex(0)
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let answers = Mutex(false)
        let keys = IssuerKeys(
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), now: { .now },
            fetch: { _, _ in
                asked.withLock { $0 += 1 }
                while !answers.withLock(\.self) { await Task.yield() }
                return document
            })
        let source = Self.source("new")
        let count = 10
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    beginning.yield()
                    _ = await keys.refreshForUnknownKey(of: source)
                }
            }
            for await _ in begun.prefix(count) {}
            for _ in 0..<1000 { await Task.yield() }
            answers.withLock { $0 = true }
        }
        #expect(asked.withLock(\.self) == 1)
        #expect(keys.keys(of: source) != nil)
    }

    @Test func `revocations are read meanwhile`() async throws {
        let play = try await IdentityPlay()
        let service = play.service(
            fetch: { _, _ in
                try await Task.sleep(for: .seconds(3600))
                return []
            }, interval: .milliseconds(1))
        let running = Task { await service.run() }
        try await eventually("revocations are known") { service.revocations != nil }
        try await play.service().revoke(
            Revocation(.subject("oidc:ann"), reason: "left", author: "hr", time: play.now))
        try await eventually("the revocation is known") { service.revocations?.count == 1 }
        running.cancel()
        await running.value
    }
}
