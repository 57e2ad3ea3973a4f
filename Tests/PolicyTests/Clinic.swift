import API
import Manifests
import StatementAnalysis

@testable import Policy

/// A database of patients and visits, and policies over it as people would write them.
enum Clinic {
    static let patients: ObjectID = 20_001
    static let visits: ObjectID = 20_002
    static let archive: ObjectID = 20_003
    static let overview: ObjectID = 20_004
    static let trusted: ObjectID = 20_101

    static let catalogue = Catalogue(
        relations: [
            relation(patients, "patients", ["id", "ssn", "first_name", "note", "ward"]),
            relation(visits, "visits", ["id", "patient_id", "reason"]),
            relation(archive, "patients_archive", ["id", "ssn", "first_name", "note", "ward", "old_ssn"]),
            relation(overview, "overview", ["id", "label"], kind: .view),
            Relation(
                oid: 2619, schema: "pg_catalog", name: "pg_statistic",
                columns: [
                    Relation.Column(number: 1, name: "starelid", type: 26),
                    Relation.Column(number: 2, name: "stavalues1", type: 2277),
                ]),
        ],
        inheritance: [(child: archive, parent: patients)],
        routines: [
            Routine(oid: trusted, schema: "public", name: "age_in_years", result: 23),
            Routine(oid: trusted + 1, schema: "other", name: "age_in_years", result: 23),
        ])

    static func column(_ relation: ObjectID, _ number: Int16) -> ColumnID {
        ColumnID(relation: relation, attribute: number)
    }

    static let id = column(patients, 1)
    static let ssn = column(patients, 2)
    static let firstName = column(patients, 3)
    static let note = column(patients, 4)
    static let reason = column(visits, 3)

    private static func relation(
        _ oid: ObjectID, _ name: String, _ columns: [String], kind: Relation.Kind = .table
    ) -> Relation {
        Relation(
            oid: oid, schema: "public", name: name, kind: kind,
            columns: columns.enumerated().map {
                Relation.Column(number: Int16($0.offset + 1), name: $0.element, type: 25)
            })
    }

    // MARK: - Policies

    static func masking(
        name: String = "phi", match: String = "{tables: [patients], columns: [ssn]}",
        action: String = "{type: Redact}", rule: String = "", spec: String = ""
    ) -> String {
        """
        ---
        apiVersion: weir.dev/v1alpha1
        kind: MaskingPolicy
        metadata: {name: \(name)}
        spec:
          targets: {connectionNames: [clinic]}
          rules:
          - {name: r, match: \(match), action: \(action)\(rule.isEmpty ? "" : ", \(rule)")}
        \(spec.isEmpty ? "" : "  \(spec)")

        """
    }

    static func rule(name: String = "guard", match: String, effect: String = "Deny", spec: String = "")
        -> String
    {
        """
        ---
        apiVersion: weir.dev/v1alpha1
        kind: ApprovalRule
        metadata: {name: \(name)}
        spec:
          targets: {connectionNames: [clinic]}
          match: \(match)
          effect: \(effect)
          \(effect == "RequireApproval" ? "approval: {approvers: {groups: [dba]}}" : "")
        \(spec.isEmpty ? "" : "  \(spec)")

        """
    }

    static let analyst = Subject(name: "ann", groups: ["analysts"], proof: .gatewayUser)

    static func connectionPolicy(
        _ policies: String..., hiddenCode: String = "Refuse", session: String = ""
    ) throws -> ConnectionPolicy {
        let connection = """
            apiVersion: weir.dev/v1alpha1
            kind: DatabaseConnection
            metadata: {name: clinic}
            spec:
              protocol: postgres
              upstream: {host: db}
              credentials: {type: Central}
              podSelector: {matchLabels: {app: clinic}}
              hiddenCode: \(hiddenCode)
              trustedFunctions: [public.age_in_years]
              \(session.isEmpty ? "" : "session: \(session)")

            """
        let text = connection + policies.joined()
        let set = try ManifestSet.read([ManifestFile(path: "f.yaml", bytes: Array(text.utf8))])
        return ConnectionPolicy(
            connection: set.connections[0], maskingPolicies: set.maskingPolicies,
            approvalRules: set.approvalRules)
    }

    static func policy(_ policies: String..., for subject: Subject = analyst) throws -> SubjectPolicy {
        try connectionPolicy(policies.joined()).scoped(to: subject)
    }

    // MARK: - Statements

    static func facts(_ change: (inout StatementFacts) -> Void) -> StatementFacts {
        var facts = StatementFacts()
        facts.command = .select
        facts.effects = [.select]
        change(&facts)
        return facts
    }

    /// `SELECT columns FROM patients`.
    static func select(_ columns: ColumnID...) -> StatementFacts {
        facts { facts in
            facts.relations = [use(patients, "patients")]
            facts.columnsRead = Lineage(Set(columns))
            facts.result = .columns(columns.map { .init(lineage: Lineage([$0]), origin: $0) })
        }
    }

    static func use(
        _ relation: ObjectID, _ name: String, isWritten: Bool = false
    ) -> StatementFacts.RelationUse {
        .init(relation: relation, schema: "public", name: name, isWritten: isWritten, isThroughView: false)
    }

    static func write(
        _ effect: StatementFacts.Effect, _ relation: ObjectID = patients, _ name: String = "patients",
        _ change: (inout StatementFacts) -> Void = { _ in }
    ) -> StatementFacts {
        facts { facts in
            facts.effects = [effect]
            facts.relations = [use(relation, name, isWritten: true)]
            change(&facts)
        }
    }
}

extension SubjectPolicy {
    /// A Wednesday, 12:00 UTC.
    static let noon: Int64 = 1_767_182_400

    func decide(_ facts: StatementFacts, at now: Int64 = noon) -> Decision {
        decide(facts, governance: governance(over: Clinic.catalogue), at: now)
    }
}

extension Decision {
    /// The refusal's rule, also where approval could lift it; `nil` when permitted.
    var refusedBy: String? { refusal?.rule }

    var permit: Permit? {
        if case .permit(let permit) = self { permit } else { nil }
    }

    /// The action on each output column; `nil` where nothing is masked at all.
    var actions: [MaskingAction?]? {
        switch permit?.result {
        case .masked(let masks): masks.map { $0?.action }
        case .wholly(let mask): [mask.action]
        case .unchanged, nil: nil
        }
    }
}
