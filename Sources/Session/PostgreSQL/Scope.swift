import API
import Policy
import StatementAnalysis

/// What those whom the same policies bind see of one catalogue under one search path: what the same text always means the
/// same in.
final class Scope {
    struct Key: Hashable {
        var standing: SubjectStanding
        /// The catalogue's version; 0 without one.
        var catalogue: UInt64
        var context: SessionContext
    }

    /// Most plans kept; beyond it all are dropped and made again as they are asked for.
    static let planLimit = 8192
    /// Longest text whose plan is kept, in bytes: bulk inserts would fill the cache with what never comes again.
    static let cachedTextLimit = 16 << 10

    /// The environment's generation the scope was made in.
    let generation: UInt64
    /// No two scopes of an environment have the same.
    let number: UInt64
    let policy: SubjectPolicy
    let catalogue: Catalogue
    let governance: Governance
    /// No policy is in force: no result has masks.
    let masksNothing: Bool
    let context: SessionContext
    private let analyzer: StatementAnalyzer
    private var plans: [Int: Plan] = [:]
    private var key: [UInt8] = []

    init(
        generation: UInt64, number: UInt64, policy: SubjectPolicy, catalogue: Catalogue?,
        context: SessionContext
    ) {
        self.generation = generation
        self.number = number
        self.policy = policy
        self.catalogue = catalogue ?? .empty
        self.context = context
        governance = policy.governance(over: self.catalogue)
        masksNothing = governance.isEmpty
        isTransparent = policy.isTransparent
        enforcesNothing = policy.enforcesNothing
        dependsOnTime = policy.dependsOnTime
        mayAsk = policy.mayAsk
        asksForEstimates = policy.asksForEstimates && !policy.enforcesNothing
        analyzer = StatementAnalyzer(catalogue: self.catalogue, context: context)
    }

    /// No mask and no rule applies: every statement passes as it is.
    let isTransparent: Bool

    /// What binds the subject only records: nothing may be refused, nor be answered in another way.
    let enforcesNothing: Bool

    /// What holds now may not hold later.
    let dependsOnTime: Bool

    /// How many rows a statement is expected to touch may decide about it.
    let asksForEstimates: Bool

    /// A rule may have people asked.
    let mayAsk: Bool

    /// A cursor or prepared statement that the session does not know may be one that hidden code made.
    var knowsAllNames: Bool { !enforcesNothing && !policy.passesHiddenCode }

    /// What code of the database's own says may be a governed value.
    var hidesCode: Bool { !masksNothing && !enforcesNothing && !policy.passesHiddenCode }

    /// Whether the same names mean the same in both.
    func means(the other: Scope) -> Bool {
        self === other || catalogue === other.catalogue && context == other.context
    }

    /// The plan of a query string at `now`, in microseconds since 1970.
    func plan(for text: Span<UInt8>, at now: Int64) -> Plan {
        // A text with parameters for all that differs is its own key, and one that is a key has no other.
        if text.count <= Self.cachedTextLimit, let plan = plans[TextHash.hash(text)], plan.isFor(text) {
            return plan
        }
        key.removeAll(keepingCapacity: true)
        if !StatementKey.normalized(text, into: &key) {
            unsafe text.withUnsafeBufferPointer { unsafe key.append(contentsOf: $0) }
        }
        let hash = TextHash.hash(key.span)
        if let plan = plans[hash], plan.isFor(key.span) { return plan }
        let plan = makePlan(for: text, at: now)
        if !dependsOnTime, isTransparent || plan.pendingViews.isEmpty, !plan.holdsToken,
            text.count <= Self.cachedTextLimit
        {
            if plans.count >= Self.planLimit { plans.removeAll(keepingCapacity: true) }
            plans[hash] = plan
        }
        return plan
    }

    /// As if no text had been met before.
    func forgetPlans() {
        plans.removeAll(keepingCapacity: true)
    }

    private func makePlan(for text: Span<UInt8>, at now: Int64) -> Plan {
        var bytes: [UInt8] = []
        unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        let namesSetting = OnBehalfOf.isNamed(in: text)
        do {
            let plan = plan(key: key, facts: try analyzer.analyze(bytes), at: now)
            if namesSetting { plan.concernsPersons = true }
            return plan
        } catch {
            // It may hold a token.
            if namesSetting { return .withheld(.onBehalfOfUnclear) }
            if case .syntax = error, policy.passesUnparsed, !enforcesNothing,
                bytes.count <= StatementLimits.maximumTextLength,
                let facts = UnparsedStatement.facts(
                    of: bytes, in: catalogue, governed: { governance.governs($0) })
            {
                return plan(key: key, facts: [facts], at: now)
            }
            return plan(key: key, unreadable: Diagnosis(error), at: now)
        }
    }

    /// The plan of a text that cannot be judged: the reason it is refused for, or nothing known of it where nothing is
    /// enforced.
    func plan(key: [UInt8] = [], unreadable diagnosis: Diagnosis, at now: Int64) -> Plan {
        enforcesNothing
            ? plan(key: key, facts: [.unknown], at: now) : Plan(key: key, unreadable: diagnosis)
    }

    /// Judges facts, some of which the session may have completed.
    func plan(
        key: [UInt8], facts: [StatementFacts], at now: Int64, estimatedRows: Double? = nil
    ) -> Plan {
        let statements = facts.map { facts in
            let decision = policy.decide(
                facts, governance: governance, at: now / 1_000_000, estimatedRows: estimatedRows)
            return PlannedStatement(facts: facts, decision: decision)
        }
        let plan = plan(key: key, statements, demand: demand(of: statements, key))
        plan.wantsEstimate = estimatedRows == nil && wantsEstimate(of: statements, at: now)
        return plan
    }

    /// Whether a statement that touches no row would be judged otherwise.
    private func wantsEstimate(of statements: [PlannedStatement], at now: Int64) -> Bool {
        guard asksForEstimates, statements.count == 1, statements[0].facts.isEstimable else { return false }
        let otherwise = policy.decide(
            statements[0].facts, governance: governance, at: now / 1_000_000, estimatedRows: -1)
        return otherwise != statements[0].decision
    }

    /// What has to be approved for all of the statements to run; `nil` when nothing has, or nothing helps.
    private func demand(of statements: [PlannedStatement], _ key: [UInt8]) -> Plan.Demand? {
        var terms: [ApprovalTerms] = []
        var permitted: [PlannedStatement] = []
        for statement in statements {
            switch statement.decision {
            case .refuse: return nil
            case .permit: permitted.append(statement)
            case .ask(let asked, let permit):
                terms += asked.filter { new in !terms.contains { $0.rule == new.rule } }
                permitted.append(PlannedStatement(facts: statement.facts, decision: .permit(permit)))
            }
        }
        return terms.isEmpty
            ? nil : Plan.Demand(terms: terms, plan: plan(key: key, permitted, isApproved: true))
    }

    private func plan(
        key: [UInt8], _ statements: [PlannedStatement], demand: Plan.Demand? = nil, isApproved: Bool = false
    ) -> Plan {
        let touchesGovernedRelations = statements.contains { statement in
            statement.permit?.readsGovernedColumns ?? true
                || statement.facts.relations.contains { governance.governs($0.relation) }
        }
        let used = usersRelations(of: statements)
        // What people have approved is confirmed by the tables it was approved for.
        let areFreeTables =
            !touchesGovernedRelations && !isApproved && !used.contains(where: mayChangeInPlace)
        let mayRest = isTransparent || enforcesNothing || areFreeTables && policy.trustsFreeTables
        return Plan(
            key: key, statements: statements, summary: summary(of: statements),
            touchesGovernedRelations: touchesGovernedRelations, confirms: mayRest ? [] : used,
            confirmsNamesOnly: areFreeTables, demand: demand)
    }

    private func usersRelations(of statements: [PlannedStatement]) -> Set<ObjectID> {
        Set(statements.flatMap { $0.facts.relations.map(\.relation) }).filter {
            $0 >= Catalogue.firstUserObject
        }
    }

    /// A view can be given another query, and a parent another child, while it keeps name and columns.
    private func mayChangeInPlace(_ relation: ObjectID) -> Bool {
        guard let relation = catalogue.relation(relation) else { return true }
        return relation.kind != .table && relation.kind != .sequence || !relation.children.isEmpty
    }

    private func summary(of statements: [PlannedStatement]) -> StatementSummary {
        var effects: Set<String> = []
        var relations: Set<String> = []
        var masks: [String] = []
        for statement in statements {
            effects.formUnion(statement.facts.effects.map(\.rawValue))
            relations.formUnion(
                statement.facts.relations.map { "\($0.schema).\($0.name)\($0.isWritten ? "!" : "")" })
            switch statement.permit?.result {
            case .masked(let columns):
                masks += columns.compactMap { $0?.summary }
            case .wholly(var mask):
                mask.column = "*"
                masks.append(mask.summary)
            case .unchanged, nil: break
            }
            masks += statement.permit?.wouldMask.map { DryRun.marking($0.summary) } ?? []
        }
        return StatementSummary(effects: effects.sorted(), relations: relations.sorted(), masks: masks)
    }
}
