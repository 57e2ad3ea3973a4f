"""Random expressions over the columns in sight, of the types asked for, so that most of them are valid."""

import struct

from builtins_of_server import TYPES
from relations import Scope
from templates import LITERALS, PARTS, TEMPLATES

#: What may stand for `any`.
ANY = ["text", "text", "int4", "date", "numeric", "jsonb", "text[]", "bool", "timestamptz", "bytea"]

#: Parameters: the type's identifier, and values in binary.
PARAMETERS = {
    "text": (25, [b"x", b"note1", b"Z%", b"", None]),
    "int4": (23, [struct.pack("!i", n) for n in (0, 1, 3, -1)]),
    "bool": (16, [b"\0", b"\1"]),
    "int8": (20, [struct.pack("!q", 5)]),
    "float8": (701, [struct.pack("!d", 2.5)]),
    "date": (1082, [struct.pack("!i", 9500)]),
    "bytea": (17, [b"A", b"\xff"]),
    "int4[]": (1007, [struct.pack("!iiiiiiii", 1, 0, 23, 2, 1, 4, 7, 4)[:32] + struct.pack("!i", 9)]),
}


class Expressions:
    """Makes expressions of a random source; `callables` are those of the server."""
    def __init__(self, callables):
        self.by_result = {}
        # More of the choices come from the templates, as the server's own list is long.
        for weight, group in ((1, callables["f"]), (6, TEMPLATES)):
            for it in group:
                if not it.text.startswith('"ts_') or it.result in TYPES:
                    self.by_result.setdefault(it.result, []).extend([it] * weight)
        self.all = callables["f"]
        self.aggregates, self.sets = callables["a"], callables["s"]
        self.random, self.count, self.parameters = None, 0, None

    def begin(self, random):
        """Starts anew on another random source."""
        self.random, self.count, self.parameters = random, 0, None

    def alias(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def chance(self, share):
        return self.random.random() < share

    def expression(self, kind, scope, depth=2, taint=0.4):
        """An expression of the type; `taint` is how often a column is a governed one."""
        random = self.random
        if kind == "any":
            kind = random.choice(ANY)
        if kind == "key":
            return ", ".join(scope.keys) or "1"
        if kind in PARTS:
            return random.choice(PARTS[kind])
        if depth <= 0 or self.chance(0.25):
            return self.leaf(kind, scope, taint)
        choices = self.by_result.get(kind)
        if not choices:
            return self.leaf(kind, scope, taint)
        return self.fill(random.choice(choices).text, scope, depth - 1, taint)

    def fill(self, template, scope, depth, taint):
        """The template with arguments."""
        parts, at = [], 0
        while True:
            start = template.find("{", at)
            if start < 0:
                return "".join(parts) + template[at:].replace("}}", "}")
            if template.startswith("{{", start):
                parts.append(template[at:start].replace("}}", "}") + "{")
                at = start + 2
                continue
            end = template.index("}", start)
            name = template[start + 1:end]
            parts.append(template[at:start].replace("}}", "}"))
            if name in TYPES or name in PARTS or name in ("any", "key"):
                parts.append(self.expression(name, scope, depth, taint))
            else:
                parts.append(template[start:end + 1])
            at = end + 1

    def leaf(self, kind, scope, taint):
        """A column of the type, of this query or one around it, a parameter or a constant."""
        random, level = self.random, scope
        while level is not None:
            columns = level.governed if self.chance(taint) else level.free
            fitting = [reference for reference, of in columns if of == kind]
            if fitting and self.chance(0.85):
                return random.choice(fitting)
            level = level.outer
        if self.parameters is not None and kind in PARAMETERS and self.chance(0.7):
            identifier, values = PARAMETERS[kind]
            self.parameters.append((kind, identifier, random.choice(values)))
            return f"${len(self.parameters)}"
        literals = LITERALS.get(kind)
        if literals is None:
            return f"NULL::{kind}"
        return self.fill(random.choice(literals), Scope(), 0, 0)

    def any_callable(self, scope, taint):
        """One call of one of the server's functions, whatever it returns."""
        return self.fill(self.random.choice(self.all).text, scope, 0, taint)
