import API
import StatementAnalysis

extension ScopedMaskingPolicy {
    /// The relations in which a rule may govern columns, in the order of their identifiers.
    ///
    /// Patterns reach what users made; a relation of the server's own must be named exactly.
    func candidates(in catalogue: Catalogue) -> [Relation] {
        let users = catalogue.userRelations.filter { relation in
            relation.kind.hasRows
                && rules.contains { $0.binds && $0.matches(schema: relation.schema, table: relation.name) }
        }
        return (users + rules.flatMap { systemRelations(namedBy: $0, in: catalogue) })
            .sorted { $0.oid < $1.oid }
    }

    private func systemRelations(namedBy rule: ScopedMaskingRule, in catalogue: Catalogue) -> [Relation] {
        guard rule.binds else { return [] }
        return rule.schemas.compactMap(\.exactName).flatMap { schema in
            rule.tables.compactMap(\.exactName).compactMap { catalogue.relation(schema: schema, name: $0) }
        }
        .filter(\.isSystem)
    }

    /// The columns of a relation the policy governs, with what it says of them.
    func governed(in relation: Relation) -> [(Relation.Column, GovernedColumn)] {
        let rules = rules.filter { $0.matches(schema: relation.schema, table: relation.name) }
        var governed: [(Relation.Column, GovernedColumn)] = []
        var rest: [Relation.Column] = []
        for column in relation.liveColumns {
            let matching = rules.filter { $0.matches(column) }
            let binding = matching.filter(\.binds)
            if let first = binding.first {
                let merged = binding.dropFirst().reduce(into: governance(of: first)) {
                    $0.merge(governance(of: $1))
                }
                governed.append((column, merged))
            } else if matching.isEmpty {
                rest.append(column)
            }
        }
        if !governed.isEmpty { governed += unmatched(rest) }
        return governed
    }

    /// The columns of a relation in whose values the policy looks for identifiers, with the rules that do.
    func searched(in relation: Relation) -> [(Relation.Column, [ScopedMaskingRule])] {
        let rules = rules.filter { $0.matches(schema: relation.schema, table: relation.name) }
        return relation.liveColumns.map { column in (column, rules.filter { $0.searches(column) }) }
            .filter { !$0.1.isEmpty }
    }

    private func governance(of rule: ScopedMaskingRule) -> GovernedColumn {
        GovernedColumn(
            mask: ColumnMask(action: rule.action, rule: rule.name, column: ""), priority: priority,
            allowsPredicates: rule.allowsPredicates)
    }

    private func unmatched(_ columns: [Relation.Column]) -> [(Relation.Column, GovernedColumn)] {
        let hidden =
            switch unmatched {
            case .allow: [] as [Relation.Column]
            case .mask: columns
            case .identifiers: columns.filter { !IdentifierKind.denoted(by: $0.name).isEmpty }
            }
        let redacted = GovernedColumn(
            mask: ColumnMask(action: .redact, rule: unmatchedName, column: ""), priority: priority,
            allowsPredicates: false)
        return hidden.map { ($0, redacted) }
    }
}

extension Relation.Kind {
    /// Read by a query as a table is.
    fileprivate var hasRows: Bool {
        switch self {
        case .table, .partitionedTable, .view, .materializedView, .foreignTable: true
        case .sequence, .toastTable, .index, .partitionedIndex, .compositeType: false
        }
    }
}
