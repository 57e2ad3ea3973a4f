"""An application that acts on behalf of people: whom records name, what is masked for whom, where tokens get to."""

import asyncio
import json
import time

import asyncpg
import psycopg
import pytest
from approvals import CONNECTION
from oidc import Signer
from servers import eventually
from stage.files import contents
from stage.provider import Provider
from stage.stage import Stage
from wire import SYNC, Wire, bind, error, execute, parse, query, rows

MANIFESTS = CONNECTION + """\
  recording: {statements: Full, parameters: Full}
  identity:
    onBehalfOf: {allowed: {users: [app], workloads: ["system:serviceaccount:clinic:api"]}}
    issuers: ISSUERS
---
apiVersion: weir.dev/v1alpha1
kind: MaskingPolicy
metadata: {name: patients, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  rules:
  - name: names
    match: {schemas: [public], tables: [patients], columns: [name]}
    action: {type: Redact}
    exceptSubjects: {users: [app], groups: [doctors], workloads: ["system:serviceaccount:clinic:api"]}
  unmatched: Allow
---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: nothing-of-eve, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  subjects: {users: ["people:eve"]}
  match: {statements: [Delete]}
  effect: Deny
"""

NAME = "SELECT name FROM patients WHERE id = 1"


@pytest.fixture(scope="module")
def stage():
    with Stage(settings={"log_statement": "all", "log_min_error_statement": "info"}) as running:
        running.start_postgresql()
        running.start_sink()
        yield running


@pytest.fixture(scope="module")
def signer():
    return Signer()


@pytest.fixture(scope="module")
def provider(stage):
    provider = Provider(stage.folder).start()
    provider.user("ann", groups=["doctors"])
    provider.user("eve", groups=["staff"])
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def gateway(stage, signer, provider):
    folder = stage.folder / "behalf-manifests"
    folder.mkdir()
    issuers = [
        {"issuer": signer.issuer, "audience": "weir", "jwks": signer.keys, "clockSkew": "0s", "subjectPrefix": "ci:"},
        {"issuer": provider.url, "audience": "weir", "jwks": provider.keys, "subjectPrefix": "people:",
         "groupsClaim": "groups"}]
    (folder / "clinic.yaml").write_text(MANIFESTS.replace("ISSUERS", json.dumps(issuers)))
    gateway = stage.add_gateway(
        folder, name="behalf", users=["app", "other"], options=["--log-level", "debug"])
    stage.postgresql.endpoint("clinic").script(
        "CREATE TABLE patients (id int, name text); INSERT INTO patients VALUES (1, 'Ada');"
        "CREATE TABLE notes (id serial, text text)")
    gateway.shown = []
    return gateway


@pytest.fixture
def token(gateway, provider):
    """A person's token, remembered so that it can be looked for."""
    def token(name):
        gateway.shown.append(provider.token(name))
        return gateway.shown[-1]
    return token


@pytest.fixture
def connection(gateway):
    with connect(gateway) as opened:
        yield opened


def connect(gateway, user="app", **more):
    it = gateway.endpoint(user)
    return psycopg.connect(
        host=it.host, port=it.port, user=it.user, password=it.password, dbname=it.database, autocommit=True, **more)


def wire(gateway, user="app"):
    return Wire(gateway.endpoint(user))


def records(gateway, kind, text=""):
    """The newest records of a kind whose text holds this, the last one first."""
    found = [
        json.loads(line) for file in sorted(gateway.records.glob("events-*.jsonl"))
        for line in file.read_bytes().replace(b"\0", b"").splitlines() if b'"type":"%s"' % kind.encode() in line]
    return [record for record in reversed(found) if text in record.get("text", "")]


def name_of(connection):
    return connection.execute(NAME).fetchone()[0]


def test_the_next_statement_is_the_persons(gateway, connection, token):
    connection.execute(f"SET weir.on_behalf_of = '{token('eve')}'")
    assert name_of(connection) == "[redacted]"
    assert connection.execute("SHOW weir.on_behalf_of").fetchone() == ("people:eve",)
    statement = records(gateway, "statement", NAME)[0]
    assert statement["onBehalfOf"] == "people:eve" and statement["verdict"] == "Mask"
    proof = records(gateway, "onBehalfOf")[0]
    assert (proof["subject"], proof["groups"], proof["proof"]) == ("people:eve", ["staff"], "Token")
    assert records(gateway, "sessionStarted")[0]["subject"] == "app"
    connection.execute(f"SET SESSION weir.on_behalf_of TO '{token('ann')}'")
    assert name_of(connection) == "Ada"
    connection.execute("RESET weir.on_behalf_of")
    assert "onBehalfOf" not in records(gateway, "statement", "RESET")[0] or name_of(connection) == "Ada"
    name_of(connection)
    assert "onBehalfOf" not in records(gateway, "statement", NAME)[0]


def test_what_a_driver_sends_per_transaction(gateway, connection, token):
    for person, name in (("eve", "[redacted]"), ("ann", "Ada"), ("eve", "[redacted]")):
        for prepare in (False, True):
            with connection.transaction():
                cursor = connection.execute(
                    "select set_config('weir.on_behalf_of', %s, %s)", (token(person), True), prepare=prepare)
                assert cursor.fetchone() == (f"people:{person}",)
                assert connection.execute(NAME, prepare=prepare).fetchone() == (name,)
                assert records(gateway, "statement", NAME)[0]["onBehalfOf"] == f"people:{person}"
            assert connection.execute(NAME, prepare=prepare).fetchone() == ("Ada",)
            assert "onBehalfOf" not in records(gateway, "statement", NAME)[0]
    assert f'people:{person}' in records(gateway, "statement", "set_config")[0]["parameters"]


def test_in_a_pipeline(gateway, connection, token):
    with connection.pipeline(), connection.transaction():
        connection.execute("select set_config('weir.on_behalf_of', %s, true)", (token("eve"),))
        cursors = [connection.execute(NAME) for _ in range(3)]
        assert [it.fetchone()[0] for it in cursors] == ["[redacted]"] * 3
    assert name_of(connection) == "Ada"


def test_transactions_and_savepoints(connection, token):
    def told():
        setting = connection.execute("SELECT current_setting('weir.on_behalf_of', true)").fetchone()[0]
        return setting, name_of(connection)

    eve, ann = token("eve"), token("ann")
    nobody = (None, "Ada")
    assert told() == nobody
    connection.execute("BEGIN")
    connection.execute(f"SET weir.on_behalf_of = '{eve}'")
    assert told() == ("people:eve", "[redacted]")
    connection.execute("SAVEPOINT a")
    connection.execute(f"SET LOCAL weir.on_behalf_of = '{ann}'")
    assert told() == ("people:ann", "Ada")
    with pytest.raises(psycopg.errors.DivisionByZero):
        connection.execute("SELECT 1 / 0")
    connection.execute("ROLLBACK TO a")
    assert told() == ("people:eve", "[redacted]")
    connection.execute(f"SET LOCAL weir.on_behalf_of = '{ann}'")
    connection.execute("COMMIT")
    assert told() == ("people:eve", "[redacted]")
    connection.execute("BEGIN")
    connection.execute("RESET weir.on_behalf_of")
    assert told()[1] == "Ada"
    connection.execute("ROLLBACK")
    assert told() == ("people:eve", "[redacted]")
    connection.execute("DISCARD ALL")
    assert told()[1] == "Ada"
    connection.execute(f"SET LOCAL weir.on_behalf_of = '{eve}'")
    assert told()[1] == "Ada"


def test_a_transaction_that_fails_takes_it_back(gateway, token):
    session, eve = wire(gateway), token("eve")
    session.ask(query("BEGIN"))
    session.ask(query(f"SET weir.on_behalf_of = '{eve}'"))
    assert error(session.ask(query("SELECT 1 / 0"))) == "22012"
    session.ask(query("COMMIT"))
    assert rows(session.ask(query(NAME))) == [[b"Ada"]]
    assert error(session.ask(query(f"SET weir.on_behalf_of = '{eve}'; SELECT 1 / 0"))) == "22012"
    assert rows(session.ask(query(NAME))) == [[b"Ada"]]
    session.close()


def test_a_string_of_statements(gateway, token):
    session, eve, ann = wire(gateway), token("eve"), token("ann")
    got = session.ask(query(f"BEGIN; SET LOCAL weir.on_behalf_of = '{eve}'; {NAME}; COMMIT"))
    assert rows(got) == [[b"[redacted]"]]
    record = records(gateway, "statement", "SET LOCAL")[0]
    assert record["onBehalfOf"] == "people:eve" and "'people:eve'" in record["text"]
    assert rows(session.ask(query(NAME))) == [[b"Ada"]]
    got = session.ask(query(f"SET weir.on_behalf_of = '{eve}'; {NAME}; SET weir.on_behalf_of = '{ann}'; {NAME}"))
    assert error(got) == "0A000"
    session.close()


def test_one_persons_portal_run_by_another(gateway, token):
    session, eve = wire(gateway), token("eve")
    session.ask(query("BEGIN"))
    got = session.ask(
        parse(NAME, b"q"), bind(portal=b"p", name=b"q"), parse(f"SET weir.on_behalf_of = '{eve}'"), bind(),
        execute(), execute(b"p"), SYNC)
    assert rows(got) == [[b"[redacted]"]]
    session.close()


def test_rules_bind_whomever_they_name(connection, token):
    connection.execute("DELETE FROM notes")
    connection.execute(f"SET weir.on_behalf_of = '{token('eve')}'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nothing-of-eve"):
        connection.execute("DELETE FROM notes")


def test_with_asyncpg(gateway, token):
    async def play():
        it = gateway.endpoint("app")
        connection = await asyncpg.connect(
            host=it.host, port=it.port, user=it.user, password=it.password, database=it.database)
        async with connection.transaction():
            await connection.execute("SELECT set_config('weir.on_behalf_of', $1, true)", token("eve"))
            names = await connection.fetch(NAME)
        after = await connection.fetch(NAME)
        await connection.close()
        return names[0]["name"], after[0]["name"]
    assert asyncio.run(play()) == ("[redacted]", "Ada")


def test_from_the_first_statement_on(gateway, token):
    with connect(gateway, options=f"-c weir.on_behalf_of={token('eve')} -c search_path=public") as connection:
        assert name_of(connection) == "[redacted]"
        connection.execute(f"SET weir.on_behalf_of = '{token('ann')}'")
        assert name_of(connection) == "Ada"
        connection.execute("RESET ALL")
        assert name_of(connection) == "[redacted]"
        assert connection.execute("SHOW weir.on_behalf_of").fetchone() == ("people:eve",)
    with pytest.raises(psycopg.OperationalError, match="is refused"):
        connect(gateway, options="-c weir.on_behalf_of=eyJ.x.y")


@pytest.mark.parametrize("options", ["-ec weir.on_behalf_of=people:ann", "-e -Ocweir.on-behalf-of=people:ann"])
@pytest.mark.parametrize("user", ["app", "other"])
def test_switches_in_one_word_name_nobody_to_the_database(gateway, user, options):
    with pytest.raises(psycopg.OperationalError, match="only as -c"):
        connect(gateway, user, options=options)


def test_only_who_is_allowed(gateway, token):
    with connect(gateway, "other") as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may not act on behalf"):
            connection.execute(f"SET weir.on_behalf_of = '{token('ann')}'")
    with pytest.raises(psycopg.OperationalError, match="may not act on behalf"):
        connect(gateway, "other", options=f"-c weir.on_behalf_of={token('ann')}")


def test_tokens_that_prove_nothing(gateway, connection, signer, token):
    forged = token("ann")[:-8] + "AAAAAAAA"
    gateway.shown.append(forged)
    for shown, reason in (
            (forged, "signature is wrong"), (signer.unsigned(), "algorithm"),
            (signer.token(aud="other"), "somebody else"),
            (signer.token(exp=int(time.time()) - 5), "expired"), ("hunter2", "malformed")):
        gateway.shown.append(shown)
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification, match=reason):
            connection.execute(f"SET weir.on_behalf_of = '{shown}'")
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification, match=reason):
            connection.execute("select set_config('weir.on_behalf_of', %s, false)", (shown,))
    assert reason in records(gateway, "onBehalfOf")[0]["reason"]
    assert name_of(connection) == "Ada"


def test_whoever_has_expired_runs_nothing_more(gateway, signer):
    expiry = int(time.time()) + 4
    shown = signer.token(sub="bob", exp=expiry)
    gateway.shown.append(shown)
    with wire(gateway) as asking, wire(gateway) as committing:
        for session, scope, text in ((asking, "", "begun"), (committing, "LOCAL ", "lost")):
            session.ask(query("BEGIN"))
            assert error(session.ask(query(f"SET {scope}weir.on_behalf_of = '{shown}'"))) is None
            assert error(session.ask(query(f"INSERT INTO notes (text) VALUES ('{text}')"))) is None
        eventually(lambda: error(asking.ask(query(NAME))) == "28000", "does not expire")
        # What is left of a token when it is shown is taken for whole seconds.
        time.sleep(max(0, expiry + 1.5 - time.time()))
        assert error(committing.ask(query("COMMIT"))) == "28000"
        committing.ask(query("ROLLBACK"))
        assert rows(committing.ask(query("SELECT count(*) FROM notes WHERE text = 'lost'"))) == [[b"0"]]


@pytest.mark.parametrize("text", [
    "DO $$ BEGIN PERFORM set_config('weir.on_behalf_of', '{}', false); END $$",
    "SELECT set_config('weir.on_behalf_of', '{}', false), name FROM patients",
    "PREPARE p AS SELECT set_config('weir.on_behalf_of', $1, false)",
    "SET weir.on_behalf_of = {}",
    "SET weir.on_behalf_of = U&'{}'",
    "/* {} */ SHOW weir.on_behalf_of",
    "ALTER ROLE postgres SET weir.on_behalf_of = '{}'",
    "CREATE FUNCTION f() RETURNS text SET WEIR.ON_BEHALF_OF = '{}' LANGUAGE sql AS 'SELECT 1'",
])
def test_what_cannot_be_followed(gateway, connection, token, text):
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="can be set only by"):
        connection.execute(text.replace("{}", token("ann")))
    assert "withheld" in records(gateway, "statement")[0]["text"]


def test_no_token_is_anywhere(gateway, stage, token):
    """Logs of gateway, sink and database, records, the store of evidence, and what other sessions see."""
    assert len(gateway.shown) > 20
    busy = wire(gateway)
    eve = token("eve")
    busy.send(query(f"SET weir.on_behalf_of = '{eve}'; SELECT pg_sleep(1)"))
    seen = eventually(
        lambda: stage.postgresql.endpoint().value("SELECT query FROM pg_stat_activity WHERE query LIKE 'SET weir%'"),
        "not there")
    assert eve not in seen and "people:eve" in seen
    busy.close()
    time.sleep(1)
    signatures = {token.rsplit(".", 1)[-1].encode() for token in gateway.shown} | {
        token.encode() for token in gateway.shown}
    signatures.discard(b"")
    count, has_names = 0, False
    for file, content in contents(stage.folder):
        if file.name == "provider.log":
            continue
        count += 1
        has_names = has_names or b"people:eve" in content
        assert not [it for it in signatures if len(it) > 6 and it in content], file
    assert count > 50 and has_names
