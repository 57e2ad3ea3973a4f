"""What the plays have in common: the cluster, the database behind it, and the chart's installation."""

import contextlib
import secrets

from cluster import VERSIONS, Cluster, Tool
from controllers import Controllers
from forwarding import asked, forwarded
from gaps import Gaps
from kubelet import Kubelet
from network import Network
from plays import SYSTEM, Plays
from real_cluster import RealCluster, assets, newest_tool
from routes import Endpoints, ToldRoutes
from stage.postgresql import CLINIC_SQL, SETTINGS, PostgreSQL
from stage.process import wait_until

NODE = "weir-e2e"
PROGRAMS = ["weir-gateway", "weir-operator", "weir-audit-sink", "weirctl"]


class World(Plays):
    """A cluster on this machine, its pods run by a kubelet in miniature. Use as a context manager."""

    is_whole = False
    #: Of the images that an upgrade brings.
    next_tag = "next"
    application_image, database_host = "clinic/app:1", "db.clinic.internal"

    def __init__(self, folder):
        self.folder = folder
        self.parts = contextlib.ExitStack()

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.parts.close()
            raise
        return self

    def _start(self):
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
        self.clinic.script(CLINIC_SQL)
        self.clinic.script("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO weir")
        node = self._node() if self.is_real else None
        self.controllers = None
        if not (self.is_real and self.cluster.has_controllers):
            self.controllers = self.parts.enter_context(Controllers(self.cluster))
        self.kubelet = self.parts.enter_context(
            Kubelet(self.cluster, self.network, self.folder / "pods", self.program, self.services, node))
        if not self.is_real:
            self.routes = self.parts.enter_context(ToldRoutes(self.cluster, self.kubelet))
        elif not self.cluster.has_controllers:
            self.parts.enter_context(Endpoints(self.cluster, self.kubelet))
            self.parts.enter_context(Gaps(self.cluster))

    @property
    def is_real(self):
        """Whether the API server is kube-apiserver."""
        return self.assets is not None

    @property
    def database_port(self):
        return self.postgresql.port

    @property
    def version(self):
        """Of the API server; the one in memory serves what the newest does."""
        return self.cluster.version if self.is_real else (1, 36)

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
            pods = self.kubelet.serving(service)
            if pods:
                name = f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc"
                address = pods[-1].network.address
                names.update({name: address, f"{name}.cluster.local": address})
        return names

    def calls_operators(self):
        """Whether webhooks reach those replicas that are ready, and no others."""
        ready = [pod.network.address for pod in list(self.kubelet.pods.values())
                 if pod.is_ready and self.is_operator(pod)]
        known = (self.endpoints("weir-operator") if self.is_real
                 else self.routes.leading.get((SYSTEM, "weir-operator"), []))
        return bool(ready) and sorted(known) == sorted(ready)

    def forward(self, service, port):
        """Use as a context manager: the local port that leads to the chart's service."""
        name = f"{service}.{SYSTEM}.svc"
        return forwarded(wait_until(lambda: self.services().get(name), f"no pod of {name} is ready", 300), port)

    @staticmethod
    def health(pod, path, port=8081):
        """What the pod says there on the port of health, whatever the status; None: it does not answer."""
        return asked(pod.network.address, port, path)
