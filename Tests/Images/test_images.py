"""The images of `make image`: what is in them, and that it runs, as the user and on the root that a pod gives it."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[2]
IMAGES = ROOT / ".cache/images"
USER = 65532
PROGRAMS = ["weir-gateway", "weir-operator", "weir-audit-sink", "weirctl"]


class Image:
    """An OCI archive, its root laid out in a folder."""

    def __init__(self, name, folder):
        self.name, self.root = name, folder / "root"
        with tarfile.open(IMAGES / f"{name}.tar") as archive:
            archive.extractall(folder / "layout")
        self.blobs = folder / "layout/blobs/sha256"
        index = json.loads((folder / "layout/index.json").read_text())
        self.digest = index["manifests"][0]["digest"]
        self.manifest = self.blob(self.digest)
        self.config = self.blob(self.manifest["config"]["digest"])
        self.members = []
        for layer in self.manifest["layers"]:
            with tarfile.open(self.blobs / layer["digest"].removeprefix("sha256:")) as archive:
                self.members += archive.getmembers()
                archive.extractall(self.root)

    def blob(self, digest):
        data = (self.blobs / digest.removeprefix("sha256:")).read_bytes()
        assert f"sha256:{hashlib.sha256(data).hexdigest()}" == digest
        return json.loads(data)

    @property
    def files(self):
        return {"/" + it.name.removeprefix("./") for it in self.members if it.isfile()}

    def run(self, *arguments, environment=()):
        """Within the image's root, as its user, with /proc as every container has it: that is where Swift reads a
        command's arguments."""
        (self.root / "proc").mkdir(exist_ok=True)
        settings = dict(entry.split("=", 1) for entry in self.config["config"]["Env"]) | dict(environment)
        return subprocess.run(
            ["/usr/bin/unshare", "--mount", "--pid", "--fork", f"--root={self.root}", "--mount-proc",
             f"--setgid={USER}", f"--setuid={USER}", *self.config["config"]["Entrypoint"], *arguments],
            env=settings, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module", params=PROGRAMS)
def image(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    # The image's user goes through it.
    for parent in [folder, *folder.parents[:3]]:
        parent.chmod(parent.stat().st_mode | 0o111)
    yield Image(request.param, folder)
    shutil.rmtree(folder, ignore_errors=True)


def test_the_digest_is_the_one_that_is_told(image):
    assert re.search(rf"^localhost/{image.name}:[^@]+@{image.digest}$", (IMAGES / "digests").read_text(), re.M)


def test_it_holds_the_program_its_libraries_and_a_user(image):
    libraries = {it for it in image.files if re.fullmatch(r"/lib(64)?/.*\.so(\.[\d.]+)?", it)}
    assert image.files - libraries == {
        f"/{image.name}", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf",
        "/etc/ssl/certs/ca-certificates.crt"}
    needed = subprocess.run(
        ["ldd", ROOT / ".build/release" / image.name], capture_output=True, text=True, check=True).stdout
    assert libraries == set(re.findall(r"(/\S+)", re.sub(r"(?m)^\t(/\S+) ", r"\1 ", needed)))


def test_nobody_may_write_what_is_in_it(image):
    assert {it.uid for it in image.members} == {it.gid for it in image.members} == {0}
    assert not [it.name for it in image.members if it.mode & 0o022]
    assert not [it.name for it in image.members if it.mode & 0o7000]


def test_times_are_its_commits(image):
    revision = image.config["config"]["Labels"]["org.opencontainers.image.revision"]
    commit = int(subprocess.run(
        ["git", "show", "-s", "--format=%ct", revision], cwd=ROOT, capture_output=True, check=True).stdout)
    times = {int(it.mtime) for it in image.members}
    assert times == {int(os.environ.get("SOURCE_DATE_EPOCH", commit))}


def test_it_names_its_user_and_its_program(image):
    assert image.config["config"]["User"] == f"{USER}:{USER}"
    assert image.config["config"]["Entrypoint"] == [f"/{image.name}"]


def test_it_runs_as_that_user(image):
    done = image.run("--help")
    assert done.returncode == 0, done.stderr
    assert image.name in done.stdout


def test_its_version_is_the_charts(image):
    chart = yaml.safe_load((ROOT / "Charts/weir/Chart.yaml").read_text())
    assert image.run("--version").stdout == chart["appVersion"] + "\n"


@pytest.mark.parametrize("image", ["weir-gateway"], indirect=True)
def test_what_goes_into_every_pod_is_small(image):
    assert sum(it.size for it in image.members) <= 60 << 20


@pytest.mark.parametrize("image", ["weir-gateway"], indirect=True)
def test_the_gateway_says_what_it_lacks(image):
    done = image.run("run", environment={"WEIR_MANIFESTS": "/etc/weir/config"}.items())
    assert done.returncode == 64
    assert "WEIR_SECRETS" in done.stderr
