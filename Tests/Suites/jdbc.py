"""The PostgreSQL JDBC driver, played through by a program of ours.

The driver's own tests are not in Debian's binary package, and not every mirror keeps the tarball of its source package:
so these checks are Weir's, over the unchanged driver.
"""

import re
import subprocess

from .debian import install, run
from .ground import HERE
from .suite import Outcome, Suite

#: Debian's driver.
DRIVER = "/usr/share/java/postgresql.jar"

#: `== types in results [binary at once]: passed`, after the lines the check wrote.
VERDICT = re.compile(r"== (.+): (passed|failed)")

#: Seconds until the program counts as stuck; each check has a limit of its own.
LIMIT = 1800


class JDBC(Suite):
    name = "jdbc"
    peers = "PostgreSQL's JDBC driver, under checks of Weir's own in ten configurations of the driver"

    def prepare(self, work):
        install("default-jdk-headless", "libpostgresql-jdbc-java")
        self.version = run(["dpkg-query", "-W", "-f=${Version}", "libpostgresql-jdbc-java"])
        self.classes = work / "jdbc"
        run(["javac", "-cp", DRIVER, "-d", self.classes, *sorted((HERE / "java").glob("*.java"))])

    def databases(self):
        return ["jdbc"]

    def run(self, endpoint, work, quick):
        url = f"jdbc:postgresql://{endpoint.host}:{endpoint.port}/{endpoint.database}"
        command = [
            "java", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "-cp", f"{DRIVER}:{self.classes}", "DriverCheck", url]
        try:
            said = endpoint.run([*command, *(["default"] if quick else [])], timeout=LIMIT, merged=True).stdout
        except subprocess.TimeoutExpired as expired:
            said = (expired.stdout or b"").decode(errors="replace")
        outcomes, lines = {}, []
        for line in said.splitlines():
            if verdict := VERDICT.fullmatch(line):
                outcomes[verdict[1]] = Outcome(verdict[2], "\n".join(lines[-5:]), "\n".join(lines))
                lines = []
            else:
                lines.append(line)
        if lines:
            outcomes["the end"] = Outcome("failed", "\n".join(lines[-20:]))
        return outcomes
