import API
import StatementAnalysis

/// An approval rule made ready to be matched.
struct CompiledApprovalRule: Sendable {
    /// `ApprovalRule/name`.
    let name: String
    let isEnforced: Bool
    let effect: ApprovalRule.Effect
    /// Empty: all.
    let effects: Set<StatementFacts.Effect>
    let tables: [TablePattern]
    let columns: [Glob]
    let isForWithoutWhere: Bool
    /// The rule holds outside of it.
    let window: TimeWindow?

    init(_ rule: ApprovalRule) {
        name = "ApprovalRule/\(rule.metadata.name)"
        isEnforced = rule.spec.mode == .enforce
        effect = rule.spec.effect
        effects = Set(rule.spec.match.statements.compactMap { StatementFacts.Effect(rawValue: $0.rawValue) })
        tables = rule.spec.match.tables.map(TablePattern.init)
        columns = rule.spec.match.columns.map(Glob.init)
        isForWithoutWhere = rule.spec.match.withoutWhere
        window = rule.spec.match.outsideWindow
    }

    var refusal: Refusal {
        switch effect {
        case .deny:
            Refusal(rule: name, reason: "denied by \(name)")
        case .requireApproval:
            Refusal(
                rule: name, reason: "approval required by \(name); approvals are not available yet")
        }
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
