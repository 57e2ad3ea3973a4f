import API
import StatementAnalysis
import Testing

@testable import Policy

struct RuleDecisionTests {
    private func isRefused(
        _ facts: StatementFacts, by match: String, at now: Int64 = SubjectPolicy.noon
    ) throws -> Bool {
        try Clinic.policy(Clinic.rule(match: match)).decide(facts, at: now).refusedBy == "ApprovalRule/guard"
    }

    @Test func `the names of effects are those of the analysis`() {
        #expect(
            ApprovalRule.StatementKind.allCases.map(\.rawValue)
                == StatementFacts.Effect.allCases.map(\.rawValue))
    }

    @Test(arguments: StatementFacts.Effect.allCases)
    func `a rule matches its own effect and no other`(effect: StatementFacts.Effect) throws {
        for other in StatementFacts.Effect.allCases where other != .execute {
            let facts = Clinic.facts {
                $0.effects = [other]
                $0.functions = []
            }
            #expect(try isRefused(facts, by: "{statements: [\(effect.rawValue)]}") == (effect == other))
        }
    }

    @Test func `a denial names its rule and says nothing else`() throws {
        let decision = try Clinic.policy(Clinic.rule(match: "{statements: [Delete]}")).decide(
            Clinic.write(.delete))
        #expect(
            decision
                == .refuse(Refusal(rule: "ApprovalRule/guard", reason: "denied by ApprovalRule/guard")))
    }

    @Test func `a statement is asked about, and a denial comes before that`() throws {
        let asking = Clinic.rule(
            name: "ask", match: "{statements: [Delete]}", effect: "RequireApproval", spec: "priority: 1000")
        let denying = Clinic.rule(match: "{statements: [Delete]}", spec: "priority: 1")
        let decision = try Clinic.policy(asking).decide(Clinic.write(.delete))
        guard case .ask(let terms, let permit) = decision else {
            Issue.record("not asked about")
            return
        }
        #expect(terms.map(\.rule.name) == ["ask"] && terms.map(\.kind) == [.delete])
        #expect(permit.result == .unchanged)
        #expect(decision.refusal?.reason == "approval required by ApprovalRule/ask")
        #expect(decision.refusal?.sqlState == "42501")
        #expect(
            try Clinic.policy(asking, denying).decide(Clinic.write(.delete)).refusedBy == "ApprovalRule/guard"
        )
    }

    @Test(arguments: [
        ("[patients]", true), ("[public.patients]", true), ("[\"pat*\"]", true), ("[\"*\"]", true),
        ("[\"public.*\"]", true), ("[visits]", false), ("[other.patients]", false), ("[Patients]", false),
        // A partition's rows are its table's.
        ("[patients_archive]", true),
    ])
    func `tables are matched by pattern`(tables: String, matches: Bool) throws {
        #expect(
            try isRefused(Clinic.write(.delete), by: "{statements: [Delete], tables: \(tables)}") == matches)
    }

    @Test func `a rule over writes does not mind what is only read`() throws {
        let facts = Clinic.write(.insert, Clinic.visits, "visits") {
            $0.effects = [.insert, .select]
            $0.relations.append(Clinic.use(Clinic.patients, "patients"))
        }
        #expect(try !isRefused(facts, by: "{statements: [Insert], tables: [patients]}"))
        #expect(try isRefused(facts, by: "{statements: [Insert, Select], tables: [patients]}"))
        #expect(try isRefused(facts, by: "{tables: [patients]}"))
    }

    @Test func `a write that names no table may reach every one`() throws {
        let dropSchema = Clinic.facts { $0.effects = [.drop] }
        #expect(try isRefused(dropSchema, by: "{statements: [Drop], tables: [patients]}"))
        #expect(try !isRefused(Clinic.facts { _ in }, by: "{tables: [\"*\"]}"))
    }

    @Test(arguments: ["tables: [patients]", "columns: [ssn]"])
    func `a DROP that takes others along may reach every table and column`(what: String) throws {
        let match = "{statements: [Drop, Select], \(what)}"
        var drop = Clinic.write(.drop, Clinic.visits, "visits")
        #expect(try !isRefused(drop, by: match))
        drop.dropsOthers = true
        #expect(try isRefused(drop, by: match))
        // A rule about something else does not mind.
        #expect(try !isRefused(drop, by: "{statements: [Select], \(what)}"))
    }

    @Test func `a missing WHERE is asked of what can have one`() throws {
        let match = "{statements: [Delete, Update, Drop, Truncate], withoutWhere: true}"
        var update = Clinic.write(.update)
        #expect(try !isRefused(update, by: match))
        update.isWithoutWhere = true
        #expect(try isRefused(update, by: match))
        #expect(try isRefused(Clinic.write(.truncate), by: match))
        #expect(try isRefused(Clinic.write(.drop), by: match))
    }

    @Test func `columns are matched where they are read, assigned or go with their row`() throws {
        let match = "{columns: [ssn]}"
        #expect(try isRefused(Clinic.select(Clinic.ssn), by: match))
        #expect(try !isRefused(Clinic.select(Clinic.id), by: match))
        let update = { (column: ColumnID) in
            Clinic.write(.update) { $0.assignments = [.init(target: column, lineage: Lineage())] }
        }
        #expect(try isRefused(update(Clinic.ssn), by: match))
        #expect(try !isRefused(update(Clinic.note), by: match))
        #expect(try isRefused(Clinic.write(.delete), by: match))
        #expect(try !isRefused(Clinic.write(.delete, Clinic.visits, "visits"), by: match))
        #expect(try !isRefused(Clinic.select(Clinic.ssn), by: "{columns: [ssn], tables: [visits]}"))
        #expect(try isRefused(Clinic.facts { $0.columnsRead = .unknown }, by: match))
    }

    @Test(arguments: [(nil, true), (999, false), (1000, true)] as [(Double?, Bool)])
    func `as many rows as are estimated count, and any number where that is not known`(
        rows: Double?, isRefused: Bool
    ) throws {
        let rule = Clinic.rule(match: "{statements: [Update], estimatedRowsAtLeast: 1000}")
        let policy = try Clinic.policy(rule)
        #expect(policy.asksForEstimates)
        let governance = policy.governance(over: Clinic.catalogue)
        let decision = policy.decide(
            Clinic.write(.update), governance: governance, at: SubjectPolicy.noon, estimatedRows: rows)
        #expect((decision.refusedBy == "ApprovalRule/guard") == isRefused)
    }

    @Test func `a window's hours are open`() throws {
        let match = "{statements: [Delete], outside: {window: \"Mon-Fri 09:00-17:00 UTC\"}}"
        let hour: Int64 = 3600
        for (offset, isRefused) in [(0, false), (-3, false), (-4, true), (5, true), (72, true), (120, false)]
        {
            let now = SubjectPolicy.noon + Int64(offset) * hour
            #expect(try self.isRefused(Clinic.write(.delete), by: match, at: now) == isRefused, "\(offset) h")
        }
        #expect(try Clinic.policy(Clinic.rule(match: match)).dependsOnTime)
        #expect(try !Clinic.policy(Clinic.rule(match: "{statements: [Drop]}")).dependsOnTime)
    }

    @Test func `code that is not in sight meets every rule`() throws {
        let hidden: [StatementFacts] = [
            Clinic.facts { $0.command = .doBlock },
            Clinic.facts { $0.effects = [.execute] },
            Clinic.facts { $0.unknowns = ["a clause"] },
            Clinic.facts {
                $0.functions = [.init(function: 16_999, name: "f", harm: .userDefined, arguments: Lineage())]
            },
        ]
        for facts in hidden {
            #expect(try isRefused(facts, by: "{statements: [Drop], tables: [patients], withoutWhere: true}"))
        }
    }

    @Test func `a rule in a dry run only says what it would do`() throws {
        let policy = try Clinic.policy(Clinic.rule(match: "{statements: [Delete]}", spec: "mode: DryRun"))
        #expect(
            policy.decide(Clinic.write(.delete)).permit?.wouldRefuse
                == Refusal(rule: "ApprovalRule/guard", reason: "denied by ApprovalRule/guard"))
    }

    @Test func `rules alone leave results as they are`() throws {
        let policy = try Clinic.policy(Clinic.rule(match: "{statements: [Delete]}"))
        #expect(policy.decide(Clinic.select(Clinic.ssn)) == .permit(Permit()))
        #expect(policy.decide(Clinic.facts { $0.missingRelations = ["x"] }) == .permit(Permit()))
    }
}
