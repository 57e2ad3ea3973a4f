import API
import Masking
import WireProtocols

/// One recorded statement from its forwarding to its outcome.
final class Execution {
    /// How the rows of the current result reach the client.
    enum Rows {
        /// No row may come before this is decided.
        case undecided
        case unchanged
        case masked(RowMasker)
    }

    enum CopyOut {
        case none
        case unchanged
        case masked(CopyMasker)
    }

    /// The number of the statement's record.
    let number: UInt64
    let plan: Plan
    /// Microseconds of the session's clock.
    let startedAt: Int64
    /// The portal that an `Execute` runs; `nil` for a simple query.
    let portal: Portal?
    /// What each of the plan's statements gives to the setting by which others are acted for.
    let changes: [[Representation.Change]]

    /// Which of the plan's statements the server is at.
    var index = 0
    var rows = Rows.undecided
    var copyOut = CopyOut.none
    /// A `CopyInResponse` has come, and the client has not ended the COPY yet.
    var isCopyingIn = false
    var hasResult = false
    /// The client's next message waits for the answer.
    var holdsClient = false
    /// Counts the identifiers replaced within values.
    private(set) lazy var tally = makeTally()
    private var hasTally = false
    var rowCount: UInt64 = 0
    var bytesOut: UInt64 = 0
    var bytesIn: UInt64 = 0

    init(
        number: UInt64, plan: Plan, startedAt: Int64, portal: Portal? = nil,
        changes: [[Representation.Change]] = []
    ) {
        self.number = number
        self.plan = plan
        self.startedAt = startedAt
        self.portal = portal
        self.changes = changes
    }

    private func makeTally() -> DetectionTally {
        hasTally = true
        return DetectionTally()
    }

    /// The statement the server is at, `nil` when it answers more than was asked.
    var statement: PlannedStatement? {
        index < plan.statements.count ? plan.statements[index] : nil
    }

    /// What is recorded when the server is done with a statement; the next one starts counting anew.
    func finish(tag: [UInt8], sqlState: String, at now: Int64) -> StatementOutcome {
        let outcome = StatementOutcome(
            number: number, tag: tag, sqlState: sqlState, rows: rowCount, bytesOut: bytesOut,
            bytesIn: bytesIn,
            microseconds: UInt64(max(0, now - startedAt)),
            detected: hasTally ? tally.take().map { "\($0.key.rawValue)=\($0.value)" }.sorted() : [])
        index += 1
        rows = .undecided
        copyOut = .none
        isCopyingIn = false
        hasResult = false
        rowCount = 0
        bytesOut = 0
        bytesIn = 0
        return outcome
    }
}
