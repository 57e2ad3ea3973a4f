"""What the rules of a schema cost by an API server's estimate, from which it refuses a definition.

As cel-go's checker and Kubernetes' own functions have it: a name or a call is 1, a traversed string a tenth of its
bytes, of which there may be four a character, a regular expression a quarter of its length for each; a macro is its
body for each item there may be; and a rule below lists and maps is asked for each of their entries.
"""

import celpy
from lark import Token

#: Of one rule, and of all rules of a definition.
RULE_LIMIT, DEFINITION_LIMIT = 10_000_000, 100_000_000
#: What nothing bounds.
UNBOUNDED = 1 << 30
TRAVERSAL, EXPRESSION = 0.1, 0.25
#: Beyond its body, of each turn of a macro; of a list that is written out.
TURN, LIST = 5, 10
MACROS = {"all", "exists", "exists_one", "filter", "map"}

_parser = celpy.CELParser()


def rules(schema, path="spec", count=1):
    """Of each rule its path, its text, and its estimate."""
    for rule in schema.get("x-kubernetes-validations", []):
        names = {"self": schema, "oldSelf": schema}
        yield path, rule["rule"], round(_Estimate(names).of(_parser.parse(rule["rule"]))[0] * count)
    for name, field in schema.get("properties", {}).items():
        yield from rules(field, f"{path}.{name}", count)
    if isinstance(values := schema.get("additionalProperties"), dict):
        yield from rules(values, f"{path}.*", count * schema.get("maxProperties", UNBOUNDED))
    if "items" in schema:
        yield from rules(schema["items"], f"{path}[]", count * schema.get("maxItems", UNBOUNDED))


def size(schema):
    """Bytes of a string, items of a list."""
    match schema.get("type"):
        case "string":
            return max(map(len, schema["enum"])) if "enum" in schema else schema.get("maxLength", UNBOUNDED) * 4
        case "array":
            return schema.get("maxItems", UNBOUNDED)
        case "object":
            return schema.get("maxProperties", UNBOUNDED) if "additionalProperties" in schema else 1
        case _:
            return 1


class _Estimate:
    def __init__(self, names):
        self.names = names

    def of(self, node):
        """Cost, size of the result, and its schema where it has one."""
        if isinstance(node, Token):
            return 0, len(node), {}
        known = getattr(self, f"_{node.data}", None)
        if known:
            return known(*node.children)
        parts = [self.of(child) for child in node.children] or [(0, 1, {})]
        if len(parts) == 1:
            return parts[0]
        return sum(part[0] for part in parts) + 1, max(part[1] for part in parts), {}

    def _literal(self, token):
        return 0, len(token), {}

    def _ident(self, name):
        schema = self.names.get(str(name), {})
        return 1, size(schema), schema

    def _member_dot(self, target, name):
        cost, _, schema = self.of(target)
        field = schema.get("properties", {}).get(str(name).strip("_"), {})
        return cost + 1, size(field) if field else UNBOUNDED, field

    def _ident_arg(self, name, arguments):
        (cost, length, _), = map(self.of, arguments.children)
        match str(name):
            case "bytes":
                return cost + length * TRAVERSAL, length, {}
            case "string":
                return cost + 1, 64, {}
            case _:
                return cost + 1, 1, {}

    def _member_dot_arg(self, target, name, arguments):
        cost, length, schema = self.of(target)
        if name in MACROS:
            variable, body = arguments.children
            names = {**self.names, _text(variable): schema.get("items", {})}
            return cost + length * (_Estimate(names).of(body)[0] + TURN), 1, {}
        given = [self.of(it) for it in arguments.children]
        cost += sum(it[0] for it in given)
        match str(name):
            case "startsWith" | "endsWith":
                return cost + given[0][1] * TRAVERSAL, 1, {}
            case "indexOf" | "substring":
                return cost + length * TRAVERSAL, length, {}
            case "matches":
                return cost + (length + 1) * TRAVERSAL * given[0][1] * EXPRESSION, 1, {}
        raise AssertionError(f"what does {name} cost?")

    def _relation(self, *children):
        if len(children) == 1:
            return self.of(children[0])
        operator, right = children
        (left, length, _), (other, other_length, _) = self.of(operator), self.of(right)
        match operator.data:
            case "relation_eq" | "relation_ne":
                return left + other + 1 + min(length, other_length) * TRAVERSAL, 1, {}
            case "relation_in":
                return left + other + other_length, 1, {}
        return left + other + 1, 1, {}

    def _list_lit(self, items):
        return LIST + sum(self.of(it)[0] for it in items.children), len(items.children), {}


def _text(node):
    while not isinstance(node, Token):
        node, = node.children
    return str(node)
