import API
import StatementAnalysis
import Testing

@testable import Policy

/// What a masked subject's statement may cost, and what locks count as.
struct BudgetTests {
    private func policy(session: String = "", _ policies: String...) throws -> SubjectPolicy {
        try Clinic.connectionPolicy(policies.joined(), session: session).scoped(to: Clinic.analyst)
    }

    private func making(_ rows: Int) -> StatementFacts { Clinic.facts { $0.generatedRows = rows } }

    private func multiplying(_ relation: ObjectID, _ name: String) -> StatementFacts {
        Clinic.facts {
            $0.relations = [Clinic.use(relation, name)]
            $0.unrelatedTables = [name, "dual"]
        }
    }

    @Test func `rows made out of nothing have a limit`() throws {
        let policy = try policy(Clinic.masking())
        #expect(policy.decide(making(100_000)) == .permit(Permit()))
        #expect(policy.decide(making(100_001)).refusedBy == "weir/budget")
    }

    @Test func `the connection says how many`() throws {
        let few = try policy(session: "{generatedRows: 10}", Clinic.masking())
        #expect(few.decide(making(11)).refusedBy == "weir/budget")
        let any = try policy(session: "{generatedRows: 0}", Clinic.masking())
        #expect(any.decide(making(.max - 1)) == .permit(Permit()))
    }

    @Test func `who is not masked has no limit`() throws {
        let policy = try policy(Clinic.rule(match: "{statements: [Drop]}"))
        #expect(policy.decide(making(.max)) == .permit(Permit()))
    }

    @Test func `a governed table is not multiplied`() throws {
        let policy = try policy(Clinic.masking())
        #expect(policy.decide(multiplying(Clinic.patients, "patients")).refusedBy == "weir/budget")
        #expect(policy.decide(multiplying(Clinic.archive, "patients_archive")).refusedBy == "weir/budget")
        #expect(policy.decide(multiplying(Clinic.visits, "visits")) == .permit(Permit()))
        // Nothing is known of what the view reads.
        #expect(policy.decide(multiplying(Clinic.overview, "overview")).refusedBy == "weir/budget")
        let passing = try self.policy(session: "{cartesianProducts: Pass}", Clinic.masking())
        #expect(passing.decide(multiplying(Clinic.patients, "patients")) == .permit(Permit()))
    }

    @Test(arguments: [
        ("{statements: [Delete]}", true), ("{statements: [Update]}", false), ("{statements: [Lock]}", true),
        ("{statements: [Delete], tables: [patients]}", true),
        ("{statements: [Delete], tables: [visits]}", false),
        ("{statements: [Delete], withoutWhere: true}", false),
        // The statement that writes the column will be judged.
        ("{statements: [Delete], columns: [ssn]}", false),
    ])
    func `what a lock is taken for meets a rule`(match: String, isMet: Bool) throws {
        let locking = Clinic.facts {
            $0.effects = [.select, .lock]
            $0.lockedFor = [.delete]
            $0.relations = [Clinic.use(Clinic.patients, "patients")]
        }
        let policy = try policy(Clinic.rule(match: match))
        #expect((policy.decide(locking).refusedBy == "ApprovalRule/guard") == isMet)
    }
}
