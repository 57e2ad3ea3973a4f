"""Runs random statements on two databases that differ in governed values alone, through a gateway each.

Every byte the client sees must be the same on both: whatever differs tells something of a governed value. No marker of
a governed value may be among them. Where pseudonyms are shown, they may differ in their characters, not in their shape.
A share of the plays is also run around the gateways, to say how many of the statements are valid, and how many would
have told the databases apart. Worker n of several has the seed SEED + n; play P of a seed runs by itself with --play P.
"""

import argparse
import collections
import multiprocessing
import pathlib
import queue
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "Tests" / "IntegrationTests")]

from fuzzer import Fuzzer  # noqa: E402
from minimizing import minimized  # noqa: E402
from pair import Pair  # noqa: E402
from reporting import report, told  # noqa: E402

#: Seconds between what a worker, and what the whole, tells of its progress.
WORKER_INTERVAL, INTERVAL = 2, 20


def work(index, chosen, outbox):
    """One worker: a pair of its own; puts `(index, counts, a finding as text or None, is done)`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    share = -(-chosen.statements // chosen.workers)
    counts, first, found, told_at = collections.Counter(), chosen.play or 0, 0, 0

    def progress(fuzzer):
        nonlocal told_at
        if time.monotonic() - told_at > WORKER_INTERVAL:
            told_at = time.monotonic()
            outbox.put((index, dict(counts), None, False))

    # A pair that was told apart may go on being so.
    while counts["statements"] < share and found < chosen.leaks:
        with Pair() as pair:
            fuzzer = Fuzzer(pair, chosen.seed + index, counts)
            try:
                first = fuzzer.run(1 if chosen.play is not None else share, first, progress)
                for finding in fuzzer.findings:
                    found += 1
                    outbox.put((index, dict(counts), told(fuzzer.seed, minimized(fuzzer, finding)), False))
            finally:
                fuzzer.close()
        if chosen.play is not None:
            break
    outbox.put((index, dict(counts), None, True))


def gather(chosen, outbox, workers):
    """Prints findings and progress until all workers are done; returns the counts and how many findings there were."""
    begun = shown = time.monotonic()
    counts, done, findings = {}, set(), 0
    while len(done) < len(workers):
        try:
            index, counts[index], finding, is_done = outbox.get(timeout=1)
        except queue.Empty:
            if any(not it.is_alive() and it.exitcode for it in workers):
                raise SystemExit("a worker failed") from None
            continue
        if finding:
            findings += 1
            print(finding, flush=True)
            if chosen.findings:
                with open(chosen.findings, "a") as file:
                    file.write(finding + "\n")
        if is_done:
            done.add(index)
        if time.monotonic() - shown > INTERVAL:
            shown = time.monotonic()
            so_far = sum(c["statements"] for c in counts.values())
            print(f"{so_far} statements, {so_far / (shown - begun):.0f} a second, {findings} leaks", flush=True)
        if findings >= chosen.leaks:
            break
    return sum(map(collections.Counter, counts.values()), collections.Counter()), findings, time.monotonic() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="each with two clusters and two gateways of its own")
    parser.add_argument("--play", type=int, help="run this play alone")
    parser.add_argument("--leaks", type=int, default=10, help="stop after so many (default: %(default)s)")
    parser.add_argument("--findings", type=pathlib.Path, help="a file that findings are added to")
    chosen = parser.parse_args()
    # What was started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    outbox = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=work, args=(n, chosen, outbox)) for n in range(chosen.workers)]
    for it in workers:
        it.start()
    try:
        counts, findings, seconds = gather(chosen, outbox, workers)
    finally:
        for it in workers:
            it.terminate()
        for it in workers:
            it.join()
    print("\n".join(report(chosen.seed, counts, findings, seconds)))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
