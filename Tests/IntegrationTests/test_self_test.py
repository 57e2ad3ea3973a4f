"""`weirctl self-test`: attacks on a scratch schema, a signed report, and nothing left behind."""

import json

import pytest
from servers import one_host, through
from stage.postgresql import CLINIC_SQL

TLS = "{mode: Disable}"


@pytest.fixture(scope="module")
def stage(stage):
    stage.postgresql.ensure_database("clinic")
    stage.postgresql.endpoint("clinic").script(CLINIC_SQL)
    (stage.folder / "admin").write_text(stage.postgresql.password + "\n")
    return stage


@pytest.fixture
def gateway(stage):
    started = through(stage, one_host(tls=TLS))
    (started.folder / "password").write_text(started.users["tester"])
    yield started
    started.process.stop()


def self_test(stage, gateway, *options):
    return stage.weirctl(
        "self-test", "--connection", "clinic", "--manifests", gateway.manifests, "--secrets", gateway.secrets,
        "--gateway", f"127.0.0.1:{gateway.port}", "--user", "tester", "--password-file", gateway.folder / "password",
        "--admin-user", "postgres", "--admin-password-file", stage.folder / "admin", *options, timeout=600)


def govern(stage, gateway, edit=lambda text: text):
    """Puts the manifests in force that self-test asks for."""
    printed = stage.weirctl("self-test", "manifests", "--connection", "clinic")
    assert printed.returncode == 0, printed.stderr
    (gateway.manifests / "self-test.yaml").write_text(edit(printed.stdout))
    assert stage.weirctl("validate", gateway.manifests).returncode == 0
    gateway.process.stop()
    gateway.start()


def left(stage):
    return stage.postgresql.endpoint("clinic").value(
        "SELECT to_regnamespace('weir_self_test') IS NOT NULL OR EXISTS (SELECT FROM pg_largeobject_metadata)") == "t"


def test_without_its_manifests_nothing_is_tested(stage, gateway):
    done = self_test(stage, gateway)
    assert done.returncode == 1 and "self-test manifests" in done.stderr
    assert not left(stage)


def test_a_schema_of_the_users_is_left_alone(stage, gateway):
    admin = stage.postgresql.endpoint("clinic")
    admin.script("CREATE SCHEMA weir_self_test; CREATE TABLE weir_self_test.mine AS SELECT 1 AS n")
    done = self_test(stage, gateway)
    assert done.returncode == 1 and "already" in done.stderr
    assert admin.value("SELECT n FROM weir_self_test.mine") == "1"
    admin.script("DROP SCHEMA weir_self_test CASCADE")


@pytest.mark.slow
def test_a_gateway_holds_and_the_report_is_signed(stage, gateway):
    govern(stage, gateway)
    report = stage.folder / "report"
    done = self_test(stage, gateway, "--report", report, "-o", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    results = {(o["class"], o["name"]): o["result"] for o in told["outcomes"]}
    assert set(results.values()) == {"held"}, {n: r for n, r in results.items() if r != "held"}
    assert len(results) == len(told["outcomes"]) > 100
    assert told["connection"] == "default/clinic" and len(told["revision"]) == 64
    assert not left(stage)

    public = stage.folder / "self-test.pub"
    verified = stage.weirctl("self-test", "verify", report, "--key", public)
    assert verified.returncode == 0 and "\nsigned by weir-self-test+" in verified.stdout
    report.write_text(report.read_text().replace('"held"', '"leaked"', 1))
    verified = stage.weirctl("self-test", "verify", report, "--key", public)
    assert verified.returncode == 1 and "NOT SIGNED" in verified.stdout


def test_a_leak_is_told(stage, gateway):
    govern(stage, gateway, lambda text: text.replace(
        "    action: {type: Redact}\n", "    action: {type: Redact}\n    allowPredicates: true\n"))
    done = self_test(stage, gateway, "-o", "json", "--class", "questions", "--class", "names")
    assert done.returncode == 2, done.stdout + done.stderr
    leaked = {(o["class"], o["name"]) for o in json.loads(done.stdout)["outcomes"] if o["result"] == "leaked"}
    assert ("questions", "LIKE") in leaked and {c for c, _ in leaked} == {"questions"}
    assert not left(stage)


def test_other_manifests_than_the_gateways_are_noticed(stage, gateway):
    """The gateway does not have what weirctl was given."""
    folder = stage.folder / "elsewhere"
    folder.mkdir()
    for file in gateway.manifests.iterdir():
        (folder / file.name).write_text(file.read_text())
    printed = stage.weirctl("self-test", "manifests", "--connection", "clinic").stdout
    (folder / "self-test.yaml").write_text(printed)
    gateway.manifests = folder
    done = self_test(stage, gateway)
    assert done.returncode == 1 and "has it read these manifests" in done.stderr
    assert not left(stage)
