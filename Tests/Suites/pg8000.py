"""pg8000's own tests."""

from .python_suite import PythonSuite


class Pg8000(PythonSuite):
    name = "pg8000"
    version = "1.31.6"
    peers = "pg8000's own tests: the extended protocol in text, in pure Python"
    package = "pg8000"
    requirements = (f"pg8000=={version}", "pytest-mock", "pytest-benchmark", "pytz")
    kept = ("test",)
    tests = ("test",)
    quick_tests = (
        *(f"test/legacy/test_{part}.py" for part in ("copy", "error_recovery", "prepared_statement", "query")),
        "test/dbapi/test_dbapi20.py",
    )
    left_out = {
        "test/test_readme.py": "connects to port 5432 of this machine, whatever it is told",
    }

    def script(self):
        return "CREATE EXTENSION hstore"

    def arguments(self, endpoint):
        return ("--benchmark-disable",)
