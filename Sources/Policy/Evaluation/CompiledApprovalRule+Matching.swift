import API
import StatementAnalysis

extension CompiledApprovalRule {
    /// Whether everything the rule asks for is met; what cannot be told counts as met.
    func matches(_ statement: JudgedStatement) -> Bool {
        if let window, window.contains(statement.now) { return false }
        if statement.mayDoAnything { return true }
        if let minimumRows, let rows = statement.estimatedRows, rows < Double(minimumRows) { return false }
        let performed = statement.facts.effects.union(locked(statement.facts))
        let matched = effects.isEmpty ? performed : performed.intersection(effects)
        guard !matched.isEmpty else { return false }
        return isWhereMet(statement.facts, matched) && areTablesMet(statement, matched)
            && areColumnsMet(statement, matched)
    }

    /// The effect that the rule is about, the gravest of several; what may do anything administers.
    func kind(of statement: JudgedStatement) -> ApprovalRule.StatementKind {
        let performed = statement.facts.effects.union(locked(statement.facts))
        let matched = effects.isEmpty ? performed : performed.intersection(effects)
        return Self.gravestFirst.first { kind in matched.contains { $0.rawValue == kind.rawValue } }
            ?? .administer
    }

    private static let gravestFirst: [ApprovalRule.StatementKind] = [
        .drop, .truncate, .grant, .alter, .delete, .update, .merge, .insert, .copyIn, .copyOut, .create,
        .define,
        .execute, .administer, .select, .lock, .session,
    ]

    /// What rows or tables are locked for. A lock names no columns: a rule about some of them waits for the statement
    /// that writes them.
    private func locked(_ facts: StatementFacts) -> Set<StatementFacts.Effect> {
        columns.isEmpty ? facts.lockedFor : []
    }

    /// `TRUNCATE` and `DROP` have no `WHERE` to leave out.
    private func isWhereMet(_ facts: StatementFacts, _ matched: Set<StatementFacts.Effect>) -> Bool {
        !isForWithoutWhere || facts.isWithoutWhere || !matched.isDisjoint(with: [.truncate, .drop])
    }

    private func areTablesMet(_ statement: JudgedStatement, _ matched: Set<StatementFacts.Effect>) -> Bool {
        guard !tables.isEmpty else { return true }
        if !statement.facts.missingRelations.isEmpty {
            // What is dropped and not there is matched by the name it would have.
            guard statement.facts.effects == [.drop] else { return true }
            if statement.facts.missingRelations.contains(where: areTablesMet(missing:)) { return true }
            if statement.facts.relations.isEmpty { return false }
        }
        if statement.facts.dropsOthers, matched.contains(.drop) { return true }
        let uses = relevantRelations(of: statement.facts, matched)
        // `DROP SCHEMA` and the like reach tables they do not name.
        if uses.isEmpty, matched.isSubset(of: .writing) { return true }
        return uses.contains { use in
            areTablesMet(schema: use.schema, name: use.name)
                || statement.catalogue.relatives(of: use.relation).contains {
                    areTablesMet(schema: $0.schema, name: $0.name)
                }
        }
    }

    /// `name` or `schema.name`, as the statement has it; a schema that is not said may be any.
    private func areTablesMet(missing relation: String) -> Bool {
        let parts = relation.split(separator: ".", maxSplits: 1)
        guard parts.count == 2 else { return tables.contains { $0.matches(name: relation) } }
        return areTablesMet(schema: String(parts[0]), name: String(parts[1]))
    }

    private func areTablesMet(schema: String, name: String) -> Bool {
        tables.isEmpty || tables.contains { $0.matches(schema: schema, name: name) }
    }

    /// What is written, where the matched effects only write; otherwise all, and all that may be locked.
    private func relevantRelations(
        of facts: StatementFacts, _ matched: Set<StatementFacts.Effect>
    ) -> [StatementFacts.RelationUse] {
        matched.isSubset(of: .writing) && locked(facts).isDisjoint(with: matched)
            ? facts.relations.filter(\.isWritten) : facts.relations
    }

    /// A column read or assigned; of relations written as a whole, every column.
    private func areColumnsMet(_ statement: JudgedStatement, _ matched: Set<StatementFacts.Effect>) -> Bool {
        guard !columns.isEmpty else { return true }
        let facts = statement.facts
        guard facts.columnsRead.isComplete, facts.missingRelations.isEmpty,
            !facts.dropsOthers || !matched.contains(.drop)
        else { return true }
        let written = facts.relations.filter(\.isWritten)
        if written.isEmpty, matched.isSubset(of: .writing) { return true }
        let touched = facts.columnsRead.columns.union(facts.assignments.compactMap(\.target))
        if touched.contains(where: { isMet($0, in: statement.catalogue) }) { return true }
        guard !facts.effects.isSubset(of: [.select, .update, .insert]) || facts.assignments.isEmpty else {
            return false
        }
        return written.contains { use in
            let columns = statement.catalogue.relation(use.relation)?.liveColumns ?? []
            return columns.contains {
                isMet(ColumnID(relation: use.relation, attribute: $0.number), in: statement.catalogue)
            }
        }
    }

    private func isMet(_ id: ColumnID, in catalogue: Catalogue) -> Bool {
        guard let relation = catalogue.relation(id.relation),
            let column = relation.columns.first(where: { $0.number == id.attribute })
        else { return id.attribute > 0 }
        let isOfTable =
            areTablesMet(schema: relation.schema, name: relation.name)
            || catalogue.relatives(of: relation.oid).contains {
                areTablesMet(schema: $0.schema, name: $0.name)
            }
        return isOfTable && columns.allow(column.name)
    }
}

extension Set<StatementFacts.Effect> {
    /// Effects that change something; the relations they change are marked as written.
    static let writing: Self = [
        .insert, .update, .delete, .merge, .truncate, .create, .alter, .drop, .grant, .copyIn, .define,
        .administer, .execute,
    ]
}
