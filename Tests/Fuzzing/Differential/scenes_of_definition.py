"""Scenes: code, and attempts to leave something behind that is read later. Each takes the grammar."""

from steps import by_some_path, simple


def view(grammar):
    random = grammar.random
    made = random.choice(["CREATE TEMP VIEW tv AS", "CREATE TEMP VIEW tv WITH (security_barrier) AS",
                          "CREATE VIEW open.tv AS", "CREATE MATERIALIZED VIEW open.tv AS"])
    return [
        simple("BEGIN"),
        simple(f"{made} {grammar.query()}"),
        simple("SAVEPOINT s"),
        by_some_path(random, "SELECT * FROM tv"),
        simple("ROLLBACK TO s"),
        by_some_path(random, "SELECT tv FROM tv"),
        simple("ROLLBACK")
    ]


def quoted(sql):
    """As it stands within a constant."""
    return sql.replace("'", "''")


def code(grammar):
    """DO, CALL and functions of the database's users."""
    random, scope = grammar.random, grammar.sight("person", "p")
    text = grammar.expression("text", scope, 1, random.choice([0, 0.7]))
    body = random.choice([
        f"BEGIN RAISE NOTICE '%', (SELECT max({text}) FROM person p); END",
        f"BEGIN RAISE EXCEPTION USING MESSAGE = (SELECT max({text}) FROM person p), DETAIL = 'd', HINT = 'h'; END",
        f"BEGIN PERFORM {text} FROM person p; END", "BEGIN UPDATE room SET beds = 1; END",
        f"DECLARE r record; BEGIN FOR r IN SELECT {text} AS x FROM person p LOOP RAISE WARNING '%', r.x; END LOOP; END",
        f"BEGIN EXECUTE 'SELECT ' || quote_literal('x'); EXECUTE format('SELECT %I FROM person', 'name'); END",
        "BEGIN EXECUTE 'CREATE TEMP TABLE dt AS SELECT name FROM care.person'; END", "BEGIN COMMIT; END",
        "DECLARE n int; BEGIN SELECT rank INTO n FROM person WHERE id = 1; IF n > 5 THEN RAISE 'big'; END IF; END",
        "BEGIN PERFORM set_config('weir.x', name, false) FROM person; END", "BEGIN PERFORM 1 / 0; END",
        "BEGIN NULL; END",
    ])
    return [
        simple("BEGIN"),
        by_some_path(random, random.choice([
            f"DO $do${body}$do$", f"DO LANGUAGE plpgsql '{quoted(body)}'", "CALL open.tidy()", "CALL care.tell()",
            "SELECT care.name_of(1)", "SELECT * FROM care.everybody()", "SELECT open.twice(4), open.same('x')",
            "SELECT open.gathered(name) FROM person", "SELECT open.gathered(note) FROM person",
            "SELECT =~ name FROM person",
            f"SELECT open.same({text}) FROM person p", "SELECT (care.everybody()).name",
            "SELECT e.id, e.note FROM care.everybody() e", "SELECT p.name_of FROM person p",
            "VALUES (care.name_of(2))"])),
        simple("SAVEPOINT s"),
        by_some_path(random, random.choice(["SELECT current_setting('weir.x', true)", "TABLE dt", "TABLE room"])),
        simple("ROLLBACK")
    ]


def definition(grammar):
    random = grammar.random
    text = grammar.expression("text", grammar.sight("person", "person"), 1, 0.7)
    free = grammar.expression("text", grammar.sight(), 1, 0)
    return [
        simple("BEGIN"),
        simple(random.choice([
            f"CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE sql AS 'SELECT max({quoted(text)}) FROM care.person'",
            f"CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE sql RETURN (SELECT max({text}) FROM care.person)",
            f"CREATE INDEX ON person (({text}))", f"CREATE TABLE open.q AS SELECT {text} AS x FROM person",
            f"ALTER TABLE person ADD CHECK ({text} <> 'z')", f"CREATE TABLE open.q (a text DEFAULT ({free}))",
            f"CREATE VIEW open.q AS SELECT id, {text} AS x FROM person",
            "ALTER TABLE person ADD COLUMN twin text GENERATED ALWAYS AS (name || '!') STORED",
            "CREATE TABLE open.q (LIKE care.person INCLUDING ALL)",
            "ALTER TABLE person ALTER note TYPE text USING name", "ALTER TABLE person RENAME name TO called",
            "CREATE RULE r AS ON INSERT TO room DO ALSO SELECT name FROM care.person",
            "CREATE RULE r AS ON SELECT TO open.part DO INSTEAD SELECT id, name FROM care.person",
            "CREATE TRIGGER t BEFORE INSERT ON room FOR EACH ROW EXECUTE FUNCTION open.noted()",
            "CREATE TRIGGER t AFTER UPDATE ON person REFERENCING NEW TABLE AS n EXECUTE FUNCTION open.noted()",
            "CREATE POLICY py ON person USING (name > 'M')", "ALTER TABLE person ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE care.person SET SCHEMA open", "CREATE STATISTICS st ON name, ssn FROM person",
            "CREATE TABLE open.q PARTITION OF care.visit FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
            "ALTER TABLE care.visit DETACH PARTITION care.visit_2025", "ALTER TABLE staff NO INHERIT person",
            "CREATE TABLE open.q (x int) INHERITS (care.person)", "CREATE PUBLICATION pub FOR TABLE person",
            "COMMENT ON TABLE room IS 'c'", "LISTEN x", "NOTIFY x, 'free'", "CREATE CAST (text AS int4) WITH INOUT",
            "SELECT pg_notify('x', name) FROM person", "LOCK TABLE person", "GRANT SELECT ON person TO PUBLIC",
            "CREATE DOMAIN open.dm AS text CHECK (value <> care.name_of(1))", "REFRESH MATERIALIZED VIEW roster",
            "ALTER TABLE room ALTER name SET DEFAULT care.name_of(1)", "SECURITY LABEL ON TABLE person IS 'x'",
            "TRUNCATE person", "VACUUM person", "ANALYZE person", "CLUSTER person", "REINDEX TABLE person",
            "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION open.noted()", "CREATE EXTENSION dblink",
            "ALTER DATABASE ward SET work_mem = '4MB'", "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO open",
            "CREATE AGGREGATE pg_temp.a(text) (SFUNC = open.same, STYPE = text)", "ALTER SYSTEM SET work_mem = '4MB'",
            "ALTER VIEW contact RENAME label TO note2", "DROP VIEW tall", "DROP TABLE card", "CREATE SCHEMA person",
        ])),
        simple("SAVEPOINT s"),
        by_some_path(random, random.choice([
            "SELECT pg_temp.f()", "TABLE open.q", "SELECT * FROM q", "SELECT twin FROM person",
            "SELECT called FROM person", "INSERT INTO room VALUES (77, 'z')", "SELECT * FROM person",
            "SELECT * FROM part",
            "SELECT name::int FROM person", "SELECT 'x'::open.dm", "SELECT tableoid::regclass, * FROM visit"])),
        simple("ROLLBACK"),
        simple("UNLISTEN *")
    ]
