"""What the chapters share: the stage, the people in it and the secrets that must not come through."""

import dataclasses
import pathlib

from stage.local_operator import LocalOperator
from stage.postgresql import CLINIC_SQL, Endpoint
from stage.process import ROOT, wait_until
from stage.provider import Provider
from stage.stage import Stage

from .transcript import Transcript, psql_line, quoted

#: Who owns the database; what the gateway logs in as. Nobody else is given its password.
OWNER = "clinic_app"
#: What Manifests/demo has for the provider's address.
ISSUER = "http://localhost:9400"


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a program printed, and whether its exit status was 0."""

    text: str
    went_well: bool


@dataclasses.dataclass
class World:
    """One clinic with its gateway."""

    stage: Stage
    transcript: Transcript
    direct: Endpoint
    analyst: Endpoint
    privacy: Endpoint
    #: Every governed value that may not appear in what anybody but the privacy office reads.
    secrets: frozenset
    #: Signs the tokens of people and jobs.
    provider: Provider
    #: Asks people for approval.
    operator: LocalOperator

    @classmethod
    def build(cls, stage, transcript):
        """Starts everything the tour needs."""
        stage.start_postgresql()
        password = stage.postgresql.ensure_role(OWNER)
        stage.postgresql.ensure_database("clinic", owner=OWNER)
        direct = stage.postgresql.endpoint("clinic", OWNER, password)
        direct.script(CLINIC_SQL)
        stage.start_sink()
        provider = stage.add(Provider(stage.folder))
        gateway = stage.gateway(
            ROOT / "Manifests" / "demo", users=["analyst", "privacy"], credential=(OWNER, password),
            options=["--user-groups", "analyst=analysts", "--user-groups", "privacy=privacy-office"],
        )
        connection = gateway.manifests / "connection.yaml"
        connection.write_text(connection.read_text().replace(ISSUER, provider.url))
        operator = stage.add(LocalOperator(stage.folder, gateway.manifests, groups=["dba=ana,ben"]))
        gateway.process.command += map(str, operator.gateway_options)
        gateway.start()
        wait_until(lambda: "configuration stream is open" in gateway.log.read_text(), "the gateway has no operator")
        return cls(
            stage, transcript, direct, gateway.endpoint("analyst"), gateway.endpoint("privacy"), governed(direct),
            provider, operator)

    def psql(self, endpoint, *arguments, stdin=None):
        """Runs psql, prints the command and what it answered, and returns that and whether all went well."""
        done = endpoint.psql(*arguments, stdin=stdin, merged=True)
        self.transcript.show(psql_line(endpoint, *arguments), done.stdout)
        return Answer(done.stdout, done.returncode == 0)

    def both(self, sql, titles=("direct to the database", "through Weir, as an analyst")):
        """The same statement on both sides, shown beside each other."""
        left, right = (
            Answer(done.stdout, done.returncode == 0)
            for done in (endpoint.psql("-c", sql, merged=True) for endpoint in (self.direct, self.analyst)))
        print(f"\n  $ psql ... -c \"{sql}\"", flush=True)
        self.transcript.side_by_side(titles[0], left.text, titles[1], right.text)
        return left, right

    def secrets_in(self, text):
        """The governed values a text holds."""
        return [secret for secret in self.secrets if secret in text]

    def weirctl(self, *arguments):
        """Runs weirctl and prints the command and its output."""
        done = self.stage.weirctl(*arguments)
        line = " ".join(["weirctl", *(self.shorten(str(a)) for a in arguments)])
        self.transcript.show(line, self.shorten(done.stdout + done.stderr))
        return Answer(done.stdout + done.stderr, done.returncode == 0)

    def approvals(self, person, *arguments):
        """Runs `weirctl approvals` as somebody who has a token of the operator."""
        done = self.operator.weirctl(person, *arguments)
        text = done.stdout + done.stderr
        self.transcript.show(f"weirctl approvals {' '.join(map(quoted, arguments))}   # {person}", text)
        return Answer(text, done.returncode == 0)

    def shorten(self, text):
        """Paths of the throwaway folder, as a reader wants them."""
        return text.replace(str(self.stage.folder) + "/", "").replace(str(pathlib.Path(ROOT)) + "/", "")


def governed(direct):
    """Names, numbers and addresses of every patient; not what a mask is meant to leave."""
    rows = direct.psql("-At", "-c", "SELECT name, ssn, phone, email, mrn FROM patients", timeout=60).stdout
    return frozenset(value for row in rows.splitlines() for value in row.split("|"))
