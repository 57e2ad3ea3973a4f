"""Runs the load, looks at the gateway at quiet moments, and says at the end whether all of it held."""

import argparse
import collections
import pathlib
import random
import shutil
import sys
import tempfile
import time

from stage.postgresql import CLINIC_SQL
from stage.process import ROOT, Failure
from stage.stage import Stage

from . import checks
from .disturbances import Disturbances
from .listeners import Listener, wait_until_heard
from .load import Gate, Notifier, first_query, workers
from .world import DEADLINE, World

USER, OWNER = "tester", "clinic_app"
#: Listeners on each of the two connections.
LISTENERS = 3
#: Seconds of load between two quiet moments, at most.
ROUND = 60.0


def options(arguments):
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--intensity", type=float, default=1.0, help="2: half the pauses (default: %(default)s)")
    parser.add_argument("--restart-every", type=float, default=4.0, metavar="MINUTES",
                        help="mean time between restarts of the database server (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="of an earlier run")
    parser.add_argument("--keep", type=pathlib.Path,
                        help="folder for the gateway's and the server's log after a failure")
    return parser.parse_args(arguments)


def main(arguments=None):
    """Returns the exit status."""
    chosen = options(arguments)
    seed = chosen.seed if chosen.seed is not None else random.randrange(1 << 32)
    print(f"soak: {chosen.minutes:g} minutes, intensity {chosen.intensity:g}, seed {seed}", flush=True)
    with Stage(settings={"autovacuum": "on"}) as stage, tempfile.TemporaryDirectory() as manifests:
        world = begin(stage, pathlib.Path(manifests))
        try:
            moments = run(world, chosen, seed)
            return report(world, moments)
        finally:
            if chosen.keep and world.failures:
                chosen.keep.mkdir(parents=True, exist_ok=True)
                for log in (world.gateway.log, stage.folder / "postgresql.log", stage.folder / "sink.log"):
                    shutil.copy(log, chosen.keep)


def begin(stage, manifests):
    """The demo's clinic behind a gateway with two connections: its own, and one that nothing governs."""
    for file in (*(ROOT / "Manifests" / "demo").glob("*.yaml"), pathlib.Path(__file__).parent / "free.yaml"):
        shutil.copy(file, manifests)
    # Large results come out of nothing here.
    with open(manifests / "connection.yaml", "a") as connection:
        connection.write("  session: {generatedRows: 0}\n")
    stage.start_postgresql()
    stage.start_sink()
    password = stage.postgresql.ensure_role(OWNER)
    stage.postgresql.ensure_database("clinic", OWNER)
    gateway = stage.add_gateway(
        manifests, users=[USER], options=["--user-groups", f"{USER}=analysts"], credential=(OWNER, password))
    direct = stage.postgresql.endpoint("clinic", OWNER, password)
    direct.script(CLINIC_SQL + "CREATE TABLE soak_copied (a int, b text);")
    done = direct.run(["pgbench", "-i", "-q", "-s", "1"])
    if done.returncode != 0:
        raise Failure(done.stderr)
    through = gateway.endpoint(USER)
    ports = {connection.name: connection.port for connection in gateway.connections}
    governed, free = (type(through)(through.host, ports[name], USER, through.password, "clinic") for name in ("clinic",
        "free"))
    return World(stage, gateway, governed, free)


def run(world, chosen, seed):
    """Rounds of load with a quiet moment after each; what was measured at those."""
    gate, notifier = Gate(), Notifier()
    disturbances = Disturbances(world.stage, world.gateway)
    first_query(world)
    listeners = [Listener(world, endpoint) for endpoint in (world.governed, world.free) for _ in range(LISTENERS)]
    threads = workers(
        world, gate, notifier, chosen.intensity, seed, others=disturbances.of(chosen.restart_every * 60))
    for thread in (*listeners, *threads):
        thread.start()
    wait_until_heard(world, listeners, notifier)
    moments, begun = [checks.quiet_moment(world, len(listeners))], time.monotonic()
    print(HEADING, flush=True)
    rounds = max(1, round(chosen.minutes * 60 / ROUND))
    try:
        for number in range(1, rounds + 1):
            gate.open()
            end = begun + number * chosen.minutes * 60 / rounds
            while time.monotonic() < end:
                checks.check_alive(world)
                time.sleep(0.5)
            if not gate.close(DEADLINE * 3):
                world.fail("stuck", f"{gate.inside} operations do not end")
                break
            wait_until_heard(world, listeners, notifier)
            moments.append(checks.quiet_moment(world, len(listeners)))
            print(progress(world, time.monotonic() - begun, moments[-1], notifier), flush=True)
    finally:
        gate.end()
        for listener in listeners:
            listener.isOver.set()
    for thread in (*listeners, *threads):
        thread.join(DEADLINE)
    checks.quiet_moment(world, 0)
    return moments


HEADING = f"{'minute':>6} {'done':>6} {'excused':>7} {'sessions':>8} {'notified':>8} {'restarts':>8} " \
    f"{'RSS kB':>8} {'private':>8} {'fds':>4} {'spool kB':>8} {'sink kB':>8} {'failures':>8}"


def progress(world, seconds, moment, notifier):
    restarts = sum(count for name, count in world.counts.items() if name.startswith("server"))
    now = moment.descriptors
    return (
        f"{seconds / 60:6.1f} {sum(world.counts.values()):6} {sum(world.excused.values()):7} {len(world.sessions):8} "
        f"{len(notifier.confirmed):8} {restarts:8} {moment.resident:8} {moment.private_dirty:8} "
        f"{now.clients + now.upstream + now.sink + now.others:4} {moment.spool >> 10:8} {moment.sink >> 10:8} "
        f"{len(world.failures):8}")


def report(world, moments):
    """Judges the whole, prints the table, and returns the exit status."""
    status = checks.ended(world)
    surprises = checks.log_surprises(world)
    verification = checks.verified(world)
    discrepancies = checks.Log(world).discrepancies(world.sessions)
    sessions, records, record_bytes = checks.sink_counts(world)
    first, last = moments[0].descriptors, moments[-1].descriptors
    spool, sink = max(moment.spool for moment in moments), checks.folder_size(world.stage.sink_data)
    verdicts = [
        ("operations without an answer, or with a wrong one", len(world.failures), 0, not world.failures),
        ("other descriptors at the first and last quiet moment", f"{first.others} {last.others}", "no more",
         last.others <= first.others),
        ("lines of the gateway's log that should not be there", len(surprises), 0, not surprises),
        ("exit status of the gateway", status, 0, status == 0),
        ("`weirctl verify` of sink and gateway", verification.returncode, 0, verification.returncode == 0),
        ("sessions that log and clients tell differently", f"{len(discrepancies)} of {len(world.sessions)}", 0,
         not discrepancies),
        ("largest spool at a quiet moment, kB", spool >> 10, f"<= {checks.SPOOL_LIMIT >> 10}",
         spool <= checks.SPOOL_LIMIT),
        ("the sink's folder per byte of records", f"{sink / record_bytes:.2f}", f"<= {checks.SINK_OVERHEAD}",
         sink <= record_bytes * checks.SINK_OVERHEAD),
    ]
    for name, field in (("resident memory, kB", "resident"), ("private dirty memory, kB", "private_dirty")):
        before, after, limit = checks.growth(moments, field)
        verdicts.append((f"{name}: settled and at the end", f"{before:.0f} {after:.0f}", f"<= {limit:.0f}",
                         after <= limit))
    print(f"\n{'what':55} {'measured':>16} {'limit':>10}")
    for what, measured, limit, holds in verdicts:
        print(f"{what:55} {measured!s:>16} {limit!s:>10}  {'' if holds else 'FAILED'}")
    print(f"\n{sessions} sessions and {records} records in the log, {record_bytes >> 20} MiB; done: ", end="")
    print(", ".join(f"{name} {count}" for name, count in sorted(world.counts.items())))
    print("excused by restarts: " + ", ".join(f"{name} {count}" for name, count in sorted(world.excused.items())))
    for (what, detail), count in collections.Counter((what, detail) for _, what,
        detail in world.failures).most_common(20):
        print(f"\n{what} ({count} times): {detail}")
    for title, lines in (("log", surprises), ("sessions", discrepancies)):
        for line in lines[:20]:
            print(f"{title}: {line}")
    if verification.returncode != 0:
        print(verification.stdout[-2000:] + verification.stderr[-2000:])
    return 0 if all(holds for *_, holds in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
