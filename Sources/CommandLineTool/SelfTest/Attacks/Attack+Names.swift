extension Attack {
    /// The value under another name.
    static let names: [Attack] = [
        plain,
        .value(.names, "an alias", "SELECT fullname AS room FROM people"),
        .value(.names, "swapped names", "SELECT remark AS taxid, taxid AS remark FROM people"),
        .value(.names, "columns renamed in FROM", "SELECT z.q FROM people AS z(k, q)"),
        .value(
            .names, "a derived table",
            "SELECT d.a FROM (SELECT s.b AS a FROM (SELECT taxid AS b FROM people) s) d"),
        .value(
            .names, "WITH names in a chain",
            "WITH a AS (TABLE people), b(x) AS (SELECT mail FROM a) SELECT x FROM b"),
        .value(
            .names, "a WITH that hides a table's name",
            "WITH rooms AS (SELECT id, fullname AS code FROM people) SELECT code FROM rooms"),
        .value(
            .names, "LATERAL",
            "SELECT l.v FROM rooms r, LATERAL (SELECT mail AS v FROM people WHERE id = r.id - 10) l"),
        .value(
            .names, "a scalar sub-query",
            "SELECT code, (SELECT fullname FROM people WHERE id = 1) FROM rooms"),
        .value(.names, "VALUES", "VALUES (1, (SELECT taxid FROM people WHERE id = 1))"),
        .value(
            .names, "the half of a set operation that names nothing",
            "SELECT code FROM rooms UNION ALL SELECT mail FROM people"),
        .value(
            .names, "a recursive term that moves columns",
            """
            WITH RECURSIVE t(a, b, n) AS (SELECT ''::text, taxid, 1 FROM people \
            UNION ALL SELECT b, a, n + 1 FROM t WHERE n < 2) SELECT a FROM t
            """),
        .value(.names, "a partition by its own name", "SELECT diagnosis FROM stays_2025"),
        .value(.names, "an inheriting table by its own name", "SELECT fullname FROM staff_people"),
        .value(.names, "the parent alone", "SELECT fullname FROM ONLY people"),
        .value(.names, "a view", "SELECT label FROM contacts"),
        .value(.names, "a view of a view", "SELECT shout FROM labels"),
        .value(.names, "a materialized view", "SELECT entry FROM directory"),
        .value(.names, "the whole table", "TABLE people"),
        .value(.names, "a row, then its field", "SELECT (s.p).taxid FROM (SELECT p FROM people p) s"),
        .value(
            .names, "a row, then all its fields", "SELECT (s.p).* FROM (SELECT p FROM people p OFFSET 0) s"),
        .value(.names, "a column as a function of the row", "SELECT mail(p) FROM people p"),
        .value(.names, "identifiers by code point", #"SELECT U&"\0066ullname" FROM U&"p\0065ople""#),
        .value(.names, "a generated column", "SELECT tail AS room FROM cards"),
        .value(.names, "a join alias", "SELECT j.* FROM (people p CROSS JOIN rooms r) j"),
        .value(
            .names, "RETURNING of an update",
            "UPDATE people SET remark = 'seen' RETURNING fullname AS remark",
            changes: true),
        .value(
            .names, "RETURNING of an insert that conflicts",
            """
            INSERT INTO people (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET remark = 'x' \
            RETURNING people.mail AS x
            """, changes: true),
    ]
}
