import API
import Foundation
import Kubernetes
import Synchronization
import Testing

@testable import Operator

/// What an operator without a cluster makes of questions and decisions.
struct LocalDecisionTests {
    private typealias Samples = ApprovalSamples

    private final class Clock: Sendable {
        private let moment = Mutex(Timestamp(ApprovalSamples.before) ?? Timestamp(microseconds: 0))

        var now: Timestamp { moment.withLock { $0 } }

        func pass(_ duration: Duration) { moment.withLock { $0 = $0 + duration } }
    }

    private let clock = Clock()
    private let approvals: LocalApprovals

    init() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        approvals = try LocalApprovals(
            folder: try LocalFolder(path), now: { [clock] in clock.now },
            people: { ["ana": ["dba"], "ben": ["dba"]] }, changed: {})
    }

    /// Puts a rule in force that asks one person.
    @discardableResult
    private func use(
        _ approval: String = "", grant: String, change: (inout ApprovalRule.Spec) -> Void = { _ in }
    ) throws -> ApprovalRule.Spec {
        var spec = try Samples.rule(approval, grant: grant)
        spec.approval?.required = 1
        spec.approval?.requireReason = false
        change(&spec)
        let metadata = ObjectMetadata(name: "destruction", namespace: "clinic")
        approvals.use([ApprovalRule(metadata: metadata, spec: spec)])
        return spec
    }

    private func ask(_ question: ApprovalQuestion) throws -> ApprovalAnswer {
        try approvals.ask(question, by: "gateway")
    }

    private func approve(_ name: String, by person: String = "ana") throws {
        let approver = ApprovalRequest.Approver(username: person, groups: ["dba"])
        _ = try approvals.decide(name, .approve, reason: "", by: approver)
    }

    @Test func `approvers are told what their approval allows`() throws {
        let rule = try use(
            #", "windows": ["Sun 02:00-04:00 UTC"]"#, grant: #"{"type": "TimeBox", "duration": "1h"}"#
        ) {
            $0.match.statements = [.delete, .truncate, .drop]
            $0.match.tables = ["sess", "notes"]
        }
        _ = try ask(Samples.question(allowance: rule.allowance))
        #expect(
            approvals.request("5a3c-1")?["spec", "grant"] == [
                "type": "TimeBox", "duration": "1h", "windows": ["Sun 02:00-04:00 UTC"],
                "covers": "Delete, Truncate, Drop; tables sess, notes",
            ])
    }

    @Test func `who approves a statement alone is told so`() throws {
        try use(grant: "{}")
        _ = try ask(Samples.question())
        let grant: JSON = ["type": "SingleStatement", "duration": "5m"]
        #expect(approvals.request("5a3c-1")?["spec", "grant"] == grant)
    }

    @Test func `a gateway that would allow something else than approvers are told waits`() throws {
        let other = try use(grant: #"{"type": "TimeBox"}"#)
        let rule = try use(grant: "{}")
        #expect(throws: LocalApprovals.Fault.otherRule) {
            try ask(Samples.question(allowance: other.allowance))
        }
        #expect(approvals.all().isEmpty)
        #expect(try ask(Samples.question(allowance: rule.allowance)).state == .pending)
    }

    @Test func `a broken glass is told of whatever version of the rule its gateway has`() throws {
        let other = try use(grant: #"{"type": "TimeBox"}"#)
        try use(grant: "{}")
        let question = Samples.question(breakGlass: "ward 3 is down", allowance: other.allowance)
        #expect(try ask(question).state == .approved)
        #expect(approvals.request("5a3c-1")?["spec", "grant"] == nil)
    }

    @Test func `an approval is for nothing once the rule allows something else`() throws {
        try use(grant: "{}")
        _ = try ask(Samples.question())
        try approve("5a3c-1")
        #expect(approvals.answers(for: "gateway").map(\.state) == [.approved])
        try use(grant: #"{"type": "TimeBox", "duration": "1h"}"#)
        #expect(approvals.answers(for: "gateway").map(\.state) == [.pending])
        let words = "approves what the rule does not allow any more: the statement is to be sent anew"
        #expect(throws: LocalApprovals.Fault.notCounted(words)) { try approve("5a3c-1", by: "ben") }
    }

    @Test func `a question is not answered by another's request of the same name`() throws {
        try use(grant: "{}")
        _ = try ask(Samples.question())
        let other = Samples.question(digest: Samples.digest("b-1"))
        #expect(throws: LocalApprovals.Fault.isAnother) { try ask(other) }
        #expect(throws: LocalApprovals.Fault.isAnother) {
            try approvals.ask(Samples.question(), by: "another gateway")
        }
        try approve("5a3c-1")
        #expect(approvals.answers(for: "gateway").map(\.state) == [.approved])
    }

    @Test(arguments: [(59, true), (60, false)])
    func `an approval is used while its grant lasts, or is asked for anew`(
        seconds: Int, isUsable: Bool
    ) throws {
        try use(grant: #"{"duration": "1m"}"#)
        #expect(try ask(Samples.question("5a3c-1", whileWaiting: .reject)).state == .pending)
        // From the decision, however long that took.
        clock.pass(.seconds(600))
        try approve("5a3c-1")
        clock.pass(.seconds(seconds))
        let again = try ask(Samples.question("5a3c-2", whileWaiting: .reject))
        #expect(again.state == (isUsable ? .approved : .pending))
        #expect(again.request == (isUsable ? "5a3c-1" : "5a3c-2"))
    }

    @Test(arguments: [(660, true), (720, false)])
    func `an approval ahead of its window lasts from when that opens`(
        seconds: Int, isUsable: Bool
    ) throws {
        // Ten minutes from now.
        try use(#", "windows": ["Sun 09:10-12:00 UTC"]"#, grant: #"{"duration": "2m"}"#)
        _ = try ask(Samples.question("5a3c-1", whileWaiting: .reject))
        try approve("5a3c-1")
        clock.pass(.seconds(300))
        let early = try ask(Samples.question("5a3c-2", whileWaiting: .reject))
        #expect(early.awaitsWindow && early.request == "5a3c-1")
        clock.pass(.seconds(seconds - 300))
        let again = try ask(Samples.question("5a3c-3", whileWaiting: .reject))
        #expect(again.state == (isUsable ? .approved : .pending))
        #expect(again.request == (isUsable ? "5a3c-1" : "5a3c-3"))
    }
}
