import API
package import StatementAnalysis

extension SubjectPolicy {
    /// Decides about one statement; total, and closed where something is not known.
    ///
    /// Rules that deny come first, then masking, then those that ask: no approval lifts a refusal.
    /// Policies and rules in `mode: DryRun` only add to what a permit says would have happened, and to what is not
    /// recorded of its text. The facts of a
    /// `PREPARE` are judged with those of the statement it prepares.
    /// `governance` is this policy's, over the catalogue the facts were found with; `now` counts seconds since
    /// 1970, for rules with a time window; `estimatedRows` are those that the database expects the statement to write,
    /// or to return where it writes none: what is not known counts as any number.
    package func decide(
        _ facts: StatementFacts, governance: Governance, at now: Int64, estimatedRows: Double? = nil
    ) -> Decision {
        guard !isTransparent else { return .permit(Permit()) }
        let statement = JudgedStatement(
            facts, governance: governance, now: now, estimatedRows: estimatedRows)
        let decision = judge(statement, governance: governance)
        // Refused in any case: that a name is not there is what the client can do something about.
        if case .refuse = decision,
            let unknown = MaskingDecision.unknownRelation(facts) ?? MaskingDecision.unknownColumn(statement)
        {
            return .refuse(unknown)
        }
        return decision
    }

    private func judge(_ statement: JudgedStatement, governance: Governance) -> Decision {
        var wouldRefuse: Refusal?
        var asked: [ApprovalTerms] = []
        for rule in rules.filter({ $0.effect == .deny }) + rules.filter({ $0.effect == .requireApproval })
        where rule.matches(statement) {
            if rule.isEnforced {
                guard let terms = rule.terms(for: statement) else { return .refuse(rule.refusal) }
                asked.append(terms)
            } else {
                wouldRefuse = wouldRefuse ?? rule.refusal
            }
        }
        let masking = MaskingDecision(statement, under: governance.enforced)
        guard case .permit(var permit) = masking.decision else { return masking.decision }
        if let columns = governance.withDryRun {
            let strict = MaskingDecision(statement, under: columns).decision
            if let refusal = strict.refusal {
                wouldRefuse = wouldRefuse ?? refusal
                permit.textIsSensitive = true
            } else if case .permit(let strict) = strict {
                permit.wouldMask = strict.masks.filter { !permit.masks.contains($0) }
                permit.textIsSensitive = permit.textIsSensitive || strict.textIsSensitive
            }
        }
        permit.wouldRefuse = wouldRefuse
        for case .prepare(_, let prepared, _) in statement.facts.sessionChanges {
            let decision = decide(prepared, governance: governance, at: statement.now)
            let inner: Permit
            switch decision {
            case .permit(let permit): inner = permit
            // Whoever runs it is asked.
            case .ask(_, let permit): inner = permit
            case .refuse: return decision
            }
            permit.readsGovernedColumns = permit.readsGovernedColumns || inner.readsGovernedColumns
            permit.textIsSensitive = permit.textIsSensitive || inner.textIsSensitive
            permit.wouldRefuse = permit.wouldRefuse ?? inner.wouldRefuse
        }
        return asked.isEmpty ? .permit(permit) : .ask(asked, permit)
    }
}

extension Permit {
    fileprivate var masks: [ColumnMask] {
        switch result {
        case .unchanged: []
        case .masked(let columns): columns.compactMap(\.self)
        case .wholly(let mask): [mask]
        }
    }
}
