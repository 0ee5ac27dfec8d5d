//! However Procrastinate's objects were made, moved or written, they are the same.

use fs_err as fs;

use super::{ask, json, program, query};
use crate::reports::{own_schema, read};
use crate::support::database::{Database, Driver, on_every_driver};
use crate::support::package::read_from_wheel;
use crate::support::process::{feed, run};
use crate::support::project::Project;

/// Fails unless the database is exactly that of 3.10.0, in that schema.
#[track_caller]
fn assert_newest(database: &Database, schema: &str) {
    let outcome = ask(database, &["--format", "json"]).exits(0);
    let told = json(&outcome);
    let found = &told["databases"][0]["schemas"][0];
    assert_eq!(found["schema"], schema, "{outcome}");
    assert_eq!(found["exact"], true, "{outcome}");
    assert_eq!(
        found["states"][0]["migration"],
        "03.04.00_50_post_add_retry_failed_job_procedure.sql"
    );
    assert_eq!(found["deviations"].as_array().map(Vec::len), Some(0));
    assert_eq!(found["own"].as_array().map(Vec::len), Some(0), "{outcome}");
}

fn schema_file() -> String {
    read_from_wheel("3.10.0", "procrastinate/sql/schema.sql")
}

on_every_driver!(vendored_revisions, |driver| {
    let project = Project::new(driver);
    project.sync("3.10.0");
    project.upgrade();
    assert_newest(&project.database, "public");
    // The same by way of the project's Python, whatever its driver.
    let url = project.database.url(driver);
    let python = crate::support::python::bin().join("python");
    let args = [
        "database",
        &url,
        "--python",
        python.as_str(),
        "--format",
        "json",
    ];
    let by_python = run(&mut project.command(&args)).exits(0);
    let by_query = feed(
        &mut project.command(&["database", "--from", "-", "--format", "json"]),
        query(&project.database).as_bytes(),
    )
    .exits(0);
    let schemas = |outcome| json(outcome)["databases"][0]["schemas"].clone();
    assert_eq!(schemas(&by_python), schemas(&by_query));
});

/// Alembic's scripts have blanks for tabs.
#[test]
fn by_alembics_script() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    project.upgrade_offline();
    assert_newest(&project.database, "public");
}

#[test]
fn with_lines_that_end_as_on_windows() {
    let database = Database::new();
    database.psql(&schema_file().replace('\n', "\r\n")).exits(0);
    assert_newest(&database, "public");
}

#[test]
fn in_a_schema_of_any_name_which_is_renamed_later() {
    for name in [
        "jobs",
        "My \"own\".jobs",
        "o'brien",
        "new",
        "procrastinate_jobs",
        "übung",
    ] {
        let database = Database::new();
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let script = format!(
            "CREATE SCHEMA {quoted}; SET search_path = {quoted};\n{}",
            schema_file()
        );
        database.psql(&script).exits(0);
        assert_newest(&database, name);
        database
            .psql(&format!("ALTER SCHEMA {quoted} RENAME TO later"))
            .exits(0);
        assert_newest(&database, "later");
    }
}

/// A schema in the user's search path, and identifiers that the server quotes, change nothing.
#[test]
fn whatever_the_role_has_set() {
    let database = Database::of_release("3.10.0");
    let name = database.query("SELECT current_database()").remove(0);
    for setting in [
        "search_path = pg_catalog",
        "quote_all_identifiers = on",
        "default_transaction_read_only = on",
        "default_transaction_isolation = serializable",
        "extra_float_digits = -5",
        "bytea_output = escape",
    ] {
        database
            .psql(&format!(
                "SET default_transaction_read_only = off; ALTER DATABASE {name} SET {setting}"
            ))
            .exits(0);
    }
    assert_newest(&database, "public");
}

#[test]
fn dumped_and_restored() {
    let database = Database::of_release("3.10.0");
    let programs = database.programs();
    let mut dump = std::process::Command::new(programs.join("pg_dump"));
    let dump =
        run(dump.args(["--no-owner", "--schema=public", "-d", &database.libpq_url()])).exits(0);
    let restored = Database::new();
    restored.psql("DROP SCHEMA public").exits(0);
    restored.psql(&dump.stdout).exits(0);
    assert_newest(&restored, "public");
}

#[test]
fn many_results_are_a_line_each_what_needs_work_first() {
    let directory = crate::support::storage::temporary();
    let root = crate::support::storage::path(&directory);
    let mut args = vec!["database".to_owned()];
    for (name, release) in [("a", "3.10.0"), ("b", "2.0.0"), ("c", "3.10.0")] {
        let file = root.join(format!("{name}.json"));
        let database = Database::of_release(release);
        if name == "c" {
            database
                .psql("DROP INDEX procrastinate_jobs_queue_name_idx_v1")
                .exits(0);
        }
        fs::write(&file, query(&database)).expect("a file can be written");
        args.extend(["--from".to_owned(), file.into_string()]);
    }
    let any = Database::new();
    let ask = |more: &[&str]| {
        let args: Vec<&str> = args
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied())
            .collect();
        run(&mut program(&any, &args))
    };
    let outcome = ask(&[]).exits(1);
    let words: Vec<&str> = outcome
        .stdout
        .lines()
        .map(|line| line.split(' ').next().unwrap_or_default())
        .collect();
    assert_eq!(words, ["deviating", "exact", "exact", "3"], "{outcome}");
    let outcome = ask(&["--expect", "release=3.10.0"]).exits(1);
    let words: Vec<&str> = outcome
        .stdout
        .lines()
        .map(|line| line.split(' ').next().unwrap_or_default())
        .collect();
    assert_eq!(
        words,
        ["deviating", "behind-release", "exact", "3"],
        "{outcome}"
    );
    ask(&["-v"])
        .exits(1)
        .says("index `procrastinate_jobs_queue_name_idx_v1` is missing");
    // One that cannot be read is one of them, and the status says so.
    let missing = root.join("gone.json");
    let stamped = "CREATE TABLE versions (version_num text); INSERT INTO versions VALUES ('x'); CREATE INDEX mine ON procrastinate_jobs (id)";
    let own = Database::of_release("3.2.2");
    own.psql(&format!(
        "{stamped}; ALTER FUNCTION procrastinate_fetch_job_v2 SECURITY DEFINER"
    ))
    .exits(0);
    let url = own.libpq_url();
    let report = ask(&[&url, "--from", missing.as_str(), "--format", "json"]).exits(2);
    read(&["schema", &own_schema("database")], &report.stdout);
    ask(&["--from", missing.as_str()])
        .exits(2)
        .says("unread")
        .says("4 schemas: 2 fine, 2 to look at")
        .says("error: 1 database could not be read");
}
