#!/usr/bin/env python3
"""Measures Weir beside pgbouncer and a direct connection, in turn, in one run, and prints one table.

CPU is user and system time of the proxy's process from /proc, so it says what the proxy costs whatever else the
machine does; latencies do depend on that. Rules, masks and recording are on, the sink runs beside.
"""

import argparse
import itertools
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Scripts"))

import analysis  # noqa: E402
import measures  # noqa: E402
import peers as ways  # noqa: E402
from stage.process import Failure  # noqa: E402
from stage.stage import Stage  # noqa: E402

COLUMNS = ("direct", "pgbouncer", "Weir")
PARTS = ("transactions", "streaming", "idle", "start", "instructions", "analysis")


class Table:
    """Rows of a Markdown table, printed as they come."""

    def __init__(self):
        self.row("measure", *COLUMNS)
        self.row("---", "---:", "---:", "---:")

    def row(self, what, *cells):
        print("| " + " | ".join([what, *(cell if isinstance(cell, str) else f"{cell:.2f}" for cell in cells)]) + " |",
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART",
                        help=f"these parts alone: {', '.join(PARTS)}")
    options = parser.parse_args()
    print(f"{machine()}\n")
    table = Table()
    if set(options.only) != {"analysis"}:
        with Stage(settings={"max_connections": "1300", "autovacuum": "on"}) as stage:
            stage.start_postgresql()
            stage.start_sink()
            measure(stage, ways.prepare(stage), options, table)
    if "analysis" in options.only:
        for measure_name, value in analysis.costs():
            table.row(measure_name, "", "", value)


def measure(stage, direct, options, table):
    """What has the stage in common."""
    parts = options.only
    rounds, count = 3, 20_000
    idle = idle_memory(stage, direct, (0, 50, 500)) if "idle" in parts else None
    peers = [ways.Peer("direct", direct), ways.pgbouncer(stage, direct), ways.weir(stage, direct)]
    _, bouncer, gateway = peers
    if "transactions" in parts:
        for mode, clients in itertools.product(("simple", "prepared"), (1, 8, 32)):
            got = measures.transactions(peers, mode, clients, count, rounds)
            what = f"`pgbench -S`, {mode}, {clients} client{'s' * (clients > 1)}"
            table.row(f"{what}: CPU s per 100k", "", *(got[name][0] for name in COLUMNS[1:]))
            table.row(f"{what}: p50 / p99 in microseconds", *(f"{got[n][1]} / {got[n][2]}" for n in COLUMNS))
    if "streaming" in parts:
        streams = measures.streaming([(bouncer, "free"), (gateway, "free"), (gateway, "governed")], rounds)
        table.row("streaming `SELECT`, 6 columns: CPU s/GB", "", streams["pgbouncer", "free"], streams["Weir", "free"])
        table.row("the same, one column masked: CPU s/GB", "", "", streams["Weir", "governed"])
        size = 10
        table.row(f"slow reader of {size} GB: memory grows by MiB", "",
                  *(measures.slow_reader(peer, size) for peer in (bouncer, gateway)))
    if idle:
        for index, sessions in enumerate(idle["counts"]):
            table.row(f"idle with {sessions} sessions: MiB resident (private)", "",
                      *("{:.1f} ({:.1f})".format(*(kib / 1024 for kib in idle[name][index])) for name in COLUMNS[1:]))
    if "start" in parts:
        table.row("start to listening, median: ms", "", *start_times(stage, direct, 15))
    if "instructions" in parts:
        for mode in ("simple", "prepared"):
            table.row(f"`pgbench -S`, {mode}: instructions per transaction", "", *counted(stage, direct, mode))


def idle_memory(stage, direct, counts):
    """Of processes that have done nothing else yet."""
    held = {"counts": counts}
    for start in (ways.pgbouncer, ways.weir):
        peer = start(stage, direct, name=f"idle-{start.__name__}")
        held[peer.name] = measures.idle_memory(peer, counts)
        peer.process.stop()
    return held


def start_times(stage, direct, times):
    """Of processes with nothing behind them."""
    for start in (ways.pgbouncer, ways.weir):
        process = start(stage, direct, name=f"start-{start.__name__}").process
        process.stop()
        yield f"{measures.start_time(process, times):.1f}"


def counted(stage, direct, mode):
    """Thousands of instructions; each run with a process of its own."""
    for start in (ways.pgbouncer, ways.weir):
        names = (f"{start.__name__}-{mode}-{number}" for number in itertools.count())
        value = measures.instructions(lambda wrapper: start(stage, direct, next(names), wrapper), mode)
        yield f"{value:,.0f}"


def machine():
    """What it ran on, for the reader of the table."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout
    bouncer = subprocess.run(["/usr/sbin/pgbouncer", "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    return f"{os.cpu_count()} x {model}; {bouncer}; commit {commit.strip() or 'unknown'}"


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: {failure}")
