"""Scenes: batches that define, replace, use and close statements and portals by name, where some of them fail.

All of a play is sent before any of it is answered: what a name means is known to the server alone.
"""

from steps import Step, simple
from wire import SYNC, bind, describe, execute, message, parse

NAMES = [b"", b"n1", b"n2"]
TEXTS = [
    "SELECT name, id FROM person ORDER BY id", "SELECT id, note FROM person ORDER BY id",
    "SELECT name, id FROM room ORDER BY id", "SELECT ssn FROM card ORDER BY id", "TABLE person",
    "UPDATE person SET grp = grp WHERE id = 1 RETURNING name, note", "SELECT 1", "EXECUTE n1", "FETCH ALL n2",
]
#: These fail: when they are bound or run, and when they are read.
FAILING = ["SELECT 1 / 0", "SELECT 1 / (id - 3) FROM room", "SELECT no_such_column FROM room", "SELEC"]
AROUND = ["BEGIN", "SAVEPOINT a", "ROLLBACK TO a", "ROLLBACK", "EXECUTE n1", "EXECUTE n2", "FETCH 1 n1", "FETCH ALL n2",
          "DEALLOCATE n1", "DECLARE n2 CURSOR FOR SELECT name FROM person ORDER BY id", "PREPARE n2 AS TABLE card"]


def _message(random):
    name = random.choice(NAMES)
    kind = random.choice("PPBBBEEEDDCF")
    if kind == "P":
        return parse(random.choice(TEXTS), name)
    if kind == "B":
        return bind(portal=name, name=random.choice(NAMES), result_formats=random.choice([(), (1, )]))
    if kind == "E":
        return execute(name, random.choice([0, 0, 1]))
    if kind == "D":
        return describe(random.choice([b"S", b"P"]), name)
    if kind == "C":
        return message(b"C", random.choice([b"S", b"P"]) + name + b"\0")
    return parse(random.choice(FAILING)) + bind() + execute()


def names(grammar):
    random = grammar.random
    steps = []
    for _ in range(random.choice([3, 6, 10])):
        if random.random() < 0.3:
            steps.append(simple(random.choice(AROUND)))
            continue
        sent = b"".join(_message(random) for _ in range(random.choice([1, 2, 4, 8])))
        steps.append(Step("a batch of names", sent + SYNC))
    return [*steps, simple("ROLLBACK"), simple("DEALLOCATE ALL")]
