"""What the policies of Manifests/admission let in: the pods that the injector makes, and no others like them."""

import copy
import json

import admission
import celpy
import pytest
import schema

GOLDEN = schema.ROOT / "Tests/AdmissionTests/Golden"


def pod(mode="native"):
    return json.loads((GOLDEN / f"{mode}.json").read_text())


def gateway(pod):
    containers = pod["spec"]["containers"] + pod["spec"].get("initContainers", [])
    return next(container for container in containers if container["name"] == "weir-gateway")


def test_every_policy_is_bound_and_denies():
    assert sorted(binding["policyName"] for binding in admission.BINDINGS) == sorted(admission.POLICIES)
    for binding in admission.BINDINGS:
        spec = admission.POLICIES[binding["policyName"]]
        assert binding["validationActions"] == ["Deny"] and spec["failurePolicy"] == "Fail"
        # The API server looks for parameters before conditions: without them every request that the rules name fails.
        assert "paramKind" not in spec and "paramRef" not in binding


def test_has_tells_of_maps_alone():
    for expression in ("has(object.metadata)", "has(object.metadata.name)", "has(oldObject.spec.decisions)"):
        compiled = admission.ENVIRONMENT.compile(expression)
        names = {key: celpy.json_to_cel(value) for key, value in {"object": None, "oldObject": {}}.items()}
        with pytest.raises(celpy.CELEvalError):
            admission.ENVIRONMENT.program(compiled).evaluate(names)


@pytest.mark.parametrize("mode", ["native", "container"])
def test_what_the_injector_makes_is_let_in(mode):
    assert admission.denials("weir-sidecars", pod(mode)) == []


def test_pods_without_a_gateway_are_not_judged():
    plain = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "i"}]}}
    assert admission.denials("weir-sidecars", plain) is None


def removed(pod):
    pod["spec"]["initContainers"] = []


def doubled(pod):
    pod["spec"]["containers"].append(copy.deepcopy(gateway(pod)))


def other_image(pod):
    gateway(pod)["image"] = "registry.example/weir-gateway-evil:1"


def other_command(pod):
    gateway(pod)["command"] = ["/bin/sh"]


def other_arguments(pod):
    gateway(pod)["args"] = ["run", "--sink", "http://elsewhere"]


def environment_from(pod):
    gateway(pod)["envFrom"] = [{"configMapRef": {"name": "x"}}]


def preloaded(pod):
    gateway(pod)["env"].append({"name": "LD_PRELOAD", "value": "/x.so"})


def overridden(pod):
    gateway(pod)["env"].append({"name": "WEIR_MANIFESTS", "value": "/elsewhere"})


def other_sink(pod):
    next(item for item in gateway(pod)["env"] if item["name"] == "WEIR_SINK")["value"] = "http://elsewhere"


def other_connections(pod):
    pod["metadata"]["annotations"]["weir.dev/connections"] = "clinic,other"


def privileged(pod):
    gateway(pod)["securityContext"]["privileged"] = True


def root(pod):
    gateway(pod)["securityContext"]["runAsNonRoot"] = False


def capable(pod):
    gateway(pod)["securityContext"]["capabilities"]["add"] = ["SYS_PTRACE"]


def without_token(pod):
    container = gateway(pod)
    container["volumeMounts"] = [item for item in container["volumeMounts"] if item["name"] != "weir-token"]


def spying(pod):
    pod["spec"]["containers"][0].setdefault("volumeMounts", []).append({"name": "weir-secrets", "mountPath": "/s"})


def own_configuration(pod):
    volume = next(item for item in pod["spec"]["volumes"] if item["name"] == "weir-config")
    volume["projected"]["sources"][0]["configMap"]["name"] = "mine"


def other_audience(pod):
    volume = next(item for item in pod["spec"]["volumes"] if item["name"] == "weir-token")
    volume["projected"]["sources"][0]["serviceAccountToken"]["audience"] = "api"


@pytest.mark.parametrize("change, message", [
    (removed, "this pod says that it has a gateway and has not one"),
    (doubled, "this pod says that it has a gateway and has not one"),
    (other_image, "the image of container weir-gateway is not the gateway's"),
    (other_command, "container weir-gateway is started in another way"),
    (other_arguments, "container weir-gateway is started in another way"),
    (environment_from, "container weir-gateway is started in another way"),
    (preloaded, "the environment of container weir-gateway is not the injector's"),
    (overridden, "the environment of container weir-gateway is not the injector's"),
    (other_sink, "container weir-gateway has another sink, operator or list of connections"),
    (other_connections, "container weir-gateway has another sink, operator or list of connections"),
    (privileged, "container weir-gateway has rights that it does not need"),
    (root, "container weir-gateway has rights that it does not need"),
    (capable, "container weir-gateway has rights that it does not need"),
    (without_token, "container weir-gateway does not mount what it reads"),
    (spying, "only container weir-gateway may mount the gateway's volumes"),
    (own_configuration, "volume weir-config holds something else than the operator's configuration"),
    (other_audience, "volume weir-token holds something else than the token for the operator"),
])
def test_a_changed_sidecar_is_refused(change, message):
    changed = pod()
    change(changed)
    assert admission.denials("weir-sidecars", changed) == [message]


def test_what_other_webhooks_add_to_every_container_is_let_in():
    changed = pod()
    gateway(changed)["env"].append({"name": "AWS_ROLE_ARN", "value": "x"})
    gateway(changed)["volumeMounts"].append({"name": "kube-api-access-x", "mountPath": "/var/run/secrets/k"})
    assert admission.denials("weir-sidecars", changed) == []


# Running pods


def updated(change, user="alice"):
    after = pod()
    change(after)
    return admission.denials("weir-running-pods", after, old=pod(), operation="UPDATE", user=user)


def new_hash(pod):
    pod["metadata"]["annotations"]["weir.dev/injection-hash"] = "0"


def no_hash(pod):
    del pod["metadata"]["annotations"]["weir.dev/injection-hash"]


def no_annotations(pod):
    del pod["metadata"]["annotations"]


def new_image(pod):
    gateway(pod)["image"] = "registry.example/weir-gateway:old"


def debugging(**more):
    def change(pod):
        pod["spec"]["ephemeralContainers"] = [{"name": "debug", "image": "busybox", **more}]
    return change


@pytest.mark.parametrize("change", [new_hash, no_hash, no_annotations, new_image])
def test_annotations_and_image_are_changed_by_the_operator_only(change):
    assert len(updated(change)) == 1
    assert updated(change, user=admission.OPERATOR) == []


def test_other_changes_of_a_running_pod_are_free():
    assert updated(lambda pod: pod["metadata"]["annotations"].update(a="b")) == []
    assert updated(debugging()) == []
    assert updated(debugging(targetContainerName="api")) == []


@pytest.mark.parametrize("more", [
    {"targetContainerName": "weir-gateway"}, {"volumeMounts": [{"name": "weir-secrets", "mountPath": "/x"}]},
])
def test_nobody_debugs_the_gateway(more):
    message = "a debugging container may neither see the gateway's process nor mount its volumes"
    assert updated(debugging(**more)) == [message]
    assert updated(debugging(**more), user=admission.OPERATOR) == [message]


@pytest.mark.parametrize("options, is_let_in", [
    ({"container": "api"}, True), ({}, True), ({"container": "weir-gateway"}, False),
])
def test_nobody_enters_the_gateway(options, is_let_in):
    assert (admission.denials("weir-entry", options, operation="CONNECT") == []) == is_let_in


@pytest.mark.parametrize("options", [{}, {"container": ""}, {"container": "weir-gateway"}])
def test_nobody_enters_a_bastion(options):
    assert admission.denials("weir-entry", options, operation="CONNECT", pod="weir-bastion-clinic-5d98-x") != []


# What the operator writes

NAMESPACE_CONTROLLER = "system:serviceaccount:kube-system:namespace-controller"
GARBAGE_COLLECTOR = "system:serviceaccount:kube-system:generic-garbage-collector"
#: Without accounts of the controllers' own.
CONTROLLER_MANAGER = "system:kube-controller-manager"


def held(name, **data):
    """A ConfigMap or Secret of that name."""
    return {"metadata": {"name": name}, **({"data": data} if data else {})}


def written(policy, operation, before, after, user, namespace="clinic"):
    before = None if operation == "CREATE" else before
    return admission.denials(policy, after, old=before, operation=operation, user=user, namespace=namespace)


@pytest.mark.parametrize("user, operation, is_let_in", [
    (admission.OPERATOR, "CREATE", True), (admission.OPERATOR, "UPDATE", True), (admission.OPERATOR, "DELETE", True),
    ("alice", "CREATE", False), ("alice", "UPDATE", False), ("alice", "DELETE", False),
    (NAMESPACE_CONTROLLER, "DELETE", True), (GARBAGE_COLLECTOR, "DELETE", True), (CONTROLLER_MANAGER, "DELETE", True),
    (NAMESPACE_CONTROLLER, "CREATE", False), (NAMESPACE_CONTROLLER, "UPDATE", False),
])
def test_configuration_is_the_operators(user, operation, is_let_in):
    before, after = held("weir-config-a", x="1"), held("weir-config-a", x="2")
    assert (written("weir-configuration", operation, before, after, user) == []) == is_let_in
    assert written("weir-configuration", operation, held("mine"), held("mine"), user) is None


@pytest.mark.parametrize("user, is_let_in", [(GARBAGE_COLLECTOR, True), (CONTROLLER_MANAGER, True), ("alice", False)])
def test_the_collector_may_take_an_owner_away(user, is_let_in):
    before, after = held("weir-config-a", x="1"), held("weir-config-a", x="1")
    before["metadata"]["ownerReferences"] = [{"name": "a"}]
    assert (written("weir-configuration", "UPDATE", before, after, user) == []) == is_let_in


@pytest.mark.parametrize("operation, before, after, user, is_let_in", [
    ("CREATE", {}, {}, "alice", True), ("CREATE", {}, {"a": "x"}, "alice", False),
    ("UPDATE", {}, {"a": "x"}, "alice", False), ("UPDATE", {"a": "x"}, {"a": "y"}, "alice", False),
    ("UPDATE", {"a": "x"}, {}, "alice", False), ("UPDATE", {"a": "x"}, {"a": "x"}, "alice", True),
    ("DELETE", {}, {}, "alice", True), ("DELETE", {"a": "x"}, {}, "alice", False),
    ("DELETE", {"a": "x"}, {}, NAMESPACE_CONTROLLER, True), ("DELETE", {"a": "x"}, {}, CONTROLLER_MANAGER, True),
    ("UPDATE", {"a": "x"}, {"a": "y"}, NAMESPACE_CONTROLLER, False),
    ("CREATE", {}, {"a": "x"}, admission.OPERATOR, True), ("UPDATE", {}, {"a": "x"}, admission.OPERATOR, True),
    ("DELETE", {"a": "x"}, {}, admission.OPERATOR, True),
])
@pytest.mark.parametrize("name", ["weir-operator-ca", "weir-operator-grants", "weir-audit-sink-tls", "weir-revocations",
                                  "weir-identities", "weir-saml-assertions", "weir-scim-users"])
def test_the_authority_is_the_operators(name, operation, before, after, user, is_let_in):
    change = ("weir-authority", operation, held(name, **before), held(name, **after), user)
    assert (written(*change, namespace=admission.NAMESPACE) == []) == is_let_in
    assert written(*change, namespace="elsewhere") is None


def test_other_objects_beside_the_authority_are_whose_they_are():
    for operation in ("CREATE", "UPDATE", "DELETE"):
        secret = held("weir-operator-scim", token="x")
        assert written("weir-authority", operation, secret, secret, "alice", admission.NAMESPACE) is None


# Approvals

RIGHT = "weir.dev/approvalrules/clinic/drops/approve"


def decision(id="d1", username="bob", groups=None, time="2026-01-01T10:01:00Z"):
    approver = {"username": username} if groups is None else {"username": username, "groups": groups}
    return {"id": id, "verdict": "Approve", "reason": "", "approver": approver, "time": time}


def request(*decisions):
    spec = {"ruleRef": {"namespace": "clinic", "name": "drops"}, "expiresAt": "2026-01-01T10:30:00Z"}
    if decisions:
        spec["decisions"] = list(decisions)
    return {"metadata": {"name": "r", "creationTimestamp": "2026-01-01T10:00:00Z"}, "spec": spec}


def decided(after, before=None, user="bob", allowed=(RIGHT,)):
    return admission.denials("weir-approvals", after, old=before or request(), operation="UPDATE", user=user,
                             groups=["dba", "system:authenticated"], allowed=allowed)


def test_an_approver_decides_for_themselves():
    assert decided(request(decision())) == []
    assert decided(request(decision(groups=["dba"]))) == []
    assert decided(request(decision("d1", "ann"), decision("d2")), request(decision("d1", "ann"))) == []


@pytest.mark.parametrize("after, message", [
    (request(decision(username="ann")), "a decision is of whoever sends it"),
    (request(decision(groups=["admins"])), "the groups of a decision are those of whoever sends it"),
    (request(decision(time="2026-01-01T09:00:00Z")), "a decision is made between the request and its end"),
    (request(decision(time="2026-01-01T11:00:00Z")), "a decision is made between the request and its end"),
    (request(decision(), decision("d2")), "decisions are added one at a time"),
])
def test_a_forged_decision_is_refused(after, message):
    assert decided(after) == [message]


def test_deciding_needs_the_right_to():
    assert decided(request(decision()), allowed=()) == ["deciding needs the verb approve on the ApprovalRule"]


@pytest.mark.parametrize("after", [request(), request(decision("d1", "ann", time="2026-01-01T10:02:00Z"))])
def test_a_decision_stays(after):
    assert decided(after, request(decision("d1", "ann"))) == ["a decision is neither changed nor taken back"]


def asked(pod="api-1", **labels):
    """A request as the operator makes it."""
    made = request()
    made["metadata"] |= {
        "labels": {"weir.dev/gateway-uid": "u1"} | labels, "annotations": {"weir.dev/gateway-pod": pod}}
    return made


@pytest.mark.parametrize("before, after", [
    (asked(), asked("api-2")), (asked(), asked(**{"weir.dev/gateway-uid": "u2"})),
    (asked(), asked(**{"weir.dev/comes-again": "true"})), (asked(), request()), (request(), asked()),
])
def test_whose_gateway_waits_is_said_by_the_operator_alone(before, after):
    assert decided(after, before) == ["whose gateway waits for a request is said once, by the operator"]


def test_other_labels_of_a_request_are_anybodys():
    assert decided(asked(team="dba"), asked()) == []


@pytest.mark.parametrize("user, begun, messages", [
    (admission.OPERATOR, request(), []),
    (admission.OPERATOR, asked(), []),
    ("bob", request(), ["requests for approval are made by the operator only"]),
    (admission.OPERATOR, request(decision(username=admission.OPERATOR)),
     ["a request for approval begins without decisions", "deciding needs the verb approve on the ApprovalRule"]),
])
def test_requests_are_made_by_the_operator(user, begun, messages):
    assert admission.denials("weir-approvals", begun, user=user) == messages


@pytest.mark.parametrize("user, operation, is_let_in", [
    (admission.OPERATOR, "UPDATE", True), ("bob", "UPDATE", False), ("bob", "DELETE", False),
    (GARBAGE_COLLECTOR, "DELETE", True), (CONTROLLER_MANAGER, "DELETE", True), (CONTROLLER_MANAGER, "UPDATE", False),
])
def test_outcomes_are_the_operators(user, operation, is_let_in):
    assert (admission.denials("weir-approval-outcomes", {}, operation=operation, user=user) == []) == is_let_in
