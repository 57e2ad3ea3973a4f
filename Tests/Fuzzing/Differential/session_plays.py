"""Sessions of many statements: what is sent in one go to each side, message by message."""

import dataclasses

from values import DIGITS, FREE, GOVERNED, WORDS
from wire import SYNC, bind, describe, execute, message, parse, query


@dataclasses.dataclass(frozen=True)
class Step:
    """One statement: its text, and its messages, answered by exactly one ReadyForQuery."""

    sql: str
    sent: bytes


def simple(sql):
    return Step(sql, query(sql))


def extended(sql, binary):
    return Step(sql, parse(sql) + bind(result_formats=(1, ) if binary else ()) + describe() + execute() + SYNC)


def paged(sql):
    """Two rows at a time, through a named statement and a named portal."""
    close = message(b"C", b"Sns\0")
    return Step(
        sql, close + parse(sql, b"ns") + bind(portal=b"np", name=b"ns") + describe(b"S", b"ns") + execute(b"np", 2) +
        execute(b"np", 2) + execute(b"np") + SYNC)


#: What another session does between two steps, and how it is undone.
DDL = [
    ("CREATE VIEW open.peek AS SELECT id, name AS n, note FROM care.person", "DROP VIEW IF EXISTS open.peek CASCADE",
     [
         "SELECT * FROM peek", "SELECT n || '!' FROM peek", "SELECT id FROM peek WHERE n LIKE 'Z%'",
         "COPY (SELECT n FROM peek) TO STDOUT"
     ]),
    ("CREATE TABLE open.loot (x int) INHERITS (care.person)", "DROP TABLE IF EXISTS open.loot", [
        "SELECT name, ssn FROM loot", "SELECT * FROM person"
    ]),
    ("CREATE VIEW open.person AS SELECT id, ssn AS note, note AS name FROM care.person",
     "DROP VIEW IF EXISTS open.person CASCADE", [
         "SET search_path = open, care", "SELECT note FROM person", "SELECT name, note FROM person ORDER BY id",
         "RESET search_path"
     ]),
    ("CREATE MATERIALIZED VIEW open.frozen AS SELECT ssn, id FROM care.person",
     "DROP MATERIALIZED VIEW IF EXISTS open.frozen", [
         "SELECT * FROM frozen", "SELECT id FROM frozen WHERE ssn > 'Z'"
     ]),
    ("ALTER TABLE care.person ADD COLUMN extra text DEFAULT 'e'",
     "ALTER TABLE care.person DROP COLUMN IF EXISTS extra", [
         "SELECT extra, name FROM person", "SELECT person FROM person"
     ]),
    ("ALTER VIEW care.contact RENAME COLUMN note TO n2", "ALTER VIEW care.contact RENAME COLUMN n2 TO note", [
        "SELECT * FROM contact", "SELECT n2, label FROM contact"
    ]),
    ("CREATE OR REPLACE VIEW open.stock AS SELECT ssn AS room, name, 1 AS qty FROM care.person",
     "CREATE OR REPLACE VIEW open.stock AS SELECT r.name AS room, i.name, i.qty FROM open.item i JOIN open.room r"
     " ON r.id = i.room",
     ["SELECT * FROM stock", "SELECT room FROM stock", "SELECT qty FROM stock WHERE room LIKE 'Z%'"]),
]


class Playwright:
    """Writes plays: lists of steps, to be begun and ended outside any transaction."""
    def __init__(self, random, grammar):
        self.random, self.grammar = random, grammar

    def by_some_path(self, sql):
        share = self.random.random()
        if share < 0.55:
            return simple(sql)
        if share < 0.95:
            return extended(sql, binary=share < 0.75)
        return paged(sql)

    def play(self, length):
        """About `length` steps."""
        steps = [simple("DISCARD ALL")] if self.random.random() < 0.1 else []
        while len(steps) < length:
            share = self.random.random()
            if share < 0.72:
                steps.append(self.by_some_path(self.grammar.query()))
            elif share < 0.78:
                steps += self.copy()
            elif share < 0.84:
                steps += self.writing()
            elif share < 0.985:
                scene = self.random.choice([self.cursor, self.settings, self.explain, self.several, self.catalogue])
                steps += scene()
            else:
                # After these the gateway reads the catalogue again.
                scene = self.random.choice([self.temporary, self.prepared, self.view, self.definition])
                steps += scene()
        return [*steps, simple("ROLLBACK")]

    def copy(self):
        options = self.random.choice([
            "", "", " WITH (FORMAT csv)", " (FORMAT binary)", " (FORMAT csv, HEADER, FORCE_QUOTE *)",
            " (FORMAT csv, DELIMITER ';', NULL 'x')", " (FORMAT text, DELIMITER '|')"
        ])
        table = self.random.choice([
            f"({self.grammar.query()})", f"({self.grammar.query()})", "person", "card (id, ssn)",
            "care.person (id, name, note, doc)", "roster"
        ])
        return [simple(f"COPY {table} TO STDOUT{options}")]

    def writing(self):
        """Writes within a transaction that is taken back, with RETURNING and ON CONFLICT."""
        random, grammar = self.random, self.grammar
        steps = [simple("BEGIN")]
        for _ in range(random.choice([1, 2, 3])):
            steps.append(self.by_some_path(self.write()))
            if random.random() < 0.2:
                steps.append(simple("SAVEPOINT s"))
            if random.random() < 0.5:
                steps.append(self.by_some_path(grammar.query()))
            if random.random() < 0.2:
                steps.append(simple("ROLLBACK TO s"))
        return [*steps, simple("ROLLBACK")]

    def write(self):
        random = self.random
        scope = self.scope("person", "person")
        free, taint = random.choice([("text", "note"), ("int4", "grp"), ("date", "at"),
                                     ("text[]", "labels")]), random.choice([0, 0, 0, 0.4])
        value = self.grammar.expression(free[0], scope, 1, taint)
        kind, column = random.choice([(k, c) for c, k in GOVERNED.items()])
        own = self.grammar.expression(kind, scope, 1, random.choice([0, 0, 0, 0.3]))
        condition = random.choice([
            "person.id = 2", "person.id = 3", "person.grp = 1",
            self.grammar.expression("bool", scope, 1, random.choice([0, 0, 0.4]))
        ])
        returning = random.choice([
            "", " RETURNING *", " RETURNING person.id, name",
            f" RETURNING {self.grammar.expression('any', scope, 1, 0.5)}"
        ])
        fresh = random.randrange(100, 1000)
        return random.choice([
            f"UPDATE person SET {free[1]} = {value} WHERE {condition}{returning}",
            f"UPDATE person SET {column} = {own} WHERE {condition}{returning}",
            f"DELETE FROM person WHERE {condition}{returning}",
            f"INSERT INTO person (id, note, {column}) VALUES ({fresh}, 'new',"
            f" {self.grammar.expression(kind, self.nothing(), 1, 0)})"
            f"{returning.replace('person.id, ', '')}",
            f"INSERT INTO person (id, note) SELECT id + {fresh}, {self.grammar.expression('text', scope, 1, taint)}"
            f" FROM person",
            f"INSERT INTO person (id, name) VALUES (2, 'x') ON CONFLICT (id) DO UPDATE SET note = {value}{returning}",
            f"INSERT INTO room VALUES ({fresh}, {self.grammar.expression('text', self.nothing(), 1, 0)}) RETURNING *",
            f"MERGE INTO room USING person ON person.id = room.id WHEN MATCHED THEN UPDATE SET name ="
            f" {self.grammar.expression('text', scope, 1, taint)}",
            f"UPDATE room SET name = {self.grammar.expression('text', scope, 1, taint)} FROM person WHERE person.id"
            f" = room.id RETURNING room.*",
            f"WITH u AS (UPDATE person SET grp = grp + 1 RETURNING *) SELECT id, name,"
            f" {self.grammar.expression('any', self.scope('person', 'u'), 1, 0.5)} FROM u",
        ])

    def scope(self, name, alias):
        from grammar import RELATIONS, Scope
        scope = Scope()
        scope.add(alias, *RELATIONS[name])
        return scope

    def nothing(self):
        from grammar import Scope
        return Scope()

    def cursor(self):
        random = self.random
        kind = random.choice(["", "BINARY ", "SCROLL ", "NO SCROLL "])
        hold = random.choice(["", "", " WITH HOLD"])
        moves = random.choice([["FETCH c", "FETCH 2 FROM c"], ["FETCH ALL c"],
                               ["MOVE 1 FROM c", "FETCH FORWARD ALL c"], ["FETCH LAST c", "FETCH PRIOR c"],
                               ["FETCH ALL FROM c", "UPDATE person SET note = 'y' WHERE CURRENT OF c RETURNING *"]])
        return [
            simple("BEGIN"),
            simple(f"DECLARE c {kind}CURSOR{hold} FOR {self.grammar.query()}"),
            *[self.by_some_path(m) for m in moves],
            simple(random.choice(["ROLLBACK", "COMMIT"])),
            self.by_some_path("FETCH ALL c"),
            simple("CLOSE ALL")
        ]

    def temporary(self):
        random = self.random
        body = self.grammar.query()
        name = random.choice(["tmp", "room", "item"])
        made = random.choice([
            f"CREATE TEMP TABLE {name} AS {body}",
            f"CREATE TEMP TABLE {name} AS SELECT id, note AS name, grp AS qty FROM person",
            f"SELECT * INTO TEMP {name} FROM ({body}) q", f"CREATE TEMP TABLE {name} (LIKE person)",
            f"CREATE TEMP TABLE {name} AS TABLE person WITH NO DATA"
        ])
        return [
            simple("BEGIN"),
            simple(made),
            simple("SAVEPOINT s"),
            self.by_some_path(f"SELECT * FROM {name}"),
            simple("ROLLBACK TO s"),
            self.by_some_path(f"INSERT INTO {name} SELECT * FROM person"),
            simple("ROLLBACK TO s"),
            self.by_some_path(f"SELECT {name} FROM {name}"),
            simple("ROLLBACK TO s"),
            self.by_some_path(self.grammar.query()),
            simple(random.choice(["ROLLBACK", "COMMIT"])),
            self.by_some_path(f"SELECT * FROM {name}"),
            simple(f"DROP TABLE IF EXISTS pg_temp.{name}")
        ]

    def prepared(self):
        query_text = self.grammar.query()
        how = self.random.choice(["EXECUTE p", "EXPLAIN EXECUTE p", "CREATE TEMP TABLE pt AS EXECUTE p", "EXECUTE p"])
        steps = [
            simple("DEALLOCATE ALL"),
            simple(f"PREPARE p AS {query_text}"),
            self.by_some_path(how),
            self.by_some_path("EXECUTE p")
        ]
        if self.random.random() < 0.3:
            steps += [
                simple("SET search_path = open, care"),
                self.by_some_path("EXECUTE p"),
                simple("RESET search_path")
            ]
        return [*steps, simple("DROP TABLE IF EXISTS pg_temp.pt")]

    def view(self):
        return [
            simple("BEGIN"),
            simple(f"CREATE TEMP VIEW tv AS {self.grammar.query()}"),
            simple("SAVEPOINT s"),
            self.by_some_path("SELECT * FROM tv"),
            simple("ROLLBACK TO s"),
            self.by_some_path("SELECT tv FROM tv"),
            simple("ROLLBACK")
        ]

    def settings(self):
        setting = self.random.choice([
            "SET search_path = open", "SET search_path = pg_catalog", "SET search_path = open, care",
            "SET LOCAL search_path = open", "SET DateStyle = 'German'", "SET IntervalStyle = 'iso_8601'",
            "SET bytea_output = 'escape'", "SET extra_float_digits = -5", "SET TimeZone = 'Asia/Tokyo'",
            "SET enable_hashjoin = off", "SET enable_seqscan = off", "SET standard_conforming_strings = on",
            "SELECT set_config('search_path', 'open, care', false)", "SET xmlbinary = hex",
            "SET client_min_messages = debug1", "SET plan_cache_mode = force_generic_plan",
            "SET quote_all_identifiers = on", "SET row_security = off", "SET debug_print_parse = on"
        ])
        return [
            simple(setting), *[self.by_some_path(self.grammar.query()) for _ in range(3)],
            simple("ROLLBACK"),
            simple("RESET ALL")
        ]

    def explain(self):
        options = self.random.choice([
            "", "(COSTS off)", "(VERBOSE)", "(ANALYZE, TIMING off, SUMMARY off, COSTS off, BUFFERS off)",
            "(FORMAT json)"
        ])
        return [simple(f"EXPLAIN {options} {self.grammar.query()}")]

    def several(self):
        return [simple("; ".join(self.grammar.query() for _ in range(self.random.choice([2, 3]))))]

    def catalogue(self):
        """The server's own tables, where they hold users' data."""
        return [
            self.by_some_path(
                self.random.choice([
                    "SELECT tablename, attname, most_common_vals, histogram_bounds, null_frac, n_distinct FROM"
                    " pg_stats WHERE schemaname = 'care'",
                    "SELECT starelid::regclass, staattnum, stavalues1 FROM pg_statistic WHERE starelid ="
                    " 'care.person'::regclass",
                    "SELECT relname, reltuples, relpages FROM pg_class WHERE relnamespace = 'care'::regnamespace"
                    " ORDER BY 1",
                    "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema"
                    " = 'care' ORDER BY 1, 2",
                    "SELECT pg_get_viewdef('care.shout'::regclass)",
                    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1",
                    "SELECT name, statement, parameter_types FROM pg_prepared_statements",
                    "SELECT name, statement FROM pg_cursors",
                    "SELECT query_to_xml('select name from care.person', true, false, '')",
                    "SELECT table_to_xml('care.person', true, false, '')",
                    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%Zqa%'", "TABLE pg_largeobject",
                    "SELECT ctid, tableoid::regclass, id FROM person",
                    "SELECT pg_relation_size('care.person'), pg_column_size(p.*) FROM person p",
                ]))
        ]

    def definition(self):
        """Attempts to leave something behind that is read later."""
        random = self.random
        scope = self.scope("person", "person")
        text = self.grammar.expression("text", scope, 1, 0.7)
        return [
            simple("BEGIN"),
            simple(
                random.choice([
                    f"CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE sql AS 'SELECT"
                    f" max({text.replace(chr(39), chr(39) * 2)}) FROM care.person'",
                    f"CREATE INDEX ON person (({text}))", f"CREATE TABLE open.q AS SELECT {text} AS x FROM person",
                    f"ALTER TABLE person ADD CHECK ({text} <> 'z')",
                    f"CREATE TABLE open.q (a text DEFAULT ({self.grammar.expression('text', self.nothing(), 1, 0)}))",
                    f"CREATE VIEW open.q AS SELECT id, {text} AS x FROM person",
                    "ALTER TABLE person ADD COLUMN twin text GENERATED ALWAYS AS (name || '!') STORED",
                    "CREATE TABLE open.q (LIKE care.person INCLUDING ALL)",
                    "ALTER TABLE person ALTER note TYPE text USING name", "ALTER TABLE person RENAME name TO called",
                    "CREATE RULE r AS ON INSERT TO room DO ALSO SELECT name FROM care.person",
                    f"DO 'BEGIN RAISE NOTICE ''%'', (SELECT max(name) FROM care.person); END'",
                    "ALTER TABLE care.person SET SCHEMA open", "CREATE STATISTICS st ON name, ssn FROM person",
                    "COMMENT ON TABLE room IS 'c'", "LISTEN x", "NOTIFY x, 'free'",
                    "SELECT pg_notify('x', name) FROM person", "LOCK TABLE person", "GRANT SELECT ON person TO PUBLIC"
                ])),
            simple("SAVEPOINT s"),
            simple(
                random.choice([
                    "SELECT pg_temp.f()", "TABLE open.q", "SELECT * FROM q", "SELECT twin FROM person",
                    "SELECT called FROM person", "INSERT INTO room VALUES (77, 'z')", "SELECT * FROM person"
                ])),
            simple("ROLLBACK"),
            simple("UNLISTEN *")
        ]
