"""Runs the statements on standard input with SQLAlchemy, on one connection, and prints the rows that they give."""

import asyncio
import json
import sys
from importlib.util import find_spec

from sqlalchemy.engine import create_engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

# In the order in which they are taken where the URL names none.
DRIVERS = ("psycopg", "psycopg2", "asyncpg", "pg8000")
# The statements begin and end their transaction themselves, and their percent signs are no parameters.
OPTIONS = {"isolation_level": "AUTOCOMMIT", "no_parameters": True}


def run(connection, statements):
    connection = connection.execution_options(**OPTIONS)
    for statement in statements:
        result = connection.exec_driver_sql(statement)
        if result.returns_rows:
            for row in result:
                print(row[0])


async def run_async(url, statements):
    from sqlalchemy.ext.asyncio import create_async_engine

    async with create_async_engine(url, poolclass=NullPool).connect() as connection:
        await connection.run_sync(run, statements)


def main():
    work = json.load(sys.stdin)
    try:
        url = make_url(work["url"])
        if "+" not in url.drivername:
            found = [driver for driver in DRIVERS if find_spec(driver)]
            if found:
                url = url.set(drivername="postgresql+" + found[0])
        if url.get_dialect().is_async:
            asyncio.run(run_async(url, work["statements"]))
        else:
            with create_engine(url, poolclass=NullPool).connect() as connection:
                run(connection, work["statements"])
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
        sys.exit(f"ERROR:  {state}: {error.orig}" if state else str(error.orig))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")


main()
