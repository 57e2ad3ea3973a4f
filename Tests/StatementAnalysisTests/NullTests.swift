import StatementAnalysis
import Testing

/// Which values are `NULL` only where a column is: of those alone a mask may show that they are `NULL`.
struct NullTests {
    private static func keepsNull(_ text: String) throws -> [Bool] {
        let facts = try StatementAnalyzer.facts(text)
        guard case .columns(let columns) = facts.result else { return [] }
        return columns.map(\.keepsNull)
    }

    @Test(arguments: [
        "name", "name || '!'", "upper(name)", "coalesce(name, note)", "name::varchar(3)", "left(name, 2)",
        "substring(name, 1, 2)", "CASE WHEN id > 1 THEN name ELSE 'x' END", "(SELECT name)", "ARRAY[name]",
        "ROW(name, id)", "(SELECT p.name FROM patients p WHERE p.id = 1)",
    ])
    func `these do`(expression: String) throws {
        #expect(try Self.keepsNull("SELECT \(expression) FROM patients") == [true])
        let nested = "WITH w AS (SELECT \(expression) AS x FROM patients) SELECT s.x FROM (SELECT x FROM w) s"
        #expect(try Self.keepsNull(nested) == [true])
    }

    @Test(arguments: [
        "substring(name FROM '^A')", "substring(name, note)", "regexp_match(name, 'A')", "nullif(name, 'A')",
        "(ARRAY['a', 'b'])[length(name)]", "string_to_array(name, ',')", "to_char(dob, 'YYYY')",
        "coalesce(substring(name FROM '^A'), note)",
        "upper(substring(name FROM '^A'))", "(SELECT substring(name FROM '^A'))", "lag(name) OVER ()",
        "CASE WHEN id > 1 THEN substring(name FROM '^A') END",
    ])
    func `these do not`(expression: String) throws {
        #expect(try Self.keepsNull("SELECT \(expression) FROM patients") == [false])
        let nested = "WITH w AS (SELECT \(expression) AS x FROM patients) SELECT s.x FROM (SELECT x FROM w) s"
        #expect(try Self.keepsNull(nested) == [false])
    }

    @Test func `a set operation keeps it where both sides do`() throws {
        let plain = "SELECT name FROM patients UNION ALL SELECT note FROM patients"
        #expect(try Self.keepsNull(plain) == [true])
        let telling = "SELECT name FROM patients UNION ALL SELECT substring(note, 'A') FROM patients"
        #expect(try Self.keepsNull(telling) == [false])
    }
}
