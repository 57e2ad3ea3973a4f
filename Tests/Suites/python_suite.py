"""What the suites of Python clients have in common: an sdist unpacked, a virtual environment, pytest in it."""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path, PurePosixPath

from stage.process import Failure

from .debian import install
from .suite import Outcome, Suite

PLUGIN = Path(__file__).resolve().parent / "pytest_plugin"

#: Of the system, as `Scripts/deps` takes it: what happens to be first on the PATH may lack headers or be newer than
#: the wheels.
PYTHON = "/usr/bin/python3"

#: What every environment has besides the suite's own requirements.
PYTEST = ("pytest==9.2.0", "pytest-timeout==2.4.0")

#: Longest a single test may take, in seconds, before pytest ends it.
TEST_LIMIT = 60

#: Longest without any test starting or ending, in seconds, before the run is taken to hang in a way pytest cannot
#: end: it is killed, and goes on after the test it hung in.
SILENCE_LIMIT = 100

#: The same before the first of a run, while pytest starts and looks for tests.
START_LIMIT = 300

#: How often a run is started anew after a hang or a crash.
RESTART_LIMIT = 40


class PythonSuite(Suite):
    """A client's own tests, run by pytest out of its sdist.

    The folder of tests alone is taken from the sdist: beside the package's sources they would import those, not the
    installed package.
    """

    #: The sdist's name in the package index.
    package = ""
    #: What is installed; the package itself, in the sdist's version, is among it.
    requirements = ()
    #: Debian packages without which not even the sdist's description can be made.
    debian_packages = ()
    #: What is kept of the sdist.
    kept = ("tests",)
    #: Files or folders given to pytest, within the kept ones.
    tests = ("tests",)
    #: Those of the quick run.
    quick_tests = ()
    #: Tests left out in every mode, with the reason: they say nothing about the server's answers.
    left_out = {}

    def folder(self, work):
        return Path(work) / f"{self.package}-{self.version}"

    def prepare(self, work):
        folder = self.folder(work)
        wanted = "\n".join([*PYTEST, *self.requirements, *self.kept])
        stamp = folder / "prepared"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install("python3-venv", *self.debian_packages)
        run(PYTHON, "-m", "venv", folder / "venv")
        pip = (folder / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "-q")
        run(*pip, "install", "--prefer-binary", *PYTEST, *self.requirements)
        with tempfile.TemporaryDirectory() as download:
            run(*pip, "download", "--no-deps", "--no-binary", self.package, "-d", download,
                f"{self.package}=={self.version}")
            (archive,) = Path(download).iterdir()
            unpack(archive, self.kept, folder / "source")
        if "pyproject.toml" not in self.kept:
            # Without one, pytest goes up and takes the project's own.
            (folder / "source" / "pytest.ini").write_text("[pytest]\n")
        stamp.write_text(wanted)

    def environment(self, endpoint):
        """The variables by which the tests find their server."""
        return {
            "PGHOST": endpoint.host, "PGPORT": str(endpoint.port), "PGUSER": endpoint.user,
            "PGPASSWORD": endpoint.password, "PGDATABASE": endpoint.database,
        }

    def arguments(self, endpoint):
        """Further arguments of pytest."""
        return ()

    def run(self, endpoint, work, quick):
        folder = self.folder(work)
        with tempfile.TemporaryDirectory(prefix="weir-suite-") as scratch:
            lines = Path(scratch) / "outcomes"
            lines.touch()
            command = [
                folder / "venv" / "bin" / "python", "-m", "pytest", "-q", "--no-header", "--tb=short",
                "-p", "no:cacheprovider", "-p", "outcome_lines", "--timeout", TEST_LIMIT,
                "--continue-on-collection-errors", "--maxfail=0",
                *(part for test in self.left_out for part in ("--deselect", test)),
                *self.arguments(endpoint), *(self.quick_tests if quick else self.tests),
            ]
            inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
            environment = {
                **inherited, **self.environment(endpoint), "OUTCOME_LINES": str(lines), "PYTHONPATH": str(PLUGIN),
                "PYTHONDONTWRITEBYTECODE": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8",
            }
            return watch(command, folder / "source", environment, lines)


def watch(command, folder, environment, lines):
    """Runs pytest to its end, over the tests it hangs or crashes in; returns the outcomes by node id."""
    outcomes, told = {}, ""
    for _ in range(RESTART_LIMIT):
        begun = lines.stat().st_size
        with open(lines.with_name("output"), "w+") as output:
            handle = subprocess.Popen(
                [str(part) for part in command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )
            hung = not wait(handle, lines)
            output.seek(0)
            told = output.read()[-4000:]
        running, before = None, len(outcomes)
        for line in lines.read_text()[begun:].splitlines():
            said = json.loads(line)
            running = said["test"] if "status" not in said else None
            if "status" in said:
                outcomes[said["test"]] = Outcome(said["status"], said["detail"])
        if running is not None:
            outcomes[running] = Outcome("error", "hung" if hung else f"ended pytest: {told}")
        elif handle.returncode in (0, 1, 5) or len(outcomes) == before:
            break
    if not outcomes:
        raise Failure(f"pytest ran no test:\n{told}")
    return outcomes


def wait(handle, lines):
    """Waits for the end; kills the process when it has been silent for too long. Returns whether it ended itself."""
    size, since, limit = lines.stat().st_size, time.monotonic(), START_LIMIT
    while True:
        try:
            handle.wait(timeout=1)
            return True
        except subprocess.TimeoutExpired:
            pass
        if lines.stat().st_size != size:
            size, since, limit = lines.stat().st_size, time.monotonic(), SILENCE_LIMIT
        elif time.monotonic() - since > limit:
            handle.kill()
            handle.wait()
            return False


def unpack(archive, kept, target):
    """Takes the kept files and folders out of an sdist, whose members all stand in one folder."""
    with tarfile.open(archive) as sdist:
        for member in sdist:
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            if member.isfile() and ".." not in path.parts and any(path.is_relative_to(part) for part in kept):
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                (target / path).write_bytes(sdist.extractfile(member).read())
    for part in kept:
        if not (target / part).exists():
            raise Failure(f"{archive.name} holds no {part}")


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
