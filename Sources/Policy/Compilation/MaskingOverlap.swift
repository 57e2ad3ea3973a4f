package import API

/// Two rules of different policies that name the same column and hide it in different ways. The stricter holds,
/// whichever has the higher priority.
package struct MaskingOverlap: Sendable, Equatable {
    /// `namespace/policy/rule` of the one that holds, and what it does.
    package var holding: String
    package var action: String
    /// Of the other.
    package var other: String

    package var description: String { "\(action) of \(holding) holds against \(other)" }

    /// Pairs told at most. Ours: more help nobody.
    package static let maximumCount = 20

    /// Of enforced policies that bind one connection, in the order in which they apply.
    ///
    /// Rules that name kinds of data are not among them: which columns those are is known once there is a catalogue.
    package static func overlaps(of policies: [MaskingPolicy]) -> [Self] {
        let rules = policies.filter { $0.spec.mode == .enforce }.flatMap { policy in
            policy.spec.rules.map { NamedRule($0, of: policy) }
        }
        var overlaps: [Self] = []
        /// Those so far, by the columns they name; under `nil` those that have patterns.
        var known: [String?: [NamedRule]] = [:]
        for rule in rules where rule.isOfColumns {
            let places = rule.columns.map(\.exactName)
            let others =
                places.contains(nil) ? Array(known.values.joined()) : places.flatMap { known[$0] ?? [] }
            for other in others + (places.contains(nil) ? [] : known[nil] ?? []) {
                guard let overlap = Self(other, rule), !overlaps.contains(overlap) else { continue }
                overlaps.append(overlap)
                if overlaps.count == maximumCount { return overlaps }
            }
            for place in Set(places) { known[place, default: []].append(rule) }
        }
        return overlaps
    }

    private init?(_ first: NamedRule, _ second: NamedRule) {
        guard first.policy != second.policy, first.action != second.action, first.meets(second) else {
            return nil
        }
        var column = first.governance
        column.merge(second.governance)
        let isFirst = column.mask.rule == first.name
        holding = isFirst ? first.name : second.name
        other = isFirst ? second.name : first.name
        action = (isFirst ? first : second).action.name
    }
}

private struct NamedRule {
    let policy: ObjectMetadata
    /// `namespace/policy/rule`.
    let name: String
    let action: MaskingAction
    let columns: [Glob]
    private let schemas: [Glob]
    private let tables: [Glob]
    private let match: MaskingPolicy.Match
    private let priority: Int

    init(_ rule: MaskingPolicy.Rule, of policy: MaskingPolicy) {
        self.policy = policy.metadata
        name = "\(policy.metadata.qualifiedName)/\(rule.name)"
        action = rule.action
        match = rule.match
        columns = rule.match.columns.map(Glob.init)
        schemas = rule.match.schemas.map(Glob.init)
        tables = rule.match.tables.map(Glob.init)
        priority = policy.spec.priority
    }

    var isOfColumns: Bool { !columns.isEmpty && match.dataTypes.isEmpty }

    var governance: GovernedColumn {
        GovernedColumn(
            mask: ColumnMask(action: action, rule: name, column: ""), priority: priority,
            allowsPredicates: true)
    }

    func meets(_ other: Self) -> Bool {
        Self.meet(columns, match.columns, other.columns, other.match.columns)
            && Self.meet(schemas, match.schemas, other.schemas, other.match.schemas)
            && Self.meet(tables, match.tables, other.tables, other.match.tables)
    }

    /// Whether one list has a pattern that matches one of the other; an empty list matches everything.
    private static func meet(_ first: [Glob], _ firsts: [String], _ second: [Glob], _ seconds: [String])
        -> Bool
    {
        first.isEmpty || second.isEmpty || seconds.contains(where: first.allow)
            || firsts.contains(where: second.allow)
    }
}
