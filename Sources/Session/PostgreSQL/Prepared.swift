import Policy
import StatementAnalysis
import WireProtocols

/// A prepared statement, made by `Parse` or by SQL `PREPARE`.
final class Prepared {
    let text: [UInt8]
    /// The search path and role at the time: the server plans it again under the same.
    let context: SessionContext
    /// How the text was to be read when it came.
    let settings: SessionSettings
    /// What `PREPARE` was told of; `nil` for `Parse`, whose text is judged itself.
    let facts: StatementFacts?
    /// The result's columns, once a `RowDescription` has told them.
    var fields: [ColumnType]?
    /// A `Describe` of the statement is on its way.
    var isDescribed = false
    private var planned: (scope: Scope, plan: Plan)?

    init(
        text: [UInt8], context: SessionContext, settings: SessionSettings, facts: StatementFacts? = nil
    ) {
        self.text = text
        self.context = context
        self.settings = settings
        self.facts = facts
    }

    /// The statement's plan under `scope`; judged again whenever policy or catalogue have changed.
    func plan(in scope: Scope, at now: Int64) -> Plan {
        if let planned, planned.scope === scope, !scope.policy.dependsOnTime { return planned.plan }
        let plan: Plan
        if let facts {
            plan = scope.plan(key: [], facts: [facts], at: now)
        } else {
            let text = text
            plan = scope.plan(for: text.span, at: now)
        }
        planned = (scope, plan)
        return plan
    }
}

/// A bound portal.
final class Portal {
    let prepared: Prepared
    /// As in `Bind`: none means text, one means all.
    let formats: [Format]
    /// What is recorded of the parameters.
    let parameters: [String]
    /// The result's columns, once a `RowDescription` of this portal has told them.
    var fields: [ColumnType]?
    var isDescribed = false

    init(prepared: Prepared, formats: [Format], parameters: [String]) {
        self.prepared = prepared
        self.formats = formats
        self.parameters = parameters
    }

    /// Whether the columns are known, or will be before the first row.
    var hasFields: Bool {
        fields != nil || prepared.fields != nil || isDescribed || prepared.isDescribed
    }
}
