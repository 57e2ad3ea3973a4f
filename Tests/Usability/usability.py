"""Plays ordinary statements on both ways in and prints which share works by family, each failure with its reason."""

import pathlib
import random
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "Tests" / "Usability")]

import orm_django  # noqa: E402
import orm_sqlalchemy  # noqa: E402
import programs  # noqa: E402
import psycopg  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from masked_answers import difference  # noqa: E402
from django.db import connection as django_connection, connections  # noqa: E402
from ground import Ground, connect  # noqa: E402
from outcomes import FLOOR, Outcomes  # noqa: E402
from sqlalchemy import orm  # noqa: E402
from statements import families  # noqa: E402

SEQUENCES = ("departments_id_seq", "clinicians_id_seq", "patients_id_seq", "visits_id_seq", "prescriptions_id_seq",
             "invoices_id_seq", "jobs_id_seq", "hibernate_sequence", "orders_seq")


def first_line(error):
    return str(error).strip().splitlines()[0][:200]


# Single statements


def play_statements(ground, outcomes):
    direct, gateway = (connect(endpoint) for _, endpoint in ground.ways())
    with direct, gateway:
        for family, statements in families().items():
            for it in statements:
                direct.execute("; ".join(f"SELECT setval('{s}', 1000)" for s in SEQUENCES))
                names, expected = answer(direct, it.sql)
                direct.execute("; ".join(f"SELECT setval('{s}', 1000)" for s in SEQUENCES))
                names_too, got = answer(gateway, it.sql)
                reason = got if isinstance(got, str) else None
                if isinstance(expected, str):
                    reason = f"around the gateway: {expected}"
                elif reason is None:
                    reason = difference(names, expected, got, it.masks)
                    if names != names_too:
                        reason = f"columns {names_too} instead of {names}"
                outcomes.add(family, it.sql, reason)


def answer(connection, sql):
    """The names of the columns and the rows; for an error its text in place of the rows. Nothing stays."""
    try:
        with connection.cursor() as cursor:
            if not sql.startswith("BEGIN"):
                cursor.execute("BEGIN")
            if sql.startswith(("RELEASE", "ROLLBACK")):
                cursor.execute("SAVEPOINT a")
            if sql.startswith("DISCARD"):
                cursor.execute("ROLLBACK")
            if sql.startswith("COPY"):
                with cursor.copy(sql) as copy:
                    return ["line"], [(line, ) for line in b"".join(copy).decode().splitlines()]
            cursor.execute(sql)
            if cursor.description is None:
                return [], []
            return [column.name for column in cursor.description], cursor.fetchall()
    except psycopg.Error as error:
        return None, first_line(error)
    finally:
        connection.execute("ROLLBACK")


# ORMs


def play_sqlalchemy(ground, outcomes):
    def engine(endpoint):
        return sa.create_engine(
            sa.URL.create("postgresql+psycopg", endpoint.user, endpoint.password, endpoint.host, endpoint.port,
                          endpoint.database))

    direct, gateway = (engine(endpoint) for _, endpoint in ground.ways())
    with orm.Session(direct) as around, orm.Session(gateway) as through:
        for statement in orm_sqlalchemy.reading(around):
            text = str(statement)
            try:
                expected = plain(around.execute(statement))
                around.rollback()
                got = plain(through.execute(statement))
                reason = difference(*expected, got[1])
            except sa.exc.DBAPIError as error:
                reason = first_line(error.orig)
            around.rollback()
            through.rollback()
            around.expunge_all()
            through.expunge_all()
            outcomes.add("sqlalchemy", text, reason)
    recorder = Recorder("sqlalchemy", outcomes)
    sa.event.listen(gateway, "before_cursor_execute", lambda c, cursor, sql, *_: recorder.begin(sql))
    for scene in (orm_sqlalchemy.loading, orm_sqlalchemy.writing):
        with recorder, orm.Session(gateway) as session:
            scene(session)
            session.rollback()
    with recorder:
        orm_sqlalchemy.migrating(gateway)
    with recorder:
        if orm_sqlalchemy.reflecting(gateway) != orm_sqlalchemy.reflecting(direct):
            recorder.fail("the catalogue reads otherwise than around the gateway")
    for one in (direct, gateway):
        one.dispose()


def plain(result):
    """The columns' names and rows, objects as their attributes."""
    rows = []
    for row in result:
        cells = []
        for cell in row:
            state = getattr(cell, "__dict__", None)
            cells.append({k: v
                          for k, v in sorted(state.items())
                          if not k.startswith("_")} if isinstance(cell, orm_sqlalchemy.Base) else cell)
        rows.append(cells)
    return flatten(list(result.keys()), rows)


def flatten(names, rows):
    """Rows whose dictionaries have become columns of their own."""
    flat_names, flat_rows = [], []
    for row in rows:
        flat_names, flat = [], []
        for name, cell in zip(names, row):
            if isinstance(cell, dict) and "id" in cell:
                flat_names += cell
                flat += cell.values()
            else:
                flat_names.append(name)
                flat.append(cell)
        flat_rows.append(flat)
    return flat_names or names, flat_rows


class Recorder:
    """Counts the statements a program sends; one that raises is the failure of the last of them."""
    def __init__(self, family, outcomes):
        self.family, self.outcomes, self.last = family, outcomes, None

    def begin(self, sql):
        self.done()
        self.last = sql

    def done(self, reason=None):
        if self.last is not None:
            self.outcomes.add(self.family, self.last, reason)
        self.last = None

    def fail(self, reason):
        self.outcomes.add(self.family, self.last or "", reason)
        self.last = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if error is not None and not isinstance(error, Exception):
            return False
        if error is None:
            self.done()
        else:
            self.fail(first_line(error))
        return True


def play_django(ground, outcomes):
    results = {}
    for way, endpoint in ground.ways():
        connections["default"].close()
        connections["default"].settings_dict.update(NAME=endpoint.database,
                                                    USER=endpoint.user,
                                                    PASSWORD=endpoint.password,
                                                    HOST=endpoint.host,
                                                    PORT=str(endpoint.port))
        results[way] = []
        for scene in orm_django.reading():
            sent = []
            try:
                with django_connection.execute_wrapper(lambda run, sql, *more: sent.append(sql) or run(sql, *more)):
                    results[way].append((sent, scene()))
            except Exception as error:
                results[way].append((sent, error))
    for (_, expected), (sent, got) in zip(results["direct"], results["gateway"]):
        reason = first_line(got) if isinstance(got, Exception) else difference_of_values(expected, got)
        for index, sql in enumerate(sent):
            outcomes.add("django", sql, reason if index == len(sent) - 1 else None)
    recorder = Recorder("django", outcomes)
    with recorder, django_connection.execute_wrapper(lambda run, sql, *more:
                                                     (recorder.begin(sql), run(sql, *more))[1]):
        orm_django.writing()
    with recorder, django_connection.execute_wrapper(lambda run, sql, *more:
                                                     (recorder.begin(sql), run(sql, *more))[1]):
        inspect_and_migrate()
    connections["default"].close()


def inspect_and_migrate():
    """`inspectdb`, and the migrations of Django's own applications there and back."""
    import io

    from django.core.management import call_command
    output = io.StringIO()
    call_command("inspectdb", stdout=output)
    assert "class Patients" in output.getvalue()
    call_command("migrate", stdout=io.StringIO(), verbosity=0)


def difference_of_values(expected, got):
    """As `difference`, of whatever a scene returns."""
    def rows(value):
        value = value if isinstance(value, list) else [value]
        return [list(v.values()) if isinstance(v, dict) else list(v) if isinstance(v, tuple) else [v] for v in value]

    def names(value):
        first = value[0] if isinstance(value, list) and value else value
        return list(first) if isinstance(first, dict) else ["value"] * (len(first) if isinstance(first, tuple) else 1)

    return difference(names(expected), rows(expected), rows(got))


# Programs


def play_programs(ground, outcomes):
    for text in programs.COMMANDS:
        expected, got = (programs.command(endpoint, text) for endpoint in (ground.direct, ground.gateway))
        outcomes.add("psql", text, None if expected == got else parted(expected, got))
    for options in programs.DUMPS:
        expected, got = (programs.dump(endpoint, options) for endpoint in (ground.direct, ground.gateway))
        outcomes.add("pg_dump", " ".join(options), None if expected == got else parted(expected, got))


def parted(expected, got):
    """The first line in which two texts part."""
    return next((f"{b!r} instead of {a!r}" for a, b in zip(expected.splitlines(), got.splitlines()) if a != b),
                "other length")


def run():
    """All of it."""
    random.seed(1)
    outcomes = Outcomes()
    with Ground() as ground:
        play_statements(ground, outcomes)
        play_programs(ground, outcomes)
        play_sqlalchemy(ground, outcomes)
        ground.lay()
        play_django(ground, outcomes)
    return outcomes


def main():
    outcomes = run()
    print("\n".join(outcomes.table()))
    return 0 if outcomes.share >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
