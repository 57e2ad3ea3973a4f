import API
import Hummingbird
import Identity
import Kubernetes
import NIOCore

/// `GET /v1/identities`, who was given grants and what is revoked; `POST /v1/revocations`; and `POST /v1/restorations`,
/// which takes back what was revoked of a target: 204, or 200 and `{"wasRevoked":false}` when nothing was.
struct IdentityRoutes: Sendable {
    /// Keeps a line of what was done to an identity, and by whom, in the audit log.
    typealias Record = @Sendable (_ change: String) async -> Void

    let service: IdentityService
    let gate: any IdentityGate
    let record: Record

    /// Of a revocation, in bytes.
    private static let maximumBodyLength = 16 << 10

    func add(to router: Router<ClientContext>) {
        router.get("/v1/identities") { request, _ in
            _ = try await gate.admit(request, to: .list)
            return TokenRoutes.response(.ok, list)
        }
        router.post("/v1/revocations") { request, _ in
            let author = try await gate.admit(request, to: .revoke)
            let revocation = try revocation(await body(of: request), by: author)
            try await revoke(revocation)
            return TokenRoutes.response(.created, revocation.json)
        }
        router.post("/v1/restorations") { request, _ in
            let author = try await gate.admit(request, to: .revoke)
            guard var json = try await body(of: request) else { throw Self.malformed }
            // What a target needs to be one.
            json["issuedBefore"] = .integer(0)
            guard let revocation = Revocation(json) else { throw Self.malformed }
            return try await restore(revocation.target, by: author)
                ? Response(status: .noContent) : TokenRoutes.response(.ok, ["wasRevoked": false])
        }
    }

    /// What a request asks for: one that holds from now on.
    func revocation(_ json: JSON?, by author: String) throws(HTTPError) -> Revocation {
        guard var json else { throw Self.malformed }
        json["author"] = .string(author)
        json["time"] = .integer(service.seconds)
        // A bound that is none would be left out, and more revoked than was meant.
        guard ["issuedBefore", "until"].allSatisfy({ json[$0] == nil || json[$0]?.integer != nil }) else {
            throw HTTPError(.badRequest, message: "issuedBefore and until are whole seconds since 1970")
        }
        guard let revocation = Revocation(json) else { throw Self.malformed }
        if let until = revocation.until, until <= service.seconds {
            throw HTTPError(.badRequest, message: "until is not in the future: nothing would be revoked")
        }
        return revocation
    }

    func revoke(_ revocation: Revocation) async throws {
        try await service.revoke(revocation)
        await record(revocation.change)
    }

    /// - Returns: whether anything of the target was revoked.
    func restore(_ target: Revocation.Target, by author: String) async throws -> Bool {
        // Another replica may have revoked it just now.
        try await service.readRevocations()
        let now = service.seconds
        let before = (service.revocations?.all ?? []).filter { $0.until.map { $0 > now } ?? true }
        try await service.restore(target, by: author)
        await record(target.restoration(by: author))
        let after = Set(service.revocations?.all ?? [])
        return before.contains { !after.contains($0) }
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
