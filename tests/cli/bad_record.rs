//! Installations whose files are not what their RECORD says, and records that say nothing.

use crate::support::Project;
use crate::support::package::SQL;
use crate::support::releases::{
    FIRST, FIRST_PY, FIRST_SQL, SECOND, THIRD, WRAPPINGS, three, unusable,
};

#[test]
fn a_changed_migration_is_refused_and_named() {
    let changed = three().sealed().sql(FIRST, "DROP TABLE example_jobs;\n");
    unusable(
        &changed,
        &[&format!("{SQL}{FIRST}"), "--allow-modified-source"],
    );
}

#[test]
fn a_missing_migration_is_refused_and_named() {
    let missing = three().sealed().without(&format!("{SQL}{SECOND}"));
    unusable(&missing, &[&format!("{SQL}{SECOND}"), "missing"]);
}

#[test]
fn a_migration_that_the_distribution_does_not_have_is_refused_and_named() {
    let extra = three().sealed().sql("01.09.00_01_mine.sql", "SELECT 1;\n");
    unusable(&extra, &[&format!("{SQL}01.09.00_01_mine.sql")]);
}

#[test]
fn every_difference_from_the_record_is_named_at_once() {
    let patched = three()
        .sealed()
        .sql(FIRST, "SELECT 1;\n")
        .without(&format!("{SQL}{SECOND}"))
        .sql("01.09.00_01_mine.sql", "SELECT 1;\n");
    unusable(&patched, &[FIRST, SECOND, "01.09.00_01_mine.sql"]);
}

#[test]
fn a_changed_revision_file_is_refused_and_named() {
    for wrapping in WRAPPINGS {
        let file = wrapping.file_name("0001", FIRST);
        let path = format!("{}{file}", wrapping.directory());
        let package = wrapping.three().sealed();
        let changed = [package.bytes(&path), b"# mine\n"].concat();
        unusable(&package.file(&path, changed), &[&path]);
    }
}

#[test]
fn a_size_that_is_not_the_recorded_one_is_refused() {
    let record = three().record_of_files();
    let size = format!(",{}\n", FIRST_SQL.len());
    assert!(record.contains(&size));
    unusable(&three().record(record.replace(&size, ",7\n")), &[FIRST]);
}

#[test]
fn a_record_that_cannot_be_read_is_refused() {
    for record in [
        b"".as_slice(),
        b"\n\n",
        b"\"procrastinate/sql/migrations/\xff.sql\",,\n",
        b"procrastinate/sql/migrations/01.00.00_01_initial.sql,sha256=x,many\n",
    ] {
        unusable(&three().record(record), &["RECORD"]);
    }
}

#[test]
fn a_record_cut_short_is_refused() {
    let record = three().record_of_files();
    for length in [1, record.len() / 3, record.len() / 2] {
        unusable(&three().record(&record[..length]), &["help:"]);
    }
}

#[test]
fn check_reports_a_modified_source_and_diff_says_it() {
    let project = Project::with(&three());
    let changed = three().sealed().sql(FIRST, "SELECT 1;\n");
    project
        .check(&changed, &[])
        .exits(1)
        .out_has(&["modified-source", FIRST]);
    project
        .against(&changed, "diff", &[])
        .exits(1)
        .err_has(&[FIRST]);
    project
        .against(&changed, "status", &[])
        .exits(1)
        .out_has(&[FIRST]);
}

#[test]
fn a_modified_source_is_taken_when_the_user_says_so() {
    let project = Project::new();
    let changed = three().sealed().sql(FIRST, "SELECT 'patched';\n");
    project
        .syncs(&changed, &["--allow-modified-source"])
        .err_has(&["warning:", FIRST]);
    assert!(project.text(FIRST_PY).contains("SELECT 'patched'"));
    project.check(&changed, &[]).exits(1);
    project
        .check(&changed, &["--allow-modified-source"])
        .exits(0)
        .out_has(&["modified-source"]);
}

#[test]
fn an_installation_without_a_record_is_vendored_and_said_to_be_unverified() {
    let project = Project::new();
    project
        .syncs(&three().without_record(), &["-q"])
        .err_has(&["not verified", "RECORD"]);
}

#[test]
fn files_that_record_lists_without_a_digest_are_said_to_be_unverified() {
    let record: String = three()
        .record_of_files()
        .lines()
        .map(|line| format!("{},,\n", line.split(',').next().unwrap()))
        .collect();
    let project = Project::new();
    project
        .syncs(&three().record(record), &[])
        .err_has(&[FIRST, SECOND, THIRD]);
}
