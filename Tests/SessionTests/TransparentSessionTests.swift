import API
import Testing
import WireProtocols

@testable import Session

/// No mask and no rule applies: nothing is refused that the database accepts.
struct TransparentSessionTests {
    private static let connection =
        Conversation.manifests.split(separator: "---").first.map(String.init) ?? ""

    private func conversation(_ answers: [String], reporting: [(String, String)] = []) throws -> Conversation
    {
        let conversation = try Conversation(Self.connection)
        for text in answers { conversation.server.answers[text] = .init(tag: "DONE") }
        _ = try conversation.logIn(reporting: reporting)
        return conversation
    }

    private func intents(_ conversation: Conversation) -> [StatementIntent] {
        conversation.records.compactMap { if case .statement(let intent) = $0 { intent } else { nil } }
    }

    @Test(arguments: [
        "SET client_encoding TO 'SJIS'", "SET standard_conforming_strings = off",
        "SELECT pg_catalog.set_config('client_encoding', 'LATIN1', false)", "SET backslash_quote = on",
        "SELECT some syntax of the future", "SELECT 1 /*" + String(repeating: "*", count: 2_000_000) + "*/",
    ])
    func `whatever the database accepts passes`(text: String) throws {
        let conversation = try conversation([text])
        #expect(try conversation.query(text).lines == ["C DONE", "Z I"])
        #expect(conversation.server.statements.count == 1)
    }

    @Test(arguments: [("client_encoding", "SJIS"), ("standard_conforming_strings", "off")])
    func `a session may begin with any setting`(name: String, value: String) throws {
        let conversation = try conversation(["SELECT '\\'"], reporting: [(name, value)])
        #expect(try conversation.query("SELECT '\\'").lines == ["C DONE", "Z I"])
    }

    @Test func `a text in another encoding is recorded without loss`() throws {
        let conversation = try conversation([], reporting: [("client_encoding", "SJIS")])
        var bytes: [UInt8] = []
        Query.write(Array("SELECT '".utf8) + [0x95, 0x5C, 0x27], to: &bytes)
        _ = try conversation.send(bytes)
        let intent = try #require(intents(conversation).first)
        #expect(String(decoding: intent.text, as: UTF8.self) == #"SELECT '\x95\\'"#)
        #expect(intent.encoding == "SJIS")
    }

    @Test func `a text that is not what its encoding says is recorded without loss`() throws {
        let conversation = try conversation([])
        var bytes: [UInt8] = []
        Query.write(Array("SELECT '".utf8) + [0xC3, 0xA9, 0xFF, 0x27], to: &bytes)
        _ = try conversation.send(bytes)
        let intent = try #require(intents(conversation).first)
        #expect(String(decoding: intent.text, as: UTF8.self) == #"SELECT '\xc3\xa9\xff'"#)
        #expect(intent.encoding == "UTF8")
    }

    @Test func `a policy that arrives finds the settings as they are`() throws {
        let conversation = try conversation(
            ["SELECT '\\''; DELETE FROM rooms; --'"], reporting: [("standard_conforming_strings", "off")])
        try conversation.configure(Conversation.manifests)
        #expect(try conversation.query("SELECT '\\''; DELETE FROM rooms; --'").lines == ["E 42501", "Z I"])
        #expect(conversation.server.statements.isEmpty)
    }

    @Test func `more prepared statements than are kept are the database's affair`() throws {
        let conversation = try conversation(["SELECT 1"])
        var bytes: [UInt8] = []
        for number in 0...QueryPhase.namedObjectLimit {
            Parse.write(statement: Array("s\(number)".utf8), text: "SELECT 1".utf8, to: &bytes)
        }
        bytes.appendSync()
        #expect(try conversation.send(bytes).lines.count == QueryPhase.namedObjectLimit + 2)
        bytes = []
        Bind.write(portal: [], statement: Array("s\(QueryPhase.namedObjectLimit)".utf8), to: &bytes)
        Execute.write(portal: [], to: &bytes)
        bytes.appendSync()
        #expect(try conversation.send(bytes).lines == ["2", "C DONE", "Z I"])
    }

    private static let longText = "SELECT  '" + String(repeating: "é", count: MessageLimit.held / 2) + "'"

    private static let tooLong = "SELECT  '" + String(repeating: "e", count: MessageLimit.judged) + "'"

    @Test func `a statement of any length passes and is recorded by its beginning`() throws {
        let conversation = try conversation([Self.longText, "SELECT 1"])
        #expect(try conversation.query(Self.longText).lines == ["C DONE", "Z I"])
        #expect(try conversation.query("SELECT 1").lines == ["C DONE", "Z I"])
        #expect(conversation.server.statements == [Self.longText, "SELECT 1"])
        let intent = try #require(intents(conversation).first)
        #expect(intent.encoding.isEmpty && intent.digest.isEmpty)
        #expect(intent.text.count == StatementIntent.maximumTextLength - 1 && intent.text.last == 0xA9)
    }

    @Test func `a statement and its parameters may be of any length`() throws {
        let conversation = try conversation([Self.longText])
        var bytes: [UInt8] = []
        Parse.write(statement: [], text: Self.longText.utf8, to: &bytes)
        let value = [UInt8](repeating: 0x61, count: MessageLimit.held)
        Bind.write(portal: [], statement: [], parameters: [value], to: &bytes)
        Execute.write(portal: [], to: &bytes)
        bytes.appendSync()
        #expect(try conversation.send(bytes).lines == ["1", "2", "C DONE", "Z I"])
        #expect(intents(conversation).map(\.channel) == [.execute])
    }

    @Test func `the rest of a long message is not read as messages`() throws {
        let conversation = try conversation([Self.longText])
        var bytes: [UInt8] = []
        Query.write(Self.longText.utf8, to: &bytes)
        let head = FrontendHeader.byteCount + QueryPhase.longMessageHead
        #expect(conversation.toServer(of: Array(bytes[..<(head - 1)])).isEmpty)
        #expect(conversation.toServer(of: Array(bytes[(head - 1)..<head])) == Array(bytes[..<head]))
        #expect(conversation.toServer(of: Array(bytes[head...])) == Array(bytes[head...]))
    }

    @Test func `under a policy, a statement too long to be judged is refused and the session goes on`() throws
    {
        let conversation = try Conversation()
        conversation.server.answers["SELECT id FROM rooms"] = .init(tag: "DONE")
        _ = try conversation.logIn()
        #expect(try conversation.query(Self.tooLong).lines == ["E 54000", "Z I"])
        var bytes: [UInt8] = []
        Parse.write(statement: [], text: Self.tooLong.utf8, to: &bytes)
        Bind.write(portal: [], statement: [], parameters: [], to: &bytes)
        bytes.appendSync()
        #expect(try conversation.send(bytes).lines == ["E 54000", "Z I"])
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["C DONE", "Z I"])
        #expect(conversation.server.statements == ["SELECT id FROM rooms"])
    }

    @Test func `under a policy, a long statement is held and judged, as long as there is room for it`() throws
    {
        let text = Self.longText.replacing("SELECT ", with: "SELECT id, ") + " FROM rooms"
        let conversation = try Conversation()
        conversation.server.answers[text] = .init(tag: "DONE")
        _ = try conversation.logIn()
        #expect(try conversation.query(text).lines == ["C DONE", "Z I"])
        #expect(conversation.environment.hold(ConnectionEnvironment.heldByteLimit))
        #expect(try conversation.query(text).lines == ["E 54000", "Z I"])
        conversation.environment.release(ConnectionEnvironment.heldByteLimit)
        #expect(try conversation.query(text).lines == ["C DONE", "Z I"])
    }

    @Test func `under a policy, long parameters pass where no rows come back`() throws {
        let conversation = try Conversation()
        let texts = ["INSERT INTO rooms VALUES ($1)", "SELECT id FROM rooms WHERE id = $1"]
        for text in texts { conversation.server.answers[text] = .init(tag: "DONE") }
        _ = try conversation.logIn()
        let value = [UInt8](repeating: 0x61, count: MessageLimit.judged)
        var answers: [[String]] = []
        for text in texts {
            var bytes: [UInt8] = []
            Parse.write(statement: [], text: text.utf8, to: &bytes)
            Bind.write(portal: [], statement: [], parameters: [value], to: &bytes)
            Execute.write(portal: [], to: &bytes)
            bytes.appendSync()
            answers.append(try conversation.send(bytes).lines)
        }
        #expect(answers == [["1", "2", "C DONE", "Z I"], ["1", "E 54000", "Z I"]])
    }
}
