import Kubernetes
import Logging
import Synchronization
import Testing

@testable import Identity
@testable import Operator

/// What gateways are told to verify by is of now.
struct AuthorityLineTests {
    private static func authority(
        _ service: IdentityService, for sources: [IssuerKeys.Source] = []
    ) throws -> IdentityAuthority {
        let line = try #require(service.authority(for: sources))
        return try #require(IdentityAuthority(line: Array(line.bytes.dropLast())))
    }

    @Test func `what is revoked while a line is made is in it, and in every line after it`() async throws {
        let play = try await IdentityPlay()
        let meanwhile = Meanwhile()
        let service = IdentityService(
            api: play.cluster.api, namespace: "weir-system", connections: play.cluster.state,
            hub: StreamHub(metrics: play.metrics), metrics: play.metrics,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            fetch: { _, _ in throw IssuerKeys.Fault.discovery },
            now: {
                meanwhile.happen()
                return Timestamp(microseconds: play.now * 1_000_000)
            })
        await service.look()
        let revocation = Revocation(.subject("oidc:eve"), reason: "left", author: "hr", time: play.now)
        // The time is asked for once what the line is made of has been read.
        meanwhile.plan {
            service.state.withLock { _ = $0.revocations.insert(revocation) }
            service.changed()
        }
        for _ in 0..<2 { #expect(try Self.authority(service).revocations.all == [revocation]) }
        #expect(meanwhile.isOver)
    }

    @Test func `keys that are too old are told to nobody, although nothing else has changed`() async throws {
        let play = try await IdentityPlay()
        let service = play.service()
        await service.look()
        let sources = [IssuerKeys.Source(issuer: IdentityPlay.issuer, keys: "https://id.example/keys")]
        #expect(try Self.authority(service, for: sources).keys.keys.sorted() == sources)
        let kept = service.authority(for: sources)?.revision
        play.wait(86_399)
        #expect(service.authority(for: sources)?.revision == kept)
        play.wait(1)
        let aged = try Self.authority(service, for: sources)
        #expect(aged.keys.isEmpty && aged.unread.isEmpty)
    }

    @Test func `an operator that has not read an issuer's keys yet says so`() async throws {
        let play = try await IdentityPlay()
        play.issuing.withLock { $0.isDown = true }
        let service = play.service()
        await service.look()
        let source = IssuerKeys.Source(issuer: IdentityPlay.issuer, keys: "https://id.example/keys")
        let before = try Self.authority(service, for: [source])
        #expect(before.unread == [source] && before.keys.isEmpty)
        play.issuing.withLock { $0.isDown = false }
        play.wait(30)
        _ = await service.keys.refreshForUnknownKey(of: source)
        let after = try Self.authority(service, for: [source])
        #expect(after.unread.isEmpty && after.keys.keys.sorted() == [source])
    }

    @Test func `what one issuer's name has from two places is told apart`() async throws {
        let play = try await IdentityPlay()
        let service = play.service()
        await service.look()
        let good = IssuerKeys.Source(issuer: IdentityPlay.issuer, keys: "https://id.example/keys")
        let others = [
            IssuerKeys.Source(issuer: IdentityPlay.issuer),
            IssuerKeys.Source(issuer: IdentityPlay.issuer, keys: "https://id.example/none"),
            IssuerKeys.Source(
                issuer: IdentityPlay.issuer, keys: "https://id.example/keys", authorities: "another's"),
        ]
        for other in others {
            for sources in [[good, other], [other, good]] {
                #expect(try Self.authority(service, for: sources).keys.keys.sorted() == [good])
            }
            #expect(try Self.authority(service, for: [other]).keys.isEmpty)
        }
    }
}

/// What happens once, when it is asked to.
private final class Meanwhile: Sendable {
    private let planned = Mutex<(@Sendable () -> Void)?>(nil)

    var isOver: Bool { planned.withLock { $0 == nil } }

    func plan(_ event: @escaping @Sendable () -> Void) { planned.withLock { $0 = event } }

    func happen() {
        let event = planned.withLock { $0.take() }
        event?()
    }
}
