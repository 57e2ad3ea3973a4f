import API
import Kubernetes

/// Where a request for approval stands, with all that its notifications tell.
struct ApprovalStanding: Sendable, Equatable {
    var key: ObjectKey
    /// Tells it from another request of the same name.
    var identity: String
    var request: ApprovalRequest.Spec
    var phase: ApprovalJudgement.Phase
    /// Distinct people whose approval counts.
    var approvals: Int
    /// Of the rule as it is now; `nil` when it is gone: then nobody is told.
    var approval: ApprovalRule.Approval?
    /// What has been told, as it is kept beside the request.
    var recorded: [NotificationRecord]

    init(
        _ key: ObjectKey, identity: String, _ request: ApprovalRequest.Spec, _ judgement: ApprovalJudgement,
        _ approval: ApprovalRule.Approval?, recorded: [NotificationRecord]
    ) {
        self.key = key
        self.identity = identity
        self.request = request
        phase = judgement.phase
        approvals = judgement.approvals
        self.approval = approval
        self.recorded = recorded
    }

    /// Who is told, each once; their Secrets are of the rule's own namespace.
    var webhooks: [Webhook] {
        var webhooks: [Webhook] = []
        for notification in approval?.notify ?? [] {
            let webhook = Webhook(notification, of: request.ruleRef)
            if !webhooks.contains(where: { $0.address == webhook.address }) { webhooks.append(webhook) }
        }
        return webhooks
    }
}

/// Who is told of a request, and how much.
struct Webhook: Sendable, Equatable {
    var address: WebhookReference
    var includesStatement: Bool

    init(_ notification: ApprovalRule.Notification, of rule: ApprovalRequest.RuleReference) {
        let secret = notification.webhookSecretRef
        address = WebhookReference(namespace: rule.namespace, secret: secret.name, key: secret.key)
        includesStatement = notification.includeStatement
    }
}

/// Where a webhook's address stands; the address itself is a secret.
struct WebhookReference: Sendable, Hashable {
    var namespace: String
    var secret: String
    var key: String

    /// As records, logs and Events name it.
    var name: String { "\(secret)/\(key)" }
}

/// A notification that one webhook got, or did not get for good.
struct NotificationRecord: Sendable, Equatable {
    enum Outcome: String, Sendable {
        case delivered = "Delivered"
        case failed = "Failed"
    }

    /// See ``WebhookReference/name``.
    var webhook: String
    /// See ``NotificationEvent/phase``.
    var phase: String
    var outcome: Outcome
    /// RFC 3339, in UTC.
    var time: String

    var document: JSON {
        [
            "webhook": .string(webhook), "phase": .string(phase), "outcome": .string(outcome.rawValue),
            "time": .string(time),
        ]
    }
}

extension NotificationRecord {
    /// - Returns: `nil` for what is none.
    init?(_ document: JSON) {
        guard let webhook = document["webhook"]?.string, let phase = document["phase"]?.string,
            let outcome = document["outcome"]?.string.flatMap(Outcome.init),
            let time = document["time"]?.string
        else { return nil }
        self.init(webhook: webhook, phase: phase, outcome: outcome, time: time)
    }

    /// Of a request's status.
    static func all(in status: JSON?) -> [Self] {
        (status?["notifications"]?.array ?? []).compactMap(Self.init)
    }
}
