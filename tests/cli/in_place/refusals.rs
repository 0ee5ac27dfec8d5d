//! What `--in-place` does not go with.

use super::LOCK;
use crate::support::releases::{Wrapping, three};
use crate::support::{Project, put};

#[test]
fn a_release_without_revision_files_is_refused() {
    let project = Project::installed(&three());
    project.init_fails(
        &[],
        &[
            "Procrastinate 91.1.0",
            "ships no Alembic revisions",
            "vendor-migrations init",
        ],
    );
}

#[cfg(unix)]
#[test]
fn what_alembic_does_not_import_is_refused() {
    let package = Wrapping::Call.three();
    let project = Project::installed(&package);
    project.init_fails(&["--release", "3.10.0"], &["3.10.0", "is not installed"]);
    let other = project.install(&package);
    project.init_fails(
        &["--from", other.as_str()],
        &["Alembic would take", ".venv/lib/python3.12"],
    );
    project.run(&["init", "--in-place"]).exits(0);
    let before = project.tree();
    project
        .run(&["sync", "--from", other.as_str()])
        .fails(&["Alembic would take"]);
    project
        .run(&["sync", "--release", "3.10.0"])
        .fails(&["is not installed"]);
    project
        .run(&["check", "--from", other.as_str()])
        .exits(1)
        .out_has(&["[not-wired]", "it looks into", ".venv/lib"]);
    before.assert_untouched(&project.tree());
}

#[test]
fn a_linear_history_is_refused_with_the_reason() {
    let project = Project::installed(&Wrapping::Call.three());
    let facts = ["cannot be linear", "not copied cannot be chained"];
    project.init_fails(&["--history", "linear"], &facts);
    put(
        &project.root.join("vendor-migrations.toml"),
        "history = \"linear\"\n",
    );
    project.init_fails(&[], &facts);
    project
        .run(&["init", "--in-place", "--history", "branch"])
        .exits(0);
}

#[test]
fn vendored_revisions_and_the_package_do_not_run_side_by_side() {
    let package = Wrapping::Call.three();
    let project = Project::installed(&package);
    project.run(&["sync"]).exits(0);
    project.init_fails(
        &[],
        &["alembic/versions_procrastinate", "holds vendored revisions"],
    );
    std::fs::remove_file(project.lock_path()).unwrap();
    project.init_fails(&[], &["holds vendored revisions"]);

    let project = Project::in_place(&package);
    let before = project.tree();
    project
        .run(&["init"])
        .fails(&["mode `in-place`", "docs/shipped-revisions.md"]);
    project
        .run(&["sync", "--mode", "render"])
        .fails(&["`--mode` works on vendored files"]);
    project
        .run(&["sync", "--rerender"])
        .fails(&["`--rerender`"]);
    project
        .run(&["diff", "--mode", "copy"])
        .fails(&["`--mode`"]);
    before.assert_untouched(&project.tree());
    put(
        &project.root.join("vendor-migrations.toml"),
        "mode = \"render\"\n",
    );
    project.run(&["check"]).exits(1).out_has(&["[mode]"]);
    project.run(&["sync"]).fails(&["the setting `mode`"]);
}

#[test]
fn a_schema_is_refused() {
    let package = Wrapping::Call.three();
    let set = |project: &Project| {
        put(
            &project.root.join("vendor-migrations.toml"),
            "schema = \"jobs\"\n",
        );
    };
    let project = Project::installed(&package);
    project
        .run(&["init", "--in-place", "--schema", "jobs"])
        .exits(2)
        .err_has(&["--schema", "--in-place"]);
    set(&project);
    project.init_fails(&[], &["the setting `schema` works on vendored files"]);
    let project = Project::in_place(&package);
    set(&project);
    let before = project.tree();
    project.run(&["sync"]).fails(&["the setting `schema`"]);
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["error[schema-differs]", "docs/shipped-revisions.md"]);
    before.assert_untouched(&project.tree());
}

#[test]
fn two_locks_and_misplaced_ones_are_named() {
    let package = Wrapping::Call.three();
    let copies = Project::installed(&package);
    copies.run(&["sync"]).exits(0);
    let copied = copies.lock();
    let project = Project::in_place(&package);
    let lock = project.root_file(LOCK);
    project.write(LOCK, &copied);
    for command in ["check", "sync", "status", "diff"] {
        project.run(&[command]).fails(&[
            "two locks",
            "alembic/versions_procrastinate/vendor-migrations.lock",
        ]);
    }
    std::fs::remove_dir_all(project.vendored()).unwrap();
    put(&project.root.join(LOCK), &copied);
    project
        .run(&["check"])
        .fails(&["mode `copy`", "does not belong there"]);
    copies.write(LOCK, &lock);
    copies
        .run(&["check"])
        .fails(&["mode `in-place`", "does not belong there"]);
}

#[test]
fn a_damaged_lock_is_no_reason_to_start_afresh() {
    let project = Project::in_place(&Wrapping::Call.three());
    let lock = project.root_file(LOCK);
    for text in [
        "",
        "<<<<<<< HEAD\n",
        &lock.replace("91.1.0", "91.1.1"),
        &lock.replace("down = \"0001\"", "down = \"x\""),
    ] {
        put(&project.root.join(LOCK), text);
        for command in ["check", "sync", "init"] {
            project
                .run(&[command])
                .fails(&["vendor-migrations.lock` in the project's root"]);
        }
        project
            .run(&["init", "--in-place"])
            .fails(&["git checkout"]);
        assert_eq!(project.root_file(LOCK), text);
    }
    put(&project.root.join(LOCK), lock.replace('\n', "\r\n"));
    project.run(&["check", "--strict"]).exits(0);
    put(
        &project.root.join(LOCK),
        lock.replace("[upstream]", "# hi\n[upstream]"),
    );
    project.run(&["check"]).exits(0).out_has(&["[lock-format]"]);
    project.run(&["sync"]).exits(0);
    assert_eq!(project.root_file(LOCK), lock);
}

#[test]
fn in_place_is_no_mode_of_sync_and_no_setting() {
    let project = Project::installed(&Wrapping::Call.three());
    project
        .run(&["sync", "--mode", "in-place"])
        .exits(2)
        .err_has(&["[possible values: copy, render]"]);
    put(
        &project.root.join("vendor-migrations.toml"),
        "mode = \"in-place\"\n",
    );
    project.run(&["check"]).fails(&["init --in-place"]);
}

#[test]
fn a_source_without_in_place_is_a_mistake() {
    let project = Project::installed(&Wrapping::Call.three());
    project
        .run(&["init", "--from", "x.whl"])
        .fails(&["reads a release only"]);
}
