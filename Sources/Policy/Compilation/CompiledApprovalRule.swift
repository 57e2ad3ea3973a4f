import API
import StatementAnalysis

/// An approval rule made ready to be matched.
struct CompiledApprovalRule: Sendable {
    /// `ApprovalRule/name`.
    let name: String
    let isEnforced: Bool
    let effect: ApprovalRule.Effect
    let reference: ApprovalRequest.RuleReference
    private let spec: ApprovalRule.Spec
    private let allowance: String
    /// Empty: all.
    let effects: Set<StatementFacts.Effect>
    let tables: [TablePattern]
    let columns: [Glob]
    let isForWithoutWhere: Bool
    /// The rule holds outside of it.
    let window: TimeWindow?
    /// The rule is for statements that are expected to touch so many rows.
    let minimumRows: Int?

    init(_ rule: ApprovalRule) {
        name = "ApprovalRule/\(rule.metadata.name)"
        isEnforced = rule.spec.mode == .enforce
        effect = rule.spec.effect
        reference = ApprovalRequest.RuleReference(
            namespace: rule.metadata.namespace, name: rule.metadata.name)
        spec = rule.spec
        allowance = rule.spec.allowance
        effects = Set(rule.spec.match.statements.compactMap { StatementFacts.Effect(rawValue: $0.rawValue) })
        tables = rule.spec.match.tables.map(TablePattern.init)
        columns = rule.spec.match.columns.map(Glob.init)
        isForWithoutWhere = rule.spec.match.withoutWhere
        window = rule.spec.match.outsideWindow
        minimumRows = rule.spec.match.estimatedRowsAtLeast
    }

    /// What a statement is told that the rule matches.
    var refusal: Refusal {
        Refusal(rule: name, reason: effect == .deny ? "denied by \(name)" : "approval required by \(name)")
    }

    /// Who need not wait for what the rule asks for.
    var breakGlass: ApprovalRule.BreakGlass? { effect == .requireApproval ? spec.approval?.breakGlass : nil }

    /// What the rule asks for; `nil` when it denies.
    func terms(for statement: JudgedStatement) -> ApprovalTerms? {
        guard effect == .requireApproval, let approval = spec.approval else { return nil }
        return ApprovalTerms(
            rule: reference, kind: kind(of: statement), approval: approval, grant: spec.grant,
            whileWaiting: spec.whileWaiting, allowance: allowance)
    }
}

/// `schema.table`, or `table` in any schema.
struct TablePattern: Sendable, Hashable {
    private let glob: Glob
    private let isQualified: Bool
    /// The part after the last dot of a qualified pattern.
    private let relation: Glob?

    init(_ pattern: String) {
        glob = Glob(pattern)
        isQualified = pattern.utf8.contains(UInt8(ascii: "."))
        relation = isQualified ? pattern.split(separator: ".").last.map { Glob(String($0)) } : nil
    }

    /// Whether a relation of that name matches in some schema.
    func matches(name: String) -> Bool {
        guard let relation else { return glob.matches(name) }
        return relation.matches(name)
    }

    func matches(schema: String, name: String) -> Bool {
        glob.matches(isQualified ? "\(schema).\(name)" : name)
    }
}
