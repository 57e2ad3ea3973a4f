"""`weir-operator serve` and its folders: what has to be there is asked for at the start, what is kept is made."""

import stat
import subprocess

from servers import eventually
from stage.process import Process, free_port, program


def serve(manifests, data, tokens, port):
    return [program("weir-operator"), "serve", "--manifests", manifests, "--data", data, "--tokens", tokens,
            "--port", port]


def test_folders_that_are_not_there_are_faults_of_the_options(tmp_path):
    command = serve(tmp_path / "nomanifests", tmp_path / "data", tmp_path / "notokens", free_port())
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=30)
    assert done.returncode == 64, done.stderr
    for option, folder in (("--manifests", "nomanifests"), ("--tokens", "notokens")):
        assert f"{option} {tmp_path / folder}: No such file or directory" in done.stderr
    assert not (tmp_path / "data").exists()


def test_manifests_that_never_loaded_are_not_the_last_good_ones(tmp_path):
    manifests, tokens, data = (tmp_path / name for name in ("manifests", "tokens", "nd/weir/operator"))
    manifests.mkdir()
    tokens.mkdir()
    (manifests / "clinic.yaml").write_text("spec: [")
    port = free_port()
    process = Process("weir-operator serve", serve(manifests, data, tokens, port), tmp_path / "log", port=port)
    process.start()
    eventually(lambda: "do not load; there are none in force" in process.log.read_text(), process.tail)
    assert "last good ones" not in process.log.read_text()
    for folder in ("nd", "nd/weir", "nd/weir/operator"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700, folder
    assert process.stop() == 0
