//! `sync` from release to release: trees before and after.

use crate::support::Project;
use crate::support::releases::{
    FIRST, FIRST_ID, FIRST_PY, LATER, LATER_ID, LATER_PY, SECOND, SECOND_ID, SECOND_PY, THIRD,
    THIRD_ID, THIRD_PY, four, three,
};

const LOCK: &str = "vendor-migrations.lock";

#[test]
fn a_first_sync_writes_the_revisions_the_lock_and_the_attributes() {
    let project = Project::new();
    let before = project.tree();
    project.syncs(&three(), &[]).out_has(&[
        "Added",
        FIRST,
        SECOND,
        THIRD,
        "3 added",
        "upgrade heads",
    ]);
    assert_eq!(
        project.vendored_tree().paths(),
        [".gitattributes", FIRST_PY, SECOND_PY, THIRD_PY, LOCK]
    );
    let after = project.tree();
    for path in before.paths() {
        assert_eq!(before.entry(&path), after.entry(&path));
    }
    assert_eq!(project.text(".gitattributes"), "* -text\n");
    assert_eq!(project.ids(), [FIRST_ID, SECOND_ID, THIRD_ID]);
    let downs: Vec<_> = project.chain().into_iter().map(|(_, down)| down).collect();
    assert_eq!(downs, ["", FIRST_ID, SECOND_ID]);
    assert!(
        project
            .text(FIRST_PY)
            .contains("branch_labels = (\"procrastinate\",)")
    );
}

#[test]
fn the_same_input_gives_the_same_bytes_wherever_it_lies() {
    let (one, other) = (Project::with(&three()), Project::with(&three()));
    one.vendored_tree()
        .assert_same_contents(&other.vendored_tree());
    for name in one.vendored_tree().paths() {
        assert!(!one.text(&name).contains(one.root.as_str()), "{name}");
    }
    for name in [FIRST_PY, SECOND_PY, THIRD_PY] {
        assert!(
            !one.text(name).contains("91.1.0"),
            "{name} names the release"
        );
    }
}

#[test]
fn a_second_sync_touches_nothing_at_all() {
    let project = Project::with(&three());
    let before = project.tree();
    for options in [
        &[][..],
        &["--force"],
        &["--dry-run"],
        &["--rerender"],
        &["--mode", "render"],
    ] {
        project.syncs(&three(), options).out_has(&["Up to date"]);
        before.assert_untouched(&project.tree());
    }
}

#[test]
fn an_upgrade_writes_what_is_new_and_nothing_else() {
    let project = Project::with(&three());
    let before = project.vendored_tree();
    project
        .syncs(&four(), &[])
        .out_has(&["Added", LATER, LATER_ID, "1 added"]);
    before.assert_only_changed(&project.vendored_tree(), &[LATER_PY, LOCK]);
    assert_eq!(project.ids(), [FIRST_ID, SECOND_ID, THIRD_ID, LATER_ID]);
}

#[test]
fn a_dry_run_reports_the_same_and_writes_nothing() {
    let changed = four().sql(SECOND, "SELECT 'new';\n");
    for project in [Project::new(), Project::with(&three())] {
        let site = project.install(&changed);
        let before = project.tree();
        let dry = project.run(&["sync", "--from", site.as_str(), "--dry-run"]);
        before.assert_untouched(&project.tree());
        let wet = project.run(&["sync", "--from", site.as_str()]);
        dry.exits(0);
        wet.exits(0);
        assert_eq!(dry.out.replace("Would write", "Wrote"), wet.out);
        assert_eq!(dry.err, wet.err);
    }
}

/// The code of the later release may need what runs after the deploy of the one before it, so no single deploy fits.
#[test]
fn migrations_around_several_deploys_are_no_pair() {
    let post = "01.02.00_50_post_drop_note.sql";
    for (later, last) in [
        ("01.03.00_01_pre_add_note.sql", "procrastinate_01_03_00_01"),
        (
            "01.03.00_50_post_drop_more.sql",
            "procrastinate_01_03_00_50",
        ),
        ("01.03.00_01_says_neither.sql", "procrastinate_01_03_00_01"),
    ] {
        let project = Project::with(&three());
        let new = four().sql(post, "SELECT 1;\n").sql(later, "SELECT 2;\n");
        let outcome = project.syncs(&new, &[]);
        let upgrade = format!("    alembic upgrade {last}\n");
        outcome.out_has(&[
            later,
            "everything that uses Procrastinate",
            "everything that defers jobs",
            &upgrade,
        ]);
        assert_eq!(
            outcome.out.matches("alembic upgrade").count(),
            1,
            "{outcome}"
        );
        for text in ["Before you deploy", "After it is deployed", "rollout"] {
            assert!(!outcome.out.contains(text), "{outcome}");
        }
    }
}

#[test]
fn steps_before_and_after_the_deploy_are_told_apart() {
    let project = Project::with(&three());
    let post = "01.02.00_50_post_drop_note.sql";
    let outcome = project.syncs(&four().sql(post, "SELECT 1;\n"), &[]);
    let before = outcome.out.find("Before you deploy").unwrap();
    let after = outcome.out.find("After it is deployed").unwrap();
    let pre_step = outcome.out.find(&format!("upgrade {LATER_ID}")).unwrap();
    let post_step = outcome
        .out
        .find("upgrade procrastinate_01_02_00_50")
        .unwrap();
    assert!(
        before < pre_step && pre_step < after && after < post_step,
        "{outcome}"
    );
}
