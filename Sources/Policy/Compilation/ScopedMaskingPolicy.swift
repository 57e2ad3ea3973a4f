import API
import StatementAnalysis

/// A masking policy as it binds one subject.
struct ScopedMaskingPolicy: Sendable {
    let isEnforced: Bool
    let priority: Int
    let unmatched: MaskingPolicy.Unmatched
    /// At least one of them binds the subject.
    let rules: [ScopedMaskingRule]
    /// `policy/unmatched`, for columns no rule names.
    let unmatchedName: String

    /// `binding` says of each of its rules whether it binds; `nil` when none does.
    init?(_ policy: MaskingPolicy, binding: [Bool]) {
        isEnforced = policy.spec.mode == .enforce
        priority = policy.spec.priority
        unmatched = policy.spec.unmatched
        rules = zip(policy.spec.rules, binding).map {
            ScopedMaskingRule($0, of: policy.metadata.name, binds: $1)
        }
        unmatchedName = "\(policy.metadata.name)/unmatched"
        guard rules.contains(where: \.binds) else { return nil }
    }
}

/// One rule of it; kept also when it excepts the subject, as its columns are then not unmatched.
struct ScopedMaskingRule: Sendable {
    /// `policy/rule`.
    let name: String
    let binds: Bool
    let action: MaskingAction
    let allowsPredicates: Bool
    let schemas: [Glob]
    let tables: [Glob]
    private let columns: [Glob]
    let kinds: [IdentifierKind]

    init(_ rule: MaskingPolicy.Rule, of policy: String, binds: Bool) {
        name = "\(policy)/\(rule.name)"
        self.binds = binds
        action = rule.action
        allowsPredicates = rule.allowPredicates
        schemas = rule.match.schemas.map(Glob.init)
        tables = rule.match.tables.map(Glob.init)
        columns = rule.match.columns.map(Glob.init)
        kinds = rule.match.dataTypes
    }

    func matches(schema: String, table: String) -> Bool {
        (schemas.allow(schema) || Catalogue.isUnreadable(schema))
            && (tables.allow(table) || Catalogue.isUnreadable(table))
    }

    /// The rule governs the whole column.
    func matches(_ column: Relation.Column) -> Bool {
        Catalogue.isUnreadable(column.name)
            || columns.allow(column.name)
                && (kinds.isEmpty
                    || kinds.contains { $0.isDenoted(by: column.name) || $0.isHeld(by: column.type) })
    }

    /// The rule looks for identifiers within the values of a column it does not govern whole.
    func searches(_ column: Relation.Column) -> Bool {
        binds && !kinds.isEmpty && column.type.mayHoldTexts && columns.allow(column.name) && !matches(column)
    }

    /// The rule does not reach every table and column.
    var isConfined: Bool { !schemas.isEmpty || !tables.isEmpty || !columns.isEmpty }
}
