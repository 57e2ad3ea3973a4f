"""Random statements that write."""

from relations import Scope
from values import GOVERNED, SHOWN


def write(grammar):
    """A statement that changes rows, which may take values from governed columns."""
    random, scope = grammar.random, Scope.of("person", "person")
    kind, column = random.choice([("text", "note"), ("int4", "grp"), ("date", "at"), ("text[]", "labels"),
                                  ("numeric", "qty"), ("jsonb", "meta")])
    taint = random.choice([0, 0, 0, 0.4])
    value = grammar.expression(kind, scope, 1, taint)
    returning = random.choice([
        "", " RETURNING *", " RETURNING person.id, name",
        f" RETURNING {grammar.expression('any', scope, 1, 0.5)}"
    ])
    condition = random.choice([
        "person.id = 2", "person.id = 3", "person.grp = 1",
        grammar.expression("bool", scope, 1, random.choice([0, 0, 0.4]))
    ])
    return random.choice([_update, _insert, _delete, _conflict, _elsewhere, _elsewhere, _with, _client, _broken])(
        grammar, scope, (column, value), condition, returning)


def _own(grammar, scope, taint):
    """A governed column and a value for it."""
    column, kind = grammar.random.choice(list(GOVERNED.items()))
    return column, grammar.expression(kind, scope, 1, taint)


def _update(grammar, scope, assignment, condition, returning):
    if grammar.chance(0.5):
        assignment = _own(grammar, scope, grammar.random.choice([0, 0, 0, 0.3]))
    return f"UPDATE person SET {assignment[0]} = {assignment[1]} WHERE {condition}{returning}"


def _delete(grammar, scope, assignment, condition, returning):
    return f"DELETE FROM person WHERE {condition}{returning}"


def _insert(grammar, scope, assignment, condition, returning):
    column, value = _own(grammar, Scope(), 0)
    fresh = grammar.random.randrange(100, 1000)
    return grammar.random.choice([
        f"INSERT INTO person (id, note, {column}) VALUES ({fresh}, 'new', {value}){returning}",
        f"INSERT INTO person AS p (id, {column}) VALUES ({fresh}, {value}), ({fresh + 1}, {value}) RETURNING p",
        f"INSERT INTO person (id, {assignment[0]}) SELECT id + {fresh}, {assignment[1]} FROM person",
    ])


def _conflict(grammar, scope, assignment, condition, returning):
    column, value = assignment
    action = grammar.random.choice([
        "NOTHING", f"UPDATE SET {column} = {value}", f"UPDATE SET {column} = {value} WHERE {condition}",
        "UPDATE SET note = excluded.name", "UPDATE SET name = excluded.name"
    ])
    return f"INSERT INTO person (id, name) VALUES (2, 'x') ON CONFLICT (id) DO {action}{returning}"


def _elsewhere(grammar, scope, assignment, condition, returning):
    """Writes to a table that anyone may read."""
    random = grammar.random
    text = grammar.expression("text", scope, 1, random.choice([0, 0, 0, 0.4]))
    plain = grammar.expression("text", Scope(), 1, 0)
    fresh = random.randrange(100, 1000)
    return random.choice([
        f"INSERT INTO room VALUES ({fresh}, {plain}) RETURNING *",
        f"MERGE INTO room USING person ON person.id = room.id WHEN MATCHED AND {condition} THEN UPDATE SET"
        f" name = {text} WHEN NOT MATCHED THEN INSERT (id, name) VALUES (person.id + {fresh}, {text})",
        f"MERGE INTO person USING room ON person.id = room.id WHEN MATCHED AND {condition} THEN DELETE",
        f"UPDATE room SET name = {text} FROM person WHERE person.id = room.id RETURNING room.*",
        f"UPDATE room SET (name, beds) = (SELECT {text}, 3 FROM person WHERE person.id = room.id)",
        f"INSERT INTO part SELECT person.id, {text} FROM person WHERE {condition} RETURNING *",
        f"INSERT INTO log (line, tone, what) VALUES ({plain}, 'low', (1, {plain})) RETURNING *",
        f"DELETE FROM item USING person WHERE person.id = item.id AND {condition} RETURNING item.name",
        f"UPDATE item SET doc = jsonb_set(doc, '{{k}}', to_jsonb({text})) FROM person WHERE person.id = item.id",
        f"UPDATE log SET what.b = {plain}, line = {plain} WHERE id = 1 RETURNING what",
    ])


def _with(grammar, scope, assignment, condition, returning):
    value = grammar.expression("any", Scope.of("person", "u"), 1, 0.5)
    return grammar.random.choice([
        f"WITH u AS (UPDATE person SET grp = grp + 1 RETURNING *) SELECT id, name, {value} FROM u",
        f"WITH u AS (DELETE FROM person WHERE {condition} RETURNING *) INSERT INTO room (id, name) SELECT id + 90, note"
        " FROM u RETURNING *",
        f"WITH u AS (SELECT * FROM person) INSERT INTO room (id, name) SELECT u.id + 90, ({value})::text FROM u",
    ])


def _client(grammar, scope, assignment, condition, returning):
    column, kind = grammar.random.choice(list(SHOWN.items()))
    own = grammar.expression(kind, Scope.of("client", "client"), 1, grammar.random.choice([0, 0, 0.3]))
    return f"UPDATE client SET {column} = {own} WHERE id = 2 RETURNING id, {column}"


def _broken(grammar, scope, assignment, condition, returning):
    """What breaks a constraint: the server names the row."""
    return grammar.random.choice([
        "INSERT INTO person (id, name) VALUES (1, 'x')", "UPDATE person SET id = 3 WHERE id = 2",
        "UPDATE person SET id = NULL WHERE id = 1", "UPDATE person SET qty = 5000 WHERE id = 1",
        "INSERT INTO item (name) VALUES (NULL)", "INSERT INTO item (name, room) VALUES ('x', 99)",
        "DELETE FROM room WHERE id = 1", "UPDATE log SET line = repeat('x', 60)", "UPDATE log SET tone = 'loud'",
        "UPDATE visit SET day = NULL, id = 1 / (id - 3)", "UPDATE person SET grp = 1 / (id - 3)",
        f"UPDATE person SET code = repeat('c', 13) WHERE {condition}", "UPDATE visit_2025 SET day = '2030-01-01'",
        "UPDATE card SET tail = 'x'", "INSERT INTO person (id, name) SELECT 1, note FROM person",
        "UPDATE person SET small = 70000 WHERE id = 1", "UPDATE client SET id = NULL", "UPDATE client SET id = 1",
    ])
