import API
import StatementAnalysis
import Testing

@testable import Policy

struct MaskingDecisionTests {
    private let policy: SubjectPolicy

    init() throws {
        policy = try Clinic.policy(
            Clinic.masking(action: "{type: Partial, partial: {keepLast: 4}}", spec: "unmatched: Allow"))
    }

    private static let partial = MaskingAction.partial(keepFirst: 0, keepLast: 4, maskCharacter: "*")

    @Test func `nothing that binds the subject, nothing that changes`() throws {
        let policy = try Clinic.policy()
        #expect(policy.isTransparent)
        let unknown = Clinic.facts {
            $0.result = .unknown
            $0.unknowns = ["anything"]
            $0.effects = [.define, .administer, .execute]
        }
        #expect(policy.decide(unknown) == .permit(Permit()))
    }

    @Test func `columns that are not governed come as they are`() {
        #expect(policy.decide(Clinic.select(Clinic.id, Clinic.note)) == .permit(Permit()))
    }

    @Test func `a governed column keeps its own mask`() {
        let decision = policy.decide(Clinic.select(Clinic.id, Clinic.ssn))
        let mask = ColumnMask(action: Self.partial, rule: "phi/r", column: "public.patients.ssn")
        #expect(decision == .permit(Permit(result: .masked([nil, mask]), readsGovernedColumns: true)))
    }

    @Test func `what is computed from a governed column is redacted`() {
        let facts = Clinic.facts {
            $0.columnsRead = Lineage([Clinic.ssn, Clinic.id])
            $0.result = .columns([.init(lineage: Lineage([Clinic.ssn, Clinic.id]), keepsNull: true)])
        }
        let decision = policy.decide(facts)
        #expect(decision.actions == [.redact])
        #expect(decision.permit?.textIsSensitive == true)
    }

    @Test func `what is NULL for some values of a governed column is NULL for all`() {
        let facts = Clinic.facts {
            $0.columnsRead = Lineage([Clinic.ssn])
            $0.result = .columns([.init(lineage: Lineage([Clinic.ssn]), keepsNull: false)])
        }
        #expect(policy.decide(facts).actions == [.null])
    }

    @Test func `a value of unknown provenance is NULL once something governed is read`() {
        let output = StatementFacts.OutputColumn(lineage: .unknown)
        let harmless = Clinic.facts {
            $0.columnsRead = Lineage([Clinic.id])
            $0.result = .columns([output])
        }
        #expect(policy.decide(harmless) == .permit(Permit()))
        for read in [Lineage([Clinic.ssn]), .unknown] {
            var facts = harmless
            facts.columnsRead = read
            #expect(policy.decide(facts).actions == [.null])
        }
    }

    @Test(arguments: [
        StatementFacts.Condition.Clause.where, .join, .groupBy, .having, .orderBy, .distinct, .window,
        .aggregate,
        .comparison, .setOperation, .limit, .conflict,
    ])
    func `a governed column decides nothing about rows`(clause: StatementFacts.Condition.Clause) {
        var facts = Clinic.select(Clinic.id)
        facts.columnsRead.columns.insert(Clinic.ssn)
        facts.conditions = [.init(clause, Lineage([Clinic.id])), .init(clause, Lineage([Clinic.ssn]))]
        guard case .refuse(let refusal) = policy.decide(facts) else {
            Issue.record("permitted")
            return
        }
        #expect(refusal.rule == "MaskingPolicy/phi/r")
        #expect(refusal.sqlState == "42501")
        #expect(refusal.reason == "masking rule phi/r does not allow a governed column in \(clause.rawValue)")
    }

    @Test func `what tells whether a value is there is refused where no mask shows that`() throws {
        var facts = Clinic.select(Clinic.id)
        facts.columnsRead.columns.insert(Clinic.ssn)
        facts.conditions = [.init(.presence, Lineage([Clinic.ssn]))]
        #expect(policy.decide(facts).permit != nil)
        let hiding = try Clinic.policy(Clinic.masking(action: "{type: \"Null\"}", spec: "unmatched: Allow"))
        #expect(hiding.decide(facts).refusedBy == "MaskingPolicy/phi/r")
    }

    @Test func `a rule may allow predicates, and the text is sensitive then`() throws {
        let policy = try Clinic.policy(
            Clinic.masking(rule: "allowPredicates: true", spec: "unmatched: Allow"))
        var facts = Clinic.select(Clinic.id)
        facts.columnsRead.columns.insert(Clinic.ssn)
        facts.conditions = [.init(.where, Lineage([Clinic.ssn]))]
        #expect(policy.decide(facts) == .permit(Permit(readsGovernedColumns: true, textIsSensitive: true)))
    }

    @Test func `one rule that forbids predicates is enough`() throws {
        let policy = try Clinic.policy(
            Clinic.masking(name: "a", rule: "allowPredicates: true"),
            Clinic.masking(name: "b", action: "{type: Hash}"))
        var facts = Clinic.select(Clinic.id)
        facts.conditions = [.init(.where, Lineage([Clinic.ssn]))]
        #expect(policy.decide(facts).refusedBy == "MaskingPolicy/b/r")
    }

    @Test func `a condition of unknown provenance is refused where something governed is read`() {
        var facts = Clinic.select(Clinic.ssn)
        facts.conditions = [.init(.where, .unknown)]
        #expect(policy.decide(facts).refusedBy == OwnRule.unknownProvenance)
        var harmless = Clinic.select(Clinic.id)
        harmless.conditions = [.init(.where, .unknown)]
        #expect(policy.decide(harmless) == .permit(Permit()))
    }

    @Test func `a governed value is stored nowhere else`() {
        let facts = Clinic.write(.insert, Clinic.visits, "visits") {
            $0.columnsRead = Lineage([Clinic.ssn])
            $0.assignments = [.init(target: Clinic.reason, lineage: Lineage([Clinic.ssn]))]
        }
        #expect(policy.decide(facts).refusedBy == "MaskingPolicy/phi/r")
        var view = facts
        view.assignments = [.init(target: nil, lineage: .unknown)]
        #expect(policy.decide(view).refusedBy == OwnRule.unknownProvenance)
    }

    @Test func `a constant may be written to a governed column, and is not shown in the record`() {
        let facts = Clinic.write(.update) {
            $0.assignments = [.init(target: Clinic.ssn, lineage: Lineage())]
        }
        #expect(policy.decide(facts) == .permit(Permit(readsGovernedColumns: true, textIsSensitive: true)))
    }

    @Test(arguments: [StatementFacts.Effect.insert, .copyIn, .merge])
    func `rows written to a governed relation are not shown, in records or errors`(
        effect: StatementFacts.Effect
    ) {
        let sensitive = Permit(readsGovernedColumns: true, textIsSensitive: true)
        #expect(policy.decide(Clinic.write(effect)) == .permit(sensitive))
        #expect(policy.decide(Clinic.write(effect, Clinic.visits, "visits")) == .permit(Permit()))
    }

    @Test func `RETURNING is masked as a query is`() {
        let facts = Clinic.write(.delete) {
            $0.columnsRead = Lineage([Clinic.ssn])
            $0.result = .columns([.init(lineage: Lineage([Clinic.ssn]), origin: Clinic.ssn)])
        }
        #expect(policy.decide(facts).actions == [Self.partial])
    }

    @Test(arguments: [
        (StatementFacts.Effect.define, OwnRule.definitions), (.administer, OwnRule.administration),
        (.grant, OwnRule.privileges),
    ])
    func `what could undo masking is refused`(effect: StatementFacts.Effect, rule: String) {
        #expect(policy.decide(Clinic.facts { $0.effects = [effect] }).refusedBy == rule)
    }

    @Test func `another role is refused, one's own is not`() {
        let other: [StatementFacts.SessionChange] = [
            .role("dba"), .set(name: "ROLE", value: ["dba"], isLocal: true),
            .set(name: "session_authorization", value: ["dba"], isLocal: false),
        ]
        for change in other {
            let facts = Clinic.facts { $0.sessionChanges = [change] }
            #expect(policy.decide(facts).refusedBy == OwnRule.roles)
        }
        let own = Clinic.facts {
            $0.sessionChanges = [.role(nil), .set(name: "role", value: nil, isLocal: false), .resetAll]
        }
        #expect(policy.decide(own) == .permit(Permit()))
    }

    @Test(arguments: [
        (StatementFacts.FunctionUse.Harm.userDefined, Lineage(), OwnRule.hiddenCode as String?),
        (.readsByName, Lineage(), OwnRule.hiddenCode),
        (.administers, Lineage(), OwnRule.functions),
        (.storesArguments, Lineage(), nil),
        (.storesArguments, Lineage([Clinic.id]), nil),
        (.storesArguments, Lineage([Clinic.ssn]), OwnRule.functions),
        (.storesArguments, .unknown, OwnRule.functions),
    ])
    func `a function is refused by the harm it can do`(
        harm: StatementFacts.FunctionUse.Harm, arguments: Lineage, rule: String?
    ) {
        let facts = Clinic.facts {
            $0.functions = [.init(function: 16_999, name: "f", harm: harm, arguments: arguments)]
        }
        #expect(policy.decide(facts).refusedBy == rule)
    }

    @Test func `a function the platform vouches for runs, one of the same name does not`() {
        func call(_ function: ObjectID) -> StatementFacts {
            Clinic.facts {
                $0.effects = [.select, .execute]
                $0.functions = [
                    .init(function: function, name: "age_in_years", harm: .userDefined, arguments: Lineage())
                ]
            }
        }
        #expect(policy.decide(call(Clinic.trusted)) == .permit(Permit()))
        #expect(policy.decide(call(Clinic.trusted + 1)).refusedBy == OwnRule.hiddenCode)
        #expect(policy.decide(call(0)).refusedBy == OwnRule.hiddenCode)
    }

    @Test(arguments: [StatementFacts.Command.doBlock, .call])
    func `code in a block or procedure is refused`(command: StatementFacts.Command) {
        let facts = Clinic.facts {
            $0.command = command
            $0.effects = [.execute]
        }
        #expect(policy.decide(facts).refusedBy == OwnRule.hiddenCode)
    }

    @Test func `an effect nobody can explain is refused though a trusted function runs too`() {
        let facts = Clinic.facts {
            $0.effects = [.select, .execute]
            $0.functions = [
                .init(function: 1, name: "pg_notify", harm: .storesArguments, arguments: Lineage())
            ]
        }
        #expect(policy.decide(facts).refusedBy == OwnRule.hiddenCode)
    }

    @Test func `a governed relation is not altered, nor what is not named`() {
        #expect(policy.decide(Clinic.write(.alter)).refusedBy == OwnRule.definitions)
        #expect(policy.decide(Clinic.facts { $0.effects = [.alter] }).refusedBy == OwnRule.definitions)
        #expect(policy.decide(Clinic.write(.alter, Clinic.visits, "visits")) == .permit(Permit()))
    }

    @Test func `a governed relation may lose a column, or be given one`() {
        var facts = Clinic.write(.alter)
        facts.keepsColumns = true
        #expect(policy.decide(facts).refusedBy == nil)
    }

    @Test func `with hiddenCode Pass, code that is not in sight runs beside the governed relations`() throws {
        let masking = Clinic.masking(action: "{type: Redact}", spec: "unmatched: Allow")
        let policy = try Clinic.connectionPolicy(masking, hiddenCode: "Pass").scoped(to: Clinic.analyst)
        let hidden: [(inout StatementFacts) -> Void] = [
            { $0.command = .doBlock },
            { $0.effects = [.define] },
            { $0.effects = [.grant] },
            { $0.effects = [.administer] },
            { $0.sessionChanges = [.role("clerk")] },
            { $0.unknowns = ["a cursor the gateway did not see declared"] },
            { $0.missingRelations = ["gone"] },
            {
                $0.functions = [.init(function: 20_000, name: "f", harm: .userDefined, arguments: .unknown)]
                $0.columnsRead = .unknown
                $0.result = .columns([.init(lineage: .unknown)])
            },
        ]
        for change in hidden {
            #expect(policy.decide(Clinic.facts(change)) == .permit(Permit()))
            for touch: (inout StatementFacts) -> Void in [
                { $0.relations = [Clinic.use(Clinic.patients, "patients")] },
                { $0.columnsReadInViews.columns.insert(Clinic.ssn) },
                { $0.relations = [Clinic.use(Clinic.overview, "overview")] },
            ] {
                var facts = Clinic.facts(change)
                touch(&facts)
                guard case .refuse = policy.decide(facts) else {
                    Issue.record("permitted: \(facts)")
                    continue
                }
            }
        }
    }

    @Test func `DenyQuery refuses every read`() throws {
        let policy = try Clinic.policy(Clinic.masking(action: "{type: DenyQuery}"))
        #expect(policy.decide(Clinic.select(Clinic.ssn)).refusedBy == "MaskingPolicy/phi/r")
        #expect(policy.decide(Clinic.select(Clinic.id)).refusedBy == nil)
    }

    @Test func `a plan over a governed column is refused`() {
        let facts = Clinic.facts {
            $0.columnsRead = Lineage([Clinic.ssn])
            $0.result = .plan
        }
        #expect(policy.decide(facts).refusedBy == "MaskingPolicy/phi/r")
        #expect(policy.decide(Clinic.facts { $0.result = .plan }) == .permit(Permit()))
    }

    @Test func `a result nobody knows is masked whole over a governed relation`() {
        var facts = Clinic.facts {
            $0.relations = [Clinic.use(Clinic.patients, "patients")]
            $0.result = .unknown
        }
        #expect(policy.decide(facts).actions == [.null])
        facts.relations = [Clinic.use(Clinic.visits, "visits")]
        #expect(policy.decide(facts) == .permit(Permit()))
        facts.unknowns = ["a clause"]
        #expect(policy.decide(facts).refusedBy == OwnRule.notUnderstood)
    }

    @Test func `a cursor or statement the session does not know is masked whole`() {
        for result in [StatementFacts.Result.cursor("c"), .prepared("p")] {
            #expect(policy.decide(Clinic.facts { $0.result = result }).actions == [.null])
        }
    }

    @Test func `a relation the gateway does not know is refused as PostgreSQL would`() {
        var facts = Clinic.facts { $0.missingRelations = ["nowhere"] }
        guard case .refuse(let refusal) = policy.decide(facts) else {
            Issue.record("permitted")
            return
        }
        #expect(refusal.sqlState == "42P01")
        #expect(!refusal.reason.contains("nowhere"))
        facts.effects = [.drop]
        #expect(policy.decide(facts).refusedBy == nil)
    }

    @Test func `a column the gateway does not know is told apart from what is not understood`() {
        let column = "\(StatementFacts.unresolvedColumn)"
        var facts = Clinic.facts { $0.unknowns = [column] }
        #expect(policy.decide(facts).refusedBy == OwnRule.unknownColumn)
        facts.unknowns = [column, "a clause"]
        #expect(policy.decide(facts).refusedBy == OwnRule.notUnderstood)
        facts.unknowns = [column]
        facts.command = .doBlock
        #expect(policy.decide(facts).refusedBy == OwnRule.notUnderstood)
    }

    @Test func `statistics of the server are governed for everyone with a mask`() {
        let values = Clinic.column(2619, 2)
        let facts = Clinic.select(Clinic.column(2619, 1), values)
        let decision = policy.decide(facts)
        #expect(decision.actions == [nil, .redact])
        #expect(policy.governance(over: Clinic.catalogue).mask(of: values)?.rule == OwnRule.systemColumns)
    }

    @Test func `preparing a statement is refused where running it would be`() {
        let inner = Clinic.write(.insert, Clinic.visits, "visits") {
            $0.assignments = [.init(target: Clinic.reason, lineage: Lineage([Clinic.ssn]))]
        }
        let facts = Clinic.facts {
            $0.command = .prepare
            $0.sessionChanges = [.prepare(name: "p", facts: inner, text: [])]
        }
        #expect(policy.decide(facts).refusedBy == "MaskingPolicy/phi/r")
    }

    @Test func `a dry run masks and refuses nothing, and says what it would`() throws {
        let policy = try Clinic.policy(Clinic.masking(spec: "mode: DryRun"))
        let masked = try #require(policy.decide(Clinic.select(Clinic.ssn)).permit)
        #expect(masked.result == .unchanged)
        #expect(masked.wouldMask.map(\.column) == ["public.patients.ssn"])
        var facts = Clinic.select(Clinic.id)
        facts.conditions = [.init(.where, Lineage([Clinic.ssn]))]
        let refused = try #require(policy.decide(facts).permit)
        #expect(refused.result == .unchanged)
        #expect(refused.wouldRefuse?.rule == "MaskingPolicy/phi/r")
        #expect(policy.governance(over: Clinic.catalogue).isEmpty)
    }
}
