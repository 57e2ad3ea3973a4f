import API
import Testing
import WireProtocols

@testable import Session

/// What the gateway's own role of the database may do is known before a session begins, and told.
struct DatabaseRoleTests {
    private static let excessive: [[String?]] = [
        ["role", "app", nil, nil], ["attribute", "SUPERUSER", nil, nil],
        ["attribute", "REPLICATION", nil, nil],
        ["membership", "pg_read_all_data", nil, nil], ["schema", "public", nil, nil],
        ["database", "clinic", nil, nil],
        ["owned", "public", "patients", "id"], ["owned", "public", "patients", "ssn"],
        ["owned", "public", "rooms", "id"],
    ]

    private static let phrases = [
        "SUPERUSER", "REPLICATION", "member of pg_read_all_data", "CREATE in database clinic",
        "CREATE in schema public", "owner of public.patients",
    ]

    private func roles(_ conversation: Conversation) -> [DatabaseRoleRead] {
        conversation.records.compactMap { if case .databaseRole(let read) = $0 { read } else { nil } }
    }

    private func tellings(_ conversation: Conversation) -> [[String]] {
        conversation.requests.compactMap {
            if case .tellRole(let read) = $0 { read.excessPrivileges } else { nil }
        }
    }

    @Test func `privileges beyond what is needed are recorded and told before the session begins`() throws {
        let conversation = try Conversation()
        conversation.server.role = Self.excessive
        #expect(try conversation.logIn().lines.last == "Z I")
        #expect(
            roles(conversation) == [
                DatabaseRoleRead(
                    connection: "default/clinic", database: "clinic", role: "app",
                    excessPrivileges: Self.phrases)
            ])
        #expect(tellings(conversation) == [Self.phrases])
        guard case .databaseRole? = conversation.records.first else {
            Issue.record("the session began before the role was known")
            return
        }
    }

    @Test func `a role with nothing beyond is recorded and not warned of`() throws {
        let conversation = try Conversation()
        _ = try conversation.logIn()
        #expect(roles(conversation).map(\.excessPrivileges) == [[]])
        #expect(tellings(conversation).isEmpty)
    }

    @Test func `the next session asks again only after a while, and tells only what is new`() throws {
        let first = try Conversation()
        first.server.role = Self.excessive
        _ = try first.logIn()
        let second = try Conversation(joining: first)
        second.server.role = Self.excessive
        _ = try second.logIn()
        #expect(second.server.roleQuestionCount == 0)
        let third = try Conversation(joining: first, at: 1_000_000 + PostgreSQLSession.roleFreshness)
        third.server.role = Self.excessive
        _ = try third.logIn()
        #expect(third.server.roleQuestionCount == 1)
        #expect(roles(third).isEmpty && tellings(third).isEmpty)
        let fourth = try Conversation(joining: first, at: 1_000_000 + 2 * PostgreSQLSession.roleFreshness)
        _ = try fourth.logIn()
        #expect(roles(fourth).map(\.excessPrivileges) == [[]])
        #expect(tellings(fourth) == [[]])
    }

    @Test(arguments: [1, 7, 100_000])
    func `any chunking of the answer says the same`(chunk: Int) throws {
        let conversation = try Conversation()
        conversation.chunk = chunk
        conversation.server.role = Self.excessive
        _ = try conversation.logIn()
        #expect(roles(conversation).map(\.excessPrivileges) == [Self.phrases])
        #expect(try conversation.query("SELECT id FROM patients WHERE ssn = 'x'").lines.first == "E 42501")
    }

    private static let refusing = Conversation.manifests.replacing(
        "tls: {mode: Disable}}", with: "tls: {mode: Disable}, role: {excessPrivileges: Refuse}}")

    @Test func `a connection may refuse sessions whose role may do too much`() throws {
        let conversation = try Conversation(Self.refusing)
        conversation.server.role = Self.excessive
        #expect(try conversation.logIn().lines.last == "E 08004")
        #expect(roles(conversation).map(\.excessPrivileges) == [Self.phrases])
    }

    @Test func `and those whose role is not known`() throws {
        let conversation = try Conversation(Self.refusing)
        conversation.server.role = nil
        #expect(try conversation.logIn().lines.last == "E 08004")
        #expect(conversation.requests.contains(.warnRoleUnreadable(sqlState: "57014")))
        let clean = try Conversation(Self.refusing)
        #expect(try clean.logIn().lines.last == "Z I")
    }

    @Test func `a role that cannot be read refuses nothing otherwise`() throws {
        let conversation = try Conversation()
        conversation.server.role = nil
        #expect(try conversation.logIn().lines.last == "Z I")
        #expect(roles(conversation).isEmpty)
    }

    @Test func `replication is needed where the connection allows it`() throws {
        let conversation = try Conversation(
            Conversation.manifests.replacing(
                "  podSelector:", with: "  session: {replication: Allow}\n  podSelector:"))
        conversation.server.role = Self.excessive
        _ = try conversation.logIn()
        #expect(roles(conversation).map { $0.excessPrivileges.contains("REPLICATION") } == [false])
    }
}
