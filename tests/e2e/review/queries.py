"""Runs migrations, and tells after some of them which queries of a release's code PostgreSQL still understands.

Stdin: JSON with a "dsn", "migrations", each with its "name", its "sql" and the "asked" releases, "queries", the text of each release's
`queries.sql`, and "pythons", those in which a release is installed. Prints a JSON list.
"""

import json
import re
import sys
from collections import defaultdict
from typing import Any

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


def asked(connection: Connection, case: dict[str, Any], release: str) -> dict[str, Any]:
    queries = parsed(case["queries"][release])
    answers = {name: planned(connection, query) for name, query in queries.items()}
    installed = {}
    if release in case["pythons"]:
        with Release(case["pythons"][release], case["dsn"]) as process:
            verbs = ("register", "defer", "fetch")
            installed = {verb: process.ask(verb) for verb in verbs}
    return {"release": release, "queries": answers, "installed": installed}


def main() -> None:
    case = json.load(sys.stdin)
    results = []
    with psycopg.connect(
        case["dsn"], autocommit=True, prepare_threshold=None
    ) as connection:
        for migration in case["migrations"]:
            # A file of several statements in one call would be one transaction.
            for statement in split(migration["sql"]):
                connection.execute(statement)
            for release in migration["asked"]:
                result = asked(connection, case, release)
                results.append({"migration": migration["name"], **result})
    print(json.dumps(results))


main()
