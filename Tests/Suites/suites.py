"""Every suite the runner knows, in the order they run."""

from . import asyncpg, pg8000, psycopg2, sqlalchemy
from .suite import Suite


def every_suite() -> list[Suite]:
    return [
        psycopg2.Psycopg2(),
        asyncpg.Asyncpg(),
        pg8000.Pg8000(),
        *(sqlalchemy.SQLAlchemy(driver) for driver in sqlalchemy.DRIVERS),
    ]
