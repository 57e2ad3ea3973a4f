import API
import Policy
import StatementAnalysis

/// The explanation of what a ``Plan`` has decided; it decides nothing.
extension StatementExplanation {
    init(_ statement: PlannedStatement, in scope: Scope) {
        let facts = statement.facts
        let names = ColumnNames(scope)
        start = facts.range.lowerBound
        end = facts.range.upperBound
        effects = facts.effects.map(\.rawValue).sorted()
        relations = facts.relations.map { use in
            Relation(
                name: "\(use.schema).\(use.name)", isWritten: use.isWritten, isThroughView: use.isThroughView,
                isGoverned: scope.governance.governs(use.relation))
        }
        conditions = facts.conditions.map { condition in
            Condition(
                clause: condition.clause.rawValue, columns: names.columns(of: condition.lineage),
                isLineageComplete: condition.lineage.isComplete)
        }
        functions = facts.functions.map { "\($0.name) \($0.harm.phrase)" }
        unknowns = facts.unknowns + facts.missingRelations.map { "no relation \($0)" }
        rows = facts.result.phrase
        switch statement.decision {
        case .ask(_, let permit):
            verdict = .ask
            refusal = statement.decision.refusal.map(Reason.init)
            wouldMask = permit.wouldMask.map(Mask.init)
            if case .wholly(let mask) = permit.result { wholeMask = Mask(mask) }
            columns = names.outputs(of: facts.result, masks: permit.result)
        case .refuse(let refusal):
            verdict = .refuse
            self.refusal = Reason(refusal)
            wouldMask = []
            columns = names.outputs(of: facts.result, masks: nil)
        case .permit(let permit):
            verdict = permit.result == .unchanged ? .permit : .mask
            wouldRefuse = permit.wouldRefuse.map(Reason.init)
            wouldMask = permit.wouldMask.map(Mask.init)
            if case .wholly(let mask) = permit.result { wholeMask = Mask(mask) }
            columns = names.outputs(of: facts.result, masks: permit.result)
        }
    }

    /// Of a text that is refused without being judged.
    init(unreadable diagnosis: Diagnosis, count: Int) {
        start = 0
        end = count
        effects = []
        relations = []
        rows = StatementFacts.Result.none.phrase
        conditions = []
        functions = []
        unknowns = []
        verdict = .refuse
        refusal = Reason(
            rule: diagnosis.rule, reason: diagnosis.message, hint: diagnosis.hint,
            sqlState: diagnosis.sqlState)
        wouldMask = []
    }
}

/// Columns by the names people know them by.
private struct ColumnNames {
    let scope: Scope

    init(_ scope: Scope) { self.scope = scope }

    func name(_ id: ColumnID) -> String {
        guard let relation = scope.catalogue.relation(id.relation) else { return "?" }
        let column = relation.columns.first { $0.number == id.attribute }?.name
        return "\(relation.schema).\(relation.name).\(column ?? "(\(id.attribute))")"
    }

    func columns(of lineage: Lineage) -> [StatementExplanation.BaseColumn] {
        lineage.columns.sorted().map { id in
            StatementExplanation.BaseColumn(
                name: name(id), mask: scope.governance.mask(of: id).map(StatementExplanation.Mask.init))
        }
    }

    /// `masks` are `nil` for what is refused.
    func outputs(
        of result: StatementFacts.Result, masks: Permit.Result?
    ) -> [StatementExplanation.OutputColumn]? {
        guard case .columns(let outputs) = result else { return nil }
        return outputs.enumerated().map { index, output in
            let mask: ColumnMask? =
                switch masks {
                case .masked(let columns): columns[index]
                case .wholly(let mask): mask
                case .unchanged, nil: nil
                }
            var lineage = output.lineage
            if let origin = output.origin { lineage.columns.insert(origin) }
            let columns = columns(of: lineage)
            return StatementExplanation.OutputColumn(
                origin: output.origin.map(name), lineage: columns, isLineageComplete: lineage.isComplete,
                mask: mask.map(StatementExplanation.Mask.init),
                why: why(output, columns, mask, isRefused: masks == nil))
        }
    }

    private func why(
        _ output: StatementFacts.OutputColumn, _ lineage: [StatementExplanation.BaseColumn],
        _ mask: ColumnMask?,
        isRefused: Bool
    ) -> String {
        let governed = lineage.contains { $0.mask != nil }
        if isRefused {
            return governed ? "depends on a governed column; the statement is refused" : "refused"
        }
        guard mask != nil else {
            return lineage.isEmpty ? "depends on no column" : "depends on no governed column"
        }
        if !governed { return "may depend on columns that could not be told" }
        return output.origin == nil ? "computed from a governed column" : "is a governed column"
    }
}

extension StatementExplanation.Mask {
    fileprivate init(_ mask: ColumnMask) {
        self.init(action: mask.action.name, rule: mask.rule, column: mask.column)
    }
}

extension StatementExplanation.Reason {
    fileprivate init(_ refusal: Refusal) {
        self.init(
            rule: refusal.rule, reason: refusal.reason, hint: refusal.hint, sqlState: refusal.sqlState)
    }
}

extension StatementFacts.Result {
    fileprivate var phrase: String {
        switch self {
        case .none: "none"
        case .columns: "columns"
        case .cursor: "of a cursor of the session's"
        case .prepared: "of a prepared statement of the session's"
        case .plan: "a plan"
        case .unknown: "not known"
        }
    }
}

extension StatementFacts.FunctionUse.Harm {
    fileprivate var phrase: String {
        switch self {
        case .userDefined: "is written by a user: what it does is not known"
        case .readsByName: "reads what is named only when it runs"
        case .storesArguments: "passes its arguments on"
        case .administers: "acts on the server or on other sessions"
        }
    }
}
