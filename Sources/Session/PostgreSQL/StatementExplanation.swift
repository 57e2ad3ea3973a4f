/// What the gateway would do with one statement for one subject, and why; nothing of it has run.
package struct StatementExplanation: Sendable, Equatable, Encodable {
    package enum Verdict: String, Sendable, Encodable {
        case permit = "Permit"
        case mask = "Mask"
        case refuse = "Refuse"
        /// Refused unless it is approved.
        case ask = "Ask"
    }

    package struct Reason: Sendable, Equatable, Encodable {
        /// `kind/name`, or `kind/name/rule`, or a constant of the gateway's own; empty where PostgreSQL says it itself.
        package var rule: String
        package var reason: String
        package var hint: String
        package var sqlState: String
    }

    package struct Mask: Sendable, Equatable, Encodable {
        /// The name of a masking action.
        package var action: String
        /// `policy/rule`.
        package var rule: String
        /// The base column that speaks for the value: `schema.table.column`.
        package var column: String
    }

    package struct Relation: Sendable, Equatable, Encodable {
        /// `schema.name`.
        package var name: String
        package var isWritten: Bool
        package var isThroughView: Bool
        /// At least one of its columns is governed for the subject.
        package var isGoverned: Bool
    }

    package struct BaseColumn: Sendable, Equatable, Encodable {
        /// `schema.table.column`.
        package var name: String
        /// What the column's own value is masked with; `nil` where it is not governed.
        package var mask: Mask?
    }

    package struct OutputColumn: Sendable, Equatable, Encodable {
        /// Set when the value is one base column's, unchanged.
        package var origin: String?
        /// The base columns the value depends on, and the views' columns on the way to them.
        package var lineage: [BaseColumn]
        /// `false` when it may also depend on columns that could not be told.
        package var isLineageComplete: Bool
        package var mask: Mask?
        /// Why it is masked, or is not.
        package var why: String
    }

    package struct Condition: Sendable, Equatable, Encodable {
        /// `WHERE`, `JOIN` and their like.
        package var clause: String
        package var columns: [BaseColumn]
        package var isLineageComplete: Bool
    }

    /// Where the statement stands in the query string, in bytes.
    package var start: Int
    package var end: Int
    package var effects: [String]
    package var relations: [Relation]
    /// `nil` where its rows are not known before it runs, or there are none: ``rows`` says which.
    package var columns: [OutputColumn]?
    package var rows: String
    package var conditions: [Condition]
    /// Functions that run and are not known to be harmless, each with what is wrong with it.
    package var functions: [String]
    /// What could not be told of the statement.
    package var unknowns: [String]

    package var verdict: Verdict
    /// Set where it is refused, or has to be approved.
    package var refusal: Reason?
    /// In its result, where every column is masked whatever it is.
    package var wholeMask: Mask?
    /// What a policy or rule in `mode: DryRun` would have done besides.
    package var wouldRefuse: Reason?
    package var wouldMask: [Mask]
}
