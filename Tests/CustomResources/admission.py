"""An API server's judgement by the ValidatingAdmissionPolicies of Manifests/admission, with cel-python."""

import celpy
import yaml

import schema

DOCUMENTS = [
    document
    for path in sorted((schema.ROOT / "Manifests/admission").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
]
POLICIES = {item["metadata"]["name"]: item["spec"] for item in DOCUMENTS if item["kind"] == "ValidatingAdmissionPolicy"}
BINDINGS = [item["spec"] for item in DOCUMENTS if item["kind"] == "ValidatingAdmissionPolicyBinding"]
PARAMETERS = next(item for item in DOCUMENTS if item["kind"] == "ConfigMap")
OPERATOR = PARAMETERS["data"]["operator"]
ENVIRONMENT = celpy.Environment()
PROGRAMS = {}


def denials(name, object, old=None, operation="CREATE", user="alice", groups=(), allowed=(), request_name=""):
    """The messages of the policy's validations that do not hold; `None` where it does not apply.

    `allowed` holds what the user may do, as `group/resource/namespace/name/verb`.
    """
    policy = POLICIES[name]
    request = {"operation": operation, "name": request_name, "userInfo": {"username": user, "groups": list(groups)}}
    names = {"object": object, "oldObject": old, "request": request, "params": PARAMETERS}
    activation = {key: celpy.json_to_cel(value) for key, value in names.items()}
    activation["authorizer"] = celpy.celtypes.StringType("")
    variables = celpy.celtypes.MapType()
    activation["variables"] = variables
    functions = {
        **{part: step for part in ("group", "resource", "namespace", "name", "check")},
        "allowed": lambda path: celpy.celtypes.BoolType(path[1:] in allowed),
    }

    def evaluate(expression):
        if expression not in PROGRAMS:
            PROGRAMS[expression] = ENVIRONMENT.compile(expression)
        return ENVIRONMENT.program(PROGRAMS[expression], functions=functions).evaluate(activation)

    if not all(evaluate(condition["expression"]) for condition in policy.get("matchConditions", [])):
        return None
    for variable in policy.get("variables", []):
        variables[celpy.celtypes.StringType(variable["name"])] = evaluate(variable["expression"])
    failed = []
    for validation in policy["validations"]:
        try:
            holds = evaluate(validation["expression"])
        except celpy.CELEvalError:
            holds = False
        if not holds:
            failed.append(validation["message"])
    return failed


def step(path, part):
    """The authorizer as the text of what it is asked."""
    return celpy.celtypes.StringType(f"{path}/{part}")
