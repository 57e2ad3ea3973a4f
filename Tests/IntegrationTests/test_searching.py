"""Identifiers within values of columns that no rule governs whole, in every format a client may ask for."""

import pytest
from wire import SYNC, Wire, bind, error, execute, parse, query, rows

MANIFEST = """apiVersion: weir.dev/v1alpha1
kind: DatabaseConnection
metadata: {name: wards, namespace: default}
spec:
  protocol: postgres
  upstream: {host: 127.0.0.1, port: 5432, database: wards, tls: {mode: Disable}}
  credentials: {type: SecretRef, secretRef: {name: clinic-db}}
  podSelector: {matchLabels: {app: wards}}
  listen: {port: 15432}
---
apiVersion: weir.dev/v1alpha1
kind: MaskingPolicy
metadata: {name: phi, namespace: default}
spec:
  targets: {connectionNames: [wards]}
  rules:
  - name: found
    match: {tables: [notes], dataTypes: [SSN, Email, IPAddress, MRN]}
    action: {type: Redact}
  - name: dates
    match: {tables: [notes], dataTypes: [Date]}
    action: {type: Generalize, generalize: {to: Year}}
  unmatched: Allow
"""
TABLE = """CREATE TYPE place AS (street text, zip text);
CREATE TABLE notes (id int PRIMARY KEY, body text, document jsonb, tags text[], spot place, peer inet, size int);
CREATE TABLE elsewhere (body text);
INSERT INTO elsewhere VALUES ('SSN 219-09-9999');
INSERT INTO notes VALUES (1, 'SSN 219-09-9999, seen 05/17/1980, BP 120/80',
    '{"mrn": 1234567, "note": "write to ann@example.org"}', '{"ok","MRN: 7654321"}', ROW('SSN 219-09-9999', 'x'),
    '192.0.2.17', 5), (2, NULL, NULL, NULL, NULL, NULL, 6)"""
SECRETS = (b"219-09-9999", b"05/17", b"1234567", b"ann@example.org", b"7654321", b"192.0.2.17")
ALL = "SELECT id, body, document, tags, spot, peer, size FROM notes ORDER BY id"
BODY = b"SSN [redacted], seen 1980, BP 120/80"
DOCUMENT = b'{"mrn": "[redacted]", "note": "write to [redacted]"}'


@pytest.fixture(scope="module")
def stage(stage, tmp_path_factory):
    manifests = tmp_path_factory.mktemp("detectors")
    (manifests / "all.yaml").write_text(MANIFEST)
    stage.postgresql.endpoint().script("CREATE DATABASE wards ENCODING 'UTF8' TEMPLATE template0 LOCALE 'C'")
    stage.postgresql.endpoint("wards").script(TABLE)
    stage.wards = stage.add_gateway(manifests, name="detectors", users=["tester", "reader"])
    return stage


@pytest.fixture
def session(stage):
    with Wire(stage.wards.endpoint()) as opened:
        yield opened


def leaks(messages):
    return [secret for secret in SECRETS if any(secret in body for _, body in messages)]


def test_text_values(session):
    got = session.ask(query(ALL))
    assert not leaks(got)
    first, second = rows(got)
    assert first == [b"1", BODY, DOCUMENT, b'{ok,"MRN: [redacted]"}', b'("SSN [redacted]",x)', None, b"5"]
    assert second == [b"2", None, None, None, None, None, b"6"]


def test_binary_values(session):
    got = session.ask(parse(ALL), bind(result_formats=(1,)), execute(), SYNC)
    assert not leaks(got)
    first = rows(got)[0]
    assert first[1] == BODY
    assert first[2] == b"\x01" + DOCUMENT
    assert first[3].endswith(b"\0\0\0\x0fMRN: [redacted]")
    # The binary form of a composite cannot be rewritten.
    assert first[4] is None


@pytest.mark.parametrize("options", ["", "(FORMAT csv)", "(FORMAT binary)"])
@pytest.mark.parametrize("source", ["notes", "(SELECT upper(body), document FROM notes)"])
def test_copied_values(session, source, options):
    got = session.ask(query(f"COPY {source} TO STDOUT {options}"))
    assert error(got) is None
    assert not leaks(got)
    data = b"".join(body for kind, body in got if kind == b"d")
    assert b"[redacted]" in data
    # The type of a computed value is not known to the gateway, and its binary form cannot be rewritten.
    assert (b"120/80" in data) != ("upper" in source and "binary" in options)


def test_computed_texts_are_searched(session):
    for expression in ("'note: ' || body", "body::varchar(200)", "document->>'note'", "tags[2]", "row(id, body)",
                       "string_agg(body, ';')", "to_json(notes)", "(SELECT body)", "body::bytea"):
        got = session.ask(query(f"SELECT {expression} FROM notes"))
        assert error(got) is None, expression
        assert not leaks(got), expression
        assert rows(got)


def test_errors_do_not_quote_searched_values(session):
    got = session.ask(query("SELECT body::int FROM notes"))
    assert error(got) is not None and not leaks(got)


def test_a_value_may_not_leave_the_search(session):
    for statement in ("INSERT INTO elsewhere SELECT body FROM notes", "CREATE TABLE copy AS SELECT body FROM notes",
                      "SELECT set_config('a.b', body, false) FROM notes"):
        assert error(session.ask(query(statement))) is not None, statement
    assert error(session.ask(query("UPDATE notes SET body = body WHERE id = 2"))) is None


def test_other_tables_pass_as_they_are(session):
    assert rows(session.ask(query("SELECT body FROM elsewhere"))) == [[b"SSN 219-09-9999"]]


def test_the_log_counts_kinds_and_tells_no_values(stage):
    with Wire(stage.wards.endpoint("reader")) as session:
        session.ask(query(ALL))
    log = stage.weirctl("sessions", "replay", stage.session_of("reader"), "--sink", stage.sink_url, "-o", "json").stdout
    assert "public.notes.body=Detect(SSN:Redact," in log
    assert '"detected":["Date=1","Email=1","MRN=2","SSN=2"]' in log.replace(" ", "")
    assert not any(secret.decode() in log for secret in SECRETS)
