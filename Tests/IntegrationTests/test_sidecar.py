"""The gateway as a pod's container: configured by a stream, or by the snapshot while there is none."""

import itertools
import json
import re
import signal
import socket
import subprocess
import time
import urllib.request

import pytest
from oidc import Signer
from servers import eventually
from sidecar import NAMESPACE, Operator, Sidecar, connection, list_of, mount, policy
from stage.postgresql import Endpoint
from stage.process import free_port, program
from wire import Wire, error, query, rows

numbers = itertools.count()
READ = "SELECT ward, floor FROM wards"
OPEN, WARD_MASKED, FLOOR_MASKED = [[b"North", b"Elm"]], [[b"[redacted]", b"Elm"]], [[b"North", b"[redacted]"]]


@pytest.fixture(scope="module", autouse=True)
def wards(stage):
    stage.postgresql.ensure_database("clinic")
    stage.postgresql.endpoint("clinic").script(
        "DROP TABLE IF EXISTS wards; CREATE TABLE wards (ward text, floor text);"
        " INSERT INTO wards VALUES ('North', 'Elm')")


@pytest.fixture
def operator(tmp_path):
    operator = Operator(tmp_path)
    yield operator
    operator.stop()


@pytest.fixture
def make(stage):
    """Makes sidecars that end with the test."""
    made = []

    def sidecar(operator=None, was_attested=True, **environment):
        made.append(Sidecar(stage, next(numbers), operator, environment, was_attested))
        return made[-1]
    yield sidecar
    for it in made:
        it.process.stop()


def is_ready(sidecar):
    try:
        eventually(lambda: sidecar.get("/readyz")[0] == 200, "not ready")
    except AssertionError as failure:
        raise AssertionError(f"{failure}: {sidecar.get('/readyz')}\n{sidecar.log}") from None


def start(sidecar):
    sidecar.process.start()
    is_ready(sidecar)


def becomes(session, expected, within=60):
    eventually(lambda: rows(session.ask(query(READ))) == expected, f"never {expected}", timeout=within)


def test_a_snapshot_serves_without_an_operator(make):
    sidecar = make()
    sidecar.snapshot(sidecar.connection(), policy("ward"))
    start(sidecar)
    with Wire(sidecar.endpoint()) as session:
        assert rows(session.ask(query(READ))) == WARD_MASKED
        sidecar.snapshot(sidecar.connection(), policy("floor"))
        becomes(session, FLOOR_MASKED)


def test_psql_goes_through_as_the_workload(make, stage):
    sidecar = make()
    sidecar.snapshot(sidecar.connection(), policy("ward"))
    start(sidecar)
    done = subprocess.run(
        ["psql", "-X", "-At", f"host=127.0.0.1 port={sidecar.port} user=anyone dbname=clinic", "-c", READ],
        capture_output=True, text=True)
    assert done.stdout == "[redacted]|Elm\n", done.stderr
    assert stage.session_of(f"system:serviceaccount:{NAMESPACE}:api", claiming="anyone")


def test_only_the_connections_of_the_pod_are_served(make, operator, stage):
    sidecar = make(operator)
    both = policy("ward", connectionSelector={"matchLabels": {"tier": "clinic"}})
    named = policy("floor", name="named", connectionNames=["elsewhere", "clinic"])
    other = connection("other", stage.postgresql.port, sidecar.port)
    sidecar.snapshot(sidecar.connection(), both, named, other=list_of(other, both), authorities=operator.authorities)
    start(sidecar)
    with Wire(sidecar.endpoint()) as session:
        assert rows(session.ask(query(READ))) == [[b"[redacted]", b"[redacted]"]]
    assert 'connection="clinic/other"' not in sidecar.get("/metrics")[1]


def test_snapshots_of_different_ages_wait_for_each_other(make, operator, stage):
    sidecar = make(operator)
    selector = {"connectionSelector": {"matchLabels": {"tier": "clinic"}}}
    older, newer = policy("ward", **selector), policy("floor", **selector)
    other = connection("other", stage.postgresql.port, sidecar.port + 1)
    sidecar.snapshot(sidecar.connection(), newer, other=list_of(other, older), authorities=operator.authorities)
    sidecar.process.start()
    eventually(lambda: "already defined" in sidecar.log, "not told")
    assert [sidecar.get(path)[0] for path in ("/healthz", "/startupz", "/readyz")] == [200, 503, 503]
    sidecar.snapshot(sidecar.connection(), newer, other=list_of(other, newer), authorities=operator.authorities)
    is_ready(sidecar)
    with Wire(sidecar.endpoint()) as session:
        assert rows(session.ask(query(READ))) == FLOOR_MASKED


def test_the_stream_counts_before_the_snapshot(make, operator):
    sidecar = make(operator)
    sidecar.snapshot(sidecar.connection(), policy("ward"), authorities=operator.authorities)
    operator.configure(sidecar.connection(), policy("floor"), revision="one")
    operator.start()
    start(sidecar)
    with Wire(sidecar.endpoint()) as session:
        becomes(session, FLOOR_MASKED)
        assert operator.acknowledged() == {"revision": "one", "accepted": True}
        operator.configure(sidecar.connection(), revision="two")
        becomes(session, OPEN)
        assert operator.acknowledged() == {"revision": "two", "accepted": True}
        # An old snapshot that a kubelet brings now is not taken.
        sidecar.snapshot(sidecar.connection(), policy("floor"), authorities=operator.authorities)
        time.sleep(1.5)
        assert rows(session.ask(query(READ))) == OPEN
    path, token = operator.requests.get(timeout=60)
    assert (path, token) == ("/v1/configuration", "Bearer first-token")
    metrics = sidecar.get("/metrics")[1]
    assert "weir_gateway_stream_connected 1\n" in metrics
    assert 'weir_gateway_stream_configurations_total{accepted="true"} 2\n' in metrics


def test_begun_anew_without_the_operator_it_goes_on_with_what_the_stream_brought(make, operator):
    """And not with a snapshot that kubelet is late with."""
    sidecar = make(operator)
    sidecar.snapshot(sidecar.connection(), authorities=operator.authorities)
    operator.configure(sidecar.connection(), policy("ward"), revision="one")
    operator.start()
    start(sidecar)
    operator.acknowledged()
    operator.stop()
    sidecar.process.kill()
    sidecar.snapshot(sidecar.connection(), policy("floor"), authorities=operator.authorities)
    start(sidecar)
    with Wire(sidecar.endpoint()) as session:
        assert rows(session.ask(query(READ))) == WARD_MASKED
        operator.configure(sidecar.connection(), policy("floor"), revision="two")
        operator.start()
        becomes(session, FLOOR_MASKED)


def test_what_was_in_force_and_cannot_be_served_any_more_waits_for_the_operator(make, operator):
    sidecar = make(operator)
    hashed = policy("ward")
    hashed["spec"]["rules"][0]["action"] = {"type": "Hash", "hash": {"keySecretRef": {"name": "hashing"}}}
    database = {f"clinic-db/{name}": (sidecar.secrets / "clinic-db" / name).read_text()
                for name in ("username", "password")}
    mount(sidecar.secrets, {**database, "hashing/key": "k" * 32})
    sidecar.snapshot(sidecar.connection(), hashed, authorities=operator.authorities)
    operator.configure(sidecar.connection(), hashed, revision="one")
    operator.start()
    start(sidecar)
    operator.acknowledged()
    operator.stop()
    sidecar.process.stop()
    mount(sidecar.secrets, database)
    sidecar.process.start()
    eventually(lambda: "hashing" in sidecar.log, "not told")
    eventually(lambda: "no configuration is in force" in sidecar.get("/readyz")[1], "something is in force")
    operator.configure(sidecar.connection(), policy("ward"), revision="two")
    operator.start()
    is_ready(sidecar)
    with Wire(sidecar.endpoint()) as session:
        assert rows(session.ask(query(READ))) == WARD_MASKED


def test_clients_wait_until_it_is_known_what_tokens_are_verified_by(make, operator):
    sidecar = make(operator)
    issuer = {"issuer": "https://ci.example", "audience": "weir"}
    sidecar.snapshot(sidecar.connection(identity={"issuers": [issuer]}), authorities=operator.authorities)
    sidecar.process.start()
    eventually(lambda: "what tokens are verified by" in sidecar.get("/readyz")[1], sidecar.log)
    assert sidecar.get("/startupz")[0] == 503
    operator.authority = {
        "type": "Authority", "revision": "one", "issuers": [], "grantKeys": [], "revocations": []}
    operator.start()
    is_ready(sidecar)


def test_what_cannot_be_served_is_refused_and_told(make, operator):
    sidecar = make(operator)
    sidecar.snapshot(sidecar.connection(), policy("ward"), authorities=operator.authorities)
    broken = policy("floor")
    broken["spec"]["rules"][0]["action"] = {"type": "Redakt"}
    operator.configure(sidecar.connection(), broken, revision="broken")
    operator.start()
    start(sidecar)
    answer = operator.acknowledged()
    assert (answer["revision"], answer["accepted"]) == ("broken", False)
    assert "Redakt" in answer["faults"][0] or "type" in answer["faults"][0]
    operator.configure(revision="nothing")
    assert operator.acknowledged()["accepted"] is False
    with Wire(sidecar.endpoint()) as session:
        assert rows(session.ask(query(READ))) == WARD_MASKED


@pytest.mark.parametrize("source", ["stream", "folder"])
def test_a_configuration_whose_port_is_taken_changes_nothing_and_the_next_one_is_applied(
        make, operator, stage, source):
    sidecar = make(operator if source == "stream" else None, CONNECTIONS="clinic,other" if source == "stream" else "")
    masked = [sidecar.connection(), policy("ward")]
    sidecar.snapshot(*masked, authorities=operator.authorities)
    if source == "stream":
        operator.configure(*masked, revision="first")
        operator.start()
    start(sidecar)
    if source == "stream":
        assert operator.acknowledged()["accepted"]

    def is_taken(revision, *objects):
        if source == "stream":
            operator.configure(*objects, revision=revision)
            return operator.acknowledged()["accepted"]
        told = len(sidecar.log)
        sidecar.snapshot(*objects, authorities=operator.authorities)
        eventually(lambda: re.search("configuration (refused|in force)", sidecar.log[told:]), "not read")
        return "configuration in force" in sidecar.log[told:]

    def read(endpoint):
        with Wire(endpoint) as session:
            return rows(session.ask(query(READ)))

    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        other = connection("other", stage.postgresql.port, port)
        moved = connection("clinic", stage.postgresql.port, port)
        for number, refused in enumerate(([sidecar.connection(), other], [moved, policy("floor")])):
            assert not is_taken(f"refused {number}", *refused)
            assert read(sidecar.endpoint()) == WARD_MASKED
            assert sidecar.get("/readyz")[0] == 200
            assert is_taken(f"again {number}", *masked)
            assert read(sidecar.endpoint()) == WARD_MASKED
    assert is_taken("free", sidecar.connection(), other)
    assert read(sidecar.endpoint()) == OPEN
    assert read(Endpoint("127.0.0.1", port, "anyone", "", "clinic")) == OPEN


def test_a_line_that_is_none_ends_the_stream_only(make, operator):
    sidecar = make(operator)
    sidecar.snapshot(sidecar.connection(), policy("ward"), authorities=operator.authorities)
    operator.start()
    start(sidecar)
    eventually(lambda: operator.streams, "no stream")
    operator.send('{"type":"News","of":"tomorrow"}\n{"type":"Heartbeat"}\n[\n')
    eventually(lambda: "no configuration stream" in sidecar.log, "not told")
    with Wire(sidecar.endpoint()) as session:
        assert rows(session.ask(query(READ))) == WARD_MASKED


def test_another_authority_is_not_trusted_until_it_is_mounted(make, operator):
    sidecar = make(operator)
    sidecar.snapshot(sidecar.connection(), authorities=operator.authorities)
    operator.renew("renewed")
    operator.configure(sidecar.connection(), policy("ward"), revision="one")
    operator.start()
    start(sidecar)
    eventually(lambda: "no configuration stream" in sidecar.log, "not told")
    assert operator.requests.empty()
    sidecar.snapshot(sidecar.connection(), authorities=operator.authorities)
    sidecar.token.write_text("second-token")
    with Wire(sidecar.endpoint()) as session:
        becomes(session, WARD_MASKED, within=120)
    assert operator.requests.get(timeout=60) == ("/v1/configuration", "Bearer second-token")


def test_deny_refuses_without_an_operator(make, operator):
    sidecar = make(operator)
    bound = sidecar.connection(failureMode={"configStale": "Deny"})
    sidecar.snapshot(bound, authorities=operator.authorities)
    sidecar.process.start()
    eventually(lambda: sidecar.get("/startupz")[0] == 200, sidecar.log)
    assert "too old" in sidecar.get("/readyz")[1]
    with Wire(sidecar.endpoint()) as session:
        assert error(session.ask(query(READ))) == "58000"
        operator.configure(bound, revision="one")
        operator.start()
        eventually(lambda: error(session.ask(query(READ))) is None, "still refused", timeout=120)
        is_ready(sidecar)
        operator.stop()
        eventually(lambda: error(session.ask(query(READ))) == "58000", "never refused")


def test_a_pod_of_another_namespace_is_not_this_one(make, operator):
    sidecar = make(operator)
    sidecar.snapshot(sidecar.connection(), policy("ward"), authorities=operator.authorities)
    operator.workload["namespace"] = "elsewhere"
    operator.configure(sidecar.connection(), revision="one")
    operator.start()
    start(sidecar)
    eventually(lambda: "of namespace elsewhere" in sidecar.log, "not told")
    with Wire(sidecar.endpoint()) as session:
        assert rows(session.ask(query(READ))) == WARD_MASKED


def began(sidecar, operator):
    """A session of the workload, with an operator that has said what it had to."""
    sidecar.snapshot(sidecar.connection(), authorities=operator.authorities)
    operator.configure(sidecar.connection(), revision="one")
    operator.start()
    start(sidecar)
    operator.acknowledged()
    session = Wire(sidecar.endpoint())
    assert rows(session.ask(query(READ))) == OPEN
    return session


def revoking(subject):
    """What an operator says that has revoked it, as a line."""
    revocation = {"subject": subject, "reason": "left", "author": "hr", "time": 1}
    return json.dumps({
        "type": "Authority", "revision": "one", "issuers": [], "grantKeys": [], "revocations": [revocation]}) + "\n"


@pytest.mark.parametrize("demand", ["token", "owner"])
def test_a_session_ends_when_its_connection_takes_no_such_workload_any_more(make, operator, demand):
    sidecar = make(operator)
    issuer = {"issuer": "https://ci.example", "audience": "weir", "jwks": Signer().keys}
    identity = {"workload": False, "issuers": [issuer]} if demand == "token" else {"requireWorkloadOwner": True}
    with began(sidecar, operator) as session:
        operator.configure(sidecar.connection(identity=identity), revision="two")
        assert error(session.closes()) == "28000"
    assert sidecar.endpoint().psql("-c", READ).returncode == 2


def test_a_session_ends_with_whoever_answers_for_the_workload_by_now(make, operator):
    sidecar = make(operator)
    operator.workload["owner"] = "people:ann"
    with began(sidecar, operator) as session:
        operator.send(json.dumps({**operator.workload, "owner": "people:bob"}) + "\n")
        operator.send(revoking("people:bob"))
        assert error(session.closes()) == "28000"
    assert "revoked" in sidecar.endpoint().psql("-c", READ).stderr


def test_a_revoked_workload_does_not_come_back_by_a_restart_while_the_operator_is_away(make, operator):
    sidecar = make(operator)
    with began(sidecar, operator) as session:
        operator.send(revoking(f"system:serviceaccount:{NAMESPACE}:api"))
        assert error(session.closes()) == "28000"
    operator.stop()
    sidecar.process.stop()
    kept = sidecar.data / "authority.json"
    said = kept.read_text().split("\n", 1)[1]
    kept.write_text(f"{int(time.time()) - 86400}\n{said}")
    sidecar.process.start()
    eventually(lambda: "revoked" in sidecar.endpoint().psql("-c", READ).stderr, lambda: sidecar.log)


@pytest.mark.slow
def test_a_workload_is_nobody_until_the_operator_attests_it(make, operator):
    sidecar = make(operator, was_attested=False)
    sidecar.snapshot(sidecar.connection(), authorities=operator.authorities)
    sidecar.process.start()
    eventually(lambda: "not attested" in sidecar.get("/readyz")[1], sidecar.log)
    assert sidecar.get("/startupz")[0] == 503
    refused = sidecar.endpoint().psql("-c", READ)
    assert refused.returncode == 2 and "not attested this workload" in refused.stderr
    # The application is not held up for ever.
    eventually(lambda: sidecar.get("/startupz")[0] == 200, sidecar.log)
    operator.start()
    eventually(lambda: sidecar.get("/readyz")[0] == 200, lambda: sidecar.log, timeout=120)
    with Wire(sidecar.endpoint(), timeout=60) as session:
        assert rows(session.ask(query(READ))) == OPEN
        # The pod's token is refused: it is nobody any more, for sessions that run and over a restart too.
        operator.answers = [401] * 50
        operator.end_streams()
        eventually(lambda: "not attested" in sidecar.endpoint().psql("-c", READ).stderr, "still somebody", timeout=120)
        assert error(session.closes()) == "28000"
    sidecar.process.stop()
    operator.stop()
    sidecar.process.start()
    eventually(lambda: "not attested" in sidecar.endpoint().psql("-c", READ).stderr, "somebody again")


def test_wait_returns_once_the_gateway_is_ready(make):
    sidecar = make()
    wait = [program("weir-gateway"), "wait", "--timeout"]
    early = subprocess.run([*wait, "1s"], env=sidecar.environment, capture_output=True, text=True)
    assert early.returncode == 1 and "not ready after 1s" in early.stderr
    sidecar.snapshot(sidecar.connection())
    waiting = subprocess.Popen([*wait, "60s"], env=sidecar.environment)
    sidecar.process.start()
    assert waiting.wait(70) == 0
    with Wire(sidecar.endpoint()) as session:
        assert rows(session.ask(query(READ))) == OPEN


def test_running_sessions_have_the_time_of_their_connection(make):
    sidecar = make(DRAIN_TIMEOUT="60s")
    sidecar.snapshot(sidecar.connection(sidecar={"drainTimeout": "4s"}))
    start(sidecar)
    with Wire(sidecar.endpoint()) as session:
        session.ask(query(READ))
        begun = time.monotonic()
        sidecar.process.handle.send_signal(signal.SIGTERM)
        eventually(lambda: "stopping" in sidecar.get("/readyz")[1], "still ready")
        assert rows(session.ask(query(READ))) == OPEN
        assert sidecar.process.handle.wait(60) == 0
        assert 4 <= time.monotonic() - begun < 50


def test_a_job_says_when_it_needs_no_gateway_any_more(make):
    port = free_port()
    sidecar = make(SHUTDOWN_PORT=port)
    sidecar.snapshot(sidecar.connection())
    start(sidecar)
    request = urllib.request.Request(f"http://127.0.0.1:{port}/quit", method="POST")
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 202
    assert sidecar.process.handle.wait(60) == 0


def test_beside_a_container_new_sessions_are_taken_for_a_while(make):
    port = free_port()
    sidecar = make(SHUTDOWN_PORT=port)
    sidecar.snapshot(sidecar.connection())
    start(sidecar)
    sidecar.process.handle.send_signal(signal.SIGTERM)
    eventually(lambda: "stopping" in sidecar.log, "not stopping")
    with Wire(sidecar.endpoint()) as session:
        assert rows(session.ask(query(READ))) == OPEN
    assert sidecar.process.handle.wait(60) == 0


def test_a_pod_that_comes_back_under_its_name_is_another_gateway(make, stage):
    operator_options = {"OPERATOR": "https://127.0.0.1:1", "OPERATOR_CA": "/none", "TOKEN": "/none"}
    names = []
    for _ in range(2):
        sidecar = make(NAME=f"{NAMESPACE}.api-returning", **operator_options)
        sidecar.snapshot(sidecar.connection())
        start(sidecar)
        names.append((sidecar.data / "gateway.pub").read_text().split("+")[0])
        assert "weir_gateway_audit_sink_available 1\n" in sidecar.get("/metrics")[1]
        eventually(lambda it=sidecar: "weir_gateway_audit_unacknowledged_records 0\n" in it.get("/metrics")[1],
                   "the sink does not take its log")
        sidecar.process.stop()
    assert len(set(names)) == 2


def test_metrics_count_what_sessions_do(make):
    sidecar = make()
    sidecar.snapshot(sidecar.connection(), policy("ward"))
    start(sidecar)
    with Wire(sidecar.endpoint()) as session:
        session.ask(query(READ))
        session.ask(query("SELECT 1"))
        metrics = sidecar.get("/metrics")[1]
    for line in (
            'weir_gateway_sessions{connection="clinic/clinic"} 1', 'weir_gateway_ready 1',
            'weir_gateway_statements_total{connection="clinic/clinic",verdict="mask"} 1',
            'weir_gateway_statements_total{connection="clinic/clinic",verdict="allow"} 1',
            'weir_gateway_masked_columns_total{connection="clinic/clinic"} 1'):
        assert line + "\n" in metrics, metrics


@pytest.mark.slow
def test_forty_seconds_of_silence_end_the_stream(make, operator):
    sidecar = make(operator)
    sidecar.snapshot(sidecar.connection(), authorities=operator.authorities)
    operator.configure(sidecar.connection(), policy("ward"), revision="one")
    operator.start()
    start(sidecar)
    operator.requests.get(timeout=60)
    begun = time.monotonic()
    operator.requests.get(timeout=120)
    assert 39 < time.monotonic() - begun
    assert 'reason="timed out"' in sidecar.log


@pytest.mark.slow
def test_a_changed_snapshot_counts_once_the_stream_has_been_away_for_two_minutes(make, operator):
    sidecar = make(operator)
    sidecar.snapshot(sidecar.connection(), authorities=operator.authorities)
    operator.configure(sidecar.connection(), policy("ward"), revision="one")
    operator.start()
    start(sidecar)
    with Wire(sidecar.endpoint()) as session:
        becomes(session, WARD_MASKED)
        operator.stop()
        lost = time.monotonic()
        sidecar.snapshot(sidecar.connection(), policy("floor"), authorities=operator.authorities)
        becomes(session, FLOOR_MASKED, within=300)
        assert time.monotonic() - lost > 119
