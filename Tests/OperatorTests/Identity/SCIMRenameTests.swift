import Cryptography
import Kubernetes
import Testing

@testable import Identity
@testable import Operator

/// Users whom an identity provider gives another name: it tells of them by the identifier it has.
struct SCIMRenameTests {
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

    private func patch(_ path: String, _ value: JSON) -> JSON {
        ["Operations": [["op": "Replace", "path": .string(path), "value": value]]]
    }

    /// `granted`, or why not.
    private func words(_ result: Result<String, TokenExchange.Refusal>) -> String {
        switch result {
        case .success: "granted"
        case .failure(let refusal): refusal.description
        }
    }

    private func exchange(_ name: String) async throws -> String {
        words(await play.exchange(try play.token(name), at: service))
    }

    private let revoked = "\(TokenFault.revoked)"

    private func found(_ name: String) async throws -> JSON? {
        try await users.list(#"userName eq "\#(name)""#)["Resources"]?.array?.first
    }

    @Test(arguments: [true, false])
    func `who is disabled after a new name is out by it, and nobody is in by the old one`(
        isPatched: Bool
    ) async throws {
        let grant = try await play.exchange(try play.token("ann"), at: service).get()
        let user =
            isPatched
            ? try await users.change(id("ann"), by: patch("userName", "anna"))
            : try await users.replace(id("ann"), by: ["userName": "anna", "active": true])
        #expect(user["id"]?.string == id("ann"))
        #expect(user["userName"] == "anna")
        #expect(user["active"] == true)
        #expect(try await found("anna") == user)
        #expect(try await exchange("anna") == "granted")
        #expect(try await exchange("ann") == revoked)
        #expect(try play.verify(grant, by: service) == .failure(.revoked))
        // As any replica says.
        let other = SCIMUsers(service: play.service(), prefix: "oidc:", record: { _ in })
        let left = try await other.change(id("ann"), by: patch("active", "False"))
        #expect(left["userName"] == "anna")
        #expect(left["active"] == false)
        await service.look()
        #expect(try await exchange("anna") == revoked)
        #expect(try await users.change(id("ann"), by: patch("active", true))["active"] == true)
        #expect(try await exchange("anna") == "granted")
        #expect(try await exchange("ann") == revoked)
    }

    @Test func `a new name is said and somebody disabled at once`() async throws {
        _ = try await users.replace(id("ann"), by: ["userName": "anna", "active": false])
        #expect(try await exchange("ann") == revoked)
        #expect(try await exchange("anna") == revoked)
    }

    @Test func `who is disabled still is by a new name, and by one after it`() async throws {
        _ = try await users.change(id("ann"), by: patch("active", false))
        for name in ["anna", "anne"] {
            let user = try await users.change(id("ann"), by: patch("userName", .string(name)))
            #expect(user["active"] == false)
            #expect(try await exchange(name) == revoked)
        }
    }

    @Test func `what a person has revoked goes with the name, and stays`() async throws {
        try await service.revoke(
            Revocation(.subject("oidc:ann"), reason: "laptop stolen", author: "ana", time: play.now))
        let user = try await users.replace(id("ann"), by: ["userName": "anna", "active": true])
        #expect(user["active"] == false)
        #expect(try await exchange("anna") == revoked)
        try await service.restore(.subject("oidc:anna"), by: "ana")
        #expect(try await exchange("anna") == "granted")
    }

    @Test func `a revocation that holds longer is not shortened`() async throws {
        let ends: [(name: String, until: Int64?)] = [("ann", play.now + 60), ("anna", nil)]
        for (name, until) in ends {
            try await service.revoke(
                Revocation(
                    .subject("oidc:" + name), until: until, reason: "", author: "ana", time: play.now))
        }
        _ = try await users.change(id("ann"), by: patch("userName", "anna"))
        play.wait(60)
        await service.look()
        #expect(try await exchange("anna") == revoked)
    }

    @Test func `somebody new has a name that was given up, and is another user`() async throws {
        let earlier = try play.token("ann")
        play.wait(60)
        _ = try await users.change(id("ann"), by: patch("userName", "anna"))
        #expect(try await found("ann") == nil)
        let newcomer = try await users.create(["userName": "ann", "active": true])
        #expect(newcomer["active"] == true)
        let newID = try #require(newcomer["id"]?.string)
        #expect(newID != id("ann"))
        #expect(try await found("ann") == newcomer)
        #expect(try await exchange("ann") == "granted")
        // What whoever had the name before was given by it, however often the newcomer comes and goes.
        for isActive in [true, false, true] {
            _ = try await users.change(newID, by: patch("active", .bool(isActive)))
            #expect(words(await play.exchange(earlier, at: service)) == revoked)
        }
        #expect(try await exchange("ann") == "granted")
        try await users.delete(newID)
        #expect(try await exchange("ann") == revoked)
        #expect(try await exchange("anna") == "granted")
        #expect(try await users.read(id("ann"))["userName"] == "anna")
    }

    @Test func `who left by a name that was given up stays out by the next`() async throws {
        _ = try await users.change(id("ann"), by: patch("userName", "anna"))
        let newcomer = try await users.create(["userName": "ann", "active": false])
        let newID = try #require(newcomer["id"]?.string)
        #expect(try await users.change(newID, by: patch("userName", "hannah"))["active"] == false)
        #expect(try await exchange("hannah") == revoked)
    }

    @Test func `who is disabled stays so by a name that was given up`() async throws {
        _ = try await users.change(id("ann"), by: patch("active", false))
        _ = try await users.change(id("bob"), by: patch("userName", "bobby"))
        for name in ["bob", "rob"] {
            let user = try await users.change(id("ann"), by: patch("userName", .string(name)))
            #expect(user["active"] == false)
            #expect(try await exchange(name) == revoked)
        }
        #expect(try await exchange("bobby") == "granted")
    }

    @Test func `another spelling is the same user`() async throws {
        let user = try await users.change(id("Ann"), by: patch("userName", "ann"))
        #expect(user["userName"] == "ann")
        #expect(user["active"] == true)
        #expect(try await exchange("Ann") == "granted")
        let left = try await users.replace(id("Ann"), by: ["userName": "ann", "active": false])
        #expect(left["active"] == false)
        #expect(try await exchange("ANN") == revoked)
        #expect(service.revocations?.count == 1)
    }

    @Test func `a name comes back to whom it was`() async throws {
        _ = try await users.change(id("ann"), by: patch("userName", "anna"))
        let user = try await users.change(id("ann"), by: patch("userName", "ann"))
        #expect(user["userName"] == "ann")
        #expect(user["active"] == true)
        #expect(try await exchange("ann") == "granted")
        #expect(try await exchange("anna") == revoked)
    }

    @Test func `two users do not have one name`() async throws {
        _ = try await users.change(id("ann"), by: patch("userName", "anna"))
        let fault = await #expect(throws: SCIMFault.self) {
            _ = try await users.change(id("bob"), by: patch("userName", "Anna"))
        }
        #expect(fault?.code == .conflict)
        #expect(fault?.kind == .uniqueness)
        #expect(try await exchange("bob") == "granted")
        // It was the identifier of that name before.
        let stranger = await #expect(throws: SCIMFault.self) { _ = try await users.read(id("anna")) }
        #expect(stranger?.code == .notFound)
    }

    @Test func `what names nobody changes nothing`() async throws {
        for value: JSON in ["", 7, .string(String(repeating: "y", count: 1024))] {
            let fault = await #expect(throws: SCIMFault.self) {
                _ = try await users.replace(id("ann"), by: ["userName": value, "active": false])
            }
            #expect(fault?.kind == .invalidValue)
        }
        let removal: JSON = ["Operations": [["op": "remove", "path": "userName"]]]
        await #expect(throws: SCIMFault.self) { _ = try await users.change(id("ann"), by: removal) }
        #expect(try await exchange("ann") == "granted")
    }

    @Test func `a new name is recorded, and what comes of it`() async throws {
        _ = try await users.replace(id("ann"), by: ["userName": "anna", "active": false])
        #expect(
            record.lines == [
                "identity oidc:ann renamed to oidc:anna by scim",
                "identity oidc:anna revoked by scim: disabled by the identity provider",
                "identity oidc:ann revoked by scim: given up for another name, says the identity provider",
            ])
    }

    @Test func `names that cannot be read are not taken for none`() async throws {
        try await play.cluster.create(
            .configMaps,
            [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": ["name": .string(SCIMNames.documentName), "namespace": "weir-system"],
                "data": ["document.json": "[]"],
            ])
        let fault = await #expect(throws: SCIMFault.self) {
            _ = try await users.change(id("ann"), by: patch("active", false))
        }
        #expect(fault?.code == .serviceUnavailable)
    }
}
