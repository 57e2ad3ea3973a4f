extension Attack {
    /// Answers that tell of a value without showing it.
    static let questions: [Attack] = [
        .answer("LIKE", "SELECT count(*) FROM people WHERE fullname LIKE 'A%'"),
        .answer("a list", "SELECT id FROM people WHERE taxid IN ('918-07-4432')"),
        .answer("a range", "SELECT id FROM people WHERE mobile BETWEEN 1 AND 5000000000"),
        .answer("a row comparison", "SELECT id FROM people WHERE (born, id) < ('1970-01-01', 5)"),
        .answer("an expression", "SELECT id FROM people WHERE length(fullname) + mobile % 10 > 3"),
        .answer("a view's column", "SELECT id FROM contacts WHERE label < 'P'"),
        .answer("a partition's column", "SELECT person FROM stays WHERE diagnosis ~ 'a'"),
        .answer("a generated column", "SELECT id FROM cards WHERE tail = '07-4432'"),
        .answer(
            "a join",
            "SELECT r.code FROM rooms r JOIN people p ON p.mail LIKE 'a%' AND p.id + 10 = r.id"),
        .answer("EXISTS", "SELECT EXISTS (SELECT 1 FROM people WHERE taxid > '92')"),
        .answer("HAVING", "SELECT remark FROM people GROUP BY remark HAVING max(mobile) > 70000"),
        .answer("FILTER", "SELECT count(*) FILTER (WHERE born < '1970-01-01') FROM people"),
        .answer("grouping", "SELECT count(*) FROM people GROUP BY left(fullname, 1)"),
        .answer("order", "SELECT id FROM people ORDER BY fullname DESC"),
        .answer("order by an alias", "SELECT id, mobile AS w FROM people ORDER BY w"),
        .answer("DISTINCT", "SELECT DISTINCT fullname FROM people"),
        .answer("a count of the different", "SELECT count(DISTINCT born) FROM people"),
        .answer("a window's order", "SELECT id, row_number() OVER (ORDER BY taxid) FROM people"),
        .answer(
            "set difference",
            "SELECT count(*) FROM (SELECT taxid FROM people EXCEPT VALUES ('918-07-4432')) s"),
        .answer("LIMIT", "SELECT code FROM rooms LIMIT (SELECT mobile % 3 FROM people WHERE id = 1)"),
        .answer(
            "division by zero",
            "SELECT 1 / (CASE WHEN mail LIKE '#%' THEN 0 ELSE 1 END) FROM people WHERE id = 1"),
        .answer(
            "the count an update returns", "UPDATE people SET remark = remark WHERE taxid LIKE '9%'",
            changes: true),
        .answer("the planner's estimate", "EXPLAIN SELECT 1 FROM people WHERE taxid = '918-07-4432'"),
        .answer(
            "measured rows",
            "EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT 1 FROM people WHERE mail LIKE 'a%'"),
        .answer("the row as JSON", "SELECT id FROM people p WHERE to_jsonb(p) ->> 'taxid' = '918-07-4432'"),
        .answer("the row as text", "SELECT id FROM people p WHERE p::text LIKE '%a%'"),
        .answer("the number of matches", "SELECT regexp_matches(fullname, '^.') FROM people WHERE id = 1"),
        .answer(
            "a series as long as it", "SELECT generate_series(1, length(fullname)) FROM people WHERE id = 1"),
        .answer(
            "time", "SELECT CASE WHEN fullname LIKE 'A%' THEN pg_sleep(0.01) END FROM people WHERE id = 1"),
        .answer(
            "a cursor over a predicate", "BEGIN",
            "DECLARE c CURSOR FOR SELECT id FROM people WHERE taxid LIKE '9%'"),
        .answer("COPY over a predicate", "COPY (SELECT id FROM people WHERE taxid LIKE '9%') TO STDOUT"),
        .answer(
            "an index that exists only if it fits", "CREATE UNIQUE INDEX probe ON people (fullname)",
            changes: true),
    ]

    /// What the rule of the scratch schema forbids.
    static let destruction: [Attack] = [
        .damage("DELETE as it stands", "DELETE FROM people"),
        .damage("with an alias", "DELETE FROM ONLY weir_self_test.people AS p WHERE true"),
        .damage("capitals and comments", "dElEtE/**/fRoM/* x */\"people\" -- y"),
        .damage("nested comments", "/* /* */ SELECT 1; */ DELETE FROM people /* WHERE id = 7 */"),
        .damage("in a WITH", "WITH d AS (DELETE FROM people RETURNING id) SELECT count(*) FROM d"),
        .damage(
            "in the second of two WITHs", "WITH a AS (SELECT 1), d AS (DELETE FROM people) SELECT * FROM a"),
        .damage("in COPY", "COPY (DELETE FROM people RETURNING id) TO STDOUT"),
        .damage("in EXPLAIN ANALYZE", "EXPLAIN (BUFFERS off, ANALYZE on, FORMAT json) DELETE FROM people"),
        .damage("in PREPARE", "PREPARE p AS DELETE FROM people", "EXECUTE p"),
        .damage(
            "in MERGE", "MERGE INTO people p USING rooms r ON true WHEN MATCHED AND r.id = 11 THEN DELETE"),
        .damage("in a DO block", "DO 'BEGIN DELETE FROM weir_self_test.people; END'"),
        .damage(
            "in a DO block, put together",
            "DO $x$ BEGIN EXECUTE 'DEL' || 'ETE FROM weir_self_test.people'; END $x$"),
        .damage("in a function", "SELECT wipe()"),
        .damage("in a function in WHERE", "SELECT id FROM rooms WHERE wipe() > 0"),
        .damage("in a procedure", "CALL wipe_all()"),
        .damage("behind a string that looks open", "SELECT E'\\'' , $$'$$, 'a''b'; DELETE FROM people; --'"),
        .damage("behind a backslash that is none", "SELECT 'x\\'; DELETE FROM people; --'"),
        .damage(
            "by standard_conforming_strings", "SET standard_conforming_strings = off",
            "SELECT '\\''; DELETE FROM people; --'"),
        .damage("a name by code point", #"DELETE FROM U&"p\0065ople""#),
        .damage("piece by piece", "DELETE FROM people WHERE id = 1", "DELETE FROM people WHERE id = 2"),
        .damage("by a savepoint", "BEGIN", "SAVEPOINT a", "DELETE FROM people", "RELEASE a", "COMMIT"),
        .damage(
            "by a cursor's position", "BEGIN", "DECLARE c CURSOR FOR SELECT id FROM ONLY people FOR UPDATE",
            "FETCH c", "DELETE FROM ONLY people WHERE CURRENT OF c", "FETCH c",
            "DELETE FROM ONLY people WHERE CURRENT OF c", "COMMIT"),
        .damage("TRUNCATE", "TRUNCATE ONLY rooms RESTART IDENTITY", sees: truncated),
        .damage("TRUNCATE of several", "TRUNCATE people, rooms CASCADE", sees: truncated),
        .damage("DROP", "DROP TABLE IF EXISTS nowhere, rooms", sees: dropped),
        .damage("DROP of the schema", "DROP SCHEMA weir_self_test CASCADE", sees: dropped),
        .damage("DROP in a DO block", "DO 'BEGIN DROP TABLE weir_self_test.rooms; END'", sees: dropped),
    ]

    private static let truncated: (query: String, result: String) = (
        "SELECT pg_catalog.count(*) FROM rooms", "0"
    )
    private static let dropped: (query: String, result: String) = (
        "SELECT pg_catalog.to_regclass('weir_self_test.rooms') IS NULL", "t"
    )
}
