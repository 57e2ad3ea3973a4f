"""The values of the two databases: alike in free columns, different in every governed one.

A governed text holds a marker of its side, a governed number the side's digits, so that a value is known again when it
turns up where it should not; values that functions treat apart (empty, infinite, of more dimensions, outside Latin 1,
with format characters) stand beside them. NULLs of `Redact` columns are where they are on both sides, as that action
shows them; those of `Null` columns are not.

Values under actions that show something of them (`client`) differ in what the action hides and agree in what it shows:
in length and shape, ending, first digits or year.
"""

import base64
import struct

#: Governed columns of `care.person` and their types.
GOVERNED = {
    "name": "text", "ssn": "text", "born": "date", "phone": "int8", "pay": "numeric", "key": "uuid", "tags": "text[]",
    "nums": "int4[]", "doc": "jsonb", "form": "json", "raw": "bytea", "seen": "timestamptz", "score": "float8",
    "rank": "int4", "flag": "bool", "addr": "inet", "span": "interval", "band": "int4range", "code": "varchar",
    "letter": "bpchar", "small": "int2", "clock": "time", "stamp": "timestamp", "hidden": "text", "mood": "int4",
    "pin": "text",
}

#: Those of `care.client`.
SHOWN = {
    "code": "text", "token": "text", "tail": "text", "zip": "text", "birth": "date", "age": "int4", "came": "date",
    "left_at": "timestamp", "number": "int8", "serial": "uuid", "scan": "bytea", "line": "int8",
}

#: Free columns of the tables, with their types.
FREE = {
    "id": "int4", "grp": "int4", "note": "text", "at": "date", "qty": "numeric", "meta": "jsonb", "labels": "text[]"
}

ROWS = 5
#: Bytes of a stored person: each has a page of its own, whatever is written to it, so that neither the plans nor the
#: order of rows tells the sides apart.
WIDTH = 5600
SIDES = (0, 1)
WORDS = ("Zqa", "Zqb")
DIGITS = ("7139", "8246")
#: Markers of `client`: long enough not to turn up in a token by chance.
LONG_WORDS = ("Vexarondil", "Qubistrane")
LINES = ("713971397", "824682468")


def forms(side):
    """The side's markers as they are on the wire in lower case, also turned over, cut and encoded; then those that are
    told by their case."""
    texts = [WORDS[side] + "mk", LONG_WORDS[side][:7], LONG_WORDS[side][3:]]
    cut = [texts[0][:4], texts[0][1:], *texts[1:], DIGITS[side] * 2, LINES[side]]
    plain = [it.lower().encode() for text in cut for it in (text, text[::-1])]
    encoded = [it.encode().hex().encode() for it in cut]
    binary = [struct.pack("!hh", int(DIGITS[side]), int(DIGITS[side])),
              struct.pack("!q", int(DIGITS[side] * 5) % 2**63), struct.pack("!q", int(LINES[side]))]
    return [*plain, *encoded], [*binary, *(form for text in texts for form in base64_forms(text.encode()))]


def base64_forms(octets):
    """What is surely in the base64 of any octets around these, for each of the places they may begin at."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + octets)
        first = -(-before * 8 // 6)
        yield text[first:(before + len(octets)) * 8 // 6]


def text(random, side, is_ascii):
    """A governed text; all of it ASCII where other encodings are tried."""
    word = WORDS[side] + "mk" + str(random.randrange(100))
    chosen = random.choice([
        word, word, word, word * random.randrange(1, 4), "O'" + word, word + ", " + word, "%" + word, word + "%",
        "%s" + word, "", " ", word + "\u0416\u6f22", "\u20ac", "12", "-3.5", "{" + word + "}",
        '{"k": "' + word + '"}', "[1, 2]", "1999-02-03", "true", "\\" + word, "(" + word, word + "@example.com",
        "10.1.2.3", "\u00e9", word[::-1], "x", "care.person", "<a>" + word + "</a>",
    ])
    return word if is_ascii and not chosen.isascii() else chosen


def number(random, side, top):
    """A governed whole number of at most `top`."""
    marked = int(DIGITS[side] * 5)
    return random.choice(
        [marked % (top + 1),
         int(DIGITS[side]) % top, 0, 1, -1, 2, -2 - side, 5, top, -top, 40 + side])


def literal(value):
    return "'" + str(value).replace("'", "''") + "'"


def governed(random, side, type_name, is_ascii=False):
    """A governed value of the type as an SQL literal."""
    if type_name in ("text", "varchar", "bpchar"):
        width = {"text": 1 << 20, "varchar": 12, "bpchar": 3}[type_name]
        return literal(text(random, side, is_ascii)[:width])
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


def shown(side, name, which):
    """The value of a column of `client`: `which` says whom it is about, so that equal values are so on both sides."""
    word, digits = LONG_WORDS[side], LINES[side]
    return literal({
        "code": f"{word} {which}", "token": f"{word}-{which}", "tail": f"{word}{which}0",
        "zip": f"021{digits[:2]}", "birth": f"195{which}-0{side + 2}-1{side + 3}", "age": 41 + 3 * side + 10 * which,
        "came": f"201{which}-0{side + 4}-2{side + 1}", "left_at": f"201{which}-0{side + 5}-0{side + 3} 04:05:06",
        "number": int(f"4{digits}{which}"), "serial": f"{digits[:8]}-33c2-4e57-9d7e-0c4f1aa2b6d{which}",
        "scan": "\\x" + f"{word}{which}".encode().hex(), "line": int(f"{digits}{which}7"),
    }[name])
