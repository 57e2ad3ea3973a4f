"""Runs random statements on two databases that differ in governed values alone, through a gateway each.

Every byte the client sees must be the same on both: whatever differs tells something of a governed value. No marker of
a governed value may be among them. A share of the plays is also run around the gateways, to say how many of the
statements are valid, and how many would have told the databases apart.
"""

import argparse
import collections
import pathlib
import random
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "Tests" / "IntegrationTests")]

import builtins_of_server  # noqa: E402
from comparison import alike, answers, marked, messages, outcome  # noqa: E402
from grammar import Grammar  # noqa: E402
from pair import Pair  # noqa: E402
from session_plays import DDL, Playwright  # noqa: E402
from values import GOVERNED, SIDES, forms  # noqa: E402
from wire import fields  # noqa: E402

#: Plays between two deals of values, and steps in a play.
PLAYS_A_ROUND, STEPS = 40, 40
#: Shares of the plays that are run around the gateways too, and within which another session changes the schema.
MEASURED, DISTURBED = 0.03, 0.01
#: Seconds after which a gateway has seen what another session did to the schema (`catalogueFreshness`), and a little.
FRESHNESS = 1.2


class Fuzzer:
    """Counts what was run and keeps what told the sides apart."""
    def __init__(self, pair, seed):
        self.pair, self.seed, self.random = pair, seed, random.Random(seed)
        self.playwright = Playwright(self.random, Grammar(self.random, builtins_of_server.read(pair.owners[0])))
        self.sessions, self.around = pair.connect(), pair.connect_around()
        self.measured, self.counts = MEASURED, collections.Counter()
        self.leaks = []
        self.marks = [forms(side) for side in SIDES]

    def run(self, statements, most_leaks):
        """Until so many statements were run, or so many leaks found."""
        plays = 0
        while self.counts["statements"] < statements and len(self.leaks) < most_leaks:
            if plays % PLAYS_A_ROUND == 0:
                self.pair.deal(self.random)
            plays += 1
            self.play(self.playwright.play(STEPS))
            if self.random.random() < DISTURBED:
                self.disturb()

    def play(self, steps):
        if self.random.random() < self.measured:
            return self.measure(steps)
        got = self.ask(self.sessions, steps)
        if got is None:
            self.counts["closed"] += 1
            self.sessions = self.pair.connect()
            return
        self.compare(steps, got)

    def ask(self, sessions, steps):
        """The answers of each side; None when one of them closed."""
        sent = b"".join(step.sent for step in steps)
        try:
            for session in sessions:
                session.send(sent)
            return [answers(session, len(steps)) for session in sessions]
        except (EOFError, ConnectionError):
            for session in sessions:
                session.close()
            return None

    def compare(self, steps, got):
        self.counts["statements"] += len(steps)
        sent = b"".join(step.sent for step in steps)
        for index, (step, left, right) in enumerate(zip(steps, *got)):
            kind = outcome(left)
            self.counts[kind] += 1
            differs = left != right and alike(left) != alike(right)
            mark = marked(left, sent, self.marks[0]) or marked(right, sent, self.marks[1])
            if differs or mark:
                self.leaks.append((steps[:index + 1], left, right, mark))
                break

    def measure(self, steps):
        """Runs the play on all four ways: what the databases themselves answer, beside what their gateways let"
        " through."""
        got = self.ask(self.around, steps)
        if got is None:
            self.around = self.pair.connect_around()
            return
        through = self.ask(self.sessions, steps)
        if through is None:
            self.sessions = self.pair.connect()
            return
        for step, left, right, answer in zip(steps, *got, through[0]):
            self.counts["measured"] += 1
            if outcome(left) != "executed":
                continue
            self.counts["valid"] += 1
            self.counts["valid and executed"] += outcome(answer) == "executed"
            self.counts["telling"] += left != right
            self.counts["telling and executed"] += left != right and outcome(answer) == "executed"
        self.compare(steps, through)

    def disturb(self):
        """Another session changes the schema between two statements of this one, and takes it back."""
        change, undo, statements = self.random.choice(DDL)
        self.play([self.playwright.by_some_path(sql) for sql in statements])
        self.pair.change(change)
        time.sleep(FRESHNESS)
        try:
            self.play([self.playwright.by_some_path(sql) for sql in [*statements, "RESET search_path"]])
        finally:
            self.pair.change(undo)
            time.sleep(FRESHNESS)
        self.play([self.playwright.by_some_path(sql) for sql in statements])


def told(leak):
    """A leak as a person reads it: the statement and where the sides' answers part."""
    steps, left, right, mark = leak
    lines = [f"--- step {len(steps)}: {steps[-1].sql[:1500]}"]
    if mark:
        lines.append(f"    mark {mark!r}")
    for name, answer in (("A", left), ("B", right)):
        shown = [(kind.decode(), fields(body).get("M") if kind in b"EN" else body[:160])
                 for kind, body in messages(answer)]
        lines.append(f"    {name}: {[m for m in shown if m[0] not in '12nT3'][:9]}")
    return "\n".join(lines)


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def report(fuzzer, seconds):
    counts = fuzzer.counts
    yield (f"seed {fuzzer.seed}: {counts['statements']} statements in {seconds:.0f} s,"
           f" {counts['statements'] / seconds:.0f} a second")
    for kind in ("executed", "refused", "failed"):
        yield f"  {kind:10}{counts[kind]:10}  {share(counts[kind], counts['statements'])}"
    yield (f"of {counts['valid']} statements that the database itself executes, the gateway lets"
           f" {share(counts['valid and executed'], counts['valid'])} through;")
    yield (f"{counts['telling']} of them tell the two databases apart around the gateway, and of those"
           f" {share(counts['telling and executed'], counts['telling'])} are let through, masked")
    yield f"leaks: {len(fuzzer.leaks)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--leaks", type=int, default=10, help="stop after so many (default: %(default)s)")
    chosen = parser.parse_args()
    # What was started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with Pair() as pair:
        begun = time.monotonic()
        fuzzer = Fuzzer(pair, chosen.seed)
        fuzzer.run(chosen.statements, chosen.leaks)
        print("\n".join(map(told, fuzzer.leaks)))
        print("\n".join(report(fuzzer, time.monotonic() - begun)))
    return 1 if fuzzer.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
