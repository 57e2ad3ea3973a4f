"""kubectl, old and new, takes the server for an API server."""

import json
import time

import pytest
import yaml

from cluster import ROOT

CONNECTION = {
    "apiVersion": "weir.dev/v1alpha1", "kind": "DatabaseConnection", "metadata": {"name": "clinic"},
    "spec": {
        "protocol": "postgres", "upstream": {"host": "db.internal", "database": "clinic"},
        "credentials": {"type": "Central"}, "podSelector": {"matchLabels": {"app": "clinic-api"}},
    },
}
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, labels: {app: api}}
spec:
  replicas: 1
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
      - {name: app, image: "example/app:1", env: [{name: A, value: "1"}, {name: B, value: "2"}]}
      - {name: side, image: "example/side:1"}
"""


def test_apply_creates_changes_and_leaves(tool, definitions, namespace):
    def apply(connection):
        return tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(connection)).stdout

    assert "created" in apply(CONNECTION)
    assert "unchanged" in apply(CONNECTION)
    changed = json.loads(json.dumps(CONNECTION))
    changed["spec"]["upstream"]["database"] = "ward"
    assert "configured" in apply(changed)
    read = json.loads(tool.kubectl("get", "-n", namespace, "dbc", "clinic", "-o", "json").stdout)
    assert read["spec"]["upstream"]["database"] == "ward"
    assert read["spec"]["listen"]["port"] == 15432
    assert read["metadata"]["generation"] == 2
    assert read["status"] == {"observedGeneration": -1}


def test_strategic_merge_keeps_what_others_added(tool, namespace):
    tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=DEPLOYMENT)
    tool.kubectl("set", "env", "-n", namespace, "deploy/api", "-c", "app", "C=3")
    changed = DEPLOYMENT.replace("example/app:1", "example/app:2").replace(', {name: B, value: "2"}', "")
    tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=changed)
    read = json.loads(tool.kubectl("get", "-n", namespace, "deploy", "api", "-o", "json").stdout)
    app, side = read["spec"]["template"]["spec"]["containers"]
    assert app["image"] == "example/app:2"
    assert {entry["name"]: entry["value"] for entry in app["env"]} == {"A": "1", "C": "3"}
    assert side["name"] == "side"


def test_server_side_apply_tells_conflicts(tool, definitions, namespace):
    def apply(manager, database, *options, check=True):
        changed = json.loads(json.dumps(CONNECTION))
        changed["spec"]["upstream"]["database"] = database
        return tool.kubectl(
            "apply", "-n", namespace, "--server-side", "--field-manager", manager, *options, "-f", "-",
            stdin=json.dumps(changed), check=check)

    assert "serverside-applied" in apply("one", "clinic").stdout
    refused = apply("two", "ward", check=False)
    assert refused.returncode != 0
    assert 'conflict with "one"' in refused.stderr and ".spec.upstream.database" in refused.stderr
    apply("two", "ward", "--force-conflicts")
    assert 'conflict with "two"' in apply("one", "clinic", check=False).stderr


def test_fields_that_nobody_applies_any_more_go(tool, definitions, namespace):
    def apply(**listen):
        changed = json.loads(json.dumps(CONNECTION))
        changed["spec"]["listen"] = listen
        tool.kubectl("apply", "-n", namespace, "--server-side", "-f", "-", stdin=json.dumps(changed))
        return json.loads(tool.kubectl("get", "-n", namespace, "dbc", "clinic", "-o", "json").stdout)["spec"]["listen"]

    assert apply(port=6000, containers=["app"]) == {"port": 6000, "containers": ["app"]}
    assert apply(port=6001) == {"port": 6001}


def test_diff_shows_what_apply_would_change(tool, definitions, namespace):
    tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(CONNECTION))
    same = tool.kubectl("diff", "-n", namespace, "-f", "-", stdin=json.dumps(CONNECTION))
    assert same.stdout == ""
    changed = json.loads(json.dumps(CONNECTION))
    changed["spec"]["upstream"]["host"] = "other.internal"
    differs = tool.kubectl("diff", "-n", namespace, "-f", "-", stdin=json.dumps(changed), check=False)
    assert differs.returncode == 1
    assert "+    host: other.internal" in differs.stdout
    assert "db.internal" in tool.kubectl("get", "-n", namespace, "dbc", "clinic", "-o", "yaml").stdout


def test_what_is_wrong_is_refused_with_the_message_of_the_rule(tool, definitions, namespace, since):
    since(1, 25)
    wrong = json.loads(json.dumps(CONNECTION))
    wrong["spec"]["credentials"] = {"type": "SecretRef"}
    refused = tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(wrong), check=False)
    assert "secretRef must be given with type SecretRef" in refused.stderr
    wrong = json.loads(json.dumps(CONNECTION))
    wrong["spec"]["colour"] = "blue"
    refused = tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(wrong), check=False)
    assert 'unknown field "spec.colour"' in refused.stderr


def test_an_immutable_field_cannot_be_changed(tool, definitions, namespace, since):
    since(1, 25)
    tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(CONNECTION))
    refused = tool.kubectl(
        "patch", "-n", namespace, "dbc", "clinic", "--type=merge", "-p", '{"spec": {"protocol": "mysql"}}', check=False)
    assert "cannot be changed: make another DatabaseConnection" in refused.stderr


def test_get_shows_the_columns_of_the_definition(tool, definitions, namespace):
    tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(CONNECTION))
    tool.kubectl(
        "patch", "-n", namespace, "dbc", "clinic", "--subresource=status", "--type=merge", "-p", json.dumps(
            {"status": {"pods": {"matched": 3, "injected": 2, "acked": 1}, "conditions": [
                {"type": "Ready", "status": "False", "reason": "PodsMissing", "message": "one pod lacks a gateway",
                 "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}))
    head, row = tool.kubectl("get", "-n", namespace, "dbc").stdout.splitlines()
    assert head.split() == ["NAME", "PROTOCOL", "MATCHED", "INJECTED", "ACKED", "READY", "AGE"]
    assert row.split()[:6] == ["clinic", "postgres", "3", "2", "1", "False"]
    assert "databaseconnection.weir.dev/clinic" in tool.kubectl("get", "-n", namespace, "weir").stdout
    assert "PodsMissing" in tool.kubectl("get", "-n", namespace, "databaseconnections", "-o", "wide").stdout


def test_get_watches(tool, definitions, namespace):
    watching = tool.start("kubectl", "get", "-n", namespace, "dbc", "-w", "-o", "name", "--request-timeout=120s")
    try:
        time.sleep(1)
        tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(CONNECTION))
        assert watching.stdout.readline().strip() == "databaseconnection.weir.dev/clinic"
    finally:
        watching.kill()
        watching.communicate()


def test_wait_waits_for_a_condition(tool, definitions, namespace):
    tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(CONNECTION))
    waiting = tool.start("kubectl", "wait", "-n", namespace, "dbc/clinic", "--for=condition=Ready", "--timeout=120s")
    time.sleep(1)
    assert waiting.poll() is None
    tool.kubectl(
        "patch", "-n", namespace, "dbc", "clinic", "--subresource=status", "--type=merge", "-p", json.dumps(
            {"status": {"observedGeneration": 1, "conditions": [
                {"type": "Ready", "status": "True", "reason": "Ready", "message": "",
                 "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}))
    out, error = waiting.communicate(timeout=150)
    assert "condition met" in out, error


def test_delete_waits_until_it_is_gone(tool, definitions, namespace):
    connection = json.loads(json.dumps(CONNECTION))
    connection["metadata"]["finalizers"] = ["weir.dev/test"]
    tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(connection))
    deleting = tool.start("kubectl", "delete", "-n", namespace, "dbc", "clinic", "--timeout=120s")
    time.sleep(1)
    assert deleting.poll() is None
    tool.kubectl("patch", "-n", namespace, "dbc", "clinic", "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
    out, error = deleting.communicate(timeout=150)
    assert deleting.returncode == 0, error
    assert "not found" in tool.kubectl("get", "-n", namespace, "dbc", "clinic", check=False).stderr


@pytest.mark.parametrize(("path", "text"), [
    ("dbc", "A database, how to reach it"),
    ("dbc.spec.upstream.tls.mode", "VerifyFull"),
    ("maskingpolicies.spec.rules.action.partial", "keepLast"),
    ("arule.spec.match.outside", "Days, hours and zone"),
    ("areq.spec.decisions", "What approvers have said"),
])
def test_explain_reads_the_schema(tool, definitions, path, text):
    assert text in tool.kubectl("explain", path).stdout


def test_explain_names_what_is_required_and_what_is_possible(tool, definitions, since):
    since(1, 24)
    text = tool.kubectl("explain", "dbc.spec").stdout
    assert "podSelector" in text and "-required-" in text
    assert "ENUM:\n    Full\n    Redacted\n" in tool.kubectl("explain", "dbc.spec.recording.statements").stdout


def test_the_samples_apply(tool, definitions, namespace):
    for path in sorted((ROOT / "Manifests/demo").glob("*.yaml")):
        documents = [
            {**document, "metadata": {key: value for key, value in document["metadata"].items() if key != "namespace"}}
            for document in yaml.safe_load_all(path.read_text()) if document]
        tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=yaml.safe_dump_all(documents))


def test_can_i_asks_the_server(tool, cluster, namespace):
    tool.kubectl("create", "role", "reader", "-n", namespace, "--verb=get,list", "--resource=configmaps")
    tool.kubectl("create", "rolebinding", "reader", "-n", namespace, "--role=reader", "--user=ann")
    assert tool.kubectl("auth", "can-i", "list", "configmaps", "-n", namespace, "--as=ann").stdout == "yes\n"
    refused = tool.kubectl("auth", "can-i", "delete", "configmaps", "-n", namespace, "--as=ann", check=False)
    assert refused.stdout == "no\n"
    forbidden = tool.kubectl("get", "secrets", "-n", namespace, "--as=ann", check=False)
    assert "is forbidden" in forbidden.stderr


def test_scale_changes_the_number_of_replicas_alone(tool, namespace):
    tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=DEPLOYMENT)
    tool.kubectl("scale", "-n", namespace, "deploy/api", "--replicas=3")
    read = json.loads(tool.kubectl("get", "-n", namespace, "deploy", "api", "-o", "json").stdout)
    assert read["spec"]["replicas"] == 3 and len(read["spec"]["template"]["spec"]["containers"]) == 2
    done = tool.kubectl("scale", "-n", namespace, "deploy/api", "--replicas=4", "--current-replicas=1", check=False)
    assert done.returncode != 0 and "Expected replicas to be 1, was 3" in done.stderr
    scale = json.loads(tool.kubectl(
        "get", "--raw", f"/apis/apps/v1/namespaces/{namespace}/deployments/api/scale").stdout)
    assert (scale["kind"], scale["apiVersion"], scale["spec"]) == ("Scale", "autoscaling/v1", {"replicas": 3})
    assert scale["status"]["selector"] == "app=api"


def test_text_of_a_secret_is_kept_as_data(tool, namespace):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"password": "geheim"},
              "data": {"username": "d2Vpcg==", "password": "b2xk"}}
    tool.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(secret))
    read = json.loads(tool.kubectl("get", "-n", namespace, "secret", "db", "-o", "json").stdout)
    assert read["data"] == {"username": "d2Vpcg==", "password": "Z2VoZWlt"} and "stringData" not in read
