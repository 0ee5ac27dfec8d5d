//! Nothing is changed, nobody is kept waiting, and what could not be read is never called exact.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};

use vendor_migrations::live::{QUERY, Snapshot};

use super::{ask, json, query, query_without_rights, resolved, snapshot};
use crate::support::database::{Database, Driver};
use crate::support::process::feed;
use crate::support::project::Project;

/// Another session, which has run a script up to `SELECT 'ready'`, and ends with the result.
struct Session(Child);

impl Session {
    fn begin(database: &Database, script: &str) -> Self {
        let mut process = database
            .session()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("psql can be started");
        let stdin = process.stdin.as_mut().expect("stdin is a pipe");
        stdin.write_all(script.as_bytes()).expect("psql reads");
        let stdout = process.stdout.as_mut().expect("stdout is a pipe");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("psql answers");
        assert_eq!(line.trim(), "ready");
        Self(process)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[test]
fn a_migration_that_runs_is_not_waited_for() {
    let database = Database::of_release("3.10.0");
    let locked = Session::begin(
        &database,
        "BEGIN; LOCK TABLE procrastinate_jobs IN ACCESS EXCLUSIVE MODE; SELECT 'ready';\n",
    );
    let outcome = ask(&database, &[])
        .exits(2)
        .says("a migration seems to be running");
    assert_eq!(outcome.stdout, "", "{outcome}");
    let python = crate::support::python::bin().join("python");
    ask(&database, &["--python", python.as_str()])
        .exits(2)
        .says("a migration seems to be running");
    drop(locked);
    ask(&database, &[]).exits(0);
}

/// Reads a database while somebody changes an index, which is not there afterwards: it is read again.
#[track_caller]
fn read_during(change: &str) {
    let database = Database::of_release("3.10.0");
    // Its rows are read before the objects; whoever waits for them has its snapshot.
    database
        .psql("CREATE TABLE versions (version_num text)")
        .exits(0);
    let _session = Session::begin(
        &database,
        &format!(
            "BEGIN; LOCK TABLE versions IN ACCESS EXCLUSIVE MODE; SELECT 'ready';\n{change}; SELECT pg_sleep(1); COMMIT;\n"
        ),
    );
    let outcome = ask(&database, &[]).exits(1);
    let line = "index `procrastinate_jobs_queue_name_idx_v1` is missing";
    assert!(outcome.stdout.contains(line), "{outcome}");
}

/// What is dropped has no definition.
#[test]
fn a_schema_that_changes_meanwhile_is_read_again() {
    read_during("DROP INDEX procrastinate_jobs_queue_name_idx_v1");
}

/// The name is of the beginning, the definition of now.
#[test]
fn an_index_that_is_renamed_meanwhile_is_read_again() {
    read_during("ALTER INDEX procrastinate_jobs_queue_name_idx_v1 RENAME TO other");
}

#[test]
fn a_role_without_rights_reads_the_same() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    project.upgrade();
    let database = &project.database;
    database
        .psql("REVOKE ALL ON SCHEMA public FROM PUBLIC; REVOKE ALL ON alembic_version FROM PUBLIC")
        .exits(0);
    let printed = query_without_rights(database);
    let read = Snapshot::parse(&printed).expect("the query's result");
    let all = snapshot(database);
    assert_eq!(read.copies, all.copies);
    assert!(resolved(&read).exact().is_some());
    // The version table cannot be compared, and that is said.
    feed(
        &mut project.command(&["database", "--from", "-"]),
        printed.as_bytes(),
    )
    .exits(0)
    .says("warning[unreadable-versions]")
    .says("Alembic    public.alembic_version may not be read");
    feed(
        &mut project.command(&["database", "--strict", "--from", "-"]),
        printed.as_bytes(),
    )
    .exits(1);
}

/// The server counts what each database's transactions write.
#[test]
fn nothing_is_written() {
    let database = Database::of_release("3.10.0");
    let written = || {
        database.query(
            "SELECT pg_stat_force_next_flush(); \
             SELECT tup_inserted, tup_updated, tup_deleted, temp_files FROM pg_stat_database WHERE datname = current_database()",
        )
    };
    let before = written();
    let objects = query(&database);
    ask(&database, &[]).exits(0);
    let python = crate::support::python::bin().join("python");
    ask(&database, &["--python", python.as_str()]).exits(0);
    assert_eq!(query(&database), objects);
    assert_eq!(written(), before);
    // No write could have succeeded.
    let read_only = QUERY.replacen("DO $versions$", "CREATE TABLE written (); DO $versions$", 1);
    database
        .psql(&read_only)
        .says("cannot execute CREATE TABLE in a read-only transaction");
}

/// A superuser asks a database in which somebody else may do what they like.
#[test]
fn nobodys_code_is_run() {
    let database = Database::of_release("3.10.0");
    database
        .psql(
            "CREATE TABLE called (); CREATE TYPE word AS ENUM ('a'); CREATE TABLE trap (version_num word); INSERT INTO trap VALUES ('a');
             CREATE FUNCTION call(word) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'called'; END$$;
             CREATE CAST (word AS text) WITH FUNCTION call(word);
             CREATE FUNCTION allow() RETURNS bool LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'called'; END$$;
             CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('x');
             ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY; CREATE POLICY trap ON alembic_version USING (allow());
             GRANT SELECT ON alembic_version TO PUBLIC; CREATE SCHEMA early; CREATE FUNCTION early.coalesce(text, text) RETURNS text
             LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'called'; END$$",
        )
        .exits(0);
    // What the planner evaluates: it believes that the function gives the same for ever.
    database
        .psql(
            "CREATE FUNCTION sleeper() RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$BEGIN
               IF current_setting('vendor_migrations.path', true) IS NOT NULL THEN RAISE EXCEPTION 'called'; END IF; RETURN true; END$$;
             CREATE TABLE planned (version_num text); CREATE INDEX ON planned (version_num) WHERE sleeper();
             CREATE TABLE checked (version_num text CHECK (sleeper())); CREATE TABLE expressed (version_num text);
             CREATE INDEX ON expressed ((sleeper())); CREATE DOMAIN early.jsonb AS pg_catalog.jsonb CHECK (sleeper())",
        )
        .exits(0);
    ask(&database, &[]).exits(0);
    let first = format!(
        "SET search_path = early, pg_catalog; SET constraint_exclusion = on;\n{}",
        QUERY
    );
    database.psql(&first).exits(0);
    let read = Snapshot::parse(&query_without_rights(&database)).expect("the query's result");
    assert_eq!(read.versions[0].ids, None);
}

/// Functions come and go under the query.
#[test]
fn what_changes_all_the_time_is_never_called_exact() {
    let database = Database::of_release("3.10.0");
    let churn = "DO $$ DECLARE body text := pg_get_functiondef('procrastinate_unlink_periodic_defers_v1'::regproc); BEGIN
                 FOR i IN 1..400 LOOP DROP FUNCTION procrastinate_unlink_periodic_defers_v1 CASCADE; EXECUTE body; COMMIT;
                 PERFORM pg_sleep(0.005); END LOOP; END $$;";
    let _session = Session::begin(&database, &format!("SELECT 'ready';\n{churn}\n"));
    for _ in 0..10 {
        let outcome = ask(&database, &[]);
        match outcome.status {
            Some(1) => assert!(
                outcome
                    .stdout
                    .contains("procrastinate_trigger_delete_jobs_v1` is missing"),
                "{outcome}"
            ),
            Some(2) => assert!(
                outcome.stderr.contains("was changed while it was read")
                    || outcome
                        .stderr
                        .contains("objects were dropped while they were read"),
                "{outcome}"
            ),
            _ => panic!("{outcome}"),
        }
    }
}

/// Names that somebody chose for a terminal, a CI runner, or a shell.
#[test]
fn hostile_names_stay_text() {
    let database = Database::of_release("3.10.0");
    database
        .psql(
            "CREATE INDEX \"\u{1b}[31m\n::error::x\" ON procrastinate_jobs (id); CREATE SCHEMA \"a'; DROP--\u{202e}\";
             CREATE TABLE \"a'; DROP--\u{202e}\".\"v'e\"\"r\" (version_num text); INSERT INTO \"a'; DROP--\u{202e}\".\"v'e\"\"r\" VALUES ('\u{1b}]0;x');
             CREATE TABLE \"a'; DROP--\u{202e}\".procrastinate_x ()",
        )
        .exits(0);
    for format in ["text", "github", "json"] {
        let outcome = ask(&database, &["--format", format]).exits(0);
        let escaped = !outcome.stdout.contains(['\u{1b}', '\u{202e}']);
        assert!(
            escaped && !outcome.stdout.contains("\n::error::"),
            "{outcome}"
        );
    }
    let outcome = ask(&database, &["--format", "json"]);
    let own = &json(&outcome)["databases"][0]["schemas"][0]["own"][0]["name"];
    assert_eq!(own, "\u{1b}[31m\n::error::x");
}
