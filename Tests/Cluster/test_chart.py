"""The chart: what it renders, what it refuses, and a release from install to uninstall."""

import json
import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml

from cluster import ROOT, TOOLS, VERSIONS, Tool

CHART = ROOT / "Charts/weir"
NAMESPACE = "weir-system"
#: Minor versions of Kubernetes whose schemas every object must meet.
KUBERNETES = [f"1.{minor}" for minor in range(29, 38)]
#: Values that turn on what is off by default, and off what is on.
VARIANTS = {
    "defaults": [],
    "watched": ["--set", "watchNamespaces={clinic,lab}"],
    "minimal": [
        "--set", "crds.enabled=false,admissionPolicies.enabled=false,podDisruptionBudget.enabled=false",
        "--set", "networkPolicy.enabled=false,removalHook.enabled=false,sink.enabled=false",
        "--set", "sink.url=https://audit.test"],
    "placed": [
        "--set", "operator.nodeSelector.pool=infra,sink.nodeSelector.pool=infra,image.pullSecrets={registry}",
        "--set", "operator.tolerations[0].operator=Exists,sink.priorityClassName=high,sink.readersSecret=readers",
        "--set", "operator.podLabels.team=data,operator.podAnnotations.note=x,sink.podAnnotations.note=x",
        "--set", "gateway.image.digest=sha256:" + 64 * "a"],
}


def helm(version, *arguments, check=True):
    done = subprocess.run([TOOLS / version / "helm", *arguments], capture_output=True, text=True)
    assert not check or done.returncode == 0, done.stderr
    return done


def render(*options, version="1.37", kubernetes="1.37"):
    text = helm(version, "template", "weir", str(CHART), "--namespace", NAMESPACE, "--kube-version", f"{kubernetes}.0",
                *options).stdout
    return [it for it in yaml.safe_load_all(text) if it]


def named(objects, kind, name):
    return next(it for it in objects if it["kind"] == kind and it["metadata"]["name"] == name)


def pod_specs(objects):
    for it in objects:
        if it["kind"] == "Pod":
            yield it["metadata"]["name"], it["spec"]
        elif it["kind"] in ("Deployment", "StatefulSet", "Job"):
            yield it["metadata"]["name"], it["spec"]["template"]["spec"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_lint_finds_nothing(version, variant):
    helm(version, "lint", "--strict", str(CHART), "--namespace", NAMESPACE, *VARIANTS[variant])


@pytest.mark.parametrize("variant", VARIANTS)
def test_both_helms_render_the_same(variant):
    first, second = (render(*VARIANTS[variant], version=version) for version in VERSIONS)
    order = lambda it: (it["kind"], it["metadata"].get("namespace", ""), it["metadata"]["name"])  # noqa: E731
    assert sorted(first, key=order) == sorted(second, key=order)


@pytest.mark.parametrize("kubernetes", KUBERNETES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_object_meets_its_schema(variant, kubernetes):
    for it in render(*VARIANTS[variant], kubernetes=kubernetes):
        kubernetes_validate.validate(it, kubernetes, strict=True)


@pytest.mark.parametrize("values, told", [
    (["--set", "operater.replicas=3"], "operater"), (["--set", "operator.replica=3"], "replica"),
    (["--set", "operator.replicas=0"], "replicas"),
    (["--set", "sink.enabled=false"], "sink.url is needed when sink.enabled is false"),
    (["--set", "sink.url=https://audit.test"], "sink.url needs sink.enabled=false"),
    (["--set", "sink.enabled=false,sink.url=audit.test"], "url"),
    (["--set", "networkPolicy.apiServerPorts={0}"], "apiServerPorts"), (["--set", "image.registry=it's"], "registry"),
    (["--set", "gateway.image.digest=latest"], "digest"), (["--set", "operator.logLevel=loud"], "logLevel"),
    (["--set", "watchNamespaces={Clinic}"], "watchNamespaces"), (["--set", "sink.image.tag=1"], "tag"),
])
@pytest.mark.parametrize("version", VERSIONS)
def test_values_that_mean_nothing_are_refused(version, values, told):
    refused = helm(version, "template", "weir", str(CHART), *values, check=False)
    assert refused.returncode != 0
    assert told in refused.stderr


def test_every_value_has_its_place_in_the_schema():
    schema = json.loads((CHART / "values.schema.json").read_text())

    def compare(values, schema, path):
        known = schema.get("properties")
        if known is None:
            return
        assert schema["additionalProperties"] is False, path
        assert set(values) <= set(known) and set(known) - set(values) <= {"global"}, path
        for name, value in values.items():
            if isinstance(value, dict):
                compare(value, known[name], f"{path}.{name}")
    compare(yaml.safe_load((CHART / "values.yaml").read_text()), schema, "values")


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_pod_meets_the_restricted_level(variant):
    seen = 0
    for name, pod in pod_specs(render(*VARIANTS[variant])):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), name
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False and context["readOnlyRootFilesystem"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert set(container["resources"]) == {"requests", "limits"}
        seen += 1
    assert seen >= 1


def test_an_image_is_pinned_by_its_digest():
    objects = render("--set", "gateway.image.digest=sha256:" + 64 * "a", "--set", "image.registry=registry.test/weir")
    arguments = named(objects, "Deployment", "weir-operator")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert f"--sidecar-image=registry.test/weir/weir-gateway@sha256:{64 * 'a'}" in arguments


def test_a_pod_is_selected_by_one_webhook_or_none():
    objects = render()
    *webhooks, editors, decisions = named(objects, "MutatingWebhookConfiguration", "weir-injector")["webhooks"]
    assert decisions["rules"][0]["resources"] == ["approvalrequests"] and decisions["failurePolicy"] == "Fail"
    assert editors["clientConfig"]["service"]["path"] == "/stamp" and editors["failurePolicy"] == "Fail"

    def selects(expressions, labels):
        meets = {"In": lambda value, values: value in values, "NotIn": lambda value, values: value not in values}
        return all(meets[it["operator"]](labels.get(it["key"]), it["values"]) for it in expressions)

    choices, chosen = [None, "enabled", "disabled", "other"], {}
    for namespace in ("clinic", "kube-system", NAMESPACE):
        for of_namespace in choices:
            for of_pod in choices:
                labels = {"kubernetes.io/metadata.name": namespace, "weir.dev/inject": of_namespace}
                chosen[namespace, of_namespace, of_pod] = [
                    it["name"] for it in webhooks
                    if selects(it["namespaceSelector"]["matchExpressions"], labels)
                    and selects(it["objectSelector"]["matchExpressions"], {"weir.dev/inject": of_pod})]
    assert {key for key, names in chosen.items() if names} == {
        ("clinic", "enabled", None), ("clinic", "enabled", "enabled"), ("clinic", "enabled", "other"),
        ("clinic", None, "enabled"), ("clinic", "other", "enabled")}
    assert max(len(names) for names in chosen.values()) == 1
    for it in webhooks:
        assert (it["failurePolicy"], it["sideEffects"], it["reinvocationPolicy"], it["timeoutSeconds"]) == (
            "Fail", "None", "IfNeeded", 5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_the_operator_owns_is_not_rendered(variant):
    objects = render(*VARIANTS[variant])
    assert "caBundle" not in json.dumps(objects)
    names = ["weir-operator-ca", "weir-operator-grants"]
    if any(it["kind"] == "StatefulSet" for it in objects):
        names.append("weir-audit-sink-tls")
    for name in names:
        secret = named(objects, "Secret", name)
        assert "data" not in secret and "stringData" not in secret
        assert secret["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert len([it for it in objects if it["kind"] == "Secret"]) == len(names)


def rules(objects, kind, name):
    return {(group, resource): (set(rule["verbs"]), rule.get("resourceNames"))
            for rule in named(objects, kind, name)["rules"]
            for group in rule["apiGroups"] for resource in rule["resources"]}


def test_rights_are_no_wider_than_needed():
    objects = render()
    everywhere = rules(objects, "ClusterRole", "weir-operator")
    assert ("", "secrets") not in everywhere and "*" not in json.dumps([list(it) for it in everywhere])
    assert [(it["verbs"], it["resourceNames"]) for it in named(objects, "Role", "weir-operator")["rules"]
            if it["resources"] == ["secrets"]] == [
        (["get", "patch"], ["weir-operator-ca", "weir-operator-grants", "weir-audit-sink-tls"]),
        (["get"], ["weir-operator-scim"])]
    for kind, name in (("mutating", "weir-injector"), ("validating", "weir-validator")):
        webhooks = everywhere["admissionregistration.k8s.io", f"{kind}webhookconfigurations"]
        assert webhooks == ({"get", "patch"}, [name])
    watched = render(*VARIANTS["watched"])
    of_cluster = rules(watched, "ClusterRole", "weir-operator")
    assert not {("", "pods"), ("", "configmaps"), ("apps", "deployments")} & set(of_cluster)
    roles = {it["metadata"]["namespace"] for it in watched
             if it["kind"] == "Role" and it["metadata"]["name"] == "weir-operator-watched"}
    assert roles == {"clinic", "lab", NAMESPACE}


def test_custom_resources_are_those_of_the_project():
    definitions = {path.name: path.read_text() for path in (ROOT / "CRDs").glob("*.yaml")}
    assert {path.name: path.read_text() for path in (CHART / "files/crds").glob("*.yaml")} == definitions
    for keep in (True, False):
        rendered = [it for it in render("--set", f"crds.keep={str(keep).lower()}")
                    if it["kind"] == "CustomResourceDefinition"]
        for it in rendered:
            assert (it["metadata"].pop("annotations", None) is not None) == keep
            del it["metadata"]["labels"]
        assert sorted(rendered, key=str) == sorted(map(yaml.safe_load, definitions.values()), key=str)


def test_admission_policies_are_those_of_the_project():
    sources = {path.name: path.read_text() for path in (ROOT / "Manifests/admission").glob("*.yaml")}
    assert {path.name: path.read_text() for path in (CHART / "files/admission").glob("*.yaml")} == sources
    text = "---\n".join(sources.values())
    # What is the installation's own.
    for project, installed in {
            "'http://weir-audit-sink.weir-system.svc": "'https://weir-audit-sink.elsewhere.svc",
            "'https://weir-operator.weir-system.svc": "'https://weir-operator.elsewhere.svc",
            "'registry.example/": "'registry.test/", ":weir-system:": ":elsewhere:",
            "'weir-system'": "'elsewhere'"}.items():
        assert project in text
        text = text.replace(project, installed)
    policies = [it for it in yaml.safe_load_all(text) if it]
    kinds = {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
    options = ["--namespace", "elsewhere", "--set", "image.registry=registry.test"]
    rendered = [it for it in render(*options) if it["kind"] in kinds]
    assert sorted(rendered, key=str) == sorted(policies, key=str) and policies
    assert "weir-system" not in json.dumps(rendered)
    assert not [it for it in render(kubernetes="1.29") if it["kind"] in kinds]


@pytest.mark.parametrize("options", [
    [], ["--namespace", "elsewhere", "--set", "image.registry=registry.test:5000/weir"],
    ["--set", "sink.enabled=false,sink.url=https://audit.test/weir"]])
def test_admission_policies_compare_with_what_the_operator_is_told(options):
    objects = render(*options)
    deployment = named(objects, "Deployment", "weir-operator")
    namespace = deployment["metadata"]["namespace"]
    arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    policies = [it["spec"] for it in objects if it["kind"] == "ValidatingAdmissionPolicy"]
    known = {it["name"]: it["expression"].strip("'") for spec in policies for it in spec.get("variables", [])}
    assert f"--sink={known['sink']}" in arguments
    assert any(it.startswith(f"--sidecar-image={known['repository']}:") for it in arguments)
    assert known["configuration"] == f"https://weir-operator.{namespace}.svc:8443"
    assert known["operator"] == f"system:serviceaccount:{namespace}:weir-operator"


def test_policies_for_the_network_let_the_api_server_and_names_be_asked():
    for ports in ([443, 6443], [16443]):
        policies = [it for it in render("--set", f"networkPolicy.apiServerPorts={{{','.join(map(str, ports))}}}")
                    if it["kind"] == "NetworkPolicy"]
        assert {it["metadata"]["name"] for it in policies} == {"weir-operator", "weir-audit-sink", "weir-hooks"}
        for policy in policies:
            anywhere = {(it["protocol"], it["port"]) for rule in policy["spec"]["egress"] if "to" not in rule
                        for it in rule["ports"]}
            assert {(protocol, port) for protocol in ("UDP", "TCP") for port in (53, 5353)} <= anywhere
            asked = {port for protocol, port in anywhere if protocol == "TCP"} - {53, 5353}
            assert asked == (set() if policy["metadata"]["name"] == "weir-audit-sink" else set(ports))


def test_the_base_is_what_the_chart_renders(tmp_path):
    copy = tmp_path / "weir"
    for part in ("Charts", "CRDs", "Manifests", "Scripts"):
        shutil.copytree(ROOT / part, copy / part)
    (copy / ".cache").symlink_to(ROOT / ".cache")
    subprocess.run([copy / "Scripts/render-manifests"], check=True)
    for path in (ROOT / "Manifests/base").rglob("*.yaml"):
        assert (copy / path.relative_to(ROOT)).read_text() == path.read_text(), f"run Scripts/render-manifests: {path}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("folder", ["base", "samples"])
def test_kustomize_builds_and_every_object_meets_its_schema(version, folder):
    built = subprocess.run([TOOLS / version / "kubectl", "kustomize", ROOT / "Manifests" / folder],
                           capture_output=True, text=True, check=True).stdout
    for it in yaml.safe_load_all(built):
        if not it["apiVersion"].startswith("weir.dev/"):
            kubernetes_validate.validate(it, "1.37", strict=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_samples_workloads_come_after_what_governs_them(version):
    built = subprocess.run([TOOLS / version / "kubectl", "kustomize", ROOT / "Manifests/samples"],
                           capture_output=True, text=True, check=True).stdout
    kinds = [it["kind"] for it in yaml.safe_load_all(built)]
    governing = ["DatabaseConnection", "MaskingPolicy", "ApprovalRule"]
    workloads = ["Deployment", "StatefulSet", "Job", "CronJob"]
    assert max(map(kinds.index, governing)) < min(map(kinds.index, workloads))
    assert kinds[0] == "Namespace" and "Secret" not in kinds


def test_the_samples_are_accepted(definitions, cluster, tmp_path):
    tool = Tool(cluster, VERSIONS[-1])
    tool.kubectl("apply", "-f", str(ROOT / "Manifests/samples/namespace.yaml"))
    tool.kubectl("apply", "--server-side", "-k", str(ROOT / "Manifests/samples"))
    assert "clinic" in tool.kubectl("get", "-n", "clinic", "databaseconnections").stdout


def test_notifications_link_where_the_values_say():
    page = "https://ops.example/requests/{namespace}/{name}"
    deployment = named(render("--set-string", f"operator.approvalsURL={page.replace('{', chr(92) + '{')}"),
                       "Deployment", "weir-operator")
    assert f"--approvals-url={page}" in deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    for wrong in ("http://ops.example/\\{name}", "https://ops.example/", "https://ops.example/\\{name}|x"):
        with pytest.raises(AssertionError, match="approvalsURL"):
            render("--set-string", f"operator.approvalsURL={wrong}")


def selects(selector, labels):
    """A LabelSelector's judgement."""
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    verdicts = {"In": lambda it: labels.get(it["key"]) in it["values"],
                "NotIn": lambda it: labels.get(it["key"]) not in it["values"]}
    return wanted and all(verdicts[it["operator"]](it) for it in selector.get("matchExpressions", []))


def test_the_samples_database_is_reached_by_governed_pods_alone():
    folder = ROOT / "Manifests/samples"
    policy = yaml.safe_load((folder / "database.yaml").read_text())["spec"]
    connection = yaml.safe_load((folder / "connection.yaml").read_text())
    deployment = yaml.safe_load((folder / "deployment.yaml").read_text())
    ours = deployment["spec"]["template"]["metadata"]["labels"]
    assert selects(connection["spec"]["podSelector"], ours)
    assert policy["policyTypes"] == ["Ingress"]

    def is_let_in(namespace, labels):
        return any(selects(it["namespaceSelector"], {"kubernetes.io/metadata.name": namespace})
                   and selects(it["podSelector"], labels) for rule in policy["ingress"] for it in rule["from"])
    assert is_let_in("clinic", ours)
    assert is_let_in("clinic", {"weir.dev/bastion": "clinic"})
    assert not is_let_in("clinic", ours | {"weir.dev/inject": "disabled"})
    assert not is_let_in("clinic", {"app": "clinic-api"})
    assert not is_let_in("shop", ours)


def test_the_hook_may_do_just_that():
    objects = render()
    assert rules(objects, "ClusterRole", "weir-removal") == {
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): ({"delete"}, ["weir-injector"]),
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): ({"delete"}, ["weir-validator"])}
    hooks = [it for it in objects if it["metadata"]["name"] == "weir-removal"]
    assert {it["metadata"]["annotations"]["helm.sh/hook"] for it in hooks} == {"pre-delete"}
    weights = {it["kind"]: int(it["metadata"]["annotations"]["helm.sh/hook-weight"]) for it in hooks}
    assert weights["Job"] > max(value for kind, value in weights.items() if kind != "Job")
