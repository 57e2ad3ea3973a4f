import API
import StatementAnalysis

/// What masking makes of one statement.
///
/// Refused is whatever could carry a governed value around its mask: comparing it, storing it, code that is
/// not in sight, privileges. What is left is permitted with a mask for each output column that needs one.
struct MaskingDecision {
    let decision: Decision

    init(_ statement: JudgedStatement, under columns: GovernedColumns) {
        guard columns.isInForce else {
            decision = .permit(Permit())
            return
        }
        let judge = Judge(statement: statement, facts: statement.facts, columns: columns)
        if statement.allowances.hiddenCode, !judge.namesGoverned {
            decision = .permit(judge.searchingPermit)
        } else if let refusal = judge.refusal {
            decision = .refuse(refusal)
        } else {
            decision = .permit(judge.permit)
        }
    }

    /// Dropping what is not there needs no knowledge of it.
    static func unknownRelation(_ facts: StatementFacts) -> Refusal? {
        guard !facts.missingRelations.isEmpty, facts.effects != [.drop] else { return nil }
        return Refusal(
            rule: OwnRule.unknownRelation, reason: "a relation of the statement is not known to the gateway",
            sqlState: "42P01", hint: "Check its name and the search path.")
    }

    static func unknownColumn(_ statement: JudgedStatement) -> Refusal? {
        let unknowns = statement.facts.unknowns
        guard !statement.runsHiddenCode, unknowns == ["\(StatementFacts.unresolvedColumn)"]
        else { return nil }
        return Refusal(
            rule: OwnRule.unknownColumn, reason: "a column of the statement is not known to the gateway",
            hint: "Check its name.")
    }
}

private struct Judge {
    let statement: JudgedStatement
    let facts: StatementFacts
    let columns: GovernedColumns

    /// The first reason to refuse.
    var refusal: Refusal? {
        let object: Refusal? =
            MaskingDecision.unknownRelation(facts) ?? notUnderstood ?? privileged ?? changedRole
        let code: Refusal? = hiddenCode ?? harmfulFunction ?? alteration
        let use: Refusal? = deniedRead ?? condition ?? assignment ?? plan
        return object ?? code ?? use ?? generation ?? product
    }

    var permit: Permit {
        Permit(
            result: result, readsGovernedColumns: mayReadGoverned || writesGoverned || mayReadSearched,
            textIsSensitive: textIsSensitive)
    }

    /// Of a statement that may run hidden code: nothing is masked whole, and its errors are its own. What the code returns
    /// is searched where the statement itself names what is. The fields of COPY data that nothing is known of cannot be told
    /// apart.
    var searchingPermit: Permit {
        let result: Permit.Result =
            switch facts.result {
            case .none, .plan: .unchanged
            case .columns(let outputs): .each(outputs.map { search($0, mayReadAny: namesSearched) })
            case .cursor, .prepared, .unknown:
                facts.copy == nil && namesSearched ? searchOfUnknown : .unchanged
            }
        return Permit(result: result, readsGovernedColumns: namesSearched)
    }

    /// The statement itself shows that it reads or writes a governed relation, or may read one through a view.
    var namesGoverned: Bool {
        columns.isGoverned(facts.columnsRead.union(facts.columnsReadInViews))
            || facts.relations.contains { use in
                columns.relations.contains(use.relation) || mayReach(use.relation)
            }
    }

    /// A view whose definition cannot be followed, over relations that are not all known to be free.
    private func mayReach(_ view: ObjectID) -> Bool {
        guard let relation = statement.catalogue.relation(view), relation.isView, !relation.isSystem,
            statement.catalogue.lineage(ofView: view) == nil
        else { return false }
        guard let read = statement.catalogue.relations(ofView: view) else { return true }
        return !read.isDisjoint(with: columns.relations)
    }

    /// A governed relation, or a view that reads one or may.
    private func leadsToGoverned(_ relation: ObjectID) -> Bool {
        if columns.relations.contains(relation) { return true }
        guard let view = statement.catalogue.relation(relation), view.isView, !view.isSystem else {
            return false
        }
        return statement.catalogue.relations(ofView: relation).map { !$0.isDisjoint(with: columns.relations) }
            ?? true
    }

    /// The statement reads a governed column, or columns that could not be told.
    private var mayReadGoverned: Bool {
        let read = facts.columnsRead.union(facts.columnsReadInViews)
        return !read.isComplete || columns.isGoverned(read)
    }

    /// The statement may read a column in whose values identifiers are looked for: errors may quote them.
    private var mayReadSearched: Bool {
        guard !columns.searched.isEmpty else { return false }
        let read = facts.columnsRead.union(facts.columnsReadInViews)
        return !read.isComplete || columns.searched.isSearched(read)
    }

    private var writesGoverned: Bool {
        facts.relations.contains { $0.isWritten && columns.relations.contains($0.relation) }
    }

    /// A lineage that could not be told may hold a governed column if the statement may read one.
    private func mayBeGoverned(_ lineage: Lineage) -> Bool {
        columns.isGoverned(lineage) || (!lineage.isComplete && mayReadGoverned)
    }

    // MARK: - Reasons to refuse

    private var notUnderstood: Refusal? {
        guard let unknown = facts.unknowns.first else { return nil }
        return Refusal(
            rule: OwnRule.notUnderstood,
            reason: "the statement cannot be analysed, and this database has governed columns",
            hint: "Not understood: \(unknown).")
    }

    private var privileged: Refusal? {
        let reasons: [(StatementFacts.Effect, rule: String, what: String)] = [
            (.define, OwnRule.definitions, "code that runs later"),
            (.administer, OwnRule.administration, "administration of the server"),
            (.grant, OwnRule.privileges, "a change of privileges"),
        ]
        return reasons.first { facts.effects.contains($0.0) }.map { _, rule, what in
            Refusal(rule: rule, reason: "\(what) could get around masking")
        }
    }

    private var changedRole: Refusal? {
        let isChanged = facts.sessionChanges.contains { change in
            switch change {
            case .role(let role): role != nil
            case .set(let name, let value, _):
                value != nil && ["role", "session_authorization"].contains(name.lowercased())
            default: false
            }
        }
        return isChanged
            ? Refusal(rule: OwnRule.roles, reason: "another role could get around masking") : nil
    }

    private var hiddenCode: Refusal? {
        guard statement.runsHiddenCode else { return nil }
        return Refusal(
            rule: OwnRule.hiddenCode,
            reason: "the statement runs code whose effects are not known, which could get around masking",
            hint: "The connection's trustedFunctions lists functions that may run.")
    }

    private var harmfulFunction: Refusal? {
        let harmful = statement.functions.first { use in
            switch use.harm {
            case .userDefined, .readsByName, .administers: true
            case .storesArguments:
                !use.arguments.isComplete || columns.isGoverned(use.arguments)
                    || columns.searched.isSearched(use.arguments)
            }
        }
        return harmful.map { _ in
            Refusal(rule: OwnRule.functions, reason: "a function of the statement could get around masking")
        }
    }

    /// A renamed or moved relation or column would no longer be found by the rules.
    private var alteration: Refusal? {
        guard facts.effects.contains(.alter), !facts.keepsColumns else { return nil }
        let isHarmless = facts.relations.contains(where: \.isWritten) && !writesGoverned
        return isHarmless
            ? nil
            : Refusal(
                rule: OwnRule.definitions, reason: "altering a governed relation could get around masking")
    }

    private var deniedRead: Refusal? {
        var read = facts.columnsRead
        if case .columns(let outputs) = facts.result {
            for output in outputs { read.formUnion(output.lineage) }
        }
        return columns.governed(in: read).first { $0.mask.action == .denyQuery }.map { governed in
            refusal(by: governed.mask.rule, "does not allow reading a governed column")
        }
    }

    private var condition: Refusal? {
        for condition in facts.conditions {
            let governed = columns.governed(in: condition.lineage).filter { column in
                // Every other action shows whether there is a value.
                condition.clause != .presence || column.mask.action == .null
            }
            if let rule = governed.compactMap(\.predicateRule).first {
                return refusal(by: rule, "does not allow a governed column in \(condition.clause.rawValue)")
            }
            if !condition.lineage.isComplete, mayReadGoverned {
                return Refusal(
                    rule: OwnRule.unknownProvenance,
                    reason: "a governed column may be used in \(condition.clause.rawValue)")
            }
        }
        return nil
    }

    private var assignment: Refusal? {
        for assignment in facts.assignments where mayBeGoverned(assignment.lineage) {
            guard let governed = columns.governed(in: assignment.lineage).first else {
                return Refusal(
                    rule: OwnRule.unknownProvenance, reason: "a governed column may be stored elsewhere")
            }
            return refusal(by: governed.mask.rule, "does not allow storing a governed column elsewhere")
        }
        for assignment in facts.assignments {
            if let rule = columns.searched.ruleLeft(by: assignment.lineage, for: assignment.target) {
                return refusal(
                    by: rule, "does not allow storing a column elsewhere in which it looks for identifiers")
            }
        }
        return nil
    }

    private var plan: Refusal? {
        guard facts.result == .plan, mayReadGoverned else { return nil }
        let rule = columns.governed(in: facts.columnsRead).first?.mask.rule
        return rule.map { refusal(by: $0, "does not allow the plan of a statement over a governed column") }
            ?? Refusal(
                rule: OwnRule.unknownProvenance,
                reason: "the plan may be of a statement over a governed column")
    }

    private var generation: Refusal? {
        guard facts.generatedRows > statement.allowances.generatedRows else { return nil }
        return Refusal(
            rule: OwnRule.budget,
            reason: "the statement makes more than \(statement.allowances.generatedRows) rows of its own",
            sqlState: "54000", hint: "The connection's session.generatedRows says how many it may make.")
    }

    private var product: Refusal? {
        guard !statement.allowances.cartesianProducts else { return nil }
        let isMultiplied = facts.relations.contains { use in
            facts.unrelatedTables.contains(use.name) && leadsToGoverned(use.relation)
        }
        guard isMultiplied else { return nil }
        return Refusal(
            rule: OwnRule.budget, reason: "a governed table is multiplied with another", sqlState: "54000",
            hint: "Join them by a condition, or have the connection's session.cartesianProducts pass them.")
    }

    private func refusal(by rule: String, _ reason: String) -> Refusal {
        Refusal(rule: "MaskingPolicy/\(rule)", reason: "masking rule \(rule) \(reason)")
    }

    // MARK: - What comes back

    private var result: Permit.Result {
        switch facts.result {
        case .none, .plan:
            return .unchanged
        case .columns(let outputs):
            return .each(outputs.map(mask))
        case .cursor, .prepared:
            // Not of this session, as far as it knows.
            return .wholly(wholeMask)
        case .unknown:
            return readsGovernedRelation ? .wholly(wholeMask) : searchOfUnknown
        }
    }

    private var readsGovernedRelation: Bool {
        mayReadGoverned || facts.relations.contains { columns.relations.contains($0.relation) }
    }

    /// An unchanged value keeps its column's own mask. Whatever is computed from one is redacted, and is `NULL`
    /// altogether where `NULL` would tell something that its columns' own masks do not.
    private func mask(_ output: StatementFacts.OutputColumn) -> ColumnMask? {
        var lineage = output.lineage
        if let origin = output.origin { lineage.columns.insert(origin) }
        let governed = columns.governed(in: lineage)
        if let first = governed.first {
            var mask = first.mask
            if output.origin == nil {
                let showsNull = output.keepsNull && !governed.contains { $0.mask.action == .null }
                mask.action = showsNull ? .redact : .null
            }
            return mask
        }
        return mayBeGoverned(lineage) ? wholeMask : search(output, mayReadAny: readsSearchedRelation)
    }

    /// Looks for identifiers in an output that is not masked whole.
    private func search(_ output: StatementFacts.OutputColumn, mayReadAny: Bool) -> ColumnMask? {
        var lineage = output.lineage
        if let origin = output.origin { lineage.columns.insert(origin) }
        if !lineage.isComplete, mayReadAny { return searchOfAll }
        return columns.search(in: lineage, origin: output.origin)
    }

    /// Looks for whatever is looked for anywhere.
    private var searchOfAll: ColumnMask? { ColumnMask(detections: columns.searched.all, column: "*") }

    private var searchOfUnknown: Permit.Result {
        readsSearchedRelation ? searchOfAll.map { .wholly($0) } ?? .unchanged : .unchanged
    }

    private var readsSearchedRelation: Bool { mayReadSearched || namesSearched }

    private var namesSearched: Bool {
        columns.searched.isSearched(facts.columnsRead.union(facts.columnsReadInViews))
            || facts.relations.contains { columns.searched.relations.contains($0.relation) }
    }

    private var wholeMask: ColumnMask {
        let governed = columns.governed(in: facts.columnsRead).first?.mask
        return ColumnMask(
            action: .null, rule: governed?.rule ?? OwnRule.unknownProvenance,
            column: governed?.column ?? "*")
    }

    // MARK: - The text

    /// Literals that are written to governed columns, compared with them or computed into them.
    private var textIsSensitive: Bool {
        writesGoverned
            || facts.assignments.contains { $0.target.map { columns[$0] != nil } ?? false }
            || facts.conditions.contains { mayBeGoverned($0.lineage) }
            || computesFromGoverned
    }

    private var computesFromGoverned: Bool {
        guard case .columns(let outputs) = facts.result else { return mayReadGoverned }
        return outputs.contains { $0.origin == nil && mayBeGoverned($0.lineage) }
    }
}
