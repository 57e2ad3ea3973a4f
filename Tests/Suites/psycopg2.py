"""psycopg2's own tests: libpq under its synchronous and asynchronous interfaces."""

from .python_suite import PythonSuite


class Psycopg2(PythonSuite):
    name = "psycopg2"
    version = "2.9.13"
    peers = "psycopg2's own tests, over libpq"
    package = "psycopg2"
    debian_packages = ("libpq-dev",)
    requirements = (f"psycopg2-binary=={version}",)
    quick_tests = tuple(
        f"tests/test_{part}.py" for part in ("copy", "cursor", "lobject", "transaction"))

    def databases(self):
        return ["psycopg2_test"]

    def script(self):
        return "CREATE EXTENSION hstore"

    def environment(self, endpoint):
        return {
            **super().environment(endpoint), "PSYCOPG2_TESTDB": endpoint.database,
            "PSYCOPG2_TESTDB_HOST": endpoint.host, "PSYCOPG2_TESTDB_PORT": str(endpoint.port),
            "PSYCOPG2_TESTDB_USER": endpoint.user, "PSYCOPG2_TESTDB_PASSWORD": endpoint.password,
        }
