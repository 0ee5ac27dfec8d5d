//! What lives in Alembic's transaction, and is gone at the first `autocommit_block()`; on real servers.

use fs_err as fs;

use crate::support::database::Driver;
use crate::support::project::Project;

/// Puts lines before and behind the `run_migrations` that has a connection.
fn around(project: &Project, original: &str, before: &str, behind: &str) {
    const RUN: &str = "context.run_migrations()\n";
    let (first, rest) = original.rsplit_once(RUN).expect("it is called");
    let (head, indent) = first.rsplit_once('\n').expect("it is on a line of its own");
    let lines = |text: &str| -> String {
        text.lines()
            .map(|line| format!("{indent}{line}\n"))
            .collect()
    };
    let text = format!(
        "from sqlalchemy import text\n{head}\n{}{indent}{RUN}{}{rest}",
        lines(before),
        lines(behind)
    );
    fs::write(project.root().join("alembic/env.py"), text).expect("the project can be written");
}

/// A statement before migrations run, and what asks behind them whether it still holds.
const STATEMENTS: [(&str, &str); 7] = [
    (
        "SET LOCAL lock_timeout = '5s'",
        "current_setting('lock_timeout') = '5s'",
    ),
    (
        "SET lock_timeout = '5s'",
        "current_setting('lock_timeout') = '5s'",
    ),
    (
        "SELECT set_config('statement_timeout', '90s', true)",
        "current_setting('statement_timeout') = '90s'",
    ),
    ("SELECT pg_advisory_xact_lock(7)", HOLDS),
    ("SELECT pg_advisory_lock(7)", HOLDS),
    (
        "SET LOCAL ROLE pg_database_owner",
        "current_user = 'pg_database_owner'",
    ),
    ("LOCK TABLE users", HOLDS_TABLE),
];
const HOLDS: &str =
    "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())";
const HOLDS_TABLE: &str =
    "EXISTS (SELECT FROM pg_locks WHERE relation = 'users'::regclass AND pid = pg_backend_pid())";

fn each_is_lost_as_is_said(driver: Driver) {
    let mut project = Project::new(driver);
    project.sync("3.10.0");
    let env = project.root().join("alembic/env.py");
    let original = fs::read_to_string(&env).expect("alembic init wrote it");
    for (statement, holds) in STATEMENTS {
        project = project.with_new_database(driver);
        project.database.execute("CREATE TABLE users (id int)");
        let before = format!("connection.execute(text(\"{statement}\"))");
        let asks = format!(
            "print(\"it\", \"holds\" if connection.scalar(text(\"SELECT {holds}\")) else \"is lost\")"
        );
        around(&project, &original, &before, &asks);
        let upgraded = project.alembic(&["upgrade", "heads"]).exits(0);
        let lost = upgraded.stdout.contains("it is lost");
        assert_ne!(lost, upgraded.stdout.contains("it holds"), "{upgraded}");
        let checked = project.tool(&["check", "--strict"]);
        assert_eq!(
            checked.stdout.contains("[transaction-local]"),
            lost,
            "{statement}: {upgraded}{checked}"
        );
    }
}

#[test]
fn on_psycopg() {
    each_is_lost_as_is_said(Driver::Psycopg);
}

#[test]
fn on_asyncpg() {
    each_is_lost_as_is_said(Driver::Asyncpg);
}

/// A dry run that rolls back at its end leaves tables.
#[test]
fn a_rollback_undoes_a_part() {
    for (with, behind) in [
        ("with context.begin_transaction():", "connection.rollback()"),
        (
            "with context.begin_transaction() as transaction:",
            "transaction.rollback()",
        ),
        (
            "with context.begin_transaction():",
            "raise RuntimeError(\"dry run\")",
        ),
    ] {
        let project = Project::new(Driver::Psycopg);
        project.sync("3.10.0");
        let env = project.root().join("alembic/env.py");
        let original = fs::read_to_string(&env).expect("alembic init wrote it");
        let original = original.replace("with context.begin_transaction():", with);
        around(&project, &original, "", behind);
        project.alembic(&["upgrade", "heads"]);
        let tables = "SELECT count(*) > 0 FROM pg_tables WHERE tablename LIKE 'procrastinate%'";
        assert_eq!(project.database.query(tables), ["t"], "{behind}");
        project
            .tool(&["check"])
            .exits(1)
            .says("error[transaction-local] alembic/env.py:");
    }
}

/// With a transaction for each migration, Alembic begins them.
#[test]
fn transactions_of_their_own_need_no_other() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    let env = project.root().join("alembic/env.py");
    let text = fs::read_to_string(&env).expect("alembic init wrote it");
    let (first, rest) = text
        .rsplit_once("with context.begin_transaction():")
        .expect("it is there");
    let each = first.replace(
        "connection=connection,",
        "connection=connection, transaction_per_migration=True,",
    );
    fs::write(&env, format!("{each}if True:{rest}")).expect("the project can be written");
    project.tool(&["check"]).exits(0);
    project.upgrade();
    assert_eq!(
        project
            .database
            .query("SELECT count(*) FROM procrastinate_jobs"),
        ["0"]
    );
    fs::write(&env, format!("{first}if True:{rest}")).expect("the project can be written");
    project
        .tool(&["check"])
        .exits(1)
        .says("error[env-transaction]");
    let project = project.with_new_database(Driver::Psycopg);
    assert_ne!(project.alembic(&["upgrade", "heads"]).status, Some(0));
}

/// A program holds a transaction on the connection that `env.py` takes.
#[test]
fn a_connection_that_a_program_shares() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    project.edit_env(
        "with connectable.connect() as connection:",
        "from contextlib import nullcontext\n    shared = config.attributes.get(\"connection\")\n    \
         with nullcontext(shared) if shared is not None else connectable.connect() as connection:",
    );
    held_and_not_held(project, Driver::Psycopg, 7, |opens| {
        format!(
            "import sqlalchemy\nfrom alembic import command\nfrom alembic.config import Config\n\n\
             cfg = Config(\"alembic.ini\")\nengine = sqlalchemy.create_engine(cfg.get_main_option(\"sqlalchemy.url\"))\n\
             with engine.{opens}() as connection:\n    cfg.attributes[\"connection\"] = connection\n    command.upgrade(cfg, \"heads\")\n"
        )
    });
}

/// The same by Alembic's cookbook, on asyncpg.
#[test]
fn an_asynchronous_connection_that_a_program_shares() {
    let project = Project::new(Driver::Asyncpg);
    project.sync("3.10.0");
    let env = project.root().join("alembic/env.py");
    let text = fs::read_to_string(&env).expect("alembic init wrote it");
    let (head, last) = text
        .rsplit_once("asyncio.run(run_async_migrations())")
        .expect("it is called");
    let shared = "shared = config.attributes.get(\"connection\")\n    \
                  do_run_migrations(shared) if shared is not None else asyncio.run(run_async_migrations())";
    fs::write(&env, format!("{head}{shared}{last}")).expect("the project can be written");
    held_and_not_held(project, Driver::Asyncpg, 15, |opens| {
        format!(
            "import asyncio\nfrom alembic import command\nfrom alembic.config import Config\nfrom sqlalchemy.ext.asyncio import create_async_engine\n\n\n\
             def run(connection, cfg):\n    cfg.attributes[\"connection\"] = connection\n    command.upgrade(cfg, \"heads\")\n\n\n\
             async def main():\n    cfg = Config(\"alembic.ini\")\n    engine = create_async_engine(cfg.get_main_option(\"sqlalchemy.url\"))\n    \
             async with engine.{opens}() as connection:\n        await connection.run_sync(run, cfg)\n\n\nasyncio.run(main())\n"
        )
    });
}

/// Runs the program with `engine.begin()` and with `engine.connect()`: `check` names its line where it stops.
fn held_and_not_held(
    mut project: Project,
    driver: Driver,
    line: usize,
    program: impl Fn(&str) -> String,
) {
    for (opens, works) in [("begin", false), ("connect", true)] {
        project = project.with_new_database(driver);
        fs::write(project.root().join("migrate.py"), program(opens))
            .expect("the project can be written");
        let ran = project.shell("python migrate.py");
        assert_eq!(ran.status == Some(0), works, "{ran}");
        assert_ne!(ran.stderr.contains("AssertionError"), works, "{ran}");
        let checked = project.tool(&["check"]);
        let error = format!("error[env-transaction] migrate.py:{line}\n");
        assert_ne!(checked.stdout.contains(&error), works, "{checked}");
    }
}

/// It moves the version table, and not what is SQL.
#[test]
fn a_translated_schema() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    project.database.execute("CREATE SCHEMA jobs");
    project.edit_env(
        "connection=connection,",
        "connection=connection.execution_options(schema_translate_map={None: \"jobs\"}),",
    );
    project.upgrade();
    let tables = "SELECT schemaname || '.' || tablename FROM pg_tables WHERE tablename IN ('alembic_version', 'procrastinate_jobs') ORDER BY 1";
    assert_eq!(
        project.database.query(tables),
        ["jobs.alembic_version", "public.procrastinate_jobs"]
    );
    project
        .tool(&["check"])
        .exits(0)
        .says("warning[schema] alembic/env.py:");
}
