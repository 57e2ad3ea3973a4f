"""Plays made of messages in random order, for what nobody thought of. The same seed gives the same play.

They change nothing that another play could see: tables they make are temporary.
"""

import random

from player import Pause
from plays import COPY_DONE, INT, INT4DIV, INT4PL, TEXT, VIOLATIONS, call, close, copy, copy_fail
from wire import FLUSH, SYNC, TERMINATE, bind, describe, execute, message, parse, query

STATEMENTS, PORTALS = (b"", b"s", b"t"), (b"", b"p", b"q")

#: One statement each, for both protocols.
TEXTS = (
    "SELECT id, name FROM items ORDER BY id", "SELECT id, name FROM items ORDER BY id", "SELECT * FROM cheap",
    "SELECT 1",
    "SELECT $1::int + 1", "SELECT $1::text, $2::int", "SELECT name FROM items WHERE id = $1",
    "VALUES (1, 'a'), (2, NULL)",
    "SELECT", "", "-- nothing", "SELECT 1/0", "SELECT 10 / (3 - n) FROM generate_series(1, 5) AS n",
    "SELECT no FROM items",
    "SELECT * FROM nowhere", "SELEC", "SELECT nothing()", "BEGIN", "BEGIN", "COMMIT", "ROLLBACK", "ROLLBACK",
    "SAVEPOINT a",
    "ROLLBACK TO a", "RELEASE a", "SET application_name = 'x'", "SET LOCAL application_name = 'y'",
    "RESET application_name",
    "SET work_mem = '2MB'", "SHOW application_name", "SHOW work_mem", "SET search_path = pg_catalog",
    "RESET search_path",
    "SET nothing = 1", "CREATE TEMP TABLE w (a int, b text)", "CREATE TEMP TABLE w (a int, b text) ON COMMIT DROP",
    "DROP TABLE w",
    "INSERT INTO w VALUES (1, 'x') RETURNING *", "INSERT INTO w SELECT n, 'y' FROM generate_series(1, 9) AS n",
    "SELECT * FROM w",
    "UPDATE w SET b = b || '!'", "DELETE FROM w WHERE a = $1", "ALTER TABLE w ADD COLUMN c int DEFAULT 3", "TRUNCATE w",
    "DECLARE c CURSOR FOR SELECT id FROM items ORDER BY id",
    "DECLARE c CURSOR WITH HOLD FOR SELECT id FROM items ORDER BY id",
    "DECLARE p CURSOR FOR SELECT name FROM items ORDER BY id", "FETCH 2 FROM c", "FETCH 3 FROM p", "MOVE 2 IN c",
    "CLOSE c", "CLOSE ALL",
    "PREPARE s AS SELECT id, price FROM items WHERE id < 4", "PREPARE t (int) AS SELECT $1 + 2", "EXECUTE s",
    "EXECUTE t(5)",
    "DEALLOCATE s", "DEALLOCATE ALL", "LISTEN a", "UNLISTEN *", "NOTIFY a, 'from a play'",
    "SELECT noisy(2)",
    "SET client_min_messages = error", "RESET client_min_messages", "COPY w FROM STDIN", "COPY w FROM STDIN",
    "COPY items TO STDOUT",
    "COPY (SELECT 10 / (3 - n) FROM generate_series(1, 5) AS n) TO STDOUT", "COPY nowhere FROM STDIN",
    "EXPLAIN (COSTS off) SELECT 1", "SELECT generate_series(1, 300)", "LOCK TABLE items IN ACCESS SHARE MODE",
    "SELECT set_config('application_name', 'z', true)", "SELECT items FROM items LIMIT 1",
    "DO $$ BEGIN PERFORM 1/0; END $$",
    "DO $$ BEGIN RAISE NOTICE 'done'; END $$", "SELECT 'calm'::mood, ARRAY[1, NULL], 1.5, '\\x00'::bytea",
)

#: For the simple protocol alone.
SEVERAL = (
    "SELECT 1; SELECT 2", "SELECT 1; SELECT 1/0; SELECT 3", "BEGIN; SELECT 1; COMMIT", "BEGIN; SELECT 1/0; COMMIT",
    "ROLLBACK; SELECT 1",
    "SELECT 1; COMMIT; SELECT 2", "COPY w FROM STDIN; SELECT count(*) FROM w",
    "CREATE TEMP TABLE v (a int); INSERT INTO v VALUES (1)",
    "SET application_name = 'm'; SHOW application_name", "; ;", "DISCARD ALL", "SELECT 1; SELEC",
    "DROP TABLE IF EXISTS v; SELECT 5",
)

#: Bodies at fault; of most plays none is part.
FAULTS = tuple(
    step for steps in VIOLATIONS.values() for step in steps if isinstance(step,
        bytes) and step[1:5] != b"\xff\xff\xff\xff")


def random_play(seed):
    """The steps of a play."""
    generator = random.Random(seed)
    mayFail = generator.random() < 0.15
    steps = [one_message(generator, mayFail) for _ in range(generator.randint(3, 40))]
    if generator.random() < 0.5:
        return [b"".join(steps)]
    pieces = []
    for step in steps:
        cut = generator.randrange(len(step)) if generator.random() < 0.2 else len(step)
        pieces += [step[:cut], Pause(0.001), step[cut:]] if cut < len(step) else [step]
        if generator.random() < 0.3:
            pieces.append(Pause(generator.choice((0.0005, 0.003))))
    return [piece for piece in pieces if piece != b""]


def one_message(generator, mayFail):
    """Often more than one, as clients send them together."""
    statement, portal = generator.choice(STATEMENTS), generator.choice(PORTALS)
    kind = generator.random()
    if kind < 0.16:
        return query(generator.choice(TEXTS + SEVERAL))
    if kind < 0.34:
        text = generator.choice(TEXTS)
        values = [b"7", b"x"][:text.count("$")] if "$$" not in text else []
        return (parse(text, types=generator.choice(((), (INT,), (TEXT,)))) + bind(values,
            result_formats=generator.choice(((), (1,))))
                + (describe() if generator.random() < 0.7 else b"") + execute(b"", generator.choice((0, 0, 0, 2)))
                + (SYNC if generator.random() < 0.5 else b""))
    if kind < 0.44:
        return parse(generator.choice(TEXTS), statement, generator.choice(((), (), (INT,))))
    if kind < 0.54:
        return bind(generator.choice(((), (), (b"7",), (b"7", b"8"), (None,))), portal, statement,
                    generator.choice(((), (), (0,), (1,), (0, 1))), generator.choice(((), (), (1,))))
    if kind < 0.62:
        return execute(portal, generator.choice((0, 0, 1, 2, 5, 100)))
    if kind < 0.68:
        return describe(*generator.choice(((b"S", statement), (b"P", portal))))
    if kind < 0.72:
        return close(*generator.choice(((b"S", statement), (b"P", portal))))
    if kind < 0.86:
        return SYNC
    if kind < 0.89:
        return FLUSH
    if kind < 0.95:
        return generator.choice((copy(b"1\tone\n"), copy(b"2\ttwo\n3\t"), copy(b"x\n"), COPY_DONE, COPY_DONE,
                                 copy_fail(b"no")))
    if kind < 0.97:
        return call(generator.choice((INT4PL, INT4DIV)), b"6", generator.choice((b"3", b"0", b"x")))
    if mayFail:
        return generator.choice((*FAULTS, TERMINATE, message(b"?")))
    return SYNC
