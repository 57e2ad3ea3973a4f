import API
import Testing
import WireProtocols

@testable import Session

/// Statements that run only once people have approved them, and what an approval is good for.
struct ApprovalTests {
    private static let deletion = "DELETE FROM rooms"
    private static let ran = ["C DELETE 1", "Z I"]
    private static let refused = ["E 42501", "Z I"]

    /// Under a rule that asks, with so much more to it.
    private static func manifests(_ approval: String = "", _ rule: String = "") -> String {
        Conversation.manifests.replacing(
            "effect: Deny",
            with: """
                effect: RequireApproval
                  approval: {approvers: {groups: [dba]}\(approval)}
                \(rule.isEmpty ? "" : "  \(rule)")
                """)
    }

    private func conversation(_ approval: String = "", _ rule: String = "") throws -> Conversation {
        let conversation = try Conversation(Self.manifests(approval, rule))
        conversation.server.answers[Self.deletion] = .init(tag: "DELETE 1")
        _ = try conversation.logIn()
        return conversation
    }

    // MARK: - Simple queries

    @Test func `a statement waits until it is approved, and runs once`() throws {
        let conversation = try conversation()
        #expect(try conversation.query(Self.deletion).lines.isEmpty)
        #expect(conversation.server.statements.isEmpty)
        #expect(try conversation.decide(.approved).lines == Self.ran)
        #expect(conversation.server.statements == [Self.deletion])
        #expect(try conversation.query(Self.deletion).lines.isEmpty)
        #expect(conversation.questions.count == 2)
    }

    @Test(arguments: [ApprovalAnswer.State.denied, .expired, .refused])
    func `what is not approved does not run`(state: ApprovalAnswer.State) throws {
        let conversation = try conversation()
        _ = try conversation.query(Self.deletion)
        #expect(try conversation.decide(state).lines == Self.refused)
        #expect(conversation.server.statements.isEmpty)
    }

    @Test func `what the statement means when it is approved is what people were asked about`() throws {
        let conversation = try conversation()
        _ = try conversation.query(Self.deletion)
        conversation.server.ground = "another"
        #expect(try conversation.decide(.approved).lines == Self.refused)
        #expect(conversation.server.statements.isEmpty)
    }

    @Test func `what is decided once the configuration is another counts for nothing`() throws {
        let conversation = try conversation()
        _ = try conversation.query(Self.deletion)
        try conversation.configure(Self.manifests())
        #expect(try conversation.decide(.approved).lines.isEmpty)
        #expect(conversation.server.statements.isEmpty && conversation.questions.count == 2)
        #expect(try conversation.decide(.approved).lines == Self.ran)
    }

    @Test func `where nobody waits the same is asked about when it comes again`() throws {
        let conversation = try conversation("", "whileWaiting: Reject")
        _ = try conversation.query(Self.deletion)
        #expect(try conversation.decide(.pending).lines == Self.refused)
        _ = try conversation.query(Self.deletion)
        #expect(Set(conversation.questions.map(\.digest)).count == 1)
        #expect(conversation.questions.map(\.whileWaiting) == [.reject, .reject])
        #expect(try conversation.decide(.approved).lines == Self.ran)
    }

    @Test func `where a cursor tells the rows the same text may be about others, and waits`() throws {
        let conversation = try conversation("", "whileWaiting: Reject")
        _ = try conversation.query("DELETE FROM rooms WHERE CURRENT OF c")
        #expect(conversation.questions.map(\.whileWaiting) == [.block])
    }

    @Test func `an approval that was not needed any more is not kept`() throws {
        let manifests = Self.manifests().replacing(
            "Truncate]}", with: "Truncate], outside: {window: \"Thu 00:01-00:02 UTC\"}}")
        let conversation = try Conversation(manifests)
        conversation.server.answers[Self.deletion] = .init(tag: "DELETE 1")
        _ = try conversation.logIn()
        _ = try conversation.query(Self.deletion)
        _ = try conversation.wait(seconds: 60)
        #expect(try conversation.decide(.approved).lines == Self.ran)
        #expect(try conversation.wait(seconds: 60, then: Self.deletion).lines.isEmpty)
        #expect(conversation.questions.count == 2)
    }

    @Test func `code is shown by how the session reads its constants`() throws {
        let manifests = Self.manifests().split(separator: "---\n")
        let conversation = try Conversation("\(manifests[0])---\n\(manifests[2])")
        _ = try conversation.logIn(reporting: [("standard_conforming_strings", "off")])
        let code = #"BEGIN PERFORM 'a\''; DELETE FROM rooms; PERFORM '' || ''; END"#
        _ = try conversation.query(#"SELECT 'a\'b'; DO $$\#(code)$$"#)
        let shown = try #require(conversation.questions.first).redactedText
        #expect(shown.contains("DELETE FROM rooms"))
    }

    @Test func `what is good for a session is so for as long as the rule says`() throws {
        let conversation = try conversation("", "grant: {type: Session, duration: 60s}")
        _ = try conversation.query(Self.deletion)
        #expect(try conversation.decide(.approved).lines == Self.ran)
        #expect(try conversation.wait(seconds: 59, then: Self.deletion).lines == Self.ran)
        #expect(conversation.questions.count == 1)
        #expect(try conversation.wait(seconds: 1, then: Self.deletion).lines.isEmpty)
        #expect(conversation.questions.count == 2)
    }

    // MARK: - Statements that run others

    @Test(arguments: ["EXECUTE p", "EXPLAIN ANALYZE EXECUTE p"])
    func `what is run by a statement that is run waits and is shown`(between: String) throws {
        let conversation = try conversation()
        for text in [between, "EXECUTE s"] { conversation.server.answers[text] = .init(tag: "DELETE 1") }
        let bytes = messages { bytes in
            Parse.write(statement: "p".utf8, text: Self.deletion.utf8, to: &bytes)
            Parse.write(statement: "s".utf8, text: between.utf8, to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(bytes).lines == ["1", "1", "Z I"])
        #expect(try conversation.query("EXECUTE s").lines.isEmpty)
        #expect(conversation.server.statements.isEmpty && conversation.questions.count == 1)
        #expect(conversation.questions.first?.redactedText == "EXECUTE s\n\n\(between)\n\n\(Self.deletion)")
    }

    @Test func `a prepared statement breaks no glass when it is run by another`() throws {
        let conversation = try conversation(", breakGlass: {subjects: {users: [job]}}")
        let setting = "SET weir.break_glass = 'ward 3 is down'"
        for text in [setting, "EXECUTE s"] { conversation.server.answers[text] = .init(tag: "SET") }
        let bytes = messages { bytes in
            Parse.write(statement: "s".utf8, text: setting.utf8, to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(bytes).lines == ["1", "Z I"])
        #expect(try conversation.query("EXECUTE s").lines == ["E 0A000", "Z I"])
    }

    @Test func `a statement that runs itself has an end`() throws {
        let conversation = try conversation()
        conversation.server.answers["EXECUTE s"] = .init(tag: "DELETE 1")
        let bytes = messages { bytes in
            Parse.write(statement: "s".utf8, text: "EXECUTE s".utf8, to: &bytes)
            bytes.appendSync()
        }
        _ = try conversation.send(bytes)
        #expect(try conversation.query("EXECUTE s").lines == Self.refused)
    }

    // MARK: - Portals, which are approved when they are bound and run later

    private func messages(_ build: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        build(&bytes)
        return bytes
    }

    /// With an approved portal.
    private func bound(_ approval: String = "") throws -> Conversation {
        let conversation = try conversation(approval)
        let bytes = messages { bytes in
            Parse.write(statement: "s".utf8, text: Self.deletion.utf8, to: &bytes)
            Bind.write(portal: "p".utf8, statement: "s".utf8, to: &bytes)
            bytes.appendFlush()
        }
        #expect(try conversation.send(bytes).lines == ["1"])
        #expect(try conversation.decide(.approved).lines == ["2"])
        #expect(conversation.questions.count == 1)
        return conversation
    }

    private var execution: [UInt8] {
        messages { bytes in
            Execute.write(portal: "p".utf8, to: &bytes)
            bytes.appendSync()
        }
    }

    @Test func `a portal that was approved runs`() throws {
        let conversation = try bound()
        #expect(try conversation.send(execution).lines == Self.ran)
        #expect(conversation.questions.count == 1)
    }

    @Test(arguments: [
        (", requestTTL: 60s", 59.0, true), (", requestTTL: 60s", 60, false),
        // It is one second past midnight of a Thursday.
        (", windows: [\"Thu 00:00-00:10 UTC\"]", 598, true),
        (", windows: [\"Thu 00:00-00:10 UTC\"]", 599, false),
    ])
    func `a portal runs before its request ends, and while a window is open`(
        approval: String, seconds: Double, runs: Bool
    ) throws {
        let conversation = try bound(approval)
        _ = try conversation.wait(seconds: seconds)
        #expect(try conversation.send(execution).lines == (runs ? Self.ran : Self.refused))
        #expect(conversation.server.statements == (runs ? [Self.deletion] : []))
    }

    @Test func `a portal that a grant let pass is fetched no longer than the grant lasts`() throws {
        let (returning, fetch) = ("DELETE FROM rooms RETURNING id", "FETCH ALL FROM p")
        let conversation = try conversation("", "grant: {type: Session, duration: 60s}")
        let id = ColumnType(table: 20001, attribute: 1, type: 23, typeLength: 4)
        for text in [returning, fetch] {
            conversation.server.answers[text] = .init(columns: [("id", id)], tag: "DELETE 1")
        }
        conversation.server.answers["BEGIN"] = .init(tag: "BEGIN", status: .inTransaction)
        _ = try conversation.query(Self.deletion)
        #expect(try conversation.decide(.approved).lines == Self.ran)
        _ = try conversation.query("BEGIN")
        let bytes = messages { bytes in
            Parse.write(statement: "s".utf8, text: returning.utf8, to: &bytes)
            Bind.write(portal: "p".utf8, statement: "s".utf8, to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(bytes).lines == ["1", "2", "Z T"])
        #expect(try conversation.wait(seconds: 59, then: fetch).lines == ["T id", "C DELETE 1", "Z T"])
        // Nothing is known of it then, where something is masked.
        #expect(try conversation.wait(seconds: 1, then: fetch).lines.first == "E 42501")
        #expect(conversation.server.statements == [Self.deletion, "BEGIN", fetch])
    }

    @Test func `a portal that means something else by now does not run`() throws {
        let conversation = try bound()
        conversation.server.ground = "another"
        #expect(try conversation.send(execution).lines == Self.refused)
        #expect(conversation.server.statements.isEmpty)
    }

    @Test func `a portal is asked about again under another configuration`() throws {
        let conversation = try bound()
        try conversation.configure(Self.manifests())
        #expect(try conversation.send(execution).lines.isEmpty)
        #expect(conversation.server.statements.isEmpty && conversation.questions.count == 2)
        #expect(try conversation.decide(.denied).lines == Self.refused)
    }
}
