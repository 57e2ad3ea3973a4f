#!/usr/bin/env python3
"""Revokes people while 1,000 sidecars follow two replicas of the operator, and prints one table: when the last sidecar
knew, and when the last session of the person was closed at the real gateways among them."""

import argparse
import asyncio
import json
import pathlib
import selectors
import ssl
import subprocess
import sys
import threading
import time

import scale
from bench_operator import machine

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / part) for part in ("IntegrationTests", "../Scripts")]

from oidc import Signer  # noqa: E402
from sidecar import NAMESPACE, Sidecar, connection  # noqa: E402
from stage.postgresql import Endpoint  # noqa: E402
from stage.process import program  # noqa: E402
from stage.stage import Stage  # noqa: E402
from servers import eventually  # noqa: E402
from test_grants_and_revocations import KeyServer  # noqa: E402
from wire import Wire, error, message, query, startup  # noqa: E402

SYSTEM = "weir-system"
#: Simulated sidecars; real gateways among them, and the sessions each has of every person.
SIDECARS, GATEWAYS, SESSIONS = 1000, 4, 10
LIMIT = 60


class Streams(threading.Thread):
    """Sidecars as the operator sees them: which subjects each knows to be revoked, and since when."""

    def __init__(self, trust, ports, tokens):
        super().__init__(daemon=True)
        self.trust, self.ports, self.tokens = ssl.create_default_context(cafile=str(trust)), ports, tokens
        self.opened, self.known = set(), {}
        self.broken = []

    def run(self):
        asyncio.run(self.follow_all())

    async def follow_all(self):
        gate = asyncio.Semaphore(20)
        await asyncio.gather(*(self.follow(number, token, gate) for number, token in enumerate(self.tokens)))

    async def follow(self, number, token, gate):
        try:
            async with gate:
                port = self.ports[number % len(self.ports)]
                reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=self.trust)
                request = f"GET /v1/configuration HTTP/1.1\r\nHost: o\r\nAuthorization: Bearer {token}\r\n\r\n"
                writer.write(request.encode())
                head = await reader.readuntil(b"\r\n\r\n")
                assert b" 200 " in head.split(b"\r\n")[0], head
            while True:
                line = await reader.readexactly(int(await reader.readline(), 16) + 2)
                if b'"Authority"' in line:
                    now = time.monotonic()
                    self.opened.add(number)
                    for revocation in json.loads(line)["revocations"]:
                        self.known.setdefault(revocation["subject"], {}).setdefault(number, now)
        except (OSError, asyncio.IncompleteReadError, AssertionError, KeyError, ValueError) as fault:
            self.broken.append(repr(fault))


class Ends(threading.Thread):
    """When each of these sessions is closed, and with what last words."""

    def __init__(self, sessions):
        super().__init__(daemon=True)
        self.sessions, self.times, self.words = sessions, [], []

    def run(self):
        with selectors.DefaultSelector() as selector:
            for session in self.sessions:
                selector.register(session.socket, selectors.EVENT_READ, bytearray())
            end = time.monotonic() + LIMIT
            while len(self.times) < len(self.sessions) and time.monotonic() < end:
                for key, _ in selector.select(1):
                    received = key.fileobj.recv(1 << 16)
                    key.data.extend(received)
                    if not received:
                        self.times.append(time.monotonic())
                        self.words.append(bytes(key.data))
                        selector.unregister(key.fileobj)


class Scene:
    """Two replicas, the database, the real gateways, and tokens of all sidecars' pods."""

    def __init__(self, world, stage):
        self.world, self.stage = world, stage
        self.signer = Signer()
        self.key_server = KeyServer(self.signer)
        world.post(f"/api/v1/namespaces/{SYSTEM}/secrets", scale.named("Secret", "weir-operator-grants"))
        world.post("/api/v1/namespaces", scale.named("Namespace", NAMESPACE))
        for namespace, name in ((NAMESPACE, "api"), (SYSTEM, "admin")):
            world.post(f"/api/v1/namespaces/{namespace}/serviceaccounts", scale.named("ServiceAccount", name))
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{SYSTEM}"
        group = "rbac.authorization.k8s.io"
        world.post(f"{rbac}/roles", scale.named("Role", "identities", version=f"{group}/v1", rules=[
            {"apiGroups": ["weir.dev"], "resources": ["identities"], "verbs": ["list", "revoke"]}]))
        world.post(f"{rbac}/rolebindings", scale.named(
            "RoleBinding", "identities", version=f"{group}/v1",
            roleRef={"apiGroup": group, "kind": "Role", "name": "identities"},
            subjects=[{"kind": "ServiceAccount", "name": "admin", "namespace": SYSTEM}]))
        self.administrator = world.folder / "administrator"
        self.administrator.touch(0o600)
        self.administrator.write_text(self.token(SYSTEM, "admin"))
        self.gateways = [self.gateway(number) for number in range(GATEWAYS)]
        world.post(f"{scale.GROUP}/namespaces/{NAMESPACE}/databaseconnections", self.connection("simulated", 15432))
        world.post_all(self.pod(f"pod-{number}", "simulated") for number in range(SIDECARS))
        self.operators = [world.start(), world.start()]
        for operator in self.operators:
            operator.synced()
        for number, (sidecar, _) in enumerate(self.gateways):
            self.start(sidecar, number)
        tokens = [self.token(NAMESPACE, "api", f"pod-{number}") for number in range(SIDECARS)]
        self.streams = Streams(world.certificate, [it.port for it in self.operators], tokens)
        self.streams.start()
        eventually(lambda: len(self.streams.opened) == SIDECARS or self.streams.broken, "streams are not open", 120)
        assert not self.streams.broken, self.streams.broken[:3]

    def pod(self, name, app):
        """Where it is made, and what."""
        made = scale.pod(name, NAMESPACE, app)
        made["spec"]["serviceAccountName"] = "api"
        return f"/api/v1/namespaces/{NAMESPACE}/pods", made

    def token(self, namespace, account, pod=None):
        spec = {"audiences": ["weir"], "expirationSeconds": 3600}
        if pod:
            spec["boundObjectRef"] = {"apiVersion": "v1", "kind": "Pod", "name": pod}
        return self.world.post(f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec})["status"]["token"]

    def connection(self, name, port):
        issuer = {"issuer": self.signer.issuer, "audience": "weir", "jwksURI": self.key_server.url,
                  "subjectPrefix": "people:"}
        made = connection(name, self.stage.postgresql.port, port, identity={"workload": False, "issuers": [issuer]},
                          podSelector={"matchLabels": {"app": name}})
        return made

    def gateway(self, number):
        """A sidecar that is not started, and its connection; the operator knows both."""
        name = f"real-{number}"
        sidecar = Sidecar(self.stage, name, was_attested=False)
        made = self.connection(name, sidecar.port)
        self.world.post(f"{scale.GROUP}/namespaces/{NAMESPACE}/databaseconnections", made)
        self.world.post(*self.pod(name, name))
        return sidecar, made

    def start(self, sidecar, number):
        name = f"real-{number}"
        sidecar.token.write_text(self.token(NAMESPACE, "api", name))
        sidecar.snapshot(self.gateways[number][1], authorities=self.world.certificate.read_text())
        operator = self.operators[number % len(self.operators)]
        sidecar.process.environment = sidecar.environment | {
            "WEIR_OPERATOR": f"https://127.0.0.1:{operator.port}", "WEIR_TOKEN": str(sidecar.token),
            "WEIR_OPERATOR_CA": str(sidecar.config / "operator-ca.crt"), "WEIR_CONNECTIONS": name}
        sidecar.process.start()
        eventually(lambda: sidecar.get("/readyz")[0] == 200, lambda: sidecar.log, 60)

    def log_in(self, sidecar, person):
        session = Wire(Endpoint("127.0.0.1", sidecar.port, "x", "", "clinic"), log_in=False, timeout=LIMIT)
        session.send(startup(user="x", database="clinic"))
        session.receive()
        session.send(message(b"p", self.signer.token(sub=person).encode() + b"\0"))
        got = session.until(b"Z", b"E")
        assert error(got) is None, got
        return session

    def revoke(self, person):
        """By a person at a terminal; returns when that began."""
        began = time.monotonic()
        done = subprocess.run(
            [program("weirctl"), "identities", "revoke", "--subject", f"people:{person}", "--reason", "left",
             "--operator", f"https://127.0.0.1:{self.operators[0].port}", "--operator-ca", self.world.certificate,
             "--token-file", self.administrator], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return began

    def play(self, person):
        """Seconds until each sidecar knows, and until each session is closed."""
        sessions = [self.log_in(sidecar, person) for sidecar, _ in self.gateways for _ in range(SESSIONS)]
        others = [self.log_in(sidecar, "ann") for sidecar, _ in self.gateways]
        ends = Ends(sessions)
        ends.start()
        began = self.revoke(person)
        told = time.monotonic() - began
        ends.join()
        subject = f"people:{person}"
        eventually(lambda: len(self.streams.known.get(subject, ())) == SIDECARS, "a sidecar is not told", LIMIT)
        assert len(ends.times) == len(sessions), f"{len(sessions) - len(ends.times)} sessions go on"
        assert all(b"28000" in words for words in ends.words), ends.words[:1]
        for session in others:
            assert error(session.ask(query("SELECT 1"))) is None
            session.close()
        known = [moment - began for moment in self.streams.known[subject].values()]
        return told, known, [moment - began for moment in ends.times]


def shares(times):
    times = sorted(times)
    return " / ".join(f"{times[min(len(times) - 1, len(times) * share // 100)]:.2f}" for share in (50, 99, 100))


def measure(rounds):
    with scale.World() as world, Stage() as stage:
        stage.start_postgresql()
        stage.start_sink()
        scene = Scene(world, stage)
        told, known, closed = [], [], []
        try:
            for number in range(rounds):
                one = scene.play(f"eve-{number}")
                told.append(one[0])
                known += one[1]
                closed += one[2]
            assert not scene.streams.broken, scene.streams.broken[:3]
        finally:
            for sidecar, _ in scene.gateways:
                sidecar.process.stop()
        yield f"`weirctl identities revoke` itself, p50 / p99 / most of {rounds}, in s", shares(told)
        yield f"until each of {SIDECARS:,} sidecars has the revocation, p50 / p99 / most, in s", shares(known)
        each = f"{GATEWAYS} gateways with {SESSIONS} sessions of the person each"
        yield f"until the sessions are closed, {each}, p50 / p99 (target <= 10) / most, in s", shares(closed)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="people revoked one after the other")
    options = parser.parse_args()
    print(machine() + "\n", flush=True)
    print("| measure | |\n|---|---:|", flush=True)
    for what, value in measure(options.rounds):
        print(f"| {what} | {value} |", flush=True)


if __name__ == "__main__":
    main()
