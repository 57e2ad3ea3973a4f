import API
import StatementAnalysis
import Testing

@testable import Policy

/// Identifiers looked for within the values of columns that no rule governs whole.
struct SearchTests {
    private static let detections = [
        Detection(kind: .ssn, action: .redact, rule: "phi/r"),
        Detection(kind: .email, action: .redact, rule: "phi/r"),
    ]

    private func policy(_ match: String = "{dataTypes: [SSN, Email]}", more: String = "") throws
        -> SubjectPolicy
    {
        try Clinic.policy(Clinic.masking(match: match, spec: "unmatched: Allow"), more)
    }

    private func masks(_ decision: Decision) -> [ColumnMask?] {
        if case .masked(let masks)? = decision.permit?.result { masks } else { [] }
    }

    @Test func `a rule with data types searches the columns it does not govern`() throws {
        let decision = try policy().decide(Clinic.select(Clinic.note, Clinic.ssn))
        #expect(
            masks(decision) == [
                ColumnMask(
                    action: .redact, rule: "phi/r", column: "public.patients.note",
                    detections: Self.detections),
                ColumnMask(action: .redact, rule: "phi/r", column: "public.patients.ssn"),
            ])
        #expect(decision.permit?.readsGovernedColumns == true)
    }

    @Test func `only what the rule matches is searched`() throws {
        let confined = try policy("{tables: [patients], columns: [note], dataTypes: [SSN]}")
        let decision = confined.decide(Clinic.select(Clinic.note, Clinic.firstName))
        #expect(masks(decision).map { $0?.detections.map(\.kind) } == [[.ssn], nil])
        #expect(confined.decide(Clinic.select(Clinic.reason)) == .permit(Permit()))
    }

    @Test func `nothing is searched for a subject that the rule excepts`() throws {
        let excepting = Clinic.masking(
            match: "{dataTypes: [SSN]}", rule: "exceptSubjects: {groups: [analysts]}")
        #expect(try Clinic.policy(excepting).decide(Clinic.select(Clinic.note)) == .permit(Permit()))
    }

    @Test func `with hiddenCode Pass, nothing is searched or withheld but where what is searched is named`()
        throws
    {
        let masking = Clinic.masking(
            match: "{tables: [patients], columns: [note], dataTypes: [SSN]}", spec: "unmatched: Allow")
        let policy = try Clinic.connectionPolicy(masking, hiddenCode: "Pass").scoped(to: Clinic.analyst)
        var facts = Clinic.facts {
            $0.columnsRead = .unknown
            $0.result = .unknown
        }
        #expect(policy.decide(facts).permit?.readsGovernedColumns == false)
        #expect(policy.decide(facts).permit?.result == .unchanged)
        facts.relations = [Clinic.use(Clinic.patients, "patients")]
        #expect(policy.decide(facts).permit?.readsGovernedColumns == true)
        #expect(policy.decide(facts).permit?.result != .unchanged)
        facts.copy = .init(.toClient)
        #expect(policy.decide(facts).permit?.result == .unchanged)
    }

    @Test func `a computed text is searched, and what is unknown for everything`() throws {
        let facts = Clinic.facts {
            $0.columnsRead = Lineage([Clinic.note])
            $0.result = .columns([
                .init(lineage: Lineage([Clinic.note])), .init(lineage: .unknown), .init(lineage: Lineage()),
            ])
        }
        let masks = masks(try policy().decide(facts))
        #expect(masks.map { $0?.detections } == [Self.detections, Self.detections, nil])
        #expect(masks.first??.column == "*")
    }

    @Test func `a governed column is masked whole though another rule searches it`() throws {
        let more = Clinic.masking(name: "notes", match: "{columns: [note]}", spec: "unmatched: Allow")
        let masks = masks(try policy(more: more).decide(Clinic.select(Clinic.note)))
        #expect(masks.map { $0?.detections } == [[]])
    }

    @Test func `of two actions for one kind the stricter holds`() throws {
        let more = Clinic.masking(
            name: "weak", match: "{dataTypes: [SSN, Phone]}",
            action: "{type: Partial, partial: {keepLast: 4}}",
            spec: "unmatched: Allow")
        let found = masks(try policy("{dataTypes: [SSN]}", more: more).decide(Clinic.select(Clinic.note)))
        let actions = found.first??.detections.map { "\($0.kind.rawValue)=\($0.action.name) \($0.rule)" }
        #expect(Set(actions ?? []) == ["SSN=Redact phi/r", "Phone=Partial weak/r"])
    }

    @Test func `a value may not leave the search by being stored elsewhere`() throws {
        var facts = Clinic.select(Clinic.id)
        facts.assignments = [.init(target: Clinic.reason, lineage: Lineage([Clinic.note]))]
        let confined = try policy("{tables: [patients], dataTypes: [SSN]}")
        guard case .refuse(let refusal) = confined.decide(facts) else {
            Issue.record("permitted")
            return
        }
        #expect(refusal.rule == "MaskingPolicy/phi/r")
        // A rule for every table searches it there as well.
        #expect(try policy().decide(facts).permit != nil)
    }

    @Test func `comparing a searched column is allowed`() throws {
        var facts = Clinic.select(Clinic.id)
        facts.columnsRead.columns.insert(Clinic.note)
        facts.conditions = [.init(.where, Lineage([Clinic.note]))]
        #expect(try policy().decide(facts).permit != nil)
    }

    @Test func `a type may tell the identifier`() throws {
        let inet: ObjectID = 869
        let log = Relation(
            oid: 30_001, schema: "public", name: "log",
            columns: [
                Relation.Column(number: 1, name: "peer", type: inet),
                Relation.Column(number: 2, name: "size", type: 23),
            ])
        let governance = try policy("{dataTypes: [IPAddress]}").governance(over: Catalogue(relations: [log]))
        #expect(governance.mask(of: ColumnID(relation: 30_001, attribute: 1))?.detections == [])
        #expect(governance.mask(of: ColumnID(relation: 30_001, attribute: 2)) == nil)
    }
}
