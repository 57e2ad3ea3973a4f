import Masking
import Policy
import StatementAnalysis
import WireProtocols

/// An error the gateway itself reports: what the client is told, and which rule said so.
struct Diagnosis: Equatable {
    var rule: String
    var sqlState: String
    var message: String
    var hint = ""
    /// By which the audit log knows the refused statement; empty when it knows none.
    var requestID = ""
    /// Where in the statement, counted in characters from 1; 0 for nowhere.
    var position = 0

    init(rule: String = "", sqlState: String, message: String, hint: String = "") {
        self.rule = rule
        self.sqlState = sqlState
        self.message = message
        self.hint = hint
    }

    init(_ refusal: Refusal) {
        self.init(
            rule: refusal.rule, sqlState: refusal.sqlState, message: refusal.reason, hint: refusal.hint)
    }

    /// What PostgreSQL itself would say, where it would say something.
    init(_ error: AnalysisError) {
        switch error {
        case .syntax(let message, let position):
            self.init(sqlState: Self.syntaxError, message: message)
            self.position = position
        case .tooLong(let limit):
            self.init(sqlState: "54000", message: "statement is longer than \(limit) bytes")
        case .containsNUL, .notUTF8:
            self.init(sqlState: Self.badEncoding, message: "invalid byte sequence for encoding \"UTF8\"")
        case .tooDeep:
            self.init(sqlState: "54001", message: "statement is nested too deeply")
        case .tooComplex:
            self.init(sqlState: "54001", message: "statement is too complex")
        case .unreadableTree, .noParserThread:
            self.init(sqlState: "XX000", message: "statement could not be analysed")
        }
    }

    /// What the server said of a question of ours.
    init(_ report: DiagnosticReport, _ sqlState: String, _ body: Span<UInt8>) {
        guard sqlState != Self.transactionAborted.sqlState else {
            self = .transactionAborted
            return
        }
        let message = report[.message].map { String(decoding: body.copy($0), as: UTF8.self) }
        self.init(sqlState: sqlState, message: message ?? Self.catalogueUnreadable.message)
    }

    /// For a client whose encoding the gateway does not write: with ASCII alone.
    func readable(in encoding: TextEncoding) -> Self {
        guard encoding.kind != .utf8 else { return self }
        func ascii(_ text: String) -> String {
            String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isASCII ? $0 : "?" }))
        }
        var result = self
        result.message = ascii(message)
        result.hint = ascii(hint)
        return result
    }

    /// The error as it is sent.
    func fields(_ severity: DiagnosticFields.Severity) -> DiagnosticFields {
        DiagnosticFields(
            severity, sqlState: sqlState, message: message,
            detail: requestID.isEmpty ? nil : "This is request \(requestID) of the audit log.",
            hint: hint.isEmpty ? nil : hint,
            position: position > 0 ? position : nil)
    }
}

/// What the gateway says in places of its own.
extension Diagnosis {
    static let syntaxError = "42601"
    /// A text that is not in the encoding it is said to be in.
    static let badEncoding = "22021"
    static let unknownEncoding = Self(
        rule: "session/client_encoding", sqlState: "0A000",
        message: "the statement cannot be read: its encoding is not known")
    static let dependsOnEncoding = Self(
        rule: "session/server_encoding", sqlState: "0A000",
        message: "the database may read names or constants of the statement in another way than the gateway",
        hint: "Quote names with capital letters outside ASCII, and write characters rather than their bytes.")
    static let ambiguousName = Self(
        rule: "session/client_encoding", sqlState: "0A000",
        message: "statements and portals must have ASCII names in this encoding")
    static let copyEncoding = Self(
        rule: "session/client_encoding", sqlState: "0A000",
        message: "COPY data in this encoding cannot be masked",
        hint: "Add ENCODING 'UTF8' to its options.")
    static let transactionAborted = Self(
        sqlState: "25P02",
        message: "current transaction is aborted, commands ignored until end of transaction block")
    static let catalogueUnreadable = Self(
        rule: "gateway/catalogue", sqlState: "58000",
        message: "the gateway could not read the database's catalogue")
    static let catalogueSuperseded = Self(
        rule: "gateway/catalogue", sqlState: "40001",
        message:
            "could not serialize access: what the statement reads has been changed since the transaction began",
        hint: "Run the transaction again.")
    static let auditUnavailable = Self(
        rule: "gateway/audit", sqlState: "58030",
        message: "the audit log cannot take another record, so no statement may run",
        hint: "Bring the audit sink back, or enlarge failureMode.auditBufferBytes.")
    static let configurationStale = Self(
        rule: "gateway/configuration", sqlState: "58000",
        message: "the gateway's configuration is older than failureMode allows, so no statement may run",
        hint: "Bring the operator back.")
    static let idleTimeout = Self(
        sqlState: "57P05", message: "terminating connection due to idle-session timeout")
    static let idleInTransactionTimeout = Self(
        sqlState: "25P03", message: "terminating connection due to idle-in-transaction timeout")
    static let maximumDuration = Self(
        sqlState: "57P01", message: "terminating connection due to maximum session duration")
    static let replicationRefused = Self(
        rule: "session/replication", sqlState: "42501",
        message: "replication is not allowed for a subject with masks or rules")
    static let shutDown = Self(
        sqlState: "57P01", message: "terminating connection due to administrator command")
    static func identityEnded(_ end: IdentityEnd) -> Self {
        Self(
            sqlState: "28000", message: "terminating connection: \(end.rawValue)",
            hint: end == .revoked ? "" : "Log in again.")
    }
    static let messageTooLong = Self(
        rule: "gateway/limit", sqlState: "54000",
        message: "a message this long cannot be judged",
        hint: """
            At most \(MessageLimit.judged) bytes are held to be judged, and at most \(ConnectionEnvironment.heldByteLimit) \
            in all sessions.
            """)
    static let rowTooLong = Self(
        rule: "gateway/limit", sqlState: "54000",
        message: "a row longer than \(QueryPhase.maskedRowLimit) bytes cannot be masked")
    static let tooManyObjects = Self(
        rule: "gateway/limit", sqlState: "54000",
        message: "too many prepared statements or portals in one session")

    static func invalidBytes(in encoding: TextEncoding) -> Self {
        Self(sqlState: badEncoding, message: "invalid byte sequence for encoding \"\(encoding.name)\"")
    }

    static func noStatement(named name: [UInt8]) -> Self {
        Self(
            sqlState: "26000",
            message: "prepared statement \"\(String(decoding: name, as: UTF8.self))\" does not exist")
    }

    static func noCursor(named name: [UInt8]) -> Self {
        Self(sqlState: "34000", message: "cursor \"\(String(decoding: name, as: UTF8.self))\" does not exist")
    }

    static let portalMeansAnother = Self(
        rule: "gateway/portal", sqlState: "0A000",
        message: "what the portal names is another since it was bound", hint: "Bind it again.")

    static func noPortal(named name: [UInt8]) -> Self {
        Self(sqlState: "34000", message: "portal \"\(String(decoding: name, as: UTF8.self))\" does not exist")
    }
}
