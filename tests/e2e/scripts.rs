//! What scripts do beside Alembic: what `check` says of them, held against the real commands and databases.

use fs_err as fs;
use vendor_migrations::alembic::invocations::{Wanted, calls};

use crate::support::database::{Database, Driver};
use crate::support::package::Package;
use crate::support::process::Outcome;
use crate::support::project::Project;
use crate::support::schema::Schema;

const RELEASE: &str = "3.10.0";

/// The application's own module.
const JOBS: &str = "import os\n\nfrom procrastinate import App, PsycopgConnector\n\n\
                    app = App(connector=PsycopgConnector(conninfo=os.environ[\"URL\"]))\n";

/// Ways to apply the schema, each the last line of a script.
const WAYS: [(&str, &str); 4] = [
    (
        "setup.sh",
        "python -m procrastinate --app=jobs.app schema --apply\n",
    ),
    (
        "setup.sh",
        "psql -v ON_ERROR_STOP=1 \"$URL\" -f \"$PYTHONPATH/procrastinate/sql/schema.sql\"\n",
    ),
    (
        "setup.py",
        "import asyncio\nfrom jobs import app\n\n\nasync def main():\n    async with app.open_async():\n        \
         await app.schema_manager.apply_schema_async()\n\n\nasyncio.run(main())\n",
    ),
    (
        "setup.py",
        "import os\nfrom procrastinate import SyncPsycopgConnector\nfrom procrastinate.schema import SchemaManager\n\n\
         connector = SyncPsycopgConnector(conninfo=os.environ[\"URL\"])\nconnector.open()\nSchemaManager(connector).apply_schema()\n",
    ),
];

/// A project of an application that has Procrastinate, with its migrations vendored.
fn application(package: &Package) -> Project {
    let mut project = Project::new(Driver::Psycopg);
    project.set_python_path(package.site_packages());
    fs::write(project.root().join("jobs.py"), JOBS).expect("the project can be written");
    project.sync(RELEASE);
    project
}

/// Runs commands as a container does, with this database's URL.
#[track_caller]
fn container(project: &Project, script: &str) -> Outcome {
    let (url, programs) = (project.database.libpq_url(), project.database.programs());
    let environment = format!("export URL='{url}' PATH=\"$PATH:{programs}\"");
    project.shell(&format!("{environment}; set -e; {script}"))
}

#[test]
fn what_applies_the_schema_fails_beside_alembic() {
    const UPGRADE: &str = "alembic upgrade heads";
    let package = Package::unpack(RELEASE);
    let mut project = application(&package);
    for (at, (file, text)) in WAYS.into_iter().enumerate() {
        let path = project.root().join(file);
        fs::write(&path, text).expect("the project can be written");
        let checked = project.tool(&["check"]).exits(1);
        checked.says(&format!("error[schema-apply] {file}:"));
        let program = if file.ends_with(".py") {
            "python"
        } else {
            "sh"
        };
        let apply = format!("{program} {file}");
        // In the other order, what fails is the same statement, whoever sends it.
        let orders = [format!("{apply}; {UPGRADE}"), format!("{UPGRADE}; {apply}")];
        for order in &orders[..if at == 0 { 2 } else { 1 }] {
            project = project.with_new_database(Driver::Psycopg);
            let started = container(&project, order);
            assert_ne!(started.status, Some(0), "{started}");
            started.says("already exists");
        }
        fs::remove_file(&path).expect("the project can be written");
    }
    project.tool(&["check"]).exits(0);
    project = project.with_new_database(Driver::Psycopg);
    container(&project, UPGRADE).exits(0);
    container(&project, UPGRADE).exits(0);
    Schema::of(&project.database).assert_is(&Schema::of_release(RELEASE));
}

/// What comes behind `--app`.
const OPTIONS: [&str; 8] = [
    "schema",
    "schema --apply --read",
    "schema --read --apply",
    "schema --read",
    "schema --migrations-path",
    "schema --appl",
    "schema migrations",
    "--log-format '%(message)s' --log-level info schema",
];

#[test]
fn the_real_command_applies_what_is_said_to_apply() {
    for (release, options) in [("2.15.1", &OPTIONS[..3]), (RELEASE, &OPTIONS[..])] {
        let package = Package::unpack(release);
        let project = application(&package);
        for options in options {
            let command = format!("python -m procrastinate --app=jobs.app {options}\n");
            let wanted = Wanted {
                upgrades: false,
                procrastinate: true,
            };
            let is_said = !calls("run.sh", &command, wanted).is_empty();
            let clean = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
            project.database.psql(clean).exits(0);
            container(&project, &command);
            let applied = project
                .database
                .query("SELECT to_regclass('procrastinate_jobs') IS NOT NULL");
            let applied = applied == ["t"];
            assert_eq!(applied, is_said, "{release}: {options}");
        }
    }
}

const RUNS: &str = "            context.run_migrations()\n\n\nif";

/// The schemas that hold a table of jobs.
fn homes(database: &Database) -> Vec<String> {
    let sql = "SELECT schemaname FROM pg_tables WHERE tablename = 'procrastinate_jobs' ORDER BY 1";
    database.query(sql)
}

/// A path that ends with the transaction is gone behind a new enum value, which leaves it.
#[test]
fn a_local_search_path_breaks_the_upgrade() {
    let project = Project::new(Driver::Psycopg);
    project.sync(RELEASE);
    let schema = "CREATE SCHEMA jobs";
    project.database.psql(schema).exits(0);
    let set = "            connection.exec_driver_sql(\"SET LOCAL search_path TO jobs\")\n";
    project.edit_env(RUNS, &format!("{set}{RUNS}"));
    project
        .tool(&["check"])
        .exits(1)
        .says("error[schema] alembic/env.py:")
        .says("SET LOCAL");
    let upgraded = project.alembic(&["upgrade", "heads"]);
    assert_ne!(upgraded.status, Some(0), "{upgraded}");
    upgraded.says("procrastinate_job_status\" does not exist");

    // For the whole session, it holds.
    project.edit_env("SET LOCAL", "SET");
    project
        .tool(&["check"])
        .exits(0)
        .says("warning[schema] alembic/env.py:");
    let project = project.with_new_database(Driver::Psycopg);
    project.database.psql(schema).exits(0);
    project.upgrade();
    assert_eq!(homes(&project.database), ["jobs"]);
}

/// A worker that looks elsewhere does not find what the migrations make.
#[test]
fn a_worker_in_another_schema_has_no_tables() {
    const HEALTHY: &str = "python -m procrastinate --app=jobs.app healthchecks";
    let package = Package::unpack(RELEASE);
    let project = application(&package);
    project.database.psql("CREATE SCHEMA jobs").exits(0);
    let options = "PsycopgConnector(kwargs={\"options\": \"-c search_path=jobs\"}, ";
    let jobs = JOBS.replace("PsycopgConnector(", options);
    let jobs = jobs.replacen(
        &format!("import App, {options}"),
        "import App, PsycopgConnector",
        1,
    );
    fs::write(project.root().join("jobs.py"), jobs).expect("the project can be written");
    project
        .tool(&["check"])
        .exits(1)
        .says("error[schema] jobs.py:5")
        .says("is not set");
    project.upgrade();
    assert_eq!(homes(&project.database), ["public"]);
    container(&project, HEALTHY)
        .exits(1)
        .says("procrastinate_jobs table was not found");

    // The same path in Alembic's URL.
    let database = Database::new();
    database.psql("CREATE SCHEMA jobs").exits(0);
    let project = project.before(database, Driver::Psycopg);
    let ini = project.root().join("alembic.ini");
    let text = fs::read_to_string(&ini).expect("the project has it");
    let url = project.database.url(Driver::Psycopg).replace('%', "%%");
    let with_path = format!("{url}&options=-csearch_path%%3Djobs");
    fs::write(&ini, text.replace(&url, &with_path)).expect("the project can be written");
    let checked = project.tool(&["check"]).exits(0);
    assert!(!checked.stdout.contains("[schema]"), "{checked}");
    project.upgrade();
    assert_eq!(homes(&project.database), ["jobs"]);
    container(&project, HEALTHY).exits(0);
}

/// Scripts of a repository around the project, with the command that runs each in the repository's root.
const AROUND: [(&str, &str, &str); 6] = [
    (
        "Makefile",
        "up:\n\tcd shop && alembic upgrade head\n",
        "make up",
    ),
    (
        "Makefile",
        "up:\n\talembic -c shop/alembic.ini upgrade head\n",
        "make up",
    ),
    (
        "up.sh",
        "set -e\ncd shop\nalembic upgrade head\n",
        "sh up.sh",
    ),
    (
        "up.sh",
        "ALEMBIC_CONFIG=shop/alembic.ini alembic upgrade head\n",
        "sh up.sh",
    ),
    (
        "up.sh",
        "env --chdir=shop alembic upgrade head\n",
        "sh up.sh",
    ),
    (
        "up.py",
        "import sys\nfrom alembic import command\nfrom alembic.config import Config\n\nversion = sys.argv[1:]\n\
         command.upgrade(Config(\"shop/alembic.ini\"), version or \"head\")\n",
        "python up.py",
    ),
];

#[test]
fn a_call_around_the_project_fails_as_is_said() {
    let project = Project::new(Driver::Psycopg);
    project.write_own_revision("mine", "SELECT 1");
    project.sync(RELEASE);
    let shop = project.root().join("repository/shop");
    fs::create_dir_all(shop.join("../.git")).expect("the project can be written");
    for name in ["alembic.ini", "alembic"] {
        fs::rename(project.root().join(name), shop.join(name)).expect("the project can be moved");
    }
    for (file, text, command) in AROUND {
        let path = shop.join("..").join(file);
        fs::write(&path, text).expect("the project can be written");
        let ran = project.shell(&format!("cd repository; {command}"));
        assert_ne!(ran.status, Some(0), "{ran}");
        ran.says("Multiple head revisions");
        let checked = project.shell("cd repository/shop; vendor-migrations check");
        checked
            .exits(1)
            .says(&format!("error[upgrade-head] ../{file}:"));
        fs::remove_file(&path).expect("the project can be written");
    }
    project
        .shell("cd repository/shop; vendor-migrations check")
        .exits(0);
}
