import API
import Hummingbird
import Identity
import Kubernetes
import NIOCore

/// `GET /v1/identities`, who was given grants and what is revoked; `POST /v1/revocations`; and `POST /v1/restorations`,
/// which takes back what was revoked of a target.
struct IdentityRoutes: Sendable {
    let service: IdentityService
    let gate: any IdentityGate

    /// Of a revocation, in bytes.
    private static let maximumBodyLength = 16 << 10

    func add(to router: Router<ClientContext>) {
        router.get("/v1/identities") { request, _ in
            _ = try await gate.admit(request, to: .list)
            return TokenRoutes.response(.ok, list)
        }
        router.post("/v1/revocations") { request, _ in
            let author = try await gate.admit(request, to: .revoke)
            guard var json = try await body(of: request) else { throw Self.malformed }
            json["author"] = .string(author)
            json["time"] = .integer(service.seconds)
            guard let revocation = Revocation(json) else { throw Self.malformed }
            try await service.revoke(revocation)
            return TokenRoutes.response(.created, revocation.json)
        }
        router.post("/v1/restorations") { request, _ in
            _ = try await gate.admit(request, to: .revoke)
            guard var json = try await body(of: request) else { throw Self.malformed }
            // What a target needs to be one.
            json["issuedBefore"] = .integer(0)
            guard let revocation = Revocation(json) else { throw Self.malformed }
            try await service.restore(revocation.target)
            return Response(status: .noContent)
        }
    }

    private static let malformed = HTTPError(
        .badRequest,
        message: "a revocation names one of subject, token, issuer, or everyone with issuedBefore")

    private func body(of request: Request) async throws -> JSON? {
        let body = try await request.body.collect(upTo: Self.maximumBodyLength)
        return try? JSON(parsing: Array(body.readableBytesView))
    }

    private var list: JSON {
        let now = service.seconds
        let revocations = service.revocations ?? RevocationList()
        let identities = service.ledger.entries.sorted {
            ($0.key.subject, $0.key.connection) < ($1.key.subject, $1.key.connection)
        }
        return [
            "identities": .array(
                identities.map { key, entry in
                    let isRevoked = revocations.isRevoked(
                        Subject(
                            name: key.subject, groups: [], proof: .grant,
                            attributes: entry.owner.isEmpty ? [:] : [Subject.ownerAttribute: entry.owner]),
                        entry.isWorkload
                            ? nil
                            : IdentityEvidence(
                                issuer: entry.issuer, tokenIDs: [], issuedAt: entry.last,
                                expiry: entry.expiry),
                        at: now)
                    let state =
                        isRevoked
                        ? "Revoked"
                        : service.isStale(key, entry, at: now)
                            ? "Stale" : entry.isWorkload && entry.owner.isEmpty ? "Ownerless" : "Active"
                    return [
                        "subject": .string(key.subject), "connection": .string(key.connection),
                        "issuer": .string(entry.issuer), "firstUse": .integer(entry.first),
                        "lastUse": .integer(entry.last), "expiry": .integer(entry.expiry),
                        "grants": .integer(entry.count), "owner": .string(entry.owner),
                        "state": .string(state),
                    ]
                }), "revocations": revocations.json,
        ]
    }
}
