import API
import Cryptography
import Identity
import Kubernetes

/// The users of an identity provider. Nothing is kept of one but that it is disabled: its identifier is its
/// name.
struct SCIMUsers: Sendable {
    let service: IdentityService
    /// What stands before a `userName` in a subject's name.
    let prefix: String
    let record: IdentityRoutes.Record

    /// A `ListResponse` (RFC 7644, section 3.4.2): without a filter of nobody.
    func list(_ filter: String?) throws(SCIMFault) -> JSON {
        var found: [JSON] = []
        if let filter { found.append(try user(try SCIMFilter(filter).userName)) }
        return [
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": .integer(Int64(found.count)), "startIndex": 1,
            "itemsPerPage": .integer(Int64(found.count)), "Resources": .array(found),
        ]
    }

    func create(_ json: JSON) async throws -> JSON {
        guard let name = try json.object?.attribute("username")?.string else {
            throw SCIMFault(.invalidValue, "a user has a userName")
        }
        return try await set(name, try SCIMActivity.ofUser(json))
    }

    func read(_ id: String) throws(SCIMFault) -> JSON { try user(try name(id)) }

    func replace(_ id: String, by json: JSON) async throws -> JSON {
        try await set(try name(id), try SCIMActivity.ofUser(json))
    }

    func change(_ id: String, by json: JSON) async throws -> JSON {
        try await set(try name(id), try SCIMActivity.afterPatch(json))
    }

    func delete(_ id: String) async throws { _ = try await set(try name(id), false) }

    // MARK: - Names

    private func name(_ id: String) throws(SCIMFault) -> String {
        guard let bytes = Base64URL.decode(id), !bytes.isEmpty,
            let name = String(validating: bytes, as: UTF8.self)
        else { throw SCIMFault(.notFound, "there is no such user") }
        return name
    }

    private func subject(_ name: String) throws(SCIMFault) -> String {
        let subject = prefix + name
        guard !name.isEmpty, subject.utf8.count <= Revocation.maximumTextLength else {
            throw SCIMFault(
                .invalidValue,
                "a userName has from 1 to \(Revocation.maximumTextLength - prefix.utf8.count) bytes")
        }
        return subject
    }

    // MARK: - Users

    /// - Returns: the user as it is then; `nil` changes nothing.
    private func set(_ name: String, _ isActive: Bool?) async throws -> JSON {
        let subject = try subject(name)
        do {
            switch isActive {
            case .some(true):
                if try await service.enable(subject) {
                    await record(
                        Revocation.Target.subject(subject).restoration(by: Revocation.identityProvider))
                }
            case .some(false):
                if let revocation = try await service.disable(subject) { await record(revocation.change) }
            case .none: break
            }
        } catch let fault as IdentityService.RevocationFault {
            switch fault {
            case .full: throw SCIMFault(.serviceUnavailable, "\(fault)")
            case .unreadable: throw SCIMFault(.invalidValue, "\(fault)")
            }
        }
        return try user(name)
    }

    /// It is not active, either, while a person has revoked it.
    private func user(_ name: String) throws(SCIMFault) -> JSON {
        let subject = Subject(name: try subject(name), groups: [], proof: .token)
        guard let revocations = service.revocations else {
            throw SCIMFault(.serviceUnavailable, "revocations have not been read yet")
        }
        let isRevoked = revocations.isRevoked(subject, nil, at: service.seconds)
        return [
            "schemas": [.string(SCIMPath.userSchema)], "id": .string(Base64URL.encode(Array(name.utf8))),
            "userName": .string(name), "active": .bool(!isRevoked), "meta": ["resourceType": "User"],
        ]
    }
}
