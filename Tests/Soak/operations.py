"""What clients do in a soak. Each takes the world and a generator of random numbers; it opens its own connections,
returns when it is done with them, and raises when an answer is not the one it should be."""

import asyncio
import logging
import random
import re
import signal
import socket
import struct
import subprocess
import time

import psycopg
from wire import (
    FLUSH, SYNC, bind, cancel, describe, error, execute, extended, kinds, message, parse, query, rows, startup, status)

from .world import DEADLINE, Surprise, expect

#: Bytes of one COPY, in pieces of `PIECE`.
COPY_LENGTH, PIECE = 24 << 20, 64 << 10
#: Prepared statements of one session at once.
PREPARED = 2000
#: Transactions of one run of pgbench.
TRANSACTIONS = 100
LARGE_ROW = 8 << 20


# It tells of every pipeline that ends in an error; ours are meant to.
logging.getLogger("psycopg").setLevel(logging.ERROR)


def either(world, generator):
    return generator.choice((world.governed, world.free))


def statements(world, generator):
    """An application's ordinary day."""
    with world.client(either(world, generator)) as client:
        for _ in range(generator.randint(5, 40)):
            number = generator.randint(1, 9999)
            client.run(generator.choice((
                f"SELECT count(*) FROM visits WHERE patient_id = {number}", "SELECT * FROM department_load LIMIT 20",
                f"SELECT v.minutes, p.drug FROM visits v JOIN prescriptions p ON p.visit_id = v.id"
                f" WHERE v.id = {number}",
                f"UPDATE visits SET minutes = minutes WHERE id = {number}", "SHOW work_mem", "SELECT", "")))
        client.run("BEGIN")
        client.run("SELECT 1/0", "22012")
        client.run("SELECT 1", "25P02")
        client.run("ROLLBACK")


def masked(world, generator):
    """Governed columns, of which no value may come back as it is."""
    with world.client(world.governed) as client:
        first = generator.randint(1, 9000)
        for name, ssn, phone, born in rows(client.run(
                "SELECT name, ssn, phone, date_of_birth FROM patients"
                f" WHERE id BETWEEN {first} AND {first + generator.randint(1, 800)}")):
            if name != b"[redacted]" or phone is not None or not re.fullmatch(rb"\*{6,}[\d*-]*",
                ssn.replace(b"-", b"*")):
                raise Surprise(f"not masked: {name} {ssn} {phone} {born}")
        got = client.run("COPY (SELECT notes FROM visits LIMIT 2000) TO STDOUT")
        if any(kind == b"d" and b"Seen for" in body for kind, body in got):
            raise Surprise("COPY not masked")
        client.run(f"SELECT id FROM patients WHERE ssn = '900-01-{first:04}'", "42501")


def refused(world, generator):
    """What rules deny, alone and in pipelines, and the statements after it."""
    with world.client(world.governed) as client:
        for _ in range(5):
            client.run("DROP TABLE patients", "42501")
            client.run("DELETE FROM visits", "42501")
            client.run("BEGIN")
            client.run("ALTER TABLE visits ADD COLUMN x int", "42501")
            client.run("SELECT 1", "25P02")
            client.run("ROLLBACK")
        client.uncounted()
        for _ in range(10):
            got = client.ask(
                parse("SELECT 1"), bind(), execute(), parse("TRUNCATE visits"), bind(), execute(), parse("SELECT 2"),
                SYNC)
            expect(got, "42501", "TRUNCATE in a pipeline")
            if rows(client.ask(extended("SELECT 3"))) != [[b"3"]]:
                raise Surprise("no answer after a refusal")


def pipelines(world, generator):
    """psycopg's asynchronous pipelines, several connections at once, some of whose statements fail."""
    async def one(endpoint, seed):
        random_numbers, name = random.Random(seed), world.name_session()
        connection = await psycopg.AsyncConnection.connect(
            host=endpoint.host, port=endpoint.port, user=endpoint.user, password=endpoint.password,
            dbname=endpoint.database, application_name=name, autocommit=True, connect_timeout=DEADLINE)
        world.opened(name)
        async with connection:
            for _ in range(10):
                async with connection.pipeline():
                    cursors = []
                    for number in range(random_numbers.randint(1, 60)):
                        cursors.append(await connection.execute("SELECT %s::int, minutes FROM visits WHERE id = %s",
                            (number, number)))
                for number, cursor in enumerate(cursors):
                    found = await cursor.fetchall()
                    if [row[0] for row in found] not in ([], [number]):
                        raise Surprise(f"row {found} for {number}")
                try:
                    async with connection.pipeline():
                        await connection.execute("SELECT 1")
                        await connection.execute("SELECT 1/%s", (0,))
                        await connection.execute("SELECT 2")
                    raise Surprise("a pipeline that had to fail did not")
                except psycopg.errors.DivisionByZero:
                    pass

    async def all_of_them():
        seeds = [generator.random() for _ in range(3)]
        await asyncio.wait_for(
            asyncio.gather(*(one(either(world, generator), seed) for seed in seeds)), DEADLINE)

    asyncio.run(all_of_them())


def pgbench(world, generator):
    """pgbench itself, in one of its protocols."""
    mode = generator.choice(("simple", "extended", "prepared"))
    done = either(world, generator).run(
        ["pgbench", "-n", "-M", mode, "-c", "3", "-j", "1", "-t", str(TRANSACTIONS), "-b",
         generator.choice(("select-only", "simple-update", "tpcb-like"))], timeout=DEADLINE * 2)
    if done.returncode != 0:
        raise Surprise(done.stderr[-500:])


def cancels(world, generator):
    """Running statements cancelled, and the sessions used on."""
    with world.client(either(world, generator)) as client:
        for sql in ("SELECT pg_sleep(30)", "SELECT count(*) FROM generate_series(1, 1000000000)"):
            client.session.statements += 1
            client.send(query(sql))
            time.sleep(generator.uniform(0.1, 0.5))
            cancel(client.endpoint, client.process, client.secret)
            expect(client.until(b"Z"), "57014", sql)
            client.run("SELECT 1")


def storm(world, generator):
    """Connections that come and go, most of them in the middle of something."""
    for _ in range(15):
        endpoint = either(world, generator)
        how = generator.randrange(6)
        if how == 0:
            with world.client(endpoint) as client:
                client.run("SELECT 1")
            continue
        client = world.client(endpoint).uncounted() if how < 3 else None
        if client is None:
            client = socket.create_connection((endpoint.host, endpoint.port), timeout=DEADLINE)
        hello = startup(user=endpoint.user, database=endpoint.database)
        if how == 1:
            client.send(query("SELECT generate_series(1, 300000)"))
        elif how == 2:
            client.send(parse("SELECT 1"), bind(), execute())
        elif how == 3:
            client.sendall(hello[:generator.randrange(len(hello))])
        elif how == 4:
            client.sendall(hello)
        else:
            client.sendall(struct.pack("!ii", 8, 80877103))
        time.sleep(generator.uniform(0, 0.02))
        client.close()


KILLED = (
    (["-c", "SELECT 1"], 0.0),
    (["-c", "SELECT generate_series(1, 5000000)"], 0.3),
    (["-c", "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000000)) TO STDOUT"], 0.3),
    (["-c", "COPY soak_copied FROM STDIN"], 0.3),
    (["-c", "SELECT pg_sleep(1)"], 0.2),
)


def killed(world, generator):
    """Clients killed with SIGKILL while they log in, take a result, or copy."""
    arguments, wait = generator.choice(KILLED)
    endpoint = world.free if "soak_copied" in arguments[-1] else either(world, generator)
    client = subprocess.Popen(
        ["psql", "-X", "-q", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=endpoint.environment())
    try:
        if "STDIN" in arguments[-1]:
            client.stdin.write(b"1\tnot the whole line\n" * 2000 + b"2\tcut")
            client.stdin.flush()
    except BrokenPipeError:
        pass
    time.sleep(wait + generator.uniform(0, 0.05))
    client.send_signal(signal.SIGKILL)
    client.stdout.close()
    client.wait()
    try:
        client.stdin.close()
    except BrokenPipeError:
        pass


def copy_in(world, generator):
    """Tens of megabytes into the database; what does not come whole does not come."""
    with world.client(world.free) as client:
        client.run("BEGIN")
        client.run("CREATE TEMP TABLE soak_in (a int, b text) ON COMMIT DROP")
        line = b"%d\t" + b"y" * 1000 + b"\n"
        client.session.statements += 1
        client.send(query("COPY soak_in FROM STDIN"))
        client.until(b"G")
        count = 0
        for _ in range(COPY_LENGTH // PIECE):
            piece = b"".join(line % (count + n) for n in range(PIECE // len(line)))
            count += PIECE // len(line)
            client.send(message(b"d", piece))
        client.send(message(b"c"))
        expect(client.until(b"Z"), None, "COPY FROM STDIN")
        if rows(client.run("SELECT count(*) FROM soak_in")) != [[b"%d" % count]]:
            raise Surprise("COPY lost rows")
        client.run("ROLLBACK")


def copy_out(world, generator):
    """Tens of megabytes out of the database, with a client that is not always quick."""
    with world.client(either(world, generator)) as client:
        client.session.statements += 1
        source = f"SELECT n, repeat('z', 1000) FROM generate_series(1, {COPY_LENGTH // 1005}) AS n"
        client.send(query(f"COPY ({source}) TO STDOUT"))
        length, pause = 0, generator.choice((0, 0, 0.0001))
        while True:
            kind, body = client.receive()
            length += len(body) if kind == b"d" else 0
            if kind == b"E":
                raise Surprise("COPY TO STDOUT failed")
            if kind == b"Z":
                break
            if pause and length % 1000 < 2:
                time.sleep(pause)
        if length < COPY_LENGTH * 0.95:
            raise Surprise(f"COPY gave {length} bytes")


def large_rows(world, generator):
    with world.client(either(world, generator)) as client:
        got = rows(client.run(f"SELECT n, repeat('r', {LARGE_ROW}) FROM generate_series(1, 3) AS n"))
        if [len(cells[1]) for cells in got] != [LARGE_ROW] * 3:
            raise Surprise("large rows came short")
    with world.client(world.governed) as client:
        got = rows(client.run(f"SELECT name, repeat('r', {LARGE_ROW}) FROM patients WHERE id = 7"))
        if got[0][0] != b"[redacted]" or len(got[0][1]) != LARGE_ROW:
            raise Surprise("a large row came unmasked or short")


def cursors(world, generator):
    """Portals and cursors suspended, resumed, and abandoned in each way there is."""
    with world.client(either(world, generator)) as client:
        client.uncounted()
        client.run("BEGIN")
        for number in range(10):
            name = b"p%d" % number
            got = client.ask(
                parse("SELECT id, minutes FROM visits ORDER BY id"), bind((), name), describe(b"P", name),
                execute(name, 25), SYNC)
            if kinds(got).count("D") != 25 or "s" not in kinds(got):
                raise Surprise(f"suspended portal gave {kinds(got)}")
        for number in range(0, 10, 2):
            if kinds(client.ask(execute(b"p%d" % number, 5), SYNC)).count("D") != 5:
                raise Surprise("a portal did not go on")
        client.run("DECLARE c CURSOR WITH HOLD FOR SELECT id FROM patients ORDER BY id")
        client.run("FETCH 50 FROM c")
        if generator.random() < 0.3:
            raise_away(client)
            return
        client.run(generator.choice(("COMMIT", "ROLLBACK")))
        if generator.random() < 0.5:
            client.send(parse("SELECT id FROM visits"), bind(), execute(b"", 10), FLUSH)
            client.until(b"s")


def raise_away(client):
    """Goes without a word, its answers unread."""
    client.send(query("SELECT generate_series(1, 100000)"))
    client.close()
    client.send = lambda *_: None


def prepared(world, generator):
    """Prepared statements by the thousand."""
    with world.client(either(world, generator)) as client:
        client.uncounted()
        for first in range(0, PREPARED, 250):
            client.send(*(parse(f"SELECT id, {n} FROM visits WHERE id = $1", b"s%d" % n) for n in range(first,
                first + 250)), SYNC)
            expect(client.until(b"Z"), None, "Parse")
        for n in generator.sample(range(PREPARED), 200):
            if rows(client.ask(bind((b"7",), b"", b"s%d" % n), execute(), SYNC)) != [[b"7", b"%d" % n]]:
                raise Surprise(f"statement s{n} did not answer")
        if generator.random() < 0.5:
            client.run("DEALLOCATE ALL")
            expect(client.ask(bind((b"7",), b"", b"s1"), SYNC), "26000", "Bind")


def temporary(world, generator):
    """Temporary tables, one of which hides a governed one."""
    with world.client(either(world, generator)) as client:
        client.run("CREATE TEMP TABLE patients AS SELECT 'mine'::text AS name")
        if rows(client.run("SELECT name FROM pg_temp.patients")) != [[b"mine"]] and client.endpoint is world.free:
            raise Surprise("the temporary table was not there")
        client.run("BEGIN")
        client.run("CREATE TEMP TABLE t (a int) ON COMMIT DROP")
        client.run("INSERT INTO t SELECT generate_series(1, 100)")
        if rows(client.run("SELECT count(*) FROM t")) != [[b"100"]]:
            raise Surprise("rows of a temporary table are missing")
        client.run("COMMIT")
        client.run("SELECT * FROM t", "42P01")


def definitions(world, generator):
    """Changes of the catalogue by the free way, and governed statements that meet them."""
    table = f"soak_made_{world.number()}"
    with world.client(world.free) as client, world.client(world.governed) as other:
        client.run(f"CREATE TABLE {table} (id int, note text)")
        client.run(f"INSERT INTO {table} VALUES (1, 'x')")
        if rows(other.run(f"SELECT * FROM {table}")) != [[b"1", b"x"]]:
            raise Surprise("a new table was not seen")
        client.run(f"ALTER TABLE {table} ADD COLUMN more int DEFAULT 5")
        client.run("BEGIN")
        client.run(f"ALTER TABLE {table} DROP COLUMN note")
        client.run(f"SELECT * FROM {table}")
        if status(client.run("ROLLBACK")) != "I":
            raise Surprise("a transaction did not end")
        other.run(f"SELECT * FROM {table}")
        client.run(f"DROP TABLE {table}")
        if error(other.ask(query(f"SELECT * FROM {table}"))) != "42P01":
            raise Surprise("a dropped table was seen")
        other.session.statements += 1


#: Each with the mean pause after it in seconds, at intensity 1.
OPERATIONS = (
    (statements, 0.3), (masked, 0.7), (refused, 1.0), (pipelines, 3.0), (pgbench, 10.0), (cancels, 1.0), (storm, 1.0),
    (killed, 0.8),
    (copy_in, 8.0), (copy_out, 8.0), (large_rows, 5.0), (cursors, 1.0), (prepared, 4.0), (temporary, 1.5),
    (definitions, 3.0),
)
