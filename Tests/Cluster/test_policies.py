"""ValidatingAdmissionPolicies: those that the chart installs, as the API server judges by them."""

import base64
import json

import pytest
import yaml

from cluster import ROOT

SYSTEM = "weir-system"
OPERATOR = f"system:serviceaccount:{SYSTEM}:weir-operator"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"


def objects():
    for path in sorted((ROOT / "Manifests/admission").glob("*.yaml")):
        yield from (it for it in yaml.safe_load_all(path.read_text()) if it)


@pytest.fixture
def policies(cluster):
    """The policies in force, and a token of the operator, who may do everything."""
    cluster.request("POST", "/api/v1/namespaces", {
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}})
    cluster.request("POST", f"/api/v1/namespaces/{SYSTEM}/serviceaccounts", {
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "weir-operator"}})
    cluster.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "everything"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]})
    cluster.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "everything"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "everything"},
        "subjects": [{"kind": "ServiceAccount", "name": "weir-operator", "namespace": SYSTEM}]})
    made = []
    for item in objects():
        plural = {"ValidatingAdmissionPolicy": "validatingadmissionpolicies",
                  "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings"}[item["kind"]]
        path = f"{ADMISSION}/{plural}"
        status, _, answer = cluster.request("POST", path, item)
        assert status == 201, answer
        made.append(f"{path}/{item['metadata']['name']}")
    yield token(cluster, "weir-operator")
    for path in reversed(made):
        cluster.request("DELETE", path)


def token(cluster, account):
    status, _, answer = cluster.request("POST", f"/api/v1/namespaces/{SYSTEM}/serviceaccounts/{account}/token", {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
    assert status == 201, answer
    return answer["status"]["token"]


def create(cluster, namespace, plural, kind, body, as_token=None):
    headers = {"Authorization": f"Bearer {as_token}"} if as_token else {}
    return cluster.request("POST", f"/api/v1/namespaces/{namespace}/{plural}",
                           {"apiVersion": "v1", "kind": kind, **body}, headers=headers)


def test_only_the_operator_writes_what_gateways_start_with(cluster, policies, namespace):
    config = {"metadata": {"name": "weir-config-clinic"}, "data": {"clinic.yaml": "{}"}}
    status, _, answer = create(cluster, namespace, "configmaps", "ConfigMap", config)
    assert (status, answer["reason"]) == (422, "Invalid")
    assert answer["message"] == (
        'configmaps "weir-config-clinic" is forbidden: ValidatingAdmissionPolicy \'weir-configuration\' with binding '
        "'weir-configuration' denied request: ConfigMaps weir-config-* are written by the operator only")
    assert create(cluster, namespace, "configmaps", "ConfigMap", config, policies)[0] == 201
    assert create(cluster, namespace, "configmaps", "ConfigMap", {"metadata": {"name": "other"}})[0] == 201
    path = f"/api/v1/namespaces/{namespace}/configmaps/weir-config-clinic"
    assert cluster.request("DELETE", path)[0] == 422
    assert cluster.request("DELETE", path, headers={"Authorization": f"Bearer {policies}"})[0] == 200


def test_a_name_that_the_server_makes_is_judged_too(cluster, policies, namespace):
    made = {"metadata": {"generateName": "weir-config-"}}
    assert create(cluster, namespace, "configmaps", "ConfigMap", made)[0] == 422
    assert create(cluster, namespace, "configmaps", "ConfigMap", {"metadata": {"generateName": "config-"}})[0] == 201


def test_a_namespace_goes_with_what_the_operator_wrote_in_it(cluster, policies):
    """Its content is deleted all at once: admission is told neither a name nor an object."""
    path = "/api/v1/namespaces/going"
    cluster.request("POST", "/api/v1/namespaces", {
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "going"}})
    for name in ("weir-config-clinic", "other"):
        made = {"metadata": {"name": name}, "data": {"a": "b"}}
        assert create(cluster, "going", "configmaps", "ConfigMap", made, policies)[0] == 201
    assert cluster.request("DELETE", path)[0] == 200
    assert cluster.get(path)[0] == 404


def test_many_objects_are_deleted_at_once_but_for_the_operators(cluster, policies, namespace):
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    for name, labels in (("weir-config-clinic", {}), ("other", {"is": "other"})):
        made = {"metadata": {"name": name, "labels": labels}}
        assert create(cluster, namespace, "configmaps", "ConfigMap", made, policies)[0] == 201

    def names():
        return [it["metadata"]["name"] for it in cluster.get(path)[2]["items"]]
    assert cluster.request("DELETE", f"{path}?labelSelector=is%3Dother")[0] == 200
    assert names() == ["weir-config-clinic"]
    status, _, answer = cluster.request("DELETE", path)
    assert status == 422 and "are written by the operator only" in answer["message"]
    assert cluster.request("DELETE", path, headers={"Authorization": f"Bearer {policies}"})[0] == 200
    assert names() == []


def test_a_pod_that_says_it_has_a_gateway_has_one(cluster, policies, namespace):
    pod = {"metadata": {"name": "liar", "annotations": {"weir.dev/injection-hash": "00"}},
           "spec": {"containers": [{"name": "app", "image": "example/app:1"}]}}
    status, _, answer = create(cluster, namespace, "pods", "Pod", pod)
    assert status == 422 and "this pod says that it has a gateway and has not one" in answer["message"]
    pod["metadata"] = {"name": "honest"}
    assert create(cluster, namespace, "pods", "Pod", pod)[0] == 201


def test_the_annotations_of_a_running_pod_are_the_operators(cluster, namespace, policies):
    path = f"/api/v1/namespaces/{namespace}/pods/app"
    pod = {"metadata": {"name": "app"}, "spec": {"containers": [{"name": "app", "image": "example/app:1"}]}}
    assert create(cluster, namespace, "pods", "Pod", pod)[0] == 201

    def annotate(value, **headers):
        body = {"metadata": {"annotations": {"weir.dev/injection-hash": value}}}
        return cluster.request("PATCH", path, body, "application/merge-patch+json", headers=headers)

    assert annotate("00")[0] == 422
    assert annotate("00", Authorization=f"Bearer {policies}")[0] == 200
    status, _, answer = annotate(None)
    assert status == 422 and "are the operator's" in answer["message"]


@pytest.mark.parametrize("container, why", [
    ({}, None),
    ({"securityContext": {"runAsUser": 1000, "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}}}, None),
    ({"targetContainerName": "app"}, None),
    ({"targetContainerName": "weir-gateway"}, "may neither see the gateway's process nor mount its volumes"),
    ({"volumeMounts": [{"name": "weir-secrets", "mountPath": "/s"}]}, "nor mount its volumes"),
    ({"securityContext": {"privileged": True}}, "neither privileges nor capabilities"),
    ({"securityContext": {"runAsUser": 15432}}, "neither privileges nor capabilities"),
    ({"securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}}, "neither privileges nor capabilities"),
    ({"securityContext": {"capabilities": {"add": ["NET_RAW"]}}}, "neither privileges nor capabilities"),
])
def test_a_debugging_container_cannot_look_into_a_gateway(cluster, namespace, policies, container, why):
    pod = {"metadata": {"name": "app"}, "spec": {"containers": [{"name": "app", "image": "example/app:1"}]}}
    assert create(cluster, namespace, "pods", "Pod", pod)[0] == 201
    path = f"/api/v1/namespaces/{namespace}/pods/app"
    marks = {"metadata": {"annotations": {"weir.dev/injection-hash": "00"}}}
    assert cluster.request("PATCH", path, marks, "application/merge-patch+json",
                           headers={"Authorization": f"Bearer {policies}"})[0] == 200
    body = {"spec": {"ephemeralContainers": [{"name": "debugger", "image": "example/tools:1", **container}]}}
    status, _, answer = cluster.request(
        "PATCH", f"{path}/ephemeralcontainers", body, "application/strategic-merge-patch+json")
    assert (status == 200) == (why is None), answer
    assert why is None or why in answer["message"]


def test_an_object_bears_whoever_has_written_it(cluster, definitions, policies, namespace):
    def policy(editor, column="ssn", **metadata):
        annotations = {"weir.dev/changed-by": editor} if editor else {}
        return {"apiVersion": "weir.dev/v1alpha1", "kind": "MaskingPolicy",
                "metadata": {"name": "phi", "annotations": annotations, **metadata},
                "spec": {"targets": {"connectionNames": ["clinic"]}, "rules": [
                    {"name": "r", "match": {"columns": [column]}, "action": {"type": "Redact"}}]}}
    path = f"/apis/weir.dev/v1alpha1/namespaces/{namespace}/maskingpolicies"
    operator = {"Authorization": f"Bearer {policies}"}

    def refused(answer):
        return answer[0] == 422 and "names whoever has written what the object says" in answer[2]["message"]
    assert refused(cluster.request("POST", path, policy("mia"), headers=operator))
    assert refused(cluster.request("POST", path, policy(None), headers=operator))
    assert cluster.request("POST", path, policy(OPERATOR), headers=operator)[0] == 201

    def patch(body, **headers):
        return cluster.request("PATCH", f"{path}/phi", body, "application/merge-patch+json", headers=headers)
    # Somebody else, who changes what it says, or its labels, or who it is said to be of.
    assert refused(patch({"spec": policy(None, "name")["spec"]}))
    assert refused(patch({"metadata": {"labels": {"a": "b"}}}))
    assert refused(patch({"metadata": {"annotations": {"weir.dev/changed-by": "mia"}}}))
    assert patch({"metadata": {"annotations": {"note": "seen"}}})[0] == 200
    assert patch({"spec": policy(None, "name")["spec"]}, **operator)[0] == 200
    assert cluster.request("DELETE", f"{path}/phi")[0] == 200


@pytest.mark.parametrize("plural, kind, name, value", [
    ("secrets", "Secret", "weir-operator-ca", base64.b64encode(b"key").decode()),
    ("configmaps", "ConfigMap", "weir-revocations", "{}")])
def test_the_authority_is_the_operators(cluster, policies, plural, kind, name, value):
    """Also in two steps: without the label first, or made anew."""
    path = f"/api/v1/namespaces/{SYSTEM}/{plural}"
    operator = {"Authorization": f"Bearer {policies}"}
    empty = {"metadata": {"name": name, "labels": {"app.kubernetes.io/name": "weir"}}}
    filled = {**empty, "data": {"key": value}}

    def change(body, **headers):
        return cluster.request("PATCH", f"{path}/{name}", body, "application/merge-patch+json", headers=headers)[0]
    assert create(cluster, SYSTEM, plural, kind, filled)[0] == 422
    assert create(cluster, SYSTEM, plural, kind, empty)[0] == 201
    assert change(filled) == 422
    assert change(filled, **operator) == 200
    # What an upgrade of the chart writes.
    assert change({"metadata": {"labels": {"app.kubernetes.io/name": None}, "annotations": {"note": "seen"}}}) == 200
    for data in ({"key": None}, {"other": value}, None):
        assert change({"data": data}) == 422
    assert cluster.request("DELETE", f"{path}/{name}")[0] == 422
    assert cluster.request("DELETE", path)[0] == 422
    assert cluster.request("DELETE", f"{path}/{name}", headers=operator)[0] == 200
    assert create(cluster, SYSTEM, plural, kind, filled, policies)[0] == 201
    assert cluster.request("DELETE", f"{path}/{name}", headers=operator)[0] == 200


def test_objects_of_such_a_name_elsewhere_are_whose_they_are(cluster, policies, namespace):
    secret = {"metadata": {"name": "weir-operator-ca"}, "data": {"key": ""}}
    assert create(cluster, namespace, "secrets", "Secret", secret)[0] == 201
    assert cluster.request("DELETE", f"/api/v1/namespaces/{namespace}/secrets/weir-operator-ca")[0] == 200


def test_a_decision_needs_the_verb_approve(cluster, definitions, policies, namespace):
    request = {
        "apiVersion": "weir.dev/v1alpha1", "kind": "ApprovalRequest", "metadata": {"name": "r"}, "spec": {
            "ruleRef": {"name": "deletes", "namespace": namespace},
            "connectionRef": {"name": "clinic", "namespace": namespace},
            "requester": {"name": "mia", "proof": "GatewayUser"}, "requiredApprovals": 1,
            "statement": {"sha256": "0" * 64, "kind": "Delete", "tables": ["patients"], "redactedText": "DELETE"},
            "expiresAt": "2099-01-01T00:00:00Z"}}
    path = f"/apis/weir.dev/v1alpha1/namespaces/{namespace}/approvalrequests"
    status, _, answer = cluster.request("POST", path, request)
    assert "requests for approval are made by the operator only" in answer["message"]
    operator = {"Authorization": f"Bearer {policies}"}
    status, _, answer = cluster.request("POST", path, request, headers=operator)
    assert status == 201, answer

    def decide(approver, **headers):
        made = cluster.get(f"{path}/r")[2]["metadata"]["creationTimestamp"]
        decision = {"id": "d1", "verdict": "Approve", "reason": "seen", "time": made,
                    "approver": {"username": approver, "groups": []}}
        return cluster.request("PATCH", f"{path}/r", {"spec": {"decisions": [decision]}},
                               "application/merge-patch+json", headers=headers)

    assert "a decision is of whoever sends it" in decide("somebody")[2]["message"]
    # The cluster's administrator may do everything, and somebody without the verb nothing of the kind.
    cluster.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "editor"},
        "rules": [{"apiGroups": ["weir.dev"], "resources": ["approvalrequests"], "verbs": ["get", "patch"]}]})
    cluster.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "editor"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "editor"},
        "subjects": [{"kind": "ServiceAccount", "name": "editor", "namespace": SYSTEM}]})
    cluster.request("POST", f"/api/v1/namespaces/{SYSTEM}/serviceaccounts", {
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "editor"}})
    editor = {"Authorization": f"Bearer {token(cluster, 'editor')}"}
    status, _, answer = decide(f"system:serviceaccount:{SYSTEM}:editor", **editor)
    assert (status, answer["reason"]) == (403, "Forbidden") and "needs the verb approve" in answer["message"]
    assert decide("admin")[0] == 200
    assert json.dumps(cluster.get(f"{path}/r")[2]["spec"]["decisions"]).count("d1") == 1
    assert cluster.request("DELETE", f"{path}/r", headers=operator)[0] == 200
