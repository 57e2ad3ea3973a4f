"""Two runs of a suite beside each other, and what of their differences is known."""

import dataclasses
import difflib
import pathlib
import tomllib

HERE = pathlib.Path(__file__).resolve().parent

#: Lines of a difference shown to people.
SHOWN_LINES = 40


@dataclasses.dataclass(frozen=True)
class Known:
    """A line of differences.toml, for one test."""

    reason: str
    #: Whether a run may also go without it.
    sometimes: bool = False


@dataclasses.dataclass(frozen=True)
class Difference:
    """A test whose outcome is not that of the direct run."""

    test: str
    direct: str
    gateway: str
    #: Unified difference of the outputs, or the details of both.
    text: str

    @property
    def beginning(self):
        """What of `text` is shown to people."""
        lines = self.text.splitlines()
        return [line[:400] for line in lines[:SHOWN_LINES]] + (["..."] if len(lines) > SHOWN_LINES else [])


def known_differences(suite, mode, file=HERE / "differences.toml"):
    """The listed differences of the suite in the mode, by test."""
    found = {}
    for entry in tomllib.loads(file.read_text()).get("difference", []):
        unknown = entry.keys() - {"suite", "modes", "tests", "reason", "sometimes"}
        if unknown:
            raise ValueError(f"{file.name}: unknown field {', '.join(sorted(unknown))}")
        if entry["suite"] == suite and mode in entry["modes"]:
            for test in entry["tests"]:
                if test in found:
                    raise ValueError(f"{file.name}: {suite} {test} is listed twice for {mode}")
                found[test] = Known(entry["reason"], entry.get("sometimes", False))
    return found


def differences(direct, gateway):
    """Every test that did not end the same way, in the order of the direct run."""
    found = []
    for test in [*direct, *(test for test in gateway if test not in direct)]:
        one, other = direct.get(test), gateway.get(test)
        if one and other and (one.status, one.output) == (other.status, other.output):
            continue
        found.append(Difference(
            test, one.status if one else "not run", other.status if other else "not run", explained(one, other)))
    return found


def explained(one, other):
    """What a person wants to see of two different outcomes."""
    if one and other and one.output != other.output:
        lines = difflib.unified_diff(
            one.output.splitlines(), other.output.splitlines(), "direct", "gateway", n=2, lineterm="")
    else:
        lines = [
            *(f"direct: {line}" for line in (one.detail if one else "").splitlines()),
            *(f"gateway: {line}" for line in (other.detail if other else "").splitlines()),
        ]
    return "\n".join(lines)


@dataclasses.dataclass
class Comparison:
    """A suite in one mode beside the direct run, judged by the list of known differences.

    `flaky` are tests that differed between two direct runs: they tell nothing about the gateway.
    """

    suite: str
    mode: str
    tests: int
    same: int
    found: list[Difference]
    known: dict[str, Known]
    flaky: set[str]
    #: Listed, run, and the same as direct.
    stale: list[str]

    def __init__(self, suite, mode, direct, gateway, known, flaky=()):
        self.suite, self.mode, self.known, self.flaky = suite, mode, known, set(flaky)
        self.tests = len(direct.keys() | gateway.keys())
        self.found = differences(direct, gateway)
        self.same = self.tests - len(self.found)
        differing = {difference.test for difference in self.found}
        self.stale = [
            test for test, it in known.items()
            if test in direct and test not in differing and test not in self.flaky and not it.sometimes
        ]

    @property
    def unexplained(self):
        """Differences that are neither listed nor flaky."""
        return [it for it in self.found if it.test not in self.known and it.test not in self.flaky]

    @property
    def is_good(self):
        return not self.unexplained and not self.stale and self.tests > 0
