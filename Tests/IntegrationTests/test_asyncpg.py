"""asyncpg: everything is prepared and binary, and it asks the catalogues for types it does not know."""

import asyncio
import datetime
import decimal
import io

import asyncpg
import pytest


def through(gateway, work):
    """Runs `work(connection)` on a connection of its own."""
    async def run():
        connection = await asyncpg.connect(
            host=gateway.host, port=gateway.port, user=gateway.user, password=gateway.password,
            database=gateway.database, timeout=20)
        try:
            return await work(connection)
        finally:
            await connection.close()
    return asyncio.run(run())


def test_governed_and_free_columns(gateway):
    async def work(connection):
        statement = await connection.prepare(
            "SELECT id, name, ssn, date_of_birth, insurer FROM patients WHERE id = $1")
        assert [a.name for a in statement.get_attributes()] == ["id", "name", "ssn", "date_of_birth", "insurer"]
        for _ in range(3):
            assert tuple(await statement.fetchrow(1)) == (
                1, "[redacted]", "*******7919", datetime.date(1946, 1, 1), "Mutual")
    through(gateway, work)


def test_types_and_introspection(gateway):
    async def work(connection):
        row = await connection.fetchrow(
            "SELECT $1::int8, 1.5::numeric, ARRAY['a', NULL], row(1, 'x'), int4range(1, 4), d, cost"
            " FROM departments d, visits WHERE d.id = 1 AND visits.id = 1", 7)
        assert row[0] == 7 and row[1] == decimal.Decimal("1.5") and row[2] == ["a", None]
        assert tuple(row[5]) == (1, "Cardiology") and row[6] == decimal.Decimal("49.77")
    through(gateway, work)


def test_cursor_and_transactions(gateway):
    async def work(connection):
        async with connection.transaction():
            seen = [r async for r in connection.cursor("SELECT id, email FROM patients WHERE id <= 250", prefetch=40)]
        assert len(seen) == 250 and {r["email"] for r in seen} == {"[redacted]"}
        with pytest.raises(asyncpg.UniqueViolationError):
            async with connection.transaction():
                await connection.execute("INSERT INTO departments VALUES (1, 'Twice')")
        assert await connection.fetchval("SELECT count(*) FROM departments") == 6
    through(gateway, work)


def test_copy(gateway):
    async def work(connection):
        await connection.execute("CREATE TEMP TABLE t (a int, b text)")
        await connection.copy_records_to_table("t", records=[(n, f"row {n}") for n in range(2000)])
        assert await connection.fetchval("SELECT count(*) FROM t") == 2000
        out = io.BytesIO()
        await connection.copy_from_query("SELECT name, ssn FROM patients ORDER BY id", output=out, format="csv")
        lines = out.getvalue().decode().splitlines()
        assert len(lines) == 10000 and lines[0] == "[redacted],*******7919"
    through(gateway, work)


def test_executemany_and_pool(gateway):
    async def run():
        async with asyncpg.create_pool(
            host=gateway.host, port=gateway.port, user=gateway.user, password=gateway.password,
            database=gateway.database, min_size=4, max_size=8,
        ) as pool:
            async def one(number):
                async with pool.acquire() as connection:
                    return await connection.fetchrow("SELECT id, name FROM patients WHERE id = $1", number)
            rows = await asyncio.gather(*(one(number) for number in range(1, 200)))
            assert [tuple(row) for row in rows] == [(n, "[redacted]") for n in range(1, 200)]
    asyncio.run(run())

    async def work(connection):
        await connection.execute("CREATE TEMP TABLE many (a int)")
        await connection.executemany("INSERT INTO many VALUES ($1)", [(n,) for n in range(500)])
        assert await connection.fetchval("SELECT sum(a) FROM many") == 124750
    through(gateway, work)


def test_cancellation_by_timeout(gateway):
    async def work(connection):
        with pytest.raises(asyncio.TimeoutError):
            await connection.fetch("SELECT pg_sleep(20)", timeout=0.3)
        assert await connection.fetchval("SELECT 1") == 1
    through(gateway, work)


def test_refusal_is_an_ordinary_error(gateway):
    async def work(connection):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DROP TABLE visits")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT id FROM patients WHERE ssn = $1", "937-14-7919")
        assert await connection.fetchval("SELECT 1") == 1
    through(gateway, work)
