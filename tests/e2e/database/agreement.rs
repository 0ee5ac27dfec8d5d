//! Whether the database, its version table, the vendored revisions and the code agree.

use fs_err as fs;
use vendor_migrations::sql::statements::split;

use super::{json, query, query_without_rights};
use crate::support::database::Driver;
use crate::support::package::{Package, read_from_wheel};
use crate::support::process::{Outcome, feed};
use crate::support::project::Project;

/// `database`, with the result of the query for the project's own database.
#[track_caller]
fn compare(project: &Project, args: &[&str]) -> Outcome {
    let args = [&["database", "--from", "-"], args].concat();
    feed(
        &mut project.command(&args),
        query(&project.database).as_bytes(),
    )
}

/// `stamp --database`, with the same.
#[track_caller]
fn stamp(project: &Project) -> Outcome {
    let args = ["stamp", "--database", "-"];
    feed(
        &mut project.command(&args),
        query(&project.database).as_bytes(),
    )
}

/// The codes and severities that are found, in order.
#[track_caller]
fn found(project: &Project, status: i32, args: &[&str]) -> Vec<String> {
    let args = [&["--format", "json"], args].concat();
    let told = json(&compare(project, &args).exits(status));
    let findings = &told["databases"][0]["schemas"][0]["findings"];
    let findings = findings.as_array().expect("a list").iter();
    let words = findings.map(|one| {
        [&one["severity"], &one["code"]].map(|word| word.as_str().unwrap_or_default().to_owned())
    });
    words.map(|words| words.join(" ")).collect()
}

/// A project that has vendored a release and is migrated.
fn migrated(release: &str) -> Project {
    let project = Project::new(Driver::Psycopg);
    project.write_own_revision("app1", "CREATE TABLE app (id int)");
    project.sync(release);
    project.upgrade();
    project
}

/// Puts a release where it is found as the installed one.
fn install(project: &Project, release: &str) {
    let environment = project.root().join(".venv");
    let site = environment.join("lib/python3.12/site-packages");
    if site.exists() {
        fs::remove_dir_all(&site).expect("a directory can be removed");
    }
    fs::create_dir_all(&site).expect("a directory can be made");
    fs::write(environment.join("pyvenv.cfg"), "").expect("a file can be written");
    let package = Package::unpack(release);
    for entry in fs::read_dir(package.site_packages()).expect("it was unpacked") {
        let entry = entry.expect("it was unpacked");
        let name = entry.file_name().into_string().expect("the name is UTF-8");
        fs::rename(entry.path(), site.join(name)).expect("both lie in the temporary directory");
    }
}

#[test]
fn all_four_agree() {
    let project = migrated("3.10.0");
    assert!(found(&project, 0, &[]).is_empty());
    install(&project, "3.10.0");
    assert!(found(&project, 0, &[]).is_empty());
    let screen = compare(&project, &[]).exits(0).stdout;
    let lines: Vec<&str> = screen.lines().collect();
    assert!(
        lines[0].starts_with("Database   e2e_") && lines[0].contains(", PostgreSQL 18."),
        "{screen}"
    );
    assert_eq!(
        lines[1..],
        [
            "Schema     public: state after 03.04.00_50_post_add_retry_failed_job_procedure.sql, as Procrastinate 3.4.0 to 3.10.0",
            "Alembic    app1, procrastinate_03_04_00_50 in public.alembic_version",
            "Vendored   Procrastinate 3.10.0 in alembic/versions_procrastinate, 38 revisions",
            "Installed  Procrastinate 3.10.0 (.venv)",
            "Next       nothing",
        ]
    );
}

#[test]
fn nothing_is_there_yet() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    compare(&project, &[])
        .exits(1)
        .says("error[missing]")
        .says("&& alembic upgrade heads)\n");
    assert_eq!(found(&project, 1, &[]), ["error missing"]);
    // Outside of a project nothing is expected, unless somebody says so.
    let database = &project.database;
    super::ask(database, &[])
        .exits(0)
        .says("has nothing of Procrastinate");
    super::ask(database, &["--expect", "release=3.10.0"]).exits(1);
}

#[test]
fn a_database_that_was_stamped_too_far_is_behind() {
    let project = migrated("3.3.0");
    project.sync("3.10.0");
    assert_eq!(found(&project, 1, &[]), ["error behind-vendored"]);
    compare(&project, &[])
        .exits(1)
        .says("`vendor-migrations rollout --from 3.3.0 -C ");
    // `alembic stamp heads` would take out the row of `app1`.
    project
        .alembic(&["stamp", "procrastinate_03_04_00_50"])
        .exits(0);
    assert_eq!(
        found(&project, 1, &[]),
        ["error behind-version-table", "error behind-vendored"]
    );
    let outcome = compare(&project, &[])
        .exits(1)
        .says("The database was stamped too far, or an upgrade failed half-way");
    assert!(
        outcome
            .stdout
            .contains("&& alembic stamp procrastinate_03_03_00_01)\n"),
        "{outcome}"
    );
    let stamp = "alembic stamp procrastinate_03_03_00_01";
    project.shell(stamp).exits(0);
    project.upgrade();
    assert!(found(&project, 0, &[]).is_empty());
}

#[test]
fn a_database_that_was_made_otherwise_is_ahead_or_unstamped() {
    let project = migrated("3.3.0");
    project.sync("3.10.0");
    for name in ["03.04.00_01_pre", "03.04.00_50_post"] {
        let name =
            format!("procrastinate/sql/migrations/{name}_add_retry_failed_job_procedure.sql");
        project
            .database
            .psql(&read_from_wheel("3.10.0", &name))
            .exits(0);
    }
    assert_eq!(found(&project, 1, &[]), ["error ahead-of-version-table"]);
    compare(&project, &[])
        .exits(1)
        .says("&& alembic stamp procrastinate_03_04_00_50)\n");
    project
        .database
        .psql("DELETE FROM alembic_version WHERE version_num LIKE 'procrastinate%'")
        .exits(0);
    assert_eq!(found(&project, 1, &[]), ["error unstamped"]);
    project.database.psql("DROP TABLE alembic_version").exits(0);
    assert_eq!(found(&project, 1, &[]), ["error unstamped"]);
    compare(&project, &[])
        .exits(1)
        .says("Alembic    no version table of this project");
}

#[test]
fn a_row_that_no_revision_of_the_project_is_is_named() {
    let project = migrated("3.10.0");
    project
        .database
        .psql("INSERT INTO alembic_version VALUES ('gone')")
        .exits(0);
    assert_eq!(found(&project, 1, &[]), ["error unknown-revision"]);
    compare(&project, &[])
        .exits(1)
        .says("`public.alembic_version` has `gone`, which is no revision of the project");
    stamp(&project)
        .exits(1)
        .says("refused: the version table has an unknown revision");
}

/// The newest revision's rows are gone, as in a checkout of an older state.
#[test]
fn a_database_from_a_newer_checkout_is_ahead_of_what_is_vendored() {
    let newer = migrated("3.10.0");
    let mut project = Project::new(Driver::Psycopg);
    project.write_own_revision("app1", "SELECT 1");
    project.sync("3.3.0");
    project.database = newer.database.copy();
    assert_eq!(
        found(&project, 1, &[]),
        ["error unknown-revision", "error ahead-of-vendored"]
    );
}

#[test]
fn the_code_decides_what_may_be_missing() {
    let project = migrated("3.3.0");
    install(&project, "3.3.0");
    assert!(found(&project, 0, &[]).is_empty());
    // The next release is installed, before its migrations ran.
    install(&project, "3.4.0");
    assert_eq!(
        found(&project, 1, &["--expect", "code"]),
        ["error behind-code"]
    );
    project.sync("3.4.0");
    project
        .alembic(&["upgrade", "procrastinate_03_04_00_01"])
        .exits(0);
    assert_eq!(
        found(&project, 1, &["--expect", "code"]),
        ["error behind-code"]
    );
    assert_eq!(
        found(&project, 0, &["--expect", "code", "--phase", "pre"]),
        ["note behind-code"]
    );
    assert_eq!(
        found(&project, 0, &["--phase", "pre"]),
        ["note behind-vendored"]
    );
    // The old release runs on with what may run before a deploy, and not with what belongs after it.
    install(&project, "3.3.0");
    assert_eq!(
        found(&project, 0, &["--expect", "code"]),
        ["note ahead-of-code"]
    );
    project.upgrade();
    assert_eq!(
        found(&project, 1, &["--expect", "code"]),
        ["error ahead-of-code"]
    );
    compare(&project, &["--expect", "code"])
        .exits(1)
        .says("Functions that this code calls may be gone");
    assert!(found(&project, 0, &["--expect", "vendored"]).is_empty());
}

/// The next step leads to what is expected, and not beyond.
#[test]
fn the_next_step_fits_the_expectation() {
    let project = migrated("3.0.2");
    install(&project, "3.3.0");
    // What the code needs is not vendored.
    compare(&project, &["--expect", "code"])
        .exits(1)
        .says("sync");
    project.sync("3.10.0");
    // An upgrade to the end would take away what 3.3.0 calls.
    let outcome = compare(&project, &["--expect", "code"]).exits(1);
    outcome.says("&& alembic upgrade procrastinate_03_03_00_01)\n");
    project
        .shell("alembic upgrade procrastinate_03_03_00_01")
        .exits(0);
    assert!(found(&project, 0, &["--expect", "code"]).is_empty());
    let outcome = super::ask(&project.database, &["--expect", "release=3.10.0"]).exits(1);
    assert!(!outcome.stdout.contains("alembic upgrade"), "{outcome}");
}

/// A later migration makes an index of this name, and would stop at it.
#[test]
fn an_own_index_in_the_way_of_a_later_migration_gives_no_stamp() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    let database = crate::support::database::Database::of_release("2.9.0");
    database
        .psql("CREATE INDEX mine ON procrastinate_jobs (priority); ALTER INDEX mine RENAME TO procrastinate_jobs_priority_idx")
        .exits(0);
    let project = project.before(database, Driver::Psycopg);
    compare(&project, &[])
        .exits(1)
        .says("index `procrastinate_jobs_priority_idx` is left over");
    stamp(&project).exits(1);
}

#[test]
fn an_expected_release_needs_no_project() {
    let database = &migrated("3.3.0").database;
    let expect = |release: &str| super::ask(database, &["--expect", &format!("release={release}")]);
    expect("3.3.0").exits(0);
    expect("3.10.0").exits(1).says("error[behind-release]");
    expect("3.2.2").exits(1).says("error[ahead-of-release]");
    expect("9.9.9").exits(2).says("not in the catalogue");
    super::ask(database, &["--expect", "vendored"])
        .exits(2)
        .says("nothing is vendored");
    super::ask(database, &["--expect", "code"]).exits(2);
    super::ask(database, &["--expect", "newest"])
        .exits(2)
        .says("write `vendored`, `code` or `release=X.Y.Z`");
}

/// 3.4.0 made a function in `public`, whatever the schema was.
#[test]
fn the_chain_of_3_4_0_in_a_schema_of_its_own_lacks_a_function() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.4.0");
    let schema = "CREATE SCHEMA jobs; ALTER DATABASE current SET search_path = jobs";
    let name = project
        .database
        .query("SELECT current_database()")
        .remove(0);
    project
        .database
        .psql(&schema.replace("current", &name))
        .exits(0);
    project.upgrade();
    let outcome = compare(&project, &[]).exits(1);
    let outcome = outcome
        .says("error[behind-version-table]")
        .says("help: look at what is in the other schema")
        .says("warning[stray]");
    assert!(outcome.stdout.contains("the schema `public` has objects of Procrastinate, whose tables are in `jobs`: function `procrastinate_trigger_function_status_events_update_v1()`"), "{outcome}");
    assert!(
        outcome.stdout.contains(
            "Schema     jobs: state after 03.04.00_01_pre_add_retry_failed_job_procedure.sql"
        ),
        "{outcome}"
    );
}

#[test]
fn two_copies_are_both_told() {
    let project = migrated("3.10.0");
    let old = read_from_wheel("2.0.0", "procrastinate/sql/schema.sql");
    let old = old.replace("pg_catalog", "two");
    project
        .database
        .psql(&format!(
            "CREATE SCHEMA two; SET search_path = two, pg_catalog; {old}"
        ))
        .exits(0);
    let outcome = compare(&project, &[]).exits(1);
    for line in ["agrees", "behind-version-table  standard input: "] {
        assert!(outcome.stdout.contains(line), "{line}: {outcome}");
    }
    compare(&project, &["-v"])
        .exits(1)
        .says("Schema     two: state after ");
    compare(&project, &["--schema", "public"])
        .exits(0)
        .says("Next       nothing");
    compare(&project, &["--schema", "two"]).exits(1);
    compare(&project, &["--schema", "three"])
        .exits(1)
        .says("the schema `three` has nothing of Procrastinate");
    let stamp = ["stamp", "--database", "-"];
    let query = query(&project.database);
    feed(&mut project.command(&stamp), query.as_bytes())
        .exits(2)
        .says("several schemas")
        .says("`--schema`");
}

#[test]
fn the_version_table_is_found_under_another_name() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    project.edit_env(
        "connection=connection, ",
        "connection=connection, version_table='versions', version_table_schema='meta', ",
    );
    project.database.psql("CREATE SCHEMA meta; CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('another')").exits(0);
    project.upgrade();
    compare(&project, &[])
        .exits(0)
        .says("procrastinate_03_04_00_50 in meta.versions");
}

#[test]
fn migrations_that_this_program_does_not_know_are_never_guessed() {
    let package = Package::unpack("3.10.0");
    package.write_migration("03.11.00_01_pre_more.sql", "CREATE TABLE more (id int);\n");
    let package = package.release("3.11.0");
    let project = Project::new(Driver::Psycopg);
    project.sync_from(package.site_packages());
    project.upgrade();
    assert!(found(&project, 1, &[]).contains(&"error unknown-migration".to_owned()));
    compare(&project, &[])
        .exits(1)
        .says("`03.11.00_01_pre_more.sql`")
        .says("upgrade vendor-migrations");
    stamp(&project).exits(1);
}

/// A migration that was cut off, where no lock is asked: outside of a project, and where another release is expected.
#[test]
fn a_migration_in_part_is_said_in_any_case() {
    let database = crate::support::database::Database::of_release("3.0.2");
    let package = Package::unpack("3.1.0");
    let sql = package.read_migration("03.01.00_01_pre_add_heartbeat.sql");
    let first = &split(&sql).expect("it is SQL")[0];
    database.psql(&format!("{};", first.text())).exits(0);
    for args in [
        &[][..],
        &["--expect", "release=3.0.2"],
        &["--expect", "release=3.1.0"],
    ] {
        super::ask(&database, args)
            .exits(1)
            .says("error[partial]")
            .says("`03.01.00_01_pre_add_heartbeat.sql` has run in part: the schema is in the state after statement 1 of ");
    }
    let project = Project::new(Driver::Psycopg);
    project.sync("3.0.2");
    let project = project.before(database, Driver::Psycopg);
    project
        .alembic(&["stamp", "procrastinate_03_00_00_50"])
        .exits(0);
    assert!(found(&project, 1, &[]).contains(&"error partial".to_owned()));
    assert!(found(&project, 1, &["--expect", "vendored"]).contains(&"error partial".to_owned()));
    // Where it is the next one for Alembic, that is tried first; where Alembic takes it for applied, it is finished by hand.
    project.sync("3.1.0");
    let codes = ["error partial", "error behind-vendored"];
    assert_eq!(found(&project, 1, &[]), codes);
    compare(&project, &[])
        .exits(1)
        .says("An upgrade runs it again, completely or not at all")
        .says("&& alembic upgrade heads)\n");
    project
        .alembic(&["stamp", "procrastinate_03_01_00_50"])
        .exits(0);
    assert_eq!(found(&project, 1, &[]), codes);
    let outcome = compare(&project, &[]).exits(1);
    outcome.says("Next       run its statements from number 2 on by hand");
}

/// Which rows are the project's is never guessed.
#[test]
fn the_version_table_is_the_one_that_alembic_would_take() {
    let project = migrated("3.10.0");
    let schema = read_from_wheel("3.10.0", "procrastinate/sql/schema.sql");
    let database = &project.database;
    // A tenant whose own table is empty.
    database
        .psql(&format!(
            "CREATE SCHEMA two; SET search_path = two; CREATE TABLE alembic_version (version_num varchar(32));\n{schema}"
        ))
        .exits(0);
    let outcome = compare(&project, &["--schema", "two"]).exits(1);
    outcome
        .says("error[unstamped]")
        .says("Alembic    no row in two.alembic_version");
    // Another one, whose table lies where nobody looks.
    database
        .psql("CREATE SCHEMA old; ALTER TABLE public.alembic_version SET SCHEMA old")
        .exits(0);
    let outcome = compare(&project, &["--schema", "public"]).exits(1);
    outcome
        .says("error[unstamped]")
        .says("Alembic    no version table of this project");
    database
        .psql("ALTER TABLE old.alembic_version SET SCHEMA public; ALTER TABLE alembic_version ADD at timestamptz DEFAULT now()")
        .exits(0);
    compare(&project, &["--schema", "public"]).exits(0);
    // `env.py` names one that is not there.
    project.edit_env(
        "connection=connection, ",
        "connection=connection, version_table='v', ",
    );
    compare(&project, &["--schema", "public"])
        .exits(1)
        .says("error[unstamped]");
    // Or by a name that is bound twice.
    project.edit_env("version_table='v'", "version_table=TABLE");
    project.edit_env(
        "def run_migrations_online() -> None:",
        "TABLE = 'v'\n\n\ndef run_migrations_online(TABLE='alembic_version') -> None:",
    );
    compare(&project, &["--schema", "public"])
        .exits(0)
        .says("in public.alembic_version");
    project.edit_env("version_table=TABLE", "version_table='v'");
    // Or names one that only it knows.
    project.edit_env(
        "version_table='v'",
        "version_table=config.get_main_option('v')",
    );
    database
        .psql(
            "CREATE TABLE v (version_num text); INSERT INTO v VALUES ('procrastinate_03_01_00_01')",
        )
        .exits(0);
    let outcome = compare(&project, &["--schema", "public"]).exits(1);
    outcome
        .says("error[ambiguous-versions]")
        .says("`public.alembic_version`, `public.v`");
}

/// What begins with `procrastinate_` need not be Procrastinate's.
#[test]
fn objects_of_the_same_kind_of_name_are_not_procrastinate() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    let env = "connection=connection, version_table='procrastinate_versions', ";
    project.edit_env("connection=connection, ", env);
    project
        .database
        .psql(
            "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION mine RENAME TO procrastinate_mine;
             CREATE TABLE settings (id int); ALTER TABLE settings RENAME TO procrastinate_settings;
             CREATE TABLE versions (version_num varchar(32)); ALTER TABLE versions RENAME TO procrastinate_versions",
        )
        .exits(0);
    assert_eq!(found(&project, 1, &[]), ["error missing"]);
    project.upgrade();
    assert_eq!(found(&project, 0, &[]), ["note own-object"]);
}

/// Rows that may not be read are not taken for none.
#[test]
fn an_unreadable_version_table_gives_no_stamp() {
    let project = migrated("3.3.0");
    let printed = query_without_rights(&project.database);
    let stamp = ["stamp", "-q", "--database", "-"];
    let outcome = feed(&mut project.command(&stamp), printed.as_bytes()).exits(1);
    assert_eq!(outcome.stdout, "");
    outcome.says("refused: the role may not read the version table");
    // What is vendored and missing may be there under another row: an upgrade is not advised.
    project.sync("3.10.0");
    let outcome = feed(
        &mut project.command(&["database", "--from", "-"]),
        printed.as_bytes(),
    );
    let outcome = outcome.exits(1).says("error[behind-vendored]");
    assert!(!outcome.stdout.contains("alembic upgrade"), "{outcome}");
}

/// What such a row follows is not known, and may be a vendored revision.
#[test]
fn a_row_of_a_revision_that_cannot_be_read_is_said() {
    let project = migrated("3.10.0");
    let text = "revision = 'app2'\ndown_revision = 'app' + '1'\n";
    fs::write(project.root().join("alembic/versions/app2.py"), text)
        .expect("a file can be written");
    let rows = "UPDATE alembic_version SET version_num = 'app2' WHERE version_num = 'app1'";
    project.database.psql(rows).exits(0);
    compare(&project, &[])
        .exits(1)
        .says("error[unknown-revision]")
        .says("which is no revision of the project that could be read (alembic/versions/app2.py: ");
    stamp(&project).exits(1);
}
