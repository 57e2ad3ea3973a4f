import StatementAnalysis
import Testing

struct LiteralRedactionTests {
    private func redacted(_ text: String) -> String {
        String(decoding: LiteralRedaction.redact(Array(text.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        (
            "SELECT id FROM patients WHERE ssn = '536-22-8713' AND id < 42",
            "SELECT id FROM patients WHERE ssn = $1 AND id < $2"
        ),
        ("INSERT INTO t VALUES (1, E'a\\'b', $x$secret$x$)", "INSERT INTO t VALUES ($1, $2, $3)"),
        ("SELECT $3 + 1 -- two\n, 'é'", "SELECT $3 + $4  \n, $5"),
        ("SELECT $9223372036854775807, 'a', 'b'", "SELECT $9223372036854775807, $65536, $65537"),
        ("SELECT 1; SELECT 'b'", "SELECT $1; SELECT $2"),
        ("ALTER ROLE bob PASSWORD 'secret'", "ALTER ROLE bob PASSWORD $1"),
    ])
    func `literals become parameters`(text: String, expected: String) {
        #expect(redacted(text) == expected)
    }

    @Test(arguments: [
        "SELECT 'secret", "secret", "SELECT 'secret'\u{0}", "SELECT 'secret' FROM",
        "SELECT 'secret' /*" + String(repeating: "x", count: 1 << 20) + "*/", "SELECT 'secret' secret secret",
    ])
    func `nothing is kept of a text that cannot be read`(text: String) {
        #expect(LiteralRedaction.redact(Array(text.utf8)) == LiteralRedaction.unreadable)
    }

    @Test(arguments: [
        "SELECT 1 /* secret */", "SELECT 1 -- secret", "SET x = 'secret'", "DO 'secret'",
        "COMMENT ON TABLE t IS 'secret'",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ''secret'''", "SELECT 'a' 'secret'",
        "NOTIFY a, 'secret'",
        "COPY t TO 'secret'", "SELECT b'1' || 'secret' || x'00'", "EXECUTE p('secret')", "SELECT U&'secret'",
        "CREATE USER MAPPING FOR x SERVER s OPTIONS (password 'secret')", "EXPLAIN SELECT 'secret'",
        "PREPARE p AS SELECT 'secret'", "DECLARE c CURSOR FOR SELECT 'secret'", "SELECT 'x'::text 'secret'",
        "CREATE TABLE t (a text DEFAULT 'secret')", "ALTER SYSTEM SET x = 'secret'", "LOAD 'secret'",
        "CREATE SUBSCRIPTION s CONNECTION 'secret' PUBLICATION p", "SELECT $$secret$$", "VALUES ('secret')",
        "PREPARE TRANSACTION 'secret'", "CREATE VIEW v AS SELECT 'secret'",
        "SECURITY LABEL ON TABLE t IS 'secret'",
        "CREATE TYPE e AS ENUM ('secret')", "ALTER TYPE e ADD VALUE 'secret'", "SELECT interval 'secret'",
        "CREATE RULE r AS ON UPDATE TO t DO ALSO NOTIFY a, 'secret'",
    ])
    func `no literal or comment is left`(text: String) {
        #expect(!redacted(text).contains("secret"))
    }
}
