//! Wheels that are damaged or hostile: each is refused by name, and the project stays as it was.

use camino::Utf8PathBuf;

use crate::support::package::SQL;
use crate::support::releases::{FIRST, three};
use crate::support::{Package, Project, Snapshot, put, wheel};

const MEBI: usize = 1 << 20;

fn wheel_beside(project: &Project, bytes: &[u8]) -> Utf8PathBuf {
    wheel::save(bytes, &project.beside("wheels"))
}

/// `sync` refuses the wheel, names it and the facts, and touches nothing.
#[track_caller]
fn refused(bytes: &[u8], facts: &[&str]) {
    let project = Project::new();
    let path = wheel_beside(&project, bytes);
    project.sync_fails(&path, &[&[path.as_str()], facts].concat());
}

#[test]
fn a_whole_wheel_is_vendored() {
    let project = Project::new();
    let path = wheel_beside(&project, &wheel::bytes(&three()));
    project
        .run(&["sync", "--from", path.as_str()])
        .exits(0)
        .out_has(&["Added"]);
    project.run(&["check", "--from", path.as_str()]).exits(0);
}

#[test]
fn what_is_no_wheel_is_refused() {
    refused(b"", &["not a usable wheel"]);
    refused(b"<html>404</html>", &["not a usable wheel"]);
    refused(&[0; 4096], &["not a usable wheel"]);
}

#[test]
fn a_wheel_cut_short_anywhere_is_refused_without_a_panic() {
    let whole = wheel::bytes(&three());
    let project = Project::with(&three());
    let before = project.tree();
    for length in (0..whole.len()).step_by(37).chain([whole.len() - 1]) {
        let path = wheel_beside(&project, &whole[..length]);
        project
            .run(&["sync", "--from", path.as_str()])
            .fails(&[path.as_str()]);
    }
    before.assert_untouched(&project.tree());
}

#[test]
fn flipped_bytes_never_panic_and_never_half_succeed() {
    let whole = wheel::bytes(&three());
    let project = Project::with(&three());
    let before = project.tree();
    for at in (0..whole.len()).step_by(53) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        let path = wheel_beside(&project, &damaged);
        let outcome = project.run(&["sync", "--from", path.as_str()]);
        outcome.does_not_panic();
        assert!(matches!(outcome.code, Some(0 | 2)), "byte {at}\n{outcome}");
        before.assert_files_untouched(&project.tree());
    }
}

#[test]
fn contents_that_do_not_match_their_checksum_are_refused() {
    let mut stored = wheel::bytes(&three());
    let name = format!("{SQL}{FIRST}");
    let header = wheel::central_header(&stored, &name);
    stored[header + 16] ^= 0xff;
    refused(&stored, &[&name]);
}

#[test]
fn names_that_leave_the_wheel_are_refused() {
    for name in [
        "../outside.sql",
        "procrastinate/sql/migrations/../../../../outside.sql",
        "procrastinate/../../outside.py",
        "/etc/outside.sql",
        "C:/outside.sql",
        "procrastinate\\sql\\migrations\\outside.sql",
        "procrastinate/sql/migrations/..\\outside.sql",
    ] {
        let bytes = wheel::bytes_with(&three(), &[(name, b"SELECT 1;\n")]);
        refused(&bytes, &["outside"]);
    }
}

#[test]
fn nothing_of_a_hostile_wheel_lands_anywhere() {
    let project = Project::new();
    let bytes = wheel::bytes_with(&three(), &[("../../outside.sql", b"SELECT 1;\n")]);
    let path = wheel_beside(&project, &bytes);
    let workspace = project.beside("");
    let before = Snapshot::of(&workspace);
    project.sync_fails(&path, &["outside.sql"]);
    before.assert_untouched(&Snapshot::of(&workspace));
}

#[test]
fn an_entry_that_stands_in_the_wheel_twice_is_refused() {
    let twin = format!("{SQL}01.00.00_99_initial.sql");
    let name = format!("{SQL}{FIRST}");
    assert_eq!(twin.len(), name.len());
    let bytes = wheel::bytes_with(&three(), &[(&twin, b"DROP TABLE example_jobs;\n")]);
    let bytes = wheel::renamed(bytes, twin.as_bytes(), name.as_bytes());
    refused(&bytes, &[FIRST]);
}

#[test]
fn entries_that_differ_in_case_only_are_refused() {
    let upper = format!(
        "{SQL}{}",
        FIRST.to_ascii_uppercase().replace(".SQL", ".sql")
    );
    refused(
        &wheel::bytes_with(&three(), &[(&upper, b"SELECT 1;\n")]),
        &["INITIAL"],
    );
}

#[test]
fn a_link_in_the_place_of_a_migration_is_refused() {
    let name = format!("{SQL}01.00.00_02_link.sql");
    refused(
        &wheel::bytes_with_link(&three(), &name, "/etc/hostname"),
        &["01.00.00_02_link.sql"],
    );
}

#[test]
fn entry_names_that_are_not_utf8_are_refused() {
    let name = format!("{SQL}01.00.00_02_cafe.sql");
    let broken = name.clone().into_bytes();
    let broken: Vec<u8> = broken
        .iter()
        .map(|b| if *b == b'c' { 0xe9 } else { *b })
        .collect();
    let bytes = wheel::bytes_with(&three(), &[(&name, b"SELECT 1;\n")]);
    refused(&wheel::renamed(bytes, name.as_bytes(), &broken), &["UTF-8"]);
}

#[test]
fn control_characters_in_entry_names_are_escaped() {
    let name = format!("{SQL}01.00.00_02_\u{1b}[31m.sql");
    let project = Project::new();
    let path = wheel_beside(&project, &wheel::bytes_with(&three(), &[(&name, b"")]));
    let outcome = project.run(&["sync", "--from", path.as_str(), "--color", "never"]);
    outcome.fails(&[path.as_str()]);
    assert!(!outcome.err.contains('\u{1b}'), "{outcome}");
}

#[test]
fn an_entry_that_inflates_to_an_absurd_size_is_refused() {
    let name = format!("{SQL}01.00.00_02_bomb.sql");
    let bomb = vec![b' '; 17 * MEBI];
    let bytes = wheel::bytes_with(&three(), &[(&name, &bomb)]);
    assert!(bytes.len() < MEBI, "it is small on disk");
    refused(&bytes, &["01.00.00_02_bomb.sql"]);
}

#[test]
fn a_header_that_lies_about_the_size_is_refused() {
    let name = format!("{SQL}01.00.00_02_bomb.sql");
    let bomb = vec![b' '; 17 * MEBI];
    for claimed in [0_u32, 10, u32::MAX - 1] {
        let mut bytes = wheel::bytes_with(&three(), &[(&name, &bomb)]);
        let header = wheel::central_header(&bytes, &name);
        bytes[header + 24..header + 28].copy_from_slice(&claimed.to_le_bytes());
        refused(&bytes, &["01.00.00_02_bomb.sql"]);
    }
}

#[test]
fn a_wheel_without_its_own_description_is_refused() {
    refused(&wheel::bytes(&three().without_metadata()), &["METADATA"]);
    refused(&wheel::bytes(&three().without_record()), &["RECORD"]);
    let two = [("procrastinate-91.0.0.dist-info/METADATA", b"".as_slice())];
    refused(
        &wheel::bytes_with(&three(), &two),
        &[
            "procrastinate-91.0.0.dist-info",
            "procrastinate-91.1.0.dist-info",
        ],
    );
}

#[test]
fn a_wheel_of_another_distribution_is_refused() {
    let other = three().metadata("Metadata-Version: 2.1\nName: celery\nVersion: 91.1.0\n");
    let project = Project::new();
    let path = wheel_beside(&project, &wheel::bytes(&other));
    project.sync_fails(&path, &["celery", "METADATA"]);
}

#[test]
fn a_wheel_that_differs_from_its_record_is_refused() {
    let tampered = three().sealed().sql(FIRST, "DROP TABLE example_jobs;\n");
    let project = Project::new();
    let path = wheel_beside(&project, &wheel::bytes(&tampered));
    project.sync_fails(&path, &[FIRST]);
}

#[test]
fn a_wheel_without_migrations_is_refused() {
    let project = Project::new();
    let path = wheel_beside(&project, &wheel::bytes(&Package::new("91.1.0")));
    project.sync_fails(&path, &["91.1.0", "no migrations"]);
}

#[test]
fn a_file_that_is_not_called_a_wheel_is_refused() {
    let project = Project::new();
    let path = project.beside("procrastinate-91.1.0.tar.gz");
    put(&path, wheel::bytes(&three()));
    project.sync_fails(&path, &[path.as_str(), ".whl"]);
}
