"""Webhooks that are told of requests for approval: signed, again after failures, and with nothing to decide by."""

import hashlib
import hmac
import json
import os
import ssl
import time
import urllib.error
import urllib.request

import pytest
from approvals import CONNECTION, governed, notice, rule
from servers import eventually
from stage.files import contents
from webhooks import Receiver, verified
from wire import Wire, error, query

NOTIFY = "notify: [{webhookSecretRef: {name: chat}}, {webhookSecretRef: {name: archive}, includeStatement: true}]"
MANIFESTS = CONNECTION + rule(
    "held", "{statements: [Delete, Drop]}", f"approvers: {{groups: [dba]}}, requestTTL: 10m, {NOTIFY}") + rule(
    "short", "{statements: [Truncate]}", f"approvers: {{users: [ana]}}, requestTTL: 10s, {NOTIFY}") + rule(
    "odd", "{statements: [Update]}",
    "approvers: {users: [ana]}, requestTTL: 10m, notify: [{webhookSecretRef: {name: later}}]") + rule(
    "emergency", "{statements: [Insert]}",
    f"approvers: {{users: [ana]}}, breakGlass: {{subjects: {{users: [job]}}, reviewWithin: 1h}}, {NOTIFY}")
HOSTILE = "<!channel> *job* @here <x|y>"
TABLE = "<https://evil.example|approve> @channel"
SCHEMA = f"""
    CREATE TABLE visits (id int, note text);
    CREATE TABLE desks (id int);
    CREATE TABLE "{TABLE}" (id int);
"""


@pytest.fixture(scope="module")
def around(tmp_path_factory):
    folder = tmp_path_factory.mktemp("webhooks") / "secrets"
    folder.mkdir()
    chat, archive = Receiver(folder), Receiver(folder, "archive", is_secure=False)
    before = os.environ.get("WEIR_LOG_LEVEL")
    os.environ["WEIR_LOG_LEVEL"] = "trace"
    options = ["--secrets", folder, "--approvals-url", "https://ops.example/requests/{namespace}/{name}"]
    try:
        with governed(MANIFESTS, SCHEMA, users=("job", HOSTILE), groups=["dba=ana,ben"], options=options) as place:
            yield (*place, chat, archive)
    finally:
        os.environ.pop("WEIR_LOG_LEVEL")
        if before:
            os.environ["WEIR_LOG_LEVEL"] = before
        chat.stop()
        archive.stop()


@pytest.fixture
def operator(around):
    return around[1]


@pytest.fixture
def gateway(around):
    return around[2].endpoint("job")


@pytest.fixture
def chat(around):
    around[3].gate.set()
    around[3].answers.clear()
    return around[3]


@pytest.fixture
def archive(around):
    return around[4]


def told(receiver, request, event, timeout=60):
    return eventually(lambda: receiver.told(request, event), f"nobody is told {event}", timeout)


def held(session, text):
    session.send(query(text))
    return notice(session)


def attempts(receiver, request, event=None):
    """Each attempt to tell of the request, whatever became of it."""
    found = [(it, json.loads(it.body)["weir"]) for it in receiver.received]
    return [it for it, facts in found if facts["request"] == request and event in (None, facts["event"])]


def recorded(operator, request):
    """What is kept of who was told."""
    status = json.loads(operator.weirctl("ana", "show", request, "-o", "json").stdout)["status"]
    return {(it["webhook"], it["phase"], it["outcome"]) for it in status.get("notifications", [])}


def test_a_request_and_what_is_decided_are_told(operator, gateway, chat, archive):
    with Wire(gateway) as session:
        request = held(session, "DELETE FROM visits WHERE note = 'secret diagnosis'")
        asked, = told(chat, request, "requested")
        facts = asked["weir"]
        assert {name: facts[name] for name in ("namespace", "rule", "connection", "requester", "kind", "tables",
                                               "requiredApprovals", "approvals", "phase", "approvers")} == {
            "namespace": "default", "rule": {"namespace": "default", "name": "held"}, "connection": "clinic",
            "requester": "job", "kind": "Delete", "tables": ["public.visits"], "requiredApprovals": 1, "approvals": 0,
            "phase": "Pending", "approvers": {"users": [], "groups": ["dba"]}}
        assert facts["grant"] == {"type": "SingleStatement", "duration": "5m"}
        assert f"weirctl approvals approve {request}" in json.dumps(asked["blocks"])
        assert f"https://ops.example/requests/default/{request}" in json.dumps(asked["blocks"])
        assert "statement" not in facts and "DELETE" not in json.dumps(asked)
        with_text, = told(archive, request, "requested")
        assert with_text["weir"]["statement"].startswith("DELETE FROM visits WHERE")
        operator.approve("ana", request)
        assert error(session.until(b"Z")) is None
    decided, = told(chat, request, "approved")
    assert decided["weir"]["decisions"][0]["approver"] == "ana"
    assert "approvals approve" not in json.dumps(decided)
    told(archive, request, "approved")
    for receiver in (chat, archive):
        everything = b"".join(it.body for it in receiver.received)
        assert b"secret diagnosis" not in everything and operator.gateway_token.read_bytes() not in everything
    identifiers = [it.headers["Weir-Delivery"] for receiver in (chat, archive) for it in receiver.received]
    assert len(set(identifiers)) == len(identifiers) == 4
    both = {(f"{name}/url", phase, "Delivered") for name in ("chat", "archive") for phase in ("Pending", "Approved")}
    eventually(lambda: recorded(operator, request) == both, "it is not recorded")


@pytest.mark.slow
def test_denials_ends_and_withdrawals_are_told(operator, gateway, chat):
    with Wire(gateway) as session:
        request = held(session, "DELETE FROM visits")
        operator.weirctl("ben", "deny", request)
        assert error(session.until(b"Z")) == "42501"
        told(chat, request, "denied")
        request = held(session, "TRUNCATE desks")
        told(chat, request, "requested")
        assert error(session.until(b"Z")) == "42501"
        told(chat, request, "expired")
        request = held(session, "DELETE FROM visits")
        told(chat, request, "requested")
    told(chat, request, "withdrawn")


def test_a_broken_glass_and_its_review_are_told_without_the_reason(operator, gateway, chat):
    with Wire(gateway) as session:
        assert error(session.ask(query("SET weir.break_glass = 'INC-7: patient 12 bleeds'"))) is None
        assert error(session.ask(query("INSERT INTO visits VALUES (9, 'x')"))) is None
    broken, = eventually(lambda: chat.told(event="glassBroken"), "nobody is told")
    request = broken["weir"]["request"]
    assert broken["weir"]["breakGlass"] and broken["weir"]["phase"] == "AwaitingReview"
    operator.weirctl("ana", "deny", request)
    told(chat, request, "disputed")
    assert not any(b"INC-7" in it.body or b"bleeds" in it.body for it in attempts(chat, request))


@pytest.mark.slow
def test_a_webhook_that_fails_is_told_again_under_the_same_identifier(gateway, chat):
    chat.answers.extend([500, "cut", (429, 3), 503])
    with Wire(gateway) as session:
        begun = time.monotonic()
        request = held(session, "DELETE FROM visits")
        told(chat, request, "requested", 90)
        assert time.monotonic() - begun > 1 + 2 + 3, "it does not wait"
    tries = attempts(chat, request, "requested")
    assert [it.status for it in tries] == [500, "cut", 429, 503, 200]
    assert len({it.headers["Weir-Delivery"] for it in tries}) == 1 and len({it.body for it in tries}) == 1
    assert len({it.headers["Weir-Signature"] for it in tries}) > 2, "each is signed when it is sent"


def test_neither_redirects_nor_refusals_are_tried_again(operator, gateway, chat, archive):
    with Wire(gateway) as session:
        for status, answer in ((302, (302, archive.url)), (404, 404)):
            chat.answers.append(answer)
            request = held(session, "DELETE FROM visits")
            eventually(lambda: [it.status for it in attempts(chat, request)] == [status], "it is not told")
            told(archive, request, "requested")
            operator.weirctl("ana", "deny", request)
            session.until(b"Z")
            told(chat, request, "denied")
            eventually(lambda: ("chat/url", "Pending", "Failed") in recorded(operator, request), "it is not recorded")
            assert len(attempts(archive, request, "requested")) == 1, "no redirect is followed"


def test_a_webhook_that_hangs_holds_up_nothing_else(operator, gateway, chat, archive):
    chat.gate.clear()
    requests = []
    with Wire(gateway) as session:
        for _ in range(3):
            begun = time.monotonic()
            requests.append(held(session, "DELETE FROM visits WHERE id = 1"))
            operator.approve("ana", requests[-1])
            assert error(session.until(b"Z")) is None
            told(archive, requests[-1], "approved")
            # Sooner than the one that hangs is given up, after ten seconds.
            assert time.monotonic() - begun < 9
    chat.gate.set()
    # Each, for the next play but one gives the webhook another key.
    for request in requests:
        told(chat, request, "approved", 90)
    # Nobody is asked any more to approve what is approved.
    assert not chat.told(requests[-1], "requested")


@pytest.mark.slow
def test_what_was_not_delivered_is_told_after_a_crash_and_nothing_twice(around, gateway, chat, archive):
    operator = around[1]
    with Wire(gateway) as session:
        known = held(session, "DELETE FROM visits WHERE id = 1")
        told(chat, known, "requested")
        told(archive, known, "requested")
        eventually(lambda: (operator.data / "approvals" / known).read_text().count("Delivered") == 2, "not recorded")
        chat.stop()
        with Wire(gateway) as other:
            request = held(other, "DELETE FROM visits WHERE id = 2")
            eventually(lambda: f"approvals/{request}" and (operator.data / "approvals" / request).exists(), "not kept")
            operator.process.kill()
            chat.start()
            operator.process.start()
            told(chat, request, "requested")
            operator.approve("ana", request)
            assert error(other.until(b"Z")) is None
        told(chat, request, "approved")
        assert len(attempts(chat, known)) == 1 and len(attempts(archive, known)) == 1
        operator.weirctl("ana", "deny", known)
        session.until(b"Z")


def test_names_forge_neither_links_nor_mentions(around, operator, chat):
    with Wire(around[2].endpoint(HOSTILE)) as session:
        request = held(session, f'DROP TABLE "{TABLE}"')
        message, = told(chat, request, "requested")
        operator.weirctl("ana", "deny", request)
        session.until(b"Z")
        # Before the next play gives the webhook another key.
        told(chat, request, "denied")
    facts = message.pop("weir")
    assert facts["requester"] == HOSTILE and facts["tables"] == [f"public.{TABLE}"], "programs get them as they are"
    # The one link is the operator's.
    link, = [it["text"]["text"] for it in message["blocks"] if it.get("text", {}).get("type") == "mrkdwn"]
    assert link == f"<https://ops.example/requests/default/{request}|Open the request>"
    shown = json.dumps(message, ensure_ascii=False).replace(link, "")
    assert not set("<>") & set(shown)
    assert "@channel" not in message["text"] and "@here" not in message["text"] and "*job*" not in message["text"]
    assert "evil.example" not in message["text"]


def test_a_secret_is_read_when_it_is_needed(operator, gateway, chat):
    with Wire(gateway) as session:
        request = held(session, "DELETE FROM visits")
        told(chat, request, "requested")
        chat.rotate()
        operator.weirctl("ana", "deny", request)
        session.until(b"Z")
        told(chat, request, "denied")
    assert [it.path == chat.path for it in attempts(chat, request)] == [False, True]


@pytest.mark.slow
def test_a_secret_that_cannot_be_used_is_said_and_waited_for(around, operator, gateway, chat):
    log = around[1].log
    with Wire(gateway) as session:
        request = held(session, "UPDATE visits SET note = 'x'")
        eventually(lambda: "there is no Secret later" in log.read_text(), "it is not said")
        folder = chat.folder / "later"
        folder.mkdir()
        for contents, why in (({"url": chat.url}, "has no key signingKey"),
                              ({"url": chat.url, "signingKey": "short"}, "is shorter than 32 bytes"),
                              ({"url": "http://hooks.example/x", "signingKey": "k" * 40}, "is no https:// URL")):
            for name, text in contents.items():
                (folder / name).write_text(text)
            eventually(lambda: why in log.read_text(), f"it does not say: {why}", 90)
        for name in ("url", "signingKey", "ca.crt"):
            (folder / name).write_bytes((chat.secret / name).read_bytes())
        told(chat, request, "requested", 90)
        operator.weirctl("ana", "deny", request)
        session.until(b"Z")


def post(url, body, **headers):
    """The status of an answer."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    try:
        return urllib.request.urlopen(request, context=trust, timeout=30).status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_whoever_forges_a_message_or_a_callback_decides_nothing(operator, gateway, chat):
    with Wire(gateway) as session:
        request = held(session, "DELETE FROM visits")
        told(chat, request, "requested")
        delivery = attempts(chat, request)[0]
        body = json.loads(delivery.body)
        body["weir"].update(event="approved", phase="Approved", approvals=1)
        forged = json.dumps(body).encode()
        # At the receiver: another body, no key, an old one.
        with pytest.raises(ValueError):
            verified(delivery.headers, forged, chat.key)
        stamp = str(int(time.time()) - 3600)
        code = hmac.new(chat.key, f"{stamp}.".encode() + delivery.body, hashlib.sha256).hexdigest()
        with pytest.raises(ValueError):
            verified({"Weir-Signature": f"t={stamp},v1={code}"}, delivery.body, chat.key)
        # At the operator: there is no place for callbacks, and what a notification holds is no proof of anybody.
        headers = {name: delivery.headers[name] for name in ("Weir-Signature", "Weir-Delivery")}
        slack = {"type": "block_actions", "user": {"id": "ana"}, "actions": [{"value": f"approve {request}"}]}
        for path, content in (("/", body), ("/slack/actions", slack), ("/v1/notifications", body),
                              ("/v1/approvals", body), (f"/v1/approvals/{request}", body),
                              (f"/v1/approvals/{request}/decisions", {"verdict": "Approve", "reason": ""})):
            for proof in ({}, {"Authorization": f"Bearer {chat.key.decode()}"},
                          {"Authorization": f"Bearer {body['weir']['delivery']}"}):
                assert post(operator.url + path, content, **headers, **proof) in (401, 404, 405), path
        shown = json.loads(operator.weirctl("ana", "show", request, "-o", "json").stdout)
        assert shown["status"]["phase"] == "Pending" and shown["spec"]["decisions"] == []
        operator.weirctl("ana", "deny", request)
        assert error(session.until(b"Z")) == "42501"


def test_nothing_tells_the_address_or_the_key(around, chat, archive):
    stage, operator = around[0], around[1]
    texts = [(path, text) for path, text in contents(stage.folder)
             if path.suffix != ".key" and "postgresql" not in str(path)]
    told = [it.decode() if isinstance(it, bytes) else it for receiver in (chat, archive)
            for pair in receiver.keys.items() for it in pair]
    for secret in (*told, f":{chat.port}"):
        for path, text in texts:
            assert secret.encode() not in text, (path, secret)
    assert "notification delivered" in operator.log.read_text()
