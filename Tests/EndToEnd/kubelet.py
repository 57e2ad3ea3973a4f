"""A kubelet in miniature: runs pods' containers as processes of this machine, each pod in a network of its own.

A container's root holds this machine's system, the program that its image stands for, and its volumes at their places;
its command line, environment, user and probes are the pod's.
"""

import contextlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time

from control_loop import ControlLoop
from stage.process import program
from volumes import Volumes

#: What every container sees of this machine.
SYSTEM = ["/usr", "/lib", "/lib64", "/bin", "/sbin", "/dev", "/proc", "/etc/ssl", "/etc/ld.so.cache"]


class Kubelet(ControlLoop):
    """`hosts` are names of services and where they are, for all pods.

    With `node`, the name of a Node, pods are bound to it first, and are deleted for good when their containers have
    ended, as a real API server expects.
    """

    #: Seconds between two looks at the sources of volumes, and at services.
    VOLUME_INTERVAL, NAMES_INTERVAL = 20, 2

    def __init__(self, cluster, network, folder, images, hosts, node=None):
        super().__init__(cluster)
        self.network, self.folder, self.images, self.hosts = network, folder, images, hosts
        self.node = node
        self.pods = {}

    def __exit__(self, *error):
        super().__exit__(*error)
        for pod in self.pods.values():
            pod.end(grace=2)

    def _pass(self):
        status, _, listed = self.cluster.get("/api/v1/pods")
        if status != 200:
            return
        wanted = {item["metadata"]["uid"]: item for item in listed["items"]}
        for uid in [uid for uid in self.pods if uid not in wanted]:
            pod = self.pods.pop(uid)
            if not pod.is_ending:
                threading.Thread(target=pod.end, daemon=True).start()
        for uid, item in wanted.items():
            if self.node and not item["spec"].get("nodeName"):
                self._bind(item)
                continue
            if uid not in self.pods:
                self.pods[uid] = RunningPod(self, item)
            pod = self.pods[uid]
            if "deletionTimestamp" not in item["metadata"]:
                pod.sync(item)
            elif not pod.is_ending:
                pod.is_ending = True
                threading.Thread(target=pod.terminate, daemon=True).start()

    def _bind(self, item):
        metadata = item["metadata"]
        self.cluster.request("POST", f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/binding", {
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": metadata["name"]},
            "target": {"apiVersion": "v1", "kind": "Node", "name": self.node}})

    def pod(self, namespace, **labels):
        """The newest running pod with the labels."""
        found = [pod for pod in list(self.pods.values()) if pod.namespace == namespace
                 and labels.items() <= pod.item["metadata"].get("labels", {}).items()]
        return max(found, key=lambda pod: pod.number, default=None)

    def serving(self, service):
        """The ready pods that the service selects, the newest last."""
        namespace, selector = service["metadata"]["namespace"], service["spec"].get("selector") or {}
        return [pod for pod in list(self.pods.values()) if pod.is_ready and pod.namespace == namespace
                and selector.items() <= pod.item["metadata"].get("labels", {}).items()]


class RunningPod:
    def __init__(self, kubelet, item):
        self.kubelet, self.item = kubelet, item
        self.namespace, self.name = item["metadata"]["namespace"], item["metadata"]["name"]
        self.network = kubelet.network.namespace()
        self.number = kubelet.network.last
        self.folder = kubelet.folder / f"{self.namespace}.{self.name}.{self.number}"
        self.folder.mkdir(parents=True)
        item.setdefault("status", {})["podIP"] = self.network.address
        self.volumes = Volumes(kubelet.cluster, item, self.folder / "volumes", kubelet.folder / "claims")
        self.containers = {}
        self.refreshed = self.named = 0
        self.reported = None
        self.is_ending = False
        #: As between two looks at the sources of volumes, which kubelet takes its time for.
        self.keeps_volumes = False

    # What is to run

    def sync(self, item):
        item.setdefault("status", {})["podIP"] = self.network.address
        self.item = self.volumes.pod = item
        is_due = time.monotonic() - self.refreshed > Kubelet.VOLUME_INTERVAL and not self.keeps_volumes
        if is_due or not self.containers:
            if not self.volumes.refresh():
                return self.report("Pending")
            self.refreshed = time.monotonic()
        if time.monotonic() - self.named > Kubelet.NAMES_INTERVAL:
            self.hosts()
            self.named = time.monotonic()
        spec = item["spec"]
        for container in spec.get("initContainers", []):
            running = self._run(container)
            is_sidecar = container.get("restartPolicy") == "Always"
            if not (running.is_started if is_sidecar else running.has_succeeded):
                return self.report("Pending")
        main = [self._run(container) for container in spec["containers"]]
        if spec.get("restartPolicy") != "Always" and all(running.has_succeeded for running in main):
            for running in self.containers.values():
                running.end(grace=5)
            return self.report("Succeeded")
        self.report("Running")

    def hosts(self):
        """The file of the names that there are now; it stands for a cluster's name service, and stays the same file."""
        file = self.folder / "hosts"
        names = "".join(f"{address} {name}\n" for name, address in self.kubelet.hosts().items())
        text = f"127.0.0.1 localhost\n::1 localhost\n{names}"
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
        return file

    def _run(self, container):
        running = self.containers.get(container["name"])
        if running is None:
            running = self.containers[container["name"]] = Container(self, container)
        elif running.container["image"] != container["image"]:  # A pod's images may be changed in place.
            running.end(grace=5)
            running.container = container
        running.sync()
        return running

    def report(self, phase):
        """The pod's status, where it is another."""
        if phase == "Succeeded" and self.reported and self.reported["phase"] == "Succeeded":
            return
        spec = self.item["spec"]

        def statuses(containers):
            return [self.containers[it["name"]].status for it in containers if it["name"] in self.containers]

        is_ready = phase == "Running" and self._are_ready
        status = {
            "phase": phase, "podIP": self.network.address, "podIPs": [{"ip": self.network.address}],
            "conditions": [{"type": kind, "status": "True" if is_ready else "False"}
                           for kind in ("Ready", "ContainersReady")],
            "containerStatuses": statuses(spec["containers"]),
            "initContainerStatuses": statuses(spec.get("initContainers", [])),
        }
        if status != self.reported:
            answer, _, _ = self.kubelet.cluster.request(
                "PATCH", f"/api/v1/namespaces/{self.namespace}/pods/{self.name}/status",
                {"status": status}, "application/merge-patch+json")
            if answer == 200:
                self.reported = status

    @property
    def _are_ready(self):
        """All of its containers that are not to end."""
        spec = self.item["spec"]
        sidecars = [it for it in spec.get("initContainers", []) if it.get("restartPolicy") == "Always"]
        running = [self.containers.get(it["name"]) for it in [*spec["containers"], *sidecars]]
        return all(it is not None and it.is_ready for it in running)

    @property
    def is_ready(self):
        """As it was reported last; what has died since is not waited for to be noticed."""
        reported = self.reported
        return not self.is_ending and bool(reported) and reported["conditions"][0]["status"] == "True" and (
            self._are_ready)

    # What a test does with it

    def execute(self, container, command, stdin=None, timeout=300, **environment):
        """Runs a command in a container, as `kubectl exec` does."""
        running = self.containers[container]
        return subprocess.run(
            running.command_line([str(part) for part in command]), input=stdin, text=True, errors="replace",
            stdin=None if stdin is not None else subprocess.DEVNULL, capture_output=True, timeout=timeout,
            env={**running.environment, **environment})

    def terminate(self):
        """Ends it, and tells the API server that nothing of it is left."""
        self.end()
        self.kubelet.cluster.request("DELETE", f"/api/v1/namespaces/{self.namespace}/pods/{self.name}", {
            "kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0,
            "preconditions": {"uid": self.item["metadata"]["uid"]}})

    def end(self, grace=None):
        grace = self.item["spec"].get("terminationGracePeriodSeconds", 30) if grace is None else grace
        spec = self.item["spec"]
        sidecars = {it["name"] for it in spec.get("initContainers", [])}
        for name in sorted(self.containers, key=lambda name: name in sidecars):
            self.containers[name].end(grace)
        self.network.close()


class Container:
    """One container: its process is started again when it ends, as the pod's policy says."""

    def __init__(self, pod, container):
        self.pod, self.container = pod, container
        self.root = pod.folder / container["name"]
        self.log = pod.folder / f"{container['name']}.log"
        self.process = None
        self.restarts = -1
        self.exit_code = None
        self.started = self.ready = False
        self.looked = 0
        #: As after several crashes, when kubelet waits before it starts a container again.
        self.is_backed_off = False

    def sync(self):
        if self.process is not None and self.process.poll() is not None:
            self.started = self.ready = False
            self.exit_code, self.process = self.process.returncode, None
        may_start = self.exit_code is None or self._is_restarted or (
            self.exit_code != 0 and self.pod.item["spec"].get("restartPolicy") != "Never")
        if self.process is None and may_start and not self.is_backed_off:
            self._start()
        if self.process is None or time.monotonic() - self.looked < 0.1:
            return
        self.looked = time.monotonic()
        if not self.started:
            probe = self.container.get("startupProbe")
            self.started = probe is None or self._holds(probe)
        if self.started:
            probe = self.container.get("readinessProbe")
            self.ready = probe is None or self._holds(probe)

    @property
    def name(self):
        return self.container["name"]

    @property
    def identity(self):
        """What is another after each start; None while it does not run."""
        process = self.process
        return process and process.pid

    @property
    def output(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def _is_restarted(self):
        spec = self.pod.item["spec"]
        is_initial = any(it["name"] == self.name for it in spec.get("initContainers", []))
        default = "OnFailure" if is_initial else spec.get("restartPolicy", "Always")
        return self.container.get("restartPolicy", default) == "Always"

    @property
    def is_ready(self):
        process = self.process
        return self.ready and process is not None and process.poll() is None

    @property
    def is_started(self):
        return self.process is not None and self.started

    @property
    def has_succeeded(self):
        return self.process is None and self.exit_code == 0

    @property
    def status(self):
        running = {"running": {}} if self.process else {"terminated": {"exitCode": self.exit_code or 0}}
        return {"name": self.container["name"], "image": self.container["image"], "imageID": "",
                "ready": self.ready, "started": self.started, "restartCount": max(self.restarts, 0), "state": running}

    # Its root and its command line

    @property
    def environment(self):
        values = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "LC_ALL": "C.UTF-8"}
        api = self.pod.kubelet.cluster.url.removeprefix("https://")
        values["KUBERNETES_SERVICE_HOST"], values["KUBERNETES_SERVICE_PORT"] = api.split(":")
        for item in self.container.get("env", []):
            values[item["name"]] = self._expanded(self._value(item), values)
        return values

    def _value(self, item):
        if "valueFrom" not in item:
            return item.get("value", "")
        (kind, spec), = item["valueFrom"].items()
        if kind == "fieldRef":
            return str(self.pod.volumes.field(spec["fieldPath"]))
        source = {"secretKeyRef": "secret", "configMapKeyRef": "configMap"}[kind]
        files = self.pod.volumes._source({source: {"name": spec["name"]}}) or {}
        return files.get(spec["key"], b"").decode()

    @staticmethod
    def _expanded(text, values):
        return re.sub(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)", lambda it: values.get(it[1], it[0]), text)

    def command_line(self, command):
        """The command with the container's root, network and user around it."""
        contexts = [self.pod.item["spec"].get("securityContext", {}), self.container.get("securityContext", {})]
        user = next((it["runAsUser"] for it in reversed(contexts) if "runAsUser" in it), 65534)
        enter = 'root=$1; shift; exec /usr/sbin/chroot --userspec="$0" "$root" "$@"'
        script = "\n".join(["set -e", *self._mounts(), enter])
        return [*self.pod.network.entering, "unshare", "-m", "--propagation", "private", "bash", "-c", script,
                f"{user}:{user}", str(self.root), *command]

    def _mounts(self):
        def bind(source, target):
            path = f"{self.root}{target}"
            make = f"mkdir -p '{path}'" if pathlib.Path(source).is_dir() else \
                f"mkdir -p '{os.path.dirname(path)}'; [ -e '{path}' ] || : > '{path}'"
            return f"{make}; mount --rbind '{source}' '{path}'"

        lines = [bind(path, path) for path in SYSTEM if pathlib.Path(path).exists()]
        entry = self.pod.kubelet.images(self.container["image"])
        if entry:
            lines.append(bind(program(entry), f"/{entry}"))
        lines.append(bind(self.pod.hosts(), "/etc/hosts"))
        for mount in self.container.get("volumeMounts", []):
            lines.append(bind(self.pod.volumes.path(mount["name"]), mount["mountPath"]))
        account = self._service_account()
        if account:
            lines.append(bind(account, "/var/run/secrets/kubernetes.io/serviceaccount"))
        return lines + [f"mkdir -p '{self.root}/tmp'; chmod 1777 '{self.root}/tmp'"]

    def _service_account(self):
        """What the API server's own admission mounts; with `automountServiceAccountToken: false` nothing."""
        if self.pod.item["spec"].get("automountServiceAccountToken") is False:
            return None
        path = "/var/run/secrets/kubernetes.io/serviceaccount"
        if any(mount["mountPath"] == path for mount in self.container.get("volumeMounts", [])):
            return None
        folder = self.pod.folder / "account"
        if not folder.exists():
            folder.mkdir()
            (folder / "token").write_bytes(self.pod.volumes.request_token())
            shutil.copy(self.pod.kubelet.cluster.certificate, folder / "ca.crt")
            (folder / "namespace").write_text(self.pod.namespace)
        return folder

    def _start(self):
        entry = self.pod.kubelet.images(self.container["image"])
        command = self.container.get("command") or ([f"/{entry}"] if entry else [])
        environment = self.environment
        arguments = [self._expanded(it, environment) for it in [*command, *self.container.get("args", [])]]
        self.root.mkdir(exist_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command_line(arguments), env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True)
        self.restarts += 1
        hook = self.container.get("lifecycle", {}).get("postStart", {}).get("exec")
        if hook:
            subprocess.run(self.command_line(hook["command"]), env=environment, capture_output=True, timeout=120)

    def _holds(self, probe):
        if "exec" in probe:
            return subprocess.run(self.command_line(probe["exec"]["command"]), env=self.environment,
                                  capture_output=True, timeout=60).returncode == 0
        if "httpGet" not in probe:
            return True
        get = probe["httpGet"]
        port = get["port"] if isinstance(get["port"], int) else next(
            it["containerPort"] for it in self.container["ports"] if it["name"] == get["port"])
        connection = http.client.HTTPConnection(self.pod.network.address, port, timeout=10)
        try:
            connection.request("GET", get.get("path", "/"))
            return 200 <= connection.getresponse().status < 400
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def signal(self, number):
        os.killpg(self.process.pid, number)

    def kill(self):
        """Ends it as a crash would."""
        if process := self.process:
            with contextlib.suppress(ProcessLookupError):  # It has ended by itself.
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def end(self, grace):
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(grace)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            self.kill()
        self.exit_code = self.process.wait()
        self.process, self.started, self.ready = None, False, False
