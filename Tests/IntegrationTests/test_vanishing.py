"""Peers that are gone without a word: the gateway notices, and leaves nothing of them."""

import contextlib
import json
import os
import signal
import subprocess
import time

import pytest
from servers import eventually, one_host, through
from stage.claim import claim_first
from stage.process import ROOT
from stage.stage import Stage
from wire import Wire, query

pytestmark = pytest.mark.slow

#: Seconds of silence, of asking again, of noticing: what the gateway promises.
PROMISED = 30 + 3 * 10 + 10
#: And some for a busy machine.
BOUND = PROMISED + 80
RELAY = """
import sys
sys.path.insert(0, sys.argv[1])
import time, relay
relay.Relay.connect_to = sys.argv[3]
with relay.Relay(int(sys.argv[2]), address=sys.argv[4]) as running:
    print(running.port, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def elsewhere():
    """Another machine as far as the network knows: a namespace at the other end of a wire that can be cut."""
    number, held = claim_first("wire", range(64))
    far = Elsewhere(number)
    with held:
        far.remove()  # What a run that was killed has left.
        try:
            far.connect()
            yield far
        finally:
            far.remove()


def ip(*arguments):
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout


class Elsewhere:
    def __init__(self, number):
        self.name = f"weir-wire-{number}"
        #: Addresses for documentation, which lead nowhere but to the other end of this test's own wire.
        self.here, self.there = (f"198.51.100.{4 * number + end}" for end in (1, 2))

    def connect(self):
        ip("netns", "add", self.name)
        ip("link", "add", f"{self.name}h", "type", "veth", "peer", "name", f"{self.name}t", "netns", self.name)
        ip("addr", "add", f"{self.here}/30", "dev", f"{self.name}h")
        ip("link", "set", f"{self.name}h", "up")
        ip("-n", self.name, "addr", "add", f"{self.there}/30", "dev", f"{self.name}t")
        ip("-n", self.name, "link", "set", f"{self.name}t", "up")

    def remove(self):
        """What runs there, and every wire from this address."""
        shown = subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True).stdout
        for process in shown.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)
        for link in json.loads(ip("-j", "addr", "show", "to", self.here)):
            if "ifname" in link:
                subprocess.run(["ip", "link", "delete", link["ifname"]], capture_output=True)

    def start(self, command, **more):
        """A program over there."""
        return subprocess.Popen(["ip", "netns", "exec", self.name, *map(str, command)], text=True, **more)

    def cut(self):
        """From here on every packet is lost, in silence."""
        ip("-n", self.name, "link", "set", f"{self.name}t", "down")


@pytest.fixture(scope="module")
def stage(elsewhere):
    with Stage(settings={"listen_addresses": f"127.0.0.1,{elsewhere.here}"}) as running:
        yield running


def test_both_kinds_of_peer_are_missed_in_time(elsewhere, stage, request):
    """Idle or busy, a client's database session ends, its statement with it; a server's clients are let go."""
    here, there = elsewhere.here, elsewhere.there
    stage.start_postgresql()
    rules = stage.postgresql.folder / "data" / "pg_hba.conf"
    rules.write_text(f"host all all {here}/30 scram-sha-256\n" + rules.read_text())
    stage.postgresql.reload()
    stage.start_sink()
    server = stage.postgresql.endpoint("clinic")
    near = through(stage, one_host(tls="{mode: Disable}"), options=["--listen-address", f"127.0.0.1,{here}"])
    relay = elsewhere.start(
        ["python3", "-c", RELAY, ROOT / "Tests" / "IntegrationTests", stage.postgresql.port, here, there],
        stdout=subprocess.PIPE)
    port = int(relay.stdout.readline())
    far = through(stage, f"{{hosts: [{{host: {there}, port: {port}}}], database: clinic, tls: {{mode: Disable}}}}")
    clients = [elsewhere.start(["psql", "-X", "-c", "SET application_name = 'far'", *rest], env={
        **near.endpoint().environment(), "PGHOST": here}, stdin=subprocess.PIPE, stderr=subprocess.PIPE,
        stdout=subprocess.PIPE) for rest in (
            ["-c", "SELECT pg_sleep(600)"], ["-f", "-"],
            ["-c", "COPY (SELECT repeat('x', 100000) FROM generate_series(1, 100000)) TO STDOUT"])]
    request.addfinalizer(lambda: [(program.kill(), program.wait()) for program in (relay, *clients)])
    ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'far'"
    eventually(lambda: server.value(ours) == "3", "the clients do not arrive")
    idle, busy, writing = Wire(far.endpoint(), timeout=BOUND), Wire(far.endpoint(), timeout=BOUND), Wire(
        far.endpoint(), timeout=BOUND)
    busy.send(query("SELECT pg_sleep(600)"))
    sleeping = ("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND state = 'active' "
                "AND pid <> pg_backend_pid()")
    eventually(lambda: server.value(sleeping) == "2", "a statement does not arrive")
    eventually(lambda: keep_alive_timers(near) >= 3 and keep_alive_timers(far) >= 6, "a connection is not watched")
    elsewhere.cut()
    begun = time.monotonic()
    writing.send(query("SELECT 1"))
    for session in (idle, busy, writing):
        assert session.closes() == []
    eventually(lambda: server.value(ours) == "0", "a vanished client's session is still there",
               timeout=BOUND - (time.monotonic() - begun))


def keep_alive_timers(gateway):
    """How many of its connections the kernel watches."""
    shown = subprocess.run(["ss", "-Htnpo", "state", "established"], capture_output=True, text=True).stdout
    return sum("timer:(keepalive" in line for line in shown.splitlines() if f"pid={gateway.process.pid}," in line)


def test_a_slow_reader_is_no_vanished_one(stage):
    """Its window stays closed for longer than the silence that is borne; then it reads on."""
    gateway = stage.gateways[0]
    with Wire(gateway.endpoint(), timeout=BOUND) as session:
        session.send(query("SELECT repeat('x', 1000) FROM generate_series(1, 40000)"))
        time.sleep(PROMISED + 20)
        assert sum(kind == b"D" for kind, _ in session.until(b"Z")) == 40000
