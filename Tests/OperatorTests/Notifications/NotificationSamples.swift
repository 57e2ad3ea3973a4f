import API
import Kubernetes

@testable import Operator

/// Requests of ``ApprovalSamples``, whose rule tells webhooks.
enum NotificationSamples {
    static let now = Timestamp(ApprovalSamples.before) ?? Timestamp(microseconds: 0)

    static func standing(
        _ number: Int = 1, decisions: [JSON] = [], notify: [String] = ["chat"], statement: Bool = false,
        at time: String = ApprovalSamples.before, recorded: [NotificationRecord] = [],
        change: (inout ApprovalRequest.Spec) -> Void = { _ in }
    ) throws -> ApprovalStanding {
        let webhooks = notify.map {
            #"{"webhookSecretRef": {"name": "\#($0)"}, "includeStatement": \#(statement)}"#
        }
        let rule = try ApprovalSamples.rule(#", "notify": [\#(webhooks.joined(separator: ", "))]"#)
        var request = try ApprovalSamples.request(decisions)
        change(&request)
        return ApprovalStanding(
            ObjectKey(namespace: "clinic", name: "5a3c-\(number)"), identity: "uid-\(number)", request,
            ApprovalJudgement(request, rule: rule, now: time), rule.approval, recorded: recorded)
    }

    static func notice(
        _ number: Int = 1, _ event: NotificationEvent = .reached(.pending), webhook: String = "chat"
    ) throws -> Notice {
        let standing = try standing(number, notify: [webhook])
        return Notice(standing: standing, event: event, webhook: standing.webhooks[0])
    }

    /// Two of the rule's approvers.
    static let approvals = [ApprovalSamples.decision("ana"), ApprovalSamples.decision("ben")]
}
