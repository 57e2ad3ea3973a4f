"""Who was refused a grant is in the evidence: by an operator with a cluster and by one without."""

import json
import re
import subprocess
import time

import pytest
from oidc import Signer
from servers import eventually
from stage.files import contents
from stage.process import program
from stage.stage import Stage
from test_grants_and_revocations import NAMESPACE
from test_grants_and_revocations import Plane as ClusterPlane
from test_local_identities import Plane as LocalPlane
from test_local_identities import SCIM_TOKEN


class Local:
    """`weir-operator serve`."""

    connection = "default/clinic"

    def __init__(self, stage, _):
        self.stage, self.plane = stage, LocalPlane(stage)
        self.operator = self.plane.operator.process
        self.folder = self.plane.operator.data / "audit"

    def exchange(self, token):
        return self.plane.grant(token)

    def revoke(self, subject):
        assert self.plane.identities("ana", "revoke", "--subject", subject, "--reason", "left").returncode == 0

    def stop(self):
        self.plane.operator.process.stop()
        self.plane.provider.stop()


class Clustered:
    """`weir-operator run`."""

    connection = f"{NAMESPACE}/people"

    def __init__(self, stage, folder):
        self.stage, self.plane = stage, ClusterPlane(stage, folder)
        self.operator = self.plane.operator
        self.folder = folder / "operator-data" / "audit"

    def exchange(self, token):
        return self.plane.exchange(token)

    def revoke(self, subject):
        status, answer = self.plane.ask(
            "/v1/revocations", {"subject": subject, "reason": "left"}, headers=self.plane.bearer())
        assert status == 201, answer

    def stop(self):
        self.plane.stop()


@pytest.fixture(scope="module", params=[Local, Clustered], ids=["serve", "run"])
def scene(request, tmp_path_factory):
    with Stage() as stage:
        stage.start_postgresql()
        stage.start_sink()
        scene = request.param(stage, tmp_path_factory.mktemp("scene"))
        eventually(lambda: scene.exchange(scene.plane.signer.token())[0] == 200, "no grant is given")
        yield scene
        scene.stop()


def refusals(scene):
    """As an auditor lists them: what the sink has of the operator's log."""
    done = scene.stage.weirctl("sessions", "list", "--sink", scene.stage.sink_url, "-o", "json")
    assert done.returncode == 0, done.stderr
    return [it for it in json.loads(done.stdout) if it["state"] == "Refused" and "no grant" in it["endReason"]]


def told(scene, claimed, words):
    """The refusal of whoever claims that name, once the sink has it."""
    def found():
        return [it for it in refusals(scene) if it["claimedUser"] == claimed and words in it["endReason"]]
    return eventually(found, lambda: refusals(scene))[0]


def own_log(scene):
    """The records in the operator's folder."""
    return [json.loads(line) for file in sorted((scene.folder / "spool").glob("*.jsonl*"))
            for line in file.read_bytes().rstrip(b"\0").splitlines()]


@pytest.mark.parametrize("claims, claimed, words", [
    ({"aud": "other"}, "ci:repo:clinic/migrations", "meant for somebody else"),
    ({"exp": 1_600_000_000, "iat": 1_599_999_000}, "ci:repo:clinic/migrations", "expired"),
    ({"iss": "https://else.example", "sub": "nobody"}, "nobody", "issuer is not accepted"),
    ({"sub": "x\u202ey\u001b[31m"}, "", "claim sub"),
])
def test_a_refused_token_is_recorded(scene, claims, claimed, words):
    token = scene.plane.signer.token(**claims)
    began = time.time()
    status, answer = scene.exchange(token)
    assert status == 400 and words in answer["error_description"], answer
    record = told(scene, claimed, words)
    assert record["connection"] == scene.connection and record["clientAddress"] == "127.0.0.1"
    assert record["gateway"].split(".")[-2] and "T" in record["started"]
    when = subprocess.run(["date", "-ud", record["started"], "+%s"], capture_output=True, text=True).stdout
    assert abs(int(when) - began) < 30
    assert record["subject"] == "", "nothing was proven"


def test_a_forged_signature_is_recorded(scene):
    other = Signer()
    other.kid = scene.plane.signer.kid
    assert scene.exchange(other.token(sub="forged"))[0] == 400
    told(scene, "ci:forged", "signature is wrong")


def test_a_revoked_identity_is_recorded(scene):
    scene.revoke("ci:contractor")
    assert scene.exchange(scene.plane.signer.token(sub="contractor"))[0] == 400
    told(scene, "ci:contractor", "revoked")


def test_a_flood_is_counted_and_fills_no_log(scene):
    """Kinds of their own as far as there is room, then all others by their number; genuine tokens apart from them."""
    other = Signer()
    other.kid = scene.plane.signer.kid
    def recorded():
        return [it["type"] for it in own_log(scene)].count("sessionRefused")
    before, began = recorded(), time.monotonic()
    count = 400
    for number in range(count):
        assert scene.exchange(other.token(sub=f"flood-{number}"))[0] == 400
    # A hundred kinds and one record of the others a minute, of which this may have seen the end of one.
    assert recorded() - before < 110 * (2 + (time.monotonic() - began) // 60)
    assert scene.exchange(scene.plane.signer.token(sub="contractor-2", aud="other"))[0] == 400
    told(scene, "ci:contractor-2", "meant for somebody else")


def test_evidence_is_whole_and_holds_no_token(scene):
    """And what is counted is told when the operator ends."""
    tokens = [scene.plane.signer.token(sub="again", aud="other") for _ in range(5)]
    for token in tokens:
        assert scene.exchange(token)[0] == 400
    told(scene, "ci:again", "meant for somebody else")
    scene.operator.stop()
    kept = own_log(scene)
    again = [it.get("count", 1) for it in kept if it.get("claimedUser") == "ci:again"]
    # In two records, or four where a minute has ended in between.
    assert sum(again) == 5 and len(again) < 5
    flood = [it.get("count", 1) for it in kept if it["type"] == "sessionRefused"
             and (it.get("claimedUser", "").startswith("ci:flood-") or "tokens of nobody's" in it["reason"])]
    assert sum(flood) >= 400

    def told_of():
        times = [re.search(r"\((\d+) times\)$", it["endReason"]) for it in refusals(scene)
                 if it["claimedUser"] == "ci:again"]
        return sum(int(it[1]) if it else 1 for it in times)
    changed = scene.stage.scratch / f"changed-{type(scene).__name__}"
    subprocess.run(["cp", "-r", scene.folder, changed], check=True)
    # What the sink had no time to take is sent after the next start.
    scene.operator.start()
    eventually(lambda: told_of() == 5, lambda: refusals(scene))
    for verified in (scene.stage.sink_data, changed):
        done = scene.stage.weirctl("verify", verified)
        assert done.returncode == 0, done.stdout + done.stderr
    parts = [token.rsplit(".", 1)[-1].encode() for token in [*tokens, SCIM_TOKEN]]
    for folder in (scene.folder, scene.stage.sink_data):
        for file, content in contents(folder):
            assert not [part for part in parts if part in content], file
    record = next(file for file in sorted((changed / "spool").iterdir()) if b"ci:again" in file.read_bytes())
    record.write_bytes(record.read_bytes().replace(b"ci:again", b"ci:never"))
    assert subprocess.run([program("weirctl"), "verify", changed], capture_output=True).returncode != 0
