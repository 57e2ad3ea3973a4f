"""pg_regress and its sister for isolation tests: run, and read."""

import pathlib
import re
import shutil
import subprocess

from .debian import config
from .suite import Outcome

#: What pg_regress does to a database that it makes itself.
DATABASE_SCRIPT = r"""
SELECT format('ALTER DATABASE %I SET %I TO %L', current_database(), name, value)
FROM (VALUES ('lc_messages', 'C'), ('lc_monetary', 'C'), ('lc_numeric', 'C'), ('lc_time', 'C'), ('bytea_output', 'hex'),
    ('timezone_abbreviations', 'Default')) AS settings (name, value) \gexec
"""

#: `test boolean                      ... ok          120 ms`, in a group without `test`.
VERDICT = re.compile(r"(?m)^(?:test |  +)(\S+) +\.\.\. (ok|FAILED|failed \(ignored\))")

#: Seconds until a whole schedule counts as stuck.
LIMIT = 3000


class PgRegress:
    """One run of a program of the pg_regress kind over a folder of tests.

    `tests` is copied into `scratch`, since the server itself reads data there and writes results. `programs` is the
    folder of the psql used.
    """

    def __init__(self, program, tests: pathlib.Path, programs: pathlib.Path, scratch: pathlib.Path, modules=()):
        self.programs = programs
        self.program = pathlib.Path(config("pgxs")).parent.parent / "test" / program
        self.inputs, self.outputs = scratch / "tests", scratch / "outputs"
        shutil.copytree(tests, self.inputs, symlinks=False)
        for module in modules:
            shutil.copy(module, self.inputs)
        for folder in (self.outputs, self.outputs / "results"):
            folder.mkdir()
            folder.chmod(0o777)

    def run(self, endpoint, *options):
        """Runs it against the endpoint's database; each test's verdict, with its output."""
        command = [
            # Some tests read `data/...`.
            "env", "-C", self.inputs, self.program, f"--inputdir={self.inputs}", f"--outputdir={self.outputs}",
            f"--dlpath={self.inputs}", f"--bindir={self.programs}", f"--host={endpoint.host}",
            f"--port={endpoint.port}", f"--user={endpoint.user}", f"--dbname={endpoint.database}", "--use-existing",
            "--max-concurrent-tests=20", *options,
        ]
        try:
            said = endpoint.run([str(part) for part in command], timeout=LIMIT, merged=True).stdout
        except subprocess.TimeoutExpired as expired:
            said = (expired.stdout or b"").decode(errors="replace")
        outcomes = {}
        for test, verdict in VERDICT.findall(said):
            # Several expected outputs: the one in `results` is what came.
            result = self.outputs / "results" / f"{test}.out"
            output = result.read_text(errors="backslashreplace") if result.exists() else ""
            outcomes[test] = Outcome("passed" if verdict == "ok" else "failed", verdict, output)
        if not outcomes:
            raise RuntimeError(f"{self.program.name} ran no test:\n{said[-2000:]}")
        return outcomes
