import API
import Testing
import WireProtocols

@testable import Session

struct QueryTests {
    /// A clinic with two statements to ask.
    private func conversation() throws -> Conversation {
        let conversation = try Conversation()
        conversation.server.answers = [
            "SELECT id, name FROM patients": .init(
                columns: [("id", Conversation.id), ("name", Conversation.name)],
                rows: [["1", "Ada"], ["2", nil]],
                tag: "SELECT 2"),
            "SELECT id FROM rooms": .init(
                columns: [("id", ColumnType(table: 20001, attribute: 1, type: 23))], rows: [["7"]],
                tag: "SELECT 1"),
            "CREATE TABLE wards (id int)": .init(tag: "CREATE TABLE"),
            "BEGIN": .init(tag: "BEGIN", status: .inTransaction),
            "ROLLBACK": .init(tag: "ROLLBACK", status: .idle),
        ]
        _ = try conversation.logIn()
        return conversation
    }

    @Test func `a governed column is masked and NULL stays NULL`() throws {
        let conversation = try conversation()
        #expect(
            try conversation.query("SELECT id, name FROM patients").lines
                == ["T id name", "D 1|[redacted]", "D 2|NULL", "C SELECT 2", "Z I"])
    }

    @Test func `a table without governed columns passes as it is`() throws {
        let conversation = try conversation()
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["T id", "D 7", "C SELECT 1", "Z I"])
    }

    @Test func `rows are settled anew for each description and configuration`() throws {
        let conversation = try conversation()
        let text = "SELECT id, name FROM patients"
        let masked = ["T id name", "D 1|[redacted]", "D 2|NULL", "C SELECT 2", "Z I"]
        for _ in 0..<2 { #expect(try conversation.query(text).lines == masked) }
        conversation.server.answers[text] = .init(
            columns: [("name", Conversation.name), ("name", Conversation.name)], rows: [["Ada", "Ada"]],
            tag: "SELECT 1")
        #expect(
            try conversation.query(text).lines
                == ["T name name", "D [redacted]|[redacted]", "C SELECT 1", "Z I"])
        conversation.server.answers[text] = .init(
            columns: [("id", Conversation.id), ("name", Conversation.name)], rows: [["1", "Ada"]],
            tag: "SELECT 1")
        try conversation.configure(
            Conversation.manifests.replacing(
                "action: {type: Redact}",
                with: #"action: {type: Partial, partial: {keepLast: 1, maskCharacter: "*"}}"#))
        #expect(
            try conversation.query(text).lines == ["T id name", "D 1|**a", "C SELECT 1", "Z I"])
        try conversation.configure(
            Conversation.manifests.replacing("columns: [name, ssn]", with: "columns: [ssn]"))
        #expect(
            try conversation.query(text).lines == ["T id name", "D 1|Ada", "C SELECT 1", "Z I"])
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64])
    func `chunk size does not change what the client sees`(chunk: Int) throws {
        let conversation = try conversation()
        conversation.chunk = chunk
        #expect(
            try conversation.query("SELECT id, name FROM patients").lines
                == ["T id name", "D 1|[redacted]", "D 2|NULL", "C SELECT 2", "Z I"])
    }

    @Test func `a refused statement never reaches the database and the session goes on`() throws {
        let conversation = try conversation()
        #expect(try conversation.query("DROP TABLE rooms").lines == ["E 42501", "Z I"])
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["T id", "D 7", "C SELECT 1", "Z I"])
        #expect(conversation.server.statements == ["SELECT id FROM rooms"])
    }

    @Test func `a refused statement fails its transaction as any error does`() throws {
        let conversation = try conversation()
        #expect(try conversation.query("BEGIN").lines == ["C BEGIN", "Z T"])
        let refused = try conversation.query("DELETE FROM rooms")
        #expect(refused.lines.first == "E 42501")
        #expect(try conversation.query("ROLLBACK").lines == ["C ROLLBACK", "Z I"])
    }

    @Test func `other sessions ask whether the catalogue changed after a statement that may have changed it`()
        throws
    {
        let conversation = try conversation()
        _ = try conversation.query("SELECT id FROM rooms")
        #expect(try conversation.query("CREATE TABLE wards (id int)").lines == ["C CREATE TABLE", "Z I"])
        #expect(conversation.environment.catalogue(at: Conversation.place).checkedAt == 0)
    }

    @Test func `a question that failed does not stand in the way of the next`() throws {
        let conversation = try conversation()
        conversation.server.failingQuestions = 2
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["T id", "D 7", "C SELECT 1", "Z I"])
    }

    @Test func `a question that fails again and again fails the statement that needs its answer`() throws {
        let conversation = try conversation()
        conversation.server.failingQuestions = 3
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["E 58000", "Z I"])
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["T id", "D 7", "C SELECT 1", "Z I"])
    }

    @Test func `a name the database does not know either is told in the database's words`() throws {
        let conversation = try conversation()
        conversation.server.answers["SELECT nothing()"] = .init(
            error: DiagnosticFields(.error, sqlState: "42883", message: "function nothing() does not exist"))
        #expect(try conversation.query("SELECT nothing()").lines == ["E 42883", "Z I"])
        #expect(conversation.server.statements.isEmpty)
    }

    @Test func `a policy in dry run masks nothing and the record tells what it would have masked`() throws {
        let enforced = "metadata: {name: patients, namespace: default}\nspec:"
        #expect(Conversation.manifests.contains(enforced))
        let conversation = try Conversation(
            Conversation.manifests.replacing(enforced, with: enforced + "\n  mode: DryRun"))
        conversation.server.answers["SELECT id, name FROM patients"] = .init(
            columns: [("id", Conversation.id), ("name", Conversation.name)], rows: [["1", "Ada"]],
            tag: "SELECT 1")
        _ = try conversation.logIn()
        #expect(
            try conversation.query("SELECT id, name FROM patients").lines
                == ["T id name", "D 1|Ada", "C SELECT 1", "Z I"])
        let masks = conversation.records.compactMap { body in
            if case .statement(let intent) = body { intent.summary.masks } else { nil }
        }
        #expect(masks == [["dry-run public.patients.name=Redact"]])
    }

    @Test func `in dry run what cannot be judged is left to the database and its literals are not recorded`()
        throws
    {
        let conversation = try Conversation(
            Conversation.manifests.replacing("spec:\n  targets", with: "spec:\n  mode: DryRun\n  targets"))
        conversation.server.answers["SELECT id FROM NEW SYNTAX 'Ada'"] = .init(
            columns: [("id", Conversation.id)], rows: [["1"]], tag: "SELECT 1")
        conversation.server.answers["FETCH made_by_a_function"] = .init(
            columns: [("id", Conversation.id)], rows: [["2"]], tag: "FETCH 1")
        _ = try conversation.logIn()
        #expect(
            try conversation.query("SELECT id FROM NEW SYNTAX 'Ada'").lines
                == ["T id", "D 1", "C SELECT 1", "Z I"])
        #expect(
            try conversation.query("FETCH made_by_a_function").lines == ["T id", "D 2", "C FETCH 1", "Z I"])
        let intents = conversation.records.compactMap { body in
            if case .statement(let intent) = body { intent } else { nil }
        }
        #expect(intents.map(\.verdict) == [.allow, .allow])
        // What is not understood may do anything, and matches every rule.
        #expect(intents.map(\.rule) == Array(repeating: "dry-run ApprovalRule/no-destruction", count: 2))
        #expect(!String(decoding: intents[0].text, as: UTF8.self).contains("Ada"))
    }

    @Test func `every statement is recorded before it is forwarded`() throws {
        let conversation = try conversation()
        var bytes: [UInt8] = []
        Query.write("SELECT id FROM rooms".utf8, to: &bytes)
        _ = try conversation.query("SELECT id FROM rooms")
        conversation.session.receive(client: bytes.span, at: 1_000_001)
        #expect(!conversation.session.output.toServer.isEmpty)
        guard case .statement(let intent)? = conversation.session.output.records.last?.body else {
            Issue.record("forwarded without an intent")
            return
        }
        #expect(String(decoding: intent.text, as: UTF8.self) == "SELECT id FROM rooms")
        #expect(intent.verdict == .allow)
    }

    @Test func `a condition over a governed column is refused and its literal is not recorded`() throws {
        let conversation = try conversation()
        #expect(
            try conversation.query("SELECT id FROM patients WHERE ssn = '900-12-3456'").lines == [
                "E 42501", "Z I",
            ])
        let texts = conversation.records.compactMap { body -> String? in
            if case .statement(let intent) = body {
                String(decoding: intent.text, as: UTF8.self)
            } else {
                nil
            }
        }
        #expect(texts.count == 1)
        #expect(!texts[0].contains("900-12"))
    }

    @Test func `a syntax error is told as the database tells it`() throws {
        let conversation = try conversation()
        #expect(try conversation.query("SELEC 1").lines == ["E 42601", "Z I"])
    }

    @Test func `without room for a record no statement runs`() throws {
        let conversation = try conversation()
        conversation.environment.canRecord = false
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["E 58030", "Z I"])
        conversation.environment.canRecord = true
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["T id", "D 7", "C SELECT 1", "Z I"])
    }

    @Test func `bytes that are no message are the database's to refuse`() throws {
        let conversation = try conversation()
        #expect(try conversation.send([0xFF, 0, 0, 0, 4]).lines == ["E 08P01"])
        #expect(try conversation.query("SELECT id FROM rooms").lines.isEmpty)
        conversation.session.serverClosed()
        #expect(conversation.session.output.requests == [.close])
    }

    @Test func `a message whose body breaks off is the database's to refuse`() throws {
        let conversation = try conversation()
        #expect(
            try conversation.send([0x51, 0, 0, 0, 5, 0x53]).lines == ["E 08P01", "Z I"])
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["T id", "D 7", "C SELECT 1", "Z I"])
    }

    @Test func `nothing is read after the client has terminated`() throws {
        let conversation = try conversation()
        var bytes: [UInt8] = []
        bytes.appendTerminate()
        Query.write("SELECT id FROM rooms".utf8, to: &bytes)
        #expect(try conversation.send(bytes).lines.isEmpty)
        #expect(conversation.server.statements.isEmpty)
        conversation.session.serverClosed()
        guard case .sessionEnded(let end) = conversation.session.output.records.last?.body else {
            Issue.record("the log does not tell the end")
            return
        }
        #expect(end.reason == "client terminated")
    }
}
