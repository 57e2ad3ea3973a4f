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
        case .withdrawn: "Withdrawn: nobody waits for it any more"
        }
    }

    /// Whether somebody is to decide.
    var asksForDecision: Bool { self == .reached(.pending) }

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
        case .reached(.pending), .withdrawn: nil
        case .reached(.approved), .reached(.denied): request.decisions.map(\.time).max()
        case .reached(.expired): request.expiresAt
        }
    }
}
