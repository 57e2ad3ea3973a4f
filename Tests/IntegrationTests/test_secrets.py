"""Secrets planted wherever one can be shown, and everything that Weir writes or answers searched for them."""

import json
import os
import pathlib
import urllib.request

import pytest
from servers import eventually
from stage.process import free_port
from stage.stage import Stage
from test_local_identities import SCIM_TOKEN, Plane
from wire import Wire, error, query


@pytest.fixture(scope="module")
def scene():
    level = os.environ.get("WEIR_LOG_LEVEL")
    os.environ["WEIR_LOG_LEVEL"] = "trace"
    try:
        with Stage(settings={"log_statement": "all"}) as stage:
            stage.start_postgresql()
            stage.start_sink()
            health = free_port()
            plane = Plane(stage, options=["--health-address", f"127.0.0.1:{health}"])
            plane.stage, plane.health = stage, health
            yield plane
            plane.operator.process.stop()
            plane.provider.stop()
    finally:
        os.environ.pop("WEIR_LOG_LEVEL")
        if level:
            os.environ["WEIR_LOG_LEVEL"] = level


def play(plane):
    """Shows every kind of secret, rightly and wrongly; returns them, and all that was answered."""
    secrets, answers = {}, []

    def shown(kind, secret):
        secrets[f"{kind} {len(secrets)}"] = secret
        return secret

    def told(done):
        answers.append(done.stdout + done.stderr)

    eventually(lambda: plane.psql(plane.signer.token()).returncode == 0, "the gateway takes no token")
    for _ in range(2):
        told(plane.psql(shown("token", plane.signer.token())))
        told(plane.psql(shown("token", plane.provider.token("ann"))))
    told(plane.psql(shown("token for another", plane.signer.token(aud="other"))))
    told(plane.psql(shown("expired token", plane.signer.token(exp=1))))
    status, answer = plane.grant(shown("exchanged token", plane.signer.token()))
    assert status == 200
    told(plane.psql(shown("grant", answer["access_token"])))
    told(plane.psql(shown("forged grant", answer["access_token"][:-6] + "AAAAAA")))
    answers.append(json.dumps(plane.grant(shown("refused token", plane.signer.token(aud="x")))))
    answers.append(json.dumps(plane.ask("/v1/identities", token=shown("nobody's token", "n" * 41))))
    answers.append(json.dumps(plane.ask("/scim/v2/Users", body={"userName": "eve"}, token=SCIM_TOKEN)))
    told(plane.identities("ana"))
    told(plane.identities("ben", "revoke", "--subject", "x", "--reason", "y"))
    told(plane.gateway.endpoint("tester", shown("wrong password", "w" * 23)).psql("-c", "SELECT 1"))
    session = Wire(plane.gateway.endpoint("tester"))
    for text in ("SET weir.on_behalf_of = '%s'", "SELECT set_config('weir.on_behalf_of', '%s', false)",
                 "SET weir.on_behalf_of = %s",
                 "DO $$ BEGIN PERFORM set_config('weir.on_behalf_of', '%s', true); END $$"):
        for token in (plane.provider.token("ann"), plane.signer.token(aud="other")):
            got = session.ask(query(text % shown("token acted with", token)))
            answers.append(repr(got))
    assert error(session.ask(query("SELECT 1"))) is None
    session.close()
    secrets["SCIM token"] = SCIM_TOKEN
    secrets["gateway's token"] = plane.operator.gateway_token.read_text()
    for person in ("ana", "ben"):
        secrets[f"token of {person}"] = (plane.operator.tokens / "people" / person).read_text()
    for file in plane.gateway.secrets.rglob("*"):
        if file.is_file() and file.name not in ("username",):
            secrets[str(file.relative_to(plane.gateway.secrets))] = file.read_text().strip()
    keys = json.loads((plane.operator.data / "identities" / "secrets.weir-operator-grants.json").read_text())
    secrets["keys of grants"] = keys["data"]["keys.json"]
    return {kind: secret for kind, secret in secrets.items() if len(secret) > 7}, answers


def processes(plane):
    return [it.pid for it in (plane.gateway.process, plane.operator.process, plane.stage.sink)]


def found(secrets, content):
    """The kinds of those in it, of tokens their signature as well."""
    content = content if isinstance(content, bytes) else content.encode()
    return [kind for kind, secret in secrets.items()
            if secret.encode() in content or "oken" in kind and "." in secret
            and len(part := secret.rsplit(".", 1)[1]) > 20 and part.encode() in content]


def test_no_secret_is_written_or_told(scene):
    secrets, answers = play(scene)
    assert len(secrets) > 20
    for answer in answers:
        assert not found(secrets, answer), answer

    own = [scene.gateway.secrets, scene.operator.tokens, scene.operator.data / "identities"]
    searched = []
    for file in scene.stage.folder.rglob("*"):
        if not file.is_file() or file.name == "provider.log" or any(part in file.parents for part in own):
            continue
        assert not found(secrets, file.read_bytes()), file
        searched.append(file.name)
    for name in ("operator.log", "local.log", "sink.log", "evidence.sqlite"):
        assert name in searched, searched

    with urllib.request.urlopen(f"http://127.0.0.1:{scene.health}/metrics") as answer:
        assert not found(secrets, answer.read())
    for pid in processes(scene):
        for part in ("environ", "cmdline"):
            assert not found(secrets, pathlib.Path(f"/proc/{pid}/{part}").read_bytes()), (pid, part)


def test_evidence_and_what_is_exported_of_it(scene):
    secrets, _ = play(scene)
    sink = scene.stage.sink_url
    listed = scene.stage.weirctl("sessions", "list", "--sink", sink, "-o", "json")
    assert listed.returncode == 0 and not found(secrets, listed.stdout)
    assert "run=4711" in listed.stdout
    for session in json.loads(listed.stdout)[:20]:
        if session["session"]:
            for verb in ("show", "replay"):
                done = scene.stage.weirctl("sessions", verb, session["session"], "--sink", sink)
                assert not found(secrets, done.stdout + done.stderr), (verb, session["session"])


def test_the_signatures_searched_for_would_be_found(scene):
    token = scene.signer.token()
    assert found({"token": token}, f"x {token.rsplit('.', 1)[1]} y") == ["token"]
