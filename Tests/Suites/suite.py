"""What every suite is to the runner: something prepared once, then run against one endpoint at a time."""

import dataclasses
import pathlib

from stage.postgresql import Endpoint

#: What may become of a test.
STATUSES = ("passed", "failed", "skipped", "error")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one test.

    `status` is one of STATUSES. `detail` is for people and may differ between two runs (a message, a duration).
    `output`, where a suite has it, is what the test printed: it is compared byte by byte beside the status.
    """

    status: str
    detail: str = ""
    output: str = ""

    def __post_init__(self):
        if self.status not in STATUSES:
            raise ValueError(f"{self.status} is not a status of a test")


class Suite:
    """A third-party test suite.

    `work` is a folder that is kept between runs: downloads, builds and virtual environments belong there, each suite's
    under its own name. `scratch`, set before each run, is an empty folder at the same path in every run, which the
    database server may read and write, too.
    """

    #: How the command line, the table and the list of known differences call it.
    name: str = ""
    #: Whose tests these are, in one line.
    peers: str = ""
    #: What is tested in which version; known once the suite is prepared.
    version: str = ""
    #: Set by the runner before each run.
    scratch: pathlib.Path

    def prepare(self, work: pathlib.Path):
        """Installs and unpacks what the suite needs, where that was not done before; sets `version`.

        Raises when something cannot be had: a suite that cannot run has failed, it is not skipped.
        """
        raise NotImplementedError

    def settings(self) -> dict[str, str]:
        """Settings the server is started with besides the stage's own."""
        return {}

    def databases(self) -> list[str]:
        """Databases that must exist and be fresh before a run; the endpoint names the first."""
        return ["postgres"]

    def script(self) -> str:
        """SQL that the superuser runs in each of the databases before a run, around the gateway."""
        return ""

    def run(self, endpoint: Endpoint, work: pathlib.Path, quick: bool) -> dict[str, Outcome]:
        """Runs the suite, or with `quick` a small part of it, and tells what became of each test, by its full name."""
        raise NotImplementedError


__all__ = ["STATUSES", "Endpoint", "Outcome", "Suite"]
