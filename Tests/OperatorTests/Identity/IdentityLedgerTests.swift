import Cryptography
import Kubernetes
import Testing

@testable import API
@testable import Identity
@testable import Operator

/// Who is remembered when there are too many.
struct IdentityLedgerTests {
    private typealias Entries = IdentityLedger.Entries

    /// Of some hundred bytes each, as JSON.
    private static func uses(_ name: String, _ count: Int, padding: String = "") -> [IdentityUses.Use] {
        (0..<count).map {
            IdentityUses.Use(
                subject: "\(name)-\($0)\(padding)", connection: "clinic/clinic",
                issuer: "https://issuer.example/realms/clinic/of/people/and/of/jobs", owner: "", expiry: 0)
        }
    }

    private static func count(_ entries: Entries, _ name: String) -> Int {
        entries.all.keys.count { $0.subject.hasPrefix("\(name)-") }
    }

    private static func length(_ entries: Entries, of gateway: String) -> Int {
        let document = entries.json.array ?? []
        return document.filter { $0["gateway"]?.string == gateway }.reduce(0) { $0 + $1.rendered.count + 1 }
    }

    /// Gateways have told of all that they may.
    private static func full() -> Entries {
        var entries = Entries()
        for gateway in ["a", "b", "c", "d", "e"] {
            entries.note(uses(gateway, 1300), of: gateway, at: 1)
        }
        return entries
    }

    @Test(arguments: [true, false])
    func `what one gateway invents takes its own share only`(refusesUnused: Bool) {
        var entries = Entries()
        entries.refusesUnused = refusesUnused
        entries.note(Self.uses("real", 50), of: "b", at: 1)
        entries.note(Self.uses("granted", 50), of: "", at: 1)
        for number in 0..<10 { entries.note(Self.uses("invented\(number)", 1000), of: "a", at: 2) }
        #expect((Entries.share - 6000...Entries.share).contains(Self.length(entries, of: "a")))
        #expect(Self.count(entries, "real") == 50 && Self.count(entries, "granted") == 50)
        #expect(entries.takeGivenUp() == 10_100 - entries.all.count && entries.takeGivenUp() == 0)
    }

    @Test func `where the unused are refused, whom a gateway told of first is not forgotten`() {
        var entries = Entries()
        entries.note(Self.uses("real", 5), of: "a", at: 1)
        for number in 0..<3 { entries.note(Self.uses("invented\(number)", 1000), of: "a", at: 2) }
        #expect(Self.count(entries, "real") == 5)
    }

    @Test func `where nobody is refused for that, those seen last stay`() {
        var entries = Entries()
        entries.refusesUnused = false
        entries.note(Self.uses("old", 5), of: "a", at: 1)
        entries.note(Self.uses("new", 1000), of: "a", at: 2)
        entries.note(Self.uses("newer", 1000), of: "a", at: 3)
        #expect(Self.count(entries, "old") == 0 && Self.count(entries, "newer") == 1000)
    }

    @Test func `a full list has room for who proves who they are, and not for what gateways tell`() {
        var entries = Self.full()
        let before = entries.all
        entries.note(Self.uses("f", 10), of: "f", at: 2)
        let longer = Self.uses("a", 100).map {
            IdentityUses.Use(
                subject: $0.subject, connection: $0.connection, issuer: $0.issuer,
                owner: String(repeating: "o", count: 1000), expiry: .max)
        }
        entries.note(longer, of: "a", at: 2)
        #expect(Set(entries.all.keys) == Set(before.keys) && !entries.isFull)
        #expect(entries.all.values.count { $0.last == 2 } == 100)
        entries.note(Self.uses("granted", 100), of: "", at: 3)
        #expect(Self.count(entries, "granted") == 100)
        for gateway in ["a", "b", "c", "d"] { #expect(Self.count(entries, gateway) > 1000) }
    }

    @Test func `a list of those who have proved who they are is full in the end`() {
        var entries = Self.full()
        for number in 0..<6 {
            #expect(!entries.isFull)
            entries.note(Self.uses("granted\(number)", 1000), of: "", at: 2 + Int64(number))
        }
        #expect(entries.isFull && entries.json.rendered.count <= Entries.limit)
        #expect(entries.all.values.allSatisfy { $0.gateway.isEmpty })
        entries.note(Self.uses("late", 100), of: "", at: 9)
        #expect(Self.count(entries, "late") < 100 && Self.count(entries, "granted0") == 1000)
    }

    @Test(arguments: [true, false])
    func `long names make no document that a ConfigMap does not take`(refusesUnused: Bool) {
        var entries = Entries()
        entries.refusesUnused = refusesUnused
        let padding = String(repeating: "\"", count: 1000)
        for gateway in ["a", "b", "c", "d", "e"] {
            entries.note(Self.uses(gateway, 200, padding: padding), of: gateway, at: 1)
        }
        #expect(entries.json.rendered.count <= Entries.limit)
        #expect(entries.all.count > 300)
        // The same subjects, with more to say of them.
        let longer = entries.all.keys.map {
            IdentityUses.Use(
                subject: $0.subject, connection: $0.connection, issuer: padding, owner: padding, expiry: 0)
        }
        entries.note(longer, of: "a", at: 2)
        #expect(entries.json.rendered.count <= Entries.limit)
    }

    @Test func `replicas that tell each other keep to the limits, and lose nobody who was known first`() {
        var (one, other) = (Entries(), Entries())
        one.note(Self.uses("known", 10), of: "a", at: 1)
        one.note(Self.uses("one", 2000), of: "a", at: 3)
        other.note(Self.uses("other", 2000), of: "a", at: 2)
        other.note(Self.uses("granted", 1), of: "", at: 2)
        let read = Entries(other.json, at: 9)
        #expect(read.all == other.all && read.json == other.json)
        let merged = one.merged(with: read)
        #expect(Self.length(merged, of: "a") <= Entries.share)
        #expect(Self.count(merged, "known") == 10 && Self.count(merged, "granted") == 1)
        #expect(Self.count(merged, "other") > Self.count(merged, "one"))
    }

    @Test func `who gets a grant is not a gateway's to give up`() {
        var entries = Entries()
        entries.note(Self.uses("ann", 1), of: "a", at: 1)
        entries.note(Self.uses("ann", 1), of: "", at: 2)
        entries.note(Self.uses("ann", 1), of: "b", at: 3)
        #expect(entries.all.values.map(\.gateway) == [""])
    }

    // MARK: - In an operator

    private static func told(_ name: String) -> IdentityUses {
        var uses = IdentityUses()
        uses.note(
            VerifiedIdentity(
                subject: Subject(name: name, groups: [], proof: .token),
                evidence: IdentityEvidence(
                    issuer: "https://id.example", tokenIDs: [], issuedAt: 0, expiry: 9)),
            of: "clinic/clinic")
        return uses
    }

    @Test func `a clock that ran ahead holds up no writing, and has nobody seen in the future`() async throws
    {
        let play = try await IdentityPlay(staleAfter: "24h")
        let service = play.service()
        await service.look()
        play.setClock(back: -7200)
        await service.take(Self.told("oidc:ann"), of: ["clinic/clinic"], by: "a")
        await service.look()
        play.setClock(back: 7200)
        await service.take(Self.told("oidc:bob"), of: ["clinic/clinic"], by: "a")
        play.wait(31)
        await service.look()
        let other = play.service()
        await other.look()
        #expect(other.ledger.entries.keys.map(\.subject).sorted() == ["oidc:ann", "oidc:bob"])
        for ledger in [service.ledger, other.ledger] {
            #expect(ledger.entries.values.allSatisfy { $0.last <= play.now })
        }
        play.wait(86_401)
        await service.look()
        #expect(play.metrics[.staleIdentities] == 2)
    }

    @Test func `nobody new gets a grant while nobody new can be remembered`() async throws {
        let play = try await IdentityPlay(staleAfter: "24h")
        let service = play.service()
        await service.look()
        _ = try await play.exchange(try play.token("ann"), at: service).get()
        play.wait(1)
        service.ledger.note(Self.uses("granted", 6000), of: "", at: play.now)
        _ = try await play.exchange(try play.token("ann"), at: service).get()
        guard case .failure(let refusal) = await play.exchange(try play.token("bob"), at: service) else {
            Issue.record("somebody new gets a grant")
            return
        }
        #expect(refusal.code == .unavailable)
    }

    @Test func `a gateway that tells of many refusals makes few events`() async throws {
        let play = try await IdentityPlay(staleAfter: "24h")
        let service = play.service()
        await service.look()
        var uses = IdentityUses()
        for number in 0..<100 {
            uses.noteUnused("old-\(number)", of: "clinic/clinic")
            uses.noteOwnerless("ownerless-\(number)", of: "clinic/clinic")
        }
        func messages() async throws -> [String] {
            let list = try await play.cluster.api.answer(
                to: .list(.events, Selection(namespace: "clinic")))
            return (list["items"]?.array ?? []).filter { $0["reason"]?.string == "StaleIdentity" }
                .compactMap { $0["message"]?.string }
        }
        await service.take(uses, of: ["clinic/clinic"], by: "a")
        #expect(play.metrics[.staleRefusals] == 200)
        #expect(try await messages().count == StaleEvents.limit)
        // The same again: told already, or counted again.
        await service.take(uses, of: ["clinic/clinic"], by: "a")
        #expect(try await messages().count == StaleEvents.limit)
        play.wait(599)
        await service.look()
        #expect(try await messages().count == StaleEvents.limit)
        play.wait(1)
        await service.look()
        #expect(try await messages().contains { $0.hasPrefix("380 more refusals") })
        await service.tellStale("the identity old was not used for too long", of: "clinic/clinic")
        #expect(try await messages().count == StaleEvents.limit + 2)
    }

    @Test func `a gateway is the same one with every token of its pod`() {
        func token(_ claims: JSON) -> String {
            "Bearer e30." + Base64URL.encode(claims.rendered) + ".c2ln"
        }
        let pod: JSON = ["kubernetes.io": ["pod": ["uid": "u-1"]], "exp": 1]
        let later: JSON = ["kubernetes.io": ["pod": ["uid": "u-1"]], "exp": 2]
        let other: JSON = ["kubernetes.io": ["pod": ["uid": "u-2"]], "exp": 1]
        let name = IdentityUseRoutes.gateway(token(pod))
        #expect(name == IdentityUseRoutes.gateway(token(later)) && !name.isEmpty)
        #expect(name != IdentityUseRoutes.gateway(token(other)))
        #expect(IdentityUseRoutes.gateway("Bearer abc") != IdentityUseRoutes.gateway("Bearer abd"))
    }
}
