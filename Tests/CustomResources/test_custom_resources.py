"""The definitions in CRDs/, as an API server reads them; Tests/CustomResourceTests holds the decoders to the same."""

import copy
import re

import kubernetes_validate
import pytest
import yaml

import cost
import reference
import schema

EXAMPLES = yaml.safe_load((schema.ROOT / "Tests/CustomResourceTests/examples.yaml").read_text())
VERSIONS = ["1.29", "1.31", "1.34", "1.37"]


def spec_of(kind, changes):
    spec = copy.deepcopy(EXAMPLES["base"][kind]) | changes
    return {name: value for name, value in spec.items() if value is not None}


def examples(verdict):
    return [
        pytest.param(case["kind"], changes, case.get("message"), id=f"{case['kind']}-{changes}"[:120])
        for case in EXAMPLES["cases"]
        for changes in case.get(verdict, []) + case.get("changes", {}).get(verdict, [])
    ]


def judge(kind, changes):
    if set(changes) == {"from", "to"}:
        old = spec_of(kind, changes["from"])
        assert schema.faults(kind, old) == []
        return schema.faults(kind, spec_of(kind, changes["to"]), old)
    return schema.faults(kind, spec_of(kind, changes))


@pytest.mark.parametrize(("kind", "changes", "message"), examples("accepted"))
def test_what_is_right_is_accepted(kind, changes, message):
    assert judge(kind, changes) == []


@pytest.mark.parametrize(("kind", "changes", "message"), examples("refused"))
def test_what_is_wrong_is_refused(kind, changes, message):
    told = judge(kind, changes)
    assert told
    if message:
        assert message in told


def rules(value, path=""):
    """Every rule below a schema, with the path of what it is about."""
    if isinstance(value, dict):
        for rule in value.get("x-kubernetes-validations", []):
            yield path, rule
        for name, item in value.items():
            yield from rules(item, f"{path}.{name}")


@pytest.mark.parametrize("kind", schema.DEFINITIONS)
def test_every_rule_has_an_example_it_refuses(kind):
    refusing = {case.get("message") for case in EXAMPLES["cases"]
                if case.get("refused") or case.get("changes", {}).get("refused")}
    missing = [(path, rule["message"]) for path, rule in rules(schema.schema_of(schema.DEFINITIONS[kind]))
               if rule["message"] not in refusing]
    assert missing == []


@pytest.mark.parametrize("kind", schema.DEFINITIONS)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_definition_is_valid_to_kubernetes(kind, version):
    kubernetes_validate.validate(schema.DEFINITIONS[kind], version, strict=True)


def samples():
    for folder in ("Manifests", "Tests"):
        for path in sorted((schema.ROOT / folder).rglob("*.yaml")):
            text = path.read_text()
            if "weir.dev/v1alpha1" in text and "Golden" not in path.parts:
                yield pytest.param(path, id=str(path.relative_to(schema.ROOT)))


@pytest.mark.parametrize("path", list(samples()))
def test_the_manifests_of_the_project_are_custom_resources(path):
    # Placeholders that a test fills in.
    text = re.sub(r"\$\{?[A-Z_]+\}?|\{\{?[a-z_]+\}?\}", "1", path.read_text())
    for document in yaml.safe_load_all(text):
        if document and str(document.get("apiVersion")).startswith("weir.dev/"):
            assert schema.faults(document["kind"], document["spec"]) == []


def test_no_definition_lets_unknown_fields_pass():
    assert "x-kubernetes-preserve-unknown-fields" not in str(schema.DEFINITIONS)


def test_the_reference_is_that_of_the_definitions():
    assert reference.PAGE.read_text() == reference.page()


@pytest.mark.parametrize("kind", schema.DEFINITIONS)
def test_rules_cost_less_than_half_of_what_an_api_server_takes(kind):
    """Half, for this is not the server's own estimate."""
    estimates = list(cost.rules(schema.schema_of(schema.DEFINITIONS[kind])["properties"]["spec"]))
    assert estimates
    assert [it for it in estimates if it[2] > cost.RULE_LIMIT / 2] == []
    assert sum(it[2] for it in estimates) < cost.DEFINITION_LIMIT / 2


def test_a_rule_over_what_nothing_bounds_costs_too_much():
    def estimate(bounds):
        window = {"type": "string", **bounds, "x-kubernetes-validations": [{"rule": "self.indexOf(':') != 3"}]}
        (_, _, estimate), = cost.rules({"type": "array", "items": window, "maxItems": 1000})
        return estimate
    assert estimate({"maxLength": 128}) == 53_300
    assert estimate({"maxLength": 32_768}) > cost.RULE_LIMIT and estimate({}) > cost.RULE_LIMIT
