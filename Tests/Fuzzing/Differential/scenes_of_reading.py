"""Scenes: steps that belong together. Here: the ways of reading besides a query. Each takes the grammar."""

from steps import by_some_path, copy_in, function_call, simple, with_parameters

#: Functions by their identifiers (`pg_proc.dat`), with arguments in text.
CALLS = [
    (871, "upper", [b"note"]), (870, "lower", [b"Zqamk"]), (1257, "textlen", [b"x"]), (177, "int4add", [b"1", b"2"]),
    (177, "int4add", [b"2147483647", b"2"]), (871, "upper", [None]), (1770, "to_char", [b"x", b"y"]),
    (2923, "table_to_xml", [b"care.person", b"t", b"f", b""]),
    (2925, "query_to_xml", [b"select name from care.person", b"t", b"f", b""]),
    (2078, "set_config", [b"search_path", b"open", b"f"]), (2077, "current_setting", [b"search_path"]),
    (715, "lo_create", [b"0"]), (952, "lo_open", [b"1", b"262144"]), (999999, "nothing", []),
    (2171, "pg_cancel_backend", [b"1"]), (1640, "pg_get_viewdef", [b"care.shout"]),
]

CATALOGUE = [
    "SELECT tablename, attname, most_common_vals, histogram_bounds, null_frac, n_distinct FROM pg_stats WHERE"
    " schemaname = 'care' ORDER BY 1, 2",
    "SELECT starelid::regclass, staattnum, stavalues1 FROM pg_statistic WHERE starelid = 'care.person'::regclass"
    " ORDER BY 2",
    "SELECT relname, reltuples FROM pg_class WHERE relnamespace = 'care'::regnamespace ORDER BY 1",
    "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'care'"
    " ORDER BY 1, 2",
    "SELECT pg_get_viewdef('care.shout'::regclass)", "SELECT pg_get_functiondef('care.name_of'::regproc)",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace <> 11 ORDER BY 1, 2",
    "SELECT name, statement, parameter_types FROM pg_prepared_statements ORDER BY 1",
    "SELECT name, statement FROM pg_cursors ORDER BY 1",
    "SELECT query_to_xml('select name from care.person', true, false, '')",
    "SELECT table_to_xml('care.person', true, false, '')", "SELECT schema_to_xml('care', true, true, '')",
    "SELECT cursor_to_xml('c', 3, true, true, '')", "SELECT database_to_xml(true, true, '')",
    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%Zqa%'", "TABLE pg_largeobject",
    "SELECT tableoid::regclass, id FROM person", "SELECT count(*) FROM pg_class WHERE relpages > 1000000",
    "SELECT * FROM pg_get_keywords() ORDER BY 1 LIMIT 3",
    "SELECT * FROM ts_stat('SELECT to_tsvector(name) FROM person')",
    "SELECT * FROM pg_stats_ext", "SELECT currtid2('care.person', '(0,1)')", "SELECT lo_get(1)",
    "SELECT lo_export(1, '/x')",
    "SELECT * FROM pg_stat_statements", "SELECT xmin <> '0', cmin, id FROM person", "SELECT ctid, name FROM person",
    "SELECT dblink('select name from care.person')", "SELECT * FROM pg_read_file('base/1/1')", "SHOW search_path",
    "SELECT pg_relation_size('care.card') > 100000", "SELECT has_column_privilege('care.person', 'name', 'select')",
]

COPY_OPTIONS = [
    "", "", " WITH (FORMAT csv)", " (FORMAT binary)", " (FORMAT csv, HEADER, FORCE_QUOTE *)", " BINARY", " CSV HEADER",
    " (FORMAT csv, DELIMITER ';', NULL 'x')", " (FORMAT text, DELIMITER '|')", " (FORMAT csv, QUOTE '''', ESCAPE '~')",
    " (FORMAT text, NULL 'Zqamk')", " (FORMAT csv, NULL '[redacted]')", " (ENCODING 'UTF8')", " (HEADER)"
]


def copy(grammar):
    """COPY TO of a query or table, in every format."""
    table = grammar.random.choice([
        f"({grammar.query()})", f"({grammar.query()})", f"({grammar.query()})", "person", "card (id, ssn)", "client",
        "care.person (id, name, note, doc, hidden)", "roster", "(TABLE client)", "visit_2025",
        "(SELECT p FROM person p)",
        "(UPDATE person SET grp = grp RETURNING id, name)", "client (code, token, tail, zip, birth, age, came)"
    ])
    return [simple(f"COPY {table} TO STDOUT{grammar.random.choice(COPY_OPTIONS)}")]


def cursor(grammar):
    random = grammar.random
    kind = random.choice(["", "BINARY ", "SCROLL ", "NO SCROLL ", "INSENSITIVE ", "ASENSITIVE "])
    hold = random.choice(["", "", " WITH HOLD"])
    moves = random.choice([
        ["FETCH c", "FETCH 2 FROM c"], ["FETCH ALL c"], ["MOVE 1 FROM c", "FETCH FORWARD ALL c"],
        ["FETCH LAST c", "FETCH PRIOR c"], ["FETCH ABSOLUTE 2 c", "FETCH RELATIVE -1 c", "FETCH BACKWARD ALL c"],
        ["FETCH ALL FROM c", "UPDATE person SET note = 'y' WHERE CURRENT OF c RETURNING *"],
        ["FETCH 1 c; FETCH 1 c", "SELECT 1", "FETCH FIRST c"], ["SAVEPOINT s", "FETCH 1 c", "ROLLBACK TO s",
        "FETCH 1 c"]
    ])
    return [
        simple("BEGIN"),
        by_some_path(random, f"DECLARE c {kind}CURSOR{hold} FOR {grammar.query()}"),
        *[by_some_path(random, move) for move in moves],
        simple(random.choice(["ROLLBACK", "COMMIT"])),
        by_some_path(random, "FETCH ALL c"),
        simple("CLOSE ALL")
    ]


def explain(grammar):
    options = ["COSTS off"] if grammar.chance(0.7) else []
    if grammar.chance(0.3):
        options += ["ANALYZE", "TIMING off", "SUMMARY off", "BUFFERS off"]
    options += grammar.random.choice([[], ["VERBOSE"], ["SETTINGS"], ["WAL off"], ["GENERIC_PLAN"]])
    options += grammar.random.choice([[], ["FORMAT json"], ["FORMAT xml"], ["FORMAT yaml"], ["FORMAT text"]])
    about = grammar.random.choice([grammar.query(), grammar.query(), "UPDATE person SET note = 'x' RETURNING name",
                                   f"CREATE TEMP TABLE e AS {grammar.query()}"])
    return [simple("BEGIN"), by_some_path(grammar.random, f"EXPLAIN ({', '.join(options or ['COSTS'])}) {about}"),
            simple("ROLLBACK")]


def several(grammar):
    """More than one statement in one message."""
    first, second = grammar.query(), grammar.query()
    return [simple(grammar.random.choice([
        f"{first}; {second}", f"BEGIN; {first}; COMMIT; {second}", f"{first};; {second};", f"SELECT 1/0; {first}",
        f"SET search_path = open; {first}; RESET search_path; {second}", f"{first}; SELECT note FROM person",
        f"PREPARE z AS {first}; EXECUTE z; DEALLOCATE z", f"{first} -- {second}", f"/* {first} */ {second}"
    ]))]


def catalogue(grammar):
    """The server's own tables and functions, where they hold users' data."""
    return [by_some_path(grammar.random, grammar.random.choice(CATALOGUE))]


def parameters(grammar):
    """A query with binary parameters, whose types are told or left to the server."""
    grammar.parameters = []
    sql = grammar.query()
    found, grammar.parameters = grammar.parameters, None
    return [with_parameters(sql, found, grammar.chance(0.7))]


def call(grammar):
    """FunctionCall messages."""
    identifier, name, arguments = grammar.random.choice(CALLS)
    return [function_call(identifier, arguments, name)]


def large_objects(grammar):
    """Large objects, which may not take up anything governed."""
    random = grammar.random
    octets = grammar.expression("bytea", grammar.sight("person", "p"), 1, random.choice([0, 1]))
    return [
        simple("BEGIN"),
        by_some_path(random, random.choice([
            f"SELECT lo_from_bytea(7001, {octets}) FROM person p WHERE id = 1", "SELECT lo_create(7001)",
            "SELECT lo_from_bytea(7001, 'free')", "SELECT lo_import('/etc/hostname', 7001)"])),
        simple("SAVEPOINT s"),
        by_some_path(random, random.choice([
            f"SELECT lo_put(7001, 0, {octets}) FROM person p", "SELECT lo_put(7001, 1, 'x')",
            "SELECT lowrite(lo_open(7001, 131072), 'z')"])),
        simple("ROLLBACK TO s"),
        by_some_path(random, random.choice([
            "SELECT lo_get(7001)", "SELECT loread(lo_open(7001, 262144), 9)", "SELECT data FROM pg_largeobject"])),
        simple("ROLLBACK")
    ]


def copy_from(grammar):
    """COPY FROM STDIN into free and governed tables, and what is there afterwards."""
    random = grammar.random
    table, columns, text, octets = random.choice([
        ("room", "(id, name)", "90\tnew\n91\t\\N\n", [b"\0\0\0Z", b"new"]),
        ("person", "(id, name, note)", "90\tNew Zqcmk\tn\n91\t\\N\tm\n", [b"\0\0\0Z", b"New", b"n"]),
        ("client", "(id, code, tail)", "90\tsecret\tdigits12\n", [b"\0\0\0Z", b"c", b"d"]),
        ("person", "(id, name)", "1\tdouble\n", [b"\0\0\0\1", b"double"]),
        ("person", "(id, small)", "92\tnumber\n", [b"\0\0\0\x5c", b"\0\1"]),
        ("part", "", "1\tp\n8\tq\n", [b"\0\0\0\1", b"p"]),
        ("item", "(name, room)", "x\t99\n", [b"x", b"\0\0\0c"]),
        ("visit", "(id, day, diagnosis)", "9\t2025-02-03\tflu\n8\tno day\tflu\n", [b"\0\0\0\1", b"\0\0#\x30", b"f"]),
    ])
    options = random.choice(["", "", " (FORMAT csv)", " (FORMAT binary)", " (FORMAT csv, HEADER)", " WHERE id > 90"])
    data = text.encode()
    if "csv" in options:
        data = data.replace(b"\t", b",").replace(b"\\N", b"")
    if "binary" in options:
        row = len(octets).to_bytes(2, "big") + b"".join(len(o).to_bytes(4, "big") + o for o in octets)
        data = b"PGCOPY\n\xff\r\n\0" + bytes(8) + row + random.choice([b"\xff\xff", b""])
    return [
        simple("BEGIN"),
        copy_in(f"COPY {table} {columns} FROM STDIN{options}", data, random.choice([1, 1, 2, 5]), grammar.chance(0.1)),
        by_some_path(random, f"SELECT * FROM {table}"),
        simple("ROLLBACK")
    ]
