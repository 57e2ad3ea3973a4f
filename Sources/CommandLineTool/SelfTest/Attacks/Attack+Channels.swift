extension Attack {
    /// The value by another way than rows.
    static let channels: [Attack] = [
        .value(.channels, "COPY of a table", "COPY people TO STDOUT"),
        .value(
            .channels, "COPY of a column list in another order",
            "COPY people (mail, id) TO STDOUT (FORMAT csv, QUOTE '''', DELIMITER ';')"),
        .value(
            .channels, "COPY of a query", "COPY (SELECT fullname || '!' FROM people) TO STDOUT (FORMAT csv)"),
        .value(.channels, "binary COPY", "COPY people (mobile, fullname) TO STDOUT (FORMAT binary)"),
        .value(
            .channels, "a cursor", "BEGIN", "DECLARE c NO SCROLL CURSOR FOR SELECT lower(mail) FROM people",
            "FETCH 5 FROM c"),
        .value(
            .channels, "a cursor held over the commit", "BEGIN",
            "DECLARE c CURSOR WITH HOLD FOR SELECT taxid FROM people", "COMMIT", "FETCH ALL c"),
        .value(
            .channels, "PREPARE and EXECUTE", "PREPARE s AS SELECT fullname FROM people WHERE id = 1",
            "EXECUTE s"),
        .value(.channels, "a cast that fails", "SELECT fullname::int FROM people"),
        .value(.channels, "a date that cannot be read", "SELECT (taxid || 'x')::date FROM people"),
        .value(.channels, "an error's context", "SELECT ('[' || fullname || ']')::jsonb FROM people"),
        .value(.channels, "a time zone that is none", "SELECT timezone(fullname, now()) FROM people"),
        .value(
            .channels, "a check that fails",
            "INSERT INTO people (id, fullname) SELECT NULL, fullname FROM people",
            changes: true),
        .value(.channels, "pg_notify", "LISTEN loot", "SELECT pg_notify('loot', fullname) FROM people"),
        .value(
            .channels, "a setting", "SELECT set_config('my.loot', fullname, false) FROM people WHERE id = 1",
            "SHOW my.loot"),
        .value(
            .channels, "a query in a string",
            "SELECT query_to_xml('SELECT fullname FROM weir_self_test.people', true, false, '')"),
        .value(
            .channels, "statistics",
            "SELECT histogram_bounds, most_common_vals FROM pg_stats WHERE tablename = 'people'"),
        .value(
            .channels, "raw statistics",
            "SELECT stavalues1::text FROM pg_statistic WHERE starelid = 'people'::regclass"),
        .value(
            .channels, "a file of the server", "CHECKPOINT",
            "SELECT encode(pg_read_binary_file(pg_relation_filepath('people')), 'hex')"),
    ]

    /// The value put where nothing governs it.
    static let storing: [Attack] = [
        .value(
            .storing, "a table made of it", "CREATE TABLE loot AS SELECT fullname AS v FROM people",
            "SELECT v FROM loot", changes: true),
        .value(
            .storing, "a temporary table made of it", "SELECT taxid AS v INTO TEMP loot FROM people",
            "SELECT v FROM loot"),
        .value(
            .storing, "inserted elsewhere", "CREATE TEMP TABLE loot (v text)",
            "WITH p AS (SELECT mail FROM people) INSERT INTO loot SELECT mail FROM p", "TABLE loot"),
        .value(
            .storing, "moved within the row", "UPDATE people SET remark = fullname",
            "SELECT remark FROM people",
            changes: true),
        .value(
            .storing, "moved across tables",
            "UPDATE rooms SET code = p.taxid FROM people p WHERE p.id = rooms.id - 10", "TABLE rooms",
            changes: true),
        .value(
            .storing, "a new view", "CREATE VIEW peep AS SELECT left(fullname, 99) AS v FROM people",
            "SELECT v FROM peep", changes: true),
        .value(
            .storing, "a new materialized view",
            "CREATE MATERIALIZED VIEW peep AS SELECT mail AS v FROM people",
            "SELECT v FROM peep", changes: true),
        .value(
            .storing, "the table under another name", "ALTER TABLE people RENAME TO plants",
            "SELECT fullname FROM plants", changes: true),
        .value(
            .storing, "the column under another name", "ALTER TABLE people RENAME COLUMN fullname TO colour",
            "SELECT colour FROM people", changes: true),
    ]
}
