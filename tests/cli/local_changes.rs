//! What the user changed in the vendored directory is the user's.

#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::releases::{
    FIRST, FIRST_PY, LATER, LATER_PY, SECOND, SECOND_ID, SECOND_PY, THIRD_PY, Wrapping, four,
    three, three_as,
};
use crate::support::{Project, Snapshot, put};

const LOCK: &str = "vendor-migrations.lock";

#[test]
fn an_edit_is_refused_with_its_diff_and_found_by_check() {
    let project = Project::with(&three());
    project.edit(SECOND_PY);
    for package in [three(), four(), four().sql(SECOND, "SELECT 2;\n")] {
        project.sync_refuses(&package, &[], &[SECOND_PY, "-# mine"]);
        project.sync_refuses(&package, &["--dry-run"], &[SECOND_PY, "-# mine"]);
    }
    project
        .check(&three(), &[])
        .exits(1)
        .out_has(&["edited", SECOND_PY, SECOND_ID]);
}

#[test]
fn every_edited_file_is_listed() {
    let project = Project::with(&three());
    for name in [FIRST_PY, SECOND_PY, THIRD_PY] {
        project.edit(name);
    }
    project.sync_refuses(&four(), &[], &[FIRST_PY, SECOND_PY, THIRD_PY]);
    project
        .check(&four(), &[])
        .exits(1)
        .out_has(&[FIRST_PY, SECOND_PY, THIRD_PY, LATER]);
}

#[test]
fn force_overwrites_the_edited_file_and_nothing_else() {
    let project = Project::with(&three());
    let genuine = project.vendored_tree();
    project.edit(SECOND_PY);
    let before = project.vendored_tree();
    project
        .syncs(&three(), &["--force"])
        .out_has(&["Overwritten", SECOND_PY, "-# mine"]);
    let after = project.vendored_tree();
    genuine.assert_same_contents(&after);
    for name in [FIRST_PY, THIRD_PY, ".gitattributes", LOCK] {
        assert_eq!(before.entry(name), after.entry(name), "{name}");
    }
}

#[test]
fn one_byte_is_enough() {
    let project = Project::with(&three());
    let mut bytes = project.read(THIRD_PY);
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    project.write(THIRD_PY, &bytes);
    project.check(&three(), &[]).exits(1).out_has(&[THIRD_PY]);
    project.run(&["check"]).exits(1).out_has(&[THIRD_PY]);
    bytes.push(b'\n');
    bytes[last] ^= 1;
    project.write(THIRD_PY, &bytes);
    project.check(&three(), &[]).exits(1).out_has(&[THIRD_PY]);
}

#[test]
fn a_missing_file_is_reported_and_restored() {
    let project = Project::with(&three());
    let genuine = project.vendored_tree();
    project.remove(SECOND_PY);
    project
        .check(&three(), &[])
        .exits(1)
        .out_has(&["missing", SECOND_PY]);
    project.syncs(&three(), &[]).out_has(&["Restored", SECOND]);
    let after = project.vendored_tree();
    genuine.assert_same_contents(&after);
    assert_eq!(genuine.entry(FIRST_PY), after.entry(FIRST_PY));
}

#[test]
fn a_missing_file_that_upstream_no_longer_ships_is_not_invented() {
    let project = Project::with(&four());
    project.remove(LATER_PY);
    project.sync_refuses(&three(), &["--allow-downgrade"], &[LATER_PY]);
    project.sync_refuses(&three(), &["--allow-downgrade", "--force"], &[LATER_PY]);
}

#[test]
fn changed_line_ends_are_a_warning_and_are_mended() {
    let project = Project::with(&three());
    let genuine = project.vendored_tree();
    for name in [FIRST_PY, SECOND_PY, THIRD_PY, LOCK, ".gitattributes"] {
        let text = project.text(name).replace('\n', "\r\n");
        project.write(name, text);
    }
    let outcome = project.check(&three(), &[]);
    outcome
        .exits(0)
        .out_has(&["line-endings", FIRST_PY, SECOND_PY, THIRD_PY, LOCK]);
    outcome.out_lacks(&["error["]);
    project.check(&three(), &["--strict"]).exits(1);
    project.syncs(&three(), &[]);
    for name in [FIRST_PY, SECOND_PY, THIRD_PY, LOCK] {
        assert!(!project.text(name).contains('\r'), "{name}");
    }
    project.write(".gitattributes", "* -text\n");
    genuine.assert_same_contents(&project.vendored_tree());
}

#[test]
fn line_ends_and_an_edit_together_are_an_edit() {
    let project = Project::with(&three());
    project.edit(FIRST_PY);
    let text = project.text(FIRST_PY).replace('\n', "\r\n");
    project.write(FIRST_PY, text);
    project
        .check(&three(), &[])
        .exits(1)
        .out_has(&["edited", FIRST_PY]);
    project.sync_refuses(&three(), &[], &["versions_procrastinate", "lock"]);
}

#[test]
fn a_foreign_revision_fails_check_and_stays() {
    let project = Project::with(&three());
    project.write("mine.py", "revision = 'mine'\ndown_revision = None\n");
    let before = project.vendored_tree();
    project
        .check(&three(), &[])
        .exits(1)
        .out_has(&["foreign-file", "mine.py"]);
    project.syncs(&four(), &["--force"]);
    assert_eq!(
        before.entry("mine.py"),
        project.vendored_tree().entry("mine.py")
    );
}

#[cfg(unix)]
#[test]
fn foreign_files_stay_where_they_are_with_inode_time_and_mode() {
    let project = Project::with(&three());
    let foreign = [
        "README",
        "__init__.py",
        "notes/deep/a.txt",
        "__pycache__/x.cpython-312.pyc",
        "sql/mine.sql",
        "run.sh",
    ];
    for name in foreign {
        project.write(name, name);
    }
    let script = project.vendored().join("run.sh");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o750)).unwrap();
    symlink("README", project.vendored().join("link")).unwrap();
    symlink("/nowhere", project.vendored().join("notes/dangling")).unwrap();
    std::fs::create_dir(project.vendored().join("empty")).unwrap();
    let before = project.vendored_tree();
    project.syncs(&four().sql(FIRST, "SELECT 'new';\n"), &[]);
    let after = project.vendored_tree();
    for name in foreign.into_iter().chain(["link", "notes/dangling"]) {
        assert_eq!(before.entry(name), after.entry(name), "{name}");
    }
    assert_eq!(before.directories(), after.directories());
    project.syncs(&four().sql(FIRST, "SELECT 'new';\n"), &[]);
    after.assert_untouched(&project.vendored_tree());
}

#[test]
fn a_foreign_file_with_the_name_of_a_new_one_is_refused() {
    let project = Project::with(&three());
    project.write(LATER_PY, "revision = 'mine'\n");
    project.sync_refuses(&four(), &[], &[LATER_PY, "-revision = 'mine'"]);
    project.syncs(&four(), &["--force"]);
    assert!(project.text(LATER_PY).contains("Rendered by"));
}

#[test]
fn a_foreign_file_before_the_first_sync_is_refused() {
    let project = Project::new();
    project.write(FIRST_PY, "revision = 'mine'\n");
    project.sync_refuses(&three(), &[], &["versions_procrastinate", "lock"]);
}

#[test]
fn names_that_differ_in_case_only_are_refused() {
    let project = Project::with(&three());
    let upper = LATER_PY.to_ascii_uppercase().replace(".PY", ".py");
    project.write(&upper, "");
    project.sync_refuses(&four(), &[], &[LATER_PY, &upper]);
    project.sync_refuses(&four(), &["--force"], &[LATER_PY, &upper]);
    project
        .check(&four(), &[])
        .exits(1)
        .out_has(&["name-clash"]);
}

#[test]
fn an_edit_that_upstream_makes_too_is_no_conflict() {
    let project = Project::with(&three());
    let changed = three_as("91.1.1").sql(SECOND, "SELECT 'new';\n");
    let there = Project::with(&three());
    there.syncs(&changed, &[]);
    project.write(SECOND_PY, there.read(SECOND_PY));
    project.syncs(&changed, &[]);
    there
        .vendored_tree()
        .assert_same_contents(&project.vendored_tree());
}

#[cfg(unix)]
#[test]
fn modes_of_files_survive_a_change_of_their_bytes() {
    let project = Project::with(&three());
    let path = project.vendored().join(SECOND_PY);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::fs::set_permissions(project.vendored(), std::fs::Permissions::from_mode(0o750)).unwrap();
    project.syncs(&three_as("91.1.1").sql(SECOND, "SELECT 'new';\n"), &[]);
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.as_std_path()), 0o640);
    assert_eq!(mode(project.vendored().as_std_path()), 0o750);
}

#[test]
fn attributes_of_the_user_are_kept_and_missed_lines_are_said() {
    let project = Project::with(&three());
    project.write(".gitattributes", "*.py diff=python\n");
    let before = project.vendored_tree();
    project
        .check(&three(), &[])
        .exits(0)
        .out_has(&["gitattributes"]);
    project
        .syncs(&four(), &[])
        .err_has(&[".gitattributes", "* -text"]);
    let name = ".gitattributes";
    assert_eq!(before.entry(name), project.vendored_tree().entry(name));
    project.remove(name);
    project
        .check(&four(), &["--strict"])
        .exits(1)
        .out_has(&[name]);
    project.syncs(&four(), &[]);
    assert_eq!(project.text(name), "* -text\n");
}

#[test]
fn edited_copied_sql_is_refused_too() {
    let package = Wrapping::Call.three();
    let project = Project::with(&package);
    let name = Wrapping::Call.kept_name("0002", SECOND);
    project.write(&name, "SELECT 'mine';\n");
    project
        .check(&package, &[])
        .exits(1)
        .out_has(&["edited", &name]);
    project.sync_refuses(&package, &[], &[&name, "-SELECT 'mine';"]);
    project.sync_refuses(&package, &["--mode", "render"], &[&name]);
    project.syncs(&package, &["--force"]);
    project.check(&package, &[]).exits(0);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_the_copied_sql_leads_nowhere() {
    let project = Project::new();
    let outside = project.beside("outside");
    std::fs::create_dir(&outside).unwrap();
    put(&project.vendored().join(".keep"), "");
    symlink(&outside, project.vendored().join("sql")).unwrap();
    project.sync_refuses(&Wrapping::Call.three(), &["--force"], &["sql"]);
    assert!(Snapshot::of(&outside).paths().is_empty());
}

#[test]
fn rerendering_mends_files_of_another_version_of_the_program() {
    let project = Project::with(&three());
    let genuine = project.vendored_tree();
    project.edit(FIRST_PY);
    project.sync_refuses(&three(), &["--rerender"], &[FIRST_PY]);
    project.syncs(&three(), &["--rerender", "--force"]);
    genuine.assert_same_contents(&project.vendored_tree());
}
