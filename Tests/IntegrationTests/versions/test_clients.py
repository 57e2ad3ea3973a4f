"""psql and pg_dump of each version, with their own catalogue queries, against a server of the same version."""

import re

import pytest
from stage.postgresql import installation

COMMANDS = [
    r"\d", r"\d+", r"\d patients", r"\d+ patients", r"\d+ visits", r"\d+ stored", r"\d+ numbered", r"\d+ events",
    r"\d+ events_low", r"\d+ directory", r"\d+ snapshot", r"\d+ former_patients", r"\d+ other.things",
    r"\d other.things_pkey", r"\d pair", r"\dt+", r"\dt *.*", r"\di+", r"\dv+", r"\dm+", r"\ds+", r"\df+ added",
    r"\df pg_catalog.array*", r"\da", r"\dn+", r"\du+", r"\dg", r"\l", r"\dx+", r"\dp", r"\ddp", r"\dT+", r"\dD+",
    r"\dC", r"\do", r"\dd", r"\db", r"\dO", r"\dL", r"\dF", r"\dFd", r"\dFp", r"\dy", r"\dA+",
    r"\dAc", r"\dAf", r"\dAo", r"\dAp", r"\dP+", r"\dPn+", r"\dRp+", r"\dRs", r"\det+", r"\sf added", r"\sv directory",
    r"\z visits", r"\encoding",
]
SINCE = {14: [r"\dX"], 15: [r"\dconfig work_mem"], 16: [r"\drg"]}


def test_backslash_commands_show_the_same(world):
    commands = COMMANDS + [command for since, later in SINCE.items() if world.version >= since for command in later]
    script = "".join(f"\\echo == {command[1:]}\n{command}\n" for command in commands)
    expected, got = (
        re.split(r"(?m)^== ", side.psql("-f", "-", stdin=script, merged=True, **world.clients).stdout)[1:]
        for side in (world.direct, world.gateway))
    assert len(expected) == len(commands)
    for command, mine, other in zip(commands, got, expected):
        assert mine == other, command
        assert "ERROR" not in other and "nvalid" not in other and other.count("\n") > 1, command


@pytest.mark.parametrize("command, secret, shown", [
    (r"\dew+", "", "postgres_fdw"), (r"\des+", "db.secret.example", "elsewhere"), (r"\deu+", "hunter2", "elsewhere"),
])
def test_a_listing_of_foreign_servers_hides_their_options(world, command, secret, shown):
    expected, got = (side.psql("-c", command, **world.clients) for side in (world.direct, world.gateway))
    assert secret in expected.stdout and shown in expected.stdout
    assert got.returncode == 0 and shown in got.stdout and "[redacted]" in got.stdout, got.stderr
    assert not secret or secret not in got.stdout


def dump(side, world, *arguments):
    done = side.run(["pg_dump", "--schema-only", *arguments], **world.clients)
    assert done.returncode == 0, done.stderr
    # Newer minor versions guard a dump by words made up for each.
    return re.sub(r"(?m)^\\(un)?restrict .*$", "", done.stdout)


@pytest.mark.parametrize("arguments", [("-n", "other"), ("-t", "visits"), ("-n", "public", "--no-owner")], ids=str)
def test_a_dump_of_a_schema_is_the_same(world, arguments):
    expected, got = (dump(side, world, *arguments) for side in (world.direct, world.gateway))
    assert got == expected and "CREATE TABLE" in expected


def test_a_whole_dump_differs_in_the_options_of_foreign_servers_alone(world):
    expected, got = (dump(side, world) for side in (world.direct, world.gateway))
    assert "hunter2-secret" in expected and "hunter2-secret" not in got and "db.secret.example" not in got
    options = re.compile(r"(?s)(CREATE (?:SERVER|USER MAPPING) [^;]*? OPTIONS \().*?\);")
    assert options.sub(r"\1);", got) == options.sub(r"\1);", expected)
    assert "OPTIONS (\n    [redacted]\n)" in got


def test_a_dump_with_data_of_what_nobody_governs_is_the_same(world):
    arguments = ("--no-owner", "-t", "departments", "-t", "numbered", "-t", "other.things")
    expected, got = (
        side.run(["pg_dump", *arguments], **world.clients) for side in (world.direct, world.gateway))
    assert got.returncode == expected.returncode == 0, got.stderr
    assert [line for line in got.stdout.splitlines() if "restrict" not in line] == [
        line for line in expected.stdout.splitlines() if "restrict" not in line]
    assert "Cardiology" in expected.stdout


def test_a_dump_of_governed_data_holds_masks(world):
    done = world.gateway.run(["pg_dump", "--data-only", "-t", "stored", "-t", "patients"], **world.clients)
    assert done.returncode == 0, done.stderr
    assert "\t[redacted]\t*******7919\t1946-01-01\t" in done.stdout and "937-14-7919" not in done.stdout


PIPELINE = r"""
SELECT $1::int + 1 \bind 4 \g
SELECT id, insurer FROM patients WHERE id = $1 \parse named
\bind_named named 1 \g
\startpipeline
SELECT 1 \bind \sendpipeline
SELECT count(*) FROM visits WHERE id < $1 \bind 5 \sendpipeline
\syncpipeline
SELECT 1/0 \bind \sendpipeline
SELECT 2 \bind \sendpipeline
\flushrequest
\getresults 1
\endpipeline
\close_prepared named
"""


def test_pipelines_of_psql_18_show_the_same(world):
    clients = installation(18).environment
    expected, got = (
        side.psql("-f", "-", stdin=PIPELINE, merged=True, **clients).stdout for side in (world.direct, world.gateway))
    assert got == expected and "Mutual" in got and "division by zero" in got
