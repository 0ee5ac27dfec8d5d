"""Procrastinate's tables: rows for them, and the statements that read and write them."""

from psycopg import Connection

# Some rows of each table, one of each status and type among them: a statement may lock only those.
SOME = {
    "procrastinate_jobs": "SELECT min(id) FROM procrastinate_jobs GROUP BY status",
    "procrastinate_events": "SELECT min(id) FROM procrastinate_events GROUP BY type",
    "procrastinate_periodic_defers": "SELECT min(id) FROM procrastinate_periodic_defers",
    "procrastinate_workers": "SELECT min(id) FROM procrastinate_workers",
}

INSERT = {
    "procrastinate_jobs": "(queue_name, task_name) VALUES ('default', 'tests:nothing')",
    "procrastinate_events": "(job_id, type) VALUES ({job}, 'deferred')",
    "procrastinate_periodic_defers": "(task_name, defer_timestamp, job_id) VALUES ('tests:new', 0, {job})",
    "procrastinate_workers": "DEFAULT VALUES",
}

# A column that a trigger or a foreign key may look at.
COLUMN = {
    "procrastinate_jobs": "status",
    "procrastinate_events": "job_id",
    "procrastinate_periodic_defers": "job_id",
    "procrastinate_workers": "last_heartbeat",
}

FILL = {
    "procrastinate_events": """
        INSERT INTO procrastinate_events (job_id, type)
        SELECT job, type FROM unnest(enum_range(NULL::procrastinate_job_event_type)) type,
        (SELECT id AS job FROM procrastinate_jobs LIMIT 200) jobs""",
    "procrastinate_periodic_defers": """
        INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, job_id)
        SELECT 'tests:periodic', moment, (SELECT min(id) FROM procrastinate_jobs) FROM generate_series(1, 1000) moment""",
    "procrastinate_workers": """
        INSERT INTO procrastinate_workers (last_heartbeat) SELECT now() FROM generate_series(1, 1000)""",
}

STATUSES = """
    SELECT status::text FROM unnest(enum_range(NULL::procrastinate_job_status)) status
    WHERE NOT EXISTS (SELECT FROM procrastinate_jobs jobs WHERE jobs.status = status.status)"""

FILL_STATUS = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)
    SELECT 'default', 'tests:nothing', jsonb_build_object('padding', repeat('x', 300)), %s::procrastinate_job_status
    FROM generate_series(1, 150)"""

TABLES = """
    SELECT relname, pg_relation_filenode(oid), pg_relation_size(oid) / current_setting('block_size')::int
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""


def tables(connection: Connection) -> dict[str, tuple[int, int]]:
    """By name, the file of each table and how many pages it has."""
    rows = connection.execute(TABLES).fetchall()
    return {name: (file, pages) for name, file, pages in rows}


def fill(connection: Connection, statuses: bool) -> None:
    """Gives rows to tables that have none; with `statuses`, jobs to each status that has none."""
    names = tables(connection)
    filled = set()
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        if statuses:
            for (status,) in connection.execute(STATUSES).fetchall():
                connection.execute(FILL_STATUS, [status])
                filled.add("procrastinate_jobs")
        for name, insert in FILL.items():
            if name not in names:
                continue
            if connection.execute(f"SELECT FROM {name} LIMIT 1").fetchone() is None:
                connection.execute(insert)
                filled.add(name)
        for name in filled:
            connection.execute(f"ANALYZE {name}")


def accesses(name: str, job: int) -> dict[str, str]:
    """The statements that read and write a table, by what they do. They name a job that is there."""
    some, column = SOME[name], COLUMN[name]
    return {
        "read": f"SELECT count(*) FROM {name}",
        "insert": f"INSERT INTO {name} {INSERT[name].format(job=job)}",
        "update": f"UPDATE {name} SET {column} = {column} WHERE id IN ({some})",
        "delete": f"DELETE FROM {name} WHERE id IN ({some})",
    }
