"""A real API server with its etcd, and the controllers where there are any, as processes of this machine."""

import http.client
import os
import pathlib
import secrets
import ssl
import subprocess
import time

from cluster import ROOT, VERSIONS, Cluster, Tool, make_certificate
from stage.process import free_port

#: Not of an installation: this cluster ends with the tests.
ISSUER = "https://kubernetes.default.svc"


def assets():
    """The folder with kube-apiserver and etcd that the environment asks for; None: it asks for none.

    KUBEBUILDER_ASSETS names one, as for envtest; REAL=1 builds one from Debian's sources, which takes minutes once.
    """
    named = os.environ.get("KUBEBUILDER_ASSETS")
    if named:
        missing = [name for name in ("kube-apiserver", "etcd") if not (pathlib.Path(named) / name).exists()]
        assert not missing, f"KUBEBUILDER_ASSETS={named} has no {', '.join(missing)}"
        return pathlib.Path(named)
    if os.environ.get("REAL") == "1":
        done = subprocess.run([ROOT / "Scripts/kubernetes"], stdout=subprocess.PIPE, text=True, check=True)
        return pathlib.Path(done.stdout.strip())
    return None


class RealCluster(Cluster):
    """A running server with RBAC, its own tokens and all of its default admission.

    `address` is where pods reach it. Without kube-controller-manager in the folder, accounts of pods have to exist
    before them, and nobody makes pods, endpoints or garbage.
    """

    #: Seconds until a part answers.
    START = 120
    #: Nobody sends the node's heartbeats.
    CONTROLLERS = "*,-nodelifecycle,-nodeipam"
    #: Webhooks are called at the addresses of their pods: there is no network of services.
    SERVER = ["--enable-aggregator-routing=true"]

    def __init__(self, folder, assets, address="127.0.0.1"):
        self.folder, self.assets, self.address = folder, assets, address
        self.token = secrets.token_hex(16)
        self.certificate, self.key = make_certificate(
            folder, "api", f"IP:{address},IP:10.214.0.1,DNS:localhost,DNS:kubernetes.default.svc")
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout",
                        "-out", str(folder / "accounts.key")], check=True, capture_output=True)
        (folder / "tokens.csv").write_text(f"{self.token},admin,admin,system:masters\n")
        self.trust = ssl.create_default_context(cafile=str(self.certificate))
        self.kubeconfig = folder / "kubeconfig"
        self.parts = []
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self):
        etcd, peer, port = (free_port() for _ in range(3))
        self.url = f"https://{self.address}:{port}"
        self.write_kubeconfig()
        store = f"http://{self.address}:{etcd}"
        self._run("etcd", f"--data-dir={self.folder / 'etcd'}", "--unsafe-no-fsync" if self._knows_no_fsync() else None,
                  f"--listen-client-urls={store}", f"--advertise-client-urls={store}",
                  f"--listen-peer-urls=http://{self.address}:{peer}",
                  f"--initial-advertise-peer-urls=http://{self.address}:{peer}",
                  f"--initial-cluster=default=http://{self.address}:{peer}")
        gates = "BoundServiceAccountTokenVolume=true" if self.version < (1, 21) else None
        has_controllers = (self.assets / "kube-controller-manager").exists()
        self._run(
            "kube-apiserver", f"--etcd-servers={store}", f"--bind-address={self.address}",
            f"--advertise-address={self.address}", f"--secure-port={port}", "--service-cluster-ip-range=10.214.0.0/24",
            f"--tls-cert-file={self.certificate}", f"--tls-private-key-file={self.key}",
            f"--token-auth-file={self.folder / 'tokens.csv'}", "--authorization-mode=RBAC",
            f"--service-account-issuer={ISSUER}", f"--service-account-signing-key-file={self.folder / 'accounts.key'}",
            f"--service-account-key-file={self.folder / 'accounts.key'}", f"--api-audiences={ISSUER}",
            "--allow-privileged=true", *self.SERVER,
            f"--feature-gates={gates}" if gates else None)
        self._await(lambda: self.get("/readyz")[0] == 200, "kube-apiserver")
        if has_controllers:
            self._run(
                "kube-controller-manager", f"--kubeconfig={self.kubeconfig}", f"--root-ca-file={self.certificate}",
                f"--service-account-private-key-file={self.folder / 'accounts.key'}",
                "--use-service-account-credentials=true", "--leader-elect=false", "--bind-address=127.0.0.1",
                f"--secure-port={free_port()}", "--port=0" if self.version < (1, 24) else None,
                f"--controllers={self.CONTROLLERS}",
                f"--feature-gates={gates}" if gates else None)
            self._await(lambda: self.get("/api/v1/namespaces/default/serviceaccounts/default")[0] == 200,
                        "kube-controller-manager")
        self.has_controllers = has_controllers

    @property
    def version(self):
        """Major and minor."""
        text = subprocess.run([self.assets / "kube-apiserver", "--version"], capture_output=True, text=True).stdout
        return tuple(int(part) for part in text.split("v")[-1].split(".")[:2])

    def _knows_no_fsync(self):
        return "unsafe-no-fsync" in subprocess.run(
            [self.assets / "etcd", "--help"], capture_output=True, text=True).stdout

    def _run(self, program, *arguments):
        with open(self.folder / f"{pathlib.Path(program).name}.log", "w") as log:
            self.parts.append(subprocess.Popen(
                [self.assets / program, *(it for it in arguments if it)], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log))

    def _await(self, question, part):
        end = time.monotonic() + self.START
        while time.monotonic() < end and self.parts[-1].poll() is None:
            try:
                if question():
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.2)
        tail = (self.folder / f"{part}.log").read_text(errors="replace").splitlines()[-15:]
        raise AssertionError("\n".join([f"{part} does not serve:", *tail]))

    def stop(self):
        # Nothing is kept.
        for process in reversed(self.parts):
            process.kill()
            process.wait()

    def control(self, name, body=None):
        raise AssertionError(f"a real API server cannot be told `{name}`")


def newest_tool(cluster, version):
    """kubectl and Helm that go with the server: the oldest that there is for one before 1.29."""
    return Tool(cluster, VERSIONS[0] if version < (1, 29) else VERSIONS[-1])
