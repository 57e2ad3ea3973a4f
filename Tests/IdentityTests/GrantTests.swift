import API
import Cryptography
import Kubernetes
import Testing

@testable import Identity

/// Grants, revocations, and how the operator tells gateways of both.
struct GrantTests {
    private let issuing: Issuing
    private let key: Ed25519.PrivateKey
    private let keys: GrantKeySet
    private let grant: SessionGrant
    private let text: String
    private let now = Issuing.now

    init() throws {
        issuing = try Issuing()
        key = try Ed25519.PrivateKey.generate()
        keys = GrantKeySet(["g1": try key.publicKey])
        grant = SessionGrant(
            try issuing.verified(), connection: "clinic/main", id: "grant-1", lifetime: 900, at: now)
        text = try grant.signed(by: key, id: "g1")
    }

    private func fault(
        _ text: String, connection: String = "clinic/main", at now: Int64 = Issuing.now
    ) -> TokenFault? {
        do throws(TokenFault) {
            _ = try SessionGrant(verifying: Array(text.utf8), for: connection, keys: keys, at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a grant says again what the token said`() throws {
        let read = try SessionGrant(verifying: Array(text.utf8), for: "clinic/main", keys: keys, at: now)
        #expect(read == grant)
        #expect(read.subject.proof == .grant)
        #expect(read.subject.attributes["run"] == "4711")
        #expect(read.evidence.tokenIDs == ["grant-1", "t-1"])
        #expect(read.evidence.expiry == now + 900)
    }

    @Test func `no grant lives longer than an hour`() throws {
        let long = SessionGrant(
            try issuing.verified(), connection: "c/m", id: "g", lifetime: 1 << 40, at: now)
        #expect(long.evidence.expiry == now + 3600)
        var forged = long
        forged.evidence.expiry = now + 3601
        #expect(fault(try forged.signed(by: key, id: "g1"), connection: "c/m") == .expired)
    }

    @Test func `another connection, another time, another key`() throws {
        #expect(fault(text, connection: "clinic/other") == .audience)
        #expect(fault(text, connection: "clinic/mai") == .audience)
        #expect(fault(text, at: now + 899) == nil)
        #expect(fault(text, at: now + 900) == .expired)
        #expect(fault(text, at: now - 31) == .notYetValid)
        #expect(fault(try grant.signed(by: .generate(), id: "g1")) == .signature)
        #expect(fault(try grant.signed(by: key, id: "g2")) == .unknownKey)
    }

    @Test func `any cut or flipped byte is refused without a crash`() {
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            var broken = bytes
            broken[index] ^= 0x01
            for candidate in [broken, Array(bytes[..<index])] {
                #expect(throws: TokenFault.self) {
                    try SessionGrant(verifying: candidate, for: "clinic/main", keys: keys, at: now)
                }
            }
        }
    }

    @Test func `a token is no grant, and a grant no token`() throws {
        #expect(fault(try issuing.token) == .malformed("grant"))
        #expect(throws: TokenFault.malformed("not three parts")) {
            try Issuing.verified(text, by: issuing.issuer, issuing.keys)
        }
    }

    @Test(arguments: [
        (Revocation.Target.subject("oidc:ann"), Int64?.none, true), (.subject("oidc:an"), nil, false),
        (.token("grant-1"), nil, true), (.token("t-1"), nil, true), (.token("t-2"), nil, false),
        (.issuer(Issuing.name), nil, true), (.issuer("https://id.example/"), nil, false),
        (.everyone, Issuing.now, true), (.everyone, Issuing.now - 60, false),
        (.issuer(Issuing.name), Issuing.now - 59, true), (.subject("oidc:ann"), Issuing.now - 60, false),
    ])
    func `what a revocation covers`(target: Revocation.Target, before: Int64?, isRevoked: Bool) throws {
        var list = RevocationList()
        let revocation = Revocation(
            target, issuedBefore: before, until: now + 100, reason: "left", author: "hr", time: now)
        let isTaken = list.insert(revocation)
        #expect(isTaken)
        #expect(list.isRevoked(grant.identity, at: now) == isRevoked)
        #expect(!list.isRevoked(grant.identity, at: now + 100))
        #expect(RevocationList(list.json) == list)
    }

    @Test func `a workload is revoked by its name`() {
        let workload = Subject(name: "system:serviceaccount:clinic:api", groups: [], proof: .workload)
        var list = RevocationList()
        _ = list.insert(Revocation(.everyone, issuedBefore: now, reason: "", author: "", time: now))
        #expect(!list.isRevoked(workload, nil, at: now))
        _ = list.insert(Revocation(.subject(workload.name), reason: "", author: "", time: now))
        #expect(list.isRevoked(workload, nil, at: now))
    }

    @Test func `a list is bounded, and replaces what is about the same`() {
        var list = RevocationList()
        for number in 0..<RevocationList.maximumCount {
            let revocation = Revocation(
                .token("t\(number)"), until: now + 1, reason: "", author: "", time: Int64(number))
            _ = list.insert(revocation)
        }
        let isOneMoreTaken = list.insert(Revocation(.token("one more"), reason: "", author: "", time: 0))
        let isReplaced = list.insert(Revocation(.token("t0"), reason: "again", author: "", time: 0))
        #expect(!isOneMoreTaken && isReplaced)
        #expect(list.count == RevocationList.maximumCount)
        list.forgetExpired(at: now + 1)
        #expect(list.count == 1)
    }

    @Test func `gateways are told all of it in a line`() throws {
        var list = RevocationList()
        _ = list.insert(Revocation(.subject("eve"), reason: "left", author: "hr", time: now))
        let sources = [
            KeySource(issuer: Issuing.name), KeySource(issuer: Issuing.name, keys: "https://id.example/keys"),
            KeySource(
                issuer: Issuing.name, keys: "https://id.example/keys",
                authorities: "-----BEGIN CERTIFICATE-----"),
        ]
        let sets = try sources.map { ($0, try issuing.keys) }
        let authority = IdentityAuthority(
            grantKeys: keys, keys: Dictionary(uniqueKeysWithValues: sets), revocations: list,
            unread: sources)
        #expect(IdentityAuthority(line: authority.line.rendered) == authority)
        #expect(authority.line["issuers"]?.array?.compactMap { KeySource($0) } == sources)
        for (name, value): (String, JSON) in [
            ("grantKeys", [["kid": "g1", "key": "AAAA"]]),
            ("issuers", [["issuer": "a", "keys": ["keys": []]]]),
            ("issuers", [["issuer": "a", "jwksURI": 1, "keys": try issuing.keys.json]]),
            ("issuers", [["issuer": "a", "certificateAuthority": .null, "keys": try issuing.keys.json]]),
            ("revocations", [["subject": "eve", "token": "t"]]), ("revocations", [["everyone": true]]),
            ("revocations", .null), ("type", "News"), ("unread", [["jwksURI": "https://id.example/keys"]]),
        ] {
            var line = authority.line
            line[name] = value
            #expect(IdentityAuthority(line: line.rendered) == nil, "\(name) \(value)")
        }
    }
}
