"""The SQL tests of PostgreSQL's extensions and of PL/pgSQL, each in a database of its own."""

import dataclasses
import pathlib
import re

from .debian import client_programs, config, install, postgresql_source
from .pgregress import DATABASE_SCRIPT, PgRegress
from .suite import Suite

#: Modules that need what a fresh server has not: a library loaded at its start, SELinux, an account to log in with.
LEFT_OUT = {"auto_explain", "basic_archive", "dblink", "pg_stat_statements", "postgres_fdw", "sepgsql"}

#: The small part.
QUICK = {"citext", "hstore", "plpgsql"}


class Contrib(Suite):
    name = "contrib"
    peers = "PostgreSQL's tests of its extensions, `contrib`, and of PL/pgSQL"

    def prepare(self, work):
        install("postgresql-contrib")
        source, self.version = postgresql_source(work)
        self.programs = client_programs(self.version, work)
        folders = [*sorted((source / "contrib").iterdir()), source / "src" / "pl" / "plpgsql" / "src"]
        self.modules = {it.name if it.name != "src" else "plpgsql": it for it in folders if self.is_testable(it)}

    def is_testable(self, folder):
        """Whether the module has SQL tests, is installed and needs nothing special."""
        if folder.name in LEFT_OUT or not (folder / "sql").is_dir() or not tests(folder):
            return False
        extensions = pathlib.Path(config("sharedir")) / "extension"
        needed = re.findall(r"(?im)^create extension (?:if not exists )?\"?([\w-]+)", "".join(
            file.read_text(errors="replace") for file in (folder / "sql").glob("*.sql")))
        return all((extensions / f"{name}.control").exists() for name in needed)

    def databases(self):
        return [f"contrib_regression_{name}" for name in self.modules]

    def script(self):
        return DATABASE_SCRIPT

    def run(self, endpoint, work, quick):
        outcomes = {}
        for name, folder in self.modules.items():
            if quick and name not in QUICK:
                continue
            regress = PgRegress("regress/pg_regress", folder, self.programs, self.scratch / name)
            database = dataclasses.replace(endpoint, database=f"contrib_regression_{name}")
            found = regress.run(database, *tests(folder))
            outcomes |= {f"{name}: {test}": outcome for test, outcome in found.items()}
        return outcomes


def tests(folder):
    """The tests that the module's Makefile names."""
    makefile = folder / "Makefile"
    text = makefile.read_text().replace("\\\n", " ") if makefile.exists() else ""
    named = " ".join(re.findall(r"(?m)^REGRESS\s*\+?=(.*)$", text))
    return [name for name in named.split() if (folder / "sql" / f"{name}.sql").exists()]
