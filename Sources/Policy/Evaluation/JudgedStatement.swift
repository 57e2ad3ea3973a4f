import StatementAnalysis

/// A statement's facts beside what is needed to judge them.
struct JudgedStatement {
    let facts: StatementFacts
    let catalogue: Catalogue
    /// Seconds since 1970.
    let now: Int64
    /// Rows the database expects the statement to write, or to return where it writes none; `nil`: nobody can tell.
    let estimatedRows: Double?
    /// Functions that run and that nobody vouches for.
    let functions: [StatementFacts.FunctionUse]
    /// Code runs whose effects the text does not show.
    let runsHiddenCode: Bool
    let allowances: Allowances

    init(_ facts: StatementFacts, governance: Governance, now: Int64, estimatedRows: Double?) {
        self.facts = facts
        self.now = now
        self.estimatedRows = estimatedRows
        catalogue = governance.catalogue
        allowances = governance.allowances
        functions = facts.functions.filter { use in
            use.harm != .userDefined || !governance.trustedFunctions.contains(use.function)
        }
        let firesRules = facts.relations.contains { use in
            use.isWritten && governance.catalogue.relation(use.relation)?.hasRules == true
        }
        let callsUnknown = functions.contains { $0.harm == .userDefined || $0.harm == .readsByName }
        let isCallInSight = facts.functions.contains { $0.harm == .userDefined }
        let executes = facts.effects.contains(.execute) || facts.command == .call
        runsHiddenCode =
            facts.command == .doBlock || firesRules || callsUnknown || (executes && !isCallInSight)
    }

    /// The statement was not understood or runs code that is not in sight.
    var mayDoAnything: Bool { runsHiddenCode || !facts.unknowns.isEmpty }
}
