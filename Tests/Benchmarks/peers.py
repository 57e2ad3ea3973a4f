"""What is measured beside each other: no proxy, pgbouncer, and Weir, all in front of the same database."""

import os
import pathlib
import shutil
import subprocess

from stage.postgresql import Endpoint
from stage.process import Process, ROOT, free_port

TICKS = os.sysconf("SC_CLK_TCK")

#: Both tables have the same six columns and rows; only one of them is governed, in one column.
TABLES = """
CREATE TABLE free (id int, mrn text, ssn text, department text, seen timestamptz, note text);
INSERT INTO free
SELECT n, 'MRN-' || n, format('9%s-%s-%s', lpad((n % 100)::text, 2, '0'), 10 + n % 39, 1000 + n % 9000),
    'Department ' || n % 12, timestamptz '2026-01-01' + make_interval(mins => n), repeat('note ', 20)
FROM generate_series(1, 400000) n;
CREATE TABLE governed AS TABLE free;
CREATE TABLE patients (id int, name text, email text, phone text);
"""


class Peer:
    """A way to the database; `process` is what stands in it, None for nothing."""

    def __init__(self, name, endpoint, process=None):
        self.name, self.endpoint, self.process = name, endpoint, process

    def cpu(self):
        """Seconds of CPU its process has used so far, user and system, all threads."""
        if not self.process:
            return 0.0
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident(self, kind="VmRSS"):
        """KiB of memory its process holds; `RssAnon` for what it does not share with its program's file."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith(kind)))


def prepare(stage):
    """The database with pgbench's tables and ours; returns the role everybody logs in to it with."""
    password = stage.postgresql.ensure_role("bench", "SUPERUSER")
    stage.postgresql.ensure_database("bench", owner="bench")
    direct = stage.postgresql.endpoint("bench", "bench", password)
    direct.script(TABLES)
    done = direct.run(["pgbench", "-i", "-q", "-s", "10"])
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    direct.script("VACUUM ANALYZE")
    return direct


def pgbouncer(stage, direct, name="pgbouncer", wrapper=()):
    """Debian's pgbouncer with session pooling and SCRAM on both sides; `wrapper` stands before its command."""
    folder = stage.folder / name
    folder.mkdir()
    port = free_port()
    # It keeps one list for both sides, so the client logs in with the database's own user.
    (folder / "users.txt").write_text(f'"{direct.user}" "{direct.password}"\n')
    (folder / "pgbouncer.ini").write_text(f"""[databases]
bench = host=127.0.0.1 port={direct.port} dbname=bench
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = session
default_pool_size = 600
max_client_conn = 2000
server_reset_query =
ignore_startup_parameters = extra_float_digits
""")
    account = stage.postgresql.account
    if account:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, account)
    process = Process(
        name, [*wrapper, "/usr/sbin/pgbouncer", folder / "pgbouncer.ini"], stage.folder / f"{name}.log", port=port,
        user=account)
    process.start(timeout=120)
    return Peer("pgbouncer", Endpoint("127.0.0.1", port, direct.user, direct.password, "bench"), process)


def weir(stage, direct, name="weir", wrapper=()):
    """The gateway with rules, masks and recording on."""
    gateway = stage.gateway(
        ROOT / "Tests" / "Benchmarks" / "manifests", name=name, users=["bench"],
        credential=(direct.user, direct.password))
    if wrapper:
        gateway.process.command[:1] = [*map(str, wrapper), stripped(stage, gateway.process.command[0])]
    gateway.process.start(timeout=120)
    return Peer("Weir", gateway.endpoint(), gateway.process)


def stripped(stage, path):
    """A copy without debugging information, some of which valgrind cannot read; the instructions are the same."""
    copy = stage.folder / "stripped"
    if not copy.exists():
        subprocess.run(["strip", "--strip-debug", "-o", copy, path], check=True)
    return str(copy)
