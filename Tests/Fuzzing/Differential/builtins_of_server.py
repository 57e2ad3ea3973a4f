"""The server's own functions, operators and casts over the types the grammar knows, read from a server.

Every one of them is tried, so that what the gateway believes of them is measured and not what the fuzzer's author
thought of. Left out is what answers differently when it is asked twice.
"""

import dataclasses

from wire import query, rows

#: Types a value is made of; the first name of each is the one the grammar uses.
TYPES = [
    "text", "varchar", "bpchar", "name", "int2", "int4", "int8", "numeric", "float4", "float8", "bool", "date",
    "timestamp", "timestamptz", "interval", "time", "uuid", "json", "jsonb", "text[]", "int4[]", "bytea", "inet",
    "cidr", "int4range", "tsvector", "tsquery", "jsonpath", "xml", "varbit", "oid",
]

#: Pseudo types and what stands for them, one choice a call.
POLYMORPHIC = [{
    "any": t, "anyelement": t, "anynonarray": t, "anycompatible": t, "anycompatiblenonarray": t, "anyarray": t + "[]",
    "anycompatiblearray": t + "[]", "anyrange": t + "range", "anycompatiblerange": t + "range"
} for t in ("int4", "text")]

#: Depends on the clock, chance, the process, the transaction, or what others do; or makes results without end.
UNSTEADY = """
    now|statement_timestamp|transaction_timestamp|clock_timestamp|timeofday|random.*|gen_random_uuid|uuidv[47]|setseed|
    pg_sleep.*|txid.*|pg_current.*|pg_backend.*|pg_.*lsn.*|pg_wal.*|pg_xact.*|pg_snapshot.*|pg_stat.*|pg_advisory.*|
    pg_try_advisory.*|pg_lock.*|pg_safe.*|pg_blocking.*|pg_postmaster.*|pg_conf.*|pg_last.*|inet_client.*|inet_server.*|
    pg_notify|currval|lastval|nextval|setval|.*_restore_point|pg_switch.*|pg_export.*|pg_terminate.*|pg_cancel.*|
    pg_promote|
    pg_reload.*|pg_rotate.*|pg_ls.*|pg_read.*|pg_file.*|pg_database_size|pg_tablespace.*|pg_isolation.*|pg_import.*|
    pg_filenode.*|pg_relation_filenode|pg_relation_filepath|age|mxid_age|lo_.*|loread|lowrite|be_lo.*|pg_replication.*|
    pg_create.*|pg_drop.*|pg_logical.*|pg_backup.*|pg_start.*|pg_stop.*|.*_to_xml.*|pg_control.*|pg_log.*|pg_config|
    pg_get_shmem.*|pg_get_backend.*|pg_show.*|pg_hba.*|pg_timezone.*|pg_.*_size|array_shuffle|array_sample|pg_nextoid|
    pg_collation_actual.*|pg_database_collation.*|pg_sync.*|pg_copy.*|binary_upgrade.*|pg_extension.*|pg_available.*|
    generate_series|array_fill|factorial|numeric_fac|repeat
"""


@dataclasses.dataclass(frozen=True)
class Callable:
    """A function, operator or cast, or a template: `text` with a `{type}` for each argument."""

    text: str
    result: str


def _names(connection, sql):
    return [[None if cell is None else cell.decode() for cell in row] for row in rows(connection.ask(query(sql)))]


def read(connection):
    """What there is: plain callables, aggregates, functions that return sets."""
    kinds = {"f": [], "a": [], "s": []}
    unsteady = "".join(UNSTEADY.split())
    known = set(TYPES) | set(POLYMORPHIC[0])
    for name, kind, is_set, arguments, result in _names(
            connection, f"""
        SELECT p.proname, p.prokind, p.proretset, (SELECT string_agg(format_type(t, NULL), '|' ORDER BY n)
            FROM unnest(p.proargtypes) WITH ORDINALITY u(t, n)), format_type(p.prorettype, NULL)
        FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind IN ('f', 'a')
            AND p.provolatile <> 'v' AND p.proname !~ '^({unsteady})$' AND p.provariadic = 0 AND p.pronargs > 0
        ORDER BY p.oid"""):
        types = [SHORT.get(t, t) for t in arguments.split("|")]
        if not set(types) <= known or "internal" in types:
            continue
        kind = "s" if is_set == "t" else kind
        for choice in POLYMORPHIC if set(types) & set(POLYMORPHIC[0]) else POLYMORPHIC[:1]:
            chosen = [choice.get(t, t) for t in types]
            if set(chosen) <= set(TYPES):
                result_type = SHORT.get(result, result)
                kinds[kind].append(
                    Callable(f'"{name}"(' + ", ".join("{%s}" % t for t in chosen) + ")",
                             choice.get(result_type, result_type)))
    for name, left, right, result in _names(
            connection, """
        SELECT oprname, format_type(oprleft, NULL), format_type(oprright, NULL), format_type(oprresult, NULL)
        FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace ORDER BY oid"""):
        for choice in POLYMORPHIC:
            left_type, right_type = (choice.get(SHORT.get(t, t), SHORT.get(t, t)) for t in (left, right))
            if right_type in TYPES and left_type in (*TYPES, "-"):
                operand = "" if left_type == "-" else "{%s} " % left_type
                kinds["f"].append(
                    Callable(f"({operand}{name} {{{right_type}}})", choice.get(result, SHORT.get(result, result))))
    for source, target in _names(
            connection, """
        SELECT format_type(castsource, NULL), format_type(casttarget, NULL) FROM pg_cast ORDER BY oid"""):
        source, target = SHORT.get(source, source), SHORT.get(target, target)
        if source in TYPES and target in TYPES:
            kinds["f"].append(Callable(f"({{{source}}})::{target}", target))
    for source in TYPES:
        kinds["f"] += [Callable(f"({{{source}}})::text", "text"), Callable(f"({{{source}}})::text::{source}", source)]
    return kinds


#: `format_type`'s names where they are others than the grammar's.
SHORT = {
    "integer": "int4", "bigint": "int8", "smallint": "int2", "boolean": "bool", "character varying": "varchar",
    "character": "bpchar", "real": "float4", "double precision": "float8", "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz", "time without time zone": "time", "integer[]": "int4[]",
    "bit varying": "varbit", '"any"': "any",
}
