"""What judging a statement costs, new and known, over what ORMs send to the clinic of the usability suite."""

import json
import statistics
import subprocess
import sys

from stage.process import Failure, ROOT, program

sys.path.insert(0, str(ROOT / "Tests" / "Usability"))

import orm_sqlalchemy  # noqa: E402
from ground import Ground  # noqa: E402
from sqlalchemy.dialects.postgresql import asyncpg  # noqa: E402
from statements import families  # noqa: E402


def costs():
    """Rows of the table: for each family the median and the most, in microseconds."""
    with Ground() as ground:
        for family, texts in (("Hibernate", hibernate()), ("SQLAlchemy", sqlalchemy())):
            times = [judged(ground, text) for text in texts]
            for kind in ("new", "known"):
                values = [it[kind] for it in times if it]
                yield (f"judging {len(values)} {kind} statements of {family}: median (most) in microseconds",
                       f"{statistics.median(values):.2f} ({max(values):.2f})")


def hibernate():
    return [statement.sql for statement in families()["hibernate"]]


def sqlalchemy():
    """As asyncpg sends them, with `$1` for the first parameter."""
    return [str(statement.compile(dialect=asyncpg.dialect())) for statement in orm_sqlalchemy.reading(None)]


def judged(ground, text):
    """None where it takes a question to the database each time."""
    values = ground.playground.values
    done = subprocess.run(
        [program("weirctl"), "explain", "--connection", "clinic", "--as", "application",
         "--manifests", values["MANIFESTS"], "--secrets", values["SECRETS"], "--timing", "-o", "json", "--", text],
        capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise Failure(f"weirctl explain: {done.stderr}")
    return json.loads(done.stdout).get("judgingMicroseconds")
