import Testing

@testable import StatementAnalysis

/// What depends on the server being of one version or another.
struct ServerVersionTests {
    private static let stable = (oid: ObjectID(9001), name: "reads_what_is_new")

    /// The clinic on such a server, with objects of the server's own.
    private func catalogue(version: Int, relations: [Relation] = [], routines: [Routine] = []) -> Catalogue {
        Catalogue(
            relations: [Self.stored] + relations, routines: routines, types: Self.types,
            serverVersion: version)
    }

    private static let types = [
        DataType(oid: 25, name: "text"), DataType(oid: 1114, name: "timestamp"),
        DataType(oid: 1700, name: "numeric"),
        DataType(oid: 1009, name: "_text", underlying: 25, isArray: true),
    ]

    private static let stored = Relation(
        oid: 20_001, schema: "public", name: "stored",
        columns: [
            .init(number: 1, name: "ssn", type: 25),
            .init(number: 2, name: "tail", type: 25, isGenerated: true, sources: [1]),
        ])

    private static let servers = Relation(
        oid: 1417, schema: "pg_catalog", name: "pg_foreign_server",
        columns: [
            .init(number: 1, name: "srvname", type: 25), .init(number: 2, name: "srvoptions", type: 1009),
        ])

    private static let options = Routine(
        oid: 2289, name: "pg_options_to_table", volatility: .stable, arguments: [1009], result: 2249,
        returnsSet: true,
        outputs: [.init(name: "option_name", type: 25), .init(name: "option_value", type: 25)])

    private func facts(_ text: String, _ catalogue: Catalogue) throws -> String {
        let analyzer = StatementAnalyzer(
            catalogue: catalogue, context: SessionContext(searchPath: ["public"], currentUser: "app"))
        return try analyzer.analyze(Array(text.utf8)).map { describe($0, catalogue) }.joined(
            separator: " ;; ")
    }

    @Test(arguments: [(130_016, "date_part"), (140_000, "extract"), (180_006, "extract")])
    func `EXTRACT is the function it is on the server`(version: Int, name: String) throws {
        let routine = Routine(oid: 2021, name: name, arguments: [25, 1114], result: 1700)
        let catalogue = catalogue(version: version, routines: [routine])
        #expect(
            try facts("SELECT extract(year FROM NULL::timestamp)", catalogue) == "select | Select | []")
    }

    @Test(arguments: [
        (180_006, "select | Select | []"), (190_000, "calls {pg_catalog.reads_what_is_new readsByName ()}"),
    ])
    func `a stable function that nobody reviewed may read anything`(version: Int, told: String) throws {
        let routine = Routine(oid: Self.stable.oid, name: Self.stable.name, volatility: .stable, result: 25)
        let known = Routine(oid: 9002, name: "format_type", volatility: .stable, result: 25)
        let catalogue = catalogue(version: version, routines: [routine, known])
        #expect(try facts("SELECT reads_what_is_new()", catalogue).hasSuffix(told))
        #expect(try facts("SELECT format_type()", catalogue) == "select | Select | []")
    }

    @Test(arguments: [(180_006, false), (190_000, true)])
    func `a system relation that nobody reviewed holds data`(version: Int, holdsData: Bool) {
        func relation(_ oid: ObjectID, _ name: String) -> Relation {
            Relation(
                oid: oid, schema: "pg_catalog", name: name,
                columns: [.init(number: 1, name: "starelid", type: 25)])
        }
        let relations = [
            relation(9001, "pg_new_things"), relation(2619, "pg_statistic"), relation(1259, "pg_class"),
        ]
        let catalogue = catalogue(version: version, relations: relations)
        func holds(_ oid: ObjectID) -> Bool {
            SystemRelations.holdsData(ColumnID(relation: oid, attribute: 1), in: catalogue)
        }
        #expect(holds(9001) == holdsData)
        #expect(holds(2619) == holdsData)
        #expect(!holds(1259))
    }

    private static let optionTranscripts: [(text: String, facts: String)] = [
        (
            "SELECT option_name, option_value FROM pg_foreign_server, pg_options_to_table(srvoptions) ORDER BY option_name",
            "select | Select | [, pg_foreign_server.srvoptions] | of {pg_foreign_server}"
        ),
        (
            "SELECT srvname FROM pg_foreign_server WHERE srvoptions IS NULL",
            "select | Select | [pg_foreign_server.srvname] | of {pg_foreign_server}"
        ),
        (
            "SELECT option_name FROM pg_foreign_server, pg_options_to_table(srvoptions) WHERE option_value IS NULL",
            "select | Select | [] | of {pg_foreign_server} | where {WHERE pg_foreign_server.srvoptions}"
        ),
        (
            "SELECT option_name FROM stored, pg_options_to_table(ARRAY[ssn])",
            "select | Select | [stored.ssn] | of {stored} | where {a set-returning function stored.ssn}"
        ),
        (
            "SELECT option_name FROM pg_foreign_server, pg_options_to_table(ARRAY[srvoptions[1]])",
            "select | Select | [pg_foreign_server.srvoptions] | of {pg_foreign_server} | where {a set-returning function pg_foreign_server.srvoptions}"
        ),
    ]

    @Test(arguments: optionTranscripts)
    func `which options a foreign server has is no secret, their values are`(text: String, told: String)
        throws
    {
        let catalogue = catalogue(version: 150_000, relations: [Self.servers], routines: [Self.options])
        #expect(try facts(text, catalogue) == told)
    }

    private static let copies: [(text: String, result: String)] = [
        ("COPY stored TO STDOUT", "[stored.ssn]"),
        ("COPY stored (ssn, tail) TO STDOUT", "[stored.ssn, stored.tail]"),
        ("COPY (TABLE stored) TO STDOUT", "[stored.ssn, stored.tail]"),
    ]

    @Test(arguments: copies)
    func `COPY of a table leaves generated columns out`(text: String, result: String) throws {
        let told = try facts(text, catalogue(version: 150_000))
        #expect(told == "copy | CopyOut,Select | \(result) | of {stored}")
    }
}
