//! An upgrade that failed half-way goes on with a second `alembic upgrade heads`.

use crate::support::database::{Driver, on_every_driver};
use crate::support::project::Project;
use crate::support::schema::Schema;

/// Something in the way of a later migration.
struct Obstacle {
    create: &'static str,
    drop: &'static str,
}

on_every_driver!(after_enum_labels_in_the_same_migration, |driver| {
    // 02.06.00_01 adds labels to two enum types, then creates this function.
    let obstacle = Obstacle {
        create: "CREATE FUNCTION public.procrastinate_cancel_job(job_id bigint, abort boolean, \
                 delete_job boolean) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
        drop: "DROP FUNCTION procrastinate_cancel_job(bigint, boolean, boolean)",
    };
    let project = fail(driver, &obstacle);
    let labels = Schema::of(&project.database);
    assert!(!labels.lines("aborting").is_empty(), "{labels:#?}");
    assert_eq!(project.current(), ["procrastinate_02_05_00_01"]);
    resume(&project, &obstacle);
});

on_every_driver!(after_the_last_enum_label, |driver| {
    // 03.04.00_01 adds a label, then creates this function.
    let obstacle = Obstacle {
        create: "CREATE FUNCTION public.procrastinate_retry_job_v2(bigint, timestamptz, integer, \
                 varchar, varchar) RETURNS void LANGUAGE sql AS ''",
        drop: "DROP FUNCTION procrastinate_retry_job_v2",
    };
    let project = fail(driver, &obstacle);
    assert_eq!(project.current(), ["procrastinate_03_03_00_01"]);
    resume(&project, &obstacle);
});

on_every_driver!(between_two_migrations_with_enum_labels, |driver| {
    let obstacle = Obstacle {
        create: "CREATE TABLE procrastinate_workers ()",
        drop: "DROP TABLE procrastinate_workers",
    };
    let project = fail(driver, &obstacle);
    resume(&project, &obstacle);
});

/// A project and its database at 2.5.0, and a failed upgrade to 3.10.0.
fn fail(driver: Driver, obstacle: &Obstacle) -> Project {
    let project = Project::new(driver);
    project.sync("2.5.0");
    project.upgrade();
    project.database.psql(obstacle.create).exits(0);
    project.sync("3.10.0");
    let failed = project.alembic(&["upgrade", "heads"]).exits(1);
    failed.says("already exists");
    project
}

fn resume(project: &Project, obstacle: &Obstacle) {
    project.database.psql(obstacle.drop).exits(0);
    project.upgrade();
    project.assert_at_head();
    Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
}
