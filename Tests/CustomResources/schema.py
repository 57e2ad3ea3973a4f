"""An API server's judgement of a custom resource, by libraries: OpenAPI by jsonschema, rules by cel-python."""

import copy
import pathlib
import re

import celpy
import jsonschema
import yaml

ROOT = pathlib.Path(__file__).parents[2]


def definitions():
    """The CustomResourceDefinitions by kind."""
    loaded = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "CRDs").glob("*.yaml"))]
    return {definition["spec"]["names"]["kind"]: definition for definition in loaded}


def schema_of(definition):
    return definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def defaulted(value, schema):
    """The value with the defaults of the schema, as the API server stores it."""
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        value = {name: item for name, item in value.items()}
        for name, field in properties.items():
            if name not in value and "default" in field:
                value[name] = copy.deepcopy(field["default"])
        return {name: defaulted(item, properties.get(name) or schema.get("additionalProperties") or {})
                for name, item in value.items()}
    if isinstance(value, list):
        return [defaulted(item, schema.get("items", {})) for item in value]
    return value


def faults(kind, spec, old=None):
    """What an API server would say to a spec, or to the change of an old one; messages of rules as they are."""
    schema = schema_of(DEFINITIONS[kind])["properties"]["spec"]
    spec = defaulted(spec, schema)
    old = None if old is None else defaulted(old, schema)
    structural = [error.message for error in VALIDATORS[kind].iter_errors(spec)] + list(repeated(spec, schema))
    # Rules are asked only about what has the right shape.
    return structural or list(broken_rules(spec, old, schema))


def repeated(value, schema):
    """The entries of lists by key that occur twice."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from repeated(item, schema.get("properties", {}).get(name, {}))
    elif isinstance(value, list):
        keys = schema.get("x-kubernetes-list-map-keys")
        seen = [tuple(item.get(key) for key in keys) for item in value] if keys else []
        yield from (f"{key} occurs twice" for key in set(seen) if seen.count(key) > 1)
        for item in value:
            yield from repeated(item, schema["items"])


def broken_rules(value, old, schema):
    for rule in schema.get("x-kubernetes-validations", []):
        # A rule about a change is not asked where there is nothing to compare with.
        if "oldSelf" in rule["rule"] and old is None:
            continue
        if not holds(rule["rule"], value, old):
            yield rule["message"]
    if isinstance(value, dict):
        for name, item in value.items():
            field = schema.get("properties", {}).get(name)
            if field:
                yield from broken_rules(item, (old or {}).get(name), field)
    elif isinstance(value, list):
        keys = schema.get("x-kubernetes-list-map-keys")
        for item in value:
            # Only entries of lists by key have a predecessor.
            same = [other for other in old or [] if keys and all(other[key] == item[key] for key in keys)]
            yield from broken_rules(item, same[0] if same else None, schema["items"])


def holds(rule, value, old):
    if rule not in PROGRAMS:
        PROGRAMS[rule] = ENVIRONMENT.program(ENVIRONMENT.compile(rule), functions=FUNCTIONS)
    names = {"self": celpy.json_to_cel(value)}
    if old is not None:
        names["oldSelf"] = celpy.json_to_cel(old)
    try:
        return bool(PROGRAMS[rule].evaluate(names))
    except celpy.CELEvalError:
        return False


def index_of(text, part):
    return celpy.celtypes.IntType(text.find(part))


def substring(text, start, end):
    return celpy.celtypes.StringType(text[start:end])


def is_date_time(text):
    """RFC 3339, also of days that there are."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text)
    return bool(match) and jsonschema.FormatChecker(["date"]).conforms(match[1], "date")


DEFINITIONS = definitions()
ENVIRONMENT = celpy.Environment()
#: Of Kubernetes' own, beyond the language.
FUNCTIONS = {"indexOf": index_of, "substring": substring}
PROGRAMS = {}
CHECKER = jsonschema.FormatChecker([])
CHECKER.checks("date-time")(is_date_time)
VALIDATORS = {
    kind: jsonschema.Draft202012Validator(schema_of(definition)["properties"]["spec"], format_checker=CHECKER)
    for kind, definition in DEFINITIONS.items()
}
