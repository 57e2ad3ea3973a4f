"""SQLAlchemy's tests of its PostgreSQL dialect, and of what every dialect must do, by each driver."""

from urllib.parse import quote

from .python_suite import PythonSuite

#: As SQLAlchemy's database URLs call them, and what to install for each.
DRIVERS = {
    "psycopg": "psycopg[binary]==3.3.9",
    "psycopg2": "psycopg2-binary==2.9.13",
    "asyncpg": "asyncpg==0.32.0",
    "pg8000": "pg8000==1.31.6",
}


class SQLAlchemy(PythonSuite):
    version = "2.1.9"
    package = "SQLAlchemy"
    kept = ("lib", "test", "setup.cfg", "pyproject.toml")
    tests = ("test/dialect/postgresql", "test/dialect/test_suite.py")
    quick_tests = ("test/dialect/postgresql/test_query.py", "test/dialect/postgresql/test_on_conflict.py")
    left_out = {"test/dialect/postgresql/test_compiler.py": "compares texts, without a server"}

    def __init__(self, driver):
        self.driver = driver
        self.name = f"sqlalchemy-{driver}"
        self.peers = f"SQLAlchemy's dialect and compliance tests, by {driver}"
        self.requirements = ("greenlet>=1", "typing-extensions>=4.6", DRIVERS[driver])

    def folder(self, work):
        return super().folder(work).with_name(f"{self.name}-{self.version}")

    def databases(self):
        return [f"test_{self.driver}"]

    def script(self):
        """What README.unittests has one make before, and the collation that the container it speaks of has."""
        return """
            CREATE SCHEMA test_schema; CREATE SCHEMA test_schema_2; CREATE EXTENSION hstore; CREATE EXTENSION citext;
            CREATE COLLATION "en_US" (provider = icu, locale = 'en-US');
        """

    def arguments(self, endpoint):
        who = f"{quote(endpoint.user, safe='')}:{quote(endpoint.password, safe='')}"
        return ("--dburi", f"postgresql+{self.driver}://{who}@{endpoint.host}:{endpoint.port}/{endpoint.database}")
