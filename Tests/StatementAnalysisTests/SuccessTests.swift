import StatementAnalysis
import Testing

/// What an expression tells of `patients.name` by failing, or by what it leaves out.
struct SuccessTests {
    private static func clauses(_ text: String) throws -> [StatementFacts.Condition.Clause] {
        let name = ColumnID(relation: 16400, attribute: 2)
        return try StatementAnalyzer.facts(text).conditions
            .filter { $0.lineage.columns.contains(name) }.map(\.clause)
    }

    @Test(arguments: [
        "upper(name)", "left(name, 3)", "name || email", "coalesce(name, email, '-')",
        "coalesce(name, $1, 'x'::text)",
        "coalesce((1 / id)::text, name)", "coalesce(email, nextval('s')::text, name)",
    ])
    func `these always succeed`(expression: String) throws {
        #expect(try Self.clauses("SELECT \(expression) FROM patients") == [])
    }

    @Test(arguments: [
        "regexp_replace(name, 'a', 'b')", "split_part(name, ',', 0)", "substring(name, 1, -2)",
        "coalesce(name, (1 / id)::text)", "coalesce(name, nextval('s')::text)", "coalesce(name, s.bad)",
        "coalesce(name, email, (SELECT 'x' FROM dual))", "coalesce(upper(name), email::text)",
    ])
    func `these succeed or fail alike for all values but NULL`(expression: String) throws {
        let text = "SELECT \(expression) FROM patients, (SELECT (1 / x)::text AS bad FROM dual) s"
        #expect(try Self.clauses(text) == [.presence])
    }

    @Test(arguments: [
        "name::int", "coalesce(substring(name FROM '^A'), (1 / id)::text)", "date_trunc('day', now(), name)",
        "split_part(substring(name FROM '^A'), ',', 0)", "length(convert_to('x', 'UTF8'), name::name)",
        "(SELECT name = 'x') OR 1 / id = 1", "to_char(length(name), 'RN')", "to_char(length(name), note)",
        "age(name::timestamp)", "date_trunc(name, now())",
        "to_char(length(name), '9TH')", "to_char(length(name), '9V9')", "\"varchar\"(name, 3, false)",
    ])
    func `whether these fail tells of the value`(expression: String) throws {
        #expect(try Self.clauses("SELECT \(expression) FROM patients").contains(.failure))
    }

    @Test(arguments: [
        ("to_char(dob, 'YYYY-MM')", StatementFacts.Condition.Clause.presence),
        ("date_trunc('month', dob)", .presence),
        ("date_trunc('fortnight', dob)", .failure), ("extract(year FROM dob)", .presence),
        ("to_char(dob, 'fmRN')", .presence), ("dob IS NULL AND 1 / id = 1", .failure),
    ])
    func `names of parts and formats matter`(
        expression: String, clause: StatementFacts.Condition.Clause
    ) throws {
        let dob = ColumnID(relation: 16400, attribute: 4)
        let conditions = try StatementAnalyzer.facts("SELECT \(expression) FROM patients").conditions
        #expect(conditions.filter { $0.lineage.columns.contains(dob) }.map(\.clause).last == clause)
    }

    @Test(arguments: [
        "unnest(string_to_array(name, ','), ARRAY[1]) AS u(a, b)",
        "XMLTABLE('/a[.=\"x\"]' PASSING xmlelement(name a, name) COLUMNS n int PATH '1') AS u",
    ])
    func `how many rows are made tells of the value`(source: String) throws {
        #expect(try Self.clauses("SELECT 1 FROM patients, \(source)").contains(.rows))
    }
}
