"""Runs migrations, and tells of some of their statements what they lock: one session keeps each open, another one is stopped or not.

Stdin: JSON with a "dsn" and "migrations", each with its "name", its "sql", the "asked" numbers of statements, and the "python" of a
release whose workers run then, or null. Prints a JSON list.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from pglast import split
from psycopg import Connection, errors

from release import Release
from tables import accesses, fill, tables

# As the manual has them, from the weakest to the strongest.
MODES = [
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
]
VIEW = {
    mode.title().replace(" ", "") + "Lock": place for place, mode in enumerate(MODES)
}

LOCKS = """
    SELECT relname, mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation
    WHERE pid = %s AND granted AND relkind = 'r' AND relnamespace = 'public'::regnamespace"""

BLOCKS = """
    SELECT relname, pg_stat_get_xact_blocks_fetched(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""


JOB = "SELECT max(id) FROM procrastinate_jobs"


def connect(dsn: str, options: str = "") -> Connection:
    options = f"-c lock_timeout=20 -c lc_messages=C {options}"
    return psycopg.connect(
        dsn, autocommit=True, prepare_threshold=None, options=options
    )


class Others:
    """What sessions beside the first one can do."""

    def __init__(self, dsn: str, python: str | None) -> None:
        self.session = connect(dsn)
        # Neither triggers nor foreign keys lead it to another table.
        self.plain = connect(dsn, "-c session_replication_role=replica")
        self.release = Release(python, dsn) if python else None
        assert not self.release or self.release.ask("register") == "works"

    def __enter__(self) -> "Others":
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self.plain.close()
        if self.release:
            self.release.close()

    def ask(self, names: Iterable[str], job: int) -> dict[str, str]:
        """By `ACCESS TABLE`, `defer` and `fetch`: `works`, `waits`, `waits for a row`, `waits elsewhere`, or how it fails."""
        answers = {}
        for name in names:
            for what, access in accesses(name, job).items():
                answer = tried(self.plain, access)
                if answer == "works" and (led := tried(self.session, access)) != answer:
                    answer = f"{led} elsewhere"
                answers[f"{what} {name}"] = answer
        return answers | self.work()

    def work(self) -> dict[str, str]:
        if not self.release:
            return {}
        return {verb: self.release.ask(verb) for verb in ("defer", "fetch")}

    def locks(self, pid: int) -> dict[str, str]:
        """The strongest lock of each table that the session of that process has."""
        strongest: dict[str, int] = {}
        for name, mode in self.session.execute(LOCKS, [pid]).fetchall():
            strongest[name] = max(VIEW[mode], strongest.get(name, 0))
        return {name: MODES[place] for name, place in strongest.items()}


def tried(connection: Connection, statement: str) -> str:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except errors.LockNotAvailable as error:
        # `while updating tuple (1,2) in relation "procrastinate_jobs"`
        return "waits for a row" if " tuple " in (error.diag.context or "") else "waits"
    except psycopg.Error as error:
        return f"fails: {error!r}"
    return "works"


def measured(session: Connection, others: Others, statement: str) -> dict[str, Any]:
    before = tables(others.session)
    # A table of fewer pages may be read by chance.
    assert all(pages > 3 for _, pages in before.values()), before
    work = others.work()
    (job,) = session.execute(JOB).fetchone() or ()
    with session.transaction():
        fetched = dict(session.execute(BLOCKS).fetchall())
        session.execute(statement)
        blocks = dict(session.execute(BLOCKS).fetchall())
        locks = others.locks(session.info.backend_pid)
        answers = others.ask(before, job)
    after = tables(others.session)
    return {
        "statement": " ".join(statement.split())[:100],
        "locks": locks,
        "rewrites": [n for n, (file, _) in before.items() if after[n][0] != file],
        "scans": [
            n for n, (_, pages) in before.items() if blocks[n] - fetched[n] >= pages
        ],
        "work": work,
        "answers": answers,
    }


def walk(session: Connection, case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for migration in case["migrations"]:
        statements = split(migration["sql"])
        if not migration["asked"]:
            for statement in statements:
                session.execute(statement)
            continue
        fill(session, statuses=True)
        with Others(case["dsn"], migration["python"]) as others:
            for number, statement in enumerate(statements, 1):
                if number not in migration["asked"]:
                    session.execute(statement)
                    continue
                fill(session, statuses=False)
                found = measured(session, others, statement)
                place = {"number": number, "of": len(statements)}
                yield {"migration": migration["name"], **place, **found}


def main() -> None:
    case = json.load(sys.stdin)
    with connect(case["dsn"]) as session:
        print(json.dumps(list(walk(session, case))))


main()
