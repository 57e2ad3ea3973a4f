"""Every suite the runner knows, in the order they run."""

from . import asyncpg, contrib, isolation, jdbc, libpq_pipeline, pg8000, psycopg2, regression, sqlalchemy
from .suite import Suite


def every_suite() -> list[Suite]:
    return [
        regression.Regression(),
        isolation.Isolation(),
        contrib.Contrib(),
        libpq_pipeline.LibpqPipeline(),
        jdbc.JDBC(),
        psycopg2.Psycopg2(),
        asyncpg.Asyncpg(),
        pg8000.Pg8000(),
        *(sqlalchemy.SQLAlchemy(driver) for driver in sqlalchemy.DRIVERS),
    ]
