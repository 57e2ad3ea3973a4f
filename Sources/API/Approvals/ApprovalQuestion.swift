/// A statement that people are to decide about, as the gateway that holds it tells the operator.
package struct ApprovalQuestion: Sendable, Equatable {
    /// Chosen by the gateway, from a session's 16 random bytes: lower-case hexadecimal digits and `-`.
    package var id: String
    package var rule: ApprovalRequest.RuleReference
    /// `namespace/name` of the DatabaseConnection.
    package var connection: String
    package var requester: ApprovalRequester
    /// Of everything that makes the statement what it is; see ``ApprovalBinding``.
    package var digest: [UInt8]
    package var kind: ApprovalRule.StatementKind
    /// `schema.name`, at most ``ApprovalRequest/maximumNames``.
    package var tables: [String]
    /// Literals are replaced; at most ``maximumTextLength`` bytes.
    package var redactedText: String
    package var whileWaiting: ApprovalRule.WhileWaiting
    /// Why it does not wait, and is to be reviewed; `nil` where it does.
    package var breakGlass: String?
    /// What the gateway lets an approval allow: ``ApprovalRule/Spec/allowance``; empty where it does not say.
    package var allowance: String

    /// Longest text told, in bytes.
    package static let maximumTextLength = 16 << 10

    package init(
        id: String, rule: ApprovalRequest.RuleReference, connection: String, requester: ApprovalRequester,
        digest: [UInt8], kind: ApprovalRule.StatementKind, tables: [String], redactedText: String,
        whileWaiting: ApprovalRule.WhileWaiting, breakGlass: String? = nil, allowance: String = ""
    ) {
        self.id = id
        self.rule = rule
        self.connection = connection
        self.requester = requester
        self.digest = digest
        self.kind = kind
        self.tables = tables
        self.redactedText = redactedText
        self.whileWaiting = whileWaiting
        self.breakGlass = breakGlass
        self.allowance = allowance
    }

    /// Whether the gateway has the rule as it is: approvers would be told something else otherwise. What runs by a broken
    /// glass is told of whatever its rule allows.
    package func isAsked(by rule: ApprovalRule.Spec) -> Bool {
        breakGlass != nil || allowance.isEmpty || allowance == rule.allowance
    }
}

/// Where a question stands, as the operator tells the gateway.
package struct ApprovalAnswer: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case pending = "Pending"
        case approved = "Approved"
        case denied = "Denied"
        case expired = "Expired"
        /// Nobody can be asked: the reason says why.
        case refused = "Refused"
    }

    /// Of one person.
    package struct Decision: Sendable, Equatable {
        package var approver: String
        package var verdict: ApprovalRequest.Decision.Verdict
        package var reason: String
        /// RFC 3339, in UTC.
        package var time: String

        package init(
            approver: String, verdict: ApprovalRequest.Decision.Verdict, reason: String, time: String
        ) {
            self.approver = approver
            self.verdict = verdict
            self.reason = reason
            self.time = time
        }
    }

    /// The question's.
    package var id: String
    /// The name of the ApprovalRequest, which people decide by; an earlier question's where that was about the same.
    package var request: String
    package var state: State
    /// Why it is ``State/refused``, or ``closedWindow``; empty otherwise.
    package var reason: String
    package var decisions: [Decision]

    package init(
        id: String, request: String, state: State, reason: String = "", decisions: [Decision] = []
    ) {
        self.id = id
        self.request = request
        self.state = state
        self.reason = reason
        self.decisions = decisions
    }

    /// The reason of what is approved, and ``State/pending`` until a window of its rule opens.
    package static let closedWindow = "approved; no window is open"

    /// It is approved, and may run once a window of its rule opens.
    package var awaitsWindow: Bool { state == .pending && reason == Self.closedWindow }
}
