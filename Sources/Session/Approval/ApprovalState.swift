import API
import Policy

/// What one session waits for approval for, and what it has been allowed.
struct ApprovalState {
    /// Between two notices that tell a client that its statement still waits, in microseconds: the connection must not
    /// look dead to what lies between.
    static let reminderInterval: Int64 = 30_000_000

    /// A statement that people are being asked about.
    struct Held {
        var terms: ApprovalTerms
        var question: ApprovalQuestion
        /// Of the configuration it was judged by.
        var generation: UInt64
        /// When nobody may approve it any more, in microseconds since 1970, as are the other moments.
        var expiry: Int64
        var reminder: Int64
        /// The client knows what it waits for: the operator has the question.
        var isTold = false
        var outcome: Outcome?
        /// It is approved, and waits for a window of its rule: when that opens.
        var opening: Int64?

        var id: String { question.id }
        var digest: [UInt8] { question.digest }
        /// The client is not kept waiting, but sends the statement again.
        var comesAgain: Bool { question.whileWaiting == .reject }
        /// It runs without approval, once what is to be reviewed is noted.
        var isByBreakGlass: Bool { question.breakGlass != nil }
    }

    enum Outcome: Equatable {
        case answered(ApprovalAnswer)
        /// It waits for people, and its client shall come again.
        case pending(request: String)
        /// By its client.
        case cancelled
    }

    /// What an approval is for, and the request it was given to.
    struct Approved {
        var digest: [UInt8]
        var request: String
    }

    /// For whom something has been allowed, and by which rule.
    struct GrantKey: Hashable {
        var requester: ApprovalRequester
        var rule: ApprovalRequest.RuleReference
    }

    /// What has been allowed beyond one statement.
    struct Grant {
        /// Of the configuration; another ends the grant.
        var generation: UInt64
        var until: Int64
        var request: String
        /// It is no approval, and ends when the glass is mended.
        var isByBreakGlass = false
    }

    /// Since when, for whom and why statements do not wait; `nil`: they do.
    var broken: BreakGlass.Broken?
    var held: Held?
    /// Questions asked so far.
    var count = 0
    /// For the message that is being judged, by rule.
    var approved: [ApprovalRequest.RuleReference: Approved] = [:]
    /// For the session.
    var grants: [GrantKey: Grant] = [:]
    /// By which the message that runs was approved, and the rule that asked; empty when it needed nothing.
    var request = ""
    var rule = ""

    /// Statements wait again.
    mutating func mendGlass() {
        guard broken != nil else { return }
        broken = nil
        grants = grants.filter { !$0.value.isByBreakGlass }
    }

    /// The message has been dealt with.
    mutating func messageIsDone() {
        if !approved.isEmpty { approved.removeAll() }
        if !request.isEmpty { (request, rule) = ("", "") }
    }
}
