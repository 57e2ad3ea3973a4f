"""What the gateway promises, kept with a real server of every major version."""

import json
import re
import threading
import time

import pytest
from wire import Wire, bind, cancel, describe, error, execute, extended, fields, parse, query, rows, status, SYNC

#: A way to a governed value, and what comes back (None: a refusal), from the version on that knows the way.
WAYS = [
    (13, "SELECT id, name, ssn, date_of_birth, insurer FROM patients WHERE id = 1",
     "1|[redacted]|*******7919|1946-01-01|Mutual"),
    (13, "SELECT ssn::text || name FROM patients WHERE id = 1", "[redacted]"),
    (13, "SELECT extract(year FROM date_of_birth) IS NULL FROM patients WHERE id = 1", None),
    (13, "SELECT to_jsonb(p) ->> 'ssn' FROM patients p WHERE id = 1", ""),
    (13, "SELECT number, who FROM directory WHERE id = 1", "*******7919|[redacted]"),
    (13, "SELECT number FROM directory_again WHERE cost < 0", ""),
    (13, "SELECT ssn, name FROM snapshot WHERE id = 1", "*******7919|[redacted]"),
    (13, "SELECT ssn, reason FROM former_patients WHERE id = 1000001", "*******7919|[redacted]"),
    (13, "SELECT id, tail FROM stored", "1|[redacted]"),
    (13, "TABLE stored", "1|*******3456|[redacted]"),
    (13, "SELECT s.tail || '' FROM stored s", "[redacted]"),
    (13, "SELECT max(id) FROM stored GROUP BY tail", None),
    (13, "UPDATE stored SET id = id RETURNING tail", "[redacted]"),
    (13, "COPY stored TO STDOUT", "1\t*******3456"),
    (13, "COPY (TABLE stored) TO STDOUT", "1\t*******3456\t[redacted]"),
    (13, "COPY (SELECT name, ssn FROM patients WHERE id = 1) TO STDOUT", "[redacted]\t*******7919"),
    (13, "SELECT lowered(ssn) FROM patients WHERE id = 1", None),
    (13, "SELECT query_to_xml('SELECT ssn FROM patients', true, false, '')", None),
    (13, "DO $$BEGIN PERFORM ssn FROM patients; END$$", None),
    (13, "CALL note_down(1)", None),
    (13, "SELECT option_name, option_value FROM pg_foreign_server, pg_options_to_table(srvoptions) ORDER BY 1",
     "dbname|\nhost|"),
    (13, "SELECT option_name FROM pg_foreign_server, pg_options_to_table(srvoptions) WHERE option_value ~ '^db'", None),
    (13, "SELECT option_name FROM patients, pg_options_to_table(ARRAY[ssn || '=x']) WHERE id = 1", None),
    (13, "SELECT umoptions FROM pg_user_mappings", ""),
    (14, "SELECT year FROM extracted WHERE id = 1", ""),
    (15, "SELECT number FROM as_invoker WHERE id = 1", "*******7919"),
    (16, "SELECT doc FROM constructed WHERE id = 1", None),
    (17, "SELECT part FROM tabulated WHERE id = 1", None),
    (18, "SELECT id, tail FROM computed", "1|[redacted]"),
    (18, "SELECT length(tail) FROM computed", ""),
    (18, "COPY computed TO STDOUT", "1\t*******3456"),
    (18, "COPY snapshot (ssn) TO STDOUT (HEADER)", "ssn\n" + "\n".join(["*******7919"] + ["*******"] * 9)),
]

#: What an application does with what nobody governs, the same through the gateway as directly.
FREE = [
    (13, "SELECT extract(year FROM visited_at), count(*) FROM visits GROUP BY 1 ORDER BY 1"),
    (13, "SELECT sum(id), 1 === 1, to_char(now(), 'YYYY') > '2000' FROM departments"),
    (13, "SELECT * FROM events ORDER BY id"),
    (13, "INSERT INTO numbered (note) VALUES ('y') RETURNING note"),
    (13, "SELECT (ROW(1, 'x')::pair)::text, 'glad'::mood, '[1,2)'::span"),
    (13, "COPY stored (id) TO STDOUT (FORMAT csv, HEADER)"),
    (13, "SELECT substring('abc' FROM 2 FOR 1), overlay('abc' PLACING 'x' FROM 2), trim(BOTH 'x' FROM 'xax')"),
    (13, "SELECT now() AT TIME ZONE 'UTC' IS NULL, normalize('a'), 'abc' SIMILAR TO 'a%'"),
    (13, "SELECT encode(digest('x', 'sha256'), 'hex')"),
    (13, "SELECT relname FROM pg_class WHERE relname = 'patients'"),
    (14, "SELECT during, upper(during) FROM bookings"),
    (14, "SELECT date_bin('15 minutes', timestamp '2026-01-01 10:20', timestamp '2026-01-01')"),
    (15, "SELECT regexp_count('abcabc', 'b'), range_agg(r) FROM (VALUES (int4range(1, 2))) v(r)"),
    (16, "SELECT any_value(name) IS NULL FROM departments"),
    (17, "SELECT to_bin(5), uuid_extract_version(gen_random_uuid()), random(1, 1)"),
    (18, "SELECT uuid_extract_version(uuidv7()), array_sort(ARRAY[2, 1]), casefold('X'), crc32('a')"),
]


def answer(session, sql):
    """What a statement shows, as psql would without alignment; and its error's message or None."""
    got = session.ask(query(sql))
    lines = ["|".join((cell or b"").decode() for cell in cells) for cells in rows(got)]
    lines += [body.decode().rstrip("\n") for kind, body in got if kind == b"d"]
    refusal = next((fields(body) for kind, body in got if kind == b"E"), None)
    return "\n".join(lines), refusal and f"{refusal['M']} {refusal.get('D', '')}"


def shown_secrets(world, text):
    """The governed values that the text shows."""
    return [value for value in [*world.secrets, "900-12-3456", "hunter2-secret", "db.secret.example"] if value in text]


def test_the_server_is_of_the_version_asked_for(world):
    assert world.gateway.value("SHOW server_version_num").startswith(str(world.version))
    assert world.gateway.value("SELECT version()") == world.direct.value("SELECT version()")


@pytest.mark.parametrize("since, sql, shown", WAYS, ids=[sql for _, sql, _ in WAYS])
def test_a_governed_value_is_masked_on_every_way(world, since, sql, shown):
    assert (answer(world.direct_session, sql)[1] is None) == (world.version >= since)
    got, refusal = answer(world.gateway_session, sql)
    assert not shown_secrets(world, f"{got} {refusal}")
    if world.version < since:
        assert refusal
    elif shown is None:
        assert got == "" and "of the audit log" in refusal
    else:
        assert (re.sub(r"(\*{7})(?!3456|7919)[0-9]{4}", r"\1", got), refusal) == (shown, None)


@pytest.mark.parametrize("since, sql", FREE, ids=[sql for _, sql in FREE])
def test_what_nobody_governs_is_as_it_is(world, since, sql):
    expected, got = answer(world.direct_session, sql), answer(world.gateway_session, sql)
    assert got[0] == expected[0]
    assert (got[1] is None) == (expected[1] is None) == (world.version >= since)


@pytest.mark.parametrize("formats", [(), (1,)], ids=["text", "binary"])
def test_masks_in_both_formats(world, formats):
    with Wire(world.gateway) as session:
        got = rows(session.ask(extended("SELECT id, name, ssn FROM patients WHERE id = 1", result_formats=formats)))
        assert got == [[b"\0\0\0\1" if formats else b"1", b"[redacted]", b"*******7919"]]


def test_a_rule_refuses_and_the_transaction_is_the_servers(world):
    with Wire(world.gateway) as session:
        assert status(session.ask(query("BEGIN"))) == "T"
        refused = session.ask(query("DROP TABLE patients"))
        assert (error(refused), status(refused)) == ("42501", "E")
        assert error(session.ask(query("SELECT 1"))) == "25P02"
        assert status(session.ask(query("ROLLBACK"))) == "I"
        session.ask(query("BEGIN; CREATE TABLE passing (ssn text); SAVEPOINT s"))
        assert rows(session.ask(query("SELECT count(*) FROM passing"))) == [[b"0"]]
        assert status(session.ask(query("ROLLBACK"))) == "I"
        assert error(session.ask(query("SELECT * FROM passing"))) == "42P01"


def test_a_view_made_in_a_transaction_hides_nothing(world):
    with Wire(world.gateway) as session:
        session.ask(query("BEGIN"))
        session.ask(query("CREATE VIEW just_made AS SELECT ssn AS harmless FROM patients"))
        got = session.ask(query("SELECT harmless FROM just_made LIMIT 3"))
        assert not shown_secrets(world, str(got))
        session.ask(query("ROLLBACK"))


def test_a_prepared_statement_outlives_its_plan(world):
    with Wire(world.gateway) as session:
        session.ask(parse("SELECT ssn FROM patients WHERE id = $1", b"s"), describe(b"S", b"s"), SYNC)
        for number in range(1, 8):
            (value,), = rows(session.ask(bind((str(number).encode(),), name=b"s"), execute(), SYNC))
            assert value.startswith(b"*******")


def test_a_running_statement_is_cancelled(world):
    with Wire(world.gateway) as session:
        session.send(query("SELECT pg_sleep(30)"))
        got = []
        reading = threading.Thread(target=lambda: got.extend(session.until(b"Z")))
        reading.start()
        deadline = time.monotonic() + 20
        while reading.is_alive() and time.monotonic() < deadline:
            cancel(world.gateway, session.process, session.secret)
            reading.join(0.05)
        assert error(got) == "57014"


def test_the_session_is_recorded(world):
    with Wire(world.gateway_process.endpoint("recorder"), application_name="recorded") as session:
        session.ask(query("SELECT ssn FROM patients WHERE id = 1"))
        session.ask(query("DROP TABLE patients"))
    replayed = world.stage.weirctl(
        "sessions", "replay", world.stage.session_of("recorder"), "--sink", world.stage.sink_url, "-o", "json").stdout
    records = [json.loads(line) for line in replayed.splitlines()]
    assert records[0]["applicationName"] == "recorded"
    assert [r["verdict"] for r in records if r["type"] == "statement"] == ["Mask", "Refuse"]
    assert not shown_secrets(world, replayed)
