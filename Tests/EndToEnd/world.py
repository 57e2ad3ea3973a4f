"""What the plays have in common: the cluster, the database behind it, and the chart's installation."""

import contextlib
import http.client
import json
import secrets
import shutil

from cluster import ROOT, VERSIONS, Cluster, Tool
from controllers import Controllers
from gaps import Gaps
from kubelet import Kubelet
from network import Network
from real_cluster import RealCluster, assets, newest_tool
from stage.postgresql import SETTINGS, PostgreSQL

#: Where the operator and the sink are installed, and the namespace of the application.
SYSTEM, CLINIC = "weir-system", "clinic"
NODE = "weir-e2e"
#: The oldest version that the chart is for.
SUPPORTED = (1, 29)
PROGRAMS = ["weir-gateway", "weir-operator", "weir-audit-sink", "weirctl"]


class World:
    """Use as a context manager."""

    def __init__(self, folder):
        self.folder = folder
        self.parts = contextlib.ExitStack()

    def __enter__(self):
        self.network = self.parts.enter_context(Network())
        self.assets = assets()
        if self.assets:
            self.cluster = RealCluster(self.folder, self.assets, address=self.network.address)
            self.tool = newest_tool(self.cluster, self.version)
        else:
            self.cluster = Cluster(self.folder, bookmark_interval=2000, address=self.network.address)
            self.tool = Tool(self.cluster, VERSIONS[-1])
        self.parts.callback(self.cluster.stop)
        self.postgresql = PostgreSQL(
            self.folder / "postgresql", settings={**SETTINGS, "listen_addresses": f"127.0.0.1,{self.network.address}"})
        self.postgresql.start()
        self.parts.callback(self.postgresql.stop)
        with open(self.folder / "postgresql" / "data" / "pg_hba.conf", "a") as rules:
            rules.write(f"host all all {self.network.prefix}.0/24 scram-sha-256\n")
        self.database = self.postgresql.endpoint("postgres")
        self.database.script("SELECT pg_reload_conf()")
        self.password = secrets.token_urlsafe(18)
        self.database.script(f"CREATE DATABASE clinic; CREATE ROLE weir LOGIN PASSWORD '{self.password}'")
        self.clinic = self.postgresql.endpoint("clinic")
        self.clinic.script((ROOT / "Scripts/stage/clinic.sql").read_text())
        self.clinic.script("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO weir")
        node = self._node() if self.is_real else None
        self.controllers = None
        if not (self.is_real and self.cluster.has_controllers):
            self.controllers = self.parts.enter_context(Controllers(self.cluster))
        self.kubelet = self.parts.enter_context(
            Kubelet(self.cluster, self.network, self.folder / "pods", self.program, self.services, node))
        if self.is_real and not self.cluster.has_controllers:
            self.parts.enter_context(Gaps(self.cluster, self.kubelet))
        return self

    @property
    def is_real(self):
        """Whether the API server is kube-apiserver."""
        return self.assets is not None

    @property
    def version(self):
        """Of the API server; the one in memory serves what the newest does."""
        return self.cluster.version if self.is_real else (1, 36)

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
        """policy/v1 came with 1.21."""
        return [] if self.version >= (1, 21) else ["podDisruptionBudget.enabled=false"]

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

    def _node(self):
        """The Node that the kubelet in miniature stands for."""
        text = self.cluster.get("/version")[2]["gitVersion"]
        self.cluster.request("POST", "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}})
        status, _, answer = self.cluster.request("PATCH", f"/api/v1/nodes/{NODE}/status", {"status": {
            "nodeInfo": {"kubeletVersion": text}, "conditions": [{"type": "Ready", "status": "True"}],
            "addresses": [{"type": "InternalIP", "address": self.network.address}]}}, "application/merge-patch+json")
        assert status == 200, answer
        return NODE

    def __exit__(self, *error):
        return self.parts.__exit__(*error)

    @staticmethod
    def program(image):
        """The program that an image stands for; none: a container with this machine's system alone."""
        name = image.split("@")[0].split("/")[-1].split(":")[0]
        return name if name in PROGRAMS else None

    def services(self):
        """Each service's name and the address of a ready pod of it, and where the database is."""
        names = {"db.clinic.internal": self.network.address}
        for service in self.items("/api/v1/services"):
            metadata, selector = service["metadata"], service["spec"].get("selector") or {}
            pods = [pod for pod in list(self.kubelet.pods.values()) if pod.is_ready
                    and pod.namespace == metadata["namespace"]
                    and selector.items() <= pod.item["metadata"].get("labels", {}).items()]
            if pods:
                name, address = f"{metadata['name']}.{metadata['namespace']}.svc", pods[-1].network.address
                names.update({name: address, f"{name}.cluster.local": address})
        return names

    def connect_webhooks(self):
        """Where the API server calls the operator; the one in memory is told: it has no network of services."""
        address = self.services().get(f"weir-operator.{SYSTEM}.svc")
        if address and self.is_real:
            endpoints = self.get(f"/api/v1/namespaces/{SYSTEM}/endpoints/weir-operator") or {}
            known = [it["ip"] for part in endpoints.get("subsets", []) for it in part.get("addresses", [])]
            return address if known == [address] else None
        if address:
            self.cluster.control("services", {f"{SYSTEM}/weir-operator:443": f"https://{address}:8443"})
        return address

    # What plays do

    def items(self, path):
        status, _, answer = self.cluster.get(path)
        return answer["items"] if status == 200 else []

    def get(self, path):
        status, _, answer = self.cluster.get(path)
        return answer if status == 200 else None

    def apply(self, *objects):
        """As `kubectl apply -f -` takes them."""
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        return self.tool.kubectl("apply", "-f", "-", stdin=text)

    def token(self, namespace, account):
        """As `kubectl create token` gets it."""
        status, _, answer = self.cluster.request(
            "POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
        assert status == 201, answer
        return answer["status"]["token"]

    @staticmethod
    def readiness(pod):
        """What the pod's `/readyz` on the port of health says; None: it does not answer."""
        connection = http.client.HTTPConnection(pod.network.address, 8081, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().read().decode()
        except OSError:
            return None
        finally:
            connection.close()

    def psql(self, pod, sql, container="app", **environment):
        """Runs psql in the application's container, with the environment it was given."""
        return pod.execute(container, ["psql", "-X", "-At", "-c", sql], **environment)

    def refusals(self):
        """What the API server said to controllers whose pods it did not take."""
        if self.controllers:
            return self.controllers.refusals
        return [it["message"] for it in self.items("/api/v1/events") if it["reason"] == "FailedCreate"]

    def report(self):
        """What there is, for a person who is to find out why something did not come to be."""
        lines = [self.tool.kubectl("get", "pods,databaseconnections,maskingpolicies", "-A", check=False).stdout,
                 *self.refusals()[-3:], f"kubelet: {self.kubelet.failure!r}"]
        for pod in self.kubelet.pods.values():
            for container in pod.containers.values():
                tail = container.log.read_text(errors="replace").splitlines()[-12:] if container.log.exists() else []
                lines += [f"--- {pod.namespace}/{pod.name} {container.container['name']}", *tail]
        return "\n".join(lines)
