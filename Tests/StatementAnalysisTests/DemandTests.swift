import StatementAnalysis
import Testing

/// What statements make out of nothing (F35 of the attack catalogue and its neighbours).
struct DemandTests {
    private static let endless = Int.max

    @Test(arguments: [
        ("SELECT 1", 1),
        ("SELECT count(*) FROM generate_series(1, 200000) a", 200_000),
        ("SELECT count(*) FROM pg_catalog.generate_series(200000, 1, -1) a", 200_000),
        ("SELECT generate_series(1, 10)", 10),
        ("SELECT n FROM generate_series(1, 10, 3) n", 4),
        ("SELECT n FROM generate_series(10, 1) n", 1),
        ("SELECT n FROM generate_series(1::bigint, '2000'::int) n", 2000),
        ("SELECT n FROM generate_series(1, 10^6 * 2) n", 2_000_000),
        ("SELECT n FROM generate_series(-5, +5) n", 11),
        ("SELECT a FROM generate_series(1, 1000) a, generate_series(1, 1000) b", 1_000_000),
        ("SELECT a FROM generate_series(1, 1000) a CROSS JOIN (SELECT generate_series(1, 20)) b", 20_000),
        (
            "SELECT (SELECT count(*) FROM generate_series(1, 1000) b) FROM generate_series(1, 1000) a",
            1_000_000
        ),
        (
            "SELECT a FROM generate_series(1, 1000) a WHERE EXISTS (SELECT FROM generate_series(1, 50) b WHERE b > a)",
            50_000
        ),
        ("WITH s AS (SELECT generate_series(1, 300)) SELECT 1 FROM s a, s b", 90_000),
        ("SELECT 1 FROM (SELECT count(*) FROM generate_series(1, 90) x) a, generate_series(1, 7) b", 90),
        ("SELECT 1 UNION ALL SELECT * FROM generate_series(1, 500)", 500),
        ("SELECT 1 FROM (SELECT 1 UNION ALL SELECT generate_series(1, 9)) a, generate_series(1, 5) b", 50),
        ("INSERT INTO dual SELECT generate_series(1, 77)", 77),
        ("UPDATE dual SET x = 1 FROM generate_series(1, 78) n", 78),
        ("CREATE TABLE t AS SELECT generate_series(1, 79)", 79),
        ("SELECT d FROM generate_series('2025-01-01'::date, '2025-12-31', '1 day') d", 365),
        (
            "SELECT d FROM generate_series(timestamp '2024-02-28', '2024-03-01 12:00:00', interval '00:30:00') d",
            121
        ),
        ("SELECT d FROM generate_series('2000-01-01'::timestamp, '2030-01-01', '1 second') d", 946_771_201),
        // What the text does not tell counts as one row.
        ("SELECT n FROM generate_series(1, $1) n", 1),
        ("SELECT n FROM dual, generate_series(1, x) n", 1),
        // A recursion with nothing to end it.
        ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r", endless),
        (
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE true) SELECT max(n) FROM r",
            endless
        ),
        (
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r ORDER BY n LIMIT 5",
            endless
        ),
        ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r LIMIT 5", 5),
        ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r", 2),
        (
            "WITH RECURSIVE r AS (SELECT x FROM dual UNION SELECT d.x FROM dual d JOIN r ON d.x > r.x) SELECT * FROM r",
            2
        ),
    ])
    func `rows that constants make are counted`(text: String, rows: Int) throws {
        #expect(try StatementAnalyzer.facts(text).generatedRows == rows)
    }

    @Test func `what is nested too deep to follow is endless`() throws {
        let nested =
            String(repeating: "(SELECT ", count: 90) + "generate_series(1, 9)"
            + String(repeating: ")", count: 90)
        #expect(try StatementAnalyzer.facts("SELECT \(nested)").generatedRows == 9)
        let deep =
            (0..<300).map { "lower(\($0 == 299 ? "'x'" : "" )" }.joined() + String(repeating: ")", count: 300)
        #expect(try StatementAnalyzer.facts("SELECT \(deep)").generatedRows == 1)
    }

    @Test(arguments: [
        ("SELECT 1 FROM patients", []),
        ("SELECT 1 FROM (patients CROSS JOIN dual)", ["patients", "dual"]),
        ("SELECT 1 FROM patients, dual", ["patients", "dual"]),
        ("SELECT 1 FROM patients p JOIN dual d ON true", ["patients", "dual"]),
        ("SELECT 1 FROM patients p JOIN dual d ON 1 = 1 WHERE p.id > 3", ["patients", "dual"]),
        ("SELECT 1 FROM patients p, dual d WHERE p.id > 1 AND d.x > 1", ["patients", "dual"]),
        ("SELECT 1 FROM patients p JOIN dual d ON d.x = p.id", []),
        ("SELECT 1 FROM patients p, dual d WHERE p.id = d.x", []),
        ("SELECT 1 FROM patients p, dual d WHERE p.id = d.x OR d.x = 4", []),
        ("SELECT 1 FROM patients JOIN dual USING (id)", []),
        ("SELECT 1 FROM patients NATURAL JOIN dual", []),
        // A name without its table's may be any table's.
        ("SELECT 1 FROM patients, dual WHERE id = x", []),
        ("SELECT 1 FROM patients p, dual d WHERE p.id = 1 AND d.x IN (2)", []),
        ("SELECT 1 FROM patients p, dual d WHERE p.id = 1", []),
        ("SELECT 1 FROM patients a, patients b WHERE a.id < b.id", []),
        ("SELECT 1 FROM patients p, dual d, sink s WHERE s.a = p.name AND s.b = d.x", []),
        (
            "SELECT 1 FROM patients p, dual d WHERE EXISTS (SELECT 1 FROM sink s WHERE s.a = p.name AND s.b = d.x)",
            []
        ),
        ("SELECT 1 FROM patients p CROSS JOIN LATERAL (SELECT 1 FROM dual d WHERE d.x = p.id) l", []),
        ("SELECT 1 FROM patients p CROSS JOIN (SELECT count(*) FROM dual) l", []),
        ("SELECT 1 FROM patients p CROSS JOIN generate_series(1, 3) n", []),
        ("WITH w AS (SELECT 1 AS y) SELECT 1 FROM patients CROSS JOIN w", []),
        (
            "SELECT 1 FROM patients p WHERE EXISTS (SELECT 1 FROM dual d, sink s WHERE d.x = p.id AND s.b = p.id)",
            []
        ),
        ("SELECT 1 FROM patients p JOIN (SELECT x FROM dual) s ON s.x = p.id JOIN sink k ON k.b = s.x", []),
        ("SELECT (SELECT count(*) FROM patients a, dual b)", ["patients", "dual"]),
    ])
    func `tables that nothing relates are told`(text: String, tables: [String]) throws {
        #expect(try StatementAnalyzer.facts(text).unrelatedTables == Set(tables))
    }

    @Test(
        arguments: [
            ("SELECT id FROM patients FOR UPDATE", [.delete, .update], true),
            (
                "SELECT id FROM patients WHERE id = 1 FOR UPDATE OF patients NOWAIT", [.delete, .update],
                false
            ),
            ("SELECT id FROM patients FOR NO KEY UPDATE SKIP LOCKED", [.update], true),
            ("SELECT id FROM patients FOR SHARE", [], false),
            ("SELECT id FROM patients FOR KEY SHARE", [], false),
            ("SELECT * FROM (SELECT id FROM patients FOR UPDATE) x", [.delete, .update], true),
            ("DECLARE c CURSOR FOR SELECT id FROM patients FOR UPDATE", [.delete, .update], true),
            ("LOCK TABLE patients", [.delete, .update, .drop, .truncate], true),
            ("LOCK TABLE patients IN ROW EXCLUSIVE MODE", [.delete, .update], false),
            ("LOCK TABLE patients IN EXCLUSIVE MODE", [.delete, .update], true),
            ("LOCK TABLE patients IN ACCESS SHARE MODE", [], false),
        ] as [(String, Set<StatementFacts.Effect>, Bool)])
    func `a lock tells what it is taken for`(
        text: String, effects: Set<StatementFacts.Effect>, isWithoutWhere: Bool
    ) throws {
        let facts = try StatementAnalyzer.facts(text)
        #expect(facts.effects.contains(.lock))
        #expect(facts.lockedFor == effects)
        #expect(facts.isWithoutWhere == isWithoutWhere)
    }
}
