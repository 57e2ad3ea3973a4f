import API
import Policy
import StatementAnalysis
import WireProtocols

/// A prepared statement, made by `Parse` or by SQL `PREPARE`.
///
/// The server keeps the parsed text alone: at each use, what its names mean is found anew under the search path and
/// catalogue of that moment (documentation, `PREPARE`, "Notes").
final class Prepared {
    enum Source {
        /// `Parse`: the statement itself.
        case statement
        /// SQL `PREPARE`: the text is the whole command.
        case command
        /// No text tells what it does.
        case facts(StatementFacts)
    }

    let text: [UInt8]
    /// `false` for the beginning of a text that was too long to be held.
    let isWhole: Bool
    /// The text as the server reads it, where that is something else than the bytes say.
    var read: [UInt8]?
    let source: Source
    /// How the text was to be read when it came.
    let settings: SessionSettings
    /// As `Parse` declares them.
    let parameterTypes: [UInt32]
    /// What it gives to the setting by which others are acted for.
    let assignments: [QueryPhase.Assignment]
    /// A `Describe` of the statement is on its way.
    var isDescribed = false
    /// Its text as it was last recorded, and whether as it is or without its literals.
    var recorded: (text: RecordedText, isRedacted: Bool)?
    private var described: (scope: Scope, fields: [ColumnType])?
    private var planned: (scope: Scope, plan: Plan)?

    init(
        text: [UInt8], isWhole: Bool = true, settings: SessionSettings, parameterTypes: [UInt32] = [],
        source: Source = .statement, assignments: [QueryPhase.Assignment] = []
    ) {
        self.text = text
        self.isWhole = isWhole
        self.settings = settings
        self.parameterTypes = parameterTypes
        self.source = source
        self.assignments = assignments
    }

    /// Its parameters' types, four bytes each.
    var types: [UInt8] {
        parameterTypes.flatMap { type in
            stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: type >> $0) }
        }
    }

    /// The statement's plan under `scope`; judged again whenever policy, catalogue or search path have changed.
    func plan(in scope: Scope, at now: Int64) -> Plan {
        if let planned, planned.scope === scope, !scope.dependsOnTime { return planned.plan }
        let plan: Plan
        let text = read ?? text
        switch source {
        case .facts(let facts):
            plan = scope.plan(key: [], facts: [facts], at: now)
        case .statement:
            plan = scope.plan(for: text.span, at: now)
        case .command:
            let command = scope.plan(for: text.span, at: now)
            let prepared = command.statements.first?.facts.sessionChanges.compactMap { change in
                if case .prepare(_, let facts, _) = change { facts } else { nil }
            }
            plan = prepared?.first.map { scope.plan(key: [], facts: [$0], at: now) } ?? command
        }
        if scope.isTransparent || plan.pendingViews.isEmpty { planned = (scope, plan) }
        return plan
    }

    /// A `RowDescription` has told the result's columns, as `scope` has them.
    func describe(_ fields: [ColumnType], in scope: Scope) {
        described = (scope, fields)
        isDescribed = false
    }

    /// The result's columns; `nil` when they have not been told, or were told of what the text meant before.
    func fields(in scope: Scope) -> [ColumnType]? {
        if let described, described.scope.means(the: scope) { described.fields } else { nil }
    }
}

/// What is told by a cursor, or a portal that `FETCH` and `MOVE` run as one.
struct Cursor {
    var columns: [StatementFacts.OutputColumn]
    /// Its rows are not made before they are fetched, and making them may change what later statements mean.
    var mayChangeSession: Bool

    init(_ columns: [StatementFacts.OutputColumn], of facts: StatementFacts) {
        self.columns = columns
        mayChangeSession =
            facts.effects.contains(.execute)
            || facts.sessionChanges.contains { if case .declareCursor = $0 { false } else { true } }
    }
}

/// A bound portal.
final class Portal {
    let prepared: Prepared
    /// What was searched when it was bound: its plan stays what it was then.
    let context: SessionContext
    /// As in `Bind`: none means text, one means all.
    let formats: [Format]
    /// What is recorded of the parameters.
    let parameters: [String]
    /// The `Bind` message without its names, where an approval may be bound to it.
    let binding: [UInt8]
    /// What its statement gives to the setting by which others are acted for.
    let changes: [Representation.Change]
    /// By which what it runs was approved for ``requester``, by rule.
    var approvals: [ApprovalRequest.RuleReference: ApprovalState.Approved] = [:]
    var requester: ApprovalRequester?
    /// Of the configuration it was bound under.
    var generation: UInt64 = 0
    /// It has been run, or a part of it.
    var hasBegun = false
    /// Rows returned so far, where they are counted.
    var returnedCount: UInt64 = 0
    /// The result's columns, once a `RowDescription` of this portal has told them.
    var fields: [ColumnType]?
    var isDescribed = false
    /// What it reads was as the catalogue had it once the server had planned it, and stays so for the portal's life.
    var isConfirmed = false

    init(
        prepared: Prepared, context: SessionContext, formats: [Format], parameters: [String],
        binding: [UInt8] = [], changes: [Representation.Change] = []
    ) {
        self.prepared = prepared
        self.context = context
        self.formats = formats
        self.parameters = parameters
        self.binding = binding
        self.changes = changes
    }

    /// Whether the columns are known, or will be before the first row.
    func hasFields(in scope: Scope) -> Bool {
        fields != nil || isDescribed || prepared.isDescribed || prepared.fields(in: scope) != nil
    }
}
