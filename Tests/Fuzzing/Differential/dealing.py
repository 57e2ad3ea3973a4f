"""Fills the tables of the two databases: see values.py."""

from values import FREE, GOVERNED, ROWS, SHOWN, SIDES, WIDTH, governed, shown

#: Whom the rows of `client` are about.
CLIENTS = (1, 2, 3, 2, 4)


def deal(random, is_ascii):
    """For each side the script that fills its tables anew; governed texts are all ASCII on demand."""
    scripts = [[
        "TRUNCATE person, staff, visit, card, client, open.room, open.item, open.log, open.part RESTART IDENTITY;"
    ] for _ in SIDES]

    def both(sql):
        for script in scripts:
            script.append(sql)

    for n in range(1, 5):
        both(f"INSERT INTO open.room VALUES ({n}, 'room{n}', {n * 2}, '{{r{n},all}}');")
        both(f"INSERT INTO open.item (name, qty, price, at, doc, room) VALUES ('item{n}', {n * 3}, {n}.25,"
             f" '2026-01-0{n} 10:00+00', '{{\"k\": {n}}}', {n});"
             f"INSERT INTO open.log (line, tone, what) VALUES ('line{n}', 'mid', ({n}, 'b{n}'));"
             f"INSERT INTO open.part VALUES ({n}, 'part{n}');")
    for n in range(1, ROWS + 1):
        table = "person" if n < ROWS else "staff"
        free = (f"{n}, {n % 3}, 'note{n}', '2026-0{n}-11', {n}.50, '{{\"k\": {n}, \"a\": [1, {n}]}}', '{{l{n},all}}'")
        absent = {c for c in GOVERNED if c not in ("hidden", "mood") and random.random() < 0.12}
        for side in SIDES:
            cells = [
                "NULL" if c in absent or c in ("hidden", "mood") and random.random() < 0.5 else governed(
                    random, side, t, is_ascii) for c, t in GOVERNED.items()
            ]
            columns = ", ".join([*FREE, *GOVERNED])
            scripts[side].append(
                f"INSERT INTO draft ({columns}) VALUES ({free}, {', '.join(cells)});"
                f"INSERT INTO {table} ({columns}, pad) SELECT {columns}, repeat('x', {WIDTH} -"
                f" pg_column_size(draft)) FROM draft;"
                "DELETE FROM draft;")
            diagnosis = "NULL" if "name" in absent else governed(random, side, "text", is_ascii)
            scripts[side].append(
                f"INSERT INTO visit VALUES ({n}, {n}, '202{4 + n % 3}-05-0{n}', {diagnosis}, {n % 4 + 1}, {n}0.5);")
            scripts[side].append(f"INSERT INTO card VALUES ({n}, {governed(random, side, 'text', is_ascii)}, {n * 5});")
            cells = [shown(side, name, CLIENTS[n - 1]) for name in SHOWN]
            scripts[side].append(
                f"INSERT INTO client VALUES ({n}, {n % 2}, 'client{n}', {', '.join(cells)});")
    both("REFRESH MATERIALIZED VIEW roster;")
    return ["\n".join(script) for script in scripts]
