import API
import Kubernetes
import Testing

@testable import Identity

/// What a token with a good signature must say.
struct ClaimTests {
    private var issuing: Issuing
    private let now = Issuing.now

    init() throws { issuing = try Issuing() }

    @Test mutating func `the audience is one of the token's`() throws {
        issuing.claims["aud"] = ["other", "weir"]
        #expect(try issuing.fault() == nil)
        for audience: JSON in ["other", [], ["Weir"], "weir ", 7, .null, ["weirs"]] {
            issuing.claims["aud"] = audience
            #expect(try issuing.fault() == .audience, "\(audience)")
        }
        issuing.claims["aud"] = nil
        #expect(try issuing.fault() == .audience)
    }

    @Test mutating func `the issuer is the connection's, to the letter`() throws {
        for issuer: JSON in ["https://id.example/", "https://ID.example", "https://id.example\u{0}", 7, ""] {
            issuing.claims["iss"] = issuer
            #expect(try issuing.fault() == .issuer, "\(issuer)")
        }
        issuing.claims["iss"] = nil
        #expect(try issuing.fault() == .issuer)
    }

    @Test func `one issuer's key signs nothing for another`() throws {
        var second = issuing
        second.settings["issuer"] = .string("https://other.example")
        second.claims["iss"] = "https://other.example"
        let verifier = TokenVerifier([issuing.issuer, second.issuer])
        let keys = try issuing.keys
        let token = Array(try second.token.utf8)
        #expect(throws: TokenFault.unverifiable("the issuer's keys are not known")) {
            try verifier.verify(token, at: now) { $0.issuer == Issuing.name ? keys : nil }
        }
        let others = try JSONWebKeySet(parsing: Array(Fixture.keys.utf8))
        #expect(throws: TokenFault.unknownKey) {
            try verifier.verify(token, at: now) { $0.issuer == Issuing.name ? keys : others }
        }
    }

    @Test(arguments: [
        (Int64(-61), TokenFault?.none), (-91, .notYetValid), (629, nil), (630, .expired), (86_400, .expired),
    ])
    func `a token has its time, give or take the skew`(offset: Int64, fault: TokenFault?) throws {
        #expect(try issuing.fault(at: now + offset) == fault)
    }

    @Test mutating func `a token that is valid for a year is too old after a day`() throws {
        issuing.claims["exp"] = .integer(now + 365 * 86_400)
        #expect(try issuing.fault(at: now + 86_000) == nil)
        #expect(try issuing.fault(at: now + 86_400) == .tooOld)
        // Nor does a session go on for longer.
        #expect(try issuing.verified().evidence.expiry == now - 60 + 86_400 + 30)
    }

    @Test mutating func `not before`() throws {
        issuing.claims["nbf"] = .integer(now + 31)
        #expect(try issuing.fault() == .notYetValid)
        issuing.claims["nbf"] = .integer(now + 30)
        #expect(try issuing.fault() == nil)
    }

    @Test mutating func `times are numbers`() throws {
        for time: JSON in [
            "1800000600", .number("1e300"), .number("18446744073709551616"), -1, .null, .number("-0.5"),
        ] {
            issuing.claims["exp"] = time
            #expect(try issuing.fault() == .malformed("claim exp"), "\(time)")
        }
        issuing.claims["exp"] = .number("\(now + 600).25")
        #expect(try issuing.fault() == nil)
        issuing.claims["exp"] = nil
        #expect(try issuing.fault() == .missingClaim("exp"))
        issuing.claims["exp"] = .integer(now + 600)
        issuing.claims["iat"] = nil
        #expect(try issuing.fault() == .missingClaim("iat"))
    }

    @Test mutating func `a required claim has exactly the value`() throws {
        issuing.settings["claims"] = Issuing.mapping([
            "repository": .string("clinic/migrations"), "run_id": .string("4711"),
        ])
        #expect(try issuing.fault() == nil)
        for value: JSON in ["clinic/migrations2", "Clinic/migrations", ""] {
            issuing.claims["repository"] = value
            #expect(try issuing.fault() == .claimMismatch("repository"))
        }
        for value: JSON? in [["clinic/migrations"], ["a": "clinic/migrations"], .null, nil] {
            issuing.claims["repository"] = value
            #expect(try issuing.fault() == .missingClaim("repository"))
        }
    }

    @Test mutating func `nobody becomes Kubernetes' own`() throws {
        issuing.settings["subjectPrefix"] = .string("")
        issuing.claims["sub"] = "system:serviceaccount:clinic:api"
        #expect(try issuing.fault() == .reservedName)
        issuing.claims["sub"] = "ann"
        issuing.claims["groups"] = ["system:masters"]
        #expect(try issuing.fault() == .reservedName)
    }

    @Test mutating func `a subject is a text`() throws {
        for name: JSON? in [nil, "", .null] {
            issuing.claims["sub"] = name
            #expect(try issuing.fault() == .missingClaim("sub"))
        }
        for name: JSON in [["ann"], "a\nb", .string(String(repeating: "a", count: 1025))] {
            issuing.claims["sub"] = name
            #expect(try issuing.fault() == .malformed("claim sub"))
        }
    }

    @Test mutating func `a subject that is too long to be revoked is refused with its prefix`() throws {
        let longest = String(repeating: "a", count: 1024 - "oidc:".utf8.count)
        issuing.claims["sub"] = .string(longest)
        let subject = try issuing.verified().subject.name
        #expect(subject == "oidc:" + longest)
        #expect(Revocation(.subject(subject), reason: "", author: "", time: 0).isReadable)
        issuing.claims["sub"] = .string(longest + "a")
        #expect(try issuing.fault() == .malformed("claim sub"))
    }

    @Test mutating func `a token that could not be revoked by its identifier is refused`() throws {
        for id: JSON in [
            .string(String(repeating: "t", count: 1025)), "t\n1", "t\u{7F}", ["t-1"], ["id": "t-1"], .null,
            .number("1.5"),
        ] {
            issuing.claims["jti"] = id
            #expect(try issuing.fault() == .malformed("claim jti"), "\(id)")
        }
        let longest = String(repeating: "t", count: 1024)
        let cases: [(JSON?, [String])] = [(nil, []), (.integer(7), ["7"]), (.string(longest), [longest])]
        for (id, known) in cases {
            issuing.claims["jti"] = id
            #expect(try issuing.verified().evidence.tokenIDs == known)
        }
    }

    @Test mutating func `groups are texts`() throws {
        issuing.claims["groups"] = "dba"
        #expect(try issuing.verified().subject.groups == ["dba"])
        for groups: JSON in [
            ["dba", 7], ["dba", ""], ["a": "b"], 7, .array(Array(repeating: "g", count: 257)),
        ] {
            issuing.claims["groups"] = groups
            #expect(try issuing.fault() == .malformed("claim groups"), "\(groups)")
        }
        issuing.claims["groups"] = nil
        #expect(try issuing.verified().subject.groups == [])
    }

    @Test mutating func `groups that the token only refers to are not none`() throws {
        let fault = TokenFault.malformed(
            "claim groups is not in the token; let the issuer send fewer values")
        for groups: JSON? in [nil, ["dba"]] {
            issuing.claims["groups"] = groups
            issuing.claims["_claim_names"] = ["groups": "src1"]
            #expect(try issuing.fault() == fault)
            issuing.claims["_claim_names"] = nil
            issuing.claims["hasgroups"] = true
            #expect(try issuing.fault() == fault)
            issuing.claims["hasgroups"] = false
            #expect(try issuing.fault() == nil)
        }
        // Another claim may be elsewhere, and without a rule by groups so may they.
        issuing.claims["_claim_names"] = ["address": "src1"]
        #expect(try issuing.fault() == nil)
        issuing.settings["groupsClaim"] = nil
        issuing.claims["_claim_names"] = ["groups": "src1"]
        issuing.claims["hasgroups"] = true
        #expect(try issuing.fault() == nil)
    }

    @Test mutating func `an attribute or owner that the token only refers to is not missing`() throws {
        issuing.claims["_claim_names"] = ["run_id": "src1"]
        #expect(
            try issuing.fault()
                == .malformed("claim run_id is not in the token; let the issuer send fewer values"))
        issuing.settings["owner"] = Issuing.mapping(["claim": .string("actor")])
        issuing.claims["_claim_names"] = ["actor": "src1"]
        #expect(
            try issuing.fault()
                == .malformed("claim actor is not in the token; let the issuer send fewer values"))
    }
}
