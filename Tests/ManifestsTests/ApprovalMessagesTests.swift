import API
import Testing

@testable import Manifests

/// What gateways and operators say to each other about approvals, as it is sent and read.
struct ApprovalMessagesTests {
    /// One that JSON has as it is, amid what YAML would read another way after the end of a line.
    private static let texts = [
        "\u{7F}", "\u{80}", "\u{85}", "\u{9F}", "\u{A0}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFD}",
        "\u{FFFE}", "\u{FFFF}", "\u{1F600}", "é", "…",
    ].map { "a\($0)  b\($0)--- c\($0)" }

    @Test(arguments: texts + ["\u{1}\n\r\t\"\\/"])
    func `a statement is told to the letter`(text: String) throws {
        let question = ApprovalQuestion(
            id: "a-1", rule: ApprovalRequest.RuleReference(namespace: "clinic", name: "deletion"),
            connection: "clinic/main",
            requester: ApprovalRequester(Subject(name: "job", groups: ["ci"], proof: .gatewayUser)),
            digest: [UInt8](repeating: 7, count: 32), kind: .delete, tables: ["public.visits"],
            redactedText: text, whileWaiting: .block)
        #expect(try ApprovalMessages.question(question.json.bytes) == question)
    }

    @Test(arguments: texts.filter { !$0.contains("\u{7F}") })
    func `a reason is told to the letter`(reason: String) throws {
        let decision = ApprovalAnswer.Decision(
            approver: "ana", verdict: .deny, reason: reason, time: "2026-11-29T09:00:00Z")
        let answer = ApprovalAnswer(id: "a-1", request: "a-1", state: .denied, decisions: [decision])
        #expect(try ApprovalMessages.answer(answer.json.bytes) == answer)
        let line = JSONText.object(["type": "Approval", "answer": answer.json])
        #expect(try ConfigurationMessage(line: line.bytes) == .approval(answer))
    }

    @Test(arguments: texts)
    func `no text of a revocation ends the stream`(reason: String) throws {
        let line = JSONText.object(["type": "Authority", "reason": .string(reason)]).bytes
        #expect(try ConfigurationMessage(line: line) == .authority(line: line))
    }

    @Test func `a refusal is told in one line of bounded length`() {
        func refusal(_ text: String) -> String? { ApprovalMessages.refusal(Array(text.utf8)) }
        #expect(refusal(#"{"error":{"message":"no\r\nmore\u0085of é\t"}}"#) == "no  more of é ")
        #expect(refusal("{\"error\":{\"message\":\"no\u{7F}\"}}") == "no ")
        let long = refusal(#"{"error":{"message":"\#(String(repeating: "é", count: 9999))"}}"#)
        #expect(long?.count == ApprovalMessages.maximumRefusalLength)
        for text in [
            "", "no", "{", #"{"error":"no"}"#, #"{"error":{"message":""}}"#, #"{"error":{"message":1}}"#,
        ] {
            #expect(refusal(text) == nil)
        }
    }

    @Test(arguments: [[0x7F], [0xC2], [0xE2], [0xE2, 0x80], [0xEF, 0xBF], []] as [[UInt8]])
    func `bytes that are cut off are left as they are`(end: [UInt8]) {
        let escaped = JSONForYAML.escaping([0x61] + end)
        #expect(escaped == [0x61] + (end == [0x7F] ? Array(#"\u007f"#.utf8) : end))
    }
}
