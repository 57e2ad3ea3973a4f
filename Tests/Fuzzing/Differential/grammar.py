"""Random expressions and queries over the fuzzer's schema, of the right types, so that most of them are valid."""

from builtins_of_server import TYPES, Callable
from values import DIGITS, FREE, GOVERNED, WORDS

#: What the server's list of functions does not hold: syntax of its own, and forms that people write.
TEMPLATES = [
    Callable(text, result) for result, texts in {
        "text": [
            "coalesce({text}, {text})", "nullif({text}, {text})", "CASE WHEN {bool} THEN {text} ELSE {text} END",
            "CASE {int4} WHEN {int4} THEN {text} END", "greatest({text}, {text})", "least({text}, {text})",
            "{text} COLLATE \"C\"", "substring({text} FROM {pattern})", "substring({text} FROM {small} FOR {small})",
            "trim(BOTH 'Z' FROM {text})", "overlay({text} PLACING 'x' FROM {small})",
            "concat({text}, {int4}, {date})", "concat_ws('-', {text}, {any})", "format('%s / %s', {any}, {any})",
            "format({text}, {any})", "format({text})", "to_char({date}, 'YYYY-MM')", "to_char({numeric}, '999D9')",
            "({jsonb} ->> 'k')", "({jsonb} #>> '{k,0}')", "({text[]})[{small}]", "({any})::text",
            "ROW({any}, {any})::text", "pg_typeof({any})::text", "left({text}, {small})", "right({text}, {small})",
            "split_part({text}, ',', {small})", "regexp_replace({text}, {pattern}, '#')", "encode({bytea}, 'hex')",
            "encode({bytea}, 'escape')", "convert_from({bytea}, 'UTF8')", "({text})::varchar(4)",
            "array_to_string({text[]}, ',')", "lpad({text}, 6, '*')", "to_jsonb({any})::text",
            "json_build_array({any})::text", "regexp_substr({text}, {pattern})", "(xpath('/a', {xml}))[1]::text",
            "json_build_object('k', {any})::text", "(SELECT {text})", "(VALUES ({text}))",
            "(json_build_object('k', {text}) ->> 'k')", "quote_nullable({any})", "({text} || {any})",
            "age({timestamp})::text", "age({timestamp}, {timestamp})::text", "({text[]})::text",
            "format('%I', {text})", "max({text}) OVER ()", "lag({text}) OVER (ORDER BY 1)", "string_agg({text}, ',')",
            "(xmlelement(name a, {text}))::text",
        ], "int4": [
            "coalesce({int4}, {int4})", "nullif({int4}, {int4})", "CASE WHEN {bool} THEN {int4} END",
            "length({text})", "extract(year FROM {date})::int", "({int4[]})[{small}]", "cardinality({text[]})",
            "array_position({text[]}, {text})", "position({text} IN {text})", "greatest({int4}, {int4})",
            "({int4} + {small})", "({numeric})::int", "num_nulls({any})", "row_number() OVER (ORDER BY {any})",
            "array_length({text[]}, 1)", "({jsonb} ->> 'k')::int", "ascii({text})",
            "rank() OVER (PARTITION BY {any})", "count({any}) OVER ()",
            "(SELECT count(*) FROM generate_series(1, {int4} % 5))", "GREATEST({int4}, 3)",
            "CASE {text} WHEN {text} THEN 1 ELSE 2 END", "octet_length({text})",
        ], "numeric": [
            "({numeric} * 2)", "round({numeric}, 1)", "coalesce({numeric}, 0)", "({numeric})::numeric(4, 1)",
            "({int8})::numeric", "avg({numeric}) OVER ()"
        ], "bool": [
            "({any} IS NULL)", "({any} IS NOT NULL)", "({text} LIKE {like})", "({text} = {text})",
            "({int4} > {int4})", "({bool} IS TRUE)", "({text} IN ({text}, {text}))",
            "({int4} BETWEEN {int4} AND {int4})", "({text} ~ {pattern})", "({text} IS DISTINCT FROM {text})",
            "(NOT {bool})", "({bool} AND {bool})", "({bool} OR {bool})", "EXISTS (SELECT 1 WHERE {bool})",
            "({int4} = ANY ({int4[]}))", "(ROW({int4}, {text}) < ROW({int4}, {text}))", "({int4} IN (SELECT {int4}))",
            "({jsonb} ? 'k')", "({xml} IS DOCUMENT)", "({text} IS NFC NORMALIZED)", "({text} SIMILAR TO {like})",
            "({text} ILIKE {like})", "({date}, {date}) OVERLAPS ({date}, {date})",
        ], "date": [
            "({timestamptz})::date", "coalesce({date}, {date})", "({date} + {small})",
            "date_trunc('month', {date})::date"
        ], "timestamp": [
            "date_trunc('day', {timestamp})", "({date})::timestamp", "({timestamptz} AT TIME ZONE 'UTC')"
        ], "timestamptz": ["({timestamp} AT TIME ZONE 'UTC')", "coalesce({timestamptz}, {timestamptz})"],
        "interval": ["({timestamp} - {timestamp})", "({small} * interval '1 day')"], "jsonb": [
            "to_jsonb({any})", "({jsonb} -> 'k')", "({jsonb} #> '{k,0}')", "({jsonb} -> {small})",
            "jsonb_build_object('k', {any})", "jsonb_build_array({any}, {any})", "({jsonb})['k']",
            "coalesce({jsonb}, '{{}}')", "jsonb_path_query_first({jsonb}, '$.k')",
        ], "json": [
            "to_json({any})", "({json} -> 'k')", "json_build_object('a', {any})", "row_to_json(ROW({any}))",
            "json_agg({any})"
        ], "text[]": [
            "ARRAY[{text}, {text}]", "({text[]})[1:{small}]", "string_to_array({text}, ',')",
            "({text[]} || {text[]})", "({text[]} || {text})", "regexp_match({text}, {pattern})",
            "array_remove({text[]}, {text})", "ARRAY(SELECT {text})", "array_append({text[]}, {text})",
            "regexp_split_to_array({text}, ',')",
        ], "int4[]": ["ARRAY[{int4}, {int4}]", "({int4[]} || {int4})", "({int4[]})[2:]"], "bytea": [
            "convert_to({text}, 'UTF8')", "convert_to({text}, 'LATIN1')", "decode({text}, 'hex')", "({text})::bytea",
            "sha256({bytea})"
        ], "xml": [
            "xmlelement(name a, {text})", "xmlforest({any} AS x)", "xmlcomment({text})", "xmlparse(CONTENT {text})"
        ], "int4range": ["int4range({int4}, {int4})", "({int4range} * {int4range})"],
    }.items() for text in texts
]

#: `{like}`, `{pattern}`, `{small}`: never a column's.
PARTS = {
    "like": ["'Z%'", "'%k%'", "'note_'",
             "'%a%5%'"], "pattern": ["'^Z'", "'k(.)'", "'[0-9]+'", "'a|b'", "'note'", f"'{WORDS[0]}'"],
    "small": ["0", "1", "2", "3", "-1", "5"],
}

LITERALS = {
    "text": ["'x'", "''", "'note1'", "'item2'", f"'{WORDS[0]}mk'", "'%s'", "'k'", "'a,b'", "'12'"],
    "varchar": ["'ab'::varchar"], "bpchar": ["'ab'::bpchar"], "name": ["'n'::name"], "int2": ["2::int2"], "int4": [
        "0", "1", "3", "7", "(-1)", DIGITS[0], "100"
    ], "int8": ["5::int8", "70000000000"], "numeric": ["1.5", "0.0", "2.25"], "float4": ["1.5::float4"], "float8": [
        "2.5::float8"
    ], "bool": ["true", "false"], "date": ["date '2026-01-05'", "date '1971-03-17'"], "timestamp": [
        "timestamp '2026-01-01 10:00'"
    ], "timestamptz": ["timestamptz '2026-01-01 10:00+00'"], "interval": ["interval '1 day'", "interval '2 mons'"],
    "time": ["time '04:05'"], "uuid": ["'71390a90-33c2-4e57-9d7e-0c4f1aa2b6d1'::uuid"], "json": [
        "'{{\"k\": 1}}'::json"
    ], "jsonb": ["'{{\"k\": 1}}'::jsonb", "'[1, 2]'::jsonb"], "text[]": ["ARRAY['a', 'b']",
                                                                         "'{{}}'::text[]"], "int4[]": ["ARRAY[1, 2]"],
    "bytea": ["'\\x41'::bytea"], "inet": ["inet '10.0.0.1'"], "cidr": ["cidr '10.0.0.0/8'"], "int4range": [
        "int4range(1, 9)"
    ], "tsvector": ["'a b'::tsvector", "to_tsvector('simple', {text})"], "tsquery": ["'a'::tsquery"], "jsonpath": [
        "'$.k'::jsonpath", "'$[*]'::jsonpath"
    ], "xml": ["'<a>1</a>'::xml"], "varbit": ["B'101'::varbit"], "oid": ["23::oid"],
}

#: Relations by name: which columns they have, governed ones apart.
RELATIONS = {
    "person": (FREE, GOVERNED), "care.person": (FREE, GOVERNED), "staff": ({**FREE, "ward": "text"}, GOVERNED),
    "visit": ({"id": "int4", "person": "int4", "day": "date", "room": "int4",
               "cost": "numeric"}, {"diagnosis": "text"}), "visit_2025": ({
                   "id": "int4", "person": "int4", "day": "date"
               }, {"diagnosis": "text"}), "card": ({"id": "int4", "fee": "int4"}, {"ssn": "text", "tail": "text"}),
    "room": ({"id": "int4", "name": "text", "beds": "int4", "tags": "text[]"}, {}), "item": ({
        "id": "int4", "name": "text", "qty": "int4", "price": "numeric", "at": "timestamptz", "doc": "jsonb",
        "room": "int4"
    }, {}), "contact": ({"id": "int4", "grp": "int4", "note": "text"}, {"label": "text"}), "shout": ({
        "n": "int4", "note": "text"
    }, {"loud": "text"}), "stock": ({"room": "text", "name": "text",
                                     "qty": "int4"}, {}), "roster": ({"id": "int4",
                                                                      "note": "text"}, {"entry": "text"}),
}


class Scope:
    """The columns in sight: `(reference, type)`, free and governed, and the aliases they come from."""
    def __init__(self, outer=None):
        self.free, self.governed, self.aliases, self.outer = [], [], [], outer

    def add(self, alias, free, governed):
        self.aliases.append((alias, bool(governed)))
        self.free += [(f"{alias}.{name}", kind) for name, kind in free.items()]
        self.governed += [(f"{alias}.{name}", kind) for name, kind in governed.items()]


class Grammar:
    """Makes statements of a random source; `callables` are those of the server."""
    def __init__(self, random, callables):
        self.random = random
        self.by_result = {}
        #: Half of the choices come from the templates, as the server's own list is long.
        for weight, group in ((1, callables["f"]), (6, TEMPLATES)):
            for it in group:
                if not it.text.startswith('"ts_') or it.result in TYPES:
                    self.by_result.setdefault(it.result, []).extend([it] * weight)
        self.all = callables["f"]
        self.aggregates, self.sets = callables["a"], callables["s"]
        self.count = 0

    def alias(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def chance(self, share):
        return self.random.random() < share

    # Expressions

    def expression(self, kind, scope, depth=2, taint=0.4):
        """An expression of the type; `taint` is how often a column is a governed one."""
        random = self.random
        if kind == "any":
            kind = random.choice(
                ["text", "text", "int4", "date", "numeric", "jsonb", "text[]", "bool", "timestamptz", "bytea"])
        if kind in PARTS:
            return random.choice(PARTS[kind])
        if depth <= 0 or self.chance(0.25):
            return self.leaf(kind, scope, taint)
        choices = self.by_result.get(kind)
        if not choices:
            return self.leaf(kind, scope, taint)
        return self.fill(random.choice(choices), scope, depth - 1, taint)

    def fill(self, it, scope, depth, taint):
        """The callable with arguments."""
        return self._fill(it.text, scope, depth, taint)

    def _fill(self, text, scope, depth, taint):
        parts, at = [], 0
        while True:
            start = text.find("{", at)
            if start < 0:
                return "".join(parts) + text[at:].replace("}}", "}")
            if text.startswith("{{", start):
                parts.append(text[at:start] + "{")
                at = start + 2
                continue
            end = text.index("}", start)
            name = text[start + 1:end]
            parts.append(text[at:start].replace("}}", "}"))
            if name in TYPES or name in PARTS or name == "any":
                parts.append(self.expression(name, scope, depth, taint))
            else:
                parts.append(text[start:end + 1])
            at = end + 1

    def leaf(self, kind, scope, taint):
        random, level = self.random, scope
        while level is not None:
            columns = level.governed if self.chance(taint) else level.free
            fitting = [reference for reference, of in columns if of == kind]
            if fitting and self.chance(0.85):
                return random.choice(fitting)
            level = level.outer
        literals = LITERALS.get(kind)
        if literals is None:
            return f"NULL::{kind}"
        return self._fill(random.choice(literals), Scope(), 0, 0)

    def any_callable(self, scope, taint):
        """One call of one of the server's functions, whatever it returns."""
        return self.fill(self.random.choice(self.all), scope, 0, taint)

    # Queries

    def source(self, scope, depth, name=None):
        """One item of FROM, added to the scope."""
        random = self.random
        if depth > 0 and name is None and self.chance(0.2):
            alias = self.alias("s")
            sql, columns = self.select(depth - 1, outer=None)
            scope.add(alias, {c: k for c, k, g in columns if not g}, {c: k for c, k, g in columns if g})
            return f"({sql}) AS {alias}"
        if depth > 0 and name is None and scope.free and self.chance(0.1):
            alias = self.alias("l")
            sql, columns = self.select(depth - 1, outer=scope)
            scope.add(alias, {c: k for c, k, g in columns if not g}, {c: k for c, k, g in columns if g})
            return f"LATERAL ({sql}) AS {alias}"
        if name is None and self.chance(0.05):
            alias = self.alias("g")
            scope.add(alias, {"n": "int4"}, {})
            return f"generate_series(1, {random.choice('123')}) AS {alias}(n)"
        if name is None and self.chance(0.03):
            alias, call = self.alias("f"), self.fill(random.choice(self.sets), scope, 0, 0.3)
            scope.add(alias, {"c": "text"}, {})
            return f"{call} AS {alias}(c)"
        alias = self.alias("t")
        name = name or random.choice(list(RELATIONS))
        free, governed = RELATIONS[name]
        scope.add(alias, free, governed)
        return f"{'ONLY ' if self.chance(0.03) and name == 'person' else ''}{name} AS {alias}"

    def sources(self, scope, depth):
        random = self.random
        sql = self.source(scope, depth)
        for _ in range(random.choice([0, 0, 0, 1, 1, 2])):
            join = random.choice(["JOIN", "LEFT JOIN", "FULL JOIN", ",", "CROSS JOIN", "RIGHT JOIN"])
            left = [reference for reference, kind in scope.free if kind == "int4"]
            inner = Scope(scope.outer)
            inner.free, inner.governed, inner.aliases = list(scope.free), list(scope.governed), list(scope.aliases)
            if join in (",", "CROSS JOIN"):
                sql += f"{',' if join == ',' else ' ' + join} {self.source(scope, depth - 1)}"
                continue
            lateral = Scope()
            sql += f" {join} {self.source(lateral, depth - 1)}"
            right = [reference for reference, kind in lateral.free if kind == "int4"]
            scope.free += lateral.free
            scope.governed += lateral.governed
            scope.aliases += lateral.aliases
            if left and right and not self.chance(0.08):
                sql += f" ON {random.choice(left)} = {random.choice(right)}"
            else:
                condition = self.expression("bool", scope, 1, 0.1)
                sql += f" ON {condition}" if join in ("JOIN", "LEFT JOIN") else " ON true"
        return sql

    def target(self, scope, depth, name):
        """An output column: its SQL, type and whether it may be governed."""
        random, taint = self.random, random_taint(self.random)
        if self.chance(0.03):
            alias, governed = random.choice(scope.aliases)
            return random.choice([alias, f"to_jsonb({alias})", f"{alias}::text",
                                  f"row_to_json({alias})"]), "text", governed
        if self.chance(0.25):
            return self.any_callable(scope, taint), "other", taint > 0
        kind = random.choice(
            ["text", "text", "text", "int4", "numeric", "date", "bool", "jsonb", "text[]", "timestamptz"])
        return self.expression(kind, scope, random.choice([0, 0, 1, 1, 2, 3]), taint), kind, taint > 0

    def select(self, depth, outer=None):
        """A SELECT, and its columns as `(name, type, may be governed)`."""
        random = self.random
        scope = Scope(outer)
        ctes = ""
        if depth > 1 and self.chance(0.1):
            name = self.alias("w")
            sql, columns = self.select(depth - 1)
            kind = random.choice(["", "", "MATERIALIZED ", "NOT MATERIALIZED "])
            ctes = f"WITH {name} AS {kind}({sql}) "
            from_sql = f"{name} AS {name}x"
            scope.add(f"{name}x", {c: k for c, k, g in columns if not g}, {c: k for c, k, g in columns if g})
        else:
            from_sql = self.sources(scope, depth)
        columns, targets = [], []
        is_grouped = self.chance(0.08)
        if is_grouped and scope.free:
            key, kind = random.choice(scope.free)
            name = self.alias("c")
            targets.append(f"{key} AS {name}")
            columns.append((name, kind, False))
            name = self.alias("c")
            call = self.fill(random.choice(self.aggregates), scope, 0, random.choice([0, 0, 0.5]))
            targets.append(f"{call} AS {name}")
            columns.append((name, "other", True))
            tail = f" GROUP BY {key}"
        else:
            for _ in range(random.choice([1, 2, 2, 3])):
                name = self.alias("c")
                sql, kind, governed = self.target(scope, depth, name)
                targets.append(f"{sql} AS {name}")
                columns.append((name, kind, governed))
            tail = ""
            if self.chance(0.06):
                alias = random.choice(scope.aliases)[0]
                targets.append(f"{alias}.*")
        where = ""
        if self.chance(0.4):
            depth, taint = random.choice([1, 1, 2]), random.choice([0, 0, 0, 0, 0, 0.3])
            where = f" WHERE {self.expression('bool', scope, depth, taint)}"
        if self.chance(0.15) and not is_grouped:
            tail += f" ORDER BY {random.choice([self.expression('any', scope, 1, random.choice([0, 0, 0.4])), '1'])}"
        if self.chance(0.08):
            tail += f" LIMIT {random.choice('123')}"
        if self.chance(0.03) and outer is None:
            tail += f" OFFSET {random.choice('012')}"
        distinct = "DISTINCT " if self.chance(0.02) else ""
        return f"{ctes}SELECT {distinct}{', '.join(targets)} FROM {from_sql}{where}{tail}", columns

    def query(self):
        """A statement that returns rows."""
        sql, columns = self.select(2)
        if self.chance(0.05):
            kinds = [f"NULL::{k}" if k != "other" else "NULL" for _, k, _ in columns]
            word = self.random.choice(["UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT"])
            sql = f"({sql}) {word} (SELECT {', '.join(kinds)})"
        return sql


def random_taint(random):
    """How governed an expression's columns are: not at all, some of them, all of them."""
    return random.choice([0, 0.5, 0.5, 1])
