import Cryptography
import Hummingbird
import Identity
import Kubernetes
import NIOCore

/// `POST /v1/identity-uses`: gateways tell whom sessions were opened for by tokens of their own.
struct IdentityUseRoutes: Sendable {
    let service: IdentityService
    /// The connections, `NAMESPACE/NAME`, of the gateway that asks.
    /// - Throws: 401, 403, and 503 while it cannot be said.
    let connections: @Sendable (Request) async throws -> Set<String>

    func add(to router: Router<ClientContext>) {
        router.post("/v1/identity-uses") { request, _ in
            let connections = try await connections(request)
            let body = try await request.body.collect(upTo: IdentityUses.maximumLength)
            let limits = JSON.Limits(length: IdentityUses.maximumLength)
            guard let json = try? JSON(parsing: Array(body.readableBytesView), limits: limits),
                let uses = IdentityUses(json)
            else { throw HTTPError(.badRequest, message: "this is no report of uses") }
            await service.take(uses, of: connections, by: Self.gateway(request.headers[.authorization] ?? ""))
            return Response(status: .noContent)
        }
    }

    /// Names the gateway whose token has been judged, also when it has another: a digest of the UID of the pod that the
    /// token names (a claim of Kubernetes' own, `kubernetes.io`), or of the token where it names none.
    static func gateway(_ authorization: String) -> String {
        let parts = authorization.split(separator: ".", omittingEmptySubsequences: false)
        let claims = parts.count == 3 ? Base64URL.decode(parts[1]).flatMap { try? JSON(parsing: $0) } : nil
        let name = claims?["kubernetes.io", "pod", "uid"]?.string ?? authorization
        return Hexadecimal.encode(Array(SHA256.digest(of: Array(name.utf8)).prefix(8)))
    }
}
