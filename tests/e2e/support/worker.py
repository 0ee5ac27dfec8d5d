"""Defers jobs into queues, or runs their workers until there is no job left. One release of Procrastinate does it."""

import asyncio
import json
import os
import sys

import procrastinate

# The listener of older releases takes `kwargs` for a mapping.
kwargs = {"application_name": "worker"}
if "WORKER_OPTIONS" in os.environ:
    kwargs["options"] = os.environ["WORKER_OPTIONS"]
connector = procrastinate.PsycopgConnector(conninfo=sys.argv[1], kwargs=kwargs)
app = procrastinate.App(connector=connector)


@app.task(name="tests:add", pass_context=True)
async def add(context, a, b):
    assert context.job.attempts == 0
    return a + b


@app.task(name="tests:again", retry=procrastinate.RetryStrategy(max_attempts=1, wait=0))
async def again():
    raise ValueError("on purpose")


async def defer(queue):
    for priority in (0, 5):
        await add.configure(
            queue=queue, priority=priority, lock=f"{queue}-{priority}"
        ).defer_async(a=1, b=2)
    await again.configure(queue=queue).defer_async()


async def work(queue):
    # A job that is to be retried is there again after the worker looked: it takes a run for each attempt.
    for _ in range(4):
        await app.run_worker_async(
            queues=[queue], wait=False, install_signal_handlers=False
        )
    jobs = await app.job_manager.list_jobs_async(queue=queue)
    found = [[job.task_name, job.status, job.attempts] for job in jobs]
    print(json.dumps(sorted(found)))


async def main():
    verb, *queues = sys.argv[2:]
    async with app.open_async():
        for queue in queues:
            await {"defer": defer, "work": work}[verb](queue)


asyncio.run(main())
