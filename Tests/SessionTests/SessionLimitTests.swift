import API
import Testing
import WireProtocols

@testable import Session

struct SessionLimitTests {
    private static let limits = """
        spec:
          session: {idleTimeout: 10s, idleInTransactionTimeout: 3s, maximumDuration: 1m}
        """

    private func conversation() throws -> Conversation {
        let manifests = Conversation.manifests.replacing(
            "spec:\n  protocol", with: Self.limits + "\n  protocol")
        #expect(manifests.contains("idleTimeout"))
        let conversation = try Conversation(manifests)
        conversation.server.answers = [
            "SELECT id FROM rooms": .init(
                columns: [("id", ColumnType(table: 20001, attribute: 1, type: 23))], rows: [["7"]],
                tag: "SELECT 1"),
            "BEGIN": .init(tag: "BEGIN", status: .inTransaction),
            "COMMIT": .init(tag: "COMMIT", status: .idle),
        ]
        _ = try conversation.logIn()
        return conversation
    }

    private func reasons(_ conversation: Conversation) -> [String] {
        conversation.records.compactMap { if case .sessionEnded(let end) = $0 { end.reason } else { nil } }
    }

    @Test func `a session without a statement ends as the server would end it`() throws {
        let conversation = try conversation()
        // A transaction could begin now.
        #expect(conversation.deadline == 3)
        #expect(try conversation.wait(seconds: 9.9).lines == [])
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["T id", "D 7", "C SELECT 1", "Z I"])
        #expect(try conversation.wait(seconds: 9.9).lines == [])
        #expect(try conversation.wait(seconds: 0.2).lines == ["E 57P05"])
        #expect(reasons(conversation) == ["idle time-out"])
        #expect(conversation.requests.last == .close)
        #expect(conversation.deadline == nil)
    }

    @Test func `an open transaction has a limit of its own`() throws {
        let conversation = try conversation()
        _ = try conversation.query("BEGIN")
        #expect(conversation.deadline == 3)
        #expect(try conversation.wait(seconds: 3).lines == ["E 25P03"])
        #expect(reasons(conversation) == ["idle in transaction time-out"])
    }

    @Test func `a session that has lasted its time ends after its transaction`() throws {
        let conversation = try conversation()
        for _ in 0..<7 { _ = try conversation.wait(seconds: 8, then: "SELECT id FROM rooms") }
        _ = try conversation.wait(seconds: 3, then: "BEGIN")
        #expect(try conversation.wait(seconds: 2).lines == [])
        #expect(try conversation.query("COMMIT").lines == ["C COMMIT", "Z I", "E 57P01"])
        #expect(reasons(conversation) == ["maximum duration reached"])
    }

    @Test func `a transaction that does not end is cut when its grace is over`() throws {
        let conversation = try conversation()
        for _ in 0..<7 { _ = try conversation.wait(seconds: 8, then: "SELECT id FROM rooms") }
        _ = try conversation.wait(seconds: 3, then: "BEGIN")
        var lines: [String] = []
        for _ in 0..<31 where !lines.contains("E 57P01") {
            lines = try conversation.wait(seconds: 2, then: "BEGIN").lines
        }
        #expect(lines.contains("E 57P01"))
    }

    @Test func `limits that change reach a running session`() throws {
        let conversation = try conversation()
        try conversation.configure(Conversation.manifests)
        #expect(conversation.deadline == nil)
        #expect(try conversation.wait(seconds: 1_000).lines == [])
        try conversation.configure(
            Conversation.manifests.replacing("spec:\n  protocol", with: Self.limits + "\n  protocol"))
        #expect(try conversation.wait(seconds: 0).lines == ["E 57P01"])
    }
}
