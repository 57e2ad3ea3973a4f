package import API
import Cryptography
import Kubernetes
import Policy

/// What the decisions about a request amount to; what does not count is said, and does no harm.
///
/// The decisions were checked when they were made, by the webhook and by the admission policy; this is where they are used,
/// and they are checked again.
package struct ApprovalJudgement: Sendable, Equatable {
    package enum Phase: String, Sendable {
        case pending = "Pending"
        case approved = "Approved"
        case denied = "Denied"
        case expired = "Expired"
        // Of what ran because the glass was broken.
        case awaitingReview = "AwaitingReview"
        case overdue = "Overdue"
        case reviewed = "Reviewed"
        case disputed = "Disputed"

        /// Another decision changes nothing any more.
        package var isDecided: Bool {
            switch self {
            case .pending, .awaitingReview, .overdue: false
            case .approved, .denied, .expired, .reviewed, .disputed: true
            }
        }
    }

    package var phase: Phase
    /// It is approved, and may be used now: within the rule's windows, and before the request's end.
    package var mayRun: Bool
    /// Approved or not, it is too late.
    package var isOver: Bool
    /// Distinct people whose approval counts.
    package var approvals: Int
    /// Why decisions do not count, each with its approver.
    package var faults: [String]

    /// `rule` is the one that asks, as it is now: `nil` when it is gone. `now` is RFC 3339 in UTC. `known` is the phase that
    /// was found before: a review that is over stays so, whatever becomes of the rule and its approvers.
    package init(
        _ request: ApprovalRequest.Spec, rule: ApprovalRule.Spec?, now: String, known: Phase? = nil
    ) {
        var approvers: Set<String> = []
        var isDenied = false
        var faults: [String] = []
        for decision in request.decisions {
            if let fault = Self.fault(of: decision, request, rule) {
                faults.append("\(decision.approver.username) \(fault)")
            } else if decision.verdict == .deny {
                isDenied = true
            } else {
                approvers.insert(decision.approver.username)
            }
        }
        approvals = approvers.count
        self.faults = faults
        let required = max(request.requiredApprovals, rule?.approval?.required ?? 1)
        isOver = Self.isAfter(now, request.expiresAt)
        if request.breakGlass != nil, let known, known.isDecided {
            phase = known
        } else if request.breakGlass != nil {
            phase =
                isDenied ? .disputed : approvals >= required ? .reviewed : isOver ? .overdue : .awaitingReview
        } else if isDenied || rule?.approval == nil {
            phase = .denied
        } else if approvals >= required {
            phase = .approved
        } else {
            phase = isOver ? .expired : .pending
        }
        let windows = rule?.approval?.windows ?? []
        let isOpen =
            Timestamp(now).map { windows.areOpen(at: $0.microseconds / 1_000_000) } ?? windows.isEmpty
        mayRun = phase == .approved && isOpen && !isOver
    }

    /// Why a decision does not count; `nil` when it does. A denial counts of whoever may approve, the requester included.
    package static func fault(
        of decision: ApprovalRequest.Decision, _ request: ApprovalRequest.Spec,
        _ rule: ApprovalRule.Spec?
    ) -> String? {
        guard let rule, let approval = rule.approval else {
            return "decides by a rule that asks for no approval any more"
        }
        let approver = decision.approver
        let isNamed =
            approval.approvers.users.contains(approver.username)
            || !Set(approval.approvers.groups).isDisjoint(with: approver.groups)
        guard isNamed else { return "is not among the rule's approvers" }
        if decision.verdict == .approve, request.requester.isAskedFor(by: approver.username),
            !approval.allowSelfApproval || request.breakGlass != nil
        {
            return "asks for it, and nobody approves what they ask for themselves"
        }
        if decision.verdict == .approve, !request.allowsAsTold(rule) {
            return "approves what the rule does not allow any more: the statement is to be sent anew"
        }
        if approval.requireReason, decision.reason.allSatisfy(\.isWhitespace) {
            return "gives no reason, which the rule asks for"
        }
        // A review is better late than never.
        guard request.breakGlass == nil else { return nil }
        return isAfter(decision.time, request.expiresAt) ? "decided after the request's end" : nil
    }

    /// Times in UTC with as many digits each.
    private static func isAfter(_ time: String, _ end: String) -> Bool {
        time.prefix(Self.secondLength) > end.prefix(Self.secondLength)
    }

    /// Of `2026-01-31T09:00:00`.
    private static let secondLength = 19
}

extension ApprovalRequest.Requester {
    /// Whether that is who asks, who asks on behalf of somebody, who started the job that asks, or who answers for it.
    fileprivate func isAskedFor(by name: String) -> Bool {
        name == self.name || name == through
            || [Subject.actorAttribute, Subject.ownerAttribute].contains {
                attributes.contains("\($0)=\(name)")
            }
    }

    /// Whether the same ask by both, and for the same person.
    func isSame(as requester: ApprovalRequester) -> Bool {
        name == requester.subject.name && through ?? "" == requester.through
    }
}

extension ApprovalRequest.Spec {
    /// Whether it was approved, and its statement not sent again for as long as the rule's grant lasts: since the last
    /// approval that was needed, or since a window opened after it.
    func hasLapsed(by rule: ApprovalRule.Spec, at now: Timestamp) -> Bool {
        let approvals = decisions.filter {
            $0.verdict == .approve && ApprovalJudgement.fault(of: $0, self, rule) == nil
        }
        let required = max(requiredApprovals, rule.approval?.required ?? 1)
        guard approvals.count >= required,
            let approved = Timestamp(approvals.map(\.time).sorted()[required - 1]),
            let end = Timestamp(expiresAt)
        else { return false }
        let windows = rule.approval?.windows ?? []
        let (decided, last) = (approved.microseconds / 1_000_000, end.microseconds / 1_000_000)
        var beginning = approved
        if !windows.areOpen(at: decided) {
            guard let opening = windows.opening(after: decided, before: last) else { return false }
            beginning = Timestamp(microseconds: opening * 1_000_000)
        }
        return (beginning + rule.grant.duration).microseconds <= now.microseconds
    }

    /// Whether both are about the same statement, of the same requester, by the same rule.
    func isAbout(_ question: ApprovalQuestion) -> Bool {
        ruleRef == question.rule && statement.sha256 == Hexadecimal.encode(question.digest)
            && requester.isSame(as: question.requester)
    }
}
