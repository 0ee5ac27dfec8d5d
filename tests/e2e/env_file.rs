//! What is said of `env.py`, held against what Alembic does with it.

mod locations;
mod lost;
mod plugins;

use std::process::Command;

use camino::Utf8Path;
use fs_err as fs;
use vendor_migrations::alembic::env_file::EnvFile;

use crate::support::database::Driver;
use crate::support::process::{run, scrub};
use crate::support::project::Project;
use crate::support::python;

const OLDEST: &str = "1.8.1";
const NEWEST: &str = "1.20.1";

/// A new enum value, and its use behind it: what rendered revisions do.
const REVISION: &str = r#"
from alembic import op

revision = "one"
down_revision = None


def upgrade():
    op.execute("CREATE TYPE colour AS ENUM ('red')")
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE colour ADD VALUE IF NOT EXISTS 'blue'")
    op.execute("CREATE TABLE t (c colour DEFAULT 'blue')")
"#;

const HEADER: &str = r#"
import asyncio
from contextlib import ExitStack, contextmanager
from functools import partial

from alembic import context
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session

url = context.config.get_main_option("sqlalchemy.url")
x = text("SELECT 1")
e = create_engine(url)
a = create_async_engine(url)


def run(c):
    context.configure(connection=c)
    with context.begin_transaction():
        context.run_migrations()


"#;

/// Ways to run migrations, whatever comes of them.
const WAYS: [&str; 34] = [
    "with e.connect() as c:\n run(c)",
    "with e.begin() as c:\n run(c)",
    "with e.begin() as c:\n context.configure(connection=c)\n context.run_migrations()",
    "with e.connect() as c:\n with c.begin():\n  run(c)",
    "with e.connect() as c:\n with c.begin_nested():\n  run(c)",
    "with e.connect() as c:\n with c.begin_nested():\n  c.execute(x)\n run(c)",
    "with e.connect() as c, c.begin():\n run(c)",
    "with e.connect() as c:\n with c.begin():\n  c.execute(x)\n run(c)",
    "with e.connect() as c:\n context.configure(connection=c)\n with c.begin():\n  with context.begin_transaction():\n   context.run_migrations()",
    "with e.connect() as c:\n context.configure(connection=c)\n with context.begin_transaction():\n  with c.begin_nested():\n   context.run_migrations()",
    "with e.connect() as c:\n context.configure(connection=c)\n t = c.begin()\n context.run_migrations()\n t.commit()",
    "with e.connect() as c:\n context.configure(connection=c)\n context.run_migrations()\n c.commit()",
    "with e.connect() as c:\n context.configure(connection=c)\n c.execute(x)\n with context.begin_transaction():\n  c.execute(x)\n  context.run_migrations()",
    "with e.connect() as c:\n context.configure(connection=c)\n with context.get_context().begin_transaction():\n  context.run_migrations()",
    "c = e.connect()\nt = c.begin()\nrun(c)\nt.commit()",
    "c = e.connect()\nt = c.begin()\nc.execute(x)\nt.commit()\nrun(c)",
    "with e.connect() as c:\n c.execute(x)\n run(c)",
    "with e.connect() as c:\n c.execute(x)\n run(c)\n c.commit()",
    "with e.connect() as c:\n c.execute(x)\n c.commit()\n run(c)",
    "with e.connect() as c:\n inspect(c).get_table_names()\n run(c)",
    "with e.connect() as c:\n MigrationContext.configure(c).get_current_revision()\n run(c)",
    "with e.begin() as d:\n d.execute(x)\nwith e.connect() as c:\n run(c)",
    "with e.begin() as d:\n d.execute(x)\n with e.connect() as c:\n  run(c)",
    "with Session(e) as s:\n run(s.connection())",
    "with Session(e) as s, s.begin():\n run(s.connection())",
    "with e.connect().execution_options(isolation_level='AUTOCOMMIT') as c:\n run(c)",
    "with ExitStack() as s:\n run(s.enter_context(e.begin()))",
    "@contextmanager\ndef db():\n with e.begin() as d:\n  yield d\nwith db() as c:\n run(c)",
    "async def go():\n async with a.connect() as c:\n  await c.run_sync(run)\nasyncio.run(go())",
    "async def go():\n async with a.connect() as c:\n  await c.run_sync(run)\n  await c.commit()\nasyncio.run(go())",
    "async def go():\n async with a.begin() as c:\n  await c.run_sync(partial(run))\nasyncio.run(go())",
    "async def go():\n async with a.connect() as c, c.begin():\n  await c.run_sync(lambda d: run(d))\nasyncio.run(go())",
    "async def go():\n async with a.connect() as c:\n  await c.execute(x)\n  await c.run_sync(run)\nasyncio.run(go())",
    "async def go():\n async with a.connect() as c:\n  await c.execute(x)\n  await c.rollback()\n  await c.run_sync(run)\nasyncio.run(go())",
];

#[test]
fn transactions_on_the_oldest_alembic() {
    every_way_does_what_is_said_of_it(OLDEST);
}

#[test]
fn transactions_on_the_newest_alembic() {
    every_way_does_what_is_said_of_it(NEWEST);
}

fn every_way_does_what_is_said_of_it(version: &str) {
    let python = python::alembic_environment(version);
    let mut project = Project::new(Driver::Psycopg);
    // The old Alembic does not know the separator that the ini of the newest names.
    let ini = project.root().join("alembic.ini");
    let text = fs::read_to_string(&ini).expect("alembic init wrote it");
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("version_locations"));
    let lines: Vec<&str> = lines.collect();
    fs::write(ini, lines.join("\n")).expect("the project can be written");
    let revision = project.root().join("alembic/versions/one.py");
    fs::write(revision, REVISION).expect("the project can be written");
    for way in WAYS {
        project = project.with_new_database(Driver::Psycopg);
        let source = format!("{HEADER}{way}\n");
        let file = EnvFile::parse(&source).expect("it is Python");
        assert_eq!(file.unclear, [], "{way}");
        fs::write(project.root().join("alembic/env.py"), source).expect("it can be written");
        let mut command = Command::new(&python);
        // Bytecode is known by its source's size and second: a way as long as the one before could run that one's.
        let upgraded = run(scrub(&mut command)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .args(["-m", "alembic", "upgrade", "head"])
            .current_dir(project.root()));
        let found = &file.transactions;
        assert_eq!(
            upgraded.status == Some(0),
            found.is_empty(),
            "{way}: {found:?}, {upgraded}"
        );
        if found.is_empty() {
            assert_eq!(
                project.database.query("SELECT * FROM alembic_version"),
                ["one"],
                "{way}"
            );
        }
    }
}

#[test]
fn templates_of_the_oldest_alembic() {
    templates(OLDEST);
}

#[test]
fn templates_of_the_newest_alembic() {
    templates(NEWEST);
}

/// Nothing is said of the templates of `alembic init`, but that the one for several databases begins its own transactions.
fn templates(version: &str) {
    let python = python::alembic_environment(version);
    let print = "import alembic; print(alembic.__path__[0])";
    let package = run(Command::new(&python).args(["-c", print])).exits(0);
    let templates = Utf8Path::new(package.stdout.trim()).join("templates");
    let mut names = Vec::new();
    for template in templates.read_dir_utf8().expect("Alembic has templates") {
        let template = template.expect("they can be listed").into_path();
        let Ok(text) = fs::read_to_string(template.join("env.py")) else {
            continue;
        };
        let name = template.file_name().expect("it has a name").to_owned();
        let file = EnvFile::parse(&text).expect("it is Python");
        let places: Vec<&str> = file
            .transactions
            .iter()
            .map(|transaction| transaction.place.text.as_str())
            .collect();
        match name.as_str() {
            "multidb" => assert_eq!(places, ["rec[\"transaction\"] = conn.begin()"]),
            _ => assert_eq!(places, [""; 0], "{name}"),
        }
        assert_eq!(file.late_options, [], "{name}");
        assert_eq!(file.unclear, [], "{name}");
        assert_eq!(file.configures.len(), 2, "{name}");
        assert_eq!(file.online().count(), 1, "{name}");
        assert_eq!(
            file.asynchronous.is_some(),
            name.contains("async"),
            "{name}"
        );
        names.push(name);
    }
    for name in ["generic", "async", "multidb"] {
        assert!(names.iter().any(|found| found == name), "{names:?}");
    }
}

/// An `env.py` with lines before its metadata, and a filter: without one, that which `init` prints.
fn filtered(
    project: &Project,
    original: &str,
    imports: &str,
    settings: &str,
    filter: Option<&str>,
) -> String {
    let printed = || {
        fs::write(
            project.root().join("alembic/env.py"),
            original.replace("target_metadata = None", "target_metadata = object()"),
        )
        .expect("the project can be written");
        let shown = project.tool(&["init"]).exits(0).stdout;
        let lines = shown
            .lines()
            .skip_while(|line| !line.contains("def include_name"));
        let body: Vec<&str> = lines
            .skip(1)
            .map_while(|line| line.strip_prefix("        "))
            .collect();
        assert!(!body.is_empty(), "init prints a filter: {shown}");
        body.join("\n    ")
    };
    let filter = filter.map_or_else(printed, |filter| format!("return {filter}"));
    let metadata = format!(
        "from sqlalchemy import MetaData\n{imports}\ntarget_metadata = MetaData()\n{settings}\n\n\n\
         def include_name(name, type_, parent_names):\n    {filter}\n\n"
    );
    let text = original.replace("target_metadata = None", &metadata);
    text.replace(
        "target_metadata=target_metadata",
        "target_metadata=target_metadata, include_name=include_name",
    )
}
