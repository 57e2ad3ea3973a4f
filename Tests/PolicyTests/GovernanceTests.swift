import API
import StatementAnalysis
import Testing

@testable import Policy

struct GovernanceTests {
    /// Governed columns by `table.column`, with their actions.
    private func governed(_ policies: String..., for subject: Subject = Clinic.analyst) throws -> [String:
        String]
    {
        let governance = try Clinic.policy(policies.joined(), for: subject).governance(over: Clinic.catalogue)
        var governed: [String: String] = [:]
        for relation in Clinic.catalogue.userRelations {
            for column in relation.columns {
                let id = ColumnID(relation: relation.oid, attribute: column.number)
                guard let mask = governance.mask(of: id), mask.detections.isEmpty else { continue }
                governed["\(relation.name).\(column.name)"] = mask.action.name
            }
        }
        return governed
    }

    @Test func `a rule governs what it matches and tables below`() throws {
        #expect(
            try governed(Clinic.masking(action: "{type: Hash}", spec: "unmatched: Allow")) == [
                "patients.ssn": "Hash", "patients_archive.ssn": "Hash",
                // Not in sight when the rule was written for its parent.
                "patients_archive.old_ssn": "Redact",
            ])
    }

    @Test func `a rule for a partition governs the table above, which shows its rows`() throws {
        let match = "{tables: [patients_archive], columns: [note, old_ssn]}"
        #expect(
            try governed(Clinic.masking(match: match, action: "{type: Hash}", spec: "unmatched: Allow")) == [
                "patients_archive.note": "Hash", "patients_archive.old_ssn": "Hash", "patients.note": "Hash",
            ])
    }

    @Test func `a column generated from a governed one is redacted unless a rule names it`() throws {
        let patients: ObjectID = 20_001
        let archive: ObjectID = 20_002
        func relation(_ oid: ObjectID, _ name: String) -> Relation {
            Relation(
                oid: oid, schema: "public", name: name,
                columns: [
                    .init(number: 1, name: "ssn", type: 25),
                    .init(number: 2, name: "tail", type: 25, isGenerated: true, sources: [1]),
                    .init(number: 3, name: "ward", type: 25, isGenerated: true, sources: [4]),
                    .init(number: 4, name: "room", type: 25),
                ])
        }
        let catalogue = Catalogue(
            relations: [relation(patients, "patients"), relation(archive, "archive")],
            inheritance: [(child: archive, parent: patients)])
        func action(_ column: Int16, of relation: ObjectID, columns: String) throws -> String? {
            let masking = Clinic.masking(
                match: "{tables: [patients], columns: [\(columns)]}", action: "{type: Hash}",
                spec: "unmatched: Allow")
            let governance = try Clinic.policy(masking, for: Clinic.analyst).governance(over: catalogue)
            return governance.mask(of: ColumnID(relation: relation, attribute: column))?.action.name
        }
        #expect(try action(2, of: patients, columns: "ssn") == "Redact")
        #expect(try action(2, of: archive, columns: "ssn") == "Redact")
        #expect(try action(3, of: patients, columns: "ssn") == nil)
        #expect(try action(2, of: patients, columns: "ssn, tail") == "Hash")
    }

    @Test func `identifiers beside a governed column are redacted by default`() throws {
        let governed = try governed(
            Clinic.masking(match: "{tables: [patients], columns: [note]}", action: "{type: Hash}"))
        #expect(governed["patients.note"] == "Hash")
        #expect(governed["patients.ssn"] == "Redact")
        #expect(governed["patients.first_name"] == "Redact")
        #expect(governed["patients.id"] == nil)
        #expect(governed["patients.ward"] == nil)
        #expect(governed["visits.reason"] == nil)
    }

    @Test func `unmatched columns may all be masked`() throws {
        let governed = try governed(Clinic.masking(spec: "unmatched: Mask"))
        #expect(governed.keys.filter { $0.hasPrefix("patients.") }.count == 5)
        #expect(!governed.keys.contains { $0.hasPrefix("visits") })
    }

    @Test func `a column kept open by an exception is not unmatched`() throws {
        let policies = Clinic.masking(
            match: "{tables: [patients], columns: [note]}",
            rule:
                "exceptSubjects: {groups: [nobody]}},\n  - {name: s, match: {columns: [ssn]}, action: {type: Redact}, exceptSubjects: {groups: [analysts]}"
                .replacing("},\n", with: "}\n"))
        let governed = try governed(policies)
        #expect(governed["patients.note"] == "Redact")
        #expect(governed["patients.ssn"] == nil)
        #expect(governed["patients.first_name"] == "Redact")
    }

    @Test func `a rule that excepts the subject governs nothing for it`() throws {
        let policy = try Clinic.policy(Clinic.masking(rule: "exceptSubjects: {users: [ann]}"))
        #expect(policy.isTransparent)
        let workload = Subject(name: "ann", groups: [], proof: .workload)
        #expect(
            try !Clinic.policy(Clinic.masking(rule: "exceptSubjects: {users: [ann]}"), for: workload)
                .isTransparent)
    }

    @Test func `a policy for others does not bind`() throws {
        #expect(try Clinic.policy(Clinic.masking(spec: "subjects: {groups: [interns]}")).isTransparent)
        #expect(try !Clinic.policy(Clinic.masking(spec: "subjects: {groups: [analysts]}")).isTransparent)
        #expect(try !Clinic.policy(Clinic.masking(spec: "subjects: {}")).isTransparent)
    }

    @Test(arguments: [
        ("DenyQuery", "Redact"), ("Redact", "Null"), ("Null", "Hash"), ("Hash", "Tokenize"),
        ("Tokenize", "Generalize"), ("Generalize", "DateShift"), ("DateShift", "Partial"),
    ])
    func `of two masks the stricter holds, whatever its priority`(stricter: String, weaker: String) throws {
        func masking(_ name: String, _ type: String, _ priority: Int) -> String {
            let settings = ["Generalize": ", generalize: {to: Year}", "Partial": ", partial: {}"][type] ?? ""
            return Clinic.masking(
                name: name, action: "{type: \"\(type)\"\(settings)}", spec: "priority: \(priority)")
        }
        #expect(
            try governed(masking("a", stricter, 1), masking("b", weaker, 999))["patients.ssn"] == stricter)
    }

    @Test func `rules match by schema, pattern and kind of identifier`() throws {
        let open = "unmatched: Allow"
        #expect(try governed(Clinic.masking(match: "{schemas: [private]}", spec: open)).isEmpty)
        #expect(try governed(Clinic.masking(match: "{tables: [\"vis*\"]}", spec: open)).count == 3)
        #expect(try governed(Clinic.masking(match: "{columns: [\"*_id\"]}", spec: open)).count == 1)
        #expect(
            try Set(governed(Clinic.masking(match: "{dataTypes: [SSN]}", spec: open)).keys)
                == ["patients.ssn", "patients_archive.ssn", "patients_archive.old_ssn"])
        #expect(try governed(Clinic.masking(match: "{columns: [SSN]}", spec: open)).isEmpty)
    }

    @Test func `a rule may name a view`() throws {
        let governed = try governed(Clinic.masking(match: "{tables: [overview], columns: [label]}"))
        #expect(governed == ["overview.label": "Redact"])
    }

    @Test func `a relation of the server is governed when it is named exactly`() throws {
        let named = "{schemas: [pg_catalog], tables: [pg_statistic], columns: [starelid]}"
        let column = Clinic.column(2619, 1)
        let exact = try Clinic.policy(Clinic.masking(match: named)).governance(over: Clinic.catalogue)
        #expect(exact.mask(of: column)?.rule == "phi/r")
        let pattern = try Clinic.policy(Clinic.masking(match: "{tables: [\"*\"], columns: [starelid]}"))
        #expect(pattern.governance(over: Clinic.catalogue).mask(of: column) == nil)
    }
}
