"""Random queries. Wherever a query makes the order of rows visible it sorts by columns that tell all rows apart."""

from expressions import Expressions
from relations import RELATIONS, WEIGHTS, Scope
from templates import RECORD_SOURCES, ROW_SOURCES

NAMES = list(RELATIONS)
KINDS = ["text", "text", "text", "int4", "numeric", "date", "bool", "jsonb", "text[]", "timestamptz"]


class Columns(list):
    """The output columns of a query as `(name, type, may be governed)`, and the names that tell its rows apart."""

    keys = ()

    def into(self, scope, alias):
        """Has them in sight under an alias."""
        scope.add(alias, {c: k for c, k, g in self if not g}, {c: k for c, k, g in self if g}, self.keys)


class Queries(Expressions):
    """`query` makes a statement, the others its parts."""
    def query(self):
        """A statement that returns rows."""
        if self.chance(0.03):
            return self.recursive()
        sql, columns = self.select(2)
        if self.chance(0.06):
            word = self.random.choice(["UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT", "EXCEPT ALL"])
            other, _ = self.select(1, kinds=[k if k != "other" else "text" for _, k, _ in columns])
            sql = f"({sql}) {word} ({other})"
        return sql

    def recursive(self):
        """A WITH RECURSIVE over people, one after the other."""
        kind = self.random.choice(["text", "int4"])
        first, then = Scope.of("person", "p"), Scope.of("person", "p")
        then.governed.append(("r.c", kind))
        taint = self.random.choice([0, 0.5, 1])
        condition = self.expression("bool", then, 1, self.random.choice([0, 0, 0, 0.3]))
        union = self.random.choice(["UNION", "UNION ALL"])
        more = self.random.choice(["", " SEARCH DEPTH FIRST BY id SET o", " CYCLE id SET y USING z"])
        return (f"WITH RECURSIVE r(id, c) AS (SELECT p.id, {self.expression(kind, first, 1, taint)} FROM person p"
                f" WHERE p.id = 1 {union} SELECT p.id, {self.expression(kind, then, 1, taint)} FROM r JOIN person p"
                f" ON p.id = r.id + 1 WHERE {condition}){more} SELECT * FROM r")

    def select(self, depth, outer=None, kinds=None):
        """A SELECT and its columns, of the kinds if those are given."""
        scope, random = Scope(outer), self.random
        ctes, from_sql = self.origin(scope, depth)
        columns, targets = Columns(), []
        tail, is_grouped = "", False
        if kinds is None and scope.free and self.chance(0.1):
            tail, is_grouped = self.grouped(scope, targets, columns), True
        else:
            self.plain(scope, depth, kinds, targets, columns)
        where = ""
        if self.chance(0.4):
            taint = random.choice([0, 0, 0, 0, 0, 0.3])
            where = f" WHERE {self.expression('bool', scope, random.choice([1, 1, 2]), taint)}"
        distinct = ""
        if kinds is None and not is_grouped:
            distinct = self.distinct(scope)
        if not distinct.startswith("DISTINCT "):
            tail += self.order(scope, is_grouped, bool(distinct), outer)
        if kinds is None and outer is None and not (is_grouped or distinct) and self.chance(0.01):
            tail += random.choice([" FOR UPDATE", " FOR SHARE", " FOR NO KEY UPDATE SKIP LOCKED"])
        return f"{ctes}SELECT {distinct}{', '.join(targets)} FROM {from_sql}{where}{tail}", columns

    def origin(self, scope, depth):
        """WITH and FROM."""
        if depth > 1 and self.chance(0.1):
            name = self.alias("w")
            sql, columns = self.select(depth - 1)
            columns.into(scope, f"{name}x")
            kind = self.random.choice(["", "", "MATERIALIZED ", "NOT MATERIALIZED "])
            return f"WITH {name} AS {kind}({sql}) ", f"{name} AS {name}x"
        return "", self.sources(scope, depth)

    def plain(self, scope, depth, kinds, targets, columns):
        """Output columns without grouping, and after them the rows' keys."""
        for kind in kinds or [None] * self.random.choice([1, 2, 2, 3]):
            name = self.alias("c")
            if kind is None:
                sql, kind, governed = self.target(scope, depth)
            else:
                sql, governed = self.expression(kind, scope, 1, self.random.choice([0, 0.5, 1])), True
            targets.append(f"{sql} AS {name}")
            columns.append((name, kind, governed))
        if kinds is not None:
            return
        if self.chance(0.06):
            targets.append(f"{self.random.choice(scope.aliases)[0]}.*")
        kinds_of = dict(scope.free)
        for key in scope.keys:
            name = self.alias("k")
            targets.append(f"{key} AS {name}")
            columns.append((name, kinds_of.get(key, "other"), False))
        columns.keys = [name for name, _, _ in columns[-len(scope.keys):]] if scope.keys else []

    def grouped(self, scope, targets, columns):
        """Output columns with grouping; returns the clauses."""
        random = self.random
        key, kind = random.choice(scope.free)
        name = self.alias("c")
        targets.append(f"{key} AS {name}")
        columns.append((name, kind, False))
        columns.keys = [name]
        taint = random.choice([0, 0, 0.5])
        call = self.fill(random.choice(self.aggregates).text, scope, 0, taint)
        if self.chance(0.2):
            call += f" FILTER (WHERE {self.expression('bool', scope, 1, taint)})"
        name = self.alias("c")
        targets.append(f"{call} AS {name}")
        columns.append((name, "other", True))
        other, other_kind = random.choice(scope.free)
        sets = random.choice([key] * 4 + [f"ROLLUP ({key}, {other})", f"CUBE ({key}, {other})",
                                          f"GROUPING SETS (({key}, {other}), ({key}), ())"])
        scope.keys = [key]
        if sets != key:
            for sql, kind in ((other, other_kind), (f"GROUPING({key}, {other})", "int4")):
                name = self.alias("c")
                targets.append(f"{sql} AS {name}")
                columns.append((name, kind, False))
                columns.keys.append(name)
            scope.keys = ["1", "3", "4"]
        having = f" HAVING {self.expression('int4', scope, 0, taint)} > 1" if self.chance(0.05) else ""
        return f" GROUP BY {sets}{having}"

    def distinct(self, scope):
        """DISTINCT, or DISTINCT ON a column and everything that tells rows apart."""
        if self.chance(0.02):
            return "DISTINCT "
        if scope.free and scope.keys and self.chance(0.02):
            return f"DISTINCT ON ({', '.join(scope.keys)}) "
        return ""

    def order(self, scope, is_grouped, sorts_by_keys, outer):
        """ORDER BY, LIMIT and OFFSET."""
        random, keys = self.random, ", ".join(scope.keys)
        limit = random.choice([" LIMIT 1", " LIMIT 2", " LIMIT 3", " FETCH FIRST 2 ROWS WITH TIES"])
        limit = limit if self.chance(0.08) else ""
        offset = f" OFFSET {random.choice('012')}" if self.chance(0.03) and outer is None else ""
        if sorts_by_keys:
            return f" ORDER BY {keys}{offset}{limit}"
        if limit or offset or self.chance(0.12):
            if not keys:
                return ""
            first = random.choice(["", "1, "])
            if not is_grouped and self.chance(0.4):
                direction = random.choice(["", " DESC NULLS LAST"])
                first = f"{self.expression('any', scope, 1, random.choice([0, 0, 0.4]))}{direction}, "
            return f" ORDER BY {first}{keys}{offset}{limit}"
        return ""

    def target(self, scope, depth):
        """An output column: its SQL, type and whether it may be governed."""
        random = self.random
        # How governed its columns are: not at all, some of them, all of them.
        taint = random.choice([0, 0.5, 0.5, 1])
        if self.chance(0.03):
            alias, governed = random.choice(scope.aliases)
            return random.choice([alias, f"to_jsonb({alias})", f"{alias}::text",
                                  f"row_to_json({alias})"]), "text", governed
        if self.chance(0.25):
            return self.any_callable(scope, taint), "other", taint > 0
        kind = random.choice(KINDS)
        return self.expression(kind, scope, random.choice([0, 0, 1, 1, 2, 3]), taint), kind, taint > 0

    # FROM

    def sources(self, scope, depth):
        """The items of FROM, added to the scope."""
        random = self.random
        sql = self.source(scope, depth)
        for _ in range(random.choice([0, 0, 0, 1, 1, 2])):
            join = random.choice(["JOIN", "LEFT JOIN", "FULL JOIN", ",", "CROSS JOIN", "RIGHT JOIN"])
            left = [reference for reference, kind in scope.free if kind == "int4"]
            if join in (",", "CROSS JOIN"):
                sql += f"{',' if join == ',' else ' ' + join} {self.source(scope, depth - 1)}"
                continue
            joined = Scope()
            sql += f" {join} {self.source(joined, depth - 1)}"
            right = [reference for reference, kind in joined.free if kind == "int4"]
            scope.absorb(joined)
            if left and right and not self.chance(0.08):
                sql += f" ON {random.choice(left)} = {random.choice(right)}"
            else:
                condition = self.expression("bool", scope, 1, 0.1)
                sql += f" ON {condition}" if join in ("JOIN", "LEFT JOIN") else " ON true"
        return sql

    def source(self, scope, depth):
        """One item of FROM, added to the scope."""
        random = self.random
        if depth > 0 and self.chance(0.2):
            return self.derived(scope, depth, "", None)
        if depth > 0 and scope.free and self.chance(0.1):
            return self.derived(scope, depth, "LATERAL ", scope)
        if self.chance(0.06):
            return self.rows(scope)
        alias = self.alias("t")
        name = random.choices(NAMES, WEIGHTS)[0]
        scope.add(alias, *RELATIONS[name])
        if name == "person" and self.chance(0.05):
            return f"ONLY person AS {alias}"
        return f"{name} AS {alias}"

    def derived(self, scope, depth, word, outer):
        alias = self.alias("s")
        sql, columns = self.select(depth - 1, outer=outer)
        columns.into(scope, alias)
        return f"{word}({sql}) AS {alias}"

    def rows(self, scope):
        """A function that makes rows, or rows that are written out."""
        random, alias = self.random, self.alias("f")
        share, taint = random.random(), random.choice([0, 0.3])
        if share < 0.4:
            template, kind = random.choice(ROW_SOURCES)
            call = self.fill(template, scope, 0, taint)
            scope.add(alias, {"c": kind, "n": "int8"}, {}, ["n"])
            return f"{call} WITH ORDINALITY AS {alias}(c, n)"
        if share < 0.6:
            template, shape, columns = random.choice(RECORD_SOURCES)
            call = self.fill(template, scope, 0, taint)
            scope.add(alias, {}, columns, list(columns))
            return f"{call} AS {alias}{shape}"
        if share < 0.8:
            call = self.fill(random.choice(self.sets).text, scope, 0, taint)
            scope.add(alias, {"c": "text", "n": "int8"}, {}, ["n"])
            return f"{call} WITH ORDINALITY AS {alias}(c, n)"
        first, second = (self.expression("text", Scope(), 1, 0) for _ in range(2))
        scope.add(alias, {"n": "int4", "c": "text"}, {})
        return f"(VALUES (1, {first}), (2, {second})) AS {alias}(n, c)"
