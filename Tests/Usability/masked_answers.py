"""Whether an answer is the direct one but for its masks."""

import datetime
import json

#: What every governed text of the fixture and of the statements holds a piece of, in small letters, and no other does.
MARKS = ("vexgard", "orsolin", "-07-44", "202-555-01", "new person", "new@example.com", "x@example.com",
         "c@example.com", "999-01-0", "other name", "renamed", "a b", "x y",
         )
#: Columns whose governed values hold no such piece.
GOVERNED = {"date_of_birth", "salary"}


def is_governed(value):
    text = str(value).lower()
    return any(mark in text for mark in MARKS)


def is_mask(value):
    """Whether a cell may stand in the place of a governed one, in its type and format."""
    if value is None or value == "[redacted]":
        return True
    if isinstance(value, datetime.date):
        return (value.month, value.day) == (1, 1)
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    is_hash = len(text) == 64 and set(text) <= set("0123456789abcdef")
    return is_hash or text.startswith("*") or "[redacted]" in text


def difference(names, expected, got, masks=()):
    """What is wrong with the rows got, or None."""
    if len(expected) != len(got):
        return f"{len(got)} rows instead of {len(expected)}"
    for index, name in enumerate(names):
        left, right = [row[index] for row in expected], [row[index] for row in got]
        if left == right and name not in GOVERNED and name not in masks and not any(map(is_governed, left)):
            continue
        for a, b in zip(left, right):
            governed = name in GOVERNED or name in masks or is_governed(a)
            if governed and a is not None and (a == b and not is_mask(b) or not is_mask(b)):
                return f"column {name} is not masked: {b!r}"
            if not governed and a != b and not (any(map(is_governed, left)) and is_mask(b)):
                return f"column {name} is {b!r} instead of {a!r}"
    return None
