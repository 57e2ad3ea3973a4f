import API

/// What a notification is about: all that is said of a phase is said here.
enum NotificationEvent: Sendable, Hashable {
    case reached(ApprovalJudgement.Phase)
    /// The request is gone before anybody decided: nobody waits for it any more.
    case withdrawn

    /// For programs.
    var name: String {
        switch self {
        case .reached(.pending): "requested"
        case .reached(.approved): "approved"
        case .reached(.denied): "denied"
        case .reached(.expired): "expired"
        case .reached(.awaitingReview): "glassBroken"
        case .reached(.overdue): "reviewOverdue"
        case .reached(.reviewed): "reviewed"
        case .reached(.disputed): "disputed"
        case .withdrawn: "withdrawn"
        }
    }

    /// For people.
    var headline: String {
        switch self {
        case .reached(.pending): "Approval needed"
        case .reached(.approved): "Approved"
        case .reached(.denied): "Denied"
        case .reached(.expired): "Expired without approval"
        case .reached(.awaitingReview): "Glass broken: it runs without approval, and is to be reviewed"
        case .reached(.overdue): "Not reviewed in time"
        case .reached(.reviewed): "Reviewed"
        case .reached(.disputed): "Disputed: it should not have been run"
        case .withdrawn: "Withdrawn: nobody waits for it any more"
        }
    }

    /// Whether somebody is to decide.
    var asksForDecision: Bool {
        if case .reached(let phase) = self { !phase.isDecided } else { false }
    }

    /// Of the request.
    var phase: String {
        switch self {
        case .reached(let phase): phase.rawValue
        case .withdrawn: "Withdrawn"
        }
    }

    /// When it came to be, RFC 3339; `nil` for what is news as long as it is so.
    func time(in request: ApprovalRequest.Spec) -> String? {
        switch self {
        case .reached(.pending), .reached(.awaitingReview), .withdrawn: nil
        case .reached(.approved), .reached(.denied), .reached(.reviewed), .reached(.disputed):
            request.decisions.map(\.time).max()
        case .reached(.expired), .reached(.overdue): request.expiresAt
        }
    }
}
