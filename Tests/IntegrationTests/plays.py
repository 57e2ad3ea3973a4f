"""Plays for comparing two ways into one server: every corner of the protocol, as steps of `player.play`.

They run on the tables below, which a play must leave as they were; what it makes for itself is temporary or rolled
back. Nothing in them depends on time, on OIDs or on what another play has done.
"""

import struct

from player import Asleep, Cancel, Close, Copied, Elsewhere, Until
from wire import FLUSH, SYNC, TERMINATE, bind, describe, execute, message, parse, query

TABLES = """
CREATE TABLE items (id int PRIMARY KEY, name text, price numeric(8, 2), tags text[], made timestamptz);
INSERT INTO items SELECT n, 'item ' || n, n * 1.25, ARRAY['t' || n % 3, NULL], '2026-11-23 12:00Z'
FROM generate_series(1, 20) AS n;
CREATE TABLE parts (id int PRIMARY KEY, item int REFERENCES items DEFERRABLE, note text CHECK (note <> 'bad'));
CREATE TABLE payroll (id int PRIMARY KEY, salary int);
CREATE VIEW cheap AS SELECT id, name FROM items WHERE price < 10;
CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE TYPE pair AS (a int, b text);
CREATE FUNCTION noisy(times int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1..times LOOP RAISE NOTICE 'notice %', n; END LOOP;
    RAISE WARNING USING MESSAGE = 'a warning', DETAIL = 'its detail', HINT = 'its hint', ERRCODE = '01004';
    RAISE INFO 'always shown';
    RETURN times;
END $$;
CREATE FUNCTION failing() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'own error', DETAIL = 'why', HINT = 'what now', ERRCODE = 'ZZ123', TABLE = 'items',
        COLUMN = 'name', SCHEMA = 'public', CONSTRAINT = 'own', DATATYPE = 'mood';
END $$;
CREATE PROCEDURE steps() LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1; COMMIT; PERFORM 2; ROLLBACK;
END $$;
"""

#: int4, int8, text, numeric, bytea, bool.
INT, BIGINT, TEXT, NUMERIC, BYTEA, BOOL = 23, 20, 25, 1700, 17, 16
ROWS = "SELECT id, name FROM items ORDER BY id"
LONG = "n" * 80


def close(kind, name=b""):
    return message(b"C", kind + name + b"\0")


def copy(data):
    return message(b"d", data)


COPY_DONE = message(b"c")


def copy_fail(reason):
    return message(b"f", reason + b"\0")


def call(function, *arguments, formats=(0,), result=0):
    """A FunctionCall."""
    body = struct.pack("!Ih", function, len(formats)) + b"".join(struct.pack("!h", f) for f in formats)
    body += struct.pack("!h", len(arguments))
    for argument in arguments:
        body += struct.pack("!i", -1) if argument is None else struct.pack("!i", len(argument)) + argument
    return message(b"F", body + struct.pack("!h", result))


def run(sql, values=(), rows=0, **more):
    """One statement of a pipeline, without its Sync."""
    return parse(sql) + bind(values, **more) + describe() + execute(b"", rows)


def queries(*texts):
    return [query(text) for text in texts]


PORTALS = {
    "suspended and resumed": [parse(ROWS), bind(), execute(b"", 3), execute(b"", 5), execute(b"", 100), SYNC],
    "suspended at exactly the last row": [parse(ROWS), bind(), execute(b"", 20), execute(b"", 1), execute(b""), SYNC],
    "executed after completion": [parse(ROWS), bind(), execute(), execute(), execute(b"", 2), SYNC],
    "negative row limit": [parse(ROWS), bind(), execute(b"", -1), SYNC],
    "gone after Sync": [parse(ROWS), bind((), b"p"), execute(b"p", 2), SYNC, execute(b"p", 2), SYNC],
    "kept over Sync in a transaction": [
        query("BEGIN"), parse(ROWS), bind((), b"p"), execute(b"p", 2), SYNC, execute(b"p", 2), SYNC,
        query("SELECT 1"), describe(b"P", b"p"), execute(b"p", 2), SYNC, query("COMMIT"), execute(b"p"), SYNC],
    "unnamed one replaced": [
        query("BEGIN"), parse(ROWS), bind(), execute(b"", 2), bind(), execute(b"", 1), SYNC, query("SELECT 1"),
        execute(b"", 1), SYNC],
    "named one bound twice": [query("BEGIN"), parse(ROWS), bind((), b"p"), bind((), b"p"), SYNC, query("SELECT 1")],
    "rebound after Close": [
        query("BEGIN"), parse(ROWS), bind((), b"p"), close(b"P", b"p"), bind((), b"p"), execute(b"p", 1), SYNC],
    "unnamed statement replaced under a suspended portal": [
        query("BEGIN"), parse(ROWS), bind((), b"p"), execute(b"p", 2), parse("SELECT 'other'"), execute(b"p", 2),
        bind(), execute(), execute(b"p", 1), SYNC],
    "statement closed under its portal": [
        query("BEGIN"), parse(ROWS, b"s"), bind((), b"p", b"s"), execute(b"p", 1), close(b"S", b"s"), execute(b"p", 1),
        describe(b"S", b"s"), SYNC],
    "read by FETCH": [
        query("BEGIN"), parse(ROWS), bind((), b"p"), execute(b"p", 2), SYNC, query("FETCH 2 FROM p"),
        query("MOVE 1 FROM p"), execute(b"p", 2), SYNC, query("CLOSE p"), execute(b"p"), SYNC],
    "cursor read by Execute": [
        *queries("BEGIN", f"DECLARE c CURSOR FOR {ROWS}", "FETCH 2 FROM c"), describe(b"P", b"c"), execute(b"c", 2),
        execute(b"c", 3), SYNC, query("FETCH 1 FROM c"), close(b"P", b"c"), SYNC, query("FETCH 1 FROM c")],
    "binary cursor read by Execute": [
        *queries("BEGIN", f"DECLARE c BINARY CURSOR FOR {ROWS}"), describe(b"P", b"c"), execute(b"c", 2), SYNC,
        query("FETCH 2 FROM c")],
    "cursor with hold": [
        *queries("BEGIN", f"DECLARE c CURSOR WITH HOLD FOR {ROWS}", "FETCH 2 c", "COMMIT", "FETCH 2 c"),
        describe(b"P", b"c"), execute(b"c", 2), SYNC, *queries("CLOSE c", "FETCH c", "CLOSE ALL", "CLOSE nothing")],
    "cursor with hold rolled back": queries(
        "BEGIN", f"DECLARE c CURSOR WITH HOLD FOR {ROWS}", "ROLLBACK", "FETCH c"),
    "scrolling": queries(
        "BEGIN", f"DECLARE c SCROLL CURSOR FOR {ROWS}", "FETCH LAST c", "FETCH PRIOR c", "FETCH ABSOLUTE 3 c",
        "FETCH RELATIVE -1 c", "FETCH BACKWARD ALL c", "MOVE FORWARD 5 IN c", "FETCH 0 c", "FETCH FIRST FROM c"),
    "no scroll": queries("BEGIN", f"DECLARE c NO SCROLL CURSOR FOR {ROWS}", "FETCH 2 c", "FETCH PRIOR c"),
    "cursor over a savepoint": queries(
        "BEGIN", "SAVEPOINT a", f"DECLARE c CURSOR FOR {ROWS}", "FETCH 2 c", "ROLLBACK TO a", "FETCH c", "ROLLBACK"),
    "cursor kept over a savepoint": queries(
        "BEGIN", f"DECLARE c CURSOR FOR {ROWS}", "SAVEPOINT a", "FETCH 2 c", "ROLLBACK TO a", "FETCH 2 c", "COMMIT"),
    "update where current of": queries(
        "BEGIN", "DECLARE c CURSOR FOR SELECT id, name FROM items WHERE id < 4 FOR UPDATE", "FETCH 1 c",
        "UPDATE items SET name = 'now' WHERE CURRENT OF c RETURNING *", "DELETE FROM items WHERE CURRENT OF nothing"),
    "of INSERT RETURNING": [
        query("BEGIN"), parse("INSERT INTO parts VALUES (1, 1, 'a'), (2, 2, 'b') RETURNING id, note"), bind(),
        execute(b"", 1), execute(b"", 1), execute(b"", 1), SYNC],
    "of a command without rows": [query("BEGIN"), parse("UPDATE items SET name = name"), bind(), execute(b"", 1),
                                  execute(), SYNC],
    "many at once": [
        query("BEGIN"), parse("SELECT generate_series($1::int, 99)", b"s"),
        *(bind((str(n).encode(),), b"p%d" % n, b"s") for n in range(20)),
        *(execute(b"p%d" % n, 2) for n in (*range(20), *reversed(range(20)))), SYNC],
    "FETCH prepared before its cursor": [
        query("BEGIN"), parse(f"DECLARE c CURSOR FOR {ROWS}", b"d"), parse("FETCH 2 FROM c", b"f"), bind((), b"", b"d"),
        execute(), bind((), b"", b"f"), describe(), execute(), bind((), b"", b"f"), execute(), SYNC],
    "FETCH of nothing": [query("FETCH c"), query("BEGIN"), query("FETCH c"), query("ROLLBACK"), run("FETCH c"), SYNC,
                         query("MOVE c"), query("CLOSE c"), run("CLOSE c"), SYNC],
    "Execute of nothing": [execute(b"nothing"), SYNC, execute(), SYNC, query("SELECT 1")],
    "empty query": [parse(""), bind(), describe(), execute(), execute(), SYNC, parse(" -- only this"), describe(b"S"),
                    bind(), execute(b"", 1), SYNC],
}

DESCRIBE = {
    "a statement, before and after Bind": [
        parse("SELECT $1::int + 1 AS n, $2 AS t", b"s", (0, TEXT)), describe(b"S", b"s"),
        bind((b"1", b"x"), b"", b"s", (1, 0)), describe(b"S", b"s"), describe(), execute(), describe(), SYNC],
    "commands without rows": [
        *(parse(sql) + describe(b"S") + bind() + describe() for sql in (
            "SET work_mem = '1MB'", "CREATE TEMP TABLE never (a int)", "DELETE FROM parts", "BEGIN", "LISTEN a")),
            SYNC],
    "commands with rows of their own": [
        *(parse(sql) + describe(b"S") + bind() + describe() + execute() for sql in (
            "SHOW work_mem", "EXPLAIN (COSTS off) SELECT 1", "VALUES (1, 'a')", "TABLE cheap")), SYNC],
    "nothing": [describe(b"S", b"none"), SYNC, describe(b"P", b"none"), SYNC, describe(b"S"), SYNC, describe(b"P"),
                SYNC],
    "after a failed Parse": [parse("SELECT no FROM items", b"s"), describe(b"S", b"s"), SYNC, describe(b"S", b"s"),
                             SYNC],
    "after the table has changed": [
        query("CREATE TEMP TABLE t AS SELECT 1 AS a"), parse("SELECT * FROM t", b"s"), describe(b"S", b"s"), SYNC,
        query("ALTER TABLE t ADD COLUMN b text DEFAULT 'new'"), describe(b"S", b"s"), SYNC, bind((), b"", b"s"),
        describe(),
        execute(), SYNC],
    "of an aborted transaction": [
        parse("SELECT 1", b"s"), SYNC, query("BEGIN"), query("SELECT 1/0"), describe(b"S", b"s"), SYNC,
        bind((), b"", b"s"), SYNC, parse("ROLLBACK"), describe(b"S"), bind(), describe(), execute(), SYNC],
    "none asked": [parse("SELECT id FROM items WHERE id < $1", b"", (INT,)), bind((b"4",)), execute(), SYNC,
                   parse(ROWS), bind(result_formats=(1,)), execute(b"", 2), SYNC],
    "types of parameters": [
        parse("SELECT $1, $2::int, $3 + 1.5, $4 || 'x'", b"s", (TEXT, 0)), describe(b"S", b"s"), SYNC,
        parse("SELECT $1 + $2", b"u"), SYNC, parse("SELECT $2::int", b"v"), describe(b"S", b"v"), SYNC,
        parse("SELECT $1", b"w", (99999,)), SYNC, parse("SELECT $1::mood, $2::pair", b"x"), SYNC],
    "types of columns": [parse(
        "SELECT items, items.*, row(1, 'a'), NULL, 'calm'::mood, row(1, 'x')::pair, ARRAY[1], price + 1 FROM items"),
        describe(b"S"), bind(), describe(), execute(b"", 2), SYNC],
}

STATEMENTS = {
    "parsed again under one name": [parse("SELECT 1", b"s"), parse("SELECT 2", b"s"), SYNC, bind((), b"", b"s"),
                                    execute(), SYNC],
    "closed and parsed again": [parse("SELECT 1", b"s"), close(b"S", b"s"), parse("SELECT 2", b"s"),
                                bind((), b"", b"s"),
                                execute(), SYNC],
    "parsed again after a failure": [parse("SELECT 1/", b"s"), SYNC, parse("SELECT 2", b"s"), bind((), b"", b"s"),
                                     execute(), SYNC],
    "Close of missing objects": [close(b"S", b"none"), close(b"P", b"none"), close(b"S"), close(b"P"), SYNC],
    "unnamed replaced": [parse("SELECT 1"), parse("SELECT 2"), bind(), execute(), SYNC, query("SELECT 3"), bind(),
                         execute(), SYNC],
    "kept when the transaction rolls back": [
        query("BEGIN"), parse("SELECT 1", b"s"), SYNC, query("ROLLBACK"), bind((), b"", b"s"), execute(), SYNC],
    "kept when a later Parse of the pipeline fails": [
        parse("SELECT 1", b"s"), parse("SELECT no", b"u"), parse("SELECT 3", b"v"), SYNC, describe(b"S", b"s"), SYNC,
        describe(b"S", b"u"), SYNC, describe(b"S", b"v"), SYNC],
    "made by SQL, run by protocol": [
        query("PREPARE s (int) AS SELECT id, name FROM items WHERE id = $1"), describe(b"S", b"s"),
        bind((b"3",), b"", b"s"), describe(), execute(), SYNC, query("DEALLOCATE s"), bind((b"3",), b"", b"s"), SYNC],
    "made by protocol, run by SQL": [
        parse("SELECT id, name FROM items WHERE id = $1", b"s", (INT,)), SYNC, query("EXECUTE s(4)"),
        query("EXPLAIN (COSTS off) EXECUTE s(4)"), query("SELECT name, from_sql FROM pg_prepared_statements"),
        close(b"S", b"s"), SYNC, query("EXECUTE s(4)")],
    "EXECUTE by protocol": [
        query("PREPARE s (int, text) AS SELECT $1 + 1, $2 || '!'"), parse("EXECUTE s(1, 'a')"), describe(b"S"), bind(),
        describe(), execute(), SYNC, parse("EXECUTE s($1, $2)"), describe(b"S"), SYNC],
    "EXECUTE prepared before PREPARE": [
        parse("PREPARE s AS SELECT 7", b"p"), parse("EXECUTE s", b"e"), bind((), b"", b"p"), execute(),
        bind((), b"", b"e"), describe(), execute(), SYNC],
    "EXECUTE with the wrong arguments": queries(
        "PREPARE s (int) AS SELECT $1", "EXECUTE s", "EXECUTE s(1, 2)", "EXECUTE s('x')", "EXECUTE s(ARRAY[1])",
        "PREPARE s (int) AS SELECT $1", "EXECUTE none", "DEALLOCATE none", "DEALLOCATE ALL", "EXECUTE s(1)"),
    "PREPARE of what fails": queries(
        "PREPARE s AS SELECT no FROM items", "PREPARE s AS DROP TABLE items", "PREPARE s (nothing) AS SELECT $1",
        "EXECUTE s"),
    "EXECUTE in a COPY and a table": queries(
        "PREPARE s AS SELECT id FROM items WHERE id < 3", "CREATE TEMP TABLE t AS EXECUTE s", "TABLE t",
        "COPY (EXECUTE s) TO STDOUT"),
    "DISCARD ALL": [
        *queries("SET work_mem = '9MB'", "LISTEN a", "PREPARE s AS SELECT 1", "CREATE TEMP TABLE t (a int)"),
        parse("SELECT 2", b"u"), SYNC, *queries("DISCARD ALL", "EXECUTE s", "TABLE t", "SHOW work_mem"),
        bind((), b"", b"u"), SYNC, *queries("BEGIN", "DISCARD ALL", "ROLLBACK", "DISCARD PLANS", "DISCARD TEMP",
                                            "DISCARD SEQUENCES")],
    "cached plan must not change its result": [
        query("CREATE TEMP TABLE t AS SELECT 1 AS a"), parse("SELECT * FROM t", b"s"), bind((), b"", b"s"), execute(),
        SYNC,
        query("ALTER TABLE t ALTER a TYPE text"), bind((), b"", b"s"), execute(), SYNC, query("DROP TABLE t"),
        bind((), b"", b"s"), execute(), SYNC],
    "by the hundred": [
        *(parse(f"SELECT {n}::int", b"s%d" % n) for n in range(300)), SYNC,
        *(bind((), b"", b"s%d" % n) + execute() for n in range(0, 300, 7)), SYNC,
        *(close(b"S", b"s%d" % n) for n in range(300)), SYNC, bind((), b"", b"s5"), SYNC],
}

PIPELINES = {
    "an error in Parse": [run("SELECT 1"), parse("SELEC"), run("SELECT 2"), SYNC, run("SELECT 3"), SYNC],
    "an error in Parse of a name": [run("SELECT 1"), parse("SELECT no FROM items"), run("SELECT 2"), SYNC,
                                    run("SELECT 3"),
                                    SYNC],
    "an error in Bind": [parse("SELECT $1::int"), bind((b"x",)), execute(), run("SELECT 2"), SYNC, run("SELECT 3"),
                         SYNC],
    "too few parameters": [parse("SELECT $1::int, $2::int"), bind((b"1",)), execute(), SYNC,
                           bind((b"1", b"2", b"3")), SYNC],
    "formats that do not fit": [parse("SELECT $1::int, $2::int"), bind((b"1", b"2"), formats=(0, 0, 0)), SYNC,
                                bind((b"1", b"2"), result_formats=(0, 0, 0)), execute(), SYNC,
                                bind((b"1", b"2"), formats=(7,)), SYNC],
    "an error in Execute": [run("SELECT 1"), run("SELECT 1/0"), run("SELECT 2"), SYNC, run("SELECT 3"), SYNC],
    "an error after some rows": [run("SELECT 10 / (3 - n) FROM generate_series(1, 5) AS n"), run("SELECT 2"), SYNC],
    "an error takes back the implicit transaction": [
        run("INSERT INTO parts VALUES (1, 1, 'a')"), run("SELECT 1/0"), SYNC, query("SELECT count(*) FROM parts")],
    "each Sync its own transaction": [
        run("INSERT INTO parts VALUES (1, 1, 'a')"), SYNC, run("SELECT 1/0"), SYNC, run("DELETE FROM parts"), SYNC],
    "several Syncs in flight": [b"".join([run("SELECT 1"), SYNC, run("SELECT 1/0"), SYNC, run("SELECT 2"), SYNC, SYNC,
                                          SYNC, run("SELECT 3"), SYNC])],
    "Flush without Sync": [parse("SELECT 1"), FLUSH, Until(b"1"), bind(), FLUSH, Until(b"2"), describe(), FLUSH,
                           Until(b"T"), execute(), FLUSH, Until(b"C"), FLUSH, SYNC, FLUSH],
    "Flush after an error": [parse("SELEC"), FLUSH, Until(b"E"), parse("SELECT 1"), FLUSH, SYNC, Until(b"Z")],
    "a simple query in the middle": [parse("SELECT 1"), bind(), query("SELECT 2"), execute(), SYNC],
    "a simple query after an error": [parse("SELEC"), query("SELECT 2"), execute(), SYNC, query("SELECT 3")],
    "BEGIN and COMMIT inside": [
        run("BEGIN"), run("INSERT INTO parts VALUES (1, 1, 'a')"), SYNC, run("SELECT count(*) FROM parts"),
        run("ROLLBACK"),
        run("SELECT count(*) FROM parts"), SYNC],
    "BEGIN after another statement": [run("SELECT 1"), run("BEGIN"), run("SELECT 2"), SYNC, run("COMMIT"), SYNC],
    "COMMIT without BEGIN": [run("SELECT 1"), run("COMMIT"), run("SELECT 1/0"), SYNC, run("ROLLBACK"), SYNC],
    "SET LOCAL and SAVEPOINT inside": [run("SET LOCAL work_mem = '2MB'"), run("SHOW work_mem"), run("SAVEPOINT a"),
                                       SYNC],
    "an aborted transaction": [
        run("BEGIN"), run("SELECT 1/0"), SYNC, run("SELECT 1"), SYNC, parse("SELECT 2"), SYNC, run("ROLLBACK TO a"),
        SYNC,
        run("COMMIT"), SYNC],
    "a deferred constraint fails at Sync": [
        run("SET CONSTRAINTS ALL DEFERRED"), run("INSERT INTO parts VALUES (1, 999, 'a')"), SYNC, run("BEGIN"),
        run("SET CONSTRAINTS ALL DEFERRED"), run("INSERT INTO parts VALUES (1, 999, 'a')"), SYNC, run("COMMIT"), SYNC],
    "a hundred statements at once": [b"".join(run(f"SELECT {n}, id FROM items WHERE id < 3") for n in range(100)),
                                     SYNC],
    "DDL and what depends on it": [
        run("CREATE TEMP TABLE t (a int)"), run("INSERT INTO t VALUES (1)"), run("SELECT * FROM t"),
        run("ALTER TABLE t ADD b int"), run("SELECT * FROM t"), run("DROP TABLE t"), SYNC, run("SELECT * FROM t"),
        SYNC],
    "what only one statement may do": [run("VACUUM items"), SYNC, run("SELECT 1"), run("VACUUM items"), SYNC,
                                       query("SELECT 1; VACUUM items"), query("BEGIN; VACUUM items")],
    "a parameter status in the middle": [run("SELECT 1"), run("SET application_name = 'x'"), run("SELECT 2"), SYNC],
    "an error before a parameter status": [run("SET application_name = 'y'"), run("SELECT 1/0"), SYNC,
                                           query("SHOW application_name")],
}

SIMPLE = {
    "empty": queries("", ";", ";;", "-- nothing", "/* nothing */", " \n"),
    "several statements": queries("SELECT 1; SELECT 2 AS b; VALUES (3), (4);", "SELECT 1;;SELECT 2", ";SELECT 1"),
    "an error in the middle": queries("SELECT 1; SELECT 1/0; SELECT 3", "SELECT 1; SELEC; SELECT 3",
                                      "SELECT 1; SELECT no; SELECT 3", "INSERT INTO parts VALUES (1,1,'a'); SELECT 1/0",
                                      "SELECT count(*) FROM parts"),
    "transactions inside": queries(
        "BEGIN; SELECT 1; COMMIT; SELECT 2", "BEGIN; SELECT 1/0; ROLLBACK; SELECT 2", "ROLLBACK",
        "SELECT 1; BEGIN; SELECT 2", "ROLLBACK; SELECT 3; COMMIT",
        "BEGIN; INSERT INTO parts VALUES (1, 1, 'a'); SELECT 1/0",
        "SELECT 4", "COMMIT; SELECT 5", "COMMIT AND CHAIN",
        "BEGIN; COMMIT AND CHAIN; SHOW transaction_read_only; ROLLBACK"),
    "zero columns": [*queries("SELECT", "SELECT FROM items WHERE id < 3", "SELECT WHERE false"), run("SELECT"), SYNC,
                     run("SELECT FROM items LIMIT 2", result_formats=(1,)), SYNC],
    "wide rows": queries("SELECT " + ", ".join(f"{n} AS c{n}" for n in range(1600)),
                         "SELECT " + ", ".join(f"{n}" for n in range(1665)),
                         "CREATE TEMP TABLE w (" + ", ".join(f"c{n} int" for n in range(1601)) + ")"),
    "a long row": queries("SELECT repeat('x', 3000000), 1", "SELECT id, repeat(name, 20000) FROM items WHERE id < 9"),
    "many rows": queries("SELECT n, md5(n::text) FROM generate_series(1, 20000) AS n"),
    "long identifiers": [
        *queries(f"SELECT 1 AS {LONG}", f"CREATE TEMP TABLE {LONG} (a int)", f"SELECT * FROM {LONG}",
                 f"PREPARE {LONG} AS SELECT 1", f"EXECUTE {LONG}", f"BEGIN; DECLARE {LONG} CURSOR FOR SELECT 1",
                 f"FETCH {LONG}", f"ROLLBACK; LISTEN {LONG}", f"NOTIFY {LONG}, 'x'"),
        parse("SELECT 2", LONG.encode()), bind((), LONG.encode(), LONG.encode()), execute(LONG.encode()), SYNC,
        query(f"EXECUTE {LONG}")],
    "syntax errors": queries(
        "SELEC", "SELECT 'open", 'SELECT "open', "SELECT $$open", "/* open", "SELECT 1 FROM",
        "SELECT * FROM items WHERE",
        "SELECT \"\"", "SELECT 1 +", ")", "SELECT E'\\u12'", "SELECT U&'\\00zz'", "SELECT 'a' 'b'", "SELECT 0x",
        "SELECT $1",
        "\u00fc\u00fc\u00fc SELECT", "SELECT 1;\n\nSELECT \u00fc FROM items", "CREATE TABLE (a int)",
        "INSERT items VALUES (1)"),
    "unknown names": queries(
        "SELECT * FROM nowhere", "SELECT nothing FROM items", "SELECT nothing()", "SELECT 1::nothing",
        "SELECT i.no FROM items i",
        "INSERT INTO nowhere VALUES (1)", "INSERT INTO items (no) VALUES (1)", "UPDATE items SET no = 1",
        "DELETE FROM nowhere",
        "DROP TABLE nowhere", "DROP TABLE IF EXISTS nowhere", "TRUNCATE nowhere", "ALTER TABLE nowhere ADD a int",
        "SELECT * FROM no.where", "SELECT * FROM a.b.c.d", "SELECT items.id FROM items i", "COPY nowhere TO STDOUT",
        "SET nothing = 1", "SHOW nothing", "SET a.nothing = 'custom'", "SHOW a.nothing", "LOCK nowhere",
        "COMMENT ON TABLE nowhere IS ''",
        "CREATE INDEX ON nowhere (a)", "EXPLAIN SELECT * FROM nowhere", "CALL nothing()",
        "SELECT id FROM items GROUP BY nothing",
        "SELECT name, count(*) FROM items", "SELECT * FROM items i JOIN parts p USING (no)",
        "SELECT ambiguous.id FROM items",
        "SELECT id FROM items, parts", "SELECT now(1)", "SELECT 1 + 'x'", "SELECT * FROM generate_series(1)",
        "SELECT sum(name) FROM items",
        "SELECT pg_nothing.f()", "MERGE INTO nowhere USING items ON true WHEN MATCHED THEN DO NOTHING",
        "VALUES (1), (1, 2)",
        "SELECT (SELECT 1, 2)", "WITH a AS (SELECT 1) SELECT * FROM b", "SELECT 1 UNION SELECT 1, 2",
        "REFRESH MATERIALIZED VIEW nowhere",
        "GRANT SELECT ON nowhere TO plays", "REINDEX TABLE nowhere", "ANALYZE nowhere", "CLUSTER nowhere",
        "SELECT 1 ORDER BY 2"),
    "unknown names by protocol": [
        part for sql in ("SELECT * FROM nowhere", "SELECT nothing FROM items", "SELECT nothing()",
                         "INSERT INTO nowhere VALUES (1)",
                         "DROP TABLE nowhere", "SELECT $1::nothing", "CALL nothing()", "COPY nowhere TO STDOUT",
                         "EXECUTE nothing",
                         "FETCH nothing", "SELECT 1; SELECT 2", "SELEC", "EXPLAIN SELECT * FROM nowhere")
        for part in (parse(sql), bind(), describe(), execute(), SYNC)],
    "constraints": queries(
        "INSERT INTO items VALUES (1)", "INSERT INTO parts VALUES (1, 1, 'bad')",
        "INSERT INTO parts VALUES (1, 999, 'a')",
        "INSERT INTO parts VALUES (NULL)", "DELETE FROM items WHERE id = 1; SELECT 1/0", "SELECT 99999999999::int",
        "UPDATE items SET price = 99999999", "SELECT 'sad'::mood", "SELECT '{'::json", "SELECT '1'::uuid",
        "SELECT chr(0)",
        "SELECT ARRAY[1,2] || '{x}'", "SELECT sqrt(-1)", "SELECT failing()", "SELECT to_date('x', 'YYYY')",
        "SELECT '2026-13-01'::date"),
    "permissions (unless masked)": queries(
        "SELECT pg_read_file('/etc/hostname')", "SELECT * FROM pg_authid", "SET ROLE postgres", "CREATE ROLE another",
        "COPY items TO '/nowhere'", "ALTER SYSTEM SET work_mem = '1MB'", "SELECT pg_reload_conf()",
        "SET SESSION AUTHORIZATION postgres",
        "CREATE EXTENSION nothing", "ALTER TABLE pg_class ADD a int", "SELECT lo_import('/etc/hostname')",
        "LOAD 'nothing'"),
    "explain": queries("EXPLAIN (COSTS off) SELECT * FROM items WHERE id = 1",
                       "EXPLAIN (COSTS off, FORMAT json) TABLE parts",
                       "EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT 1", "EXPLAIN (NO) SELECT 1"),
    "procedures and blocks": queries(
        "CALL steps()", "BEGIN; CALL steps(); ROLLBACK", "DO $$ BEGIN RAISE NOTICE 'in a block'; END $$",
        "DO $$ BEGIN PERFORM 1/0; END $$",
        "SELECT * FROM noisy(2)"),
    "data of every type": [
        part for formats in ((), (1,)) for part in (run(
            "SELECT 1::int2, 2::int8, 1.5::float4, 2.5::float8, 12345.6789::numeric, true, 'x'::char(4), 'y'::varchar,"
            " 'z'::name,"
            " '\\x00ff'::bytea, '{\"a\": [1, null]}'::jsonb, '[1]'::json, date '2026-11-23', time '12:00',"
            " timestamptz '2026-11-23 12:00Z', interval '1 mon 2 days', ARRAY[[1, 2], [3, NULL]],"
            " int4range(1, 5), '10.0.0.1/8'::inet,"
            " row(1, 'two', NULL), '3f2504e0-4f89-11d3-9a0c-0305e82c3301'::uuid, point(1, 2), 'calm'::mood,"
            " row(1, 'x')::pair,"
            " 'items'::regclass::text, '<a/>'::xml, 'a b'::tsvector, B'101', '12:00:00+02'::timetz, '$1.00'::money,"
            " NULL",
            result_formats=formats), SYNC)],
    "mixed formats": [
        run("SELECT id, name, price, made, tags FROM items WHERE id < 3 ORDER BY id", result_formats=(1, 0, 1, 0, 1)),
        SYNC,
        parse("SELECT $1::int + 1, $2::text, $3::bytea, $4::bool", b"", (INT, TEXT, BYTEA, BOOL)),
        bind((b"\0\0\0\x07", b"text", b"\0\xff", b"\x01"), formats=(1, 0, 1, 1), result_formats=(0, 1, 0, 1)),
        describe(),
        execute(), SYNC, bind((b"\0\0\x07", b"t", b"", b"\x01"), formats=(1, 0, 1, 1)), SYNC,
        bind((None, None, None, None), formats=(1,)), execute(), SYNC],
    "statement texts": queries("select 1 as a -- trailing", "SELECT\t1\r\n", "SELECT 'a;b'; SELECT $q$;$q$",
                               "SELECT E'\\'; '",
                               "SELECT 'multi'\n'line'", "TABLE items LIMIT 1", "SELECT /* /* nested */ */ 1",
                               "SELECT 1 AS \"A b\""),
    "invalid encoding": [message(b"Q", b"SELECT '\xff\xfe'\0"), message(b"Q", b"SELECT 1 -- \xc3\0"),
                         parse("SELECT $1::text"), bind((b"\xff",)), execute(), SYNC, query("SELECT 1")],
}

COPY = {
    "in": [query("CREATE TEMP TABLE t (a int, b text)"), query("COPY t FROM STDIN"), copy(b"1\tone\n2\t"),
           copy(b"two\n\\N\t\\N\n"),
           COPY_DONE, query("SELECT a, b FROM t")],
    "in, without data": [query("CREATE TEMP TABLE t (a int)"), query("COPY t FROM STDIN"), COPY_DONE, query("TABLE t")],
    "in, with an end mark": [query("CREATE TEMP TABLE t (a int)"), query("COPY t FROM STDIN"), copy(b"1\n\\.\n"),
                             copy(b"2\n"),
                             COPY_DONE, query("TABLE t")],
    "in, as CSV and binary": [
        query("CREATE TEMP TABLE t (a int, b text)"), query("COPY t FROM STDIN (FORMAT csv, HEADER)"),
        copy(b'a,b\n1,"x, ""y"""\n2,\n'), COPY_DONE, query("COPY t TO STDOUT (FORMAT binary)"),
        query("COPY t FROM STDIN (FORMAT binary)"),
        copy(b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\0\2\0\0\0\4\0\0\0\7\0\0\0\1z\xff\xff"), COPY_DONE, query("TABLE t")],
    "in, failed by the client": [
        query("CREATE TEMP TABLE t (a int)"), query("COPY t FROM STDIN"), copy(b"1\n"), copy_fail(b"never mind"),
        query("TABLE t"),
        query("COPY t FROM STDIN"), copy_fail(b""), query("SELECT 1")],
    "in, failed by the data": [
        query("CREATE TEMP TABLE t (a int)"), query("COPY t FROM STDIN"), copy(b"1\nx\n"), copy(b"3\n"), copy(b"4\n"),
        COPY_DONE,
        query("TABLE t"), query("COPY t FROM STDIN"), copy(b"1\t2\n"), COPY_DONE, query("SELECT 1")],
    "in, failed at once": [query("COPY nowhere FROM STDIN"), copy(b"1\n"), COPY_DONE, query("SELECT 1"),
                           query("COPY cheap FROM STDIN"), copy(b"1\n"), copy_fail(b"x"), query("SELECT 2")],
    "in, two in one query": [query("CREATE TEMP TABLE t (a int)"),
                             query("COPY t FROM STDIN; SELECT count(*) FROM t; COPY t FROM STDIN; TABLE t"),
                             Until(b"G"), copy(b"1\n"), COPY_DONE, Until(b"G"), copy(b"2\n3\n"), COPY_DONE],
    "in, two in one query, first fails": [query("CREATE TEMP TABLE t (a int)"),
        query("COPY t FROM STDIN; COPY t FROM STDIN"),
                                          Until(b"G"), copy(b"x\n"), COPY_DONE, Until(b"E"), query("SELECT 1")],
    "in, extended": [query("CREATE TEMP TABLE t (a int)"), parse("COPY t FROM STDIN"), describe(b"S"), bind(),
                     describe(), execute(),
                     FLUSH, Until(b"G"), copy(b"1\n2\n"), COPY_DONE, SYNC, query("TABLE t")],
    "in, extended, all at once": [query("CREATE TEMP TABLE t (a int)"),
                                  run("COPY t FROM STDIN") + copy(b"1\n") + COPY_DONE + SYNC,
                                  query("TABLE t")],
    "in, extended, then more": [query("CREATE TEMP TABLE t (a int)"),
                                run("COPY t FROM STDIN") + copy(b"1\n") + COPY_DONE + run("TABLE t") + SYNC],
    "in, extended, Sync before the data": [
        query("CREATE TEMP TABLE t (a int)"), run("COPY t FROM STDIN") + SYNC, Until(b"G"),
        copy(b"1\n") + COPY_DONE + SYNC,
        Until(b"Z"), query("TABLE t")],
    "in, extended, Sync and Flush among the data": [
        query("CREATE TEMP TABLE t (a int)"), run("COPY t FROM STDIN") + FLUSH, Until(b"G"),
        copy(b"1\n") + SYNC + FLUSH, copy(b"2\n"),
        SYNC, COPY_DONE, SYNC, query("TABLE t")],
    "in, extended, failed by the client": [
        query("CREATE TEMP TABLE t (a int)"), run("COPY t FROM STDIN"), copy(b"1\n"), copy_fail(b"no"),
        run("SELECT 1"), SYNC,
        run("SELECT 2"), SYNC],
    "in, extended, failed by the data": [
        query("CREATE TEMP TABLE t (a int)"), run("COPY t FROM STDIN"), copy(b"x\n"), copy(b"2\n"), COPY_DONE,
        run("SELECT 1"), SYNC,
        run("SELECT 2"), SYNC],
    "in, extended, failed at once": [run("COPY nowhere FROM STDIN"), copy(b"x\n"), COPY_DONE, SYNC, run("SELECT 2"),
                                     SYNC],
    "in, in a transaction": [
        *queries("BEGIN", "CREATE TEMP TABLE t (a int)", "COPY t FROM STDIN"), copy(b"x\n"), COPY_DONE,
        query("TABLE t"),
        query("ROLLBACK")],
    "in, another message in between": [
        query("CREATE TEMP TABLE t (a int)"), query("COPY t FROM STDIN"), Until(b"G"), copy(b"1\n"), query("SELECT 1"),
        Until(b"Z"),
        query("TABLE t")],
    "in, Parse in between": [
        query("CREATE TEMP TABLE t (a int)"), run("COPY t FROM STDIN"), FLUSH, Until(b"G"), copy(b"1\n"),
        parse("SELECT 1"), SYNC,
        query("TABLE t")],
    "in, the connection ends": [query("CREATE TEMP TABLE t (a int)"), query("COPY t FROM STDIN"), Until(b"G"),
                                copy(b"1\n"),
                                TERMINATE, Close()],
    "in, of 4 MiB": [query("CREATE TEMP TABLE t (a int, b text)"), query("COPY t FROM STDIN"),
                     *(copy(b"".join(b"%d\t%s\n" % (n, b"y" * 1000) for n in range(part, part + 256)))
                       for part in range(0, 4096, 256)), COPY_DONE, query("SELECT count(*), sum(length(b)) FROM t")],
    "in, one long message": [query("CREATE TEMP TABLE t (b text)"), query("COPY t FROM STDIN"),
                             copy(b"z" * 3_000_000 + b"\n"),
                             COPY_DONE, query("SELECT sum(length(b)) FROM t")],
    "in, with notices": [
        *queries("CREATE TEMP TABLE t (a int)", "CREATE FUNCTION pg_temp.tell() RETURNS trigger LANGUAGE plpgsql AS"
                 " $$ BEGIN RAISE NOTICE 'row %', NEW.a; RETURN NEW; END $$",
                 "CREATE TRIGGER tell BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION pg_temp.tell()",
                 "COPY t FROM STDIN"),
        copy(b"1\n2\n"), COPY_DONE],
    "stray messages": [copy(b"1\n"), COPY_DONE, copy_fail(b"x"), query("SELECT 1"), copy(b"2\n"), run("SELECT 2"),
                       copy(b"3\n"), SYNC],
    "out": [*queries("COPY items TO STDOUT", "COPY (SELECT 1, NULL, 'a\tb') TO STDOUT (FORMAT csv, HEADER)",
                     "COPY items TO STDOUT (FORMAT binary)", "COPY (SELECT WHERE false) TO STDOUT",
                     "COPY cheap TO STDOUT",
                     "COPY (TABLE cheap) TO STDOUT", "COPY items (id, nothing) TO STDOUT",
                     "COPY items (id, name) TO STDOUT"),
            run("COPY items TO STDOUT"), SYNC, run("COPY items TO STDOUT", rows=2), run("SELECT 1"), SYNC],
    "out, an error in the middle": [query("COPY (SELECT 10 / (500 - n) FROM generate_series(1, 1000) n) TO STDOUT"),
                                    query("SELECT 1"),
                                    run("COPY (SELECT 10 / (5 - n) FROM generate_series(1, 10) n) TO STDOUT"),
                                    run("SELECT 2"), SYNC],
    "out, two in one query": queries("COPY (VALUES (1)) TO STDOUT; SELECT 2; COPY (VALUES (3)) TO STDOUT"),
    "out, of 4 MiB": queries("COPY (SELECT n, repeat('x', 1000) FROM generate_series(1, 4000) n) TO STDOUT"),
}

#: The order of what arrives around a cancel is the server's own, but how much came before is not.
CANCELS = {
    "of a sleeping statement": [query("SELECT pg_sleep(20)"), Asleep(), Cancel(), query("SELECT 1")],
    "of an idle session": [Cancel(), query("SELECT 1")],
    "in a transaction": [query("BEGIN"), query("SELECT pg_sleep(20)"), Asleep(), Cancel(), query("SELECT 1"),
                         query("COMMIT")],
    "in a pipeline": [run("SELECT 1"), FLUSH, run("SELECT pg_sleep(20)"), run("SELECT 2"), Asleep(), Cancel(), SYNC,
                      run("SELECT 3"), SYNC],
    "of a COPY in": [query("CREATE TEMP TABLE t (a int)"), Until(b"Z"), query("COPY t FROM STDIN"), Until(b"G"),
                     # The line that the server is at when it is cancelled is told.
                     copy(b"1\n"), Copied(2), Cancel(),
                     copy(b"2\n"), COPY_DONE, query("SELECT 1")],
}

SESSION = {
    "parameters are reported": queries(
        "SET TimeZone = 'Europe/Berlin'", "SET application_name = 'play'", "SET datestyle = 'German, DMY'",
        "SET intervalstyle = 'iso_8601'",
        "SELECT timestamptz '2026-11-23 12:00Z', interval '1 day'", "RESET ALL", "SET application_name TO DEFAULT",
        "SET default_transaction_read_only = on", "RESET default_transaction_read_only", "SET work_mem = '3MB'"),
    "parameters of a transaction": queries(
        "BEGIN", "SET application_name = 'a'", "ROLLBACK", "BEGIN", "SET LOCAL application_name = 'b'", "COMMIT",
        "BEGIN",
        "SET application_name = 'c'", "SAVEPOINT s", "SET application_name = 'd'", "ROLLBACK TO s", "COMMIT",
        "SHOW application_name",
        "SET LOCAL application_name = 'e'", "SET TimeZone = 'nowhere'",
        "SELECT set_config('application_name', 'f', false)",
        "SELECT set_config('application_name', 'g', true)", "SET application_name = 'h'; SELECT 1/0",
        "SHOW application_name"),
    "search_path": queries(
        "CREATE SCHEMA IF NOT EXISTS pg_temp_play", "SET search_path = pg_catalog", "TABLE items",
        "SET search_path = public, pg_catalog",
        "SELECT count(*) FROM items", "BEGIN; SET LOCAL search_path = nowhere; SELECT count(*) FROM items", "ROLLBACK",
        "SELECT current_schemas(true)", "SET search_path = ''", "SELECT count(*) FROM public.items",
        "SHOW search_path"),
    "roles (unless masked)": queries("SET ROLE plays", "SELECT current_user, session_user", "SET ROLE nobody_at_all",
                                     "RESET ROLE", "SET LOCAL ROLE plays"),
    "encodings the gateway follows": queries("SET client_encoding = 'UTF8'", "SET NAMES 'utf8'",
        "SHOW client_encoding"),
    "notices": [*queries("SELECT noisy(2)", "SET client_min_messages = error", "SELECT noisy(2)",
                         "SET client_min_messages = debug1",
                         "SELECT 1", "RESET client_min_messages", "CREATE TABLE IF NOT EXISTS items (id int)",
                         "DROP TABLE IF EXISTS nowhere",
                         "COMMIT", "BEGIN; BEGIN; COMMIT"), run("SELECT noisy(3)"),
                         run("SELECT id, noisy(1) FROM items", rows=2), SYNC],
    "many notices": queries("SELECT noisy(3000)"),
    "notifications of itself": [
        *queries("LISTEN a", "NOTIFY a", "NOTIFY a, 'payload'", "SELECT pg_notify('a', 'x')",
                 "BEGIN; NOTIFY a, '1'; NOTIFY a, '1'; NOTIFY a, '2'",
                 "COMMIT", "BEGIN; NOTIFY a, 'never'", "ROLLBACK", "UNLISTEN a", "NOTIFY a", "LISTEN a; LISTEN b",
                 "UNLISTEN *", "NOTIFY b"),
        run("LISTEN c"), run("NOTIFY c, 'extended'"), SYNC, query("SELECT pg_notify('', '')"),
        query("NOTIFY a, '" + "x" * 8000 + "'")],
    "notifications while idle": [query("LISTEN a"), Until(b"Z"), Elsewhere("NOTIFY a, 'from elsewhere'"), Until(b"A"),
                                 Elsewhere("NOTIFY a, 'again'"), Until(b"A")],
    "notifications in a transaction": [query("LISTEN a"), query("BEGIN"), Until(b"Z"), Until(b"Z"),
                                       Elsewhere("NOTIFY a, 'later'"), query("SELECT 1"),
                                       query("COMMIT"), Until(b"A")],
    "savepoints": queries(
        "BEGIN", "SAVEPOINT a", "INSERT INTO parts VALUES (1, 1, 'a')", "SELECT 1/0", "SELECT 1", "SAVEPOINT b",
        "ROLLBACK TO nothing", "ROLLBACK TO a",
        "SELECT count(*) FROM parts", "RELEASE a", "RELEASE a", "ROLLBACK", "SAVEPOINT c", "RELEASE c",
        "ROLLBACK TO c"),
    "transaction modes": queries(
        "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE", "SHOW transaction_isolation",
        "INSERT INTO parts VALUES (1, 1, 'a')", "ROLLBACK",
        "SET TRANSACTION READ ONLY", "BEGIN", "SELECT 1", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "ROLLBACK",
        "START TRANSACTION READ WRITE", "END",
        "ABORT", "BEGIN; SET CONSTRAINTS nothing DEFERRED"),
    "two-phase commit": queries(
        "BEGIN", "INSERT INTO parts VALUES (50, 1, 'a')", "PREPARE TRANSACTION 'play'",
        "SELECT count(*) FROM pg_prepared_xacts", "ROLLBACK PREPARED 'play'",
        "BEGIN", "PREPARE TRANSACTION 'play'", "COMMIT PREPARED 'play'", "COMMIT PREPARED 'nothing'",
        "PREPARE TRANSACTION 'x'",
        "BEGIN; SELECT 1/0", "PREPARE TRANSACTION 'y'", "SELECT count(*) FROM parts"),
    "time limits": [*queries("SET statement_timeout = '600ms'", "SELECT pg_sleep(5)", "SELECT 1", "BEGIN",
                             "SELECT pg_sleep(5)", "ROLLBACK"),
                    run("SELECT pg_sleep(5)"), run("SELECT 1"), SYNC, query("RESET statement_timeout")],
    "idle in a transaction too long": [query("SET idle_in_transaction_session_timeout = '50ms'; BEGIN"), Close()],
    "idle too long": [query("SET idle_session_timeout = '50ms'"), Close()],
    "its own server process ends": [query("SELECT 1"), query("SELECT pg_terminate_backend(pg_backend_pid())"), Close()],
    "its server process is ended": [query("SELECT 1"), Until(b"Z"),
                                    Elsewhere("SELECT pg_terminate_backend({process})"), Close()],
    "its server process is ended in a pipeline": [run("SELECT 1"), FLUSH, Until(b"C"),
        Elsewhere("SELECT pg_terminate_backend({process})"), Close()],
    "its server process is ended in a COPY": [query("CREATE TEMP TABLE t (a int)"), query("COPY t FROM STDIN"),
                                              # The line that it waits for is told.
                                              Until(b"G"), Copied(0),
                                              Elsewhere("SELECT pg_terminate_backend({process})"), Close()],
    "Terminate": [query("SELECT 1"), TERMINATE, Close()],
    "Terminate in a pipeline": [run("SELECT 1"), TERMINATE, Close()],
    "temporary tables": queries("CREATE TEMP TABLE items (other text)",
                                "INSERT INTO items VALUES ('mine') RETURNING *", "TABLE items", "TABLE public.items",
                                "DROP TABLE items", "SELECT count(*) FROM items",
                                "BEGIN; CREATE TEMP TABLE t (a int) ON COMMIT DROP; TABLE t; COMMIT", "TABLE t"),
    "changes of the catalogue": queries(
        "BEGIN", "CREATE TABLE made (a int)", "INSERT INTO made VALUES (1)", "TABLE made",
        "ALTER TABLE made ADD b text DEFAULT 'x'", "TABLE made",
        "ALTER TABLE made RENAME a TO c", "SELECT c FROM made", "SELECT a FROM made", "ROLLBACK", "TABLE made",
        "CREATE TABLE items (id int)",
        "CREATE VIEW cheap AS SELECT 1", "BEGIN; DROP VIEW cheap; SELECT * FROM cheap", "ROLLBACK", "DROP TABLE items"),
    "sequences": queries("CREATE TEMP SEQUENCE q", "SELECT nextval('q'), currval('q'), lastval()",
                         "SELECT currval('nothing')", "ALTER SEQUENCE q RESTART 9", "SELECT nextval('q')"),
    "locks": [query("BEGIN; LOCK items IN ACCESS EXCLUSIVE MODE NOWAIT; ROLLBACK"),
              query("SELECT pg_advisory_lock(7), pg_try_advisory_lock(7)"),
              query("SELECT pg_advisory_unlock_all()"), query("SELECT id FROM items WHERE id = 1 FOR UPDATE NOWAIT")],
}

#: OIDs that are the same on every server (pg_proc.dat).
INT4PL, INT4DIV, TEXTCAT, UPPER, LO_CREAT, LO_OPEN, LO_WRITE, LO_READ, LO_CLOSE, LO_UNLINK, LO_LSEEK = (
    177, 154, 1258, 871, 957, 952, 955, 954, 953, 964, 956)


def number(value):
    return struct.pack("!i", value)


FUNCTIONS = {
    "text": [call(INT4PL, b"2", b"3"), call(TEXTCAT, b"a", b"b"), call(UPPER, b"shout")],
    "binary": [call(INT4PL, number(2), number(3), formats=(1,), result=1),
               call(INT4PL, number(2), b"3", formats=(1, 0)),
               call(TEXTCAT, b"a", b"b", formats=(1, 1), result=1)],
    "NULL": [call(INT4PL, None, b"3"), call(TEXTCAT, None, None, formats=())],
    "errors": [call(INT4DIV, b"1", b"0"), call(INT4PL, b"1"), call(INT4PL, b"x", b"1"), call(99999999, b"1"), call(0),
               call(INT4PL, b"1", b"2", formats=(0, 0, 0)), call(INT4PL, number(1)[:3], number(2), formats=(1,)),
               call(INT4PL, b"1", b"2", formats=(9,)), query("SELECT 1")],
    "in transactions": [query("BEGIN"), call(INT4PL, b"2", b"3"), call(INT4DIV, b"1", b"0"), call(INT4PL, b"2", b"3"),
                        query("ROLLBACK")],
    "in a pipeline": [parse("SELECT 1"), bind(), call(INT4PL, b"2", b"3"), execute(), SYNC, parse("SELEC"),
                      call(INT4PL, b"2", b"3"), SYNC],
    "large objects": [
        query("BEGIN"), query("SELECT lo_create(4711)"), call(LO_OPEN, number(4711), number(0x60000), formats=(1,),
            result=1),
        call(LO_WRITE, number(0), b"contents", formats=(1,), result=1), call(LO_LSEEK, number(0), number(2), number(0),
            formats=(1,), result=1),
        call(LO_READ, number(0), number(4), formats=(1,), result=1), call(LO_READ, b"0", b"4"),
        call(LO_CLOSE, number(0), formats=(1,), result=1),
        call(LO_READ, number(0), number(4), formats=(1,), result=1), query("ROLLBACK"),
        call(LO_UNLINK, number(4711), formats=(1,), result=1),
        query("SELECT lo_get(4711)")],
}

#: What no client that works does.
VIOLATIONS = {
    "a type that does not exist": [message(b"y", b"?"), Close()],
    "a type of the server's": [message(b"Z", b"I"), Close()],
    "a type of no letter": [message(b"\0"), Close()],
    "a password after the log-in": [message(b"p", b"secret\0"), Close()],
    "a type that does not exist, while skipping": [parse("SELEC"), message(b"y", b"?"), Close()],
    "a length of 0": [b"Q\0\0\0\0", Close()],
    "a length of 3": [b"S\0\0\0\3", Close()],
    "a negative length": [b"Q\xff\xff\xff\xff", Close()],
    "a length beyond the type's": [b"S\x7f\xff\xff\xff", Close()],
    "a body of a Sync": [message(b"S", b"more"), query("SELECT 1")],
    "a body of a Flush": [message(b"H", b"more"), SYNC],
    "a body of a Terminate": [message(b"X", b"more"), Close()],
    "a Query without its end": [message(b"Q", b"SELECT 1"), query("SELECT 2")],
    "a Query with more than its end": [message(b"Q", b"SELECT 1\0SELECT 2\0"), query("SELECT 2")],
    "an empty Query body": [message(b"Q"), query("SELECT 2")],
    "a Parse cut off": [message(b"P", b"\0SELECT 1\0"), SYNC, message(b"P", b"\0SELECT 1\0\0\2\0\0"), SYNC,
                        message(b"P", b"\0SELECT"), SYNC,
                        message(b"P"), SYNC],
    "a Parse with more": [message(b"P", b"\0SELECT 1\0\0\0more"), SYNC, query("SELECT 1")],
    "a Parse of a negative count": [message(b"P", b"\0SELECT 1\0\xff\xff"), bind(), execute(), SYNC],
    "a Bind cut off": [parse("SELECT $1::text"), message(b"B", b"\0\0\0\0\0\1"), SYNC,
                       message(b"B", b"\0\0\0\0\0\1\0\0\0\5abc"), SYNC,
                       message(b"B", b"\0"), SYNC, message(b"B", b"\0\0\0\0\0\1\0\0\0\1a"), SYNC],
    "a Bind of a negative length": [parse("SELECT $1::text"), message(b"B", b"\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"),
                                    execute(), SYNC],
    "a Bind with more": [parse("SELECT 1"), message(b"B", b"\0\0\0\0\0\0\0\0more"), SYNC],
    "a Describe of a kind that does not exist": [message(b"D", b"X\0"), SYNC, message(b"D", b"S"), SYNC, message(b"D"),
        SYNC, query("SELECT 1")],
    "a Close of a kind that does not exist": [message(b"C", b"X\0"), SYNC, message(b"C", b"P"), SYNC, message(b"C"),
        SYNC, query("SELECT 1")],
    "an Execute cut off": [parse("SELECT 1"), bind(), message(b"E", b"\0\0\0"), SYNC, message(b"E"), SYNC,
                           message(b"E", b"\0\0\0\0\0more"), SYNC],
    "a FunctionCall cut off": [message(b"F", b"\0\0"), query("SELECT 1"), message(b"F", b"\0\0\0\xb1\0\0\0\2\0\0\0\1"),
                               query("SELECT 2"), SYNC],
    "a CopyDone with a body": [message(b"c", b"more"), query("SELECT 1")],
    "a CopyFail without its end, outside of a COPY": [message(b"f", b"x"), query("SELECT 1")],
    "a CopyFail without its end": [query("CREATE TEMP TABLE t (a int)"), query("COPY t FROM STDIN"), Until(b"G"),
                                   message(b"f", b"x"), query("SELECT 1")],
    "faults inside a transaction": [query("BEGIN"), message(b"D", b"X\0"), SYNC, query("SELECT 1"), query("ROLLBACK")],
}

GROUPS = {
    "portals": PORTALS, "describe": DESCRIBE, "statements": STATEMENTS, "pipelines": PIPELINES, "simple": SIMPLE,
    "copy": COPY,
    "cancels": CANCELS, "session": SESSION, "functions": FUNCTIONS, "violations": VIOLATIONS,
}
