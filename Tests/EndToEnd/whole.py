"""A whole cluster as the ground of the plays: its kubelets run the pods, and kubectl reaches into them.

The cluster must be able to pull the images that WEIR_E2E_VALUES names: `make image` writes them as archives, which
`ctr -n k8s.io images import` loads into a node's containerd, or `skopeo copy` pushes to a registry.
"""

import contextlib
import json
import os
import re
import secrets
import signal
import time

from cluster import VERSIONS, Cluster, Tool
from forwarding import Forwards, forwarded_by_kubectl
from plays import CLINIC, SYSTEM, Plays
from real_cluster import newest_tool
from stage.postgresql import CLINIC_SQL

#: Where the database runs, and the image of it and of the application: it needs psql and bash.
DATABASE = "clinic-db"
APPLICATION = os.environ.get("WEIR_E2E_APP_IMAGE", "docker.io/library/postgres:17")
#: Label of the volumes that are made, and beginning of their names.
VOLUMES = "weir-e2e"


class ProxiedCluster(Cluster):
    """The cluster that KUBECONFIG names, by way of `kubectl proxy`, which knows every kind of credential."""

    credential = {}
    environment = dict(os.environ)

    def __init__(self, folder):
        self.folder, self.kubeconfig, self.trust = folder, os.environ["KUBECONFIG"], None
        self.process = Tool(self, VERSIONS[-1]).start("kubectl", "proxy", "--port=0")
        line = self.process.stdout.readline()
        port = re.search(r":(\d+)\s*$", line)
        assert port, f"kubectl proxy: {line}{self.process.stderr.read()}"
        self.url = f"http://127.0.0.1:{port[1]}"

    def stop(self):
        self.process.terminate()
        self.process.wait()


class RemoteContainer:
    def __init__(self, pod, name):
        self.pod, self.name = pod, name

    @property
    def _status(self):
        status = self.pod.item.get("status", {})
        return next((it for key in ("initContainerStatuses", "containerStatuses") for it in status.get(key, [])
                     if it["name"] == self.name), {})

    @property
    def identity(self):
        """What is another after each start; None while it does not run."""
        return self._status.get("containerID") if "running" in self._status.get("state", {}) else None

    @property
    def restarts(self):
        return self._status.get("restartCount", 0)

    @property
    def ready(self):
        return self._status.get("ready", False)

    @property
    def output(self):
        """Nothing while the container waits to start."""
        return self.pod.tool.kubectl(
            "logs", "-n", self.pod.namespace, self.pod.name, "-c", self.name, check=False).stdout

    def signal(self, number):
        """From the node: an image without a shell has nothing to do it with."""
        identity = self.identity.split("//")[-1]
        self.pod.world.on_node(
            self.pod.item["spec"]["nodeName"],
            f"kill -{int(number)} $(grep -l {identity} /proc/[0-9]*/cgroup | cut -d / -f 3)")

    def kill(self):
        """Ends it as a crash would."""
        self.signal(signal.SIGKILL)


class RemotePod:
    def __init__(self, world, item):
        self.world, self.tool = world, world.tool
        self.namespace, self.name = item["metadata"]["namespace"], item["metadata"]["name"]
        self.take(item)
        names = [it["name"] for key in ("initContainers", "containers") for it in item["spec"].get(key, [])]
        self.containers = {name: RemoteContainer(self, name) for name in names}

    def take(self, item):
        self._item, self.looked = item, time.monotonic()

    @property
    def item(self):
        """As it is, or was when it was there last."""
        if time.monotonic() - self.looked > 0.2:
            found = self.world.get(f"/api/v1/namespaces/{self.namespace}/pods/{self.name}")
            is_same = found and found["metadata"]["uid"] == self._item["metadata"]["uid"]
            self.take(found if is_same else self._item)
        return self._item

    @property
    def is_ready(self):
        return "deletionTimestamp" not in self.item["metadata"] and any(
            it["type"] == "Ready" and it["status"] == "True" for it in self.item["status"].get("conditions", []))

    def execute(self, container, command, stdin=None, timeout=300, **environment):
        assigned = [f"{name}={value}" for name, value in environment.items()]
        return self.tool.kubectl(
            "exec", "-i", "-n", self.namespace, self.name, "-c", container, "--",
            *(["env", *assigned] if assigned else []), *command, stdin=stdin or "", timeout=timeout, check=False)


class RemotePods:
    """Looks afresh each time; a pod stays the same object."""

    failure = None

    def __init__(self, world):
        self.world = world
        self.known = {}

    @property
    def pods(self):
        found = {}
        for namespace in (SYSTEM, CLINIC, DATABASE):
            for item in self.world.items(f"/api/v1/namespaces/{namespace}/pods"):
                pod = self.known.setdefault(item["metadata"]["uid"], RemotePod(self.world, item))
                pod.take(item)
                found[item["metadata"]["uid"]] = pod
        return found

    def pod(self, namespace, **labels):
        """The newest pod with the labels."""
        found = [pod for pod in self.pods.values() if pod.namespace == namespace
                 and labels.items() <= pod.item["metadata"].get("labels", {}).items()]
        return max(found, key=lambda pod: pod.item["metadata"]["creationTimestamp"], default=None)


class RemoteDatabase:
    """psql in the database's own pod."""

    def __init__(self, world, name):
        self.world, self.name = world, name

    def script(self, sql):
        pod = self.world.kubelet.pod(DATABASE, app="db")
        done = pod.execute(
            "db", ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-U", "postgres", self.name], stdin=sql)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def value(self, sql):
        return self.script(sql).strip()


class WholeCluster(Plays):
    """Use as a context manager. Leaves the cluster without what it made but the custom resource definitions."""

    is_real, is_whole, controllers = True, True, None
    application_image, database_host, database_port = APPLICATION, f"db.{DATABASE}.svc", 5432

    def __init__(self, folder):
        self.folder, self.parts = folder, contextlib.ExitStack()

    def __enter__(self):
        self.cluster = ProxiedCluster(self.folder)
        self.parts.callback(self.cluster.stop)
        text = self.cluster.get("/version")[2]["gitVersion"]
        self.version = tuple(int(part) for part in re.findall(r"\d+", text)[:2])
        self.tool = newest_tool(self.cluster, self.version)
        self.kubelet = RemotePods(self)
        self.parts.callback(self._clear)
        self.forwards = self.parts.enter_context(Forwards(self.tool))
        self.password = secrets.token_urlsafe(18)
        self.storage = None
        self._start_database()
        self._provide_storage()
        return self

    def __exit__(self, *error):
        return self.parts.__exit__(*error)

    @property
    def values(self):
        """Of WEIR_E2E_VALUES: `image.registry=registry.example,image.pullPolicy=Never`."""
        named = [it for it in os.environ.get("WEIR_E2E_VALUES", "").split(",") if it]
        return super().values + named + ([f"sink.storage.storageClassName={self.storage}"] if self.storage else [])

    @property
    def next_tag(self):
        """Of the images that an upgrade brings: WEIR_E2E_NEXT_TAG, or `next` where a node has the gateway's.

        None: there are no such images, or digests are given, which count before a tag.
        """
        if any(re.match(r"\w+\.image\.digest=.", it) for it in self.values):
            return None
        if tag := os.environ.get("WEIR_E2E_NEXT_TAG"):
            return tag
        names = [name for node in self.items("/api/v1/nodes") for image in node["status"].get("images", [])
                 for name in image.get("names") or []]
        return "next" if any(name.endswith("/weir-gateway:next") for name in names) else None

    def kubectl_as(self, token, *arguments):
        """Without the credential of KUBECONFIG, which could be one that counts more, such as a certificate."""
        config = json.loads(self.tool.kubectl("config", "view", "--raw", "--minify", "--flatten", "-o", "json").stdout)
        config["users"] = [{"name": it["name"], "user": {"token": token}} for it in config["users"]]
        file = self.folder / "kubeconfig-of-token"
        file.write_text(json.dumps(config))
        return self.tool.kubectl(f"--kubeconfig={file}", *arguments, check=False)

    def may_get(self, token, path):
        return self.kubectl_as(token, "get", "--raw", path).returncode == 0

    def on_node(self, node, script):
        """Runs it as root among all the processes of the node."""
        name = f"on-{node}"
        self.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": DATABASE}, "spec": {
            "nodeName": node, "hostPID": True, "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "shell", "image": APPLICATION, "command": ["sleep", "infinity"],
                            "securityContext": {"privileged": True}}]}})
        self.tool.kubectl("wait", f"pod/{name}", "-n", DATABASE, "--for=condition=Ready", "--timeout=180s", timeout=200)
        self.tool.kubectl("exec", "-n", DATABASE, name, "--", "bash", "-c", script)

    def _start_database(self):
        labels = {"app": "db"}
        self.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {
                "name": DATABASE, "labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "namespace": DATABASE},
             "spec": {"selector": labels, "ports": [{"port": 5432}]}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "db", "namespace": DATABASE},
             "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {
                 "containers": [{
                     "name": "db", "image": APPLICATION,
                     "env": [{"name": "POSTGRES_PASSWORD", "value": secrets.token_urlsafe(18)}],
                     "readinessProbe": {"exec": {"command": ["pg_isready", "-h", "127.0.0.1", "-U", "postgres"]}}}]}}}})
        self.tool.kubectl("rollout", "status", "-n", DATABASE, "deployment/db", "--timeout=300s", timeout=320)
        self.database, self.clinic = RemoteDatabase(self, "postgres"), RemoteDatabase(self, "clinic")
        self.database.script(f"CREATE DATABASE clinic; CREATE ROLE weir LOGIN PASSWORD '{self.password}'")
        self.clinic.script(CLINIC_SQL)
        self.clinic.script("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO weir")

    def _provide_storage(self):
        """A volume for the sink where the cluster provides none by itself: a folder of the database's node."""
        is_default = "storageclass.kubernetes.io/is-default-class"
        if any(it["metadata"].get("annotations", {}).get(is_default) == "true"
               for it in self.items("/apis/storage.k8s.io/v1/storageclasses")):
            return
        self.storage = f"{VOLUMES}-{secrets.token_hex(4)}"
        node = self.kubelet.pod(DATABASE, app="db").item["spec"]["nodeName"]
        host = self.get(f"/api/v1/nodes/{node}")["metadata"]["labels"]["kubernetes.io/hostname"]
        path = f"/var/lib/{VOLUMES}/{self.storage}"
        self.apply(
            # Nobody gives a folder of a node to the sink's user otherwise.
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "folder", "namespace": DATABASE},
             "spec": {"nodeName": node, "restartPolicy": "Never",
                      "containers": [{"name": "folder", "image": APPLICATION, "command": ["chmod", "0777", "/folder"],
                                      "volumeMounts": [{"name": "folder", "mountPath": "/folder"}]}],
                      "volumes": [{"name": "folder", "hostPath": {"path": path, "type": "DirectoryOrCreate"}}]}},
            {"apiVersion": "v1", "kind": "PersistentVolume",
             "metadata": {"name": self.storage, "labels": {"app": VOLUMES}},
             "spec": {"storageClassName": self.storage, "capacity": {"storage": "10Gi"},
                      "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain",
                      "hostPath": {"path": path, "type": "Directory"},
                      "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                          {"key": "kubernetes.io/hostname", "operator": "In", "values": [host]}]}]}}}})
        self.tool.kubectl("wait", "pod/folder", "-n", DATABASE, "--for=jsonpath={.status.phase}=Succeeded",
                          "--timeout=120s", timeout=140)

    def _clear(self):
        self.tool.helm("uninstall", "weir", "-n", SYSTEM, check=False, timeout=180)
        self.tool.kubectl(
            "delete", "namespace", CLINIC, DATABASE, SYSTEM, "--ignore-not-found", timeout=300, check=False)
        self.tool.kubectl("delete", "persistentvolume", "-l", f"app={VOLUMES}", timeout=120, check=False)

    def calls_operators(self):
        """Whether webhooks reach those replicas that are ready, and no others."""
        ready = set(self.endpoints("weir-operator"))
        pods = {pod.item["status"].get("podIP") for pod in self.kubelet.pods.values()
                if self.is_operator(pod) and pod.is_ready}
        return bool(ready) and ready == pods

    def forward(self, service, port):
        """Use as a context manager: the local port that leads to the chart's service."""
        return forwarded_by_kubectl(self.tool, SYSTEM, f"service/{service}", port)

    def health(self, pod, path, port=8081):
        """What the pod says there on the port of health, whatever the status; None: it does not answer.

        From within the pod, as `kubectl port-forward` asks: policies for the network may keep the API server out.
        """
        return self.forwards.ask(pod.namespace, pod.name, port, path)
