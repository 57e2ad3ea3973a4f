import Testing

@testable import StatementAnalysis

/// `patients` (16400) is governed; so are, by what they read, its child and the views over it.
struct UnparsedStatementTests {
    private func facts(_ text: String) -> StatementFacts? {
        UnparsedStatement.facts(of: Array(text.utf8), in: .clinic) { [16400, 16402].contains($0) }
    }

    @Test(arguments: [
        "SELECT * FROM JSON_TABLE('{}', '$' COLUMNS (a int))", "TABLE dual NEW SYNTAX",
        "MERGE INTO dual USING other ON true WHEN NOT MATCHED BY SOURCE THEN DELETE RETURNING *",
        "SELECT tags FROM app.visits NEW SYNTAX", "SELECT 'a literal', $$another$$ NEW SYNTAX",
        "SELECT \"a \"\"quoted\"\" name\" NEW SYNTAX",
    ])
    func `a text that names nothing governed is told of`(text: String) throws {
        #expect(try #require(facts(text)).isUnparsed)
    }

    @Test(arguments: [
        "SELECT * FROM patients NEW SYNTAX", "SELECT * FROM PATIENTS NEW", "SELECT * FROM \"patients\" NEW",
        "SELECT * FROM public.patients_child NEW", "TABLE patients_v NEW", "TABLE patients_mv NEW",
        "TABLE by_ssn NEW", "TABLE loop_a NEW", "TABLE unreadable NEW", "TABLE calling NEW",
        "SELECT 'patients'::regclass NEW", "SELECT $q$TABLE patients$q$ NEW", "NEW /* patients */",
        "SELECT 'a', 'table pat' 'ients', patients NEW", #"SELECT * FROM U&"p\0061tients" NEW"#,
        #"SELECT U&'p\0061tients' NEW"#, #"SELECT E'p\x61tients' NEW"#, "TABLE pg_toast.pg_toast_16400 NEW",
        "SELECT 1 NEW; SELECT 2", "UPDATE dual SET x = 1 NEW; FETCH ALL FROM c", "FETCH ALL FROM c NEW",
        "MOVE c NEW", "SELECT \(String(repeating: "x", count: 64))() NEW", "TABLE pg_statistic NEW",
        "SELECT query FROM pg_stat_activity NEW", "INSERT INTO ruled NEW",
    ])
    func `a text that may name something governed is not`(text: String) {
        #expect(facts(text) == nil)
    }

    @Test(
        arguments: [
            ("DELETE FROM dual NEW", [.delete]), ("DROP TABLE dual NEW", [.drop]), ("DO NEW", [.execute]),
            ("COPY dual TO PROGRAM 'x' NEW", [.administer, .copyOut]), ("GRANT MAINTAIN NEW", [.grant]),
            ("CREATE FUNCTION f NEW", [.create, .define]),
            ("WITH d AS (DELETE FROM dual NEW) TABLE d", [.delete]),
            ("SELECT purge() NEW", [.execute]),
        ] as [(String, Set<StatementFacts.Effect>)])
    func `every effect its words may stand for counts`(text: String, effects: Set<StatementFacts.Effect>)
        throws
    {
        #expect(try #require(facts(text)).effects.isSuperset(of: effects))
    }

    @Test func `functions that reach further are named`() throws {
        let found = try #require(
            facts("SELECT query_to_xml('TABLE ' || 'pat' || 'ients', true, false, '') NEW"))
        #expect(found.functions.contains { $0.harm == .readsByName })
        #expect(try #require(facts("SELECT purge() NEW")).functions.contains { $0.harm == .userDefined })
    }

    @Test func `operators users made have no names to look for`() {
        let operators = [
            Operator(
                oid: 17000, schema: "public", name: "###", left: 23, right: 23, result: 23, function: 16601)
        ]
        let catalogue = Catalogue(clinicWith: [], operators: operators)
        func isTold(_ text: String) -> Bool {
            UnparsedStatement.facts(of: Array(text.utf8), in: catalogue) { _ in false } != nil
        }
        #expect(!isTold("SELECT 1 ### 2 NEW"))
        #expect(!isTold("SELECT 1-###2 NEW"))
        #expect(isTold("SELECT 1 # 2 NEW"))
    }

    @Test func `a conversion a user made may run anywhere`() {
        func isTold(isMadeWithType: Bool) -> Bool {
            let cast = Cast(
                oid: 17001, source: 23, target: 25, function: 16601, isImplicit: false,
                isMadeWithType: isMadeWithType)
            let catalogue = Catalogue(clinicWith: [], casts: [cast])
            return UnparsedStatement.facts(of: Array("SELECT 1 NEW".utf8), in: catalogue) { _ in false }
                != nil
        }
        #expect(!isTold(isMadeWithType: false))
        #expect(isTold(isMadeWithType: true))
    }

    @Test func `a governed name with a quote in it is found as it is written`() {
        let relation = Relation(
            oid: 20_500, schema: "public", name: "my\"table", columns: [.init(number: 1, name: "x", type: 25)]
        )
        let catalogue = Catalogue(relations: [relation])
        let text = Array("SELECT x FROM \"my\"\"table\" NEW".utf8)
        #expect(UnparsedStatement.facts(of: text, in: catalogue) { $0 == 20_500 } == nil)
        #expect(UnparsedStatement.facts(of: text, in: catalogue) { _ in false } != nil)
    }
}
