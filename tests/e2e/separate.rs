//! An environment of Procrastinate's own, beside the application's or alone.

mod environment;
mod url;

use fs_err as fs;

use self::environment::{INI, Separated};
use crate::support::database::{Driver, on_every_driver};
use crate::support::layouts;
use crate::support::package::Package;
use crate::support::process::{Outcome, run};
use crate::support::project::Project;
use crate::support::schema::Schema;
use crate::support::{python, storage};

const HEAD: &str = "procrastinate_03_04_00_50 (head)";

on_every_driver!(beside_an_application, |driver| {
    let separated = Separated::beside_an_application(driver);
    separated.own(&["upgrade", "head"]).exits(0);
    separated.application(&["upgrade", "head"]).exits(0);

    let current = separated.own(&["current"]).exits(0).stdout;
    assert_eq!(current.trim(), HEAD);
    let current = separated.application(&["current"]).exits(0).stdout;
    assert_eq!(current.trim(), "0001 (head)");
    let history = separated.own(&["history"]).exits(0).stdout;
    assert_eq!(history.lines().count(), 38, "{history}");
    assert!(!history.contains("0001"), "{history}");
    let history = separated.application(&["history"]).exits(0).stdout;
    assert_eq!(history.lines().count(), 1, "{history}");
    for table in ["alembic_version", "alembic_version_procrastinate"] {
        let rows = separated
            .database()
            .query(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(rows, ["1"], "{table}");
    }
    // Nothing differs, and neither environment wants to drop the other's tables.
    let nothing = "No new upgrade operations detected";
    separated.own(&["check"]).exits(0).says(nothing);
    separated.application(&["check"]).exits(0).says(nothing);
});

#[test]
fn check_says_when_the_database_is_behind() {
    let separated = Separated::beside_an_application(Driver::Psycopg);
    separated.own(&["upgrade", "+3"]).exits(0);
    let behind = separated.own(&["check"]);
    assert_ne!(behind.status, Some(0), "{behind}");
    behind.says("not up to date");
}

#[test]
fn the_tool_finds_nothing_wrong() {
    let separated = Separated::beside_an_application(Driver::Psycopg);
    separated.own(&["upgrade", "head"]).exits(0);
    separated.tool(&["check"]).exits(0);
}

/// The script is run by psql; it was made without a database's URL.
#[test]
fn offline() {
    let separated = Separated::alone("3.10.0");
    let script = separated.own(&["upgrade", "head", "--sql"]).exits(0).stdout;
    separated.database().psql(&script).exits(0);
    let schema = Schema::of(separated.database());
    schema.assert_is(&Schema::of_release("3.10.0").with_tabs_expanded());
    let url = separated.database().url(Driver::Psycopg2);
    let current = separated.with_variable(&url).own(&["current"]).exits(0);
    assert_eq!(current.stdout.trim(), HEAD);
}

/// From an empty database on each Alembic, by a synchronous and by an asynchronous driver, without a warning.
fn on_alembic(version: &str) {
    for driver in [Driver::Psycopg, Driver::Asyncpg] {
        let separated = Separated::alone("3.10.0");
        let url = separated.database().url(driver);
        let separated = separated.with_variable(&url).with_alembic(version);
        let upgraded = separated.own(&["upgrade", "head"]).exits(0);
        assert_eq!(warnings(&upgraded), [""; 0], "{version}");
        upgraded.says("Running upgrade");
        let current = separated.own(&["current"]).exits(0).stdout;
        assert_eq!(current.trim(), HEAD, "{version}");
        let heads = separated.own(&["heads"]).exits(0);
        assert_eq!(warnings(&heads), [""; 0], "{version}");
        Schema::of(separated.database()).assert_is(&Schema::of_release("3.10.0"));
    }
}

/// The warnings, but for what SQLAlchemy 2.1 says of how Alembic 1.8 itself calls it.
fn warnings(outcome: &Outcome) -> Vec<&str> {
    let lines = outcome.stderr.lines();
    let warnings = lines.filter(|line| line.contains("Warning: "));
    warnings
        .filter(|line| !line.contains("SADeprecationWarning: Empty parameter sequence"))
        .collect()
}

#[test]
fn alembic_1_8_1() {
    on_alembic("1.8.1");
}

#[test]
fn alembic_1_14_1() {
    on_alembic("1.14.1");
}

#[test]
fn alembic_1_16_5() {
    on_alembic("1.16.5");
}

#[test]
fn alembic_1_20_1() {
    on_alembic("1.20.1");
}

#[test]
fn psycopg_under_an_asynchronous_engine() {
    let separated = Separated::alone("3.10.0");
    let url = separated.database().url(Driver::Psycopg);
    let url = url.replacen("+psycopg:", "+psycopg_async:", 1);
    let separated = separated.with_variable(&url);
    separated.own(&["upgrade", "head"]).exits(0);
    let current = separated.own(&["current"]).exits(0).stdout;
    assert_eq!(current.trim(), HEAD);
}

#[test]
fn from_any_working_directory() {
    let separated = Separated::beside_an_application(Driver::Psycopg);
    let ini = separated.root().join(INI);
    let elsewhere = separated.root().join("alembic/versions");
    let mut command = separated.command(&["-c", ini.as_str(), "upgrade", "head"]);
    run(command.current_dir(elsewhere)).exits(0);
    let current = separated.own(&["current"]).exits(0).stdout;
    assert_eq!(current.trim(), HEAD);
}

/// The next release's revisions come into the same directory, and a plain `head` goes on.
#[test]
fn an_upgrade_of_procrastinate() {
    let separated = Separated::alone("2.5.0");
    let url = separated.database().url(Driver::Psycopg);
    let separated = separated.with_variable(&url);
    separated.own(&["upgrade", "head"]).exits(0);
    separated.sync("3.10.0");
    separated.own(&["upgrade", "head"]).exits(0);
    Schema::of(separated.database()).assert_is(&Schema::of_release("3.10.0"));
}

#[test]
fn a_revision_of_ones_own_can_be_made() {
    let separated = Separated::alone("3.10.0");
    separated
        .own(&["revision", "-m", "one's own", "--rev-id", "own"])
        .exits(0);
    let path = separated
        .root()
        .join("alembic_procrastinate/versions/own_one_s_own.py");
    let text = fs::read_to_string(&path).expect("alembic wrote it");
    assert!(
        text.contains("down_revision = \"procrastinate_03_04_00_50\"\n"),
        "{text}"
    );
    assert!(text.contains("branch_labels = None\n"), "{text}");
    let heads = separated.own(&["heads"]).exits(0).stdout;
    assert!(heads.starts_with("own "), "{heads}");
    assert_eq!(heads.lines().count(), 1, "{heads}");
}

#[test]
fn linters_find_nothing() {
    let separated = Separated::alone("3.10.0");
    let directory = separated.root().join("alembic_procrastinate");
    for arguments in [&["format", "--check", "--diff"][..], &["check"]] {
        run(python::program("ruff")
            .current_dir(&directory)
            .args(arguments)
            .args(["--isolated", "--no-cache", "env.py"]))
        .exits(0);
    }
    let _lock = storage::lock("mypy");
    run(python::program("mypy")
        .current_dir(&directory)
        .args(["--strict", "--config-file="])
        .arg(format!("--cache-dir={}", storage::root().join("mypy")))
        .arg("env.py"))
    .exits(0);
}

/// Copies of a package that ships revision files run on the `env.py` that `init` writes, which passes its own `check`.
#[test]
fn copies_run_where_init_made_the_environment() {
    let package = Package::unpack("3.10.0");
    layouts::CONTRIB.add_to(&package);
    let package = package.release("3.90.0");
    let mut project = Project::new(Driver::Psycopg);
    project.set_python_path(package.site_packages());
    project.tool(&["init", "--separate"]).exits(0);
    let wheel = package.wheel();
    let site_packages = package.site_packages().as_str();
    let synced = ["sync", "--mode", "copy", "--from", wheel.path.as_str()];
    let synced = project.tool(&synced).exits(0);
    assert!(!synced.stderr.contains("warning"), "{synced}");
    let checked = ["check", "--strict", "--from", site_packages];
    let checked = project.tool(&checked).exits(0);
    assert!(!checked.stderr.contains("asynchronous"), "{checked}");
    project
        .shell("alembic -c alembic_procrastinate.ini upgrade heads")
        .exits(0);
    Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
}

/// Upstream's `env.py` reads the URL where `init` leaves it to be filled in, and keeps its revisions in a table of its own.
#[test]
fn upstreams_own_env_py() {
    const ENV: &str = "from alembic import context\nfrom sqlalchemy import engine_from_config, pool\n\nconfig = context.config\n\
        connectable = engine_from_config(config.get_section(config.config_ini_section, {}), prefix=\"sqlalchemy.\", poolclass=pool.NullPool)\n\
        with connectable.connect() as connection:\n    context.configure(connection=connection, version_table=\"alembic_version_jobs\", \
        transaction_per_migration=True)\n    with context.begin_transaction():\n        context.run_migrations()\n";
    let package = Package::unpack("3.10.0");
    layouts::CONTRIB.add_to(&package);
    package.write("procrastinate/contrib/alembic/env.py.template", ENV);
    package.write("procrastinate/contrib/alembic/script.py.mako", "# none\n");
    let package = package.release("3.90.0");
    let mut project = Project::new(Driver::Psycopg);
    project.set_python_path(package.site_packages());
    let site_packages = package.site_packages().as_str();
    let init = [
        "init",
        "--separate",
        "--upstream-templates",
        "--from",
        site_packages,
    ];
    project.tool(&init).exits(0).says("fill it in");
    project
        .tool(&["sync", "--mode", "copy", "--from", site_packages])
        .exits(0);
    let upgrade = "alembic -c alembic_procrastinate.ini upgrade heads";
    assert_ne!(project.shell(upgrade).status, Some(0));
    project.tool(&["check"]).exits(1).says("error[no-url]");
    let ini = project.root().join(INI);
    let text = fs::read_to_string(&ini).expect("init wrote it");
    let url = project.database.url(Driver::Psycopg).replace('%', "%%");
    fs::write(
        &ini,
        text.replace("sqlalchemy.url =\n", &format!("sqlalchemy.url = {url}\n")),
    )
    .expect("the project can be written");
    project.tool(&["check"]).exits(0);
    project.shell(upgrade).exits(0);
    Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
    assert_eq!(
        project
            .database
            .query("SELECT version_num FROM alembic_version_jobs"),
        ["0038"]
    );
}
