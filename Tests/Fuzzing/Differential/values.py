"""The rows of the two databases: alike in free columns, different in every governed one.

A governed text holds a marker of its side, a governed number the side's digits, so that a value is known again when it
turns up where it should not; values that functions treat apart (empty, infinite, of more dimensions, outside Latin 1,
with format characters) stand beside them. NULLs of `Redact` columns are where they are on both sides, as that action
shows them; those of `Null` columns are not.
"""

import base64

#: Governed columns of `care.person` and their types.
GOVERNED = {
    "name": "text", "ssn": "text", "born": "date", "phone": "int8", "pay": "numeric", "key": "uuid", "tags": "text[]",
    "nums": "int4[]", "doc": "jsonb", "form": "json", "raw": "bytea", "seen": "timestamptz", "score": "float8",
    "rank": "int4", "flag": "bool", "addr": "inet", "span": "interval", "band": "int4range", "code": "varchar",
    "letter": "bpchar", "small": "int2", "clock": "time", "stamp": "timestamp", "hidden": "text", "mood": "int4",
    "pin": "text",
}

#: Free columns of the tables, with their types.
FREE = {
    "id": "int4", "grp": "int4", "note": "text", "at": "date", "qty": "numeric", "meta": "jsonb", "labels": "text[]"
}

ROWS = 5
#: Bytes of a stored person: as wide on both sides, so that the plans and the order of rows do not tell them apart.
WIDTH = 1400
SIDES = (0, 1)
WORDS = ("Zqa", "Zqb")
DIGITS = ("7139", "8246")


def forms(side):
    """The side's markers as they are on the wire, also turned over and encoded."""
    word, digits = WORDS[side], DIGITS[side]
    texts = [word + "mk", (word + "mk").upper(), (word + "mk").lower(), (word + "mk")[::-1], digits + digits]
    encoded = [(word + "mk").encode().hex(), base64.b64encode((word + "mk").encode()).decode()[:6]]
    return [text.encode() for text in texts + encoded]


def text(random, side):
    """A governed text."""
    word = WORDS[side] + "mk" + str(random.randrange(100))
    return random.choice([
        word, word, word, word * random.randrange(1, 4), "O'" + word, word + ", " + word, "%" + word, word + "%",
        "%s" + word, "", " ", word + "\u0416\u6f22", "\u20ac", "12", "-3.5", "{" + word + "}",
        '{"k": "' + word + '"}', "[1, 2]", "1999-02-03", "true", "\\" + word, "(" + word, word + "@example.com",
        "10.1.2.3", "\u00e9", word[::-1], "x", "care.person", "<a>" + word + "</a>",
    ])


def number(random, side, top):
    """A governed whole number of at most `top`."""
    marked = int(DIGITS[side] * 5)
    return random.choice(
        [marked % (top + 1),
         int(DIGITS[side]) % top, 0, 1, -1, 2, -2 - side, 5, top, -top, 40 + side])


def governed(random, side, type_name):
    """A governed value of the type as an SQL literal."""
    def literal(value):
        return "'" + str(value).replace("'", "''") + "'"

    if type_name in ("text", "varchar", "bpchar"):
        width = {"text": 1 << 20, "varchar": 12, "bpchar": 3}[type_name]
        return literal(text(random, side)[:width])
    if type_name in ("int2", "int4", "int8"):
        return literal(number(random, side, {"int2": 32767, "int4": 2**31 - 1, "int8": 2**63 - 1}[type_name]))
    year = str(1900 + int(DIGITS[side][:2]))
    choices = {
        "date": [year + "-03-17", year + "-12-31", "infinity", "-infinity", "0001-01-01 BC", "2000-02-29"],
        "numeric": [DIGITS[side] + "39.25", "0", "-1", "NaN", "0.01", "9999999999.99", "1.5", "4"],
        "uuid": [f"{DIGITS[side]}0a90-33c2-4e57-9d7e-0c4f1aa2b6d{n}" for n in range(9)], "text[]": [
            '{}',
            '{%smk}' % WORDS[side],
            '{a,%smk,NULL}' % WORDS[side],
            '{{a,b},{c,%smk}}' % WORDS[side], '{NULL}', '[3:4]={x,y}', '{x,y}', '{{{a}}}'
        ], "int4[]": [
            "{}",
            "{%s}" % DIGITS[side],
            "{1,2,%s}" % DIGITS[side], "{{1,2},{3,4}}", "{NULL,1}", "{0}", "[0:1]={1,2}"
        ], "jsonb": [
            '{"k": "%smk"}' % WORDS[side],
            '[1, %s]' % DIGITS[side],
            '"%smk"' % WORDS[side], '{}', '[]', 'null', 'true', '{"k": {"k": [1, 2]}}', '[{"k": 1}, {"a": 2}]', '12',
            '{"a": 1, "id": 3, "b": "%smk"}' % WORDS[side]
        ], "bytea": ["\\x" + (WORDS[side] + "mk").encode().hex(), "\\x", "\\xff00", "\\xc3a9", "\\x41", "\\xc328"],
        "timestamptz": [year + "-03-17 04:05:06+00", "infinity", "-infinity", "2000-02-29 00:00:00+00"], "float8": [
            DIGITS[side] + ".5", "0", "-1", "NaN", "Infinity", "-Infinity", "1e308", "1e-300", "2"
        ], "bool": ["true", "false"], "inet": [
            "10.%s.3.4" % DIGITS[side][:2], "::1", "10.0.0.0/8", "192.168.1.5/24",
            "2001:db8::%s/64" % DIGITS[side]
        ], "interval": [
            DIGITS[side] + " days", "0", "-1 month", "178000000 years", "1 year 2 mons 3 days 04:05:06", "36:00:00"
        ], "int4range": ["empty", "[1,%s)" % DIGITS[side], "(,5]", "[3,)", "(,)", "[5,6)"], "time": [
            "04:0%d:06" % side, "24:00:00", "00:00:00"
        ], "timestamp": [year + "-03-17 04:05:06", "infinity", "2000-02-29"],
    }
    choices["json"] = choices["jsonb"] + ['{"k": 1, "k": 2}', ' [ ] ', '{"k": "\\u0000"}']
    return literal(random.choice(choices[type_name]))


def deal(random):
    """For each side the script that fills its tables anew."""
    scripts = [["TRUNCATE person, staff, visit, card, open.room, open.item RESTART IDENTITY;"] for _ in SIDES]

    def both(sql):
        for script in scripts:
            script.append(sql)

    for n in range(1, 5):
        both(f"INSERT INTO open.room VALUES ({n}, 'room{n}', {n * 2}, '{{r{n},all}}');")
        both(f"INSERT INTO open.item (name, qty, price, at, doc, room) VALUES ('item{n}', {n * 3}, {n}.25,"
             f" '2026-01-0{n} 10:00+00', '{{\"k\": {n}}}', {n});")
    for n in range(1, ROWS + 1):
        table = "person" if n < ROWS else "staff"
        free = (f"{n}, {n % 3}, 'note{n}', '2026-0{n}-11', {n}.50, '{{\"k\": {n}, \"a\": [1, {n}]}}', '{{l{n},all}}'")
        absent = {c for c in GOVERNED if c not in ("hidden", "mood") and random.random() < 0.12}
        for side in SIDES:
            cells = [
                "NULL" if c in absent or c in ("hidden", "mood") and random.random() < 0.5 else governed(
                    random, side, t) for c, t in GOVERNED.items()
            ]
            columns = ", ".join([*FREE, *GOVERNED])
            scripts[side].append(
                f"INSERT INTO draft ({columns}) VALUES ({free}, {', '.join(cells)});"
                f"INSERT INTO {table} ({columns}, pad) SELECT {columns}, repeat('x', {WIDTH} -"
                f" pg_column_size(draft)) FROM draft;"
                "DELETE FROM draft;")
            diagnosis = "NULL" if "name" in absent else governed(random, side, "text")
            scripts[side].append(
                f"INSERT INTO visit VALUES ({n}, {n}, '202{4 + n % 3}-05-0{n}', {diagnosis}, {n % 4 + 1}, {n}0.5);")
            scripts[side].append(f"INSERT INTO card VALUES ({n}, {governed(random, side, 'text')}, {n * 5});")
    both("REFRESH MATERIALIZED VIEW roster;")
    return ["\n".join(script) for script in scripts]
