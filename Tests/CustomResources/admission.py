"""An API server's judgement by the ValidatingAdmissionPolicies of Manifests/admission, with cel-python."""

import celpy
import celpy.evaluation
import yaml

import schema

DOCUMENTS = [
    document
    for path in sorted((schema.ROOT / "Manifests/admission").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
]
POLICIES = {item["metadata"]["name"]: item["spec"] for item in DOCUMENTS if item["kind"] == "ValidatingAdmissionPolicy"}
BINDINGS = [item["spec"] for item in DOCUMENTS if item["kind"] == "ValidatingAdmissionPolicyBinding"]
NAMESPACE = "weir-system"
OPERATOR = f"system:serviceaccount:{NAMESPACE}:weir-operator"
PROGRAMS = {}


class Evaluator(celpy.evaluation.Evaluator):
    """With `has` as the API server has it: only a map lacks a field, and what is null or missing itself is an error."""

    def macro_has_eval(self, exprlist):
        selected = exprlist
        while selected.data != "member_dot":
            selected, = selected.children
        owner, name = self.visit(selected.children[0]), selected.children[1].value
        if not isinstance(owner, dict):
            return celpy.CELEvalError(f"no such overload: has of {name}", TypeError, None)
        return celpy.celtypes.BoolType(name in owner)

    def sub_evaluator(self, ast):
        return Evaluator(ast, self.activation)


class Runner(celpy.InterpretedRunner):
    def evaluate(self, context):
        return Evaluator(self.ast, self.new_activation()).evaluate(context)


ENVIRONMENT = celpy.Environment(runner_class=Runner)


def denials(name, object, old=None, operation="CREATE", user="alice", groups=(), allowed=(), namespace="clinic",
            pod="api-1"):
    """The messages of the policy's validations that do not hold; `None` where it does not apply.

    `allowed` holds what the user may do, as `group/resource/namespace/name/verb`. Of a deletion there is no object, and
    no name either, as of one of many at once.
    """
    policy = POLICIES[name]
    request = {"operation": operation, "namespace": namespace, "userInfo": {"username": user, "groups": list(groups)}}
    if operation == "CONNECT":
        request["name"] = pod
    names = {"object": None if operation == "DELETE" else object, "oldObject": old, "request": request}
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
        try:
            return ENVIRONMENT.program(PROGRAMS[expression], functions=functions).evaluate(activation)
        except celpy.CELEvalError as error:
            return error

    for condition in policy.get("matchConditions", []):
        is_met = evaluate(condition["expression"])
        if isinstance(is_met, celpy.CELEvalError):
            return [f"condition {condition['name']}: {is_met}"]
        if not is_met:
            return None
    for variable in policy.get("variables", []):
        variables[celpy.celtypes.StringType(variable["name"])] = evaluate(variable["expression"])
    holding = [(evaluate(it["expression"]), it["message"]) for it in policy["validations"]]
    return [message for holds, message in holding if isinstance(holds, celpy.CELEvalError) or not holds]


def step(path, part):
    """The authorizer as the text of what it is asked."""
    return celpy.celtypes.StringType(f"{path}/{part}")
