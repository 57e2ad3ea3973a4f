"""Helm 3 and 4 install, upgrade, roll back and remove a small chart."""

import json

import pytest

TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {greeting: {{ .Values.greeting | quote }}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      containers: [{name: app, image: "example/app:{{ .Values.tag }}"}]
---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: {{ .Release.Name }}}
spec:
  targets: {connectionNames: [clinic]}
  match: {statements: [Drop]}
  effect: Deny
  priority: {{ .Values.priority }}
"""


@pytest.fixture
def chart(tmp_path):
    folder = tmp_path / "chart"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("{apiVersion: v2, name: small, version: 0.1.0}\n")
    (folder / "values.yaml").write_text('{greeting: hello, replicas: 1, tag: "1", priority: 500}\n')
    (folder / "templates/all.yaml").write_text(TEMPLATE)
    return folder


def read(tool, namespace, *arguments):
    return json.loads(tool.kubectl("get", "-n", namespace, *arguments, "-o", "json").stdout)


def test_a_release_from_install_to_uninstall(tool, definitions, namespace, chart):
    tool.helm("install", "small", str(chart), "-n", namespace)
    assert read(tool, namespace, "cm", "small")["data"] == {"greeting": "hello"}
    assert read(tool, namespace, "arule", "small")["spec"]["priority"] == 500

    tool.helm("upgrade", "small", str(chart), "-n", namespace, "--set", "greeting=bye,replicas=2,tag=2,priority=600")
    assert read(tool, namespace, "cm", "small")["data"] == {"greeting": "bye"}
    deployment = read(tool, namespace, "deploy", "small")
    assert deployment["spec"]["replicas"] == 2
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == "example/app:2"
    assert read(tool, namespace, "arule", "small")["spec"]["priority"] == 600

    tool.helm("rollback", "small", "1", "-n", namespace)
    assert read(tool, namespace, "cm", "small")["data"] == {"greeting": "hello"}
    assert read(tool, namespace, "arule", "small")["spec"]["priority"] == 500
    revisions = json.loads(tool.helm("history", "small", "-n", namespace, "-o", "json").stdout)
    assert [revision["status"] for revision in revisions] == ["superseded", "superseded", "deployed"]

    tool.helm("uninstall", "small", "-n", namespace)
    for kind in ("cm", "deploy", "arule"):
        assert "not found" in tool.kubectl("get", "-n", namespace, kind, "small", check=False).stderr


def test_a_release_that_is_refused_says_why(tool, definitions, namespace, chart):
    refused = tool.helm("install", "small", str(chart), "-n", namespace, "--set", "priority=1001", check=False)
    assert refused.returncode != 0
    assert "less than or equal to 1000" in refused.stderr


def test_uninstall_takes_the_namespace_of_a_release_along(tool, definitions, cluster, chart):
    name = f"fresh-{tool.version.replace('.', '-')}"
    tool.helm("install", "small", str(chart), "-n", name, "--create-namespace")
    tool.kubectl("delete", "namespace", name, "--timeout=120s")
    status, _, _ = cluster.request("GET", f"/api/v1/namespaces/{name}/configmaps/small")
    assert status == 404
