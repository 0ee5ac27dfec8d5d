//! Lockfiles that are damaged, merged by hand, newer or hostile: never a reason to start afresh.

use camino::Utf8Path;
use sha2::{Digest as _, Sha256};

use crate::support::releases::{FIRST_ID, FIRST_PY, SECOND, SECOND_ID, SECOND_PY, four, three};
use crate::support::{Project, Snapshot};

/// Every command refuses the lock, names it and the facts, and touches nothing.
#[track_caller]
fn refused(project: &Project, facts: &[&str]) {
    let site = project.install(&four());
    let before = project.tree();
    let facts = [&["vendor-migrations.lock"], facts].concat();
    for command in ["sync", "check", "diff", "status"] {
        project
            .run(&[command, "--from", site.as_str()])
            .fails(&facts);
    }
    for option in ["--force", "--dry-run", "--rerender"] {
        project
            .run(&["sync", "--from", site.as_str(), option])
            .fails(&facts);
    }
    before.assert_untouched(&project.tree());
}

fn with_lock(bytes: impl AsRef<[u8]>) -> Project {
    let project = Project::with(&three());
    project.write("vendor-migrations.lock", bytes);
    project
}

fn lock() -> String {
    Project::with(&three()).lock()
}

/// The lock with a digest that matches what it says now.
fn resealed(lock: &str) -> String {
    let (head, body) = lock.split_once("\n\n").unwrap();
    let digest = head.find("digest = ").unwrap();
    let hex: String = Sha256::digest(body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}digest = \"sha256:{hex}\"\n\n{body}", &head[..digest])
}

#[test]
fn resealing_an_untouched_lock_changes_nothing() {
    assert_eq!(resealed(&lock()), lock());
}

#[test]
fn an_empty_lock_is_refused() {
    refused(&with_lock(""), &["empty"]);
    refused(&with_lock(" \n\n"), &["empty"]);
}

#[test]
fn a_lock_cut_short_anywhere_is_refused() {
    let project = Project::with(&three());
    let whole = project.lock();
    let site = project.install(&three());
    for length in (0..whole.trim_end().len()).step_by(61) {
        project.write("vendor-migrations.lock", &whole[..length]);
        let before = project.tree();
        project
            .run(&["sync", "--force", "--from", site.as_str()])
            .fails(&["vendor-migrations.lock"]);
        before.assert_untouched(&project.tree());
    }
}

#[test]
fn a_lock_that_is_not_text_is_refused() {
    refused(&with_lock([0xff, 0xfe, 0x00]), &["UTF-8"]);
    refused(
        &with_lock([lock().as_bytes(), b"\xff"].concat()),
        &["UTF-8"],
    );
}

#[test]
fn conflict_markers_are_named_with_their_line() {
    let lines: Vec<String> = lock().lines().map(str::to_owned).collect();
    let mut merged = lines.clone();
    merged.insert(4, "<<<<<<< HEAD".to_owned());
    merged.insert(6, "=======".to_owned());
    merged.insert(8, ">>>>>>> other".to_owned());
    refused(&with_lock(merged.join("\n")), &["line 5", "conflict"]);
}

#[test]
fn a_merge_without_markers_is_refused() {
    let mine = lock();
    let theirs = Project::with(&four()).lock();
    let extra = theirs.rfind("[[revision]]").unwrap();
    refused(
        &with_lock(format!("{mine}\n{}", &theirs[extra..])),
        &["digest"],
    );
}

#[test]
fn an_edited_lock_is_refused() {
    refused(&with_lock(lock().replace("91.1.0", "91.2.0")), &["digest"]);
    refused(
        &with_lock(lock().replace("\"pre\"", "\"post\"")),
        &["digest"],
    );
}

#[test]
fn a_lock_of_a_newer_format_asks_for_an_upgrade() {
    let newer = lock().replace("version = 1\n", "version = 3\nsurprise = true\n");
    refused(&with_lock(newer), &["version 3", "upgrade"]);
    let huge = lock().replace("version = 1\n", "version = 99999999999999999999\n");
    refused(&with_lock(huge), &[]);
    refused(
        &with_lock(lock().replace("version = 1\n", "version = 0\n")),
        &["version 0"],
    );
    refused(
        &with_lock(lock().replace("version = 1\n", "")),
        &["version"],
    );
}

#[test]
fn unknown_keys_are_refused_and_shown() {
    for place in ["[upstream]\n", "[[revision]]\n"] {
        let text = lock().replacen(place, &format!("{place}surprise = 1\n"), 1);
        refused(&with_lock(resealed(&text)), &["surprise"]);
    }
    refused(
        &with_lock(format!("surprise = 1\n{}", lock())),
        &["surprise"],
    );
}

#[test]
fn paths_that_leave_the_directory_are_refused() {
    for path in [
        "../escaped.py",
        "/tmp/escaped.py",
        "sub/escaped.py",
        "..\\\\escaped.py",
        "C:escaped.py",
        "..",
        "",
        "escaped\\u0000.py",
        "escaped\\u001b.py",
    ] {
        let text = lock().replace(FIRST_PY, path);
        let project = with_lock(resealed(&text));
        let workspace = project.beside("");
        refused(&project, &[]);
        assert_lacks_escapes(&workspace);
    }
}

fn assert_lacks_escapes(workspace: &Utf8Path) {
    let paths = Snapshot::of(workspace).paths();
    assert!(
        !paths.iter().any(|path| path.contains("escaped")),
        "{paths:?}"
    );
}

#[test]
fn sql_names_that_leave_the_directory_are_refused() {
    for path in ["../escaped.sql", "/tmp/escaped.sql", "a/escaped.sql"] {
        refused(&with_lock(resealed(&lock().replace(SECOND, path))), &[]);
    }
}

#[test]
fn duplicates_are_refused_and_named() {
    let ids = lock().replace(
        &format!("id = \"{SECOND_ID}\""),
        &format!("id = \"{FIRST_ID}\""),
    );
    refused(&with_lock(resealed(&ids)), &[FIRST_ID]);
    let files = lock().replace(SECOND_PY, FIRST_PY);
    refused(&with_lock(resealed(&files)), &[FIRST_PY]);
    let case = lock().replace(
        SECOND_PY,
        &FIRST_PY.to_ascii_uppercase().replace(".PY", ".py"),
    );
    refused(&with_lock(resealed(&case)), &[FIRST_PY]);
}

#[test]
fn a_chain_that_is_none_is_refused() {
    let down = format!("down = \"{FIRST_ID}\"");
    assert!(lock().contains(&down));
    // It follows a revision of the lock, and not the one before it.
    let itself = format!("down = \"{SECOND_ID}\"");
    refused(
        &with_lock(resealed(&lock().replace(&down, &itself))),
        &[SECOND_ID],
    );
    refused(
        &with_lock(resealed(&lock().replace(&format!("{down}\n"), ""))),
        &[SECOND_ID],
    );
}

#[test]
fn a_lock_that_names_itself_as_a_vendored_file_is_refused() {
    for name in ["vendor-migrations.lock", ".gitattributes", "sql"] {
        refused(
            &with_lock(resealed(&lock().replace(FIRST_PY, name))),
            &[name],
        );
    }
}

#[test]
fn a_lock_of_another_package_is_refused() {
    let text = lock().replace("package = \"procrastinate\"", "package = \"celery\"");
    refused(&with_lock(resealed(&text)), &["celery"]);
}

#[cfg(unix)]
#[test]
fn a_lock_that_is_a_link_a_directory_or_a_pipe_is_refused() {
    let project = Project::with(&three());
    let elsewhere = project.beside("elsewhere.lock");
    std::fs::rename(project.lock_path(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, project.lock_path()).unwrap();
    refused(&project, &["regular file"]);

    let project = Project::with(&three());
    project.remove("vendor-migrations.lock");
    std::os::unix::fs::symlink("nowhere", project.lock_path()).unwrap();
    refused(&project, &["regular file"]);

    let project = Project::with(&three());
    project.remove("vendor-migrations.lock");
    std::fs::create_dir(project.lock_path()).unwrap();
    refused(&project, &["regular file"]);
}

#[test]
fn a_lock_that_is_gone_is_no_reason_to_start_afresh() {
    let project = Project::with(&three());
    project.remove("vendor-migrations.lock");
    project.sync_refuses(
        &four(),
        &[],
        &["versions_procrastinate", "its lock is gone"],
    );
    project.sync_refuses(&four(), &["--force"], &["its lock is gone"]);
    let before = project.tree();
    project
        .check(&four(), &[])
        .exits(1)
        .out_has(&["lock-missing"]);
    before.assert_untouched(&project.tree());
}

#[test]
fn a_lock_that_was_formatted_is_a_warning_and_written_anew() {
    let project = Project::with(&three());
    let text = project.lock();
    project.write("vendor-migrations.lock", format!("{text}\n"));
    project
        .check(&three(), &[])
        .exits(0)
        .out_has(&["lock-format"]);
    project.check(&three(), &["--strict"]).exits(1);
    project.syncs(&three(), &[]);
    assert_eq!(project.lock(), text);
    project.check(&three(), &["--strict"]).exits(0);
}
