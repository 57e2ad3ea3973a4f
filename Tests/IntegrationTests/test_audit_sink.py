"""The sink itself: one to a folder, what it says when it cannot serve or store, and gateways that it refuses."""

import http.server
import shutil
import socket
import sqlite3
import ssl
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from servers import authority, certificate, eventually
from stage.process import ROOT, Failure, Process, free_port, program

MANIFESTS = ROOT / "Tests" / "IntegrationTests" / "manifests"
#: A record that no sink has written, where the next would be: every change fails from then on.
INTRUDER = ("INSERT INTO records (position, gateway, sequence, hash, line)"
            " SELECT max(position) + 1, 1, 1000000, x'00', x'00' FROM records")


class Sink:
    """A sink with a folder of its own, and with a port for probes."""

    def __init__(self, folder, *options, name="sink"):
        self.folder, self.data = folder, folder / name
        self.port, self.health_port = free_port(), free_port()
        self.process = Process(
            "weir-audit-sink",
            [program("weir-audit-sink"), "run", "--data", self.data, "--listen", f"127.0.0.1:{self.port}",
             "--health-listen", f"127.0.0.1:{self.health_port}", *options],
            folder / f"sink-{self.port}.log", port=self.port)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self):
        return self.process.log.read_text()

    def ask(self, path, token=None):
        """Status and text."""
        return answer(self.url + path, headers={"Authorization": f"Bearer {token}"} if token else {})

    def probe(self, path):
        """The status that the kubelet would see, once it answers."""
        def asked():
            try:
                return answer(f"http://127.0.0.1:{self.health_port}{path}")
            except OSError:
                return None
        return eventually(asked, lambda: self.log)

    def database(self, sql):
        connection = sqlite3.connect(self.data / "evidence.sqlite", timeout=10)
        with connection:
            connection.execute(sql)
        connection.close()


def answer(url, headers=None, context=None):
    try:
        with urllib.request.urlopen(
                urllib.request.Request(url, headers=headers or {}), timeout=20, context=context) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as response:
        return response.code, response.read().decode()


@pytest.fixture
def sink(tmp_path):
    """Not started yet."""
    made = Sink(tmp_path, name="nd/weir/sink")
    yield made
    made.process.stop()


def test_its_folder_is_made_with_those_above_it(sink, tmp_path):
    sink.process.start()
    for folder in ("nd", "nd/weir", "nd/weir/sink"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700, folder


def test_a_folder_has_one_sink_at_a_time(sink, tmp_path):
    sink.process.start()
    second = Sink(tmp_path, name="nd/weir/sink")
    with pytest.raises(Failure) as caught:
        second.process.start()
    assert f"{sink.data} is in use by another sink" in str(caught.value)
    # Its reader is recorded: it still writes.
    assert sink.ask("/v1/sessions")[0] == 200
    assert sink.process.stop() == 0
    second.process.start()
    assert second.ask("/v1/sessions")[0] == 200
    second.process.stop()


def test_a_killed_sink_leaves_no_lock(sink):
    for _ in range(2):
        sink.process.start()
        sink.process.kill()


@pytest.mark.slow
def test_a_store_that_cannot_be_written_is_told_and_not_ready(sink):
    sink.process.start()
    assert (sink.probe("/readyz"), sink.probe("/healthz")) == ((200, "ready\n"), (200, "ok\n"))
    sink.database(INTRUDER)
    for _ in range(3):
        status, text = sink.ask("/v1/sessions")
        assert (status, "StoreFailed" in text) == (500, True), text
    told = [line for line in sink.log.splitlines() if " error " in line]
    assert len(told) == 1 and "UNIQUE constraint failed" in told[0] and "/v1/sessions" in told[0], told
    assert sink.probe("/readyz")[0] == 503 and "store" in sink.probe("/readyz")[1]
    # To start it anew would mend nothing.
    assert sink.probe("/healthz")[0] == 200
    sink.database("DELETE FROM records WHERE sequence = 1000000")
    # Nobody is led to a sink that is not ready: it has to find out by itself.
    eventually(lambda: sink.probe("/readyz")[0] == 200, "it stays unready")
    assert sink.ask("/v1/sessions")[0] == 200


def test_a_certificate_that_cannot_be_used_is_told(tmp_path):
    files = [tmp_path / "tls.crt", tmp_path / "tls.key"]
    sink = Sink(tmp_path, "--tls-certificate", files[0], "--tls-key", files[1])
    sink.process.start()
    missing = f"reason=\"{files[0]}: No such file or directory\""
    assert "nobody can connect until the certificate can be used" in sink.log and missing in sink.log
    assert "certificate" in sink.probe("/readyz")[1] and sink.probe("/readyz")[0] == 503
    for file in files:
        file.write_text("nothing")
    eventually(lambda: sink.probe("/readyz") and sink.log.count("nobody can connect") >= 2, lambda: sink.log)

    authority(tmp_path, "ca")
    certificate(tmp_path, "ca", "first", "DNS:localhost")
    for file in files:
        shutil.copy(tmp_path / f"first{file.suffix}", file)
    assert sink.probe("/readyz")[0] == 200
    assert "the certificate is in use" in sink.log
    context = ssl.create_default_context(cafile=tmp_path / "ca.crt")
    secure = f"https://localhost:{sink.port}/v1/checkpoint"
    assert answer(secure, context=context)[0] == 200

    # As a whole: the sink looks by itself, too, and an empty file would be another fault.
    (tmp_path / "draft").write_text("nothing")
    (tmp_path / "draft").rename(files[0])
    assert answer(secure, context=context)[0] == 200
    assert sink.log.count("the certificate cannot be used; the one before it stays") == 1
    assert sink.probe("/readyz")[0] == 200
    sink.process.stop()


@pytest.mark.slow
def test_a_certificate_is_looked_at_while_nobody_connects(tmp_path):
    authority(tmp_path, "ca")
    certificate(tmp_path, "ca", "tls", "DNS:localhost")
    sink = Sink(tmp_path, "--tls-certificate", tmp_path / "tls.crt", "--tls-key", tmp_path / "tls.key")
    sink.process.start()
    assert "the certificate is in use" in sink.log
    (tmp_path / "tls.crt").write_text("nothing")
    eventually(lambda: "the one before it stays" in sink.log, lambda: sink.log)
    sink.process.stop()


def test_trusted_keys_that_are_not_there(tmp_path):
    done = subprocess.run(
        [program("weir-audit-sink"), "run", "--data", tmp_path / "sink", "--listen", f"127.0.0.1:{free_port()}",
         "--trusted-keys", tmp_path / "nonexistent"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, "no folder that can be read" in done.stderr) == (64, True), done.stderr
    assert not (tmp_path / "sink").exists()


def test_a_port_for_probes_that_is_taken_ends_it(sink):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", sink.health_port))
        taken.listen()
        sink.process.port = None
        sink.process.start()
        assert sink.process.handle.wait(60) == 1
    assert "address already in use" in sink.log.lower(), sink.log


def test_a_token_that_is_no_readers(tmp_path):
    (tmp_path / "readers").write_text("kim s3cret\n")
    sink = Sink(tmp_path, "--token-file", tmp_path / "readers")
    sink.process.start()
    assert "a reader's token is needed" in sink.ask("/v1/sessions")[1]
    status, text = sink.ask("/v1/sessions", token="s3cre")
    assert (status, "this token is no reader's" in text) == (401, True), text
    assert sink.ask("/v1/sessions", token="s3cret")[0] == 200
    sink.process.stop()


def told_by(gateway, word):
    """The line of the gateway's log with the sink's word, once it is there."""
    def found():
        return [line for line in gateway.log.read_text().splitlines() if f"error={word} " in line]
    return eventually(found, lambda: gateway.log.read_text())


def with_option(gateway, option, value):
    gateway.process.command[gateway.process.command.index(option) + 1] = str(value)


@pytest.mark.slow
def test_a_gateway_with_a_new_folder_under_an_old_name_says_why_it_is_refused(stage):
    gateway = stage.add_gateway(MANIFESTS, name="renewed", users=["tester"])
    assert gateway.endpoint().value("SELECT 1") == "1"
    stage.session_of("tester")
    gateway.process.stop()
    # As its folder may be new, too, the ones above it are made.
    with_option(gateway, "--data", gateway.folder / "nd" / "weir" / "gateway")
    gateway.start()
    assert stat.S_IMODE((gateway.folder / "nd").stat().st_mode) == 0o700
    told = told_by(gateway, "BadSignature")
    assert len(told) == 1, told
    for part in ("audit sink does not take the log", f"sink={stage.sink_url}", "status=409",
                 "under a number in use; a gateway with a new data folder needs a new name",
                 "failureMode.auditUnavailable"):
        assert part in told[0], told[0]
    assert "a batch is refused" in (stage.folder / "sink.log").read_text()
    gateway.process.stop()
    assert "stays in the spool" in gateway.log.read_text()


def test_a_gateway_that_is_not_trusted_says_so_whatever_was_wrong_before(stage, tmp_path):
    keys = tmp_path / "keys"
    keys.mkdir()
    sink = Sink(tmp_path, "--trusted-keys", keys)
    gateway = stage.gateway(MANIFESTS, name="untrusted", users=["tester"])
    with_option(gateway, "--sink", sink.url)
    gateway.start()
    eventually(lambda: "audit sink does not take the log" in gateway.log.read_text(), lambda: gateway.log.read_text())
    sink.process.start()
    told = told_by(gateway, "OtherKey")
    assert "status=403" in told[0] and "the key is not among the trusted ones" in told[0], told
    shutil.copy(gateway.data / "gateway.pub", keys / "untrusted.pub")
    eventually(lambda: f"audit sink is back sink={sink.url}" in gateway.log.read_text(),
               lambda: gateway.log.read_text())
    gateway.process.stop()
    sink.process.stop()


@pytest.mark.slow
@pytest.mark.parametrize("acknowledged, word", [(10**9, "Ahead"), (0, '""')], ids=["more than there is", "nothing"])
def test_an_acknowledgement_that_cannot_be_is_told_and_not_asked_for_in_a_loop(stage, acknowledged, word):
    class Handler(http.server.BaseHTTPRequestHandler):
        count = 0

        def do_POST(self):
            Handler.count += 1
            self.rfile.read(int(self.headers["Content-Length"]))
            body = b'{"acknowledged":%d}' % acknowledged
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        gateway = stage.gateway(MANIFESTS, name=f"led-on-{acknowledged}", users=["tester"])
        with_option(gateway, "--sink", f"http://127.0.0.1:{server.server_port}")
        gateway.start()
        assert "audit sink does not take the log" in told_by(gateway, word)[0]
        time.sleep(1)
        assert Handler.count < 20
        gateway.process.stop()
        server.shutdown()
