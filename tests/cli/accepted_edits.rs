//! Edits of vendored files that the settings accept.

use crate::support::releases::{
    FIRST, FIRST_SQL, SECOND, SECOND_PY, THIRD_PY, Wrapping, four, three,
};
use crate::support::{Project, put};

/// Accepts the edit of a vendored file.
fn accept_edit(project: &Project, file: &str) {
    let path = format!("alembic/versions_procrastinate/{file}");
    let entry = format!("[[accept]]\ncode = \"edited\"\npath = \"{path}\"\nreason = \"ours\"\n");
    put(&project.root.join("vendor-migrations.toml"), entry);
}

#[test]
fn an_accepted_edit_stays_while_the_release_leaves_the_migration_alone() {
    let project = Project::with(&three());
    project.edit(SECOND_PY);
    accept_edit(&project, SECOND_PY);
    let edited = project.read(SECOND_PY);
    let says =
        format!("{SECOND_PY} stays as it is: it differs from the lock, which the settings accept");
    project
        .syncs(&three(), &[])
        .out_has(&["Up to date"])
        .err_has(&[&says]);
    project.syncs(&four(), &["--dry-run"]).err_has(&[&says]);
    project
        .syncs(&four(), &[])
        .out_has(&["procrastinate_01_02_00_01"])
        .out_lacks(&["Overwritten"])
        .err_has(&[&says]);
    assert_eq!(project.read(SECOND_PY), edited);
    // It stays a difference from the lock.
    project
        .check(&four(), &[])
        .exits(0)
        .out_has(&["accepted[edited]", SECOND_PY]);
    std::fs::remove_file(project.root.join("vendor-migrations.toml")).unwrap();
    project.sync_refuses(&four(), &[], &[SECOND_PY, "-# mine"]);
}

#[test]
fn an_accepted_edit_yields_to_new_sql_and_to_force() {
    let project = Project::with(&three());
    project.edit(SECOND_PY);
    accept_edit(&project, SECOND_PY);
    let changed = four().sql(SECOND, "SELECT 2;\n");
    project.sync_refuses(&changed, &[], &[SECOND_PY, "-# mine"]);
    project.sync_refuses(&three(), &["--rerender"], &[SECOND_PY, "-# mine"]);
    // Another file's edit is not accepted with it.
    project.edit(THIRD_PY);
    project.sync_refuses(&four(), &[], &[THIRD_PY, "-# mine"]);
    project
        .syncs(&four(), &["--force"])
        .out_has(&["Overwritten", SECOND_PY, THIRD_PY]);
}

#[test]
fn accepted_edits_of_copies_and_of_their_sql_stay() {
    let package = Wrapping::Call.three();
    for name in [
        Wrapping::Call.kept_name("0002", SECOND),
        Wrapping::Call.file_name("0002", SECOND),
    ] {
        let project = Project::with(&package);
        let text = project.text(&name) + "\n";
        project.write(&name, &text);
        project.sync_refuses(&package, &[], &[&name]);
        accept_edit(&project, &name);
        project
            .syncs(&package, &[])
            .out_has(&["Up to date"])
            .err_has(&[&name, "stays as it is"]);
        assert_eq!(project.text(&name), text);
        let changed =
            Wrapping::Call.release("91.1.1", &[(FIRST, FIRST_SQL), (SECOND, "SELECT 2;\n")]);
        project.sync_refuses(&changed, &[], &[&name]);
    }
}
