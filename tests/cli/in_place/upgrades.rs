//! Another release is installed: what it means for databases that have run the old one.

use super::LOCK;
use crate::support::releases::{
    LATER, LATER_SQL, SECOND, SECOND_SQL, THIRD, WRAPPINGS, Wrapping, three, three_migrations,
};
use crate::support::{Outcome, Package, Project};

impl Project {
    /// `check` and `sync` find the change: `check` names the facts, `sync` refuses it until it is forced.
    #[track_caller]
    fn is_left_behind(&self, facts: &[&str]) -> Outcome {
        let before = self.tree();
        let check = self.run(&["check"]);
        check.exits(1).out_has(facts).out_has(&["--force"]);
        self.run(&["sync"]).refuses(&[]).err_has(&["--force"]);
        self.run(&["sync", "--dry-run"]).refuses(&[]);
        self.run(&["status"])
            .exits(1)
            .out_has(&["vendor-migrations check"]);
        self.run(&["diff"]).exits(1).out_has(&["-digest = "]);
        before.assert_untouched(&self.tree());
        self.run(&["sync", "--force"])
            .exits(0)
            .out_has(&["Wrote vendor-migrations.lock"]);
        self.run(&["check", "--strict"]).exits(0);
        check
    }
}

fn with_later(wrapping: Wrapping) -> Package {
    let migrations = [&three_migrations()[..], &[(LATER, LATER_SQL)]].concat();
    wrapping.release("91.2.0", &migrations)
}

#[test]
fn an_upgrade_that_only_appends_is_told_and_recorded() {
    for wrapping in WRAPPINGS {
        let project = Project::in_place(&wrapping.three());
        project.upgrade_to(&with_later(wrapping));
        project.run(&["check"]).exits(1).out_has(&[
            "[migration-missing]",
            "0004",
            LATER,
            "to be run before its deploy",
        ]);
        project
            .run(&["status"])
            .exits(1)
            .out_has(&["vendor-migrations sync"]);
        let before = project.tree();
        project
            .run(&["sync", "--dry-run"])
            .exits(0)
            .out_has(&["Would write"]);
        before.assert_untouched(&project.tree());
        project.run(&["sync"]).exits(0).out_has(&[
            "Added  01.02.00_01_pre_add_owner.sql",
            "Before you deploy Procrastinate 91.2.0\n  alembic upgrade 0004",
        ]);
        project.run(&["check", "--strict"]).exits(0);
        project.upgrade_to(&wrapping.three());
        project.run(&["check"]).exits(1).out_has(&[
            "[older-upstream]",
            "[migration-removed]",
            "`0004`",
        ]);
        let before = project.tree();
        project
            .run(&["sync"])
            .exits(1)
            .err_has(&["--allow-downgrade"]);
        project
            .run(&["sync", "--allow-downgrade"])
            .exits(1)
            .err_has(&["--force"]);
        before.assert_untouched(&project.tree());
    }
}

#[test]
fn sql_that_changes_under_an_unchanged_file_is_left_behind() {
    for wrapping in WRAPPINGS {
        let project = Project::in_place(&wrapping.three());
        let mut migrations = three_migrations();
        migrations[1].1 = "SELECT 'other';\n";
        project.upgrade_to(&wrapping.release("91.1.1", &migrations));
        project.is_left_behind(&[
            "[migration-changed]",
            SECOND,
            "Procrastinate 91.1.1 changed the SQL of revision `0002`",
            "vendor-migrations diff 91.1.0 91.1.1",
        ]);
        assert!(project.root_file(LOCK).contains("superseded"));
    }
}

#[test]
fn an_insertion_that_renumbers_is_left_behind() {
    for wrapping in WRAPPINGS {
        let project = Project::in_place(&wrapping.three());
        let between = ("01.00.50_01_pre_between.sql", "SELECT 'between';\n");
        let [first, second, third] = three_migrations();
        project.upgrade_to(&wrapping.release("91.2.0", &[first, between, second, third]));
        let check = project.is_left_behind(&[
            "`0002` runs another migration",
            "in Procrastinate 91.2.0, revision `0003` runs what revision `0002` ran",
            "calls this revision `0004`; it was `0003`",
        ]);
        check.out_has(&["[migration-changed]", "[migration-renamed]"]);
    }
}

#[test]
fn a_revision_that_vanishes_is_left_behind() {
    for wrapping in WRAPPINGS {
        let project = Project::in_place(&wrapping.three());
        project.upgrade_to(&wrapping.release("91.2.0", &three_migrations()[..2]));
        project.is_left_behind(&["[migration-removed]", THIRD, "no revision `0003` any more"]);
    }
}

#[test]
fn a_rename_leaves_nobody_behind() {
    let project = Project::in_place(&Wrapping::Call.three());
    let [first, _, third] = three_migrations();
    let renamed = ("01.01.00_02_pre_add_note.sql", SECOND_SQL);
    project.upgrade_to(&Wrapping::Call.release("91.1.1", &[first, renamed, third]));
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["[migration-renamed]", SECOND, renamed.0]);
    project
        .run(&["sync"])
        .exits(0)
        .out_has(&["Renamed  01.01.00_02_pre_add_note.sql", "revision `0002`"]);
    project.run(&["check", "--strict"]).exits(0);
}

#[test]
fn a_release_that_runs_the_same_is_a_warning() {
    let project = Project::in_place(&Wrapping::Call.three());
    project.upgrade_to(&Wrapping::Call.release("91.1.1", &three_migrations()));
    project
        .run(&["check"])
        .exits(0)
        .out_has(&["warning[release]"]);
    project.run(&["check", "--strict"]).exits(1);
    project.run(&["sync"]).exits(0);
    project.run(&["check", "--strict"]).exits(0);
}

#[test]
fn a_release_that_goes_back_to_sql_is_an_error() {
    let project = Project::in_place(&Wrapping::Call.three());
    project.upgrade_to(&three());
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["[migration-removed]", "ships no Alembic revisions"]);
    project
        .run(&["sync", "--force"])
        .fails(&["ships no Alembic revisions"]);
    project.run(&["diff"]).exits(1);
}

#[test]
fn another_layout_is_another_set_of_revisions() {
    let project = Project::in_place(&Wrapping::Call.three());
    project.upgrade_to(&Wrapping::Constant.three());
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["procrastinate.contrib.alembic:versions"]);
    project.run(&["init", "--in-place"]).exits(0);
    assert!(
        project
            .root_file("alembic.ini")
            .contains("procrastinate.alembic:versions")
    );
}
