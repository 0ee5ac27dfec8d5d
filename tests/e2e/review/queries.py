"""Runs migrations, and tells after some of them which queries of a release's code PostgreSQL still understands.

Stdin: JSON with a "dsn", "migrations", each with its "name", its "sql" and the "asked" releases, "queries", the text of each release's
`queries.sql`, and "pythons", those in which a release is installed. Prints a JSON list.
"""

import json
import re
import sys
from collections import defaultdict
from contextlib import ExitStack

import psycopg
from pglast import split
from psycopg import Connection

from release import Release

GONE = ("42883", "42703", "42P01", "42704")


def parsed(text: str) -> dict[str, str]:
    """The queries by name, but for those that the release's code puts together first (`LISTEN {channel}`)."""
    _, *parts = re.split(r"^-- ([a-z0-9_]+) --\n", text, flags=re.M)
    queries = dict(zip(parts[::2], parts[1::2], strict=True))
    return {name: query for name, query in queries.items() if "{" not in query}


def planned(connection: Connection, query: str) -> str:
    """What comes of the query when it is sent as the driver sends it; it is planned, and not run."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(f"EXPLAIN {query}", defaultdict(lambda: None))
    except psycopg.Error as error:
        gone = error.sqlstate in GONE and "does not exist" in str(error)
        return "gone" if gone else f"fails: {error!r}"
    return "works"


def asked(
    connection: Connection, text: str, installed: Release | None
) -> dict[str, dict[str, str]]:
    queries = parsed(text).items()
    verbs = ("register", "defer", "fetch") if installed else ()
    return {
        "queries": {name: planned(connection, query) for name, query in queries},
        "installed": {verb: installed.ask(verb) for verb in verbs},
    }


def main() -> None:
    case = json.load(sys.stdin)
    results = []
    with ExitStack() as stack:
        connection = stack.enter_context(
            psycopg.connect(case["dsn"], autocommit=True, prepare_threshold=None)
        )
        installed = {
            release: stack.enter_context(Release(python, case["dsn"]))
            for release, python in case["pythons"].items()
        }
        for migration in case["migrations"]:
            # A file of several statements in one call would be one transaction.
            for statement in split(migration["sql"]):
                connection.execute(statement)
            for release in migration["asked"]:
                answers = asked(
                    connection, case["queries"][release], installed.get(release)
                )
                place = {"migration": migration["name"], "release": release}
                results.append({**place, **answers})
    print(json.dumps(results))


main()
