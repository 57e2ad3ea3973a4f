import API
import Policy
import StatementAnalysis

/// One statement of a query string, judged.
final class PlannedStatement {
    let facts: StatementFacts
    let decision: Decision
    /// How the rows of its last result reached their client.
    var settled: SettledRows?

    init(facts: StatementFacts, decision: Decision) {
        self.facts = facts
        self.decision = decision
    }

    var permit: Permit? {
        if case .permit(let permit) = decision { permit } else { nil }
    }
}

/// A query string analysed and judged once, for everybody in the same ``Scope``.
final class Plan {
    /// The key the plan is found by: the text, or the text with its integers replaced.
    let key: [UInt8]
    let statements: [PlannedStatement]
    /// Why the string is not forwarded: the first refusal among its statements, or what the parser said.
    let refusal: Diagnosis?
    /// Shared by the records of every execution.
    let summary: StatementSummary
    let verdict: StatementIntent.Verdict
    /// The rule that decided, empty when none did.
    let rule: String

    /// Set when names were resolved, so that another catalogue or search path may change the meaning.
    let dependsOnNames: Bool
    /// Set when a relation was named that the catalogue does not hold, or one may have been.
    let namesMissingRelation: Bool
    /// Views whose definitions have to be read before the statement can be judged.
    let pendingViews: Set<ObjectID>
    /// Set when a single statement names what the catalogue does not know, or cannot be parsed, and the server could
    /// say so by parsing it.
    let hasUnknownNames: Bool
    /// Set when the decision needs the session's own cursors or prepared statements.
    let dependsOnSession: Bool
    /// Set when success may change what later statements mean.
    let changesSession: Bool
    /// Set when it is a `COPY`.
    let copies: Bool
    /// Set when what its rows are must be told by their description before the first comes.
    let needsDescription: Bool
    /// Set when the statements after it can only be judged once this one is done.
    let isBarrier: Bool
    /// Set when what earlier statements have changed may be gone after it.
    let endsTransaction: Bool
    /// Set when code runs that is not in sight.
    let runsHiddenCode: Bool
    /// Set when a governed relation is read or written: errors may quote its rows.
    let touchesGovernedRelations: Bool
    /// The users' relations that have to be as the catalogue has them when the statement runs; empty where a change of
    /// them could show nothing.
    let confirms: Set<ObjectID>
    /// Set when those are plain tables with nothing governed: that their names mean them is enough.
    let confirmsNamesOnly: Bool
    /// What a session saw of the database when they were.
    var confirmedAt: CatalogueConfirmation.View?
    let textIsSensitive: Bool
    /// The text names the setting by which others are acted for, or may.
    var concernsPersons: Bool
    /// It gives ``BreakGlass/setting`` a value.
    let assignsBreakGlass: Bool
    /// It gives that setting a constant, which is a token.
    let holdsToken: Bool
    /// Set when the gateway knows what later statements mean after it, whatever it is.
    let isFollowed: Bool
    /// Nothing of the text may be recorded.
    var withholdsText = false
    /// How many rows it is expected to touch would decide about it.
    var wantsEstimate = false
    /// What has to be approved before the string may run after all; ``refusal`` holds until then.
    let demand: Demand?

    /// Approvals, and the plan that holds once all of them are given.
    struct Demand {
        var terms: [ApprovalTerms]
        var plan: Plan
    }

    /// What the string may do, taken that everything it needs is approved.
    var whenApproved: Plan { demand?.plan ?? self }

    init(
        key: [UInt8], statements: [PlannedStatement], summary: StatementSummary,
        touchesGovernedRelations: Bool, confirms: Set<ObjectID>, confirmsNamesOnly: Bool,
        demand: Demand? = nil
    ) {
        self.key = key
        self.statements = statements
        self.demand = demand
        self.summary = summary
        refusal = statements.lazy.compactMap { $0.decision.refusal.map { Diagnosis($0) } }.first
        let isMasked = statements.contains { ($0.permit?.result ?? .unchanged) != .unchanged }
        verdict = refusal != nil ? .refuse : isMasked ? .mask : .allow
        rule =
            refusal?.rule ?? statements.lazy.compactMap {
                $0.permit?.wouldRefuse.map { DryRun.marking($0.rule) }
            }.first ?? ""
        dependsOnNames = statements.contains { $0.facts.dependsOnNames }
        namesMissingRelation = statements.contains {
            !$0.facts.missingRelations.isEmpty || $0.facts.isUnparsed
        }
        pendingViews = statements.reduce(into: []) { $0.formUnion($1.facts.pendingViews) }
        hasUnknownNames = statements.count == 1 && statements[0].facts.hasUnknownNames
        dependsOnSession = statements.contains { $0.facts.dependsOnSession }
        changesSession = statements.contains {
            $0.facts.effects.contains(.execute) || !$0.facts.sessionChanges.isEmpty
                || !$0.facts.assignedSettings.isEmpty
        }
        copies = statements.contains { $0.facts.copy != nil }
        needsDescription = verdict == .mask || statements.contains { $0.facts.isUnparsed }
        let assigned = statements.flatMap(\.facts.assignedSettings).filter(\.mayName)
        concernsPersons = !assigned.isEmpty
        holdsToken = assigned.contains { if case .constant = $0.value { true } else { false } }
        assignsBreakGlass = statements.contains { $0.facts.assignsBreakGlass }
        isFollowed = !statements.contains { $0.facts.isUnparsed || $0.facts.isUnknown }
        isBarrier = !assigned.isEmpty || assignsBreakGlass || statements.contains { $0.facts.isBarrier }
        endsTransaction = statements.contains { $0.facts.sessionChanges.contains(.commit) }
        runsHiddenCode = statements.contains { $0.facts.effects.contains(.execute) }
        self.touchesGovernedRelations = touchesGovernedRelations
        self.confirms = confirms
        self.confirmsNamesOnly = confirmsNamesOnly
        textIsSensitive = statements.contains { $0.permit?.textIsSensitive ?? true }
    }

    /// What a portal of it names is found when it runs, and not when it is bound.
    var resolvesNamesWhenRun: Bool { statements.contains(where: \.facts.resolvesNamesWhenRun) }

    /// Whether `text` is the key.
    func isFor(_ text: Span<UInt8>) -> Bool {
        let key = key
        return TextHash.areEqual(key.span, text)
    }

    /// Of a statement whose cursor or prepared statement may still come to be before it is run.
    static var judgedWhenRun: Plan { Plan(key: [], unjudged: nil) }

    /// A text that is not judged because it cannot be read.
    convenience init(key: [UInt8], unreadable diagnosis: Diagnosis) {
        self.init(key: key, unjudged: diagnosis)
    }

    private init(key: [UInt8], unjudged diagnosis: Diagnosis?) {
        self.key = key
        statements = []
        demand = nil
        refusal = diagnosis
        summary = StatementSummary()
        verdict = diagnosis == nil ? .allow : .refuse
        rule = diagnosis?.rule ?? ""
        dependsOnNames = false
        namesMissingRelation = false
        pendingViews = []
        hasUnknownNames = [Diagnosis.syntaxError, Diagnosis.badEncoding].contains(diagnosis?.sqlState)
        dependsOnSession = false
        changesSession = false
        copies = false
        needsDescription = false
        isBarrier = false
        endsTransaction = false
        runsHiddenCode = false
        touchesGovernedRelations = false
        confirms = []
        confirmsNamesOnly = false
        textIsSensitive = true
        concernsPersons = false
        assignsBreakGlass = false
        holdsToken = false
        isFollowed = true
    }

    /// A text that is refused and may hold what nobody is to read.
    static func withheld(_ diagnosis: Diagnosis) -> Plan {
        let plan = Plan(key: [], unreadable: diagnosis)
        plan.concernsPersons = true
        plan.withholdsText = true
        return plan
    }
}

extension StatementFacts.AssignedSetting {
    /// Whether it is, or may be, the setting by which others are acted for.
    fileprivate var mayName: Bool {
        switch name {
        case .constant(let name): name == OnBehalfOf.setting
        case .parameter: true
        }
    }
}

extension StatementFacts {
    /// A statement nothing is known of, not even what it changes.
    static var unknown: Self {
        var facts = Self()
        facts.result = .unknown
        facts.sessionChanges = [.catalogue]
        facts.unknowns = [notParsed]
        return facts
    }

    private static let notParsed = "not parsed"
    fileprivate var isUnknown: Bool { unknowns.contains(Self.notParsed) }

    /// Of a prepared statement that was not seen prepared.
    static var unseen: Self {
        var facts = Self()
        facts.result = .unknown
        facts.unknowns = ["a prepared statement the gateway did not see prepared"]
        facts.changeSession()
        return facts
    }

    /// It may change what later statements mean, in ways that are not in sight.
    mutating func changeSession() {
        sessionChanges += [.set(name: "search_path", value: nil, isLocal: false), .catalogue]
    }

    /// Includes a prepared statement whose rows are stored, unless only its plan is shown.
    mutating func include(running inner: Self) {
        include(inner)
        guard result != .plan else { return }
        let columns: [OutputColumn] =
            if case .columns(let known) = inner.result { known } else { [.init(lineage: .unknown)] }
        assignments += columns.map { Assignment(target: nil, lineage: $0.lineage) }
    }

    /// Tells what a cursor's rows are made of, and what making them does; `nil`: nobody knows.
    mutating func complete(with cursor: Cursor?) {
        if let cursor {
            result = .columns(cursor.columns)
            for column in cursor.columns { columnsRead.formUnion(column.lineage) }
        } else {
            result = .unknown
            unknowns.append("a cursor the gateway did not see declared")
        }
        if cursor?.mayChangeSession ?? true { changeSession() }
        // Its rows are passed over.
        if command == .other("MOVE") { result = .none }
    }

    var dependsOnNames: Bool {
        switch command {
        case .transaction, .set, .reset, .discard, .listen, .unlisten, .notify, .closeCursor, .deallocate:
            false
        default: true
        }
    }

    /// Of commands that the server does not plan, and whose names it so looks up when they run; what they execute is judged
    /// by where it runs.
    fileprivate var resolvesNamesWhenRun: Bool {
        switch command {
        case .select, .insert, .update, .delete, .merge, .execute, .fetch, .show: false
        default: dependsOnNames
        }
    }

    /// Of commands that the server analyses when it parses them; others it only reads.
    var hasUnknownNames: Bool {
        switch command {
        case .select, .insert, .update, .delete, .merge:
            !missingRelations.isEmpty || !unknowns.isEmpty || functions.contains { $0.function == 0 }
        default: false
        }
    }

    var dependsOnSession: Bool {
        if executes != nil { return true }
        return switch result {
        case .cursor, .prepared: true
        case .none, .columns, .plan, .unknown: false
        }
    }

    /// The same names may mean something else after it.
    var mayRename: Bool {
        effects.contains(.execute)
            || sessionChanges.contains { change in
                switch change {
                case .set(let name, _, _): name == "search_path"
                case .resetAll, .role, .commit, .rollback, .rollbackToSavepoint, .catalogue, .discardAll: true
                case .begin, .savepoint, .releaseSavepoint, .declareCursor, .closeCursor, .prepare,
                    .deallocate:
                    false
                }
            }
    }

    /// Transaction control changes nothing that a later analysis needs before it is over.
    var isBarrier: Bool {
        sessionChanges.contains { change in
            switch change {
            case .begin, .commit, .savepoint, .releaseSavepoint: false
            default: true
            }
        }
    }
}
