package import API
import Synchronization

/// What to look for in the values of one column.
package struct IdentifierSearch: Sendable {
    /// The kinds, and what each identifier is replaced by.
    package var actions: [IdentifierKind: MaskingAction]
    /// The base column's name, `*` for a computed value; it tells the kind of short values.
    package var column: String
    /// Counts what is replaced.
    package var tally: DetectionTally?

    /// A computed value may be a text in another form.
    var isComputed: Bool { column == "*" }

    package init(
        actions: [IdentifierKind: MaskingAction], column: String, tally: DetectionTally? = nil
    ) {
        self.actions = actions
        self.column = column
        self.tally = tally
    }
}

/// How many identifiers of each kind were replaced in one result.
package final class DetectionTally: Sendable {
    private let counts = Mutex<[IdentifierKind: UInt64]>([:])

    package init() {}

    func count(_ kind: IdentifierKind) {
        counts.withLock { $0[kind, default: 0] += 1 }
    }

    /// The counts since they were last taken.
    package func take() -> [IdentifierKind: UInt64] {
        counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
    }
}
