"""Tokens, grants and revocations with an operator that has no cluster, only a folder."""

import base64
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request

import pytest
from oidc import Signer
from servers import MANIFEST, eventually
from stage.files import contents
from stage.local_operator import LocalOperator
from stage.provider import Provider
from stage.stage import Stage
from test_grants_and_revocations import EXCHANGE, JWT, KeyServer
from test_tokens import log_in
from wire import Wire, error, query

SCIM_TOKEN = "s" * 40
USER = "urn:ietf:params:scim:schemas:core:2.0:User"


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

    def granted(self, token):
        """What is answered once the operator has keys."""
        answer = None

        def given():
            nonlocal answer
            status, answer = self.grant(token)
            return status == 200
        eventually(given, lambda: answer)
        return answer

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
    # Each issuer's are told of by themselves.
    for issue in (plane.signer.token, lambda: plane.provider.token("ann")):
        eventually(lambda: plane.psql(issue()).stdout == "1\n", "the gateway takes no token")


def test_a_token_becomes_a_grant(plane):
    answer = plane.granted(plane.signer.token())
    assert answer["access_token"].startswith("weir-grant-v1.") and answer["subject"] == "ci:repo:clinic/migrations"
    eventually(lambda: plane.psql(answer["access_token"]).stdout == "1\n", "the gateway takes no grant")
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
    recorded = "".join(file.read_text() for file in (plane.operator.data / "audit" / "spool").glob("events*"))
    for change in ("identity people:ann revoked by ana: left", "identity people:ann restored by ana"):
        assert change in recorded, change
    eventually(lambda: plane.psql(plane.provider.token("ann")).stdout == "1\n", "not restored")


def test_a_revoked_user_of_the_gateway_stays_out(plane):
    endpoint = plane.gateway.endpoint("tester")
    with Wire(endpoint) as session:
        assert error(session.ask(query("SELECT 1"))) is None
        done = plane.identities("ana", "revoke", "--subject", "tester", "--reason", "left")
        assert done.returncode == 0, done.stderr
        got = session.closes()
        assert error(got) == "28000" and b"revoked" in got[-1][1] and b"Log in again" not in got[-1][1]
    refused = endpoint.psql("-c", "SELECT 1")
    assert refused.returncode == 2 and "the identity is revoked" in refused.stderr, refused.stderr
    guessed = plane.gateway.endpoint("tester", "guess").psql("-c", "SELECT 1")
    assert "password authentication failed" in guessed.stderr and "revoked" not in guessed.stderr
    assert plane.identities("ana", "restore", "--subject", "tester").returncode == 0
    eventually(lambda: endpoint.psql("-At", "-c", "SELECT 1").stdout == "1\n", "not restored")


def test_what_is_over_already_revokes_nothing(plane):
    done = plane.identities(
        "ana", "revoke", "--subject", "people:ann", "--reason", "x", "--until", "2020-01-01T00:00:00Z")
    assert done.returncode == 64 and "not in the future" in done.stderr
    status, answer = plane.ask(
        "/v1/revocations", body={"subject": "people:ann", "reason": "x", "until": 1},
        token=(plane.operator.tokens / "people" / "ana").read_text())
    assert status == 400 and "not in the future" in answer["error"]["message"]
    done = plane.identities("ana", "restore", "--subject", "people:nobody")
    assert (done.returncode, done.stdout) == (0, "nothing was revoked: subject people:nobody\n"), done.stderr


def test_an_identity_provider_tells_who_has_left(plane):
    session = log_in(plane.gateway, plane.provider.token("eve"))
    status, user = plane.ask("/scim/v2/Users", body={"userName": "eve", "active": True}, token=SCIM_TOKEN)
    assert status == 201
    patch = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
    assert plane.ask(f"/scim/v2/Users/{user['id']}", body=patch, token="x" * 40, method="PATCH")[0] == 401
    assert plane.ask(f"/scim/v2/Users/{user['id']}", body=patch, token=SCIM_TOKEN, method="PATCH")[0] == 200
    assert error(session.closes()) == "28000"


def scim(plane, method, name, body=None):
    """What is answered about a user, whose identifier is the name."""
    identifier = base64.urlsafe_b64encode(name.encode()).rstrip(b"=").decode()
    return plane.ask(f"/scim/v2/Users/{identifier}", body=body, token=SCIM_TOKEN, method=method)


def test_who_is_renamed_leaves_by_the_new_name(plane):
    session = log_in(plane.gateway, plane.provider.token("liv"))
    rename = {"Operations": [{"op": "Replace", "path": "userName", "value": "olivia"}]}
    status, user = scim(plane, "PATCH", "liv", rename)
    assert (status, user["userName"], user["active"]) == (200, "olivia", True)
    assert error(session.closes()) == "28000"
    assert plane.grant(plane.provider.token("liv"))[0] == 400
    session = log_in(plane.gateway, plane.provider.token("olivia"))
    assert scim(plane, "PUT", "liv", {"userName": "olivia", "active": False})[1]["active"] is False
    assert error(session.closes()) == "28000"
    assert plane.grant(plane.provider.token("olivia"))[0] == 400


def scim_filter(plane, text):
    return plane.ask("/scim/v2/Users?filter=" + urllib.parse.quote(text), token=SCIM_TOKEN)


def test_a_provider_may_send_spaces_as_a_form_does(plane):
    status, found = plane.ask("/scim/v2/Users?filter=userName+eq+%22joe%2Bx%22&count=1", token=SCIM_TOKEN)
    assert (status, [user["userName"] for user in found["Resources"]]) == (200, ["joe+x"])
    assert plane.ask("/scim/v2/Users?filter", token=SCIM_TOKEN)[0] == 400


@pytest.mark.parametrize("operation", [
    {"op": "replace", "path": "active", "value": False}, {"Op": "Replace", "Path": "Active", "Value": "False"},
    {"op": "replace", "path": None, "value": {"active": False}},
    {"op": "add", "path": "", "value": {"Active": "false"}},
    {"op": "replace", "path": USER + ":active", "value": False},
    {"op": "replace", "value": {USER + ":active": False}}, {"op": "replace", "value": {USER: {"active": False}}},
    {"op": "replace", "path": "active", "value": [{"value": False}]},
])
def test_somebody_leaves_in_whatever_words_a_provider_says_it(plane, operation):
    assert scim(plane, "PUT", "joe", {"active": True})[1]["active"] is True
    status, user = scim(plane, "PATCH", "joe", {"operations": [operation]})
    assert (status, user["active"]) == (200, False)
    assert plane.grant(plane.provider.token("joe"))[0] == 400


@pytest.mark.parametrize("method, body, kind", [
    ("PATCH", {"Operations": [{"op": "replace", "path": "active", "value": 0}]}, "invalidValue"),
    ("PATCH", {"Operations": [{"op": "replace", "value": {"active": "disabled"}}]}, "invalidValue"),
    ("PATCH", {"Operations": [{"op": "remove", "path": "active"}]}, "invalidValue"),
    ("PATCH", {"Operations": [{"op": "replace", "path": "active.value", "value": False}]}, "invalidPath"),
    ("PATCH", {"Operations": [{"op": "remove"}]}, "noTarget"),
    ("PATCH", {"Operations": [{"op": "nonsense", "path": "active", "value": False}]}, "invalidSyntax"),
    ("PATCH", {"active": False}, "invalidSyntax"),
    ("PUT", {"active": None}, "invalidValue"), ("PUT", {"Active": 0}, "invalidValue"),
    ("PUT", {"active": True, "Active": False}, "invalidSyntax"),
])
def test_what_cannot_be_told_is_refused_and_changes_nothing(plane, method, body, kind):
    for is_active in (True, False):
        assert scim(plane, "PUT", "joe", {"active": is_active})[0] == 200
        status, answer = scim(plane, method, "joe", body)
        assert (status, answer["status"], answer["scimType"]) == (400, "400", kind) and answer["detail"]
        assert scim(plane, "GET", "joe")[1]["active"] is is_active


def test_what_says_nothing_of_active_changes_nothing(plane):
    rename = {"Operations": [{"op": "replace", "path": "displayName", "value": "Joe"}]}
    for is_active in (True, False):
        assert scim(plane, "PUT", "joe", {"active": is_active})[0] == 200
        for method, body in [("PUT", {"userName": "joe", "displayName": "Joe"}), ("PATCH", rename)]:
            status, user = scim(plane, method, "joe", body)
            assert (status, user["active"]) == (200, is_active)
        status, user = plane.ask("/scim/v2/Users", body={"userName": "joe"}, token=SCIM_TOKEN)
        assert (status, user["active"]) == (201, is_active)


def test_a_provider_does_not_restore_whom_a_person_has_revoked(plane):
    assert plane.identities("ana", "revoke", "--subject", "people:kim", "--reason", "laptop stolen").returncode == 0
    enable = {"Operations": [{"op": "replace", "path": "active", "value": True}]}
    for method, body in [("PUT", {"userName": "kim"}), ("PUT", {"active": True}), ("PATCH", enable)]:
        status, user = scim(plane, method, "kim", body)
        assert (status, user["active"]) == (200, False)
    assert plane.grant(plane.provider.token("kim"))[0] == 400
    assert plane.identities("ana", "restore", "--subject", "people:kim").returncode == 0
    assert scim(plane, "GET", "kim")[1]["active"] is True
    assert plane.grant(plane.provider.token("kim"))[0] == 200


def test_a_user_is_the_same_in_whatever_case_the_name_is_spelled(plane):
    session = log_in(plane.gateway, plane.provider.token("Zoe@Clinic.example"))
    status, found = scim_filter(plane, 'userName eq "zoe@clinic.example"')
    assert (status, found["totalResults"]) == (200, 1)
    assert scim(plane, "PUT", found["Resources"][0]["userName"], {"active": False})[1]["active"] is False
    assert error(session.closes()) == "28000"
    assert plane.grant(plane.provider.token("Zoe@Clinic.example"))[0] == 400


def test_a_filter_finds_one_name(plane):
    status, found = scim_filter(plane, r'userName eq "a\"b"')
    assert status == 200 and [user["userName"] for user in found["Resources"]] == ['a"b']
    for text in ('userName eq "a" or userName eq "b"', 'userName sw "a"', 'userName eq "a'):
        status, answer = scim_filter(plane, text)
        assert (status, answer["scimType"]) == (400, "invalidFilter")


def test_a_name_that_is_too_long_shuts_nobody_out(plane):
    for length, expected in ((1017, 201), (1018, 400), (1500, 400)):
        status, answer = plane.ask(
            "/scim/v2/Users", body={"userName": "y" * length, "active": False}, token=SCIM_TOKEN)
        assert status == expected and answer.get("scimType") == (None if status == 201 else "invalidValue")
    assert plane.identities("ana", "revoke", "--subject", "people:mia", "--reason", "left").returncode == 0
    assert plane.grant(plane.provider.token("mia"))[0] == 400
    assert plane.grant(plane.signer.token())[0] == 200


def test_all_of_it_outlives_the_operator(plane):
    done = plane.identities("ana", "revoke", "--subject", "people:mallory", "--reason", "gone")
    assert done.returncode == 0
    grant = plane.grant(plane.signer.token())[1]["access_token"]
    plane.operator.process.stop()
    for file in (plane.operator.data / "identities").iterdir():
        assert file.stat().st_mode & 0o077 == 0
    plane.operator.process.start()
    plane.granted(plane.signer.token())
    assert plane.grant(plane.provider.token("mallory"))[0] == 400
    assert plane.psql(grant).stdout == "1\n"


def test_nothing_secret_is_written(plane):
    token = plane.signer.token()
    plane.grant(token)
    log = plane.operator.log.read_text()
    seed = json.loads((plane.operator.data / "identities" / "secrets.weir-operator-grants.json").read_text())
    assert token not in log and SCIM_TOKEN not in log and seed["data"]["keys.json"] not in log
    signature = token.split(".")[2].encode()
    assert not [file for file, content in contents(plane.operator.data) if signature in content]


@pytest.mark.slow
def test_an_operator_that_begins_anew_leaves_gateways_the_keys_it_has_not_read_yet(plane):
    eventually(lambda: plane.psql(plane.signer.token()).stdout == "1\n", "the gateway takes no token")
    plane.key_server.is_down = True
    try:
        plane.operator.process.stop()
        plane.operator.process.start()
        assert plane.identities("ana", "revoke", "--subject", "people:ida", "--reason", "left").returncode == 0
        # So the gateway has heard of it.
        eventually(lambda: "revoked" in plane.psql(plane.provider.token("ida")).stderr, "not heard", timeout=60)
        assert plane.psql(plane.signer.token()).stdout == "1\n"
    finally:
        plane.key_server.is_down = False
