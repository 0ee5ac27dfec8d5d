"""Defers and fetches jobs by the installed release's own code, as the lines of stdin say, and tells in a line what came of each.

Usage: worker.py DSN
"""

import asyncio
import inspect
import sys

import procrastinate
import psycopg

GONE = ("42883", "42703", "42P01", "42704")


class Worker:
    def __init__(self, dsn):
        self.conninfo = f"{dsn} options='-c lock_timeout=20'"
        self.id = None

    async def register(self, app):
        """Releases from before 3.1.0 keep no list of workers."""
        if hasattr(app.job_manager, "register_worker"):
            self.id = await app.job_manager.register_worker()

    async def defer(self, app):
        await app.configure_task("tests:nothing").defer_async()

    async def fetch(self, app):
        fetch = app.job_manager.fetch_job
        takes_worker = "worker_id" in inspect.signature(fetch).parameters
        worker = {"worker_id": self.id} if takes_worker else {}
        if await fetch(queues=None, **worker) is None:
            raise ValueError("there was no job")

    async def run(self, verb):
        connector = procrastinate.PsycopgConnector(
            conninfo=self.conninfo, min_size=1, max_size=1
        )
        app = procrastinate.App(connector=connector)
        async with app.open_async():
            await {"register": self.register, "defer": self.defer, "fetch": self.fetch}[
                verb
            ](app)


def told(error):
    """Procrastinate wraps what the driver raises."""
    cause = error
    while cause is not None and not isinstance(cause, psycopg.Error):
        cause = cause.__cause__
    state = getattr(cause, "sqlstate", None)
    if state == "55P03":
        return "waits"
    return "gone" if state in GONE else f"fails: {cause or error!r}"


async def main():
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        try:
            await worker.run(line.strip())
            answer = "works"
        except Exception as error:
            answer = told(error)
        print(" ".join(answer.split()), flush=True)


asyncio.run(main())
