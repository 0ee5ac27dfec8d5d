//! One release, an empty database: `alembic upgrade heads` makes what the release's own
//! `schema.sql` makes.

use std::os::unix::fs::MetadataExt;

use fs_err as fs;

use crate::support::database::{Driver, on_every_driver};
use crate::support::project::Project;
use crate::support::releases;
use crate::support::schema::Schema;

on_every_driver!(upgrade, |driver| upgrades_an_empty_database(
    driver, "3.10.0"
));
on_every_driver!(oldest_release, |driver| upgrades_an_empty_database(
    driver, "0.17.0"
));
on_every_driver!(offline, upgrades_through_psql);

fn upgrades_an_empty_database(driver: Driver, release: &str) {
    let project = Project::new(driver);
    project.sync(release);
    project.upgrade();
    project.assert_at_head();
    Schema::of(&project.database).assert_is(&Schema::of_release(release));
}

fn upgrades_through_psql(driver: Driver) {
    let project = Project::new(driver);
    project.sync("3.10.0");
    project.upgrade_offline();
    project.assert_at_head();
    let expected = Schema::of_release("3.10.0").with_tabs_expanded();
    Schema::of(&project.database).assert_is(&expected);
}

#[test]
fn an_application_has_its_own_branch_beside() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    project.write_own_revision("0001", "CREATE TABLE own ()");
    project.upgrade();
    let head = "procrastinate_03_04_00_50".to_owned();
    assert_eq!(project.current(), ["0001".to_owned(), head]);
}

/// Alembic leaves compiled files beside the revisions; they are nobody's edit.
#[test]
fn check_and_a_second_sync_find_nothing_after_the_upgrade() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    assert_eq!(project.revisions().len(), 38);
    assert_eq!(project.locked_revisions(), 38);
    project.upgrade();

    let wheel = releases::wheel("3.10.0");
    let before = stamps(&project);
    project.tool(&["check", "--from", wheel.as_str()]).exits(0);
    project.tool(&["diff", "--from", wheel.as_str()]).exits(0);
    project.tool(&["status", "--from", wheel.as_str()]).exits(0);
    project.sync_from(&wheel);
    assert_eq!(stamps(&project), before);
}

#[test]
fn one_changed_byte_is_found_and_named() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    let name = "procrastinate_03_04_00_50_post_add_retry_failed_job_procedure.py";
    let path = project.vendored().join(name);
    let text = fs::read_to_string(&path).expect("sync wrote it");
    fs::write(&path, text.replacen("DROP TRIGGER", "DROP TRIGGEr", 1)).expect("it can be edited");

    let found = project.tool(&["check"]).exits(1);
    assert!(found.stdout.contains(name), "{found}");
    let wheel = releases::wheel("3.10.0");
    let refused = project.tool(&["sync", "--from", wheel.as_str()]).exits(1);
    assert!(refused.stdout.contains(name), "{refused}");
}

/// Each file of the project with its inode and its time of modification, in nanoseconds.
fn stamps(project: &Project) -> Vec<(String, u64, i64)> {
    let stamp = |path: String| {
        let found = fs::metadata(project.root().join(&path)).expect("the tree was just listed");
        (
            path,
            found.ino(),
            found.mtime() * 1_000_000_000 + found.mtime_nsec(),
        )
    };
    project.tree().into_keys().map(stamp).collect()
}
