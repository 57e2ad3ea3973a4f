"""An emergency: what a rule asks about runs at once, is recorded with a reason, and is reviewed afterwards."""

import json
import re

import pytest
from approvals import CONNECTION, governed, notice, rule
from servers import eventually
from wire import SYNC, Wire, bind, describe, error, execute, fields, parse, query, rows

GLASS = "breakGlass: {subjects: {users: [job]}, duration: 1h, reviewWithin: 1h}"
MANIFESTS = CONNECTION + "".join([
    rule("destruction", "{statements: [Truncate, Drop]}", f"required: 2, approvers: {{groups: [dba]}}, {GLASS}"),
    rule("deletion", "{statements: [Delete], tables: [visits]}", f"approvers: {{users: [ana, job]}}, {GLASS}"),
    rule("changes", "{statements: [Update], tables: [visits]}", "approvers: {users: [ana]}"),
    rule("nights", "{statements: [Insert], tables: [visits]}",
         f'approvers: {{users: [ana]}}, windows: ["Mon 00:00-00:01 UTC-12:00"], {GLASS}', whileWaiting="Reject"),
    rule("briefly", "{statements: [Delete], tables: [beds]}",
         "approvers: {users: [ana]}, breakGlass: {subjects: {users: [job]}, duration: 2s}",
         grant="{type: TimeBox, duration: 1h}"),
    """---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: never, namespace: default}
spec: {targets: {connectionNames: [clinic]}, match: {statements: [Delete], tables: [doctors]}, effect: Deny}
---
apiVersion: weir.dev/v1alpha1
kind: MaskingPolicy
metadata: {name: patients, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  rules:
  - {name: number, match: {tables: [patients], columns: [ssn]}, action: {type: Redact}}
"""])
SCHEMA = """
    CREATE TABLE visits (id int); CREATE TABLE doctors (id int); CREATE TABLE beds (id int);
    CREATE TABLE patients (ssn text); INSERT INTO patients VALUES ('123-45-6789');
    INSERT INTO visits SELECT n FROM generate_series(1, 99) n;
"""
BREAK = query("SET weir.break_glass = 'INC-7: ward 3 is down'")


@pytest.fixture(scope="module")
def around():
    with governed(MANIFESTS, SCHEMA, people=("ana", "ben", "job"), users=("job", "other"),
                  groups=["dba=ana,ben"]) as around:
        yield around


@pytest.fixture
def operator(around):
    return around[1]


@pytest.fixture
def gateway(around):
    return around[2].endpoint("job")


def broken(session):
    """The request by which what runs is to be reviewed, as the client is told."""
    kind, body = session.receive()
    assert kind == b"N" and re.fullmatch(r"the glass of ApprovalRule/\w+ is broken", fields(body)["M"]), body
    return re.fullmatch(r"What runs is recorded, and is reviewed as request (\S+)\.", fields(body)["D"])[1]


def ran(session, number):
    """The request by which the deletion of a visit is to be reviewed, which has run at once."""
    session.send(query(f"DELETE FROM visits WHERE id = {number}"))
    request = broken(session)
    assert error(session.until(b"Z")) is None
    return request


def shown(operator, request):
    done = operator.weirctl("ana", "show", request, "-o", "json")
    return json.loads(done.stdout) if done.returncode == 0 else None


def phase(operator, request):
    return eventually(lambda: shown(operator, request), "the operator does not know of it")["status"]["phase"]


def test_what_would_wait_runs_at_once_and_is_reviewed(operator, gateway):
    with Wire(gateway) as session:
        assert error(session.ask(BREAK)) is None
        request = ran(session, 1)
        assert phase(operator, request) == "AwaitingReview"
        # More of the same belongs to the same review.
        session.send(query("DELETE FROM visits WHERE id = 2"))
        assert error(session.until(b"Z")) is None
    told = shown(operator, request)["spec"]
    assert told["breakGlass"] == {"reason": "INC-7: ward 3 is down"} and told["requester"]["name"] == "job"
    assert request in operator.weirctl("ana", "list").stdout
    assert "Reviewed" in operator.approve("ana", request, "--reason", "seen")
    assert request not in operator.weirctl("ana", "list").stdout


def test_a_review_may_disagree(operator, gateway):
    with Wire(gateway) as session:
        session.ask(BREAK)
        request = ran(session, 3)
    assert phase(operator, request) == "AwaitingReview"
    done = operator.weirctl("ana", "deny", request, "--reason", "no emergency")
    assert done.returncode == 0 and "Disputed" in done.stdout


def test_as_many_people_review_as_would_have_approved(operator, gateway):
    with Wire(gateway) as session:
        session.ask(BREAK)
        session.send(query("TRUNCATE visits"))
        request = broken(session)
        assert error(session.until(b"Z")) is None
    assert phase(operator, request) == "AwaitingReview"
    assert "AwaitingReview, 1/2" in operator.approve("ana", request)
    assert "Reviewed, 2/2" in operator.approve("ben", request)
    # A review that is over stays so when a reviewer leaves.
    token = operator.tokens / "people/ben"
    written = token.read_text()
    token.unlink()
    try:
        assert phase(operator, request) == "Reviewed"
    finally:
        token.write_text(written)
        token.chmod(0o600)


def test_nobody_reviews_what_they_ran(operator, gateway):
    """Though job may approve what others ask for."""
    with Wire(gateway) as session:
        session.ask(BREAK)
        request = ran(session, 4)
    phase(operator, request)
    done = operator.weirctl("job", "approve", request)
    assert done.returncode == 1 and "nobody approves what they ask for themselves" in done.stderr
    assert phase(operator, request) == "AwaitingReview"


def test_it_does_not_wait_for_a_window(operator, gateway):
    with Wire(gateway) as session:
        assert error(session.ask(query("INSERT INTO visits VALUES (200)"))) == "42501"
        session.ask(BREAK)
        session.send(query("INSERT INTO visits VALUES (200)"))
        broken(session)
        assert error(session.until(b"Z")) is None


def test_a_rule_without_a_glass_still_asks(operator, gateway):
    with Wire(gateway) as session:
        session.ask(BREAK)
        session.send(query("UPDATE visits SET id = id WHERE id = 5"))
        operator.approve("ana", notice(session))
        assert error(session.until(b"Z")) is None


def test_it_lifts_no_denial_and_no_mask(gateway):
    with Wire(gateway) as session:
        session.ask(BREAK)
        assert error(session.ask(query("DELETE FROM doctors"))) == "42501"
        assert b"123-45-6789" not in rows(session.ask(query("SELECT ssn FROM patients")))[0]


def test_who_is_not_named_breaks_nothing(around):
    with Wire(around[2].endpoint("other")) as session:
        answer = session.ask(BREAK)
        assert error(answer) == "42501" and "no rule lets you" in fields(answer[0][1])["M"]
        session.send(query("DELETE FROM visits WHERE id = 6"))
        notice(session)


@pytest.mark.parametrize("statement", [
    "BEGIN; SET weir.break_glass = 'INC-7'", "SET weir.break_glass = 'INC-7'; SELECT 1",
    "SET LOCAL weir.break_glass = 'INC-7'", "SELECT set_config('weir.break_glass', 'INC-7', false)",
    "SET weir.break_glass = ''", "SET weir.break_glass = '   '", f"SET weir.break_glass = '{'x' * 513}'",
    "SET weir.break_glass = 'a', 'b'", "SET \"WEIR.Break_Glass\" = 'INC-7'; DELETE FROM visits WHERE id = 7",
    "DO $$ BEGIN PERFORM set_config('weir.break_glass', 'INC-7', false); END $$",
    "SELECT set_config('weir.break_' || 'glass', 'INC-7', false)",
])
def test_only_a_plain_set_breaks_it(operator, gateway, statement):
    with Wire(gateway) as session:
        session.ask(query(statement))
        session.ask(query("ROLLBACK"))
        session.send(query("DELETE FROM visits WHERE id = 7"))
        notice(session)


def test_not_within_a_transaction(gateway):
    with Wire(gateway) as session:
        session.ask(query("BEGIN"))
        assert error(session.ask(BREAK)) == "0A000"


@pytest.mark.parametrize(
    "mend", ["RESET weir.break_glass", "SET weir.break_glass TO DEFAULT", "RESET ALL", "DISCARD ALL"])
def test_it_is_mended(gateway, mend):
    with Wire(gateway) as session:
        session.ask(BREAK)
        ran(session, 8)
        assert error(session.ask(query(mend))) is None
        session.send(query("DELETE FROM visits WHERE id = 8"))
        notice(session)


def test_a_reason_holds_for_its_time_alone(operator, gateway):
    with Wire(gateway) as session:
        def runs():
            session.ask(BREAK)
            session.send(query("DELETE FROM beds"))
            kind, body = session.receive()
            told = fields(body)
            if kind == b"N" and "is broken" in told["M"]:
                return error(session.until(b"Z")) is None
            if kind == b"N":  # Its time was over before the statement came.
                operator.weirctl("ana", "deny", re.search(r"request (\S+)\.", told["D"])[1])
            session.until(b"Z")
            return False
        eventually(runs, "it never runs at once")
        session.ask(query("SELECT pg_sleep(2)"))
        session.send(query("DELETE FROM beds"))
        operator.approve("ana", notice(session))
        assert error(session.until(b"Z")) is None
        # What was approved then holds for longer, though the glass was broken before.
        assert error(session.ask(query("DELETE FROM beds"))) is None


def test_another_reason_is_another_review(operator, gateway):
    with Wire(gateway) as session:
        requests = []
        for reason in ("one", "two"):
            session.ask(query(f"SET weir.break_glass = '{reason}'"))
            requests.append(ran(session, 9))
    told = [eventually(lambda it=it: shown(operator, it), "the operator does not know of it") for it in requests]
    assert [it["spec"]["breakGlass"]["reason"] for it in told] == ["one", "two"]


def test_a_prepared_statement_runs_at_once_as_well(gateway):
    with Wire(gateway) as session:
        answer = session.ask(parse("SET weir.break_glass = 'INC-7'"), bind(), execute(), SYNC)
        assert error(answer) is None
        answer = session.ask(parse("DELETE FROM visits WHERE id = 10"), bind(), describe(b"P"), execute(), SYNC)
        assert error(answer) is None and [kind for kind, _ in answer].count(b"N") == 1


def test_the_operator_is_away_and_hears_of_it_later(operator, gateway):
    operator.process.kill()
    try:
        with Wire(gateway) as session:
            session.ask(BREAK)
            request = ran(session, 11)
    finally:
        operator.process.start()
    assert phase(operator, request) == "AwaitingReview"


def test_a_review_that_awaits_survives_the_operator(operator, gateway):
    with Wire(gateway) as session:
        session.ask(BREAK)
        request = ran(session, 12)
    phase(operator, request)
    operator.process.stop()
    operator.process.start()
    assert "Reviewed" in operator.approve("ana", request)


def test_without_an_operator_nothing_could_be_reviewed(around):
    stage = around[0]
    alone = stage.gateway(stage.folder / "manifests", name="alone", users=["job"])
    alone.start()
    with Wire(alone.endpoint()) as session:
        session.ask(BREAK)
        answer = session.ask(query("DELETE FROM visits WHERE id = 13"))
        assert error(answer) == "42501" and "no operator" in fields(answer[0][1])["M"]


def test_the_log_tells_what_ran_and_why(around, gateway):
    stage = around[0]
    with Wire(gateway) as session:
        session.ask(BREAK)
        request = ran(session, 14)
    def replay():
        done = stage.weirctl("sessions", "replay", request.split("-")[0], "--sink", stage.sink_url)
        return done.stdout if "session ended" in done.stdout else None
    replayed = eventually(replay, "the sink does not know the session")
    assert re.search(rf"glass broken, ApprovalRule/deletion, request {request}\n.*by job: INC-7: ward 3", replayed)
    assert f"rule ApprovalRule/deletion, request {request}" in replayed


def test_the_log_tells_who_reviewed(around, operator, gateway):
    stage = around[0]
    with Wire(gateway) as session:
        session.ask(BREAK)
        request = ran(session, 15)
    phase(operator, request)
    assert operator.weirctl("ana", "deny", request, "--reason", "no emergency").returncode == 0

    def reviewed():
        done = stage.weirctl("sessions", "replay", request.split("-")[0], "--sink", stage.sink_url)
        return re.search(rf"approval disputed, ApprovalRule/deletion, request {request}\n"
                         r" +Deny by ana at \S+: no emergency", done.stdout)
    eventually(reviewed, "the operator's record is not there")
    for log in (stage.sink_data, operator.data / "audit"):
        verified = stage.weirctl("verify", log)
        assert verified.returncode == 0, verified.stdout + verified.stderr
