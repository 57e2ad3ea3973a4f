"""Syntax that the server's list of functions does not hold, forms that people write, and constants of each type."""

from builtins_of_server import Callable
from values import DIGITS, WORDS

#: What the server's list of functions does not hold: syntax of its own, and forms that people write.
TEMPLATES = [
    Callable(text, result) for result, texts in {
        "text": [
            "coalesce({text}, {text})", "nullif({text}, {text})", "CASE WHEN {bool} THEN {text} ELSE {text} END",
            "CASE {int4} WHEN {int4} THEN {text} END", "greatest({text}, {text})", "least({text}, {text})",
            '{text} COLLATE "C"', "open.same({text})", "care.name_of({int4})", "(=~ {text})", "open.gathered({text})",
            "array_to_string(array_agg({text} ORDER BY {key}), ',')",
            "first_value({text}) OVER (ORDER BY {key} ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
            "nth_value({text}, 2) OVER (PARTITION BY {any} ORDER BY {key})", "string_agg({text}, ',' ORDER BY {key})",
            "string_agg({text}, ',') FILTER (WHERE {bool})", "mode() WITHIN GROUP (ORDER BY {text})",
            "xmlserialize(CONTENT {xml} AS text)", "(SELECT string_agg(u, '.') FROM unnest({text[]}) u)",
            "ts_headline('simple', {text}, {tsquery})", "json_object_agg({text}, {any})::text",
            "(ROW({int4}, {text})::open.pair).b", "(ROW({int4}, {text})::open.pair)::text",
            "({text})::open.tone::text", "({text})::open.short", "({text})::bytea::text", "({any})::varchar(3)",
            "current_setting({text}, true)", "set_config('weir.x', {text}, true)", "pg_catalog.quote_ident({text})",
            "query_to_xml({text}, true, true, '')", "CASE WHEN {text} IS NULL THEN {text} ELSE {text} END",
            "(ARRAY[{text}, {text}])[{small}]", "jsonb_set({jsonb}, '{{k}}', to_jsonb({text}))::text",
            "trim(trailing from {text})", "chr({int4})", "normalize({text}, NFC)", "({text}) || ({date})::text",
            "substring({text} SIMILAR {like} ESCAPE '#')", "substring({text} FROM {pattern})",
            "substring({text} FROM {small} FOR {small})", "trim(BOTH 'Z' FROM {text})",
            "overlay({text} PLACING 'x' FROM {small})", "concat({text}, {int4}, {date})",
            "concat_ws('-', {text}, {any})", "format('%s / %s', {any}, {any})", "format({text}, {any})",
            "format({text})", "to_char({date}, 'YYYY-MM')", "to_char({numeric}, '999D9')", "({jsonb} ->> 'k')",
            "({jsonb} #>> '{k,0}')", "({text[]})[{small}]", "({any})::text", "ROW({any}, {any})::text",
            "pg_typeof({any})::text", "left({text}, {small})", "right({text}, {small})",
            "split_part({text}, ',', {small})", "regexp_replace({text}, {pattern}, '#')", "encode({bytea}, 'hex')",
            "encode({bytea}, 'escape')", "convert_from({bytea}, 'UTF8')", "({text})::varchar(4)",
            "array_to_string({text[]}, ',')", "lpad({text}, 6, '*')", "to_jsonb({any})::text",
            "json_build_array({any})::text", "regexp_substr({text}, {pattern})", "(xpath('/a', {xml}))[1]::text",
            "json_build_object('k', {any})::text", "(SELECT {text})", "(VALUES ({text}))",
            "(json_build_object('k', {text}) ->> 'k')", "quote_nullable({any})", "({text} || {any})",
            "age({timestamp})::text", "age({timestamp}, {timestamp})::text", "({text[]})::text",
            "format('%I', {text})", "max({text}) OVER ()", "lag({text}) OVER (ORDER BY {key})",
            "(xmlelement(name a, {text}))::text",
        ],
        "int4": [
            "coalesce({int4}, {int4})", "nullif({int4}, {int4})", "CASE WHEN {bool} THEN {int4} END",
            "length({text})", "open.twice({int4})", "grouping({any})", "dense_rank() OVER (ORDER BY {any}, {key})",
            "ntile(2) OVER (ORDER BY {key})", "100 / {int4}", "{int4} % {int4}",
            "count(*) FILTER (WHERE {bool})::int", "sum({int4}) OVER (ORDER BY {key} ROWS 1 PRECEDING)",
            "width_bucket({numeric}, 0, 9, 3)", "strpos({text}, {text})", "extract(epoch FROM {interval})::int",
            "num_nonnulls({any}, {any})", "pg_column_size({any})", "hashtext({text})", "({bool})::int",
            "bit_count({bytea})::int", "sign({numeric})::int", "extract(year FROM {date})::int",
            "({int4[]})[{small}]", "cardinality({text[]})", "array_position({text[]}, {text})",
            "position({text} IN {text})", "greatest({int4}, {int4})", "({int4} + {small})", "({numeric})::int",
            "num_nulls({any})", "row_number() OVER (ORDER BY {any}, {key})", "array_length({text[]}, 1)",
            "({jsonb} ->> 'k')::int", "ascii({text})", "rank() OVER (PARTITION BY {any})", "count({any}) OVER ()",
            "(SELECT count(*) FROM generate_series(1, {int4} % 5))", "GREATEST({int4}, 3)",
            "CASE {text} WHEN {text} THEN 1 ELSE 2 END", "octet_length({text})",
        ],
        "numeric": [
            "({numeric} * 2)", "round({numeric}, 1)", "coalesce({numeric}, 0)", "({numeric})::numeric(4, 1)",
            "({int8})::numeric", "avg({numeric}) OVER ()",
        ],
        "bool": [
            "({any} IS NULL)", "({any} IS NOT NULL)", "({text} LIKE {like})", "({text} = {text})",
            "({int4} > {int4})", "({bool} IS TRUE)", "({text} IN ({text}, {text}))",
            "({int4} BETWEEN {int4} AND {int4})", "({text} ~ {pattern})", "({text} IS DISTINCT FROM {text})",
            "(NOT {bool})", "({bool} AND {bool})", "({bool} OR {bool})", "EXISTS (SELECT 1 WHERE {bool})",
            "({int4} = ANY ({int4[]}))", "(ROW({int4}, {text}) < ROW({int4}, {text}))", "({int4} IN (SELECT {int4}))",
            "({jsonb} ? 'k')", "({xml} IS DOCUMENT)", "({text} IS NFC NORMALIZED)", "({text} SIMILAR TO {like})",
            "({text} ILIKE {like})", "({text} = ANY ({text[]}))", "({text} > ALL (SELECT {text}))",
            "({any} IS NOT DISTINCT FROM {any})", "({jsonb} @> '{{\"k\": 1}}')", "({jsonb} @? '$.k')",
            "bool_or({bool}) OVER ()", "({text[]} && {text[]})", "({int4range} @> {int4})",
            "(to_tsvector('simple', {text}) @@ {tsquery})", "xmlexists('//a' PASSING {xml})",
            "({int4} NOT IN (1, {int4}))", "({text} ^@ {text})",
            "EXISTS (SELECT FROM person p0 WHERE p0.id = {int4} AND {bool})", "starts_with({text}, 'Z')",
            "pg_try_advisory_xact_lock({int4})", "({date}, {date}) OVERLAPS ({date}, {date})",
        ],
        "date": [
            "({timestamptz})::date", "coalesce({date}, {date})", "({date} + {small})",
            "date_trunc('month', {date})::date", "make_date({int4}, 1, 2)", "({text})::date",
        ],
        "timestamp": [
            "date_trunc('day', {timestamp})", "({date})::timestamp", "({timestamptz} AT TIME ZONE 'UTC')",
        ],
        "timestamptz": [
            "({timestamp} AT TIME ZONE 'UTC')", "coalesce({timestamptz}, {timestamptz})",
        ],
        "interval": [
            "({timestamp} - {timestamp})", "({small} * interval '1 day')",
        ],
        "jsonb": [
            "to_jsonb({any})", "({jsonb} -> 'k')", "({jsonb} #> '{k,0}')", "({jsonb} -> {small})",
            "jsonb_build_object('k', {any})", "jsonb_build_array({any}, {any})", "({jsonb})['k']",
            "coalesce({jsonb}, '{{}}')", "jsonb_path_query_first({jsonb}, '$.k')",
        ],
        "json": [
            "to_json({any})", "({json} -> 'k')", "json_build_object('a', {any})", "row_to_json(ROW({any}))",
            "json_agg({any})",
        ],
        "text[]": [
            "ARRAY[{text}, {text}]", "({text[]})[1:{small}]", "string_to_array({text}, ',')",
            "({text[]} || {text[]})", "({text[]} || {text})", "regexp_match({text}, {pattern})",
            "array_remove({text[]}, {text})", "ARRAY(SELECT {text})", "array_append({text[]}, {text})",
            "regexp_split_to_array({text}, ',')",
        ],
        "int4[]": [
            "ARRAY[{int4}, {int4}]", "({int4[]} || {int4})", "({int4[]})[2:]",
        ],
        "bytea": [
            "convert_to({text}, 'UTF8')", "convert_to({text}, 'LATIN1')", "decode({text}, 'hex')", "({text})::bytea",
            "sha256({bytea})",
        ],
        "xml": [
            "xmlelement(name a, {text})", "xmlforest({any} AS x)", "xmlcomment({text})", "xmlparse(CONTENT {text})",
        ],
        "int4range": [
            "int4range({int4}, {int4})", "({int4range} * {int4range})",
        ],
    }.items() for text in texts
]

#: `{like}`, `{pattern}`, `{small}`: never a column's.
PARTS = {
    "like": ["'Z%'", "'%k%'", "'note_'", "'%a%5%'"],
    "pattern": ["'^Z'", "'k(.)'", "'[0-9]+'", "'a|b'", "'note'", f"'{WORDS[0]}'"],
    "small": ["0", "1", "2", "3", "-1", "5"],
}

LITERALS = {
    "text": ["'x'", "''", "'note1'", "'item2'", f"'{WORDS[0]}mk'", "'%s'", "'k'", "'a,b'", "'12'"],
    "varchar": ["'ab'::varchar"],
    "bpchar": ["'ab'::bpchar"],
    "name": ["'n'::name"],
    "int2": ["2::int2"],
    "int4": ["0", "1", "3", "7", "(-1)", DIGITS[0], "100"],
    "int8": ["5::int8", "70000000000"],
    "numeric": ["1.5", "0.0", "2.25"],
    "float4": ["1.5::float4"],
    "float8": ["2.5::float8"],
    "bool": ["true", "false"],
    "date": ["date '2026-01-05'", "date '1971-03-17'"],
    "timestamp": ["timestamp '2026-01-01 10:00'"],
    "timestamptz": ["timestamptz '2026-01-01 10:00+00'"],
    "interval": ["interval '1 day'", "interval '2 mons'"],
    "time": ["time '04:05'"],
    "uuid": ["'71390a90-33c2-4e57-9d7e-0c4f1aa2b6d1'::uuid"],
    "json": ["'{{\"k\": 1}}'::json"],
    "jsonb": ["'{{\"k\": 1}}'::jsonb", "'[1, 2]'::jsonb"],
    "text[]": ["ARRAY['a', 'b']", "'{{}}'::text[]"],
    "int4[]": ["ARRAY[1, 2]"],
    "bytea": ["'\\x41'::bytea"],
    "inet": ["inet '10.0.0.1'"],
    "cidr": ["cidr '10.0.0.0/8'"],
    "int4range": ["int4range(1, 9)"],
    "tsvector": ["'a b'::tsvector", "to_tsvector('simple', {text})"],
    "tsquery": ["'a'::tsquery"],
    "jsonpath": ["'$.k'::jsonpath", "'$[*]'::jsonpath"],
    "xml": ["'<a>1</a>'::xml"],
    "varbit": ["B'101'::varbit"],
    "oid": ["23::oid"],
}

#: What stands in FROM and makes rows, with the type of its one column.
ROW_SOURCES = [
    ("unnest({text[]})", "text"), ("unnest({int4[]})", "int4"), ("regexp_split_to_table({text}, ',')", "text"),
    ("jsonb_array_elements({jsonb})", "jsonb"), ("jsonb_object_keys({jsonb})", "text"),
    ("json_array_elements_text({json})", "text"), ("string_to_table({text}, ',')", "text"),
    ("generate_subscripts({text[]}, 1)", "int4"), ("jsonb_path_query({jsonb}, '$.*')", "jsonb"),
    ("regexp_matches({text}, {pattern}, 'g')", "text[]"), ("generate_series(1, {small})", "int4"),
    ("unnest(tsvector_to_array({tsvector}))", "text"), ("generate_series({date}, {date}, '1 year')", "timestamptz"),
]

#: The same of more than one column: the source, what follows its alias, and the columns.
RECORD_SOURCES = [
    ("jsonb_each_text({jsonb})", "(a, b)", {"a": "text", "b": "text"}),
    ("jsonb_to_record({jsonb})", "(k text, a int4)", {"k": "text", "a": "int4"}),
    ("jsonb_to_recordset({jsonb})", "(k text, a int4)", {"k": "text", "a": "int4"}),
    ("json_populate_record(NULL::open.pair, {json})", "", {"a": "int4", "b": "text"}),
    ("jsonb_populate_record(NULL::person, {jsonb})", "", {"id": "int4", "note": "text", "name": "text"}),
    ("XMLTABLE('/a' PASSING {xml} COLUMNS a text PATH '.')", "", {"a": "text"}),
    ("ROWS FROM (unnest({text[]}), unnest({int4[]}))", "(a, b)", {"a": "text", "b": "int4"}),
    ("unnest({text[]}, {int4[]})", "(a, b)", {"a": "text", "b": "int4"}),
    ("care.everybody()", "", {"id": "int4", "note": "text", "name": "text"}),
    ("ts_parse('default', {text})", "(a, b)", {"a": "int4", "b": "text"}),
    ("json_each({json})", "(a, b)", {"a": "text", "b": "json"}),
    ("ts_debug('simple', {text})", "", {"alias": "text", "token": "text"}),
]
