//! From copied to rendered revisions and back: the chain stays.

use crate::support::Project;
use crate::support::project::pairs;
use crate::support::releases::{
    FIRST, FIRST_SQL, LATER, LATER_SQL, SECOND, SECOND_SQL, THIRD, WRAPPINGS, Wrapping, three,
    three_as, three_migrations,
};

#[test]
fn rendering_keeps_upstreams_ids() {
    for wrapping in WRAPPINGS {
        let project = Project::new();
        project.syncs(&wrapping.three(), &["--mode", "render"]);
        assert_eq!(
            project.chain(),
            pairs(&[("0001", ""), ("0002", "0001"), ("0003", "0002")])
        );
        assert!(project.lock().contains("mode = \"render\""));
        for path in project.vendored_tree().paths() {
            assert!(!project.text(&path).contains("get_migration_sql"), "{path}");
            assert!(!path.starts_with("sql"), "{path}");
        }
        project.check(&wrapping.three(), &["--strict"]).exits(0);
        project
            .syncs(&wrapping.three(), &[])
            .out_has(&["Up to date"]);
    }
}

#[test]
fn a_change_of_mode_keeps_the_chain_and_comes_back_to_the_same_bytes() {
    for wrapping in WRAPPINGS {
        let package = wrapping.three();
        let project = Project::with(&package);
        let (copied, ids) = (project.vendored_tree(), project.chain());
        project
            .syncs(&package, &["--mode", "render"])
            .out_has(&["Rewritten"]);
        assert_eq!(project.chain(), ids);
        assert!(
            !project
                .vendored_tree()
                .paths()
                .iter()
                .any(|path| path.starts_with("sql/"))
        );
        project.check(&package, &["--strict"]).exits(0);
        project.syncs(&package, &["--mode", "copy"]);
        copied.assert_same_contents(&project.vendored_tree());
    }
}

#[test]
fn a_project_vendored_from_sql_goes_on_when_upstream_ships_revision_files() {
    for wrapping in WRAPPINGS {
        let project = Project::with(&three());
        let (before, ids) = (project.vendored_tree(), project.chain());
        let migrations = [&three_migrations()[..], &[(LATER, LATER_SQL)]].concat();
        let package = wrapping.release("91.2.0", &migrations);
        project.syncs(&package, &[]).out_has(&["Added", LATER]);
        assert_eq!(project.chain()[..3], ids);
        let after = project.vendored_tree();
        for path in before.paths().iter().filter(|path| path.ends_with(".py")) {
            assert_eq!(before.entry(path), after.entry(path), "{path}");
        }
        project.syncs(&package, &["--mode", "copy"]);
        assert_eq!(project.chain()[..3], ids);
        project.check(&package, &["--strict"]).exits(0);
    }
}

#[test]
fn a_copied_project_is_refused_where_there_is_nothing_to_copy() {
    let project = Project::with(&Wrapping::Call.three());
    let before = project.tree();
    project
        .sync(&three_as("91.2.0"), &[])
        .fails(&["91.2.0", "--mode render"]);
    before.assert_untouched(&project.tree());
    project.syncs(&three_as("91.2.0"), &["--mode", "render"]);
    assert_eq!(project.chain()[2].0, "0003");
    let fresh = Project::new();
    fresh
        .sync(&three(), &["--mode", "copy"])
        .fails(&["--mode render"]);
    assert!(!fresh.vendored().exists());
}

#[test]
fn a_migration_that_upstream_drops_keeps_its_wrapper_and_its_sql() {
    let project = Project::with(&Wrapping::Call.three());
    let before = project.vendored_tree();
    let package = Wrapping::Call.release("91.2.0", &[(FIRST, FIRST_SQL), (SECOND, SECOND_SQL)]);
    project.syncs(&package, &[]).out_has(&["Removed", THIRD]);
    let after = project.vendored_tree();
    for path in [
        Wrapping::Call.file_name("0003", THIRD),
        Wrapping::Call.kept_name("0003", THIRD),
    ] {
        assert_eq!(before.entry(&path), after.entry(&path), "{path}");
    }
    project.syncs(&package, &["--mode", "render"]);
    assert!(
        project
            .text(&Wrapping::Call.file_name("0003", THIRD))
            .contains("DROP COLUMN mark")
    );
    assert_eq!(project.chain()[2], pairs(&[("0003", "0002")])[0]);
}
