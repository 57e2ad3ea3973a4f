import CPgQuery
import SeededRandomness
import StatementAnalysis
import Testing

struct StatementKeyTests {
    private func key(_ text: String) -> String? {
        var key: [UInt8] = Array("before".utf8)
        guard StatementKey.normalized(Array(text.utf8), into: &key) else {
            #expect(key == Array("before".utf8))
            return nil
        }
        return String(decoding: key.dropFirst(6), as: UTF8.self)
    }

    @Test(arguments: [
        (
            "SELECT abalance FROM pgbench_accounts WHERE aid = 12345;",
            "SELECT abalance FROM pgbench_accounts WHERE aid = 0;"
        ),
        ("UPDATE t SET a = a + -7 WHERE b IN (1, 22,333)", "UPDATE t SET a = a + -0 WHERE b IN (0, 0,0)"),
        (
            "INSERT INTO h (a, b) VALUES (1, 2, 3, CURRENT_TIMESTAMP);",
            "INSERT INTO h (a, b) VALUES (0, 0, 0, CURRENT_TIMESTAMP);"
        ),
        ("select f(1) from t2 where a<5 limit 10", "select f(0) from t2 where a<0 limit 10"),
        ("SELECT a FROM t WHERE b > 5 ORDER BY 1, 2", "SELECT a FROM t WHERE b > 0 ORDER BY 1, 2"),
        (
            "SELECT a, f(7) FROM t WHERE b >= 5 GROUP BY (1)",
            "SELECT a, f(7) FROM t WHERE b >= 0 GROUP BY (1)"
        ),
        ("SELECT DISTINCT ON (2) a, b FROM t", "SELECT DISTINCT ON (2) a, b FROM t"),
        ("SELECT a FROM t WHERE b = 1234567890", "SELECT a FROM t WHERE b = 1234567890"),
        ("SELECT a FROM t WHERE b = 1.5 AND c = 1e5", "SELECT a FROM t WHERE b = 1.5 AND c = 1e5"),
        ("SELECT (1)a, (2) b", "SELECT (0)a, (0) b"),
        ("SELECT =0x1F", "SELECT =0x1F"),
        ("SELECT a1, t2.b3 FROM t4", "SELECT a1, t2.b3 FROM t4"),
    ])
    func `integers that are only data become zero`(text: String, expected: String) {
        #expect(key(text) == expected)
        #expect(key(expected) == expected, "a key is its own")
    }

    @Test(arguments: [
        "", " ", ";", "SELECT 'a'", "SELECT \"a\"", "SELECT $1", "SELECT 1 -- x", "SELECT 1 /* x */",
        "SELECT a::int",
        "SELECT a[1]", "SELECT 1; SELECT 2", "SET x = 5", "EXPLAIN SELECT 1", "(SELECT 1)", "BEGIN",
        "COPY t TO STDOUT",
        "SELECT a \\ b", "SELECT é", "SELECT 1\u{0}", "SELECT a|b", "SELECT 1\r",
        "DECLARE c CURSOR FOR SELECT 1",
        "PREPARE x AS SELECT 1", "CREATE TABLE t (a int)", "SELECT a % 5",
    ])
    func `a text with anything else has no key`(text: String) {
        #expect(key(text) == nil)
    }

    @Test func `a text beyond the limit has no key`() {
        let longest = "SELECT " + String(repeating: "a", count: StatementKey.maximumTextLength - 7)
        #expect(key(longest) == longest)
        #expect(key(longest + "a") == nil)
    }

    /// libpg_query's fingerprint leaves out constants and positions: equal trees have equal ones.
    private func fingerprint(_ text: String) -> UInt64? {
        unsafe (Array(text.utf8) + [0]).withUnsafeBytes { bytes in
            guard let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return nil }
            let result = unsafe pg_query_fingerprint(start)
            defer { unsafe pg_query_free_fingerprint_result(result) }
            return unsafe result.error == nil ? result.fingerprint : nil
        }
    }

    @Test func `a key parses as its text does`() throws {
        var generator = SeededGenerator(seed: 42)
        let words = [
            "SELECT", "a", "FROM", "t", "WHERE", "=", "<", ">", "<=", ",", "(", ")", "+", "-", "*", "1", "23",
            "456",
            "1234567890", "1.5", "2e3", "AND", "OR", "IN", "ORDER BY", "GROUP BY", "LIMIT", "f", "b1", ";",
            "x", "NOT",
            "VALUES", "BETWEEN", "DISTINCT", "count", ".", "UPDATE", "SET", "INSERT INTO", "DELETE FROM",
            "AS", "7a",
        ]
        var parsed = 0
        for _ in 0..<60_000 {
            var text =
                ["SELECT", "SELECT a FROM t WHERE a =", "SELECT f(", "UPDATE t SET a ="].randomElement(
                    using: &generator) ?? ""
            for _ in 0..<Int.random(in: 1...7, using: &generator) {
                text += Bool.random(using: &generator) ? " " : ""
                text += words.randomElement(using: &generator) ?? ""
            }
            guard let key = key(text) else { continue }
            let original = fingerprint(text)
            #expect(original == fingerprint(key), "\(text) -> \(key)")
            if original != nil { parsed += 1 }
        }
        #expect(parsed > 2_000)
    }

    @Test func `statements with one key have the same facts but for their range`() throws {
        for (text, other) in [
            (
                "SELECT name FROM patients WHERE id = 17 AND phone > 3",
                "SELECT name FROM patients WHERE id = 2 AND phone > 99"
            ),
            (
                "UPDATE patients SET phone = 5 WHERE id IN (1,2)",
                "UPDATE patients SET phone = 66 WHERE id IN (7,8)"
            ),
            ("SELECT id, ssn FROM patients ORDER BY 2", "SELECT id, ssn FROM patients ORDER BY 2"),
        ] {
            #expect(key(text) == key(other))
            #expect(try described(text) == described(other))
        }
    }
}
