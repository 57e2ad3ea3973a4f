"""`weirctl explain`: what a gateway would do with a statement, by the code that does it, and without doing it."""

import json
import re

import pytest
from stage.postgresql import CLINIC_SQL
from stage.process import ROOT
from wire import Wire, error, query

MANIFESTS = ROOT / "Tests" / "IntegrationTests" / "manifests"
RULE = """
---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: careful, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  subjects: {groups: [interns]}
  match: {statements: [Update], withoutWhere: true}
  effect: Deny
  mode: MODE
"""


@pytest.fixture(scope="module")
def stage(stage):
    stage.add_gateway(MANIFESTS, users=["tester"])
    stage.postgresql.endpoint("clinic").script(CLINIC_SQL)
    return stage


def explain(stage, sql, *options, output="json", subject="tester"):
    gateway = stage.gateways[0]
    done = stage.weirctl(
        "explain", "--connection", "clinic", "--as", subject, "--manifests", gateway.manifests, "--secrets",
        gateway.secrets, *options, "-o", output, "--", sql)
    assert done.returncode == 0, done.stderr
    return [s["explanation"] | {"names": s.get("columnNames")} for s in json.loads(done.stdout)["statements"]] \
        if output == "json" else done.stdout


def test_each_output_column_is_led_back_to_base_columns(stage):
    told, = explain(stage, "SELECT d.id, upper(d.name) AS loud, d.phone, 1 AS one FROM patient_directory d")
    assert told["names"] == ["id", "loud", "phone", "one"]
    assert told["verdict"] == "Mask"
    by_name = dict(zip(told["names"], told["columns"]))
    assert {c["name"] for c in by_name["loud"]["lineage"]} == {"public.patients.name", "public.patient_directory.name"}
    assert by_name["loud"]["mask"] == {
        "action": "Redact", "rule": "patients/identity", "column": "public.patients.name"}
    assert by_name["loud"]["why"] == "computed from a governed column"
    assert by_name["phone"]["mask"]["action"] == "Redact" and "mask" not in by_name["id"]
    assert by_name["one"]["lineage"] == [] and by_name["one"]["why"] == "depends on no column"
    assert {(r["name"], r["isThroughView"], r["isGoverned"]) for r in told["relations"]} == {
        ("public.patient_directory", False, False), ("public.patients", True, True)}


@pytest.mark.parametrize("sql, rule", [
    ("DROP TABLE visits", "ApprovalRule/no-destruction"),
    ("SELECT id FROM patients WHERE ssn = 'x'", "MaskingPolicy/patients/number"),
    ("DO 'BEGIN END'", None),
    ("SELECT FROM FROM", ""),
])
def test_a_refusal_is_the_gateways_own(stage, sql, rule):
    told, = explain(stage, sql)
    assert told["verdict"] == "Refuse"
    if rule is not None:
        assert told["refusal"]["rule"] == rule
    with Wire(stage.gateways[0].endpoint("tester")) as session:
        assert error(session.ask(query(sql))) == told["refusal"]["sqlState"]


def test_nothing_runs(stage):
    explain(stage, "UPDATE departments SET name = 'x'; DELETE FROM schema_migrations; CREATE TABLE made (id int)")
    admin = stage.postgresql.endpoint("clinic")
    assert admin.value("SELECT count(*) FROM departments WHERE name = 'x'") == "0"
    assert admin.value("SELECT to_regclass('made') IS NULL") == "t"


def test_subjects_and_dry_runs_count(stage):
    file = stage.gateways[0].manifests / "careful.yaml"
    sql = "UPDATE departments SET name = name"
    for mode, group, verdict in [("Enforce", "interns", "Refuse"), ("Enforce", "nurses", "Permit"),
                                 ("DryRun", "interns", "Permit")]:
        file.write_text(RULE.replace("MODE", mode))
        told, = explain(stage, sql, "--groups", group)
        assert told["verdict"] == verdict, (mode, group)
        assert ("wouldRefuse" in told) == (mode == "DryRun")
    assert told["wouldRefuse"]["rule"] == "ApprovalRule/careful"
    text = explain(stage, sql, "--groups", "interns", output="table")
    assert "would be refused by ApprovalRule/careful" in text
    file.unlink()


def test_timing_tells_what_a_new_and_a_known_statement_cost(stage):
    text = explain(stage, "SELECT id, name FROM patients", "--timing", output="table")
    found = re.search(r"judged in ([\d.]+) microseconds when new, in ([\d.]+) when known", text)
    assert found and 0 < float(found[2]) < float(found[1])


def test_the_table_is_for_people(stage):
    text = explain(stage, "SELECT id, name FROM patients", output="table")
    assert "decision" in text and "public.patients (governed)" in text and "patients/identity" in text


def test_faults_say_what_to_do(stage):
    gateway = stage.gateways[0]
    done = stage.weirctl("explain", "--connection", "other", "--as", "x", "--manifests", gateway.manifests,
                         "--secrets", gateway.secrets, "SELECT 1")
    assert done.returncode == 64 and "default/clinic" in done.stderr
    done = stage.weirctl("explain", "--connection", "clinic", "--as", "x", "--manifests", gateway.manifests,
                         "--secrets", stage.folder, "SELECT 1")
    assert done.returncode == 1 and "clinic-db" in done.stderr
