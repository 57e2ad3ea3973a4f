"""What plays know of the cluster they run in, and what they do with it."""

import json
import shutil

import yaml

from cluster import ROOT

#: Where the operator and the sink are installed, and the namespace of the application.
SYSTEM, CLINIC = "weir-system", "clinic"
#: The oldest version that the chart is for.
SUPPORTED = (1, 29)


class Plays:
    """Has `cluster`, `tool`, `kubelet` and the API server's `version`; `is_real` says whether that is kube-apiserver,
    and `is_whole` whether real kubelets run the pods."""

    @property
    def has_native_sidecars(self):
        """As the operator concludes it from the version of the only node."""
        return self.version >= (1, 33)

    # What the chart is installed with

    @property
    def chart(self):
        """The chart; for a server older than it supports a copy that does not ask for the version."""
        chart = ROOT / "Charts" / "weir"
        if self.version >= SUPPORTED:
            return chart
        copy = self.folder / "chart"
        if not copy.exists():
            shutil.copytree(chart, copy)
            lines = (copy / "Chart.yaml").read_text().splitlines(keepends=True)
            (copy / "Chart.yaml").write_text("".join(it for it in lines if not it.startswith("kubeVersion:")))
        return copy

    @property
    def values(self):
        """Webhooks have as long as a busy machine may need; policy/v1 came with 1.21."""
        return ["webhook.timeoutSeconds=30"] + (
            [] if self.version >= (1, 21) else ["podDisruptionBudget.enabled=false"])

    @property
    def helm_options(self):
        """Servers before 1.25 do not know the CEL rules of the definitions, and drop them; Helm would refuse them."""
        return [] if self.version >= (1, 25) else ["--disable-openapi-validation"]

    @property
    def has_policies(self):
        """Whether the chart installs ValidatingAdmissionPolicies."""
        return self.version >= (1, 30)

    @property
    def rollout(self):
        """What a connection says of it where gateways are no native sidecars; policy/v1 Evictions came with 1.22."""
        return {} if self.version >= (1, 22) else {"rollout": {"strategy": "TemplateRestart"}}

    # What plays do

    def items(self, path):
        status, _, answer = self.cluster.get(path)
        return answer["items"] if status == 200 else []

    def get(self, path):
        status, _, answer = self.cluster.get(path)
        return answer if status == 200 else None

    def endpoints(self, service):
        """Addresses of the ready pods that the service of the chart leads to."""
        place = f"namespaces/{SYSTEM}"
        if self.version < (1, 21):  # Without discovery.k8s.io/v1.
            found = self.get(f"/api/v1/{place}/endpoints/{service}") or {}
            return [it["ip"] for part in found.get("subsets") or [] for it in part.get("addresses") or []]
        slices = self.items(f"/apis/discovery.k8s.io/v1/{place}/endpointslices"
                            f"?labelSelector=kubernetes.io%2Fservice-name%3D{service}")
        return [address for part in slices for it in part.get("endpoints") or []
                if it.get("conditions", {}).get("ready", True) for address in it["addresses"]]

    def apply(self, *objects):
        """As `kubectl apply -f -` takes them."""
        return self.tool.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))

    def token(self, namespace, account):
        """As `kubectl create token` gets it."""
        status, _, answer = self.cluster.request(
            "POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
        assert status == 201, answer
        return answer["status"]["token"]

    def may_get(self, token, path):
        """Whether who has the token may read what is there."""
        status, _, answer = self.cluster.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        assert status in (200, 403), answer
        return status == 200

    def kubectl_as(self, token, *arguments):
        """kubectl of whoever has the token."""
        return self.tool.kubectl("--token", token, *arguments, check=False)

    def would_inject(self, workload):
        """Whether a pod of the workload would have a gateway: each replica hears of connections by itself."""
        template, namespace = workload["spec"]["template"], workload["metadata"]["namespace"]
        _, _, pod = self.cluster.request("POST", f"/api/v1/namespaces/{namespace}/pods?dryRun=All", {
            "apiVersion": "v1", "kind": "Pod", "spec": template["spec"],
            "metadata": {"name": "nobody", **template["metadata"]}})
        return "weir-gateway" in json.dumps(pod.get("spec", {}))

    @staticmethod
    def is_operator(pod):
        return pod.namespace == SYSTEM and (
            pod.item["metadata"].get("labels", {}).get("app.kubernetes.io/component") == "operator")

    def psql(self, pod, sql, container="app", **environment):
        """Runs psql in the application's container, with the environment it was given."""
        return pod.execute(container, ["psql", "-X", "-At", "-c", sql], **environment)

    def refusals(self):
        """What the API server said to controllers whose pods it did not take."""
        if self.controllers:
            return self.controllers.refusals
        return [it["message"] for it in self.items("/api/v1/events") if it.get("reason") == "FailedCreate"]

    def report(self):
        """What there is, for a person who is to find out why something did not come to be."""
        lines = [self.tool.kubectl("get", "pods,databaseconnections,maskingpolicies", "-A", check=False).stdout,
                 *self.refusals()[-3:], f"kubelet: {self.kubelet.failure!r}"]
        if self.controllers:
            lines.append(f"controllers: {self.controllers.failure!r}")
        for pod in list(self.kubelet.pods.values()):
            for container in list(pod.containers.values()):
                lines += [f"--- {pod.namespace}/{pod.name} {container.name}", *container.output.splitlines()[-12:]]
        return "\n".join(lines)
