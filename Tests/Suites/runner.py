"""Runs third-party test suites against a direct connection and through the gateway, and compares them test by test.

Every run has a fresh server. The direct run is the reference: a test that fails there must fail in the same way through
the gateway. When something differs, the direct run is repeated: what differs between two direct runs is flaky and
says nothing about the gateway. Exit status 1: a difference that differences.toml does not list, or a listed one that
did not occur. What was measured is kept in the work folder; --write renders Documentation/compatibility.md from it.
"""

import argparse
import pathlib
import sys
import time

from stage.process import ROOT, Failure

from .comparison import Comparison, differences, known_differences
from .ground import MODES, Ground
from .report import keep, render
from .suites import every_suite


class Runner:
    """Runs suites on one ground; use as a context manager."""

    def __init__(self, work, quick=False, say=print):
        self.work, self.quick, self.say = pathlib.Path(work), quick, say
        self.work.mkdir(parents=True, exist_ok=True)
        self.ground = Ground()
        self.references, self.unstable = {}, {}

    def __enter__(self):
        self.ground.__enter__()
        return self

    def __exit__(self, *failure):
        self.ground.__exit__(*failure)

    def run(self, suite, mode):
        """One run of the suite; what became of each test."""
        begun = time.monotonic()
        with self.ground.endpoint(suite, mode) as endpoint:
            outcomes = suite.run(endpoint, self.work, self.quick)
        counts = ", ".join(
            f"{sum(it.status == status for it in outcomes.values())} {status}"
            for status in sorted({it.status for it in outcomes.values()}))
        self.say(f"{suite.name}: {mode}: {counts or 'no test'} ({time.monotonic() - begun:.0f} s)")
        return outcomes

    def reference(self, suite):
        """The direct run's outcomes, run once."""
        if suite.name not in self.references:
            suite.prepare(self.work)
            self.references[suite.name] = self.run(suite, "direct")
        return self.references[suite.name]

    def flaky(self, suite):
        """Tests that differ between the direct run and another one, run once."""
        if suite.name not in self.unstable:
            found = differences(self.reference(suite), self.run(suite, "direct"))
            self.unstable[suite.name] = {difference.test for difference in found}
        return self.unstable[suite.name]

    def compare(self, suite, mode):
        """The suite through the gateway, beside the direct run."""
        direct = self.reference(suite)
        gateway = self.run(suite, mode)
        known = known_differences(suite.name, mode)
        comparison = Comparison(suite.name, mode, direct, gateway, known)
        if comparison.unexplained or comparison.stale:
            comparison = Comparison(suite.name, mode, direct, gateway, known, self.flaky(suite))
        return comparison


def tell(comparison, say=print):
    """What a person must know of a comparison."""
    head = f"{comparison.suite}: {comparison.mode}"
    for it in comparison.found:
        if it.test in comparison.flaky:
            say(f"{head}: flaky, differs between two direct runs as well: {it.test}")
        elif it.test in comparison.known:
            say(f"{head}: known difference: {it.test}: {comparison.known[it.test].reason}")
    for it in comparison.unexplained:
        say(f"{head}: DIFFERENT: {it.test}: direct {it.direct}, gateway {it.gateway}")
        for line in it.beginning:
            say(f"    {line}")
    for test in comparison.stale:
        say(f"{head}: listed in differences.toml, but did not differ: {test}")
    say(f"{head}: {comparison.same} of {comparison.tests} the same, {len(comparison.unexplained)} unexplained")


def chosen_suites(names):
    """The suites of the given names, in the order they run; all without a name."""
    suites = every_suite()
    unknown = set(names) - {suite.name for suite in suites}
    if unknown:
        raise Failure(f"no suite {', '.join(sorted(unknown))}; there are {', '.join(suite.name for suite in suites)}")
    return [suite for suite in suites if not names or suite.name in names]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], metavar="SUITE", help="only these suites")
    parser.add_argument(
        "--mode", nargs="+", choices=MODES, default=MODES[1:], help="only these (default: both through the gateway)")
    parser.add_argument("--quick", action="store_true", help="the small part of each suite")
    parser.add_argument("--write", action="store_true", help="render Documentation/compatibility.md")
    parser.add_argument(
        "--work", type=pathlib.Path, default=ROOT / ".cache" / "suites", metavar="DIR",
        help="sources, builds, environments and results are kept here (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    if chosen.write and chosen.quick:
        parser.error("--write needs whole suites")
    bad = []
    with Runner(chosen.work.resolve(), chosen.quick) as runner:
        for suite in chosen_suites(chosen.only):
            runner.reference(suite)
            for mode in chosen.mode:
                if mode == "direct":
                    continue
                comparison = runner.compare(suite, mode)
                tell(comparison)
                if not comparison.is_good:
                    bad.append(f"{suite.name} ({mode})")
                if not chosen.quick:
                    keep(chosen.work, suite, comparison)
    if chosen.write:
        (ROOT / "Documentation" / "compatibility.md").write_text(render(chosen.work))
    print(f"suites: {'not good: ' + ', '.join(bad) if bad else 'all good'}")
    return 1 if bad else 0


def run():
    """The command line: a failure of the stage or of a preparation is one line."""
    sys.stdout.reconfigure(line_buffering=True)
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"suites: {failure}")
