import Masking
import WireProtocols

/// How the rows of one statement's result reach the client, found once for every execution on the same ground.
final class SettledRows {
    /// All that it follows from, besides the statement's own decision.
    struct Ground: Equatable {
        /// The number of the scope whose masks apply.
        var scope: UInt64
        var fields: [ColumnType]
        /// Of the portal; `nil` where the fields tell their own.
        var formats: [Format]?
        /// Of the values.
        var encoding: TextEncoding
    }

    let ground: Ground
    let rows: Execution.Rows

    init(ground: Ground, rows: Execution.Rows) {
        self.ground = ground
        self.rows = rows
    }
}
