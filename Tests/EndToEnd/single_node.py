"""A whole cluster of one node on this machine, around a command: Kubernetes' own programs, containerd and runc, and the
images that `make image` wrote.

    .venv/bin/python Tests/EndToEnd/single_node.py .venv/bin/python -m pytest -rs Tests/EndToEnd

The programs are those in KUBEBUILDER_ASSETS, or are built from Debian's sources, which takes half an hour once. It
lives in namespaces of its own for network, mounts and processes, with which all of it ends. Needs root.
"""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "Tests" / "Cluster"), str(ROOT / "Tests" / "EndToEnd")]

from network import run  # noqa: E402
from real_cluster import RealCluster  # noqa: E402

NODE, ADDRESS, PODS, SERVICES = "node", "10.216.0.1", "10.215.0.0/24", "10.214.0.0/24"
IMAGES = ROOT / ".cache/images"
#: PostgreSQL and its clients on Debian, as postgres' own image starts it, and what keeps a pod's network.
ARCHIVE = ROOT / ".cache/application.tar"
APPLICATION = "localhost/clinic:1"
INSIDE = "WEIR_SINGLE_NODE"
PROGRAMS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet"]
PACKAGES = ["containerd", "runc", "containernetworking-plugins", "iptables", "conntrack", "dnsmasq-base", "mmdebstrap"]


class SingleNode(RealCluster):
    """Use as a context manager."""

    CONTROLLERS = "*,-nodeipam"
    #: Webhooks are called through the services' own network.
    SERVER = ["--kubelet-preferred-address-types=InternalIP"]

    def __init__(self, folder):
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "node", "type", "bridge")
        run("ip", "address", "add", f"{ADDRESS}/32", "dev", "node")
        run("ip", "link", "set", "node", "up")
        # A way to services, which kube-proxy turns to their pods.
        run("ip", "route", "add", SERVICES, "dev", "node")
        pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        self.is_ending = threading.Event()
        super().__init__(folder, pathlib.Path(os.environ["KUBEBUILDER_ASSETS"]), address=ADDRESS)

    def __enter__(self):
        try:
            self._start_containerd()
            self._start_names()
            self._start_node()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.is_ending.set()
        self.stop()
        root = pathlib.Path("/sys/fs/cgroup")
        for folder in (it for it in (*root.glob("*/kubepods"), root / "kubepods") if it.exists()):
            # What is left of containers that ended with the node; a folder of a process that still runs stays.
            subprocess.run(["find", folder, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"], capture_output=True)

    def _start_containerd(self):
        self.socket = self.folder / "containerd.sock"
        network = self.folder / "cni"
        network.mkdir()
        # Routed, so that what a service's address stands for answers by way of the node.
        (network / "10-pods.conflist").write_text(json.dumps({
            "cniVersion": "0.4.0", "name": "pods", "plugins": [
                {"type": "ptp", "ipMasq": False, "ipam": {
                    "type": "host-local", "dataDir": str(self.folder / "addresses"), "subnet": PODS,
                    "routes": [{"dst": "0.0.0.0/0"}]}},
                {"type": "portmap", "capabilities": {"portMappings": True}}]}))
        (self.folder / "containerd.toml").write_text(f"""
version = 2
root = "{self.folder}/containerd"
state = "{self.folder}/containerd-state"
[grpc]
address = "{self.socket}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{APPLICATION}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{network}"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
""")
        self._run(shutil.which("containerd"), "--config", str(self.folder / "containerd.toml"))
        self._await(lambda: self.socket.exists(), "containerd")
        for archive in [*sorted(IMAGES.glob("*.tar")), ARCHIVE]:
            self.images("import", archive)
        # What an upgrade brings.
        for name in ("weir-gateway", "weir-operator", "weir-audit-sink"):
            current = next(it for it in self.images("ls", "-q").split() if it.startswith(f"localhost/{name}:"))
            self.images("tag", current, f"localhost/{name}:next")

    def images(self, *arguments):
        return run("ctr", "--address", self.socket, "--namespace", "k8s.io", "images", *arguments).stdout

    def _start_names(self):
        """A name server that knows the services, as CoreDNS does."""
        self.hosts = self.folder / "services"
        self.hosts.touch()
        self._run(shutil.which("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                  f"--addn-hosts={self.hosts}", f"--listen-address={ADDRESS}", "--bind-interfaces", "--user=root",
                  "--local=/cluster.local/", f"--pid-file={self.folder}/dnsmasq.pid")
        threading.Thread(target=self._follow_services, args=[self.parts[-1]], daemon=True).start()

    def _follow_services(self, server):
        while not self.is_ending.wait(0.5):
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, _, services = self.get("/api/v1/services")
                if status != 200:
                    continue
                found = [(it["spec"].get("clusterIP", "None"), it["metadata"]) for it in services["items"]]
                lines = "".join(f"{address} {it['name']}.{it['namespace']}.svc.cluster.local\n"
                                for address, it in found if address != "None")
                if lines != self.hosts.read_text():
                    self.hosts.write_text(lines)
                    server.send_signal(signal.SIGHUP)

    def _start_node(self):
        resolver = self.folder / "resolv.conf"
        resolver.write_text("")
        config = self.folder / "kubelet.json"
        config.write_text(json.dumps({
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "address": ADDRESS,
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
            "authorization": {"mode": "AlwaysAllow"}, "cgroupDriver": "cgroupfs", "enforceNodeAllocatable": [],
            "failSwapOn": False, "clusterDNS": [ADDRESS], "clusterDomain": "cluster.local",
            "resolvConf": str(resolver), "healthzPort": 0, "evictionHard": {"memory.available": "1Mi"},
            # Hosts with the first version of cgroups are refused by default since 1.35.
            **({"failCgroupV1": False} if self.version >= (1, 31) else {})}))
        is_old = self.version < (1, 24)
        self._run("kube-scheduler", f"--kubeconfig={self.kubeconfig}", "--leader-elect=false",
                  "--bind-address=127.0.0.1", "--port=0" if is_old else None)
        self._run("kube-proxy", f"--kubeconfig={self.kubeconfig}", f"--hostname-override={NODE}",
                  "--proxy-mode=iptables", f"--cluster-cidr={PODS}", "--conntrack-max-per-core=0",
                  "--conntrack-min=0", "--healthz-bind-address=127.0.0.1:10256")
        self._run("kubelet", f"--kubeconfig={self.kubeconfig}", f"--config={config}", f"--hostname-override={NODE}",
                  f"--node-ip={ADDRESS}", f"--root-dir={self.folder}/kubelet",
                  f"--container-runtime-endpoint=unix://{self.socket}",
                  "--container-runtime=remote" if is_old else None)
        self._await(self._is_node_ready, "kubelet")

    def _is_node_ready(self):
        status, _, node = self.get(f"/api/v1/nodes/{NODE}")
        conditions = node.get("status", {}).get("conditions", []) if status == 200 else []
        return any(it["type"] == "Ready" and it["status"] == "True" for it in conditions)


def provide():
    """What a node is made of, where it is not there yet."""
    subprocess.run([ROOT / "Scripts/deps", *PACKAGES], check=True, stdout=sys.stderr)
    script = ROOT / "Scripts/application-image"
    if not ARCHIVE.exists() or ARCHIVE.stat().st_mtime < script.stat().st_mtime:
        subprocess.run([script, ARCHIVE], check=True, stdout=sys.stderr)
    if "KUBEBUILDER_ASSETS" not in os.environ:
        built = subprocess.run([ROOT / "Scripts/kubernetes", *PROGRAMS], check=True, stdout=subprocess.PIPE, text=True)
        os.environ["KUBEBUILDER_ASSETS"] = built.stdout.strip()


def main(command):
    if INSIDE not in os.environ:
        provide()
        inside = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable,
                  __file__, *command]
        os.execvpe("unshare", inside, {**os.environ, INSIDE: "1"})
    run("mount", "--make-rshared", "/")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-node-"))
    with SingleNode(folder) as cluster:
        begun = time.monotonic()
        status = subprocess.run(command, env={
            **os.environ, "KUBECONFIG": str(cluster.kubeconfig), "WEIR_E2E_REAL": "1",
            "WEIR_E2E_APP_IMAGE": APPLICATION, "WEIR_E2E_NEXT_TAG": "next",
            "WEIR_E2E_VALUES": "image.registry=localhost,image.pullPolicy=Never"}).returncode
        print(f"single_node: the command took {time.monotonic() - begun:.0f} s", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
