//! What fails leaves the session's search path as it was, and can run again.

use super::*;
use crate::support::database::on_every_driver;

on_every_driver!(a_statement_in_the_middle, |driver| {
    let site = Site::new(driver, "jobs");
    site.project.sync("2.5.0");
    site.upgrade();
    site.assert_has("2.5.0");
    // 02.06.00_01 adds labels to two enum types, outside of the transaction, then creates this function.
    let obstacle = "CREATE FUNCTION jobs.procrastinate_cancel_job(job_id bigint, abort boolean, delete_job boolean) \
                    RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'";
    site.project.database.psql(obstacle).exits(0);
    site.project.sync("3.10.0");
    site.alembic(&["upgrade", "heads"])
        .exits(1)
        .says("already exists")
        .says("search path kept");
    // The labels are there.
    let labels = "SELECT count(*) FROM pg_enum WHERE enumlabel = 'aborting'";
    assert_eq!(site.project.database.query(labels), ["1"]);
    let drop = "DROP FUNCTION jobs.procrastinate_cancel_job(bigint, boolean, boolean)";
    site.project.database.psql(drop).exits(0);
    site.upgrade();
    site.assert_has("3.10.0");
});

/// In an autocommit block no path is set, so a failure there leaves none behind.
#[test]
fn a_statement_outside_of_the_transaction() {
    let site = Site::new(Driver::Asyncpg, "jobs");
    site.project.sync("2.5.0");
    site.upgrade();
    site.project
        .database
        .psql("ALTER TYPE jobs.procrastinate_job_event_type RENAME TO gone")
        .exits(0);
    site.project.sync("3.10.0");
    site.alembic(&["upgrade", "heads"])
        .exits(1)
        .says("search path kept")
        .says("does not exist");
}

// On such an engine no path holds: nothing may be written to another schema.
on_every_driver!(an_engine_that_commits_by_itself, |driver| {
    let site = Site::new(driver, "jobs");
    if driver == Driver::Asyncpg {
        site.set("create_schema = true\n");
    }
    site.project.sync("3.10.0");
    site.write_env("arguments = {\"isolation_level\": \"AUTOCOMMIT\"}");
    site.alembic(&["upgrade", "heads"])
        .exits(1)
        .says("this revision is made for the schema \"jobs\", and the current schema is public")
        .says("Run Alembic in a transaction: with AUTOCOMMIT")
        .says("search path kept");
    site.assert_empty();
});

#[test]
fn a_schema_that_does_not_exist() {
    let mut site = Site::new(Driver::Psycopg2, "jobs");
    site.project.sync("3.10.0");
    let drop = "DROP SCHEMA jobs";
    site.project.database.psql(drop).exits(0);
    site.alembic(&["upgrade", "heads"])
        .exits(1)
        .says("this revision is made for the schema \"jobs\", and the current schema is none")
        .says("The schema does not exist. Create it before")
        .says("search path kept");
    site.assert_empty();
    // The setting makes it, and only in the first revision.
    site.set("create_schema = true\n");
    let from = crate::support::releases::wheel("3.10.0");
    site.project
        .tool(&["sync", "--from", from.as_str()])
        .exits(1)
        .says("`--rerender` renders all revisions again, which changes only the first revision");
    site.project
        .tool(&["sync", "--rerender", "--from", from.as_str()])
        .exits(0)
        .says("1 rewritten");
    site.upgrade();
    site.assert_has("3.10.0");
    site.project = site.project.with_new_database(Driver::Psycopg2);
    let script = site.alembic(&["upgrade", "heads", "--sql"]).exits(0).stdout;
    site.project.database.psql(&script).exits(0);
    site.assert_nothing_elsewhere();
}

/// Without the right to use the schema there is no current one.
#[test]
fn a_role_without_rights() {
    let site = Site::new(Driver::Psycopg, "jobs");
    site.project.sync("3.10.0");
    let name = site
        .project
        .database
        .query("SELECT current_database()")
        .remove(0);
    site.project
        .database
        .psql(&format!(
            "CREATE ROLE {name}_low; GRANT CREATE ON SCHEMA public TO {name}_low"
        ))
        .exits(0);
    site.write_env(&format!(
        "def session(connection):\n    connection.execute(text(\"SET ROLE {name}_low\"))\n    connection.commit()\n"
    ));
    site.alembic(&["upgrade", "heads"])
        .exits(1)
        .says("The role needs the right to use the schema.");
    site.assert_empty();
}

/// A listener that sets the path before each statement wins over the revision, which then stops.
#[test]
fn a_listener_that_sets_the_path_again_and_again() {
    let site = Site::new(Driver::Psycopg, "jobs");
    site.project.sync("3.10.0");
    site.write_env(
        r#"
def listen(engine):
    @event.listens_for(engine, "before_cursor_execute")
    def set_path(connection, cursor, statement, parameters, context, many):
        cursor.execute("SET search_path TO other, public")
"#,
    );
    site.alembic(&["upgrade", "heads"])
        .exits(1)
        .says("and the current schema is other")
        .says("if something else sets the search path, it does not hold");
    site.assert_empty();
}
