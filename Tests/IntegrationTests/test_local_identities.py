"""Tokens, grants and revocations with an operator that has no cluster, only a folder."""

import json
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
from oidc import Signer
from servers import MANIFEST, eventually
from stage.local_operator import LocalOperator
from stage.provider import Provider
from stage.stage import Stage
from test_grants_and_revocations import EXCHANGE, JWT, KeyServer
from test_tokens import log_in
from wire import error, query

SCIM_TOKEN = "s" * 40


class Plane:
    def __init__(self, stage, options=()):
        self.signer, self.folder = Signer(), stage.folder / "plane"
        self.key_server = KeyServer(self.signer)
        self.provider = Provider(stage.folder).start()
        issuers = [
            {"issuer": self.signer.issuer, "audience": "weir", "jwksURI": self.key_server.url, "subjectPrefix": "ci:",
             "attributes": {"repository": "repository", "run": "run_id"}},
            {"issuer": self.provider.url, "audience": "weir", "subjectPrefix": "people:"}]
        manifests = self.folder / "manifests"
        manifests.mkdir(parents=True)
        identity = (f"  identity: {{workload: false, staleAfter: 2160h, issuers: {json.dumps(issuers)}, "
                    "onBehalfOf: {allowed: {users: [tester]}}}\n")
        (manifests / "clinic.yaml").write_text(
            MANIFEST.replace("  listen: {port: 15432}\n", "  listen: {port: 15432}\n" + identity, 1))
        gateway = stage.gateway(manifests, name="local", users=["tester"], options=options)
        self.operator = LocalOperator(
            self.folder, gateway.manifests, people=("ana", "ben"),
            options=["--administrators", "ana", "--sink", stage.sink_url])
        scim = self.operator.tokens / "scim"
        scim.mkdir()
        (scim / "token").write_text(SCIM_TOKEN + "\n")
        (scim / "subjectPrefix").write_text("people:\n")
        self.operator.process.start()
        self.gateway = gateway
        gateway.process.command += [str(part) for part in self.operator.gateway_options]
        gateway.start()

    def ask(self, path, form=None, body=None, token=None, method=None):
        data = urllib.parse.urlencode(form).encode() if form else body and json.dumps(body).encode()
        request = urllib.request.Request(
            self.operator.url + path, data, method=method,
            headers={"Authorization": f"Bearer {token}"} if token else {})
        context = ssl.create_default_context(cafile=self.operator.data / "ca.crt")
        try:
            with urllib.request.urlopen(request, context=context) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as answer:
            return answer.code, json.loads(answer.read() or b"null")

    def grant(self, token):
        return self.ask("/v1/token", form={
            "grant_type": EXCHANGE, "subject_token": token, "subject_token_type": JWT, "audience": "default/clinic"})

    def psql(self, secret):
        return self.gateway.endpoint("job", secret).psql("-At", "-c", "SELECT 1")

    def identities(self, person, *arguments):
        return self.operator.run("identities", *arguments, token=self.operator.tokens / "people" / person)


@pytest.fixture(scope="module")
def plane():
    with Stage() as stage:
        stage.start_postgresql()
        stage.start_sink()
        plane = Plane(stage)
        yield plane
        plane.operator.process.stop()
        plane.provider.stop()


def test_keys_are_fetched_and_tokens_taken(plane):
    eventually(lambda: plane.psql(plane.signer.token()).stdout == "1\n", "the gateway takes no token")
    assert plane.psql(plane.provider.token("ann")).stdout == "1\n"


def test_a_token_becomes_a_grant(plane):
    status, answer = plane.grant(plane.signer.token())
    assert status == 200, answer
    assert answer["access_token"].startswith("weir-grant-v1.") and answer["subject"] == "ci:repo:clinic/migrations"
    assert plane.psql(answer["access_token"]).stdout == "1\n"
    assert plane.grant(plane.signer.token(aud="other"))[0] == 400
    listed = plane.identities("ana", "-o", "json")
    assert listed.returncode == 0, listed.stderr
    assert "ci:repo:clinic/migrations" in listed.stdout


@pytest.mark.slow
def test_an_issuer_with_new_keys(plane):
    other = Signer()
    other.kid = "k2"
    plane.key_server.keys = json.dumps({"keys": [plane.signer.public, other.public]})
    eventually(lambda: plane.grant(other.token())[0] == 200, "the new key is not fetched", timeout=45)
    eventually(lambda: plane.psql(other.token()).stdout == "1\n", "the gateway is not told of it")


def test_only_administrators_revoke(plane):
    for person in ("ben",):
        done = plane.identities(person, "revoke", "--subject", "people:ann", "--reason", "x")
        assert done.returncode == 1 and "administrators" in done.stderr, done.stderr
    assert plane.ask("/v1/identities", token="n" * 20)[0] == 401


def test_who_is_revoked_is_out_everywhere(plane):
    session = log_in(plane.gateway, plane.provider.token("ann"))
    status, answer = plane.grant(plane.provider.token("ann"))
    assert status == 200
    done = plane.identities("ana", "revoke", "--subject", "people:ann", "--reason", "left")
    assert done.returncode == 0, done.stderr
    got = session.closes()
    assert error(got) == "28000" and b"revoked" in got[-1][1]
    assert "revoked" in plane.psql(answer["access_token"]).stderr
    assert plane.grant(plane.provider.token("ann"))[0] == 400
    assert plane.identities("ana", "restore", "--subject", "people:ann").returncode == 0
    eventually(lambda: plane.psql(plane.provider.token("ann")).stdout == "1\n", "not restored")


def test_an_identity_provider_tells_who_has_left(plane):
    session = log_in(plane.gateway, plane.provider.token("eve"))
    status, user = plane.ask("/scim/v2/Users", body={"userName": "eve", "active": True}, token=SCIM_TOKEN)
    assert status == 201
    patch = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
    assert plane.ask(f"/scim/v2/Users/{user['id']}", body=patch, token="x" * 40, method="PATCH")[0] == 401
    assert plane.ask(f"/scim/v2/Users/{user['id']}", body=patch, token=SCIM_TOKEN, method="PATCH")[0] == 200
    assert error(session.closes()) == "28000"


def test_all_of_it_outlives_the_operator(plane):
    done = plane.identities("ana", "revoke", "--subject", "people:mallory", "--reason", "gone")
    assert done.returncode == 0
    grant = plane.grant(plane.signer.token())[1]["access_token"]
    plane.operator.process.stop()
    plane.operator.process.start()
    eventually(lambda: plane.grant(plane.signer.token())[0] == 200, "no grants after a restart")
    assert plane.grant(plane.provider.token("mallory"))[0] == 400
    assert plane.psql(grant).stdout == "1\n"
    for file in (plane.operator.data / "identities").iterdir():
        assert file.stat().st_mode & 0o077 == 0


def test_nothing_secret_is_written(plane):
    token = plane.signer.token()
    plane.grant(token)
    log = plane.operator.log.read_text()
    seed = json.loads((plane.operator.data / "identities" / "secrets.weir-operator-grants.json").read_text())
    assert token not in log and SCIM_TOKEN not in log and seed["data"]["keys.json"] not in log
    assert subprocess.run(["grep", "-rq", token.split(".")[2], plane.operator.data]).returncode == 1
