import API
import Kubernetes
import Testing

@testable import Operator

struct ApprovalJudgementTests {
    typealias Samples = ApprovalSamples

    /// By `rule`, of what was asked for by `asked`.
    private func judge(
        _ decisions: [JSON], rule: ApprovalRule.Spec? = nil, asked: ApprovalRule.Spec? = nil,
        now: String = Samples.before
    ) throws -> ApprovalJudgement {
        ApprovalJudgement(
            try Samples.request(decisions, by: asked), rule: try rule ?? Samples.rule(), now: now)
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

    @Test(arguments: [Subject.actorAttribute, Subject.ownerAttribute])
    func `nor does who has started the job that asks, or answers for it`(attribute: String) throws {
        var request = try Samples.request([Samples.decision("ana"), Samples.decision("ben")])
        func phase() throws -> ApprovalJudgement.Phase {
            ApprovalJudgement(request, rule: try Samples.rule(), now: Samples.before).phase
        }
        request.requester.attributes = ["\(attribute)=ana"]
        #expect(try phase() == .pending)
        request.requester.attributes = ["\(attribute)=anabel", "team=ana"]
        #expect(try phase() == .approved)
        request.requester.through = "ben"
        #expect(try phase() == .pending)
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
        let judgement = try judge(approved, rule: rule, asked: rule, now: now)
        #expect(judgement.phase == .approved && judgement.mayRun == mayRun)
    }

    @Test(arguments: [
        #"{"type": "TimeBox", "duration": "1h"}"#, #"{"type": "Session", "duration": "5m"}"#,
        #"{"duration": "10m"}"#, #"{"maximumRows": 5}"#,
    ])
    func `what approvers were told is what their approval allows`(grant: String) throws {
        let approved = [Samples.decision("ana"), Samples.decision("ben")]
        let (narrow, wide) = (try Samples.rule(), try Samples.rule(grant: grant))
        #expect(try judge(approved, rule: wide, asked: wide).phase == .approved)
        for (rule, asked) in [(wide, narrow), (narrow, wide)] {
            let judgement = try judge(approved, rule: rule, asked: asked)
            #expect(judgement.phase == .pending && judgement.approvals == 0 && !judgement.mayRun)
        }
        #expect(try judge([Samples.decision("ana", "Deny")], rule: wide, asked: narrow).phase == .denied)
    }

    @Test func `a grant for a time is for what the rule asked about when it was approved`() throws {
        let approved = [Samples.decision("ana"), Samples.decision("ben")]
        let asked = try Samples.rule(grant: #"{"type": "TimeBox", "duration": "1h"}"#)
        var wider = asked
        wider.match.statements.append(.delete)
        #expect(try judge(approved, rule: asked, asked: asked).mayRun)
        #expect(try judge(approved, rule: wider, asked: asked).phase == .pending)
        // A statement alone is what it is, whatever else the rule asks about.
        var other = try Samples.rule()
        other.match.statements.append(.delete)
        #expect(try judge(approved, rule: other).mayRun)
    }

    @Test func `a request that tells of no grant is for its statement alone`() throws {
        var request = try Samples.request([Samples.decision("ana"), Samples.decision("ben")])
        request.grant = nil
        let wide = try Samples.rule(grant: #"{"type": "Session"}"#)
        #expect(ApprovalJudgement(request, rule: try Samples.rule(), now: Samples.before).mayRun)
        #expect(ApprovalJudgement(request, rule: wide, now: Samples.before).phase == .pending)
    }

    @Test(
        arguments: [
            ("Sun 09:00-09:30 UTC", Samples.before, ApprovalAnswer.State.approved, false),
            ("Mon 09:00-09:30 UTC", Samples.before, ApprovalAnswer.State.pending, true),
            ("Mon 09:00-09:30 UTC", Samples.after, ApprovalAnswer.State.expired, false),
        ])
    func `a gateway is told what waits for a window, and that it may not run yet`(
        window: String, now: String, state: ApprovalAnswer.State, awaitsWindow: Bool
    ) throws {
        let rule = try Samples.rule(#", "windows": ["\#(window)"]"#)
        let spec = try Samples.request([Samples.decision("ana"), Samples.decision("ben")], by: rule)
        let request = ApprovalRequest(
            metadata: ObjectMetadata(name: "5a3c-1", namespace: "clinic"), spec: spec)
        let judgement = ApprovalJudgement(spec, rule: rule, now: now)
        let answer = ApprovalAnswer(to: "5a3c-1", of: request, judgement, rule: rule)
        #expect(answer.state == state && answer.awaitsWindow == awaitsWindow)
    }

    @Test func `what people are still to decide waits for no window`() throws {
        let rule = try Samples.rule(#", "windows": ["Mon 09:00-09:30 UTC"]"#)
        let spec = try Samples.request([Samples.decision("ana")], by: rule)
        let request = ApprovalRequest(
            metadata: ObjectMetadata(name: "5a3c-1", namespace: "clinic"), spec: spec)
        let judgement = ApprovalJudgement(spec, rule: rule, now: Samples.before)
        #expect(!ApprovalAnswer(to: "5a3c-1", of: request, judgement, rule: rule).awaitsWindow)
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
