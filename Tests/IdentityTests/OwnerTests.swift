import API
import Kubernetes
import Testing

@testable import Identity

/// Who answers for an identity, and what becomes of it when they leave.
struct OwnerTests {
    private var issuing: Issuing

    init() throws { issuing = try Issuing() }

    private func identity() throws -> VerifiedIdentity { try issuing.verified() }

    @Test mutating func `a claim names the owner`() throws {
        issuing.settings["owner"] = Issuing.mapping([
            "claim": .string("actor"), "prefix": .string("people:"),
        ])
        #expect(try issuing.fault() == .missingClaim("actor"))
        for actor: JSON in ["", .null] {
            issuing.claims["actor"] = actor
            #expect(try issuing.fault() == .missingClaim("actor"))
        }
        for actor: JSON in [["eve"], "eve\n"] {
            issuing.claims["actor"] = actor
            #expect(try issuing.fault() == .malformed("claim actor"))
        }
        issuing.claims["actor"] = "eve"
        #expect(try identity().subject.owner == "people:eve")
    }

    @Test mutating func `one owner for all`() throws {
        issuing.settings["owner"] = Issuing.mapping(["name": .string("people:ann")])
        #expect(try identity().subject.owner == "people:ann")
    }

    @Test mutating func `an owner who is too long to be revoked is refused with the prefix`() throws {
        issuing.settings["owner"] = Issuing.mapping([
            "claim": .string("actor"), "prefix": .string("people:"),
        ])
        let longest = String(repeating: "a", count: 1024 - "people:".utf8.count)
        issuing.claims["actor"] = .string(longest)
        #expect(try identity().subject.owner == "people:" + longest)
        issuing.claims["actor"] = .string(longest + "a")
        #expect(try issuing.fault() == .malformed("claim actor"))
    }

    @Test func `people answer for themselves`() throws {
        #expect(try identity().subject.owner == nil)
    }

    @Test mutating func `who leaves takes along what they answer for`() throws {
        issuing.settings["owner"] = Issuing.mapping(["name": .string("people:eve")])
        let identity = try identity()
        var revocations = RevocationList()
        _ = revocations.insert(Revocation(.subject("people:ann"), reason: "", author: "", time: 0))
        #expect(!revocations.isRevoked(identity, at: Issuing.now))
        _ = revocations.insert(Revocation(.subject("people:eve"), reason: "", author: "", time: 0))
        #expect(revocations.isRevoked(identity, at: Issuing.now))
    }

    @Test func `what gateways and operator tell each other comes back as it was`() throws {
        var uses = IdentityUses()
        uses.note(try identity(), of: "clinic/main")
        uses.noteUnused("ci:old", of: "clinic/main")
        let workload = Subject(
            name: "system:serviceaccount:clinic:api", groups: [], proof: .workload,
            attributes: ["owner": "people:ann"])
        uses.note(workload: workload, of: "clinic/main")
        uses.noteOwnerless("system:serviceaccount:clinic:old", of: "clinic/main")
        #expect(uses.all.map(\.owner).contains("people:ann"))
        #expect(IdentityUses(try JSON(parsing: uses.bytes)) == uses)
        #expect(IdentityUses(["uses": [["subject": ""]], "unused": []]) == nil)
        #expect(IdentityUses(["uses": [], "unused": [], "ownerless": "all"]) == nil)
        #expect(IdentityUses(["uses": [], "unused": []]) == IdentityUses())

        let authority = IdentityAuthority(unused: ["ci:old": 7])
        #expect(IdentityAuthority(line: authority.line.rendered) == authority)
    }
}
