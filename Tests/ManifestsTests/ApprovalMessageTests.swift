import API
import Testing

@testable import Manifests

/// What gateways and operators say to each other about approvals.
struct ApprovalMessageTests {
    private let question = ApprovalQuestion(
        id: "5a3c-1", rule: ApprovalRequest.RuleReference(namespace: "clinic", name: "destruction"),
        connection: "clinic/main",
        requester: ApprovalRequester(Subject(name: "job", groups: ["ci"], proof: .workload)),
        digest: [UInt8](repeating: 7, count: 32), kind: .drop, tables: ["public.old"],
        redactedText: "DROP TABLE old", whileWaiting: .block,
        allowance: #"TimeBox; 1h; any rows; Drop; tables "a; b""#)

    @Test func `a question is read as it is asked`() throws {
        #expect(try ApprovalMessages.question(question.json.bytes) == question)
    }

    @Test func `a gateway need not say what it would allow`() throws {
        var silent = question
        silent.allowance = ""
        let text = question.json.text.replacing(
            #","allowance":"TimeBox; 1h; any rows; Drop; tables \"a; b\"""#, with: "")
        #expect(try ApprovalMessages.question(Array(text.utf8)) == silent)
    }

    @Test func `an answer is read as it is given`() throws {
        let answer = ApprovalAnswer(
            id: "5a3c-1", request: "5a3c-1", state: .pending, reason: ApprovalAnswer.closedWindow)
        let read = try ApprovalMessages.answer(answer.json.bytes)
        #expect(read == answer && read.awaitsWindow)
    }
}
