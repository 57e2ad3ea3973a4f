"""Unix sockets and IPv6, towards clients and towards the database."""

import os
import re
import socket
import stat

import pytest
from servers import eventually, hosts, one_host, through
from stage.process import Failure
from stage.stage import Stage


@pytest.fixture(scope="module")
def stage():
    with Stage(settings={"listen_addresses": "127.0.0.1,::1"}) as running:
        folder = running.folder / "sockets"
        folder.mkdir()
        folder.chmod(0o777)
        running.postgresql.settings["unix_socket_directories"] = str(folder)
        running.start_postgresql()
        running.postgresql.ensure_database("clinic")
        running.start_sink()
        yield running


PLAIN = one_host(tls="{mode: Disable}")


def listening(stage, path, name, **more):
    """A gateway that listens on a socket besides its port, and first on its port."""
    listen = f'{{port: 15432, unixSocketPath: "{path}"{more.pop("also", "")}}}'
    gateway = through(stage, PLAIN, name=name, listen=listen, **more)
    if more.get("start", True):
        eventually(lambda: "configuration in force" in gateway.log.read_text(), "it does not listen")
    return gateway


def test_a_folder_is_a_host_to_libpq(stage):
    folder = stage.folder / "clients"
    folder.mkdir()
    gateway = listening(stage, f"{folder}/", "folder")
    file = folder / f".s.PGSQL.{gateway.port}"
    assert stat.S_ISSOCK(file.stat().st_mode) and stat.S_IMODE(file.stat().st_mode) == 0o777
    shown = gateway.endpoint().psql("-At", "-c", r"\conninfo", PGHOST=str(folder))
    assert f'via socket in "{folder}"' in shown.stdout, shown.stderr
    gateway.process.stop()
    assert not file.exists()


def test_a_file_is_that_file(stage):
    file = stage.folder / ".s.PGSQL.7"
    gateway = listening(stage, file, "file", also=', unixSocketPermissions: "0750"')
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
    assert gateway.endpoint().psql("-At", "-c", "SELECT 1", PGHOST=str(stage.folder), PGPORT="7").stdout == "1\n"


def test_permissions_keep_others_out(stage):
    folder = stage.folder / "closed"
    folder.mkdir()
    gateway = listening(stage, f"{folder}/", "closed", also=', unixSocketPermissions: "0700"')
    refused = gateway.endpoint().run(
        ["setpriv", "--reuid=nobody", "--clear-groups", "psql", "-X", "-c", "SELECT 1"], PGHOST=str(folder))
    assert refused.returncode == 2 and "Permission denied" in refused.stderr


def test_a_killed_gateways_socket_is_replaced_and_a_live_ones_is_not(stage):
    folder = stage.folder / "shared"
    folder.mkdir()
    first = listening(stage, f"{folder}/shared.sock", "first")
    first.process.kill()
    assert (folder / "shared.sock").exists()
    first.start()
    eventually(lambda: connects(folder / "shared.sock"), "nobody took the socket over")
    second = listening(stage, f"{folder}/shared.sock", "second", start=False)
    with pytest.raises(Failure):
        second.start()
        second.process.handle.wait(60)
        raise Failure(second.process.tail())
    assert "shared.sock: somebody listens there" in second.log.read_text()
    assert connects(folder / "shared.sock")


def connects(path):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True


def test_what_is_no_socket_is_left_alone(stage):
    precious = stage.folder / "precious"
    precious.write_text("kept")
    gateway = listening(stage, precious, "careful", start=False)
    with pytest.raises(Failure):
        gateway.start()
        gateway.process.handle.wait(60)
        raise Failure(gateway.process.tail())
    assert precious.read_text() == "kept"


def test_a_socket_is_the_workloads(stage):
    folder = stage.folder / "workload"
    folder.mkdir()
    gateway = listening(stage, f"{folder}/", "workload", users=(), options=["--workload-identity", "apps/api"])
    assert gateway.endpoint("anyone", "").psql("-At", "-c", "SELECT 1", PGHOST=str(folder)).stdout == "1\n"
    shown = stage.weirctl("sessions", "show", stage.session_of("apps/api"), "--sink", stage.sink_url).stdout
    assert "unix socket" in shown


def test_the_database_by_its_socket(stage):
    """TLS is the default, and a socket does without, as with libpq."""
    host = f"{{host: {stage.folder}/sockets, port: {stage.postgresql.port}}}"
    gateway = through(stage, f"{{hosts: [{host}], database: clinic}}")
    assert gateway.endpoint().value("SELECT inet_server_addr() IS NULL") == "t"


def test_a_database_whose_socket_is_not_there(stage):
    gateway = through(stage, f"{{hosts: [{{host: {stage.folder}, port: 5432}}], database: clinic}}")
    done = gateway.endpoint().psql("-c", "SELECT 1")
    assert done.returncode == 2 and "database unreachable" in done.stderr and str(stage.folder) not in done.stderr


def test_the_database_by_ipv6(stage):
    gateway = through(stage, hosts(stage.postgresql.port).replace("127.0.0.1", '"::1"'))
    assert gateway.endpoint().value("SELECT host(inet_server_addr())") == "::1"


@pytest.mark.parametrize("address, reached, refused", [
    ("::1", ["::1"], ["127.0.0.1"]), ("[::1]", ["::1"], ["127.0.0.1"]), ("::", ["::1", "127.0.0.1"], []),
    ("127.0.0.1,::1", ["::1", "127.0.0.1"], []), ("0.0.0.0", ["127.0.0.1"], ["::1"]),
])
def test_clients_by_ipv6(stage, address, reached, refused):
    name = "listen-" + re.sub(r"\W+", "-", address)
    gateway = through(stage, PLAIN, name=name, options=["--listen-address", address], start=False)
    port, gateway.process.port = gateway.port, None
    gateway.start()
    eventually(lambda: "configuration in force" in gateway.log.read_text(), "it does not listen")
    for host in reached:
        assert gateway.endpoint().psql("-At", "-c", "SELECT 1", PGHOST=host, PGPORT=str(port)).stdout == "1\n"
    for host in refused:
        assert "refused" in gateway.endpoint().psql("-c", "SELECT 1", PGHOST=host, PGPORT=str(port)).stderr
    warnings = gateway.log.read_text().count("clients are served without TLS at an address that others reach")
    assert warnings == (1 if address in ("::", "0.0.0.0") else 0)


def test_ipv4_on_an_ipv6_socket_is_ipv4(stage):
    """So the workload's clients on the machine are known as such, and the log tells addresses people know."""
    gateway = through(stage, PLAIN, name="mapped", users=(),
                      options=["--listen-address", "::", "--workload-identity", "apps/mapped"], start=False)
    gateway.process.port = None
    gateway.start()
    eventually(lambda: "configuration in force" in gateway.log.read_text(), "it does not listen")
    for host in ("127.0.0.1", "::1"):
        assert gateway.endpoint("anyone", "").psql("-At", "-c", "SELECT 1", PGHOST=host).stdout == "1\n"
    def recorded():
        return stage.weirctl("export", "--sink", stage.sink_url).stdout

    eventually(lambda: "[::1]:" in recorded(), "the session is not recorded")
    assert '"127.0.0.1:' in recorded() and "::ffff" not in recorded()


def test_no_socket_is_left_open(stage):
    """Clients by a socket come and go."""
    folder = stage.folder / "many"
    folder.mkdir()
    gateway = listening(stage, f"{folder}/", "many")
    files = f"/proc/{gateway.process.pid}/fd"
    gateway.endpoint().psql("-c", "SELECT 1", PGHOST=str(folder))
    before = len(os.listdir(files))
    for _ in range(20):
        gateway.endpoint().psql("-c", "SELECT 1", PGHOST=str(folder))
    eventually(lambda: len(os.listdir(files)) <= before + 1, "sockets are left open")
