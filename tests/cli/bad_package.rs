//! Installations that are damaged, patched or not Procrastinate's.

use std::ffi::OsStr;
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt;

use crate::support::package::SQL;
use crate::support::releases::{
    FIRST, SECOND, THIRD, WRAPPINGS, Wrapping, four, three, three_as, unusable,
};
use crate::support::{Project, put};

#[test]
fn a_path_that_is_not_there_is_named() {
    let project = Project::new();
    let nowhere = project.beside("nowhere");
    project.sync_fails(&nowhere, &[nowhere.as_str()]);
    let empty = project.beside("empty");
    std::fs::create_dir(&empty).unwrap();
    project.sync_fails(&empty, &[empty.as_str()]);
}

#[test]
fn several_distributions_side_by_side_are_refused() {
    let project = Project::new();
    let site = project.install(&three());
    put(
        &site.join("procrastinate-91.0.0.dist-info/METADATA"),
        "Name: procrastinate\nVersion: 91.0.0\n",
    );
    let facts = [
        site.as_str(),
        "procrastinate-91.0.0.dist-info",
        "procrastinate-91.1.0.dist-info",
    ];
    project.sync_fails(&site, &facts);
    project
        .run(&["check", "--from", site.as_str()])
        .fails(&facts);
}

#[test]
fn several_installations_in_one_environment_are_refused() {
    let project = Project::new();
    let environment = project.root.join(".venv");
    three().install(&environment.join("lib/python3.11/site-packages"));
    four().install(&environment.join("lib/python3.12/site-packages"));
    let before = project.tree();
    project.run(&["sync"]).fails(&["python3.11", "python3.12"]);
    before.assert_untouched(&project.tree());
}

#[test]
fn releases_from_before_the_first_supported_one_are_refused() {
    for release in ["0.16.9", "0.1", "0.16.99.post1", "0.5.0rc1"] {
        let project = Project::new();
        let site = project.install(&three_as(release));
        project.sync_fails(&site, &[release, "0.17.0"]);
        project
            .run(&["check", "--from", site.as_str()])
            .fails(&[release]);
    }
    for release in ["0.17.0.post1", "0.17.1"] {
        Project::new().syncs(&three_as(release), &[]);
    }
}

#[test]
fn metadata_that_cannot_be_true_is_refused() {
    unusable(&three().without_metadata(), &["METADATA", "missing"]);
    unusable(&three().metadata(""), &["METADATA"]);
    unusable(
        &three().metadata("Name: procrastinate\n"),
        &["METADATA", "Version"],
    );
    unusable(
        &three().metadata("Name: procrastinate\nVersion: new\n"),
        &["METADATA", "new"],
    );
    unusable(
        &three().metadata("Name: other\nVersion: 91.1.0\n"),
        &["METADATA", "other"],
    );
}

#[test]
fn a_description_without_its_package_is_refused() {
    let project = Project::new();
    let site = project.install(&three());
    std::fs::remove_dir_all(site.join("procrastinate")).unwrap();
    project.sync_fails(&site, &["procrastinate-91.1.0.dist-info"]);
}

#[test]
fn a_package_without_its_description_is_refused() {
    let project = Project::new();
    let site = project.install(&three());
    std::fs::remove_dir_all(site.join(three().dist_info())).unwrap();
    project.sync_fails(&site, &["dist-info"]);
    project.sync_fails(&site.join("procrastinate"), &["dist-info"]);
}

#[test]
fn sql_that_is_not_utf8_is_refused_with_its_place() {
    let latin1 = three().file(&format!("{SQL}{SECOND}"), b"SELECT 'caf\xe9';\n");
    unusable(&latin1, &[SECOND, "UTF-8", "11"]);
}

#[test]
fn sql_that_does_not_end_names_the_file_and_the_line() {
    for (text, line) in [
        ("SELECT 1;\n\nSELECT 'no end;\n", "line 3"),
        ("SELECT 1;\nSELECT $a$ no end $b$;\n", "line 2"),
        ("/* no /* end */\nSELECT 1;\n", "line 1"),
        ("SELECT \"no end;\n", "line 1"),
    ] {
        unusable(&three().sql(SECOND, text), &[SECOND, line]);
    }
}

#[test]
fn sql_that_ends_its_own_transaction_is_refused() {
    unusable(
        &three().sql(SECOND, "SELECT 1;\nCOMMIT;\n"),
        &[SECOND, "line 2", "COMMIT"],
    );
}

#[cfg(unix)]
#[test]
fn names_of_migrations_that_are_not_utf8_or_not_safe_are_refused() {
    let project = Project::new();
    let site = project.install(&three());
    let directory = site.join(SQL);
    let name = OsStr::from_bytes(b"01.02.00_01_caf\xe9.sql");
    std::fs::write(directory.as_std_path().join(name), "SELECT 1;\n").unwrap();
    project.sync_fails(&site, &["UTF-8", directory.as_str()]);
    for name in [
        "01.02.00_01_a\u{1b}[2Jb.sql",
        "01.02.00_01_a\nb.sql",
        "01.02.00_01_\u{202e}.sql",
    ] {
        let outcome = Project::new().sync(&three().sql(name, "SELECT 1;\n").without_record(), &[]);
        outcome.fails(&["01.02.00_01"]);
        assert!(!outcome.err.contains(['\u{1b}', '\u{202e}']), "{outcome}");
    }
}

#[test]
fn revision_files_that_cannot_be_decided_are_refused_with_their_line() {
    let broken = [
        ("revision = '0001'", "revision = '00' + '01'", "line"),
        (
            "revision: str = '0001'",
            "revision: str = number(1)",
            "line",
        ),
        (
            "get_migration_sql(\"01.00.00_01_initial.sql\")",
            "get_migration_sql(NAME)",
            "line",
        ),
        (
            "MIGRATION_FILE: str = \"01.00.00_01_initial.sql\"",
            "MIGRATION_FILE: str = f\"{1}.sql\"",
            "line",
        ),
        ("from alembic import op", "from alembic import (", "line"),
    ];
    for wrapping in WRAPPINGS {
        let path = format!(
            "{}{}",
            wrapping.directory(),
            wrapping.file_name("0001", FIRST)
        );
        let text = String::from_utf8(wrapping.three().bytes(&path).to_vec()).unwrap();
        for (from, to, fact) in broken.iter().filter(|(from, _, _)| text.contains(from)) {
            let package = wrapping.three().file(&path, text.replace(from, to));
            unusable(&package, &[&path, fact]);
        }
    }
}

#[test]
fn revision_files_that_are_not_one_chain_are_refused() {
    let path = |id, sql| {
        format!(
            "{}{}",
            Wrapping::Call.directory(),
            Wrapping::Call.file_name(id, sql)
        )
    };
    let whole = Wrapping::Call.three();
    let (second, third) = (path("0002", SECOND), path("0003", THIRD));
    unusable(
        &whole.clone().without(&second),
        &["chain", &Wrapping::Call.file_name("0003", THIRD)],
    );
    let text = String::from_utf8(whole.bytes(&third).to_vec()).unwrap();
    for (from, to) in [
        ("'0002'", "'0001'"),
        ("'0003'", "'0002'"),
        (THIRD, "absent.sql"),
        (THIRD, FIRST),
    ] {
        let package = whole.clone().file(&third, text.replace(from, to));
        unusable(&package, &["chain"]);
    }
}
