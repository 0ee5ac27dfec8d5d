//! What differs from the migrations has its line; what is the user's own is no fault.

use super::{ask, json};
use crate::support::database::Database;

/// Changes made to a database of 3.10.0, the exit status, and a text that the report has.
const CASES: &[(&str, i32, &str)] = &[
    (
        "DROP INDEX procrastinate_jobs_queueing_lock_idx_v1",
        1,
        "index `procrastinate_jobs_queueing_lock_idx_v1` is missing; `03.00.00_50_post_cancel_notification.sql` makes it",
    ),
    (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'procrastinate_jobs_queue_name_idx_v1'::regclass",
        1,
        "index `procrastinate_jobs_queue_name_idx_v1` is invalid: its build failed or goes on; `",
    ),
    (
        "DROP INDEX procrastinate_jobs_queue_name_idx_v1; CREATE INDEX mine ON procrastinate_jobs (id); ALTER INDEX mine RENAME TO procrastinate_jobs_queue_name_idx_v1",
        1,
        "index `procrastinate_jobs_queue_name_idx_v1` is not as the migrations make it: it is `CREATE INDEX",
    ),
    (
        "ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_trigger_delete_jobs_v1",
        1,
        "trigger `procrastinate_jobs.procrastinate_trigger_delete_jobs_v1` is disabled; `",
    ),
    (
        "DO $$ BEGIN EXECUTE replace(pg_get_functiondef('procrastinate_unlink_periodic_defers_v1'::regproc), 'BEGIN', 'BEGIN PERFORM 1;'); END $$",
        1,
        "function `procrastinate_unlink_periodic_defers_v1()` is not as the migrations make it; `",
    ),
    (
        "ALTER FUNCTION procrastinate_unlink_periodic_defers_v1 SECURITY DEFINER",
        1,
        "function `procrastinate_unlink_periodic_defers_v1()` runs with its owner's rights (SECURITY DEFINER); `",
    ),
    (
        "ALTER FUNCTION procrastinate_unlink_periodic_defers_v1 SET search_path = public",
        1,
        "function `procrastinate_unlink_periodic_defers_v1()` has settings of its own (SET search_path=public); `",
    ),
    (
        "ALTER TYPE procrastinate_job_status ADD VALUE 'odd' BEFORE 'doing'",
        1,
        "type `procrastinate_job_status` has the label `odd` in addition; `",
    ),
    (
        "CREATE FUNCTION mine(job_id text) RETURNS void LANGUAGE sql AS 'SELECT'; ALTER FUNCTION mine RENAME TO procrastinate_retry_job_v1",
        1,
        "function `procrastinate_retry_job_v1(job_id text)` comes from no migration, and changes what Procrastinate's objects do",
    ),
    (
        "CREATE FUNCTION mine(target_queue_names character varying[]) RETURNS void LANGUAGE sql AS 'SELECT'; ALTER FUNCTION mine RENAME TO procrastinate_fetch_job_v1",
        1,
        "function `procrastinate_fetch_job_v1(target_queue_names character varying[])` is left over; `03.01.00_50_post_add_heartbeat.sql` drops it",
    ),
    (
        "ALTER TABLE procrastinate_events DROP CONSTRAINT procrastinate_events_job_id_fkey;
         ALTER TABLE procrastinate_events ADD CONSTRAINT procrastinate_events_job_id_fkey
           FOREIGN KEY (job_id) REFERENCES procrastinate_jobs (id) ON DELETE CASCADE NOT VALID",
        1,
        "constraint `procrastinate_events.procrastinate_events_job_id_fkey` is not validated (NOT VALID); `",
    ),
    (
        "ALTER TABLE procrastinate_jobs ALTER queue_name TYPE varchar(64)",
        1,
        "column `procrastinate_jobs.queue_name` is not as the migrations make it: it is `character varying(64)`; `",
    ),
    (
        "ALTER TABLE procrastinate_jobs ALTER queue_name DROP NOT NULL",
        1,
        "column `procrastinate_jobs.queue_name` allows NULL; `",
    ),
    (
        "ALTER TABLE procrastinate_jobs ALTER attempts SET DEFAULT 7",
        1,
        "column `procrastinate_jobs.attempts` is not as the migrations make it: it is `integer DEFAULT 7`; `",
    ),
    (
        "CREATE RULE quiet AS ON DELETE TO procrastinate_jobs DO INSTEAD NOTHING",
        1,
        "rule `procrastinate_jobs.quiet` comes from no migration, and changes",
    ),
    (
        "ALTER TABLE procrastinate_jobs ENABLE ROW LEVEL SECURITY",
        1,
        "table `procrastinate_jobs` has row security; `",
    ),
    (
        "CREATE POLICY nobody ON procrastinate_jobs USING (false)",
        1,
        "policy `procrastinate_jobs.nobody` comes from no migration, and changes",
    ),
    (
        "ALTER TABLE procrastinate_events SET UNLOGGED",
        1,
        "table `procrastinate_events` is unlogged; `",
    ),
    (
        "ALTER TABLE procrastinate_jobs ADD tenant text NOT NULL",
        1,
        "column `procrastinate_jobs.tenant` comes from no migration, is NOT NULL and has no default: no job can be deferred",
    ),
    (
        "CREATE TRIGGER mine BEFORE INSERT ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        0,
        "trigger `procrastinate_jobs.mine` comes from no migration, and takes part in what Procrastinate writes",
    ),
    (
        "CREATE UNIQUE INDEX mine ON procrastinate_jobs (task_name)",
        0,
        "index `mine` comes from no migration, and takes part in what Procrastinate writes",
    ),
    (
        "CREATE INDEX mine ON procrastinate_jobs (args)",
        0,
        "no migration makes these: index `mine`",
    ),
    // How an index is stored is nobody's business.
    (
        "ALTER INDEX procrastinate_jobs_queue_name_idx_v1 SET (fillfactor = 70)",
        0,
        "Next      nothing",
    ),
    // PostgreSQL gives it the name that an old migration's index had.
    (
        "CREATE INDEX ON procrastinate_jobs (queue_name)",
        0,
        "no migration makes these: index `procrastinate_jobs_queue_name_idx`",
    ),
    (
        "CREATE TABLE mine (job bigint CONSTRAINT job REFERENCES procrastinate_jobs); CREATE TABLE kid () INHERITS (procrastinate_events)",
        0,
        "constraint `public.mine.job` comes from no migration, and takes part in what Procrastinate writes",
    ),
    (
        "ALTER TABLE procrastinate_events DISABLE TRIGGER ALL",
        1,
        "constraint `procrastinate_events.procrastinate_events_job_id_fkey` is not enforced: its triggers are disabled; `",
    ),
    (
        "CREATE DOMAIN wanted AS int NOT NULL; ALTER TABLE procrastinate_jobs ADD x wanted DEFAULT 1; ALTER TABLE procrastinate_jobs ALTER x DROP DEFAULT",
        1,
        "column `procrastinate_jobs.x` comes from no migration, is NOT NULL and has no default",
    ),
    (
        "SET check_function_bodies = off;
         DO $$ BEGIN EXECUTE replace(pg_get_functiondef('procrastinate_unlink_periodic_defers_v1'::regproc), 'RETURN OLD', E'RETURN\\u00a0OLD'); END $$",
        1,
        "function `procrastinate_unlink_periodic_defers_v1()` is not as the migrations make it",
    ),
    // Nothing that has to do with Procrastinate.
    (
        "CREATE TABLE app_versions (version_num int); INSERT INTO app_versions VALUES (NULL); CREATE SCHEMA other;
         CREATE FUNCTION other.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION other.mine RENAME TO procrastinate_mine",
        0,
        "Next      nothing",
    ),
    (
        "ALTER TABLE procrastinate_jobs ADD tenant text NOT NULL DEFAULT ''; CREATE VIEW mine AS SELECT * FROM procrastinate_jobs;
         CREATE TABLE notes (id int); ALTER TABLE notes RENAME TO procrastinate_notes; COMMENT ON TABLE procrastinate_jobs IS 'mine'; CLUSTER procrastinate_jobs USING procrastinate_jobs_pkey;
         ALTER TABLE procrastinate_jobs SET (fillfactor = 50, autovacuum_enabled = false); GRANT SELECT ON procrastinate_jobs TO public",
        0,
        "no migration makes these: table `procrastinate_notes`, column `procrastinate_jobs.tenant`, column `procrastinate_notes.id`, view `public.mine`",
    ),
];

#[test]
fn each_difference_has_its_line() {
    let template = Database::of_release("3.10.0");
    for (sql, status, line) in CASES {
        let database = template.copy();
        database.psql(sql).exits(0);
        let outcome = ask(&database, &[]).exits(*status);
        assert!(outcome.stdout.contains(line), "{sql}: {line}: {outcome}");
        let outcome = ask(&database, &["--format", "json"]).exits(*status);
        let told = json(&outcome);
        let schema = &told["databases"][0]["schemas"][0];
        let deviations = schema["deviations"].as_array().expect("a list");
        assert_eq!(
            schema["exact"].as_bool(),
            Some(deviations.is_empty()),
            "{sql}"
        );
        assert_eq!(schema["states"][0]["releases"][0], "3.4.0", "{sql}");
    }
}

#[test]
fn warnings_fail_where_they_are_asked_to() {
    let database = Database::of_release("3.10.0");
    database
        .psql("CREATE UNIQUE INDEX mine ON procrastinate_jobs (task_name)")
        .exits(0);
    ask(&database, &[]).exits(0).says("warning[own-object]");
    ask(&database, &["--strict"]).exits(1);
}

/// 3.3.0 changed one function only. Where that is another altogether, both states are as near.
#[test]
fn states_that_are_equally_near_are_all_named() {
    let database = Database::of_release("3.2.2");
    database
        .psql("ALTER FUNCTION procrastinate_fetch_job_v2 SECURITY DEFINER")
        .exits(0);
    ask(&database, &[]).exits(1).says("error[ambiguous]");
    let outcome = ask(&database, &["--format", "json"]).exits(1);
    let schema = &json(&outcome)["databases"][0]["schemas"][0];
    let states = schema["states"].as_array().expect("a list").iter();
    let names: Vec<_> = states.map(|state| state["migration"].as_str()).collect();
    assert_eq!(
        names,
        [
            Some("03.02.00_50_post_batch_defer_jobs.sql"),
            // After its first statement, and after both.
            Some("03.03.00_01_pre_priority_lock_fetch_job.sql"),
            Some("03.03.00_01_pre_priority_lock_fetch_job.sql"),
        ]
    );
}
