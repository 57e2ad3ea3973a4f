import StatementAnalysis

extension Catalogue {
    /// A small clinic: what the statements of the tests are about.
    static let clinic = Catalogue(clinicWith: [])

    /// The clinic, and more.
    convenience init(
        clinicWith relations: [Relation], routines: [Routine] = [], operators: [Operator] = [],
        types: [DataType] = [], casts: [Cast] = []
    ) {
        self.init(
            relations: Self.clinicRelations + relations, inheritance: [(child: 16402, parent: 16400)],
            routines: Self.builtInRoutines + Self.clinicRoutines + routines,
            operators: Self.builtInOperators + operators, types: Self.builtInTypes + Self.clinicTypes + types,
            casts: Self.builtInCasts + casts, schemas: ["public", "app", "evil"],
            views: Self.clinicViews)
    }

    private static func table(
        _ oid: ObjectID, _ name: String, schema: String = "public", kind: Relation.Kind = .table,
        _ columns: [(String, ObjectID)], unique: Set<Int16> = []
    ) -> Relation {
        var relation = Relation(
            oid: oid, schema: schema, name: name, kind: kind,
            columns: columns.enumerated().map { index, column in
                Relation.Column(number: Int16(index + 1), name: column.0, type: column.1)
            })
        relation.uniqueColumns = unique
        return relation
    }

    private static var clinicRelations: [Relation] {
        var dropped = table(
            16405, "visits", schema: "app",
            [
                ("id", 23), ("patient", 23), ("gone", 25), ("at", 1184), ("tags", 1009), ("address", 16501),
                ("data", 3802),
            ])
        dropped.columns[2].isDropped = true
        var ruled = table(16409, "ruled", [("x", 23)])
        ruled.hasRules = true
        return [
            table(16400, "patients", patientColumns, unique: [1]),
            table(16401, "dual", [("x", 23)]),
            table(16402, "patients_child", patientColumns + [("a", 25)]),
            table(
                16403, "patients_v", kind: .view, [("x", 25)]),
            table(
                16404, "patients_mv", kind: .materializedView, [("u", 25), ("n", 20)]),
            dropped,
            table(
                16406, "by_ssn", kind: .view, [("id", 23)]),
            table(16407, "loop_a", kind: .view, [("x", 25)]),
            table(16408, "loop_b", kind: .view, [("x", 25)]),
            ruled,
            table(
                16410, "unreadable", kind: .view, [("x", 25)]),
            table(16411, "calling", kind: .view, [("x", 25)]),
            table(16412, "pg_toast_16400", schema: "pg_toast", kind: .toastTable, [("chunk_data", 17)]),
            table(16700, "address", schema: "app", kind: .compositeType, [("street", 25), ("zip", 25)]),
            table(2619, "pg_statistic", schema: "pg_catalog", [("starelid", 26), ("stavalues1", 2277)]),
            table(
                12000, "pg_stat_activity", schema: "pg_catalog", kind: .view, [("pid", 23), ("query", 25)]),
            table(1259, "pg_class", schema: "pg_catalog", [("oid", 26), ("relname", 19)]),
        ]
    }

    private static let clinicViews: [ObjectID: String] = [
        16403: " SELECT name AS x\n   FROM patients;",
        16404: "SELECT upper(x) AS u, count(*) OVER (PARTITION BY x) AS n FROM patients_v",
        16406: "SELECT id FROM patients WHERE ssn LIKE '5%'",
        16407: "SELECT x FROM loop_b",
        16408: "SELECT x FROM loop_a",
        16410: "SELECT JSON_VALUE(name, '$' RETURNING text) FROM patients",
        16411: "SELECT audit(name) AS x FROM patients",
    ]

    private static let patientColumns: [(String, ObjectID)] = [
        ("id", 23), ("name", 25), ("ssn", 25), ("dob", 1082), ("phone", 20), ("email", 25), ("note", 25),
    ]

    private static var clinicRoutines: [Routine] {
        [
            Routine(oid: 16601, schema: "public", name: "purge", volatility: .volatile, result: 23),
            Routine(oid: 16602, schema: "public", name: "audit", arguments: [25], result: 25),
            Routine(oid: 16603, schema: "evil", name: "lower", arguments: [23], result: 25),
            Routine(
                oid: 16604, schema: "public", name: "crypt", arguments: [25, 25], result: 25,
                extension: "pgcrypto"),
            Routine(
                oid: 16605, schema: "public", name: "dblink_exec", arguments: [25, 25], result: 25,
                extension: "dblink"),
            Routine(oid: 16606, schema: "public", name: "purge_p", kind: .procedure, volatility: .volatile),
        ]
    }

    private static var clinicTypes: [DataType] {
        [
            DataType(oid: 16501, schema: "app", name: "address", kind: .composite, relation: 16700),
            DataType(
                oid: 16502, schema: "app", name: "positive", kind: .domain, underlying: 23, hasChecks: true),
            DataType(oid: 16503, schema: "app", name: "label", kind: .domain, underlying: 25),
            DataType(oid: 16504, schema: "app", name: "mood", kind: .enumeration),
        ]
    }

    // MARK: Built-ins

    private static func rows(_ table: String) -> [[Substring]] {
        table.split(separator: "\n").map { $0.split(separator: " ") }
    }

    private static func vector(_ text: Substring) -> [ObjectID] {
        text == "-" ? [] : text.split(separator: ",").compactMap { ObjectID($0) }
    }

    private static let builtInTypes: [DataType] = rows(BuiltIns.types).map { row in
        DataType(
            oid: ObjectID(row[0]) ?? 0, name: String(row[1]),
            kind: DataType.Kind(rawValue: row[2].utf8.first ?? 0) ?? .base, underlying: ObjectID(row[3]) ?? 0,
            isArray: row[4] == "t")
    }

    private static let builtInRoutines: [Routine] = rows(BuiltIns.routines).map { row in
        Routine(
            oid: ObjectID(row[0]) ?? 0, name: String(row[1]),
            kind: Routine.Kind(rawValue: row[2].utf8.first ?? 0) ?? .function,
            volatility: Routine.Volatility(rawValue: row[3].utf8.first ?? 0) ?? .volatile,
            arguments: vector(row[4]),
            defaultCount: Int(row[6]) ?? 0, isVariadic: row[7] == "t", result: ObjectID(row[5]) ?? 0,
            returnsSet: row[8] == "t",
            outputs: row[9].split(separator: ",").filter { $0 != "-" }.map { output in
                let parts = output.split(separator: ":")
                return Routine.OutputColumn(name: String(parts[0]), type: ObjectID(parts[1]) ?? 0)
            })
    }

    private static let builtInOperators: [Operator] = rows(BuiltIns.operators).map { row in
        Operator(
            oid: ObjectID(row[0]) ?? 0, name: String(row[1]), left: ObjectID(row[2]) ?? 0,
            right: ObjectID(row[3]) ?? 0, result: ObjectID(row[4]) ?? 0, function: ObjectID(row[5]) ?? 0)
    }

    private static let builtInCasts: [Cast] = rows(BuiltIns.casts).map { row in
        Cast(
            oid: ObjectID(row[0]) ?? 0, source: ObjectID(row[1]) ?? 0, target: ObjectID(row[2]) ?? 0,
            function: ObjectID(row[3]) ?? 0, isImplicit: row[4] == "i")
    }
}

extension StatementAnalyzer {
    /// The only statement of a text, over the clinic.
    static func facts(
        _ text: String, _ catalogue: Catalogue = .clinic, _ context: SessionContext = SessionContext()
    ) throws -> StatementFacts {
        let all = try all(text, catalogue, context)
        guard all.count == 1 else { throw UnexpectedCount(count: all.count) }
        return all[0]
    }

    static func all(
        _ text: String, _ catalogue: Catalogue = .clinic, _ context: SessionContext = SessionContext()
    ) throws -> [StatementFacts] {
        try StatementAnalyzer(catalogue: catalogue, context: context).analyze(Array(text.utf8))
    }
}

struct UnexpectedCount: Error {
    var count: Int
}

/// Each statement of a text, described.
func described(
    _ text: String, _ catalogue: Catalogue = .clinic, _ context: SessionContext = SessionContext()
) throws -> String {
    try StatementAnalyzer.all(text, catalogue, context).map { describe($0, catalogue) }.joined(
        separator: " ;; ")
}
