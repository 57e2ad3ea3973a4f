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
            await service.take(uses, of: connections)
            return Response(status: .noContent)
        }
    }
}
