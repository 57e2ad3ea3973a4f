import API
import Identity
import Kubernetes
import Logging

/// The users of an identity provider. Nothing is kept of one but that it is disabled, and the name of who was renamed:
/// the identifier of others is their name.
struct SCIMUsers: Sendable {
    let service: IdentityService
    /// What stands before a `userName` in a subject's name.
    let prefix: String
    let record: IdentityRoutes.Record

    /// A `ListResponse` (RFC 7644, section 3.4.2): without a filter of nobody.
    func list(_ filter: String?) async throws -> JSON {
        var found: [JSON] = []
        if let filter {
            let name = try SCIMFilter(filter).userName
            if let id = try await names().id(of: name) { found.append(try user(id, name)) }
        }
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
        let isActive = try SCIMActivity.ofUser(json)
        _ = try subject(name)
        return try await set(try await id(of: name), name, isActive)
    }

    func read(_ id: String) async throws -> JSON { try user(id, try await name(id)) }

    func replace(_ id: String, by json: JSON) async throws -> JSON {
        let isActive = try SCIMActivity.ofUser(json)
        return try await set(id, isActive, renaming: try SCIMUserName.ofUser(json))
    }

    func change(_ id: String, by json: JSON) async throws -> JSON {
        let isActive = try SCIMActivity.afterPatch(json)
        return try await set(id, isActive, renaming: try SCIMUserName.afterPatch(json))
    }

    func delete(_ id: String) async throws {
        _ = try await set(id, try await name(id), false)
        try await changeNames { $0.remove(id) }
    }

    // MARK: - Names

    private var stored: StoredDocument {
        StoredDocument(SCIMNames.documentName, in: service.namespace, api: service.api)
    }

    private func names() async throws -> SCIMNames {
        do { return try SCIMNames(try await stored.read()) } catch {
            service.logger.warning("who was renamed is not read", metadata: ["error": "\(error)"])
            throw SCIMFault(.serviceUnavailable, "who was renamed cannot be read now")
        }
    }

    @discardableResult
    private func changeNames(
        _ body: @escaping @Sendable (inout SCIMNames) throws -> Void
    ) async throws -> SCIMNames {
        let document = try await stored.change { document in
            let known = try SCIMNames(document)
            var names = known
            try body(&names)
            return names == known ? nil : names.json
        }
        return try SCIMNames(document)
    }

    private func name(_ id: String) async throws -> String {
        guard let name = try await names().name(of: id) else {
            throw SCIMFault(.notFound, "there is no such user")
        }
        return name
    }

    /// Also of somebody new.
    private func id(of name: String) async throws -> String {
        if let id = try await names().id(of: name) { return id }
        guard let id = try await changeNames({ try $0.add(name) }).id(of: name) else {
            throw SCIMFault(.serviceUnavailable, "the user is not kept")
        }
        return id
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

    /// `name` is how the user is called from now on; `nil`: as before.
    private func set(_ id: String, _ isActive: Bool?, renaming name: String?) async throws -> JSON {
        let old = try await self.name(id)
        guard let name, !name.utf8.elementsEqual(old.utf8) else { return try await set(id, old, isActive) }
        let (subject, next) = (try self.subject(old), try self.subject(name))
        let isSpelling =
            Revocation.Target.subject(old).caseFolded == Revocation.Target.subject(name).caseFolded
        guard !isSpelling else { return try await set(id, name, isActive) }
        try await names().checkWhether(id, mayHave: name)
        // Before the name is kept: somebody may have left, whether or not there is room for it.
        do {
            let changes = try await service.rename(subject, to: next, isActive: isActive)
            await record("identity \(subject) renamed to \(next) by \(Revocation.identityProvider)")
            for change in changes { await record(change) }
        } catch let fault as IdentityService.RevocationFault {
            throw Self.fault(fault)
        }
        try await changeNames { try $0.rename(id, to: name) }
        return try await set(id, name, isActive)
    }

    /// - Returns: the user as it is then; `nil` changes nothing.
    private func set(_ id: String, _ name: String, _ isActive: Bool?) async throws -> JSON {
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
            throw Self.fault(fault)
        }
        return try user(id, name)
    }

    private static func fault(_ fault: IdentityService.RevocationFault) -> SCIMFault {
        switch fault {
        case .full: SCIMFault(.serviceUnavailable, "\(fault)")
        case .unreadable: SCIMFault(.invalidValue, "\(fault)")
        }
    }

    /// It is not active, either, while a person has revoked it.
    private func user(_ id: String, _ name: String) throws(SCIMFault) -> JSON {
        let subject = Subject(name: try subject(name), groups: [], proof: .token)
        guard let revocations = service.revocations else {
            throw SCIMFault(.serviceUnavailable, "revocations have not been read yet")
        }
        let isRevoked = revocations.isRevoked(subject, nil, at: service.seconds)
        return [
            "schemas": [.string(SCIMPath.userSchema)], "id": .string(id), "userName": .string(name),
            "active": .bool(!isRevoked), "meta": ["resourceType": "User"],
        ]
    }
}
