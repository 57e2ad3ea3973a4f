import API
import Kubernetes
import Testing

@testable import Operator

struct ApprovalJudgementTests {
    typealias Samples = ApprovalSamples

    private func judge(
        _ decisions: [JSON], rule: ApprovalRule.Spec? = nil, now: String = Samples.before
    ) throws -> ApprovalJudgement {
        ApprovalJudgement(try Samples.request(decisions), rule: try rule ?? Samples.rule(), now: now)
    }

    @Test func `two people approve`() throws {
        #expect(try judge([]).phase == .pending)
        let one = try judge([Samples.decision("ana", groups: [])])
        #expect(one.phase == .pending && one.approvals == 1)
        let two = try judge([Samples.decision("ana", groups: []), Samples.decision("ben")])
        #expect(two.phase == .approved && two.approvals == 2 && two.faults.isEmpty)
    }

    @Test func `one denial is enough, whoever approves`() throws {
        let all = [Samples.decision("ana"), Samples.decision("ben", "Deny"), Samples.decision("cleo")]
        #expect(try judge(all).phase == .denied)
    }

    @Test func `who is not named does not count`() throws {
        let judgement = try judge([Samples.decision("ana"), Samples.decision("eve", groups: ["ops"])])
        #expect(judgement.phase == .pending && judgement.approvals == 1)
        #expect(judgement.faults == ["eve is not among the rule's approvers"])
        #expect(try judge([Samples.decision("eve", "Deny", groups: [])]).phase == .pending)
    }

    @Test func `nobody approves what they ask for, unless the rule says so`() throws {
        let own = [Samples.decision("ana"), Samples.decision("job")]
        #expect(try judge(own).phase == .pending)
        #expect(try judge(own, rule: Samples.rule(#", "allowSelfApproval": true"#)).phase == .approved)
        #expect(try judge([Samples.decision("job", "Deny")]).phase == .denied)
    }

    @Test func `a reason that is asked for has to be given`() throws {
        #expect(try judge([Samples.decision("ana"), Samples.decision("ben", reason: " ")]).phase == .pending)
    }

    @Test func `what comes too late does not count`() throws {
        let late = [Samples.decision("ana"), Samples.decision("ben", at: Samples.after)]
        #expect(try judge(late, now: Samples.after).phase == .expired)
        #expect(try judge([], now: Samples.end).phase == .pending)
    }

    @Test func `what was approved in time stays approved`() throws {
        let approved = [Samples.decision("ana"), Samples.decision("ben")]
        #expect(try judge(approved, now: Samples.after).phase == .approved)
    }

    @Test(
        arguments: [
            ("Sun 09:00-09:30 UTC", Samples.before, true), ("Sun 08:00-09:00 UTC", Samples.before, false),
            ("Sun 09:00-11:00 UTC", Samples.after, false), ("Mon 09:00-09:30 UTC", Samples.before, false),
            ("Sun 11:00-11:30 UTC+02:00", Samples.before, true),
        ])
    func `what is approved runs within a window of its rule and before its end`(
        window: String, now: String, mayRun: Bool
    ) throws {
        let approved = [Samples.decision("ana"), Samples.decision("ben")]
        let rule = try Samples.rule(#", "windows": ["\#(window)"]"#)
        let judgement = try judge(approved, rule: rule, now: now)
        #expect(judgement.phase == .approved && judgement.mayRun == mayRun)
    }

    @Test func `a rule that asks for more now, or is gone, counts as it is now`() throws {
        let approved = [Samples.decision("ana"), Samples.decision("ben")]
        var stricter = try Samples.rule()
        stricter.approval?.required = 3
        #expect(try judge(approved, rule: stricter).phase == .pending)
        #expect(
            ApprovalJudgement(try Samples.request(approved), rule: nil, now: Samples.before).phase == .denied)
    }

    private func review(
        _ decisions: [JSON], rule: ApprovalRule.Spec? = nil, now: String = Samples.before
    ) throws -> ApprovalJudgement {
        let request = try Samples.request(decisions, breakGlass: "ward 3 is down")
        return ApprovalJudgement(request, rule: try rule ?? Samples.rule(), now: now)
    }

    @Test func `what ran by a broken glass is reviewed by as many as would have approved`() throws {
        #expect(try review([]).phase == .awaitingReview)
        #expect(try review([Samples.decision("ana")]).phase == .awaitingReview)
        #expect(try review([Samples.decision("ana"), Samples.decision("ben")]).phase == .reviewed)
        #expect(try review([Samples.decision("ana"), Samples.decision("ben", "Deny")]).phase == .disputed)
        #expect(try review([Samples.decision("eve", groups: [])]).phase == .awaitingReview)
    }

    @Test func `a review may be late, and is overdue until then`() throws {
        #expect(try review([], now: Samples.after).phase == .overdue)
        let late = [Samples.decision("ana"), Samples.decision("ben", at: Samples.after)]
        #expect(try review(late, now: Samples.after).phase == .reviewed)
    }

    @Test func `nobody reviews what they ran, whatever the rule says of approvals`() throws {
        let rule = try Samples.rule(#", "allowSelfApproval": true"#)
        let own = [Samples.decision("ana"), Samples.decision("job")]
        #expect(try review(own, rule: rule).phase == .awaitingReview)
    }
}
