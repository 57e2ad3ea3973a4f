"""asyncpg's own tests, against a server that is already running."""

from .python_suite import PythonSuite


class Asyncpg(PythonSuite):
    name = "asyncpg"
    version = "0.32.0"
    peers = "asyncpg's own tests: the extended protocol in binary, by a client of its own"
    package = "asyncpg"
    requirements = (f"asyncpg=={version}", "distro==1.9.0", "uvloop>=0.23")
    quick_tests = tuple(
        f"tests/test_{part}.py" for part in ("cancellation", "cursor", "execute", "listeners", "transaction"))
    left_out = {
        "tests/test__sourcecode.py": "looks at asyncpg's sources",
        **{
            f"tests/test_connect.py::TestConnectionAttributes::{test}": "starts servers of its own"
            for test in (
                "test_prefer_standby_picks_master_when_standby_is_down", "test_prefer_standby_when_standby_is_up",
                "test_rejected_standby_is_terminated_before_primary", "test_target_attribute_not_matched",
                "test_target_server_attribute_port")
        },
    }