import Kubernetes
import Testing

@testable import Identity
@testable import Operator

/// What administrators ask for.
struct IdentityRoutesTests {
    private let record = PlayedRecord()

    private func routes(_ service: IdentityService) -> IdentityRoutes {
        IdentityRoutes(
            service: service,
            gate: LocalAdministrators(tokens: LocalTokens(folder: "", groups: [:]), names: []),
            record: { [record] in record.take($0) })
    }

    @Test func `a revocation that is over already is refused`() async throws {
        let play = try await IdentityPlay()
        let routes = routes(play.service())
        func json(until: Int64) -> JSON {
            ["subject": "oidc:ann", "reason": "left", "until": .integer(until)]
        }
        for until in [0, play.now - 1, play.now] {
            #expect(throws: (any Error).self) { try routes.revocation(json(until: until), by: "hr") }
        }
        let revocation = try routes.revocation(json(until: play.now + 1), by: "hr")
        #expect((revocation.author, revocation.until) == ("hr", play.now + 1))
        #expect(try routes.revocation(["subject": "oidc:ann"], by: "hr").until == nil)
        for bound in ["until", "issuedBefore"] {
            #expect(throws: (any Error).self) {
                try routes.revocation(["subject": "oidc:ann", bound: "2026-12-01"], by: "hr")
            }
        }
    }

    @Test func `taking back tells whether anything was revoked`() async throws {
        let play = try await IdentityPlay()
        let (service, other) = (play.service(), play.service())
        await service.look()
        #expect(try await !routes(service).restore(.subject("oidc:ann"), by: "hr"))
        // By another replica, which has not told of it yet.
        try await other.revoke(
            Revocation(.subject("oidc:ann"), until: play.now + 9, reason: "", author: "hr", time: play.now))
        #expect(try await routes(service).restore(.subject("oidc:ann"), by: "hr"))
        #expect(service.revocations?.count == 0)
        try await other.revoke(
            Revocation(.subject("oidc:ann"), until: play.now + 9, reason: "", author: "hr", time: play.now))
        play.wait(9)
        #expect(try await !routes(service).restore(.subject("oidc:ann"), by: "hr"))
    }

    @Test func `who revokes and who takes it back is recorded`() async throws {
        let play = try await IdentityPlay()
        let routes = routes(play.service())
        let ann = Revocation(.subject("oidc:ann"), reason: "left", author: "ana", time: play.now)
        try await routes.revoke(ann)
        _ = try await routes.restore(.subject("oidc:Ann"), by: "bo")
        #expect(
            record.lines == ["identity oidc:ann revoked by ana: left", "identity oidc:Ann restored by bo"])
    }

    @Test func `a record tells how much was revoked, and of whom`() {
        func change(
            _ target: Revocation.Target, issuedBefore: Int64? = nil, until: Int64? = nil
        ) -> String {
            Revocation(
                target, issuedBefore: issuedBefore, until: until, reason: "", author: "ana", time: 1
            ).change
        }
        #expect(change(.token("t-1")) == "token t-1 revoked by ana")
        #expect(
            change(.issuer("https://id.example"), issuedBefore: 0)
                == "issuer https://id.example revoked by ana, of what was issued before 1970-01-01T00:00:00Z")
        #expect(
            change(.everyone, issuedBefore: 60, until: 3600)
                == "everyone revoked by ana, of what was issued before 1970-01-01T00:01:00Z, "
                + "until 1970-01-01T01:00:00Z")
        #expect(
            change(.subject("ann"), until: .max)
                == "identity ann revoked by ana, until 9223372036854775807")
    }
}
