import Kubernetes
import Synchronization
import Testing

@testable import API
@testable import Identity
@testable import Operator

/// Keys, revocations and uses, on one replica and on two.
struct IdentityServiceTests {
    private let words = { (result: Result<String, TokenExchange.Refusal>) -> String in
        switch result {
        case .success: "granted"
        case .failure(let refusal): refusal.description
        }
    }

    @Test func `nothing is granted before revocations and keys are known`() async throws {
        let play = try await IdentityPlay()
        let service = play.service()
        #expect(service.authority(for: []) == nil)
        #expect(words(await play.exchange(try play.token(), at: service)).contains("have not been read yet"))
        await service.look()
        #expect(words(await play.exchange(try play.token(), at: service)) == "granted")
    }

    @Test func `what one replica grants the gateways of another verify`() async throws {
        let play = try await IdentityPlay()
        let (one, other) = (play.service(), play.service())
        await one.look()
        await other.look()
        for (service, witness) in [(one, other), (other, one)] {
            let grant = try await play.exchange(try play.token(), at: service).get()
            #expect(try play.verify(grant, by: witness).get().subject.name == "oidc:ann")
        }
        // A restart reads the same keys.
        let third = play.service()
        await third.look()
        let grant = try await play.exchange(try play.token(), at: one).get()
        #expect(try play.verify(grant, by: third).get().subject.proof == .grant)
    }

    @Test func `no grant is given that is too long for a gateway`() async throws {
        let attributes = (0..<16).map { ("a\($0)", JSON.string("sub")) }
        let play = try await IdentityPlay(issuers: [
            [
                "issuer": .string(IdentityPlay.issuer), "audience": "weir", "subjectPrefix": "oidc:",
                "jwksURI": "https://id.example/keys", "attributes": .object(JSON.Object(attributes)),
            ]
        ])
        let service = play.service()
        await service.look()
        let grant = try await play.exchange(
            try play.token(String(repeating: "a", count: 600)), at: service
        ).get()
        #expect(try play.verify(grant, by: service).get().subject.attributes.count == 16)
        let long = try play.token(String(repeating: "a", count: 1000))
        #expect(words(await play.exchange(long, at: service)).contains("fewer groups"))
        #expect(service.ledger.entries.count == 1)
    }

    @Test func `keys are replaced with overlap`() async throws {
        let play = try await IdentityPlay()
        let service = play.service()
        await service.look()
        let first = try #require(service.signer?.id)
        play.wait(GrantKeyring.Lifetime.signing - GrantKeyring.Lifetime.published)
        await service.look()
        // Made, and known to gateways, before it signs.
        #expect(service.signer?.id == first)
        let grant = try await play.exchange(try play.token(), at: service).get()
        play.wait(GrantKeyring.Lifetime.published)
        await service.look()
        #expect(service.signer?.id != first)
        #expect(try play.verify(grant, by: service).get().subject.name == "oidc:ann")
        play.wait(SessionGrant.maximumLifetime + 1)
        await service.look()
        #expect(try play.verify(grant, by: service) == .failure(.expired))
        play.wait(GrantKeyring.Lifetime.signing)
        await service.look()
        let secret = try await play.cluster.get(.secrets, "weir-system", "weir-operator-grants")
        #expect(GrantKeyring(secret)?.keys.contains { $0.id == first } == false)
    }

    @Test func `a secret that holds something else is not overwritten`() async throws {
        let play = try await IdentityPlay()
        try await play.cluster.patch(
            .secrets, "weir-system", "weir-operator-grants", ["data": ["keys.json": "bm90IGtleXM="]])
        let service = play.service()
        await service.look()
        #expect(words(await play.exchange(try play.token(), at: service)).contains("no key for grants"))
        let secret = try await play.cluster.get(.secrets, "weir-system", "weir-operator-grants")
        #expect(secret["data", "keys.json"] == "bm90IGtleXM=")
    }

    @Test func `what was read before a revocation does not undo it`() async throws {
        let play = try await IdentityPlay()
        let late = LateAnswer(play.cluster.api, to: "/weir-revocations")
        let service = play.service(over: late)
        let reading = Task { try await service.readRevocations() }
        await late.isMade()
        let revoking = Task {
            try await service.revoke(Revocation(.subject("oidc:ann"), reason: "", author: "hr", time: 1))
        }
        // Time for what must not come first.
        try await Task.sleep(for: .milliseconds(100))
        late.arrive()
        try await revoking.value
        try await reading.value
        #expect(service.revocations?.count == 1)
    }

    @Test func `a revocation on one replica is known to the other after its next look`() async throws {
        let play = try await IdentityPlay()
        let (one, other) = (play.service(), play.service())
        await one.look()
        await other.look()
        let grant = try await play.exchange(try play.token(), at: one).get()
        try await one.revoke(
            Revocation(.subject("oidc:ann"), reason: "left", author: "hr", time: play.now))
        #expect(try play.verify(grant, by: one) == .failure(.revoked))
        await other.look()
        #expect(try play.verify(grant, by: other) == .failure(.revoked))
        #expect(words(await play.exchange(try play.token(), at: other)).contains("revoked"))
        try await other.revoke(Revocation(.token("t-9"), reason: "", author: "hr", time: play.now))
        await one.look()
        #expect(one.revocations?.count == 2)
        try await other.restore(.subject("oidc:ann"), by: "hr")
        await one.look()
        #expect(try play.verify(grant, by: one).get().subject.name == "oidc:ann")
    }

    @Test func `revocations that cannot be read are no empty list`() async throws {
        let play = try await IdentityPlay()
        let service = play.service()
        try await play.cluster.create(
            .configMaps,
            [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": ["name": "weir-revocations", "namespace": "weir-system"],
                "data": ["document.json": #"[{"subject":"a","token":"b"}]"#],
            ])
        await service.look()
        #expect(service.authority(for: []) == nil)
        #expect(words(await play.exchange(try play.token(), at: service)).contains("have not been read yet"))
    }

    @Test func `revocations that could not be read for a minute are not vouched for`() async throws {
        let play = try await IdentityPlay()
        let service = play.service()
        await service.look()
        #expect(service.authority(for: []) != nil)
        try await play.cluster.create(
            .configMaps,
            [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": ["name": "weir-revocations", "namespace": "weir-system"],
                "data": ["document.json": "nothing"],
            ])
        play.wait(60)
        await service.look()
        #expect(service.authority(for: []) != nil)
        play.wait(1)
        await service.look()
        #expect(service.authority(for: []) == nil)
        #expect(words(await play.exchange(try play.token(), at: service)).contains("have not been read yet"))
    }

    @Test func `keys hold through an outage of a day, and no longer`() async throws {
        let play = try await IdentityPlay()
        let service = play.service()
        await service.look()
        play.issuing.withLock { $0.isDown = true }
        play.wait(86_399)
        await service.look()
        #expect(words(await play.exchange(try play.token(), at: service)) == "granted")
        play.wait(1)
        #expect(words(await play.exchange(try play.token(), at: service)).contains("keys are not known"))
        play.issuing.withLock { $0.isDown = false }
        play.wait(31)
        await service.look()
        #expect(words(await play.exchange(try play.token(), at: service)) == "granted")
    }

    @Test func `an unknown key has the issuer asked again, but not at everybody's whim`() async throws {
        let play = try await IdentityPlay()
        let service = play.service()
        await service.look()
        play.issuing.withLock { $0.seed = 2 }
        #expect(words(await play.exchange(try play.token(), at: service)).contains("key is not known"))
        play.wait(30)
        #expect(words(await play.exchange(try play.token(), at: service)) == "granted")
        let asked = play.issuing.withLock(\.asked)
        play.issuing.withLock { $0.seed = 3 }
        for _ in 0..<50 {
            #expect(words(await play.exchange(try play.token(), at: service)).contains("key is not known"))
        }
        #expect(play.issuing.withLock(\.asked) == asked)
    }

    @Test func `a refusal tells whom the token is said to be of, and whether its issuer has signed it`()
        async throws
    {
        let play = try await IdentityPlay()
        let service = play.service()
        await service.look()
        let genuine = try play.token("eve", id: "t-7")
        try await service.revoke(Revocation(.token("t-7"), reason: "", author: "hr", time: play.now))
        let expired = try play.token("ann")
        let forged = genuine.dropLast(6) + "AAAAAA"
        for (token, claimed, isGenuine) in [
            (genuine, "oidc:eve", true), (String(forged), "oidc:eve", false), ("x", "", false),
        ] {
            guard case .failure(let refusal) = await play.exchange(token, at: service) else {
                Issue.record("\(token) is exchanged")
                continue
            }
            #expect(refusal.claimed == claimed && refusal.isGenuine == isGenuine)
        }
        play.wait(631)
        guard case .failure(let refusal) = await play.exchange(expired, at: service) else {
            Issue.record("an expired token is exchanged")
            return
        }
        #expect(refusal.claimed == "oidc:ann" && refusal.isGenuine)
    }

    @Test func `a clock that is set back at the operator keeps no token alive`() async throws {
        let play = try await IdentityPlay()
        let service = play.service()
        await service.look()
        let token = try play.token()
        play.wait(700)
        #expect(words(await play.exchange(token, at: service)).contains("has expired"))
        play.setClock(back: 700)
        #expect(words(await play.exchange(token, at: service)).contains("has expired"))
        #expect(service.seconds == play.now + 700)
    }

    @Test func `gateways are told who is unused, and tell whom they have met`() async throws {
        let play = try await IdentityPlay(staleAfter: "24h")
        let service = play.service()
        await service.look()
        var uses = IdentityUses()
        let ann = VerifiedIdentity(
            subject: Subject(name: "oidc:ann", groups: [], proof: .token, attributes: ["owner": "oidc:eve"]),
            evidence: IdentityEvidence(issuer: "https://id.example", tokenIDs: [], issuedAt: 0, expiry: 9))
        uses.note(ann, of: "clinic/clinic")
        uses.noteUnused("oidc:old", of: "clinic/clinic")
        await service.take(uses, of: ["clinic/other"], by: "a")
        #expect(service.ledger.entries.isEmpty && play.metrics[.staleRefusals] == 0)
        uses.noteOwnerless("system:serviceaccount:clinic:api", of: "clinic/clinic")
        await service.take(uses, of: ["clinic/clinic"], by: "a")
        #expect(service.ledger.entries.values.map(\.owner) == ["oidc:eve"])
        #expect(play.metrics[.staleRefusals] == 2)
        let events = try await play.cluster.api.answer(to: .list(.events, Selection(namespace: "clinic")))
        for name in ["oidc:old", "system:serviceaccount:clinic:api"] {
            #expect(
                events["items"]?.array?.contains { $0["message"]?.string?.contains(name) == true } == true)
        }

        await service.look()
        let before = service.authority(for: [])?.revision
        play.wait(86_402)
        await service.look()
        let after = service.authority(for: [])
        #expect(after?.revision != before)
        #expect(after.flatMap { IdentityAuthority(line: $0.bytes) }?.unused.keys.sorted() == ["oidc:ann"])
        await service.take(uses, of: ["clinic/clinic"], by: "a")
        await service.look()
        #expect(
            service.authority(for: []).flatMap { IdentityAuthority(line: $0.bytes) }?.unused.isEmpty == true)
    }

    @Test func `somebody unused for too long is refused until somebody vouches for them`() async throws {
        let play = try await IdentityPlay(staleAfter: "24h")
        let service = play.service()
        await service.look()
        #expect(words(await play.exchange(try play.token(), at: service)) == "granted")
        play.wait(31)
        await service.look()
        // Another replica, later, knows when that was.
        let other = play.service()
        await other.look()
        play.wait(86_400)
        await other.look()
        #expect(words(await play.exchange(try play.token(), at: other)).contains("was not used for 24h"))
        #expect(play.metrics[.staleIdentities] == 1)
        await other.tellStale("the identity oidc:ann was not used for 24h", of: "clinic/clinic")
        let events = try await play.cluster.api.answer(
            to: .list(.events, Selection(namespace: "clinic")))
        #expect(events["items"]?.array?.contains { $0["reason"]?.string == "StaleIdentity" } == true)
        #expect(words(await play.exchange(try play.token("bob"), at: other)) == "granted")
        try await other.restore(.subject("oidc:ann"), by: "hr")
        #expect(words(await play.exchange(try play.token(), at: other)) == "granted")
    }
}
