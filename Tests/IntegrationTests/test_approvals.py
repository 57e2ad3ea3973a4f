"""Statements that wait for people: held on their connection, or sent again once they are approved."""

import json
import re
import ssl
import threading
import urllib.error
import urllib.request

import pytest
from approvals import CONNECTION, notice
from servers import eventually
from stage.local_operator import LocalOperator
from stage.stage import Stage
from wire import SYNC, Wire, bind, cancel, describe, error, execute, fields, message, parse, query, rows

MANIFESTS = CONNECTION + """\
---
apiVersion: weir.dev/v1alpha1
kind: MaskingPolicy
metadata: {name: patients, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  rules:
  - name: number
    match: {schemas: [public], tables: [patients], columns: [ssn]}
    action: {type: Partial, partial: {keepLast: 4, maskCharacter: "*"}}
  unmatched: Allow
---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: destruction, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  match: {statements: [Drop, Truncate]}
  effect: RequireApproval
  approval: {required: 2, approvers: {groups: [dba]}, requestTTL: 10m, requireReason: true}
---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: deletion, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  match: {statements: [Delete]}
  effect: RequireApproval
  approval: {approvers: {users: [ana, job]}, requestTTL: 10m}
---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: changes, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  match: {statements: [Update], tables: [visits]}
  effect: RequireApproval
  whileWaiting: Reject
  approval: {approvers: {users: [ana]}, requestTTL: 10m}
---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: reading, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  match: {statements: [Select], tables: [desks]}
  effect: RequireApproval
  approval: {approvers: {users: [ana]}, requestTTL: 20s}
---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: copying, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  match: {statements: [CopyOut]}
  effect: RequireApproval
  approval: {approvers: {users: [ana]}}
  grant: {type: Session, duration: 1h}
"""


@pytest.fixture(scope="module")
def around():
    """A stage, its operator, and a gateway that both `job` and `other` may use."""
    with Stage() as stage:
        stage.start_postgresql()
        stage.start_sink()
        folder = stage.folder / "manifests"
        folder.mkdir()
        (folder / "clinic.yaml").write_text(MANIFESTS)
        gateway = stage.gateway(folder, users=["job", "other"])
        operator = LocalOperator(stage.folder, gateway.manifests, people=("ana", "ben", "eve", "job"),
                                 groups=["dba=ana,ben"])
        operator.process.start()
        gateway.process.command += operator.gateway_options
        gateway.start()
        eventually(lambda: "configuration stream is open" in gateway.log.read_text(), "no stream")
        stage.postgresql.endpoint("clinic").script("""
            CREATE TABLE patients (id int PRIMARY KEY, ssn text);
            INSERT INTO patients SELECT n, '937-14-791' || n FROM generate_series(1, 9) n;
            CREATE TABLE visits (id int, note text);
            CREATE TABLE desks (id int);
            INSERT INTO visits SELECT n, 'v' FROM generate_series(1, 9) n;
        """)
        yield stage, operator, gateway
        operator.process.stop()


@pytest.fixture
def operator(around):
    return around[1]


@pytest.fixture
def gateway(around):
    return around[2].endpoint("job")


@pytest.fixture
def database(around):
    return around[0].postgresql.endpoint("clinic")


def test_two_people_approve_what_waits_on_the_live_connection(operator, gateway, database):
    database.value("CREATE TABLE old (id int)")
    with Wire(gateway) as session:
        session.send(query("BEGIN"))
        session.until(b"Z")
        session.send(query("DROP TABLE old"))
        request = notice(session)
        shown = operator.weirctl("ana", "show", request).stdout
        assert "DROP TABLE old" in shown and "job (GatewayUser)" in shown and re.search(r"approvals +0/2", shown)
        assert operator.approve("ana", request, "--reason", "ticket 7") == f"{request}: Pending, 1/2 approvals\n"
        again = operator.weirctl("ana", "approve", request, "--reason", "once more")
        assert again.returncode == 1 and "you have decided this request already" in again.stderr
        assert operator.approve("ben", request, "--reason", "looked at it") == f"{request}: Approved, 2/2 approvals\n"
        answer = session.until(b"Z")
        assert error(answer) is None and answer[-1] == (b"Z", b"T")
        assert error(session.ask(query("COMMIT"))) is None
    assert database.value("SELECT to_regclass('old') IS NULL") == "t"


def test_who_may_not_decide_is_told_so(operator, gateway):
    with Wire(gateway) as session:
        session.send(query("TRUNCATE visits"))
        request = notice(session)
        for person, why in (("eve", "is not among the rule's approvers"), ("ana", "gives no reason")):
            done = operator.weirctl(person, "approve", request)
            assert done.returncode == 1 and why in done.stderr
        nobody = operator.weirctl("ana", "approve", request, token=operator.gateway_token)
        assert nobody.returncode == 1 and "401" in nobody.stderr
        operator.weirctl("ben", "deny", request, "--reason", "not on a Sunday")
        answer = session.until(b"Z")
        assert error(answer) == "42501" and "not on a Sunday" in fields(answer[0][1])["M"]
        assert rows(session.ask(query("SELECT count(*) FROM visits"))) == [[b"9"]]


def test_a_reason_is_of_one_line(operator, gateway):
    with Wire(gateway) as session:
        session.send(query("DELETE FROM visits WHERE id = 1"))
        request = notice(session)
        context = ssl.create_default_context(cafile=operator.data / "ca.crt")
        token = (operator.tokens / "people/ana").read_text()
        for reason in ("not now\nask again", "a\tb", "a\x7fb", "a" * 1025):
            decision = json.dumps({"verdict": "Deny", "reason": reason}).encode()
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(
                    f"{operator.url}/v1/approvals/{request}/decisions", decision,
                    {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}), context=context)
            assert refused.value.code == 400 and b"the reason " in refused.value.read(), reason
        done = operator.weirctl("ana", "deny", request, "--reason", "not now:\n\task again\u2028\x85later")
        assert done.returncode == 0, done.stderr
        answer = session.until(b"Z")
        assert error(answer) == "42501" and "not now: ask again later" in fields(answer[0][1])["M"]


def test_what_approvers_cannot_be_told_is_said_to_the_client(operator, gateway, database):
    database.value('CREATE TABLE "a\nb" (id int)')
    with Wire(gateway) as session:
        answer = session.ask(query('DELETE FROM "a\nb"'))
        assert error(answer) == "42501"
        assert "does not take the question: tables[0]: holds a control character" in fields(answer[0][1])["M"]
        session.send(query('DELETE FROM visits AS "v\x7f\x81\u2028--- " WHERE false'))
        request = notice(session)
        shown = json.loads(operator.weirctl("ana", "show", request, "-o", "json").stdout)
        assert 'AS "v\x7f\x81\u2028--- " WHERE' in shown["spec"]["statement"]["redactedText"]
        operator.approve("ana", request)
        assert error(session.until(b"Z")) is None


def test_nobody_approves_what_they_ask_for(operator, gateway):
    with Wire(gateway) as session:
        session.send(query("DELETE FROM visits WHERE id = 1"))
        request = notice(session)
        done = operator.weirctl("job", "approve", request)
        assert done.returncode == 1 and "nobody approves what they ask for themselves" in done.stderr
        operator.approve("ana", request)
        assert error(session.until(b"Z")) is None


def test_a_prepared_statement_waits_when_it_is_run(operator, gateway):
    with Wire(gateway) as session:
        session.send(parse("DELETE FROM visits WHERE id = $1 RETURNING id", b"s"), bind([b"2"], name=b"s"), describe(),
                     execute(), SYNC)
        assert session.receive()[0] == b"1" and session.receive()[0] == b"2" and session.receive()[0] == b"T"
        operator.approve("ana", notice(session))
        answer = session.until(b"Z")
        assert rows(answer) == [[b"2"]] and error(answer) is None
        # The approval was for that one.
        session.send(bind([b"3"], name=b"s"), execute(), SYNC)
        session.receive()
        operator.weirctl("ana", "deny", notice(session))
        assert error(session.until(b"Z")) == "42501"


@pytest.mark.parametrize("run", ["FETCH ALL FROM p", "MOVE ALL FROM p"])
def test_a_portal_with_a_name_is_asked_about_before_there_is_one(operator, gateway, database, run):
    delete = parse("DELETE FROM visits WHERE id = 4 RETURNING id") + bind(portal=b"p")
    with Wire(gateway) as session:
        session.ask(query("BEGIN"))
        session.send(delete, SYNC)
        session.receive()
        operator.weirctl("ana", "deny", notice(session))
        assert error(session.until(b"Z")) == "42501"
        session.ask(query("ROLLBACK"))
        session.ask(query("BEGIN"))
        session.send(delete, SYNC, query(run))
        session.receive()
        operator.approve("ana", notice(session))
        assert error(session.until(b"Z")) is None
        assert error(session.until(b"Z")) is None
        session.ask(query("ROLLBACK"))
    assert database.value("SELECT count(*) FROM visits WHERE id = 4") == "1"


@pytest.mark.parametrize("run", ["FETCH ALL FROM p", "MOVE ALL FROM p"])
def test_a_portal_does_not_run_what_has_come_to_its_name(gateway, database, run):
    with Wire(gateway) as session:
        session.ask(query("BEGIN"))
        session.ask(parse("SELECT 1", b"s"), parse("EXECUTE s"), bind(portal=b"p"), message(b"C", b"Ss\0"),
                    parse("DELETE FROM visits WHERE id = 4 RETURNING id", b"s"), SYNC)
        assert error(session.ask(query(run))) == "42501"
    assert database.value("SELECT count(*) FROM visits WHERE id = 4") == "1"


def test_a_cancel_ends_the_wait(operator, gateway):
    with Wire(gateway) as session:
        session.send(query("DELETE FROM visits"))
        request = notice(session)
        cancel(gateway, session.process, session.secret)
        assert error(session.until(b"Z")) == "57014"
        eventually(lambda: operator.weirctl("ana", "show", request).returncode == 1, "the request stays")
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]


def test_a_client_that_leaves_withdraws_its_request(operator, gateway):
    with Wire(gateway) as session:
        session.send(query("DELETE FROM visits"))
        request = notice(session)
    eventually(lambda: operator.weirctl("ana", "show", request).returncode == 1, "the request stays")


def test_a_statement_sent_again_passes_once(operator, gateway, database):
    change = query("UPDATE visits SET note = 'w' WHERE id = 5")
    with Wire(gateway) as session:
        answer = session.ask(change)
        assert error(answer) == "42501"
        request = re.search(r"request (\S+)", fields(answer[0][1])["M"])[1]
        assert error(session.ask(change)) == "42501"
        assert [it["metadata"]["name"] for it in operator.pending()] == [request]
    operator.approve("ana", request)
    with Wire(gateway) as session:
        assert error(session.ask(query("UPDATE visits SET note = 'w' WHERE id = 6"))) == "42501"
        session.ask(query("SET search_path = pg_catalog, public"))
        assert error(session.ask(change)) == "42501"
        session.ask(query("RESET search_path"))
        assert error(session.ask(change)) is None
        assert error(session.ask(change)) == "42501"
    assert database.value("SELECT string_agg(id::text, ',') FROM visits WHERE note = 'w'") == "5"


def test_what_one_may_run_again_another_may_not(around, operator, gateway):
    change = query("UPDATE visits SET note = 'x' WHERE id = 7")
    with Wire(gateway) as session:
        request = re.search(r"request (\S+)", fields(session.ask(change)[0][1])["M"])[1]
    operator.approve("ana", request)
    with Wire(around[2].endpoint("other")) as session:
        assert error(session.ask(change)) == "42501"


def test_an_approval_for_the_session_is_for_that_session(operator, gateway):
    copy = query("COPY visits TO STDOUT")
    with Wire(gateway) as session, Wire(gateway) as other:
        session.send(copy)
        kind, body = session.receive()
        assert kind == b"N" and fields(body)["M"].endswith("ApprovalRule/copying, good for 1h in this session")
        request = re.search(r"request (\S+)\.", fields(body)["D"])[1]
        shown = operator.weirctl("ana", "show", request).stdout
        assert re.search(r"grant +Session 1h\n", shown) and re.search(r"covers +CopyOut\n", shown)
        assert "Session 1h" in operator.weirctl("ana", "list").stdout
        listed = next(it for it in operator.pending() if it["metadata"]["name"] == request)
        assert listed["spec"]["grant"] == {"type": "Session", "duration": "1h", "covers": "CopyOut"}
        operator.approve("ana", request)
        assert error(session.until(b"Z")) is None
        assert error(session.ask(copy)) is None
        other.send(copy)
        operator.weirctl("ana", "deny", notice(other))
        assert error(other.until(b"Z")) == "42501"


@pytest.mark.slow
def test_what_nobody_decides_expires(gateway):
    with Wire(gateway) as session:
        session.send(query("SELECT count(*) FROM desks"))
        notice(session)
        answer = session.until(b"Z")
        assert error(answer) == "42501" and "was not given in time" in fields(answer[0][1])["M"]


@pytest.mark.slow
def test_an_operator_that_is_started_anew_still_knows(operator, gateway):
    # A gateway that has lost its operator comes back within 30 seconds.
    with Wire(gateway, timeout=100) as session:
        session.send(query("DELETE FROM visits WHERE id = 8"))
        request = notice(session)
        operator.pending()
        operator.process.kill()
        operator.process.start()
        eventually(lambda: operator.weirctl("ana", "show", request).returncode == 0, "the request is lost")
        operator.approve("ana", request)
        assert error(session.until(b"Z")) is None


def test_the_log_tells_who_approved(around, operator, gateway):
    stage = around[0]
    with Wire(gateway) as session:
        session.send(query("DELETE FROM visits WHERE id = 9"))
        request = notice(session)
        operator.approve("ana", request, "--reason", "agreed")
        session.until(b"Z")

    def replay():
        done = stage.weirctl("sessions", "replay", request.split("-")[0], "--sink", stage.sink_url)
        return done.stdout if "session ended" in done.stdout else None
    replayed = eventually(replay, "the sink does not know the session")
    assert f"approval requested, ApprovalRule/deletion, request {request}" in replayed
    assert re.search(rf"approval approved, ApprovalRule/deletion, request {request}\n.*Approve by ana at .*: agreed",
                     replayed)
    assert f"rule ApprovalRule/deletion, request {request}" in replayed


def test_a_rule_that_is_gone_holds_nobody(around, gateway):
    manifests = around[2].manifests / "clinic.yaml"
    written = manifests.read_text()
    with Wire(gateway) as session:
        session.send(query("SELECT count(*) FROM desks"))
        notice(session)
        before = around[2].log.read_text().count("configuration in force")
        manifests.write_text(written.replace("tables: [desks]", "tables: [chairs]"))
        assert rows(session.until(b"Z")) == [[b"0"]]
    manifests.write_text(written)
    # Of the change that let the statement run is told after it has.
    eventually(lambda: around[2].log.read_text().count("configuration in force") == before + 2,
               "it is not in force again")


def test_many_wait_at_once(operator, gateway):
    sessions = [Wire(gateway) for _ in range(20)]
    for session in sessions:
        session.send(query("DELETE FROM visits WHERE id = 99"))
    requests = [notice(session) for session in sessions]
    assert len({it["metadata"]["name"] for it in operator.pending(20)} & set(requests)) == 20
    threads = [threading.Thread(target=operator.approve, args=("ana", request)) for request in requests]
    for thread in threads:
        thread.start()
    for session in sessions:
        assert error(session.until(b"Z")) is None
        session.close()
    for thread in threads:
        thread.join()


def test_without_an_operator_nobody_can_be_asked(around):
    stage, _, gateway = around
    alone = stage.gateway(stage.folder / "manifests", name="alone", users=["job"])
    alone.start()
    with Wire(alone.endpoint()) as session:
        answer = session.ask(query("TRUNCATE visits"))
        assert error(answer) == "42501" and "no operator" in fields(answer[0][1])["M"]
