"""Scenes: writing, transactions, and what a session keeps. Each takes the grammar."""

from steps import by_some_path, simple
from writes import write

SETTINGS = [
    "SET search_path = open", "SET search_path = pg_catalog", "SET search_path = open, care",
    "SET LOCAL search_path = open", "SET DateStyle = 'German'", "SET IntervalStyle = 'iso_8601'",
    "SET bytea_output = 'escape'", "SET extra_float_digits = -5", "SET TimeZone = 'Asia/Tokyo'",
    "SET enable_hashjoin = off", "SET enable_seqscan = off", "SET standard_conforming_strings = on",
    "SET standard_conforming_strings = off", "SELECT set_config('search_path', 'open, care', false)",
    "SET xmlbinary = hex", "SET client_min_messages = log", "SET plan_cache_mode = force_generic_plan",
    "SET quote_all_identifiers = on", "SET row_security = off", "SET debug_print_parse = on", "SET ROLE postgres",
    "SET ROLE pg_read_all_data", "SET SESSION AUTHORIZATION DEFAULT", "RESET ROLE", "SET SESSION CHARACTERISTICS AS"
    " TRANSACTION READ ONLY", "SET default_transaction_read_only = on", "SET session_replication_role = replica",
    "SET array_nulls = off", "SET lc_monetary = 'C'", "SET transform_null_equals = on",
    "SET escape_string_warning = on",
    "SET backslash_quote = on", "SET check_function_bodies = off", "SET log_statement = 'all'", "SET weir.x = 'y'",
    "SET xmloption = document", "SET gin_fuzzy_search_limit = 1", "SET work_mem = '64kB'",
    "SET application_name = 'Zq'",
    "SET temp_tablespaces = ''", "SET default_text_search_config = 'english'", "SET lc_messages = 'C'",
    "SET statement_timeout = '19s'", "SET jit = on", "SET constraint_exclusion = on",
    "SET max_parallel_workers_per_gather = 0", "SET client_encoding = 'UTF8'", "SET NAMES 'UTF8'",
]

#: Those that have every ASCII character where ASCII has it; tried while governed texts are ASCII.
ENCODINGS = ["LATIN1", "SQL_ASCII", "WIN1252", "LATIN9", "EUC_JP", "KOI8R", "SJIS"]


def writing(grammar):
    """Writes within a transaction that is taken back."""
    random = grammar.random
    steps = [simple("BEGIN")]
    for _ in range(random.choice([1, 2, 3])):
        steps.append(by_some_path(random, write(grammar)))
        if random.random() < 0.2:
            steps.append(simple("SAVEPOINT s"))
        if random.random() < 0.5:
            steps.append(by_some_path(random, grammar.query()))
        if random.random() < 0.2:
            steps.append(simple(random.choice(["ROLLBACK TO s", "RELEASE s"])))
    return [*steps, simple("ROLLBACK")]


def settings(grammar):
    random = grammar.random
    return [
        by_some_path(random, random.choice(SETTINGS)),
        *[by_some_path(random, grammar.query()) for _ in range(3)],
        simple("ROLLBACK"),
        simple("RESET ALL")
    ]


def encodings(grammar):
    random = grammar.random
    encoding = random.choice(ENCODINGS)
    return [
        simple(random.choice([f"SET client_encoding = '{encoding}'", f"SET NAMES '{encoding}'"])),
        *[by_some_path(random, grammar.query()) for _ in range(4)],
        by_some_path(random, f"COPY (SELECT id, name, note FROM person) TO STDOUT"
                     f"{random.choice(['', ' (FORMAT csv)', ' (FORMAT binary)'])}"),
        simple("RESET client_encoding")
    ]


def prepared(grammar):
    """PREPARE and EXECUTE, also where names mean something else meanwhile."""
    random = grammar.random
    grammar.parameters = []
    text = grammar.query()
    types = [kind for kind, _, _ in grammar.parameters]
    grammar.parameters = None
    values = f"({', '.join(grammar.expression(kind, grammar.sight(), 0, 0) for kind in types)})" if types else ""
    declared = f"({', '.join(types)})" if types else ""
    how = random.choice(["EXECUTE p", "EXPLAIN EXECUTE p", "CREATE TEMP TABLE pt AS EXECUTE p", "EXECUTE p",
                         "EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) EXECUTE p"])
    steps = [
        simple("DEALLOCATE ALL"),
        simple(f"PREPARE p{declared} AS {text}"),
        by_some_path(random, how + values),
        by_some_path(random, f"EXECUTE p{values}")
    ]
    if random.random() < 0.3:
        steps += [
            simple("SET search_path = open, care"),
            by_some_path(random, f"EXECUTE p{values}"),
            simple("RESET search_path")
        ]
    return [*steps, simple("DROP TABLE IF EXISTS pg_temp.pt")]


def temporary(grammar):
    random = grammar.random
    body = grammar.query()
    name = random.choice(["tmp", "room", "item"])
    made = random.choice([
        f"CREATE TEMP TABLE {name} AS {body}",
        f"CREATE TEMP TABLE {name} AS SELECT id, note AS name, grp AS qty FROM person",
        f"SELECT * INTO TEMP {name} FROM ({body}) q", f"CREATE TEMP TABLE {name} (LIKE person)",
        f"CREATE TEMP TABLE {name} AS TABLE person WITH NO DATA", f"CREATE TEMP TABLE {name} AS TABLE client",
        f"CREATE TEMP TABLE {name} (id int, name text) ON COMMIT DROP", f"CREATE TEMP TABLE {name} () INHERITS (person)"
    ])
    return [
        simple("BEGIN"),
        simple(made),
        simple("SAVEPOINT s"),
        by_some_path(random, f"SELECT * FROM {name}"),
        simple("ROLLBACK TO s"),
        by_some_path(random, random.choice([
            f"INSERT INTO {name} SELECT * FROM person", f"INSERT INTO {name} SELECT id, name FROM person",
            f"INSERT INTO {name} (id, name) VALUES (1, 'x') RETURNING *"])),
        simple("ROLLBACK TO s"),
        by_some_path(random, f"SELECT {name} FROM {name}"),
        simple("ROLLBACK TO s"),
        by_some_path(random, grammar.query()),
        simple(random.choice(["ROLLBACK", "COMMIT"])),
        by_some_path(random, f"SELECT * FROM {name}"),
        simple(f"DROP TABLE IF EXISTS pg_temp.{name}")
    ]
