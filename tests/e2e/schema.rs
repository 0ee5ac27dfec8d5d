//! With the setting `schema`, Procrastinate's objects are made in that schema, and the session's search path is afterwards what
//! it was.
//!
//! `WHOLE_MATRIX` takes all combinations: CONTRIBUTING.md has the command.

mod databases;
mod existing;
mod failures;
mod names;
mod paths;
mod public;

use std::process::Command;

use camino::Utf8PathBuf;
use fs_err as fs;

use crate::support::database::{Driver, quoted};
use crate::support::process::{Outcome, run, scrub};
use crate::support::project::Project;
use crate::support::python;
use crate::support::schema::Schema;

const HEAD: &str = "procrastinate_03_04_00_50";
/// The line of a schema that the application has.
const OTHER_SCHEMA: &str = "schema: other";
const NEWEST: &str = "1.20.1";
const OLDEST: &str = "1.8.1";

/// An `env.py` that prints whether the session's search path is afterwards what it was. What stands for `VARIANT` may change
/// the engine, the session and the transaction.
const ENV: &str = r#"
import asyncio
import sys

from alembic import context
from sqlalchemy import create_engine, event, text
from sqlalchemy.ext.asyncio import create_async_engine

url = context.config.get_main_option("sqlalchemy.url")
arguments = {}
options = {"version_table_schema": "public"}


def listen(engine):
    pass


def session(connection):
    pass


def transaction(connection):
    pass


# VARIANT


def path(connection):
    found = connection.execute(text("SHOW search_path")).scalar()
    connection.rollback()
    return found


def run(connection):
    session(connection)
    before = path(connection)
    try:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            transaction(connection)
            context.run_migrations()
    finally:
        connection.rollback()
        after = path(connection)
        kept = "kept" if after == before else "changed"
        print(f"search path {kept}: {before}, {after}", file=sys.stderr)


async def run_async():
    engine = create_async_engine(url, **arguments)
    listen(engine.sync_engine)
    async with engine.connect() as connection:
        await connection.run_sync(run)


if context.is_offline_mode():
    context.configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **options)
    with context.begin_transaction():
        context.run_migrations()
elif "asyncpg" in url:
    asyncio.run(run_async())
else:
    engine = create_engine(url, **arguments)
    listen(engine)
    with engine.connect() as connection:
        run(connection)
"#;

/// A project of Alembic that has the setting, before a database that has the schema.
struct Site {
    project: Project,
    driver: Driver,
    schema: String,
    /// The Python of another Alembic than the newest.
    python: Option<Utf8PathBuf>,
}

impl Site {
    fn new(driver: Driver, schema: &str) -> Self {
        let project = Project::new(driver);
        let site = Self {
            project,
            driver,
            schema: schema.to_owned(),
            python: None,
        };
        site.set("");
        site.write_env("");
        site.make_schema();
        site
    }

    fn on(self, alembic: &str) -> Self {
        let python = (alembic != NEWEST).then(|| python::alembic_environment(alembic));
        // The old Alembic has another name for the separator.
        let ini = self.project.root().join("alembic.ini");
        let text = fs::read_to_string(&ini).expect("alembic init wrote it");
        let both = "\npath_separator = os\nversion_path_separator = os\n";
        let text = text.replacen("\npath_separator = os\n", both, 1);
        fs::write(&ini, text).expect("the project can be written");
        Self { python, ..self }
    }

    /// Sets the schema, and `more`.
    fn set(&self, more: &str) {
        let text = format!("schema = '''{}'''\n{more}", self.schema);
        fs::write(self.project.root().join("vendor-migrations.toml"), text)
            .expect("the project can be written");
    }

    fn write_env(&self, variant: &str) {
        let text = ENV.replacen("# VARIANT", variant, 1);
        fs::write(self.project.root().join("alembic/env.py"), text)
            .expect("the project can be written");
    }

    fn make_schema(&self) {
        let sql = format!(
            "CREATE SCHEMA {}; CREATE SCHEMA other",
            quoted(&self.schema)
        );
        self.project.database.psql(&sql).exits(0);
    }

    /// The same before a database without any objects, which has the schema.
    fn anew(self) -> Self {
        let project = self.project.with_new_database(self.driver);
        let site = Self { project, ..self };
        site.make_schema();
        site
    }

    /// A revision of the application's own, behind the vendored ones, in the same transaction.
    fn write_own_revision(&self, after: &str) {
        let text = format!(
            "from alembic import op\n\nrevision = \"0001\"\ndown_revision = None\ndepends_on = \"{after}\"\n\n\n\
             def upgrade():\n    op.execute(\"CREATE TABLE own AS SELECT current_setting('search_path') AS path\")\n"
        );
        fs::write(self.project.root().join("alembic/versions/0001.py"), text)
            .expect("the project can be written");
    }

    /// Fails unless the application's own revision ran with this search path, and its table is in this schema.
    #[track_caller]
    fn assert_own(&self, schema: &str, path: &str) {
        let database = &self.project.database;
        let place = "SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 'own'";
        assert_eq!(database.query(place), [schema]);
        assert_eq!(
            database.query(&format!("SELECT path FROM {schema}.own")),
            [path]
        );
    }

    #[track_caller]
    fn alembic(&self, args: &[&str]) -> Outcome {
        let Some(python) = &self.python else {
            return self.project.alembic(args);
        };
        run(scrub(&mut Command::new(python))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .args(["-m", "alembic"])
            .args(args)
            .current_dir(self.project.root()))
    }

    /// Upgrades, after which the session's search path is what it was.
    #[track_caller]
    fn upgrade(&self) -> Outcome {
        self.alembic(&["upgrade", "heads"])
            .exits(0)
            .says("search path kept")
    }

    /// Fails unless all objects of a release are in the schema, and none is elsewhere.
    #[track_caller]
    fn assert_has(&self, release: &str) {
        let expected = Schema::of_release_in(release, &self.schema);
        Schema::of(&self.project.database)
            .without("| own")
            .without(OTHER_SCHEMA)
            .assert_is(&expected);
    }

    /// Fails if another schema has a table or an index of Procrastinate's.
    #[track_caller]
    fn assert_nothing_elsewhere(&self) {
        let place = quoted(&self.schema);
        let sql = format!(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'procrastinate%' AND relnamespace <> '{place}'::regnamespace"
        );
        assert_eq!(self.project.database.query(&sql), ["0"]);
    }

    /// Fails unless no schema has an object of Procrastinate's.
    #[track_caller]
    fn assert_empty(&self) {
        let sql = "SELECT count(*) FROM pg_class WHERE relname LIKE 'procrastinate%'";
        assert_eq!(self.project.database.query(sql), ["0"]);
    }
}
