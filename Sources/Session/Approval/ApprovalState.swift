import API
import Policy
import StatementAnalysis
import WireProtocols

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
        /// It is approved, and waits for a window of its rule.
        var isApproved = false
        /// When that window opens; `nil` where none does before the request's end, and while the operator is asked again.
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
        /// Of the configuration; another ends the approval, as the request's end does.
        var generation: UInt64
        var expiry: Int64
        var isByBreakGlass: Bool
        /// It was given when the statement was sent before, which another rule has refused then.
        var isEarlier = false
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
    /// The message is refused until another rule's approval is there: those that were given stay for when it comes again.
    var keepsApproved = false
    /// Settings that nobody has defined, by the names the client has given them values; `nil` once not all are known.
    var namedSettings: Set<String>? = []
    /// Such settings of the client's start-up message, as they came.
    var startup: [UInt8] = []
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
        if !approved.isEmpty {
            if keepsApproved {
                for rule in approved.keys { approved[rule]?.isEarlier = true }
            } else {
                // Drivers send `Sync` or `ROLLBACK` before the statement comes again.
                approved = approved.filter(\.value.isEarlier)
            }
        }
        keepsApproved = false
        // What was answered may not have been needed any more.
        if held != nil { held = nil }
        if !request.isEmpty { (request, rule) = ("", "") }
    }
}

extension ApprovalState {
    /// Settings nobody has defined that are told apart for one session. Ours.
    private static let settingLimit = 100

    /// A statement has succeeded that gives a setting a value.
    mutating func remember(_ setting: StatementFacts.AssignedSetting) {
        guard case .constant(let name) = setting.name else {
            namedSettings = nil
            return
        }
        guard name != OnBehalfOf.setting, name != BreakGlass.setting else { return }
        namedSettings?.insert(name)
        let isKnown = StatementGround.isPlain(name) && namedSettings?.count ?? 0 <= Self.settingLimit
        if !isKnown { namedSettings = nil }
    }

    /// The client's start-up parameters: those that nobody has defined have a `.` in their names.
    mutating func remember(startup parameters: [StartupMessage.Parameter]) {
        let dot = UInt8(ascii: ".")
        startup = parameters.flatMap { parameter in
            let isOptions = parameter.name.elementsEqual("options".utf8) && parameter.value.contains(dot)
            return isOptions || parameter.name.contains(dot)
                ? parameter.name + [0] + parameter.value + [0] : []
        }
    }
}
