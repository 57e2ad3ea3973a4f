import Cryptography
import Kubernetes
import Testing

@testable import API
@testable import Identity
@testable import Operator

/// What an identity provider says, and who is given grants then.
struct SCIMUsersTests {
    private let play: IdentityPlay
    private let service: IdentityService
    private let users: SCIMUsers
    private let record = PlayedRecord()

    init() async throws {
        play = try await IdentityPlay()
        service = play.service()
        users = SCIMUsers(service: service, prefix: "oidc:", record: { [record] in record.take($0) })
        await service.look()
    }

    private func id(_ name: String) -> String { Base64URL.encode(Array(name.utf8)) }

    private func patch(_ value: JSON) -> JSON {
        ["Operations": [["op": "replace", "path": "active", "value": value]]]
    }

    /// `granted`, or why not.
    private func exchange(_ name: String) async throws -> String {
        switch await play.exchange(try play.token(name), at: service) {
        case .success: "granted"
        case .failure(let refusal): refusal.description
        }
    }

    private let revoked = "\(TokenFault.revoked)"

    private func fault(_ body: () async throws -> Void) async -> SCIMFault? {
        await #expect(throws: SCIMFault.self) { try await body() }
    }

    /// A person's, for good or until a time.
    private func revoke(_ name: String, until: Int64? = nil) async throws {
        try await service.revoke(
            Revocation(
                .subject("oidc:" + name), until: until, reason: "laptop stolen", author: "ana", time: play.now
            ))
    }

    // MARK: - Names

    @Test func `a name that is too long is refused, and shuts nobody out`() async throws {
        let longest = String(repeating: "y", count: 1024 - "oidc:".utf8.count)
        let longer = longest + "y"
        #expect(try await users.create(["userName": .string(longest), "active": false])["active"] == false)
        let faults = [
            await fault { _ = try await users.create(["userName": .string(longer), "active": false]) },
            await fault { _ = try await users.create(["userName": .string(longer)]) },
            await fault { _ = try await users.create(["userName": "", "active": false]) },
            await fault { _ = try await users.replace(id(longer), by: ["active": false]) },
            await fault { _ = try await users.change(id(longer), by: patch(false)) },
            await fault { try await users.delete(id(longer)) },
            await fault { _ = try await users.list(#"userName eq "\#(longer)""#) },
        ]
        for fault in faults { #expect(fault?.kind == .invalidValue) }
        await service.look()
        #expect(try await exchange("ann") == "granted")
        try await revoke("eve")
        let other = play.service()
        await other.look()
        #expect(other.revocations?.count == 2)
    }

    @Test func `what could not be read again is not kept`() async throws {
        let subject = Revocation.Target.subject(String(repeating: "y", count: 1025))
        await #expect(throws: IdentityService.RevocationFault.unreadable) {
            try await service.revoke(Revocation(subject, reason: "", author: "ana", time: play.now))
        }
        await service.look()
        #expect(service.revocations?.count == 0)
        #expect(try await exchange("ann") == "granted")
    }

    @Test func `no more is kept than a ConfigMap holds`() async throws {
        func revocation(_ number: Int) -> Revocation {
            Revocation(
                .subject("s\(number)"), reason: String(repeating: "x", count: 1024), author: "ana", time: 1)
        }
        var list = RevocationList()
        let count = RevocationList.maximumLength / (revocation(1000).json.rendered.count + 1)
        for number in 1000..<(1000 + count) { _ = list.insert(revocation(number)) }
        try await play.cluster.create(
            .configMaps,
            [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": ["name": "weir-revocations", "namespace": "weir-system"],
                "data": ["document.json": .string(list.json.description)],
            ])
        await service.look()
        await #expect(throws: IdentityService.RevocationFault.full) {
            try await service.revoke(revocation(1000 + count))
        }
        #expect(service.revocations?.count == count)
        try await service.restore(.subject("s1000"), by: "ana")
        try await service.revoke(revocation(1000 + count))
        #expect(service.revocations?.count == count)
    }

    @Test func `an identifier that is none is nobody's`() async throws {
        for id in ["", "YQ==", "%00", "_w"] {
            #expect(await fault { _ = try await users.read(id) }?.code == .notFound)
            #expect(await fault { try await users.delete(id) }?.code == .notFound)
        }
    }

    @Test func `a user is revoked in whatever case the token spells the name`() async throws {
        let grant = try await play.exchange(try play.token("Ann@Clinic.example"), at: service).get()
        let found = try await users.list(#"userName eq "ann@clinic.example""#)["Resources"]?.array?.first
        let id = try #require(found?["id"]?.string)
        #expect(try await users.change(id, by: patch(false))["active"] == false)
        #expect(try await exchange("Ann@Clinic.example") == revoked)
        #expect(try play.verify(grant, by: service) == .failure(.revoked))
        #expect(try await users.read(self.id("ANN@CLINIC.EXAMPLE"))["active"] == false)
        // Said again, it is the same user's.
        #expect(
            try await users.replace(self.id("ANN@clinic.example"), by: ["active": false])["active"] == false)
        #expect(service.revocations?.count == 1)
        #expect(
            try await users.replace(self.id("Ann@clinic.example"), by: ["active": true])["active"] == true)
        #expect(try await exchange("Ann@Clinic.example") == "granted")
    }

    // MARK: - What changes nothing

    @Test func `what says nothing of active changes nothing`() async throws {
        let messages: [JSON] = [["displayName": "Ann"], ["userName": "ann", "name": ["givenName": "Ann"]]]
        let operation: JSON = ["op": "replace", "path": "displayName", "value": "Ann"]
        for isActive in [true, false] {
            #expect(
                try await users.replace(id("ann"), by: ["active": .bool(isActive)])["active"]
                    == .bool(isActive))
            for message in messages {
                #expect(try await users.replace(id("ann"), by: message)["active"] == .bool(isActive))
            }
            #expect(
                try await users.change(id("ann"), by: ["Operations": [operation]])["active"]
                    == .bool(isActive))
            #expect(try await users.create(["userName": "ann"])["active"] == .bool(isActive))
            #expect(try await exchange("ann") == (isActive ? "granted" : revoked))
        }
    }

    @Test func `what is refused changes nothing`() async throws {
        try await users.delete(id("ann"))
        for value: JSON in [.null, 0, "disabled", [], 1] {
            #expect(await fault { _ = try await users.replace(id("ann"), by: ["active": value]) } != nil)
            #expect(await fault { _ = try await users.change(id("ann"), by: patch(value)) } != nil)
        }
        #expect(try await exchange("ann") == revoked)
        let half: JSON = [
            "Operations": [["op": "replace", "path": "active", "value": true], ["op": "nonsense"]]
        ]
        #expect(await fault { _ = try await users.change(id("ann"), by: half) }?.kind == .invalidSyntax)
        #expect(try await exchange("ann") == revoked)
    }

    @Test func `what is said again is not written again`() async throws {
        try await users.delete(id("ann"))
        let changes = service.revocationChanges
        try await users.delete(id("ann"))
        _ = try await users.replace(id("ann"), by: ["active": false])
        _ = try await users.replace(id("bob"), by: ["active": true])
        #expect(service.revocationChanges == changes)
    }

    // MARK: - People beside it

    @Test func `what a person has revoked an identity provider does not restore`() async throws {
        try await revoke("ann")
        #expect(try await users.replace(id("ann"), by: ["displayName": "Ann"])["active"] == false)
        #expect(try await users.change(id("ann"), by: patch(true))["active"] == false)
        #expect(try await users.change(id("ann"), by: patch(false))["active"] == false)
        #expect(try await users.change(id("ann"), by: patch(true))["active"] == false)
        #expect(try await exchange("ann") == revoked)
        try await service.restore(.subject("oidc:ann"), by: "ana")
        #expect(try await users.read(id("ann"))["active"] == true)
        #expect(try await exchange("ann") == "granted")
    }

    @Test(arguments: [true, false])
    func `who is disabled stays so when a person's revocation ends`(isDisabledFirst: Bool) async throws {
        if isDisabledFirst { try await users.delete(id("ann")) }
        try await revoke("ann", until: play.now + 60)
        if !isDisabledFirst { try await users.delete(id("ann")) }
        play.wait(60)
        await service.look()
        #expect(try await exchange("ann") == revoked)
        #expect(try await users.change(id("ann"), by: patch(true))["active"] == true)
        #expect(try await exchange("ann") == "granted")
    }

    @Test func `what a provider has revoked and restored is recorded, each once`() async throws {
        for _ in 0..<2 { _ = try await users.change(id("ann"), by: patch(false)) }
        for _ in 0..<2 { _ = try await users.change(id("ann"), by: patch(true)) }
        try await users.delete(id("ann"))
        let revoked = "identity oidc:ann revoked by scim: disabled by the identity provider"
        #expect(record.lines == [revoked, "identity oidc:ann restored by scim", revoked])
    }

    // MARK: - Replicas

    @Test func `what another replica has restored is revoked again`() async throws {
        let other = play.service()
        try await users.delete(id("ann"))
        try await other.readRevocations()
        try await other.enable("oidc:ann")
        // This one has not looked since.
        #expect(try await users.read(id("ann"))["active"] == false)
        #expect(try await users.change(id("ann"), by: patch(false))["active"] == false)
        try await other.readRevocations()
        #expect(other.revocations?.isDisabled("oidc:ann") == true)
    }

    @Test func `what another replica has revoked is restored`() async throws {
        let other = play.service()
        try await other.disable("oidc:ann")
        // This one has not looked since.
        #expect(service.revocations?.isDisabled("oidc:ann") == false)
        #expect(try await users.change(id("ann"), by: patch(true))["active"] == true)
        try await other.readRevocations()
        #expect(other.revocations?.isDisabled("oidc:ann") == false)
    }

    @Test func `whether somebody is active is not told before it is known`() async throws {
        let early = SCIMUsers(service: play.service(), prefix: "oidc:", record: { _ in })
        #expect(await fault { _ = try await early.read(id("ann")) }?.code == .serviceUnavailable)
        // What disables somebody does not wait.
        #expect(try await early.change(id("ann"), by: patch(false))["active"] == false)
        await service.look()
        #expect(try await exchange("ann") == revoked)
    }

    // MARK: - Refusals

    @Test func `a refusal is told as SCIM tells it`() {
        #expect(
            SCIMFault(.invalidValue, "why").json == [
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400",
                "scimType": "invalidValue", "detail": "why",
            ])
        #expect(SCIMFault(.notFound, "why").json["scimType"] == nil)
    }
}
