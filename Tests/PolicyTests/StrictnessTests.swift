import API
import SeededRandomness
import StatementAnalysis
import Testing

@testable import Policy

/// Whatever is added can only make decisions stricter (K13).
struct StrictnessTests {
    private static let additions: [String] = [
        Clinic.masking(name: "x1", action: "{type: DenyQuery}"),
        Clinic.masking(
            name: "x2", match: "{columns: [\"*\"]}", action: "{type: Hash}", rule: "allowPredicates: true"),
        Clinic.masking(
            name: "x3", match: "{tables: [visits]}", action: "{type: \"Null\"}", spec: "unmatched: Mask"),
        Clinic.masking(
            name: "x4", action: "{type: Partial, partial: {keepLast: 9}}", spec: "unmatched: Allow"),
        Clinic.masking(name: "x5", spec: "mode: DryRun"),
        Clinic.masking(name: "x6", rule: "exceptSubjects: {users: [ann]}", spec: "priority: 1000"),
        Clinic.rule(name: "x7", match: "{statements: [Delete, Update], withoutWhere: true}"),
        Clinic.rule(name: "x8", match: "{columns: [note]}", effect: "RequireApproval"),
        Clinic.rule(name: "x9", match: "{tables: [\"*\"]}", spec: "mode: DryRun"),
    ]

    @Test(arguments: 1...6)
    func `a policy more never makes a decision laxer`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let start = Self.additions.filter { _ in random.next() % 3 == 0 }.joined()
            let addition = Self.additions[Int(random.next() % UInt64(Self.additions.count))]
            guard !start.contains(addition) else { continue }
            let (before, after) = (try Clinic.policy(start), try Clinic.policy(start, addition))
            for _ in 0..<10 {
                let facts = Self.facts(&random)
                let (old, new) = (before.decide(facts), after.decide(facts))
                #expect(Self.isAtLeastAsStrict(new, as: old), "\(facts)\n\(old)\n\(new)")
            }
        }
    }

    /// Refusal over masks, column by column, over nothing.
    private static func isAtLeastAsStrict(_ new: Decision, as old: Decision) -> Bool {
        guard case .permit(let new) = new else { return true }
        guard case .permit(let old) = old else { return false }
        guard new.readsGovernedColumns || !old.readsGovernedColumns,
            new.textIsSensitive || !old.textIsSensitive
        else { return false }
        switch (new.result, old.result) {
        case (.wholly, _), (_, .unchanged): return true
        case (.masked(let new), .masked(let old)):
            return zip(new, old).allSatisfy { new, old in
                guard let old else { return true }
                return new.map { $0.action.strictness >= old.action.strictness } ?? false
            }
        case (.masked, .wholly), (.unchanged, _): return false
        }
    }

    private static func facts(_ random: inout SeededGenerator) -> StatementFacts {
        let columns = [Clinic.id, Clinic.ssn, Clinic.firstName, Clinic.note, Clinic.reason]
        func lineage() -> Lineage {
            Lineage(Set(columns.filter { _ in random.next() % 3 == 0 }), isComplete: random.next() % 8 != 0)
        }
        var facts = StatementFacts()
        facts.effects = Set(StatementFacts.Effect.allCases.filter { _ in random.next() % 9 == 0 })
        facts.relations = [
            Clinic.use(Clinic.patients, "patients", isWritten: random.next() % 2 == 0),
            Clinic.use(Clinic.visits, "visits", isWritten: random.next() % 2 == 0),
        ].filter { _ in random.next() % 2 == 0 }
        facts.isWithoutWhere = random.next() % 2 == 0
        if random.next() % 4 == 0 { facts.conditions = [.init(.where, lineage())] }
        if random.next() % 4 == 0 { facts.assignments = [.init(target: Clinic.reason, lineage: lineage())] }
        let outputs = (0..<3).map { _ in
            random.next() % 2 == 0
                ? StatementFacts.OutputColumn(lineage: lineage())
                : StatementFacts.OutputColumn(lineage: Lineage([columns[2]]), origin: columns[2])
        }
        facts.result = [.columns(outputs), .columns(outputs), .none, .unknown, .plan][Int(random.next() % 5)]
        if case .columns(let outputs) = facts.result {
            for output in outputs { facts.columnsRead.formUnion(output.lineage) }
        }
        for condition in facts.conditions { facts.columnsRead.formUnion(condition.lineage) }
        for assignment in facts.assignments { facts.columnsRead.formUnion(assignment.lineage) }
        return facts
    }
}
