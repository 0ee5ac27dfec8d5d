//! From release to release, with the database migrated at each stop.

use crate::support::database::{Driver, on_every_driver};
use crate::support::project::Project;
use crate::support::releases;
use crate::support::schema::Schema;

on_every_driver!(from_2_5_0_to_3_10_0, |driver| {
    let project = migrate_along(driver, &["2.5.0", "3.10.0"]);
    Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
});

on_every_driver!(from_3_5_1_to_3_5_2, |driver| {
    // The rewritten migration differs by a schema prefix, which the catalogue does not keep.
    let project = migrate_along(driver, &["3.5.1", "3.5.2"]);
    Schema::of(&project.database).assert_is(&Schema::of_release("3.5.2"));
});

on_every_driver!(from_0_23_0_to_0_24_0, |driver| {
    let project = migrate_along(driver, &["0.23.0", "0.24.0"]);
    Schema::of(&project.database).assert_is(&Schema::of_release("0.24.0"));
});

on_every_driver!(from_3_0_0_to_3_0_2, |driver| {
    let project = migrate_along(driver, &["3.0.0", "3.0.2"]);
    Schema::of(&project.database).assert_is(&with_functions_of_3_0_0("3.0.2"));

    // A database that starts now gets what 3.0.2 says, by way of the same revisions.
    let project = project.with_new_database(driver);
    project.upgrade();
    Schema::of(&project.database).assert_is(&Schema::of_release("3.0.2"));
});

on_every_driver!(from_2_15_1_by_3_0_0_to_3_4_0, |driver| {
    let project = migrate_along(driver, &["2.15.1", "3.0.0", "3.4.0"]);
    Schema::of(&project.database).assert_is(&with_functions_of_3_0_0("3.4.0"));
});

fn migrate_along(driver: Driver, releases: &[&str]) -> Project {
    let project = Project::new(driver);
    for release in releases {
        project.sync(release);
        project.upgrade();
        project.assert_at_head();
    }
    project
}

/// Release 3.0.2 rewrote a migration of 3.0.0 and touched two functions in it. A database that ran
/// the old text keeps the old functions: the revision counts as applied, and no later migration
/// replaces them. Raw migrations, applied with psql, leave the same difference.
fn with_functions_of_3_0_0(release: &str) -> Schema {
    let old = Schema::of_release("3.0.0");
    let kept = [
        "function: public | procrastinate_notify_queue_abort_job_v1 |",
        "function: public | procrastinate_notify_queue_job_inserted_v1 |",
    ];
    kept.iter()
        .fold(Schema::of_release(release), |schema, start| {
            schema.with_lines_of(&old, start)
        })
}

/// Upstream renamed a migration, and so moved it behind another one. Nothing may follow from that.
#[test]
fn a_renamed_migration_leaves_chain_bytes_and_database_alone() {
    let project = Project::new(Driver::Psycopg);
    project.sync("0.23.0");
    project.upgrade();
    let (chain, revisions, schema) = (
        project.chain(),
        project.revisions(),
        Schema::of(&project.database),
    );

    let report = project.sync("0.24.0");
    assert_eq!(project.chain(), chain);
    assert_eq!(project.revisions(), revisions);
    report
        .says("00.19.00_02_null_locks_excluded.sql")
        .says("00.23.00_01_null_locks_excluded.sql");

    project.assert_at_head();
    let upgraded = project.upgrade();
    assert!(!upgraded.stderr.contains("Running upgrade"), "{upgraded}");
    Schema::of(&project.database).assert_is(&schema);
}

/// Same input, same bytes: revisions do not tell by which releases a project came.
#[test]
fn the_way_to_a_release_leaves_no_trace_in_its_revisions() {
    let project = Project::new(Driver::Psycopg);
    project.sync("2.5.0");
    project.sync("3.10.0");
    let direct = Project::new(Driver::Psycopg);
    direct.sync("3.10.0");
    assert_eq!(project.revisions(), direct.revisions());
    assert_eq!(project.chain(), direct.chain());
}

/// A project that took over every release there was, and an empty database.
#[test]
fn through_every_release() {
    let project = Project::new(Driver::Psycopg);
    for (release, wheel) in releases::ALL.iter().zip(releases::wheels(&releases::ALL)) {
        let before = project.locked_revisions();
        project.sync_from(&wheel);
        assert!(project.locked_revisions() >= before, "fewer at {release}");
        project.tool(&["check", "--from", wheel.as_str()]).exits(0);
    }
    project.upgrade();
    project.assert_at_head();
    Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
}
