//! Revisions of the project's own that make Procrastinate's tables, where nothing has taken their place: each command leads to `adopt`.

use crate::support::releases::three;
use crate::support::{Project, put};

const TABLES: &str = "op.execute('CREATE TABLE procrastinate_jobs ()')";
/// A change of one's own, or a migration.
const COLUMN: &str = "op.add_column('procrastinate_jobs', None)";

/// The adoption of `a2`, as it is made.
const ADOPT: [&str; 6] = [
    "adopt",
    "--revision",
    "a2=3.3.0",
    "--unproven",
    "--write",
    "--force",
];

/// A project with the revisions `a1` and `a2`; `a2` does this.
fn project(upgrade: &str) -> Project {
    let project = Project::new();
    own(&project, "a1", "None", "pass");
    own(&project, "a2", "'a1'", upgrade);
    project
}

fn own(project: &Project, id: &str, down: &str, upgrade: &str) {
    let text = format!(
        "from alembic import op\nrevision = '{id}'\ndown_revision = {down}\n\n\ndef upgrade():\n    {upgrade}\n"
    );
    put(
        &project.root.join(format!("alembic/versions/{id}.py")),
        text,
    );
}

fn accept(project: &Project, settings: &str) {
    let accept = "[[accept]]\ncode = \"own-schema\"\npath = \"alembic/versions/a2.py\"\nreason = \"only on a test's database\"\n";
    put(
        &project.root.join("vendor-migrations.toml"),
        format!("{settings}{accept}"),
    );
}

#[test]
fn a_first_sync_leads_to_adopt_and_to_no_upgrade() {
    let project = project(TABLES);
    let outcome = project.sync(&three(), &[]);
    outcome
        .exits(0)
        .out_has(&["Run `vendor-migrations adopt` before any upgrade or stamp"])
        .out_lacks(&["alembic upgrade", "stamp it first"])
        .err_has(&["alembic/versions/a2.py:", "adopt --revision a2=RELEASE"]);
    for format in ["json", "markdown"] {
        let other = crate::own_tables::project(TABLES);
        let outcome = other.sync(&three(), &["--format", format]);
        outcome.exits(0).out_has(&["vendor-migrations check"]);
        outcome.out_lacks(&["alembic upgrade"]);
    }
    let accepted = crate::own_tables::project(TABLES);
    accept(&accepted, "");
    let outcome = accepted.sync(&three(), &[]);
    outcome.exits(0).out_has(&["alembic upgrade heads"]);
}

/// Behind a linear history, what is vendored could never come before the revision.
#[test]
fn a_linear_history_is_refused_and_nothing_is_written() {
    let project = project(TABLES);
    put(
        &project.root.join("vendor-migrations.toml"),
        "history = \"linear\"\n",
    );
    let before = project.tree();
    for options in [&[][..], &["--force"], &["--dry-run"]] {
        let outcome = project.sync(&three(), options);
        outcome
            .exits(1)
            .err_has(&["refused: ", "(`a2`)", "could never take their place"]);
        before.assert_untouched(&project.tree());
    }
    accept(&project, "history = \"linear\"\n");
    project.sync(&three(), &[]).exits(0);
    // What is vendored stays, and grows.
    put(
        &project.root.join("vendor-migrations.toml"),
        "history = \"linear\"\n",
    );
    project.sync(&three(), &[]).exits(0);
}

#[test]
fn check_says_adopt_in_place_of_a_sync() {
    let outcome = project(TABLES).check(&three(), &[]);
    outcome
        .exits(1)
        .out_has(&[
            "Next\n  Run `adopt`, as the help of `own-schema` says\n",
            "help: `vendor-migrations adopt` vendors them, too",
        ])
        .out_lacks(&["vendor-migrations sync"]);
    let outcome = project(COLUMN).check(&three(), &[]);
    outcome
        .exits(1)
        .out_has(&["error[own-schema]", "\n  vendor-migrations sync\n"])
        .out_lacks(&["Run `adopt`"]);
}

#[test]
fn init_leads_to_check_only_where_tables_are_made() {
    let next = |project: &Project| {
        let outcome = project.run(&["init"]);
        let (_, next) = outcome.exits(0).out.split_once("\nNext\n").unwrap();
        next.to_owned()
    };
    assert_eq!(next(&project(TABLES)), "  vendor-migrations check\n");
    assert!(next(&project(COLUMN)).contains("vendor-migrations sync"));
    let accepted = project(TABLES);
    accept(&accepted, "");
    assert!(next(&accepted).contains("vendor-migrations sync"));
}

#[test]
fn no_stamp_is_printed_where_adopt_is_meant() {
    let outcome = project(TABLES).run(&["stamp", "3.3.0"]);
    outcome.exits(1).err_has(&["needs no stamp"]);
    let project = Project::of_release("3.10.0");
    own(&project, "a2", "None", COLUMN);
    project.run(&["stamp", "3.3.0"]).exits(0);
    own(&project, "a2", "None", TABLES);
    let outcome = project.run(&["stamp", "3.3.0"]);
    outcome
        .exits(1)
        .err_has(&["refused: ", "(`a2`)", "needs no stamp", "adopt"]);
    assert_eq!(outcome.out, "");
    accept(&project, "");
    project.run(&["stamp", "3.3.0"]).exits(0);
}

/// A typo in a revision's id must not give its place to one that makes nothing.
#[test]
fn a_revision_that_makes_nothing_is_not_adopted_beside_one_that_does() {
    let project = Project::of_release("3.10.0");
    own(&project, "a2", "None", TABLES);
    own(&project, "a3", "'a2'", "pass");
    let before = project.tree();
    let adopt = |revision: &str| {
        project.run(&[
            "adopt",
            "--revision",
            revision,
            "--unproven",
            "--write",
            "--force",
        ])
    };
    adopt("a3=3.3.0").exits(1).err_has(&[
        "refused: `a3` makes nothing",
        "`a2` does",
        "--revision a2=RELEASE",
    ]);
    before.assert_untouched(&project.tree());
    adopt("a2=3.3.0").exits(0);
    // Emptied by hand, beside a change of one's own.
    let project = Project::of_release("3.10.0");
    own(&project, "a2", "None", "pass");
    own(&project, "a3", "'a2'", COLUMN);
    let revision = ["--revision", "a2=3.3.0", "--unproven"];
    project.run(&[&["adopt"], &revision[..]].concat()).exits(0);
}

/// What `--write` will refuse is said before it, and what comes after the adoption, too.
#[test]
fn a_dry_run_says_what_would_be_refused() {
    let project = Project::of_release("3.10.0");
    own(&project, "a2", "None", TABLES);
    let args = ["adopt", "--revision", "a2=3.3.0", "--unproven"];
    let outcome = project.run(&args);
    outcome.exits(0).err_has(&[
        "`--write` would refuse this: alembic/versions/a2.py",
        "commit it first",
        "the imports of an edited revision stay",
    ]);
    let outcome = project.run(&[&args[..], &["--write", "--force"]].concat());
    outcome
        .exits(0)
        .err_lacks(&["would refuse"])
        .out_has(&["Next\n  vendor-migrations check\n  vendor-migrations rollout --from 3.3.0\n"]);
}

#[test]
fn a_release_beside_one_for_each_revision_is_refused() {
    let project = Project::of_release("3.10.0");
    own(&project, "a2", "None", TABLES);
    let adopt = ["adopt", "--revision", "a2=3.3.0", "--release", "3.0.0"];
    project
        .run(&adopt)
        .fails(&["has a release of its own", "leave `--release` out"]);
}

/// Its edges name vendored revisions, and Alembic would not find them.
#[test]
fn an_adoption_before_init_leads_to_init() {
    let project = Project::of_release("3.10.0");
    own(&project, "a2", "None", TABLES);
    let ini = "[alembic]\nscript_location = alembic\nversion_locations = alembic/versions\npath_separator = ;\n";
    put(&project.root.join("alembic.ini"), ini);
    let outcome = project.run(&ADOPT);
    outcome
        .exits(0)
        .out_has(&["Next\n  vendor-migrations init\n  vendor-migrations check\n"]);
}

/// Behind an adoption, a stamp stands for revisions of the project's own, too.
#[test]
fn a_refused_stamp_does_not_advise_one_by_hand_behind_an_adoption() {
    let project = Project::of_release("3.10.0");
    own(&project, "a1", "None", "pass");
    own(&project, "a2", "'a1'", TABLES);
    project.run(&ADOPT).exits(0).out_has(&[
        "has run vendored revisions already, but not `a1`",
        "recreate such a database",
    ]);
    let outcome = project.run(&["stamp", "3.3.0"]);
    outcome
        .exits(1)
        .err_has(&["Do not stamp another one by hand", "count `a1` as applied"])
        .err_lacks(&["Stamp only a database"]);
}
