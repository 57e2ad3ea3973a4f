import API
import Testing
import WireProtocols

@testable import Session

/// What a statement would meet is told by what it would meet, and nothing of it is sent.
struct ExplanationTests {
    private func conversation(_ manifests: String = Conversation.manifests) throws -> Conversation {
        let conversation = try Conversation(manifests)
        _ = try conversation.logIn()
        return conversation
    }

    @Test func `each output column has its base columns, its mask and why`() throws {
        let conversation = try conversation()
        let (statements, _) = try conversation.explain(
            "SELECT id, name, coalesce(name, ssn), 1 FROM patients")
        #expect(statements.map(\.verdict) == [.mask])
        let columns = try #require(statements[0].columns)
        #expect(columns.map { $0.mask?.action } == [nil, "Redact", "Redact", nil])
        #expect(columns.map(\.origin) == ["public.patients.id", "public.patients.name", nil, nil])
        #expect(columns[2].lineage.map(\.name) == ["public.patients.name", "public.patients.ssn"])
        #expect(columns[2].lineage.map { $0.mask?.rule } == ["patients/phi", "patients/phi"])
        #expect(
            columns.map(\.why) == [
                "depends on no governed column", "is a governed column", "computed from a governed column",
                "depends on no column",
            ])
        #expect(conversation.server.statements.isEmpty)
    }

    @Test(arguments: [
        "SELECT id FROM patients WHERE ssn = '900'", "DROP TABLE patients", "SELECT FROM FROM",
        "FETCH nothing",
        "SELECT id FROM rooms", "DELETE FROM rooms", "SELECT nowhere.f()",
    ])
    func `the verdict is that of the statement itself`(text: String) throws {
        let conversation = try conversation()
        conversation.server.answers[text] = .init(
            columns: [("id", Conversation.id)], rows: [["7"]], tag: "SELECT 1")
        let (statements, _) = try conversation.explain(text)
        #expect(conversation.server.statements.isEmpty)
        let isRefused = try conversation.query(text).lines.first?.hasPrefix("E ") ?? false
        #expect(statements.map { $0.verdict == .refuse } == [isRefused])
        let intents = conversation.records.compactMap {
            if case .statement(let intent) = $0 { intent } else { nil }
        }
        #expect(statements.map { $0.refusal?.rule ?? "" } == intents.map(\.rule))
    }

    @Test func `what a dry run would do is told apart`() throws {
        let conversation = try conversation(
            Conversation.manifests.replacing("spec:\n  targets", with: "spec:\n  mode: DryRun\n  targets"))
        let (masked, _) = try conversation.explain("SELECT name FROM patients")
        #expect(masked.map(\.verdict) == [.permit])
        #expect(masked[0].wouldMask.map(\.column) == ["public.patients.name"])
        let (refused, _) = try conversation.explain("DROP TABLE rooms")
        #expect(refused.map(\.verdict) == [.permit])
        #expect(refused[0].wouldRefuse?.rule == "ApprovalRule/no-destruction")
    }

    @Test func `the database is asked as for a statement, and once`() throws {
        let conversation = try conversation()
        #expect(try conversation.explain("SELECT id FROM patients").rounds == 1)
        #expect(try conversation.explain("SELECT id FROM patients").rounds == 0)
    }

    @Test func `several statements are told one by one`() throws {
        let text = "SELECT 1; DROP TABLE patients"
        let (statements, _) = try conversation().explain(text)
        #expect(statements.map(\.verdict) == [.permit, .refuse])
        #expect(statements.map { $0.start..<$0.end } == [0..<8, 9..<29])
    }
}
