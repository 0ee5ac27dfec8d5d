//! `history = "linear"`: new revisions follow the project's single head.

use crate::support::project::pairs;
use crate::support::releases::{
    FIRST_ID, FIRST_PY, LATER_ID, LATER_PY, SECOND_ID, SECOND_PY, THIRD_ID, THIRD_PY, WRAPPINGS,
    four, three, three_migrations,
};
use crate::support::{Project, put};

fn linear() -> Project {
    let project = Project::new();
    put(
        &project.root.join("vendor-migrations.toml"),
        "history = \"linear\"\n",
    );
    project
}

/// A revision of the project's own.
fn own(project: &Project, id: &str, down: &str) {
    let down = match down {
        "" => "None".to_owned(),
        one => format!("{one:?}"),
    };
    raw(
        project,
        id,
        &format!("revision = {id:?}\ndown_revision = {down}\n"),
    );
}

fn merge(project: &Project, id: &str, down: [&str; 2]) {
    let [one, other] = down;
    raw(
        project,
        id,
        &format!("revision = {id:?}\ndown_revision = ({one:?}, {other:?})\n"),
    );
}

fn raw(project: &Project, name: &str, text: &str) {
    put(
        &project.root.join(format!("alembic/versions/{name}.py")),
        text,
    );
}

#[test]
fn the_first_run_follows_the_projects_head() {
    let project = linear();
    own(&project, "b", "a");
    own(&project, "a", "");
    project
        .syncs(&three(), &[])
        .out_has(&["alembic upgrade head\n"])
        .err_has(&["alembic revision --version-path alembic/versions"]);
    assert_eq!(
        project.chain(),
        pairs(&[
            (FIRST_ID, "b"),
            (SECOND_ID, FIRST_ID),
            (THIRD_ID, SECOND_ID)
        ])
    );
    assert!(
        project
            .text(FIRST_PY)
            .contains("down_revision = \"b\"\nbranch_labels = None\n")
    );
    project.check(&three(), &["--strict"]).exits(0);
    let before = project.tree();
    project.syncs(&three(), &[]).out_has(&["Up to date"]);
    before.assert_untouched(&project.tree());
}

#[test]
fn a_later_run_follows_what_the_project_added_meanwhile() {
    let project = linear();
    own(&project, "a", "");
    project.syncs(&three(), &[]);
    own(&project, "b", THIRD_ID);
    own(&project, "c", "b");
    let before = project.text(THIRD_PY);
    project.syncs(&four(), &[]);
    let last = project.chain().pop().unwrap();
    assert_eq!(last, (LATER_ID.to_owned(), "c".to_owned()));
    assert_eq!(project.text(THIRD_PY), before);
    project.check(&four(), &["--strict"]).exits(0);
    // The setting decides about new revisions only.
    std::fs::remove_file(project.root.join("vendor-migrations.toml")).unwrap();
    project.check(&four(), &["--strict"]).exits(0);
}

#[test]
fn a_project_without_revisions_begins_with_procrastinates() {
    let project = linear();
    project.syncs(&three(), &[]);
    assert_eq!(project.chain()[0], (FIRST_ID.to_owned(), String::new()));
}

#[test]
fn several_heads_are_refused_and_listed() {
    let project = linear();
    for id in ["a", "b"] {
        own(&project, id, "");
    }
    let facts = [
        "New revisions have to follow the project's head",
        "alembic/versions/a.py",
        "alembic/versions/b.py",
        "alembic merge",
    ];
    project.sync_refuses(&three(), &[], &facts);
    project.sync_refuses(&three(), &["--force"], &facts);
    merge(&project, "m", ["a", "b"]);
    project.syncs(&three(), &[]);
    assert_eq!(project.chain()[0].1, "m");
    // A revision beside the chain that is there already, although nothing is missing from it.
    own(&project, "c", "m");
    project.sync(&three(), &[]).exits(1).err_has(&["2 heads"]);
    project.sync_refuses(&four(), &[], &["alembic/versions/c.py", THIRD_PY]);
}

#[test]
fn copies_follow_the_projects_head_too() {
    for wrapping in WRAPPINGS {
        let project = linear();
        own(&project, "a", "");
        project.syncs(&wrapping.three(), &[]);
        assert_eq!(
            project.chain(),
            pairs(&[("0001", "a"), ("0002", "0001"), ("0003", "0002")])
        );
        let outcome = project.check(&wrapping.three(), &["--strict"]);
        outcome.exits(0);
        own(&project, "b", "0003");
        let mut migrations = three_migrations().to_vec();
        migrations.push(("01.02.00_01_pre_add_owner.sql", "SELECT 1;\n"));
        project.syncs(&wrapping.release("91.2.0", &migrations), &[]);
        assert_eq!(project.chain()[3], ("0004".to_owned(), "b".to_owned()));
    }
}

#[test]
fn what_cannot_be_read_is_not_passed_over() {
    let project = linear();
    raw(&project, "odd", "revision = name()\n");
    let site = project.install(&three());
    project.sync_fails(&site, &["alembic/versions/odd.py", "line 1", "linear"]);
}

/// Two branches: `main` has `b` and synced nothing; the other synced release 91.2.0 onto `a`. The merge brings its files, and
/// keeps `main`'s lock.
fn merged() -> (Project, Vec<u8>) {
    let project = linear();
    own(&project, "a", "");
    project.syncs(&three(), &[]);
    let lock = project.read("vendor-migrations.lock");
    own(&project, "theirs", THIRD_ID);
    project.syncs(&four(), &[]);
    let left = project.read(LATER_PY);
    std::fs::remove_file(project.root.join("alembic/versions/theirs.py")).unwrap();
    project.write("vendor-migrations.lock", lock);
    (project, left)
}

#[test]
fn one_sync_repairs_what_is_new_relative_to_the_lock() {
    let (project, _) = merged();
    own(&project, "ours", THIRD_ID);
    let before = project.vendored_tree();
    project.check(&four(), &[]).exits(1).out_has(&[
        "foreign-file",
        LATER_PY,
        "another branch",
        "run `vendor-migrations sync`",
    ]);
    project.syncs(&four(), &[]).out_has(&[
        "Moved",
        LATER_ID,
        "after theirs",
        "-down_revision = \"theirs\"",
        "+down_revision = \"ours\"",
    ]);
    assert_eq!(project.chain()[3], (LATER_ID.to_owned(), "ours".to_owned()));
    for name in [FIRST_PY, SECOND_PY, THIRD_PY] {
        assert_eq!(before.entry(name), project.vendored_tree().entry(name));
    }
    project.check(&four(), &["--strict"]).exits(0);
}

#[test]
fn what_a_revision_of_the_project_builds_upon_stays_where_it_is() {
    let (project, left) = merged();
    own(&project, "theirs", THIRD_ID);
    own(&project, "ours", THIRD_ID);
    merge(&project, "m", ["ours", LATER_ID]);
    project.syncs(&four(), &[]);
    assert_eq!(
        project.chain()[3],
        (LATER_ID.to_owned(), "theirs".to_owned())
    );
    assert_eq!(project.read(LATER_PY), left);
    project.check(&four(), &["--strict"]).exits(0);
}

#[test]
fn what_was_edited_is_not_repaired_over() {
    let (project, _) = merged();
    own(&project, "ours", THIRD_ID);
    project.edit(LATER_PY);
    project.sync_refuses(&four(), &[], &[LATER_PY, "# mine"]);
}

#[test]
fn what_was_vendored_before_is_never_moved() {
    let project = linear();
    own(&project, "a", "");
    project.syncs(&three(), &[]);
    // The other branch's revision, on the same parent as the chain that is locked.
    own(&project, "b", "a");
    let before = project.tree();
    project
        .sync(&three(), &[])
        .exits(1)
        .err_has(&["2 heads", "alembic/versions/b.py", THIRD_PY]);
    before.assert_untouched(&project.tree());
    project.sync_refuses(&four(), &[], &["alembic/versions/b.py", THIRD_PY]);
}
