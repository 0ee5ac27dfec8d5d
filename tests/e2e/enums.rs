//! Statements that PostgreSQL refuses, or half refuses, inside a transaction.

use crate::support::database::{Database, Driver, on_every_driver};
use crate::support::package::Package;
use crate::support::project::Project;
use crate::support::schema::Schema;

const LEADING: &str = "-- Labels come first, as upstream has had it so far.
ALTER TYPE procrastinate_job_status ADD VALUE 'paused' AFTER 'doing';
ALTER TYPE procrastinate_job_status ADD VALUE 'resumed';
CREATE INDEX enums_paused ON procrastinate_jobs (id) WHERE status = 'paused';
";

const IN_BETWEEN: &str = "CREATE TABLE enums_before (id int);
ALTER TYPE procrastinate_job_status ADD VALUE 'paused' BEFORE 'doing';
CREATE INDEX enums_paused ON procrastinate_jobs (id) WHERE status = 'paused';
";

const CONCURRENTLY: &str = "CREATE INDEX CONCURRENTLY concurrent_queue
    ON procrastinate_jobs (queue_name, id);
";

on_every_driver!(labels_first, |driver| runs(driver, LEADING, 39));
on_every_driver!(labels_in_between, |driver| runs(driver, IN_BETWEEN, 40));
on_every_driver!(labels_first_offline, |driver| runs_offline(driver, LEADING));
on_every_driver!(labels_in_between_offline, |driver| runs_offline(
    driver, IN_BETWEEN
));

on_every_driver!(index_concurrently, |driver| {
    let project = vendor(driver, CONCURRENTLY);
    project.upgrade();
    expect(&project, CONCURRENTLY);
});

on_every_driver!(index_concurrently_offline, |driver| runs_offline(
    driver,
    CONCURRENTLY
));

fn runs(driver: Driver, sql: &str, revisions: usize) {
    let project = vendor(driver, sql);
    assert_eq!(project.revisions().len(), revisions);
    assert_eq!(project.chain().len(), revisions);
    project.upgrade();
    expect(&project, sql);
}

fn runs_offline(driver: Driver, sql: &str) {
    let project = vendor(driver, sql);
    project.upgrade_offline();
    let expected = expected(sql).with_tabs_expanded();
    Schema::of(&project.database).assert_is(&expected);
}

/// The second of two revisions fails; what the first one did stays, and a retry ends well.
#[test]
fn a_split_migration_is_resumed() {
    let project = vendor(Driver::Psycopg, IN_BETWEEN);
    project
        .database
        .psql("CREATE TABLE in_the_way (id int)")
        .exits(0);
    let obstacle = "CREATE INDEX enums_paused ON in_the_way (id)";
    project.database.psql(obstacle).exits(0);
    let failed = project.alembic(&["upgrade", "heads"]).exits(1);
    failed.says("already exists");
    project.database.psql("DROP TABLE in_the_way").exits(0);
    project.upgrade();
    expect(&project, IN_BETWEEN);
}

fn vendor(driver: Driver, sql: &str) -> Project {
    let package = Package::unpack("3.10.0");
    package.write_migration("99.00.00_01_pre_enums.sql", sql);
    let project = Project::new(driver);
    let wheel = package.release("3.90.0").wheel();
    project.sync_from(&wheel.path);
    project
        .tool(&["check", "--from", wheel.path.as_str()])
        .exits(0);
    project
}

fn expect(project: &Project, sql: &str) {
    project.assert_at_head();
    Schema::of(&project.database).assert_is(&expected(sql));
}

/// What psql makes of the raw text, statement by statement.
fn expected(sql: &str) -> Schema {
    let database = Database::of_release("3.10.0");
    database.psql(sql).exits(0);
    Schema::of(&database)
}
