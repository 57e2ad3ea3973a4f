"""What the plays have in common: the cluster, the database behind it, and the chart's installation."""

import contextlib
import json
import secrets

from cluster import ROOT, VERSIONS, Cluster, Tool
from controllers import Controllers
from kubelet import Kubelet
from network import Network
from stage.postgresql import SETTINGS, PostgreSQL

#: Where the operator and the sink are installed, and the namespace of the application.
SYSTEM, CLINIC = "weir-system", "clinic"
PROGRAMS = ["weir-gateway", "weir-operator", "weir-audit-sink", "weirctl"]


class World:
    """Use as a context manager."""

    def __init__(self, folder):
        self.folder = folder
        self.parts = contextlib.ExitStack()

    def __enter__(self):
        self.network = self.parts.enter_context(Network())
        self.cluster = Cluster(self.folder, bookmark_interval=2000, address=self.network.address)
        self.parts.callback(self.cluster.stop)
        self.tool = Tool(self.cluster, VERSIONS[-1])
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
        self.controllers = self.parts.enter_context(Controllers(self.cluster))
        self.kubelet = self.parts.enter_context(
            Kubelet(self.cluster, self.network, self.folder / "pods", self.program, self.services))
        return self

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
        """Tells the API server where the operator's service is: it has no network of services."""
        address = self.services().get(f"weir-operator.{SYSTEM}.svc")
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
        text = "\n---\n".join(json.dumps(it) for it in objects)
        return self.tool.kubectl("apply", "-f", "-", stdin=text)

    def psql(self, pod, sql, container="app", **environment):
        """Runs psql in the application's container, with the environment it was given."""
        return pod.execute(container, ["psql", "-X", "-At", "-c", sql], **environment)

    def report(self):
        """What there is, for a person who is to find out why something did not come to be."""
        lines = [self.tool.kubectl("get", "pods,databaseconnections,maskingpolicies", "-A", check=False).stdout,
                 *self.controllers.refusals[-3:], f"kubelet: {self.kubelet.failure!r}"]
        for pod in self.kubelet.pods.values():
            for container in pod.containers.values():
                tail = container.log.read_text(errors="replace").splitlines()[-12:] if container.log.exists() else []
                lines += [f"--- {pod.namespace}/{pod.name} {container.container['name']}", *tail]
        return "\n".join(lines)
