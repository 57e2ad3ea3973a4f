"""What was measured, kept beside the suites and rendered as Documentation/compatibility.md."""

import json
import subprocess

from stage.postgresql import installation
from stage.process import ROOT

from .ground import MODES
from .suites import every_suite

HEAD = """\
# Compatibility

What follows was measured, not claimed: test suites of PostgreSQL and of its clients, run against a direct connection
and through the gateway, each time on a fresh server, and compared test by test. `make suites` does it again and fails
when a test differs that is not listed here; `make suites ONLY="regression psycopg" MODE=transparent` does a part of
it. This page is rendered by `Scripts/suites --write`; the reasons are in `Tests/Suites/differences.toml`.

* **transparent**: a `DatabaseConnection` and nothing else.
* **unrelated**: a `MaskingPolicy` besides, over a table that no suite touches, and `hiddenCode: Pass`.

"The same" means the same verdict; for PostgreSQL's own suites also the same output, byte by byte. A test that fails
on a direct connection must fail the same way through the gateway. *Flaky* tests differ between two direct runs as
well.

psycopg 3's own tests are in no archive that this can be run from: its sdist leaves them out. What stands for it are
SQLAlchemy's tests by psycopg, and those of Weir in `Tests/IntegrationTests/test_psycopg.py`.
"""


def keep(work, suite, comparison):
    """Keeps the figures of one comparison for `render`, and every difference whole."""
    folder = work / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"{suite.name}-{comparison.mode}.diff").write_text(
        "".join(f"==== {it.test}: direct {it.direct}, gateway {it.gateway}\n{it.text}\n" for it in comparison.found))
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    (folder / f"{suite.name}-{comparison.mode}.json").write_text(json.dumps({
        "version": suite.version, "peers": suite.peers, "commit": commit.stdout.strip(), "tests": comparison.tests,
        "same": comparison.same,
        "differences": [
            {
                "test": it.test, "direct": it.direct, "gateway": it.gateway,
                "reason": "flaky: differs between two direct runs" if it.test in comparison.flaky
                else comparison.known[it.test].reason if it.test in comparison.known else "unexplained",
            } for it in comparison.found
        ],
    }, indent=1))


def render(work):
    """The page, from the newest kept figures of every suite."""
    server = installation().programs / "postgres"
    version = subprocess.run([server, "--version"], capture_output=True, text=True).stdout.strip()
    lines = [
        HEAD, f"Server: {version}.", "",
        "| suite | is | version | mode | tests | the same | different | commit |",
        "| --- | --- | --- | --- | ---: | ---: | ---: | --- |",
    ]
    details = []
    for suite in every_suite():
        for mode in MODES[1:]:
            file = work / "results" / f"{suite.name}-{mode}.json"
            if not file.exists():
                lines.append(f"| {suite.name} | {suite.peers} | | {mode} | not measured | | | |")
                continue
            kept = json.loads(file.read_text())
            found = kept["differences"]
            lines.append(
                f"| {suite.name} | {kept['peers']} | {kept['version']} | {mode} | {kept['tests']} | {kept['same']} "
                f"| {len(found)} | {kept['commit']} |")
            if found:
                details += ["", f"## {suite.name}, {mode}", "", "| test | direct | gateway | reason |"]
                details += ["| --- | --- | --- | --- |"]
                details += [
                    f"| `{escaped(it['test'])}` | {it['direct']} | {it['gateway']} | {escaped(it['reason'])} |"
                    for it in found
                ]
    return "\n".join([*lines, *details, ""])


def escaped(text):
    """A cell of a table."""
    return text.replace("|", "\\|")
