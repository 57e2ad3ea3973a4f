import Cryptography
import Foundation
import Kubernetes
import Testing

@testable import API
@testable import Gateway
@testable import Identity

/// What a gateway verifies grants by, and for how long without a word of the operator.
struct KnownAuthorityTests {
    private let now: Int64 = 1_800_000_000
    private let start = ContinuousClock.now
    private let data: String
    private let key: Ed25519.PrivateKey
    private let connection: DatabaseConnection

    init() throws {
        data = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        key = try Ed25519.PrivateKey.generate()
        let nowhere = ManifestPosition(file: "test", line: 0, column: 0)
        func mapping(_ fields: [String: ManifestNode.Value]) -> ManifestNode.Value {
            .mapping(
                fields.map {
                    .init(key: $0.key, position: nowhere, value: ManifestNode($0.value, at: nowhere))
                })
        }
        let issuer = ManifestNode(
            mapping(["issuer": .string("https://id.example"), "audience": .string("weir")]), at: nowhere)
        let spec = mapping(["identity": mapping(["issuers": .sequence([issuer])])])
        var reader = MappingReader(ManifestNode(spec, at: nowhere), faults: FaultList())
        connection = DatabaseConnection(
            metadata: ObjectMetadata(name: "main", namespace: "clinic"), readingSpec: &reader)
    }

    private func line(revoking subject: String? = nil) throws -> [UInt8] {
        var list = RevocationList()
        if let subject {
            _ = list.insert(Revocation(.subject(subject), reason: "", author: "", time: now))
        }
        return IdentityAuthority(grantKeys: GrantKeySet(["g": try key.publicKey]), revocations: list).line
            .rendered
    }

    private func grant(issuer: String = "https://id.example", connection: String = "clinic/main") throws
        -> [UInt8]
    {
        let identity = VerifiedIdentity(
            subject: Subject(name: "ann", groups: [], proof: .token),
            evidence: IdentityEvidence(issuer: issuer, tokenIDs: [], issuedAt: now, expiry: now + 60))
        let grant = SessionGrant(identity, connection: connection, id: "1", lifetime: 3600, at: now)
        return Array(try grant.signed(by: key, id: "g").utf8)
    }

    /// When it is so late, if the clock is right.
    private func instant(_ time: Int64) -> ContinuousClock.Instant { start + .seconds(time - now) }

    private func fault(_ known: KnownAuthority, _ secret: [UInt8], at time: Int64) -> TokenFault? {
        do throws(TokenFault) {
            _ = try known.verify(secret, for: connection, at: time, instant(time))
            return nil
        } catch {
            return error
        }
    }

    private func known(hasOperator: Bool = true, at time: Int64) -> KnownAuthority {
        KnownAuthority(data: data, hasOperator: hasOperator, at: time, instant(time))
    }

    private let silence = TokenFault.unverifiable("the operator has not been heard of")

    @Test func `a grant is good while the operator is heard, and 15 minutes more`() throws {
        var known = known(at: now)
        #expect(fault(known, try grant(), at: now) == silence)
        let isTaken = known.take(line: try line(), at: now, start)
        #expect(isTaken)
        #expect(fault(known, try grant(), at: now + 900) == nil)
        #expect(fault(known, try grant(), at: now + 901) == silence)
        known.confirmed("another revision", at: now + 901, instant(now + 901))
        #expect(fault(known, try grant(), at: now + 901) == silence)
        known.confirmed(known.authority.revision, at: now + 901, instant(now + 901))
        #expect(fault(known, try grant(), at: now + 901) == nil)
    }

    @Test func `a restart changes neither what is revoked nor how long ago the operator was heard`() throws {
        var known = known(at: now)
        _ = known.take(line: try line(revoking: "ann"), at: now, start)
        #expect(fault(self.known(at: now + 100), try grant(), at: now + 100) == .revoked)
        #expect(fault(self.known(at: now + 901), try grant(), at: now + 901) == silence)
        // Nor does a clock that was set back.
        #expect(fault(self.known(at: now - 1), try grant(), at: now - 1) == silence)
        known.confirmed(known.authority.revision, at: now + 60, instant(now + 60))
        #expect(fault(self.known(at: now + 950), try grant(), at: now + 950) == .revoked)
    }

    @Test(arguments: [86_400, 901, 900, -1, -86_400])
    func `who was revoked is so after a restart, however long ago the operator was heard`(
        seconds: Int64
    ) throws {
        let workload = Subject(name: "ann", groups: [], proof: .workload)
        var known = known(at: now)
        _ = known.take(line: try line(revoking: "ann"), at: now, start)
        let later = self.known(at: now + seconds)
        #expect(later.isRevoked(workload, nil, at: now + seconds))
        // Whoever needs its word waits for it.
        #expect(later.isKnown == (0...900).contains(seconds))
    }

    @Test func `a clock that leapt while the operator was heard stretches nothing`() throws {
        var known = known(at: now)
        _ = known.take(line: try line(revoking: "ann"), at: now + 7200, start)
        #expect(fault(known, try grant(), at: now + 900) == .revoked)
        #expect(fault(known, try grant(), at: now + 901) == silence)
        // Nor does it keep a restart from knowing, once it is right again.
        #expect(fault(self.known(at: now + 59), try grant(), at: now + 59) == silence)
        known.confirmed(known.authority.revision, at: now + 60, instant(now + 60))
        #expect(fault(self.known(at: now + 960), try grant(), at: now + 960) == .revoked)
        #expect(fault(self.known(at: now + 961), try grant(), at: now + 961) == silence)
    }

    @Test func `a machine that was stopped has not heard of the operator meanwhile`() throws {
        var known = known(at: now)
        _ = known.take(line: try line(), at: now, start)
        #expect(throws: silence) {
            try known.verify(try grant(), for: connection, at: now + 901, instant(now + 1))
        }
    }

    @Test func `a file that was tampered with is none`() throws {
        var known = known(at: now)
        _ = known.take(line: try line(), at: now, start)
        let path = "\(data)/authority.json"
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let said = String(decoding: try line(), as: UTF8.self)
        let heads = ["", "x\n\(said)", "\(now)\n", "\(now + 1)\n\(said)", "\(Int64.min)\n\(said)"]
        for text in heads + ["\(now)\n{}", "\(now)\n{\"type\":\"Authority\"}"] {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            #expect(fault(self.known(at: now), try grant(), at: now) == silence)
        }
    }

    @Test func `a malformed line changes nothing`() throws {
        var known = known(at: now)
        _ = known.take(line: try line(revoking: "ann"), at: now, start)
        let isTaken = known.take(line: Array("{}".utf8), at: now, start)
        #expect(!isTaken)
        #expect(fault(known, try grant(), at: now) == .revoked)
    }

    @Test func `a grant of an issuer or connection that is not accepted`() throws {
        var known = known(at: now)
        _ = known.take(line: try line(), at: now, start)
        #expect(fault(known, try grant(issuer: "https://other.example"), at: now) == .issuer)
        #expect(fault(known, try grant(connection: "clinic/other"), at: now) == .audience)
    }

    @Test func `without an operator there are no grants`() throws {
        #expect(fault(known(hasOperator: false, at: now), try grant(), at: now) == .unknownKey)
    }

    @Test func `a clock that is set back goes on`() {
        let time = Box(1_000_000)
        let clock = SteadyClock { time.value * 1_000_000 }
        #expect(clock.now() == 1_000_000)
        time.value = 900_000
        #expect(clock.now() == 1_000_000)
        for leap in [1_000_100, 1_007_300, 1_000_200] as [Int64] {
            time.value = leap
            #expect(clock.now() == leap)
        }
    }

    private final class Box {
        var value: Int64
        init(_ value: Int64) { self.value = value }
    }
}
