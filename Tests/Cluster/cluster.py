"""The API server for tests as a process, and the command lines that use it."""

import json
import os
import pathlib
import secrets
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).parents[2]
TOOLS = ROOT / ".cache/kubernetes"
#: As `make build` makes it, or what `swift build --build-tests` leaves beside the tests.
PROGRAMS = [ROOT / f".build/{kind}/test-api-server" for kind in ("release", "debug")]
PROGRAM = next((path for path in PROGRAMS if path.exists()), None)
#: The versions of the tools: kubectl and Helm of each.
VERSIONS = ["1.31", "1.37"]


def make_certificate(folder, name, names):
    """A certificate that is its own authority; returns the paths of it and of its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-keyout", str(key), "-out", str(certificate), "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}"],
        check=True, capture_output=True)
    return certificate, key


class Cluster:
    """A running server. `folder` holds its certificate, a kubeconfig, and the homes of the tools."""

    def __init__(self, folder, bookmark_interval=60_000, address="127.0.0.1"):
        self.folder = folder
        self.token = secrets.token_hex(16)
        self.certificate, key = make_certificate(folder, "api", f"IP:{address},DNS:localhost")
        self.log = open(folder / "server.log", "w")
        self.process = subprocess.Popen(
            [PROGRAM, "--address", address, "--certificate", self.certificate, "--private-key", key,
             "--token", self.token, "--bookmark-interval", str(bookmark_interval)],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        assert line, (folder / "server.log").read_text()
        self.url = f"https://{address}:{int(line)}"
        self.trust = ssl.create_default_context(cafile=str(self.certificate))
        self.kubeconfig = folder / "kubeconfig"
        self.write_kubeconfig()

    def stop(self):
        # Nothing is kept, and open watches would be waited for.
        self.process.kill()
        self.process.wait()
        self.log.close()

    def write_kubeconfig(self):
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [
                {"name": "test", "cluster": {"server": self.url, "certificate-authority": str(self.certificate)}}],
            "users": [{"name": "admin", "user": {"token": self.token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin", "namespace": "default"}}],
        }
        self.kubeconfig.write_text(json.dumps(config))

    @property
    def credential(self):
        return {"Authorization": f"Bearer {self.token}"}

    def request(self, method, path, body=None, kind="application/json", headers=(), timeout=30):
        """Status, headers and body of one request; a body that is no text is sent as JSON."""
        data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
        request = urllib.request.Request(
            self.url + path, method=method, data=data.encode() if isinstance(data, str) else data,
            headers={**self.credential, "Content-Type": kind, **dict(headers)})
        try:
            answer = urllib.request.urlopen(request, context=self.trust, timeout=timeout)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, answer.headers, json.loads(text) if is_json else text.decode()

    def get(self, path, **query):
        return self.request("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def watch(self, path, timeout=10, **query):
        """The lines of a watch until it ends."""
        query = urllib.parse.urlencode({"watch": "true", "timeoutSeconds": timeout, **query})
        request = urllib.request.Request(
            f"{self.url}{path}?{query}", headers=self.credential)
        with urllib.request.urlopen(request, context=self.trust, timeout=timeout + 20) as answer:
            for line in answer:
                yield line

    def control(self, name, body=None):
        status, _, answer = self.request("POST", f"/_test/{name}", body or {})
        assert status == 200, answer


class Tool:
    """kubectl and Helm of one version."""

    def __init__(self, cluster, version):
        self.cluster = cluster
        self.version = version
        home = cluster.folder / f"home-{version}"
        home.mkdir(exist_ok=True)
        # A cluster that is there already may want its owner's credentials.
        outer = getattr(cluster, "environment", {"PATH": os.environ["PATH"], "HOME": str(home)})
        self.environment = {
            **outer, "KUBECONFIG": str(cluster.kubeconfig),
            "KUBECACHEDIR": str(home / "cache"), "HELM_CACHE_HOME": str(home / "helm"), "LC_ALL": "C.UTF-8",
        }

    def start(self, name, *arguments):
        return subprocess.Popen(
            [TOOLS / self.version / name, *arguments], env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, name, *arguments, stdin=None, check=True, timeout=300):
        done = subprocess.run(
            [TOOLS / self.version / name, *arguments], env=self.environment, text=True, input=stdin,
            capture_output=True, timeout=timeout)
        if check:
            assert done.returncode == 0, f"{name} {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}"
        return done

    def kubectl(self, *arguments, **options):
        return self.run("kubectl", *arguments, **options)

    def helm(self, *arguments, **options):
        return self.run("helm", *arguments, **options)
