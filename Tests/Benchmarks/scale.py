"""What the operator takes in a large cluster: the real program over the API server for tests, both on this machine."""

import asyncio
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import resource
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Cluster"))

from admission import cpu_of  # noqa: E402
from cluster import VERSIONS, Cluster, Tool, make_certificate  # noqa: E402

OPERATOR = ROOT / ".build/release/weir-operator"
GROUP = "/apis/weir.dev/v1alpha1"
#: What is measured with.
RESOURCES, PODS, GATEWAYS = 10_000, 50_000, 1_000
#: Namespaces over which resources and pods are spread.
NAMESPACES = 50


class World:
    """The API server with our kinds, and operators as they are started. Use as a context manager."""

    def __enter__(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.parts = contextlib.ExitStack()
        self.folder = pathlib.Path(self.parts.enter_context(tempfile.TemporaryDirectory()))
        self.cluster = Cluster(self.folder)
        self.parts.callback(self.cluster.stop)
        Tool(self.cluster, VERSIONS[-1]).kubectl("apply", "-f", str(ROOT / "CRDs"))
        self.certificate, self.key = make_certificate(self.folder, "operator", "IP:127.0.0.1,DNS:localhost")
        self.number = 0
        self.local = threading.local()
        self.post("/api/v1/namespaces", named("Namespace", "weir-system"))
        return self

    def __exit__(self, *error):
        return self.parts.__exit__(*error)

    def start(self):
        self.number += 1
        process = Operator(self, self.number)
        self.parts.callback(process.kill)
        return process

    def request(self, method, path, body, kind="application/json"):
        """On a connection of the thread's own, which is kept."""
        host = self.cluster.url.removeprefix("https://")
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPSConnection(host, context=self.cluster.trust, timeout=60)
        self.local.connection.request(method, path, json.dumps(body), {
            "Authorization": f"Bearer {self.cluster.token}", "Content-Type": kind})
        answer = self.local.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:500]}")
        return json.loads(content)

    def post(self, path, body):
        return self.request("POST", path, body)

    def post_all(self, items):
        """Pairs of path and body."""
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for _ in pool.map(lambda item: self.post(*item), items):
                pass

    def namespaces(self):
        names = [f"team-{number}" for number in range(NAMESPACES)]
        self.post_all([("/api/v1/namespaces", named("Namespace", name)) for name in names])
        return names


class Operator:
    """One process, of which the health port tells what it does."""

    def __init__(self, world, number):
        self.port, self.health = 31_000 + number, 32_000 + number
        self.log = open(world.folder / f"operator-{number}.log", "w")
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [OPERATOR, "run", "--kubeconfig", world.cluster.kubeconfig, "--namespace", "weir-system",
             "--sidecar-image", "gateway:1", "--sink", "http://sink:9440", "--listen-address", "127.0.0.1",
             "--port", str(self.port), "--health-port", str(self.health), "--native-sidecars", "always",
             "--tls-certificate", world.certificate, "--tls-key", world.key, "--tls-authorities", world.certificate,
             "--log-level", "warning"], stdout=self.log, stderr=self.log)

    def metric(self, name):
        """None while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.health}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return None
        return next((float(line.split()[1]) for line in lines if line.startswith(f"weir_operator_{name} ")), 0)

    def wait(self, is_so, limit=600, interval=0.01):
        """Seconds from the start of the process until it is so."""
        while not is_so():
            if self.process.poll() is not None or time.monotonic() - self.started > limit:
                log = pathlib.Path(self.log.name).read_text()
                raise SystemExit(f"the operator did not come that far: {log[-800:]}")
            time.sleep(interval)
        return time.monotonic() - self.started

    def synced(self):
        return self.wait(lambda: self.metric("synced") == 1)

    def rest(self):
        """Waits until it looks at nothing any more."""
        last = -1
        while (now := self.metric("reconciles_total")) != last:
            last = now
            time.sleep(3)

    @property
    def memory(self):
        """Resident, in MB."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    @property
    def cpu(self):
        """Seconds of user and system time so far."""
        return cpu_of(self.process.pid)

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        self.process.wait()


def named(kind, name, namespace=None, version="v1", **fields):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


def connection(name, namespace, app):
    return named("DatabaseConnection", name, namespace, "weir.dev/v1alpha1", spec={
        "protocol": "postgres", "upstream": {"host": "db.internal", "database": "clinic"},
        "credentials": {"type": "SecretRef", "secretRef": {"name": "db"}},
        "podSelector": {"matchLabels": {"app": app}}})


def policy(name, namespace, connections, column="ssn"):
    return named("MaskingPolicy", name, namespace, "weir.dev/v1alpha1", spec={
        "targets": {"connectionNames": connections},
        "rules": [{"name": "r", "match": {"columns": [column]}, "action": {"type": "Redact"}}]})


def pod(name, namespace, app):
    """As the API server has it, some 4 KB."""
    containers = [{"name": f"c{number}", "image": "registry.example/team/application:1.2.3",
                   "env": [{"name": f"SETTING_{index}", "value": f"value {index}"} for index in range(12)],
                   "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
                   "volumeMounts": [{"name": "data", "mountPath": "/data"}]} for number in range(2)]
    item = named("Pod", name, namespace, spec={"containers": containers, "serviceAccountName": "default"}, status={
        "phase": "Running", "podIP": "10.1.2.3", "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": it["name"], "ready": True, "image": it["image"]} for it in containers]})
    item["metadata"]["labels"] = {"app": app, "pod-template-hash": "5d5c8c7d9f"}
    return item


# The parts


def synchronization():
    """The first state of many resources, and looks at all of them that find nothing to do."""
    with World() as world:
        names = world.namespaces()
        each = RESOURCES // len(names)
        items = []
        for name in names:
            for number in range(each // 10):
                items.append((f"{GROUP}/namespaces/{name}/databaseconnections",
                              connection(f"db-{number}", name, f"app-{number}")))
            for number in range(each - each // 10):
                items.append((f"{GROUP}/namespaces/{name}/maskingpolicies",
                              policy(f"policy-{number}", name, [f"db-{number % (each // 10)}"])))
        world.post_all(items)
        operator = world.start()
        seconds, used = operator.synced(), operator.cpu
        what = f"first state of {len(items):,} resources, from the start of the process, in s (its own CPU)"
        yield what, f"{seconds:.2f} ({used:.2f})"
        operator.rest()
        operator.kill()
        # The lease of one that was killed is waited for.
        operator = world.start()
        operator.wait(lambda: operator.metric("leader") == 1)
        begun, before = time.monotonic(), operator.metric("reconciles_total")
        operator.wait(lambda: operator.metric("reconciles_total") >= len(items) * 0.95)
        rate = (operator.metric("reconciles_total") - before) / (time.monotonic() - begun)
        operator.rest()
        yield "looks at resources that find nothing to do, a second", f"{rate:,.0f}"
        yield "writes by them", f"{operator.metric('writes_total'):.0f}"


def memory():
    """Pods that nobody selects."""
    with World() as world:
        operator = world.start()
        operator.synced()
        before = operator.memory
        operator.kill()
        names = world.namespaces()
        world.post_all((f"/api/v1/namespaces/{names[number % len(names)]}/pods",
                        pod(f"pod-{number}", names[number % len(names)], "app")) for number in range(PODS))
        operator = world.start()
        seconds = operator.synced()
        time.sleep(2)
        yield f"{PODS:,} pods of 4 KB: memory, in MB (of which without pods)", f"{operator.memory:.0f} ({before:.0f})"
        yield "the same: until all are read, in s", f"{seconds:.1f}"


def policies():
    """A changed policy, until each of many gateways has acknowledged it."""
    with World() as world:
        world.post("/api/v1/namespaces", named("Namespace", "clinic"))
        world.post("/api/v1/namespaces/clinic/serviceaccounts", named("ServiceAccount", "default", "clinic"))
        world.post(f"{GROUP}/namespaces/clinic/databaseconnections", connection("db", "clinic", "app"))
        world.post(f"{GROUP}/namespaces/clinic/maskingpolicies", policy("ssn", "clinic", ["db"]))
        world.post_all(("/api/v1/namespaces/clinic/pods", pod(f"pod-{number}", "clinic", "app"))
                       for number in range(GATEWAYS))
        operator = world.start()
        operator.synced()
        tokens = [world.post("/api/v1/namespaces/clinic/serviceaccounts/default/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {"audiences": ["weir"], "boundObjectRef": {"kind": "Pod", "name": f"pod-{number}"}},
        })["status"]["token"] for number in range(GATEWAYS)]
        times = sorted(asyncio.run(Gateways(world, operator, tokens).measure()))
        what = f"a policy's change, until each of {len(tokens):,} gateways' word is taken: p50 / p99 in s"
        yield what, f"{times[len(times) // 2]:.2f} / {times[int(len(times) * .99)]:.2f}"


class Gateways:
    """Many, as far as the operator sees them: a stream each, and a connection kept for acknowledgements."""

    def __init__(self, world, operator, tokens):
        self.world, self.operator, self.tokens = world, operator, tokens
        self.context = ssl.create_default_context(cafile=str(world.certificate))
        self.told, self.revision = {}, None

    async def measure(self, rounds=3):
        gate = asyncio.Semaphore(20)
        tasks = [asyncio.create_task(self.gateway(token, gate)) for token in self.tokens]
        await self.all_told(None)
        times = []
        for number in range(rounds):
            before = next(iter(self.told.values()))[0]
            begun = time.monotonic()
            spec = policy("ssn", "clinic", ["db"], f"column_{number}")["spec"]
            await asyncio.to_thread(
                self.world.request, "PATCH", f"{GROUP}/namespaces/clinic/maskingpolicies/ssn", {"spec": spec},
                "application/merge-patch+json")
            await self.all_told(before)
            times += [moment - begun for _, moment in self.told.values()]
            await asyncio.sleep(2)
        for task in tasks:
            task.cancel()
        return times

    async def all_told(self, other_than):
        while len(self.told) < len(self.tokens) or any(it[0] == other_than for it in self.told.values()):
            await asyncio.sleep(0.05)

    async def gateway(self, token, gate):
        async with gate:
            reader, writer = await self.connect()
            writer.write(f"GET /v1/configuration HTTP/1.1\r\nHost: o\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 " in head.split(b"\r\n")[0], head
            answers, requests = await self.connect()
        while True:
            size = int(await reader.readline(), 16)
            line = await reader.readexactly(size + 2)
            # The revision stands before what is long.
            if b'"Configuration"' not in line[:200] and b'"revision"' not in line:
                continue
            revision = json.loads(line)["revision"]
            body = json.dumps({"revision": revision, "accepted": True}).encode()
            requests.write(b"POST /v1/configuration/acknowledgement HTTP/1.1\r\nHost: o\r\nAuthorization: Bearer "
                           + token.encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            head = await answers.readuntil(b"\r\n\r\n")
            assert b" 204 " in head.split(b"\r\n")[0], head
            self.told[token] = revision, time.monotonic()

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.operator.port, ssl=self.context)


def failover():
    """Two replicas with the timing of the chart."""
    with World() as world:
        for what, number in [("killed", signal.SIGKILL), ("told to end", signal.SIGTERM)]:
            first = world.start()
            first.wait(lambda: first.metric("leader") == 1)
            second = world.start()
            second.synced()
            time.sleep(3)
            first.process.send_signal(number)
            begun = time.monotonic()
            second.wait(lambda: second.metric("leader") == 1)
            yield f"from when the leader is {what} until another leads, in s", f"{time.monotonic() - begun:.1f}"
            first.process.wait()
            second.kill(signal.SIGTERM)
