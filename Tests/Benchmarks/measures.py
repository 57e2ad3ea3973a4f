"""One function a measure; each returns plain numbers."""

import pathlib
import re
import socket
import statistics
import sys
import tempfile
import time

from stage.process import ROOT

sys.path.insert(0, str(ROOT / "Tests" / "IntegrationTests"))

from wire import Wire, message, query  # noqa: E402

END = message(b"Z", b"I")


def transactions(peers, mode, clients, count, rounds):
    """`pgbench -S`, the peers in turn in each round; by peer: CPU seconds per 100,000, p50 and p99 in microseconds."""
    cpu = {peer.name: 0.0 for peer in peers}
    latencies = {peer.name: [] for peer in peers}
    for _ in range(rounds):
        for peer in peers:
            with tempfile.TemporaryDirectory() as folder:
                before = peer.cpu()
                done = peer.endpoint.run(
                    ["pgbench", "-n", "-S", "-M", mode, "-c", str(clients), "-j", str(min(clients, 2)),
                     "-t", str(count // clients), "-l", f"--log-prefix={folder}/t"], timeout=600)
                cpu[peer.name] += peer.cpu() - before
                if done.returncode != 0:
                    raise RuntimeError(done.stderr)
                latencies[peer.name] += latencies_in(folder)
    return {
        name: (cpu[name] * 100_000 / len(latencies[name]), *percentiles(latencies[name])) for name in latencies}


def latencies_in(folder):
    """The third column of pgbench's transaction logs: microseconds."""
    logs = (file.read_bytes().splitlines() for file in pathlib.Path(folder).iterdir())
    return [int(line.split(b" ", 3)[2]) for log in logs for line in log]


def percentiles(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]


def stream(endpoint, sql, pause_seconds=0.0, watch=None):
    """Reads a result to its end without looking at it; returns its bytes, and the most `watch()` said meanwhile.

    With `pause_seconds`, the reader takes a quarter of a mebibyte every 10 ms for so long, then reads on at full speed.
    """
    most = 0
    with Wire(endpoint, timeout=600) as session:
        session.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        session.send(query(sql))
        buffer, taken, last, reads, begun = bytearray(1 << 18), 0, b"", 0, time.monotonic()
        while not last.endswith(END):
            count = session.socket.recv_into(buffer)
            if count == 0:
                raise EOFError
            taken, reads = taken + count, reads + 1
            last = (last + bytes(buffer[max(0, count - 6):count]))[-6:]
            slow = time.monotonic() - begun < pause_seconds
            if slow:
                time.sleep(0.01)
            if watch and (slow or reads % 256 == 0):
                most = max(most, watch())
    return taken, most


def streaming(peers_and_tables, rounds):
    """By (peer, table): CPU seconds per gigabyte of result; five passes over the table a round, in turn."""
    spent = {(peer.name, table): [0.0, 0] for peer, table in peers_and_tables}
    for _ in range(rounds):
        for peer, table in peers_and_tables:
            before = peer.cpu()
            for _ in range(5):
                spent[peer.name, table][1] += stream(peer.endpoint, f"TABLE {table}")[0]
            spent[peer.name, table][0] += peer.cpu() - before
    return {key: cpu / (size / 1e9) for key, (cpu, size) in spent.items()}


def slow_reader(peer, gigabytes):
    """MiB its memory grew by at most while a slow client read a result of that size."""
    before = peer.resident()
    rows = gigabytes * 1_000_000
    taken, most = stream(
        peer.endpoint, f"SELECT repeat('x', 1000) FROM generate_series(1, {rows})", 15.0, peer.resident)
    if taken < gigabytes * 1_000_000_000:
        raise RuntimeError(f"only {taken} bytes came")
    return (most - before) / 1024


def idle_memory(peer, counts):
    """KiB of memory, in all and private, with so many idle sessions, each of which has run one statement."""
    sessions, held = [], []
    try:
        for count in counts:
            while len(sessions) < count:
                session = Wire(peer.endpoint)
                session.ask(query("SELECT 1"))
                sessions.append(session)
            time.sleep(1)
            held.append((peer.resident(), peer.resident("RssAnon")))
    finally:
        for session in sessions:
            session.close()
    return held


def start_time(process, times):
    """Median milliseconds from the start of a process until it listens."""
    took = []
    for _ in range(times):
        took.append(process.start() * 1000)
        process.stop()
    return statistics.median(took)


def instructions(start, mode):
    """Instructions a transaction, by callgrind: the difference between a long and a short run.

    `start(wrapper)` starts the program behind the wrapper's command and returns its peer.
    """
    counted = []
    for count in (500, 2500):
        peer = start(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"])
        done = peer.endpoint.run(["pgbench", "-n", "-S", "-M", mode, "-c", "1", "-t", str(count)], timeout=600)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        peer.process.stop(timeout=120)
        text = peer.process.log.read_text()
        counted.append(int(re.findall(r"Collected : (\d+)", text)[-1]))
    return (counted[1] - counted[0]) / 2000
