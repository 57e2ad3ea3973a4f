#!/usr/bin/env python3
"""Holds 1,000 statements at once at one gateway, restarts the operator, approves them all, and prints one table."""

import argparse
import http.client
import json
import pathlib
import selectors
import ssl
import sys
import threading
import time

from bench_operator import machine

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / part) for part in ("IntegrationTests", "../Scripts")]

from approvals import CONNECTION, governed, rule  # noqa: E402
from servers import eventually  # noqa: E402
from wire import Wire, query  # noqa: E402

#: Statements of one requester: the operator lets 256 wait.
SHARE = 250
SETTINGS = {"max_connections": 1100, "shared_buffers": "64MB"}


def memory(process):
    """What is resident of it, in MB."""
    status = pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("Rss:")).split()[1]) / 1024


class Approver:
    """Ana, over one connection that is kept."""

    def __init__(self, operator):
        self.operator, self.connection = operator, None
        self.headers = {"Authorization": "Bearer " + (operator.tokens / "people/ana").read_text(),
                        "Content-Type": "application/json"}

    def ask(self, method, path, body=None):
        if self.connection is None:
            context = ssl.create_default_context(cafile=self.operator.data / "ca.crt")
            self.connection = http.client.HTTPSConnection("localhost", self.operator.port, context=context)
        self.connection.request(method, path, json.dumps(body) if body else None, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status == 200, (answer.status, content)
        return json.loads(content)

    def requests(self):
        try:
            return self.ask("GET", "/v1/approvals")["items"]
        except (OSError, http.client.HTTPException):
            self.connection = None
            return []


def held(session):
    """The request of a statement that waits."""
    kind, body = session.receive()
    assert kind == b"N", (kind, body)
    return body.split(b"approval request ")[1].split(b".")[0].decode()


class Arrivals(threading.Thread):
    """When each session hears that its statement is done."""

    def __init__(self, sessions):
        super().__init__()
        self.sessions, self.times, self.answers = sessions, {}, {}

    def run(self):
        with selectors.DefaultSelector() as selector:
            for request, session in self.sessions.items():
                selector.register(session.socket, selectors.EVENT_READ, request)
            end = time.monotonic() + 120
            while len(self.times) < len(self.sessions) and time.monotonic() < end:
                for key, _ in selector.select(1):
                    self.hear(key.data, selector, key.fileobj)

    def hear(self, request, selector, socket):
        """Notes the first message that is no reminder."""
        received, now = socket.recv(1 << 16), time.monotonic()
        while received.startswith(b"N"):
            received = received[1 + int.from_bytes(received[1:5], "big"):]
        if received:
            self.times[request], self.answers[request] = now, received
            selector.unregister(socket)


def measure(count):
    manifests = CONNECTION + rule("held", "{statements: [Delete]}", "approvers: {users: [ana]}, requestTTL: 1h")
    users = [f"job{number}" for number in range(-(-count // SHARE))]
    with governed(manifests, "CREATE TABLE t (id int)", users=users, settings=SETTINGS) as (_, operator, gateway):
        sessions = [Wire(gateway.endpoint(users[number // SHARE]), timeout=60) for number in range(count)]
        for session in sessions:
            session.ask(query("SELECT count(*) FROM t"))
        idle = memory(gateway.process)
        for number, session in enumerate(sessions):
            session.send(query(f"DELETE FROM t WHERE id = {number}"))
        requests = {held(session): session for session in sessions}
        waiting = memory(gateway.process)
        approver = Approver(operator)
        assert len(approver.requests()) == count
        opened = gateway.log.read_text().count("configuration stream is open")
        operator.process.kill()
        operator.process.start()
        approver.connection = None
        eventually(lambda: gateway.log.read_text().count("configuration stream is open") > opened, "no stream", 60)
        kept = {it["metadata"]["name"] for it in approver.requests()}
        arrivals = Arrivals(requests)
        arrivals.start()
        decided, began = {}, time.monotonic()
        for request in requests:
            decided[request] = time.monotonic()
            approver.ask("POST", f"/v1/approvals/{request}/decisions", {"verdict": "Approve"})
        rate = count / (time.monotonic() - began)
        arrivals.join()
        done = [request for request, answer in arrivals.answers.items() if answer.startswith(b"C")]
        times = sorted(arrivals.times[request] - decided[request] for request in done)
        lost = count - len(done)
        yield f"gateway with {count:,} idle sessions", f"{idle:.1f} MB"
        yield f"more for {count:,} held statements (target < 50 MB)", f"{waiting - idle:.1f} MB"
        yield "requests lost by a killed operator (target 0)", str(len(set(requests) - kept))
        yield "statements lost (target 0)", str(lost)
        yield "decisions taken", f"{rate:.0f} / s"
        for share in (50, 99, 100):
            value = times[min(len(times) - 1, len(times) * share // 100)] if times else float("nan")
            target = " (target <= 1 s)" if share == 99 else ""
            yield f"from decision to the client's result, p{share}{target}", f"{value * 1000:.1f} ms"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="statements held at once")
    options = parser.parse_args()
    print(machine() + "\n", flush=True)
    print("| measure | |\n|---|---:|", flush=True)
    for what, value in measure(options.count):
        print(f"| {what} | {value} |", flush=True)


if __name__ == "__main__":
    main()
