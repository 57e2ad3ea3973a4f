"""Workloads among the identities: what gateways report of them, who answers for them, and what becomes of those of
nobody's."""

import json
import subprocess
import time

import pytest
from servers import eventually
from sidecar import NAMESPACE
from stage.process import program
from test_grants_and_revocations import SYSTEM, Plane
from wire import Wire, error, query

ACCOUNT = f"system:serviceaccount:{NAMESPACE}:api"
OWNER = "people:ann@clinic.example"

#: They wait for what gateways report every ten seconds.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def plane(stage, tmp_path_factory):
    plane = Plane(stage, tmp_path_factory.mktemp("owners"))
    plane.sidecar.process.start()
    eventually(lambda: plane.sidecar.get("/readyz")[0] == 200, lambda: plane.sidecar.log)
    yield plane
    plane.stop()


def identities(plane, *arguments):
    """What `weirctl identities` lists, as JSON or as it is printed."""
    file = plane.folder / "administrator"
    file.touch(0o600)
    file.write_text(plane.token("admin", SYSTEM))
    done = subprocess.run(
        [program("weirctl"), "identities", *arguments, "--operator", plane.url, "--operator-ca", plane.authorities,
         "--token-file", file], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def listed(plane, timeout=20, **fields):
    """The workload's entry, once it has these."""
    def found():
        entries = json.loads(identities(plane, "list", "-o", "json"))["identities"]
        return [it for it in entries if it["subject"] == ACCOUNT
                and all(it[name] == value for name, value in fields.items())]
    return eventually(found, lambda: identities(plane), timeout)[0]


def works(plane):
    done = plane.sidecar.endpoint().psql("-At", "-c", "SELECT 1")
    return done.returncode == 0, done.stderr


def patch(plane, path, body):
    status, _, answer = plane.cluster.request(
        "PATCH", path, json.dumps(body), kind="application/merge-patch+json")
    assert status == 200, answer


def annotate(plane, owner):
    patch(plane, f"/api/v1/namespaces/{NAMESPACE}/pods/api-0", {"metadata": {"annotations": {"weir.dev/owner": owner}}})


def demand_owner(plane, demand):
    patch(plane, f"/apis/weir.dev/v1alpha1/namespaces/{NAMESPACE}/databaseconnections/clinic",
          {"spec": {"identity": {"requireWorkloadOwner": demand}}})


def owned(plane):
    """Somebody must answer for the workload: nobody did, and somebody does."""
    demand_owner(plane, True)
    annotate(plane, None)
    eventually(lambda: "nobody answers for this workload" in works(plane)[1], lambda: works(plane)[1])
    annotate(plane, OWNER)
    eventually(lambda: works(plane)[0], lambda: works(plane)[1])


def stale_after(plane, time_out):
    patch(plane, f"/apis/weir.dev/v1alpha1/namespaces/{NAMESPACE}/databaseconnections/clinic",
          {"spec": {"identity": {"staleAfter": time_out}}})


def test_a_report_of_a_gateway_puts_its_workload_on_the_list(plane):
    assert ACCOUNT not in identities(plane)
    assert works(plane)[0]
    entry = listed(plane, state="Ownerless")
    assert entry["connection"] == f"{NAMESPACE}/clinic" and entry["owner"] == "" and entry["issuer"] == ""
    assert entry["firstUse"] == entry["lastUse"] > 0 and entry["grants"] == 1
    row = next(line for line in identities(plane).splitlines() if ACCOUNT in line)
    assert "Ownerless" in row and "nobody" in row
    assert ACCOUNT in identities(plane, "list", "--stale")


def test_a_workload_of_nobodys_is_refused_where_somebody_must_answer_for_it(plane):
    demand_owner(plane, True)
    eventually(lambda: "nobody answers for this workload" in works(plane)[1], lambda: works(plane)[1])
    records = b"".join(file.read_bytes() for file in (plane.sidecar.data / "spool").glob("events-*.jsonl"))
    assert b'"sessionRefused"' in records and b"nobody answers for this workload" in records

    def events():
        _, _, answer = plane.cluster.request("GET", f"/api/v1/namespaces/{NAMESPACE}/events")
        return [it for it in answer["items"] if it["reason"] == "StaleIdentity" and ACCOUNT in it["message"]]
    eventually(events, "no event tells of it")


def test_the_annotation_of_the_pod_names_who_does(plane):
    annotate(plane, OWNER)
    eventually(lambda: works(plane)[0], lambda: works(plane)[1])
    assert f"owner={OWNER}" in plane.started(plane.sidecar.endpoint().user)["attributes"]


def test_with_the_owner_the_workload_is_out(plane):
    with Wire(plane.sidecar.endpoint()) as session:
        assert error(session.ask(query("SELECT 1"))) is None
        identities(plane, "revoke", "--subject", OWNER, "--reason", "left")
        assert error(session.closes()) == "28000"
    assert "revoked" in works(plane)[1]
    identities(plane, "restore", "--subject", OWNER)
    eventually(lambda: works(plane)[0], lambda: works(plane)[1])


def test_what_is_no_name_names_nobody(plane):
    owned(plane)
    annotate(plane, "ann\nsystem:masters")
    eventually(lambda: "nobody answers for this workload" in works(plane)[1], lambda: works(plane)[1])
    annotate(plane, OWNER)
    eventually(lambda: works(plane)[0], lambda: works(plane)[1])


def test_a_workload_is_not_stale_while_it_has_a_session_and_refused_once_it_is(plane):
    """Its last use is that of its last session, not that of its last log-in."""
    owned(plane)
    stale_after(plane, "24s")
    with Wire(plane.sidecar.endpoint()) as session:
        began = time.monotonic()
        while time.monotonic() - began < 40:
            assert error(session.ask(query("SELECT 1"))) is None
            time.sleep(2)
        assert works(plane)[0]
        listed(plane, state="Active")
    listed(plane, 90, state="Stale")
    eventually(lambda: "not used for too long" in works(plane)[1], lambda: works(plane)[1])
    identities(plane, "restore", "--subject", ACCOUNT)
    eventually(lambda: works(plane)[0], lambda: works(plane)[1])
    stale_after(plane, "0s")


def test_the_attestation_that_is_kept_names_the_owner_too(plane):
    plane.operator.stop()
    plane.sidecar.process.stop()
    plane.sidecar.process.start()
    eventually(lambda: works(plane)[0], lambda: works(plane)[1])
    plane.operator.start()
