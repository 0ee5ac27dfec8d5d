//! `adopt`: the edit that is shown and made, and all that is refused. Real schemas, databases and upgrades are in `tests/e2e/adopt`.

use crate::support::Project;
use crate::support::outcome::Outcome;

const JOBS: &str = "op.execute('CREATE TABLE procrastinate_jobs ()')";
const R: &str = "procrastinate_03_03_00_01";

/// A project that has vendored 3.10.0 beside `a1`, `a2` and `a3`; `a2` makes the tables.
fn project() -> Project {
    let project = Project::of_release("3.10.0");
    own(&project, "a1", "None", "pass");
    own(&project, "a2", "'a1'", JOBS);
    own(&project, "a3", "'a2'", "pass");
    project
}

fn own(project: &Project, id: &str, down: &str, upgrade: &str) {
    let body = upgrade.replace('\n', "\n    ");
    project.put(
        &format!("alembic/versions/{id}.py"),
        format!("from alembic import op\nrevision = '{id}'\ndown_revision = {down}\n\n\ndef upgrade():\n    {body}\n"),
    );
}

fn adopt(project: &Project, args: &[&str]) -> Outcome {
    project.run(&[&["adopt"], args].concat())
}

#[test]
fn the_edit_is_shown_and_then_made() {
    let project = project();
    let before = project.tree();
    let args = ["--revision", "a2=3.3.0", "--unproven"];
    adopt(&project, &args)
        .exits(0)
        .out_has(&[
            "--- a/alembic/versions/a2.py",
            "-    op.execute('CREATE TABLE procrastinate_jobs ()')\n+    pass\n",
            &format!("+depends_on = '{R}'\n"),
            "+depends_on = \"a1\"\n",
            "+depends_on = \"a3\"\n",
            "36 vendored revisions up to 3.3.0",
            "`--write` makes the edit",
            "DELETE FROM alembic_version WHERE version_num IN ('procrastinate_00_00_00_01', ",
        ])
        .err_has(&["is not proven"]);
    before.assert_untouched(&project.tree());
    adopt(&project, &[&args[..], &["--write", "--force"]].concat())
        .exits(0)
        .out_has(&["Wrote alembic/versions/a2.py, alembic/versions_procrastinate/"]);
    let text = |path: &str| std::fs::read_to_string(project.root.join(path)).unwrap();
    assert_eq!(
        text("alembic/versions/a2.py"),
        format!(
            "from alembic import op\nrevision = 'a2'\ndown_revision = 'a1'\ndepends_on = '{R}'\n\n\ndef upgrade():\n    pass\n"
        )
    );
    let lock = project.text("vendor-migrations.lock");
    assert!(
        lock.contains(&format!(
            "[[adopted]]\nrevision = \"a2\"\nrelease = \"3.3.0\"\nis = \"{R}\"\n"
        )),
        "{lock}"
    );
    // A lock of an adoption is of the format's second version.
    assert!(lock.contains("\nversion = 2\n"));
    project.run(&["check"]).exits(0);
    adopt(&project, &args)
        .exits(1)
        .err_has(&["has adopted `a2` already"]);
}

#[test]
fn several_revisions_have_edges_of_their_own() {
    let project = project();
    own(
        &project,
        "a4",
        "'a3'",
        "op.add_column('procrastinate_jobs', None)",
    );
    own(&project, "a5", "'a4'", "pass");
    adopt(&project, &["--release", "3.3.0", "--unproven"])
        .exits(1)
        .err_has(&["several revisions", "`a2`", "`a4`"]);
    let same = [
        "--revision",
        "a4=3.3.0",
        "--revision",
        "a2=3.3.0",
        "--unproven",
    ];
    adopt(&project, &same)
        .exits(1)
        .err_has(&["`a4` comes after `a2`"]);
    let args = [
        "--revision",
        "a4=3.3.0",
        "--revision",
        "a2=3.0.0",
        "--unproven",
        "--write",
        "--force",
    ];
    adopt(&project, &args).exits(0);
    let lock = project.text("vendor-migrations.lock");
    let edges: Vec<&str> = lock
        .lines()
        .filter(|line| line.starts_with("depends_on") || line.starts_with("is ="))
        .collect();
    assert_eq!(
        edges,
        [
            "is = \"procrastinate_03_00_00_50\"",
            "is = \"procrastinate_03_03_00_01\"",
            "depends_on = [\"a1\"]",
            "depends_on = [\"a3\"]",
            "depends_on = [\"a5\"]",
        ]
    );
    project.run(&["check"]).exits(0);
}

#[test]
fn without_a_proof_nothing_is_written() {
    let project = project();
    let before = project.tree();
    adopt(&project, &["--release", "3.3.0", "--write"])
        .exits(1)
        .err_has(&["is not proven", "--database URL", "--unproven"]);
    adopt(&project, &["--write"])
        .exits(1)
        .err_has(&["is not proven"]);
    before.assert_untouched(&project.tree());
    own(
        &project,
        "a2",
        "'a1'",
        "op.get_bind().execute(app.schema_manager.get_schema())",
    );
    let before = project.tree();
    adopt(&project, &["--release", "3.3.0", "--write"])
        .exits(1)
        .err_has(&["line 7 reads the installed package"]);
    before.assert_untouched(&project.tree());
}

#[test]
fn a_revision_that_cannot_be_adopted_is_named_with_the_reason() {
    let project = project();
    let refused = |args: &[&str], status, words: &[&str]| {
        let before = project.tree();
        adopt(
            &project,
            &[args, &["--write", "--force", "--unproven"]].concat(),
        )
        .exits(status)
        .err_has(words);
        before.assert_untouched(&project.tree());
    };
    refused(
        &["--revision", "a22=3.3.0"],
        2,
        &["has the id `a22`", "did you mean `a2`?"],
    );
    refused(
        &["--revision", &format!("{R}=3.3.0")],
        2,
        &["is a vendored revision"],
    );
    refused(
        &["--revision", "a2=3.99.0"],
        2,
        &["is not in the catalogue"],
    );
    refused(
        &["--revision", "a2=0.16.0"],
        2,
        &["is not in the catalogue"],
    );
    refused(&["--revision", "a2=x"], 2, &["is not a release"]);
    refused(&["--revision", "=3.3.0"], 2, &["names no revision"]);
    refused(
        &["--revision", "a2=3.3.0", "--revision", "a2=3.0.2"],
        2,
        &["given twice"],
    );
    // No revision of the chain stands for this release.
    refused(&["--revision", "a2=0.22.0"], 1, &["0.23.0"]);
    own(&project, "b1", "'a1'", JOBS);
    refused(
        &["--revision", "a2=3.0.0", "--revision", "b1=3.3.0"],
        1,
        &["comes before the other"],
    );
    own(&project, "m1", "('a3', 'b1')", JOBS);
    refused(&["--revision", "m1=3.3.0"], 1, &["`m1` is a merge"]);
    own(&project, "v1", &format!("'{R}'"), JOBS);
    refused(
        &["--revision", "v1=3.3.0"],
        1,
        &["`v1` builds on vendored revisions"],
    );
    own(
        &project,
        "a2",
        "'a1'",
        &format!("op.create_table('mine'); {JOBS}"),
    );
    refused(
        &["--revision", "a2=3.3.0"],
        1,
        &["alembic/versions/a2.py:7 shares a line"],
    );
    own(
        &project,
        "a2",
        "'a1'",
        "op.execute('CREATE TABLE jobs.procrastinate_jobs ()')",
    );
    refused(
        &["--revision", "a2=3.3.0"],
        1,
        &["`jobs`", "init --schema jobs"],
    );
    own(&project, "a2", "'a1'", "x = (");
    refused(&["--revision", "a2=3.3.0"], 2, &["alembic/versions/a2.py"]);
}

/// Alembic cannot sort what depends on several revisions, each of which depends on more.
#[test]
fn what_alembic_cannot_sort_is_refused() {
    let args = ["--revision", "a2=3.3.0", "--unproven", "--write", "--force"];
    let project = project();
    own(&project, "b2", "'a1'", "pass");
    adopt(&project, &args)
        .exits(1)
        .err_has(&["several heads", "a3, b2"]);
    own(&project, "m1", "('a3', 'b2')", "pass");
    let text = format!(
        "revision = 'a2'\ndown_revision = 'a1'\ndepends_on = 'b2'\n\n\ndef upgrade():\n    {JOBS}\n"
    );
    project.put("alembic/versions/a2.py", text);
    adopt(&project, &args)
        .exits(1)
        .err_has(&["`a2` has its own `depends_on`"]);
    let text = format!(
        "revision = 'a2'\ndown_revision = 'a1'\nbranch_labels = depends_on = None\n\n\ndef upgrade():\n    {JOBS}\n"
    );
    project.put("alembic/versions/a2.py", text);
    adopt(&project, &args)
        .exits(1)
        .err_has(&["alembic/versions/a2.py"]);
    let text = format!("revision = 'a2'\ndown_revision = 'a1'\nupgrade = lambda: {JOBS}\n");
    project.put("alembic/versions/a2.py", text);
    adopt(&project, &args)
        .exits(1)
        .err_has(&["no plain `def upgrade()`"]);
}

#[test]
fn an_edit_that_git_could_not_take_back_needs_force() {
    let project = project();
    let args = ["--revision", "a2=3.3.0", "--unproven", "--write"];
    let before = project.tree();
    adopt(&project, &args).exits(1).err_has(&[
        "alembic/versions/a2.py",
        "could not be undone",
        "--force",
    ]);
    before.assert_untouched(&project.tree());
}

#[test]
fn a_revision_that_was_emptied_by_hand_gets_its_edge() {
    let project = project();
    own(&project, "a2", "'a1'", "pass");
    adopt(&project, &["--release", "3.3.0", "--unproven"])
        .exits(1)
        .err_has(&["no revision of this project's own"]);
    adopt(
        &project,
        &["--revision", "a2=3.3.0", "--unproven", "--write", "--force"],
    )
    .exits(0);
    project.run(&["check"]).exits(0);
}

#[test]
fn a_linear_history_that_is_vendored_stays() {
    let project = project();
    project.put("vendor-migrations.toml", "history = \"linear\"\n");
    let before = project.tree();
    adopt(
        &project,
        &["--revision", "a2=3.3.0", "--unproven", "--write", "--force"],
    )
    .exits(1)
    .err_has(&["the history is linear", "alembic/versions/a2.py:7"]);
    before.assert_untouched(&project.tree());
    adopt(
        &project,
        &["--revision", "a2=3.3.0", "--unproven", "--keep"],
    )
    .exits(1)
    .err_has(&["everything is vendored already"]);
}

#[test]
fn an_edge_that_is_gone_is_an_error() {
    let project = project();
    adopt(
        &project,
        &["--revision", "a2=3.3.0", "--unproven", "--write", "--force"],
    )
    .exits(0);
    own(&project, "a2", "'a1'", "pass");
    project.run(&["check"]).exits(1).out_has(&[
        "error[adoption-broken] alembic/versions/a2.py",
        &format!("write `depends_on = \"{R}\"` again"),
    ]);
    own(&project, "a2", "'a1'", JOBS);
    project.run(&["check"]).exits(1).out_has(&[
        "error[own-schema] alembic/versions/a2.py:7",
        "error[adoption-broken]",
    ]);
    std::fs::remove_file(project.root.join("alembic/versions/a2.py")).unwrap();
    own(&project, "a3", "'a1'", "pass");
    project.run(&["check"]).exits(1).out_has(&[
        "error[adoption-broken] alembic/versions_procrastinate/vendor-migrations.lock",
        "no revision has that id",
    ]);
}

#[test]
fn what_makes_the_schema_is_an_error_with_its_line() {
    let project = Project::of_release("3.10.0");
    own(
        &project,
        "a1",
        "None",
        "# CREATE TABLE procrastinate_jobs\nop.create_table('mine')",
    );
    own(
        &project,
        "a2",
        "'a1'",
        "op.execute('GRANT SELECT ON procrastinate_jobs TO x')",
    );
    project.run(&["check", "--strict"]).exits(0);
    own(&project, "a3", "'a2'", &format!("pass\n{JOBS}"));
    project.run(&["check"]).exits(1).out_has(&[
        "error[own-schema] alembic/versions/a3.py:8",
        "makes `procrastinate_jobs`",
    ]);
    own(
        &project,
        "a3",
        "'a2'",
        "op.execute(f'DROP TABLE procrastinate_{x}')",
    );
    project.run(&["check"]).exits(0).err_has(&[
        "alembic/versions/a3.py:7: only running it can show whether it makes, changes or drops",
    ]);
}
