"""`weirctl connect`: what becomes of the program it runs, of signals, and of the file with the grant."""

import http.server
import json
import os
import signal
import subprocess
import threading

import pytest
from stage.process import program


class Exchange(http.server.BaseHTTPRequestHandler):
    """Gives a grant to everybody."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({
            "access_token": "weir-grant-v1.a.b.c", "issued_token_type": "urn:weir:token-type:grant",
            "token_type": "N_A", "expires_in": 60, "subject": "people:ann"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def place():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exchange)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    return home


def connect(place, home, script, ignored=()):
    """A program that says `ready` and then runs `script`."""
    token = home.parent / "token"
    token.write_text("a.b.c\n")
    token.chmod(0o600)

    def begin():
        # However the tests themselves were started.
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    process = subprocess.Popen(
        [program("weirctl"), "connect", "clinic/main", "--operator", place, "--token-file", token, "--",
         "sh", "-c", f"echo ready; {script}"], env={"WEIR_HOME": str(home), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=begin)
    assert process.stdout.readline() == "ready\n"
    return process


def grants(home):
    return sorted(path.name for path in home.iterdir() if path.name.startswith("pgpass-"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_program_and_leaves_no_grant(place, home, number):
    process = connect(place, home, "exec sleep 600")
    assert grants(home) == [f"pgpass-{process.pid}"]
    process.send_signal(number)
    assert process.wait(60) == 128 + number
    assert grants(home) == []


def test_the_program_decides_what_a_signal_does(place, home):
    process = connect(place, home, "trap 'echo told; kill $!; exit 9' TERM; sleep 600 & echo trapped; wait")
    assert process.stdout.readline() == "trapped\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "told\n" and process.wait(60) == 9
    assert grants(home) == []


def test_under_nohup_a_hangup_means_nothing(place, home):
    process = connect(place, home, "read line; echo $line", ignored=[signal.SIGHUP])
    process.send_signal(signal.SIGHUP)
    assert process.communicate("still here\n", 60)[0] == "still here\n" and process.returncode == 0


def test_the_program_begins_with_signals_as_they_are(place, home):
    told = connect(place, home, "exec grep -E 'Sig(Blk|Ign)' /proc/self/status").stdout.read()
    masks = {name.rstrip(":"): int(bits, 16) for name, bits in (line.split() for line in told.splitlines())}
    assert masks["SigBlk"] == 0
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGTERM, signal.SIGHUP):
        assert not masks["SigIgn"] & 1 << number - 1, number


def test_grants_that_killed_commands_have_left_are_removed(place, home):
    killed = connect(place, home, "exec cat")
    killed.kill()
    killed.wait(60)
    killed.stdin.close()
    others = [f"pgpass-{os.getpid()}", "pgpass-mine", "pgpass-"]
    for name in others:
        (home / name).write_text("")
    assert f"pgpass-{killed.pid}" in grants(home)
    assert connect(place, home, "exit 7").wait(60) == 7
    assert grants(home) == sorted(others)
