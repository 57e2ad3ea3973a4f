import Hummingbird
import Kubernetes
import NIOCore

/// `Users` of SCIM 2.0 (RFC 7644), by which an identity provider tells who has left: somebody who is not
/// active, or deleted, is revoked for good; somebody active again is not, unless a person has revoked them.
///
/// Who asks shows the bearer token of ``SCIMSecret``.
struct SCIMRoutes: Sendable {
    static let contentType = "application/scim+json"
    private static let maximumBodyLength = 64 << 10

    let service: IdentityService
    let record: IdentityRoutes.Record
    private let secret: SCIMSecret

    init(
        service: IdentityService, api: any APIServer, namespace: String,
        record: @escaping IdentityRoutes.Record
    ) {
        self.service = service
        self.record = record
        secret = SCIMSecret(api, in: namespace)
    }

    func add(to router: Router<ClientContext>) {
        let routes = router.group("/scim/v2/Users")
        routes.get { request, _ in
            let users = try await admit(request)
            return Self.response(.ok, try await users.list(SCIMFilter.text(inQuery: request.uri.query)))
        }
        routes.post { request, _ in
            let users = try await admit(request)
            return Self.response(.created, try await users.create(try await body(of: request)))
        }
        routes.get("/:id") { request, context in
            let users = try await admit(request)
            return Self.response(.ok, try await users.read(Self.id(context)))
        }
        routes.put("/:id") { request, context in
            let users = try await admit(request)
            return Self.response(
                .ok, try await users.replace(Self.id(context), by: try await body(of: request)))
        }
        routes.patch("/:id") { request, context in
            let users = try await admit(request)
            return Self.response(
                .ok, try await users.change(Self.id(context), by: try await body(of: request)))
        }
        routes.delete("/:id") { request, context in
            try await admit(request).delete(Self.id(context))
            return Response(status: .noContent)
        }
    }

    private static func response(_ status: HTTPResponse.Status, _ json: JSON) -> Response {
        TokenRoutes.response(status, json, type: contentType)
    }

    private static func id(_ context: ClientContext) -> String { context.parameters.get("id") ?? "" }

    private func body(of request: Request) async throws -> JSON {
        let body = try await request.body.collect(upTo: Self.maximumBodyLength)
        guard let json = try? JSON(parsing: Array(body.readableBytesView)) else {
            throw SCIMFault(.invalidSyntax, "this is no JSON")
        }
        return json
    }

    // MARK: - Who asks

    /// - Returns: the users that who asks tells of.
    private func admit(_ request: Request) async throws(SCIMFault) -> SCIMUsers {
        let prefix = try await secret.subjectPrefix(showing: request.headers[.authorization] ?? "")
        return SCIMUsers(service: service, prefix: prefix, record: record)
    }
}
