"""What the statements may read, and what is in sight at a place of a statement."""

from values import FREE, GOVERNED, SHOWN

#: Relations by name: their free columns and their governed ones. The first free one tells rows apart.
RELATIONS = {
    "person": (FREE, GOVERNED),
    "care.person": (FREE, GOVERNED),
    "staff": ({**FREE, "ward": "text"}, GOVERNED),
    "visit": ({
        "id": "int4", "person": "int4", "day": "date", "room": "int4", "cost": "numeric"
    }, {"diagnosis": "text"}),
    "visit_2025": ({"id": "int4", "person": "int4", "day": "date"}, {"diagnosis": "text"}),
    "card": ({"id": "int4", "fee": "int4"}, {"ssn": "text", "tail": "text"}),
    "client": ({"id": "int4", "grp": "int4", "note": "text"}, SHOWN),
    "room": ({"id": "int4", "name": "text", "beds": "int4", "tags": "text[]"}, {}),
    "item": ({
        "id": "int4", "name": "text", "qty": "int4", "price": "numeric", "at": "timestamptz", "doc": "jsonb",
        "room": "int4"
    }, {}),
    "part": ({"id": "int4", "name": "text"}, {}),
    "log": ({"id": "int4", "line": "text"}, {}),
    "contact": ({"id": "int4", "grp": "int4", "note": "text"}, {"label": "text"}),
    "shout": ({"n": "int4", "note": "text"}, {"loud": "text"}),
    "stock": ({"name": "text", "room": "text", "qty": "int4"}, {}),
    "roster": ({"id": "int4", "note": "text"}, {"entry": "text"}),
    "listed": ({"id": "int4"}, {"line": "text"}),
    "chain": ({"id": "int4", "n": "int4"}, {"label": "text"}),
    "folded": ({"id": "int4", "note": "text", "labels": "text[]"}, {"sick": "text"}),
}

#: How often each is read: most is to be learned of those with many columns.
WEIGHTS = [6 if name in ("person", "care.person") else 2 if name == "client" else 1 for name in RELATIONS]


class Scope:
    """The columns in sight: `(reference, type)`, free and governed; the aliases they come from, each with whether it
    has governed columns; and `keys`, free columns that together tell every row apart.
    """
    def __init__(self, outer=None):
        self.free, self.governed, self.aliases, self.keys, self.outer = [], [], [], [], outer

    def add(self, alias, free, governed, keys=None):
        """A relation under an alias; its first free column is its key unless told otherwise."""
        self.aliases.append((alias, bool(governed)))
        self.free += [(f"{alias}.{name}", kind) for name, kind in free.items()]
        self.governed += [(f"{alias}.{name}", kind) for name, kind in governed.items()]
        self.keys += [f"{alias}.{name}" for name in (keys if keys is not None else list(free)[:1])]

    def absorb(self, other):
        """What a join adds."""
        self.free += other.free
        self.governed += other.governed
        self.aliases += other.aliases
        self.keys += other.keys

    @classmethod
    def of(cls, name, alias):
        """One relation in sight."""
        scope = cls()
        scope.add(alias, *RELATIONS[name])
        return scope
