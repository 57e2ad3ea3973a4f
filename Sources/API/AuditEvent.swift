/// What the gateway tells the auditor, before sequence number, time and chain are added by `Audit`.
///
/// No field holds a governed value: texts that may contain one arrive here already redacted.
package struct AuditEvent: Sendable, Equatable {
    /// 16 random bytes; all zero for events of the gateway itself.
    package var session: SessionID
    package var body: Body

    package init(session: SessionID, body: Body) {
        self.session = session
        self.body = body
    }

    package enum Body: Sendable, Equatable {
        case gatewayStarted(GatewayStarted)
        case configurationApplied(ConfigurationApplied)
        /// At the first session with a database, and when something has changed.
        case databaseRole(DatabaseRoleRead)
        case sessionStarted(SessionStarted)
        /// The client was refused before a session existed: at log-in, or by the operator when it asked for a grant.
        case sessionRefused(SessionRefused)
        /// Recorded before the statement is forwarded or refused.
        case statement(StatementIntent)
        case outcome(StatementOutcome)
        /// People are asked about a statement, or have answered.
        case approval(ApprovalRecorded)
        /// An application names, with a token, whom it acts on behalf of.
        case onBehalfOf(OnBehalfOfRecorded)
        case sessionEnded(SessionEnded)
    }
}

/// Identifies a session everywhere; printed as 32 lower-case hexadecimal digits.
package struct SessionID: Sendable, Hashable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static let gateway = Self(high: 0, low: 0)
}

extension SessionID: CustomStringConvertible {
    /// 32 lower-case hexadecimal digits.
    package var description: String {
        [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        .joined()
    }
}

package struct GatewayStarted: Sendable, Equatable {
    package var version: String

    package init(version: String) { self.version = version }
}

package struct ConfigurationApplied: Sendable, Equatable {
    /// SHA-256 of the manifests, hexadecimal.
    package var revision: String
    /// Faults of a configuration that was not applied; empty when it was.
    package var faults: [String]
    /// What of it is another than before, one line a resource: kind, name, what became of it, by whom.
    package var changes: [String]

    package init(revision: String, faults: [String] = [], changes: [String] = []) {
        self.revision = revision
        self.faults = faults
        self.changes = changes
    }
}

package struct SessionStarted: Sendable, Equatable {
    package var subject: Subject
    /// `nil` for those who needed no token.
    package var evidence: IdentityEvidence?
    /// The user name the client claimed; proves nothing.
    package var claimedUser: String
    /// `namespace/name` of the DatabaseConnection.
    package var connection: String
    package var database: String
    package var applicationName: String
    package var clientAddress: String
    package var clientTLS: String?
    package var serverProcessID: Int32

    package init(
        subject: Subject, evidence: IdentityEvidence? = nil, claimedUser: String, connection: String,
        database: String, applicationName: String, clientAddress: String, clientTLS: String?,
        serverProcessID: Int32
    ) {
        self.subject = subject
        self.evidence = evidence
        self.claimedUser = claimedUser
        self.connection = connection
        self.database = database
        self.applicationName = applicationName
        self.clientAddress = clientAddress
        self.clientTLS = clientTLS
        self.serverProcessID = serverProcessID
    }
}

package struct SessionRefused: Sendable, Hashable {
    /// Who the client says it is, or the token it shows: proves nothing.
    package var claimedUser: String
    package var connection: String
    package var clientAddress: String
    package var reason: String
    /// How many such refusals the record tells of; 1 for one of its own.
    package var count: UInt64

    package init(
        claimedUser: String, connection: String, clientAddress: String, reason: String, count: UInt64 = 1
    ) {
        self.claimedUser = claimedUser
        self.connection = connection
        self.clientAddress = clientAddress
        self.reason = reason
        self.count = count
    }

    /// The reason, and how often if more than once.
    package var told: String { count == 1 ? reason : "\(reason) (\(count) times)" }
}

package struct StatementIntent: Sendable, Equatable {
    package enum Channel: String, Sendable {
        case simple = "Query"
        case parse = "Parse"
        case execute = "Execute"
        case functionCall = "FunctionCall"
    }

    package enum Verdict: String, Sendable {
        case allow = "Allow"
        case mask = "Mask"
        case refuse = "Refuse"
    }

    /// 1 for the session's first.
    package var number: UInt64
    package var channel: Channel
    /// UTF-8, at most ``maximumTextLength`` bytes; literals replaced where they may hold governed values.
    package var text: [UInt8]
    package var isTextRedacted: Bool
    /// The `client_encoding` of a text that is not told as UTF-8: ``text`` then has `\\` for each backslash and `\xNN`
    /// for each byte outside ASCII. Empty for UTF-8.
    package var encoding: String
    /// SHA-256 of the statement as it was sent, where the text is cut; 32 bytes. Empty when the text is whole, when
    /// it is redacted (the literals could be guessed by it), and when it was passed on without being held whole.
    package var digest: [UInt8]
    /// Effects, relations and masks as compact tokens: shared between executions of one statement.
    package var summary: StatementSummary
    package var verdict: Verdict
    /// The rule that decided, or marked by ``DryRun`` the one that would have refused; empty when none did.
    package var rule: String
    /// By which a refused statement's client knows it; of one that was approved, the name of the ApprovalRequest.
    package var requestID: String
    /// Text of each bound parameter as recorded (redacted as `recording.parameters` says).
    package var parameters: [String]
    /// The name of whom the session's subject acts on behalf of; empty where it acts for itself.
    package var onBehalfOf: String

    /// Longest statement text recorded, in bytes.
    package static let maximumTextLength = 64 << 10

    package init(
        number: UInt64, channel: Channel, text: [UInt8], isTextRedacted: Bool = false,
        encoding: String = "", digest: [UInt8] = [], summary: StatementSummary, verdict: Verdict,
        rule: String = "", requestID: String = "", parameters: [String] = [], onBehalfOf: String = ""
    ) {
        self.number = number
        self.channel = channel
        self.text = text
        self.isTextRedacted = isTextRedacted
        self.encoding = encoding
        self.digest = digest
        self.summary = summary
        self.verdict = verdict
        self.rule = rule
        self.requestID = requestID
        self.parameters = parameters
        self.onBehalfOf = onBehalfOf
    }
}

/// What the analysis and the decision have in common for every execution of one statement.
package struct StatementSummary: Sendable, Equatable {
    /// Names of `StatementFacts.Effect`.
    package var effects: [String]
    /// `schema.name`, those written with a trailing `!`.
    package var relations: [String]
    /// `schema.table.column=Action` of each masked output column, `=Detect(Kind:Action,...)` where only identifiers
    /// within its values are; marked by ``DryRun``, of each that would have been.
    package var masks: [String]

    package init(effects: [String] = [], relations: [String] = [], masks: [String] = []) {
        self.effects = effects
        self.relations = relations
        self.masks = masks
    }

    package var enforcedMasks: [String] { masks.filter { DryRun.name(in: $0) == nil } }
    package var dryRunMasks: [String] { masks.compactMap(DryRun.name) }
}

package struct StatementOutcome: Sendable, Equatable {
    package var number: UInt64
    /// The server's command tag, or empty after an error.
    package var tag: [UInt8]
    /// Empty on success.
    package var sqlState: String
    package var rows: UInt64
    /// Bytes of result or COPY data towards the client.
    package var bytesOut: UInt64
    /// Bytes of COPY data towards the server.
    package var bytesIn: UInt64
    package var microseconds: UInt64
    /// `Kind=count` of the identifiers replaced within values, by kind.
    package var detected: [String]

    package init(
        number: UInt64, tag: [UInt8], sqlState: String, rows: UInt64, bytesOut: UInt64, bytesIn: UInt64,
        microseconds: UInt64, detected: [String] = []
    ) {
        self.number = number
        self.tag = tag
        self.sqlState = sqlState
        self.rows = rows
        self.bytesOut = bytesOut
        self.bytesIn = bytesIn
        self.microseconds = microseconds
        self.detected = detected
    }
}

/// Where the approval of a statement stands.
package struct ApprovalRecorded: Sendable, Equatable {
    /// The statement's; 0 in the operator's own log, where a review is of all that ran by the request.
    package var number: UInt64
    /// The name of the ApprovalRequest.
    package var request: String
    /// `ApprovalRule/name`.
    package var rule: String
    /// `Requested`, `Approved`, `Denied`, `Expired`, `Refused`, `Cancelled`, `Withdrawn` or ``brokeGlass``; of a review
    /// `Reviewed` or `Disputed`. The operator writes `Withdrawn` where the gateway is gone.
    package var state: String
    /// `Approve by NAME at TIME: REASON`, in the order they were made; of a broken glass `by NAME: REASON`, and
    /// why the operator withdrew it.
    package var decisions: [String]

    /// It ran without approval, and is to be reviewed.
    package static let brokeGlass = "BrokeGlass"

    /// A decision, as it is told; `time` is RFC 3339 in UTC.
    package static func told(
        _ verdict: ApprovalRequest.Decision.Verdict, by name: String, at time: String, reason: String
    ) -> String {
        "\(verdict.rawValue) by \(name) at \(time)" + (reason.isEmpty ? "" : ": \(reason)")
    }

    package init(number: UInt64, request: String, rule: String, state: String, decisions: [String] = []) {
        self.number = number
        self.request = request
        self.rule = rule
        self.state = state
        self.decisions = decisions
    }
}

package struct SessionEnded: Sendable, Equatable {
    package var reason: String
    package var statements: UInt64

    package init(reason: String, statements: UInt64) {
        self.reason = reason
        self.statements = statements
    }
}
