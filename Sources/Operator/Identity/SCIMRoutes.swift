import Cryptography
import Hummingbird
import Identity
import Kubernetes
import NIOCore

/// `Users` of SCIM 2.0 (RFC 7644), by which an identity provider tells who has left: somebody who is not active, or
/// deleted, is revoked for good; somebody active again is not.
///
/// Who asks shows the bearer token of the Secret ``secretName``. Nothing is kept of a user but the revocation: the
/// identifier is the name.
struct SCIMRoutes: Sendable {
    /// With the keys `token` and, optionally, `subjectPrefix`: what stands before a `userName` in a subject's name.
    static let secretName = "weir-operator-scim"
    /// Shortest token, in bytes. Ours.
    private static let minimumTokenLength = 32
    private static let maximumBodyLength = 64 << 10
    private static let contentType = "application/scim+json"
    private static let userSchema = "urn:ietf:params:scim:schemas:core:2.0:User"
    private static let author = "scim"

    let service: IdentityService
    let api: any APIServer
    let namespace: String

    func add(to router: Router<ClientContext>) {
        let users = router.group("/scim/v2/Users")
        users.get { request, _ in
            let prefix = try await admit(request)
            return try list(request.uri.queryParameters["filter"].map(String.init), prefix)
        }
        users.post { request, _ in
            let prefix = try await admit(request)
            let json = try await body(of: request)
            guard let name = json["userName"]?.string, !name.isEmpty else { throw Self.malformed }
            if let isActive = Self.boolean(json["active"]) { try await set(name, prefix, isActive: isActive) }
            return TokenRoutes.response(.created, user(name, prefix), type: Self.contentType)
        }
        users.get("/:id") { request, context in
            let prefix = try await admit(request)
            return TokenRoutes.response(.ok, user(try name(context), prefix), type: Self.contentType)
        }
        users.put("/:id") { request, context in
            let (prefix, name) = (try await admit(request), try name(context))
            let json = try await body(of: request)
            try await set(name, prefix, isActive: Self.boolean(json["active"]) ?? true)
            return TokenRoutes.response(.ok, user(name, prefix), type: Self.contentType)
        }
        users.patch("/:id") { request, context in
            let (prefix, name) = (try await admit(request), try name(context))
            for operation in try await body(of: request)["Operations"]?.array ?? [] {
                guard let isActive = Self.activity(in: operation) else { continue }
                try await set(name, prefix, isActive: isActive)
            }
            return TokenRoutes.response(.ok, user(name, prefix), type: Self.contentType)
        }
        users.delete("/:id") { request, context in
            let (prefix, name) = (try await admit(request), try name(context))
            try await set(name, prefix, isActive: false)
            return Response(status: .noContent)
        }
    }

    private static let malformed = HTTPError(.badRequest, message: "this is no SCIM user or change of one")

    // MARK: - Who asks

    /// - Returns: what stands before a user's name in a subject's.
    private func admit(_ request: Request) async throws -> String {
        let secret: JSON
        do {
            let key = ObjectKey(namespace: namespace, name: Self.secretName)
            secret = try await api.answer(to: try .get(.secrets, key))
        } catch {
            throw HTTPError(.serviceUnavailable, message: "SCIM is not set up")
        }
        func value(_ key: String) -> [UInt8] {
            secret["data", key]?.string.flatMap { Base64.decode($0) } ?? []
        }
        let token = value("token")
        let shown = Array((request.headers[.authorization] ?? "").utf8)
        guard token.count >= Self.minimumTokenLength,
            ConstantTime.isEqual(shown, Array("Bearer ".utf8) + token)
        else { throw HTTPError(.unauthorized, message: "the token is refused") }
        return String(decoding: value("subjectPrefix"), as: UTF8.self)
    }

    // MARK: - Users

    private func name(_ context: ClientContext) throws -> String {
        guard let id = context.parameters.get("id"), let bytes = Base64URL.decode(id), !bytes.isEmpty,
            let name = String(validating: bytes, as: UTF8.self)
        else { throw HTTPError(.notFound, message: "there is no such user") }
        return name
    }

    private func isActive(_ name: String, _ prefix: String) -> Bool {
        let subject = Revocation.Target.subject(prefix + name)
        return
            !(service.revocations?.all.contains { $0.target == subject && $0.issuedBefore == nil } ?? false)
    }

    private func set(_ name: String, _ prefix: String, isActive: Bool) async throws {
        guard isActive != self.isActive(name, prefix) else { return }
        let target = Revocation.Target.subject(prefix + name)
        guard !isActive else { return try await service.restore(target) }
        try await service.revoke(
            Revocation(
                target, reason: "disabled by the identity provider", author: Self.author,
                time: service.seconds))
    }

    private func user(_ name: String, _ prefix: String) -> JSON {
        [
            "schemas": [.string(Self.userSchema)], "id": .string(Base64URL.encode(Array(name.utf8))),
            "userName": .string(name), "active": .bool(isActive(name, prefix)),
            "meta": ["resourceType": "User"],
        ]
    }

    /// Only `userName eq "…"` finds anybody: nobody is kept that could be listed.
    private func list(_ filter: String?, _ prefix: String) throws -> Response {
        var found: [JSON] = []
        if let filter {
            let start = #"userName eq ""#
            guard filter.lowercased().hasPrefix(start.lowercased()), filter.hasSuffix("\""),
                filter.count > start.count + 1
            else { throw HTTPError(.badRequest, message: "only userName eq is possible") }
            found = [user(String(filter.dropFirst(start.count).dropLast()), prefix)]
        }
        return TokenRoutes.response(
            .ok,
            [
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": .integer(Int64(found.count)), "startIndex": 1,
                "itemsPerPage": .integer(Int64(found.count)), "Resources": .array(found),
            ], type: Self.contentType)
    }

    private func body(of request: Request) async throws -> JSON {
        let body = try await request.body.collect(upTo: Self.maximumBodyLength)
        guard let json = try? JSON(parsing: Array(body.readableBytesView)) else { throw Self.malformed }
        return json
    }

    /// What an operation makes of `active`, by its path or within a whole value; `nil`: nothing.
    private static func activity(in operation: JSON) -> Bool? {
        guard ["replace", "add"].contains(operation["op"]?.string?.lowercased()) else { return nil }
        if operation["path"]?.string?.lowercased() == "active" { return boolean(operation["value"]) }
        return operation["path"] == nil ? boolean(operation["value", "active"]) : nil
    }

    /// Some providers send booleans as texts.
    private static func boolean(_ value: JSON?) -> Bool? {
        if let value = value?.bool { return value }
        return switch value?.string?.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }
}
