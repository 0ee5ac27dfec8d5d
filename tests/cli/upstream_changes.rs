//! What upstream does to its migrations from release to release, and what becomes of the chain.

use crate::support::package::SQL;
use crate::support::releases::{
    FIRST, FIRST_ID, FIRST_SQL, LATER, LATER_ID, LATER_SQL, SECOND, SECOND_ID, SECOND_PY,
    SECOND_SQL, THIRD, THIRD_ID, THIRD_SQL, four, three, three_as,
};
use crate::support::{Package, Project};

const LOCK: &str = "vendor-migrations.lock";

#[test]
fn changed_sql_is_shown_and_written_and_recorded() {
    let project = Project::with(&three());
    let before = project.vendored_tree();
    let changed = three_as("91.1.1").sql(
        SECOND,
        "ALTER TABLE public.example_jobs ADD COLUMN note text;\n",
    );
    project.check(&changed, &[]).exits(1).out_has(&[
        "migration-changed",
        SECOND_PY,
        "public.example_jobs",
    ]);
    let outcome = project.syncs(&changed, &[]);
    outcome.out_has(&[
        "Changed",
        SECOND,
        "-ALTER TABLE example_jobs",
        "+ALTER TABLE public.example_jobs",
    ]);
    before.assert_only_changed(&project.vendored_tree(), &[SECOND_PY, LOCK]);
    assert_eq!(project.ids(), [FIRST_ID, SECOND_ID, THIRD_ID]);
    assert!(project.lock().contains("superseded"));
    project.check(&changed, &[]).exits(0);
}

#[test]
fn superseded_digests_pile_up_in_order() {
    let project = Project::with(&three());
    for (release, sql) in [
        ("91.1.1", "SELECT 1;\n"),
        ("91.1.2", "SELECT 2;\n"),
        ("91.1.3", SECOND_SQL),
    ] {
        project.syncs(&three_as(release).sql(SECOND, sql), &[]);
    }
    let lock: toml::Table = toml::from_str(&project.lock()).unwrap();
    let releases: Vec<_> = lock["revision"][1]["superseded"]
        .as_array()
        .unwrap()
        .iter()
        .map(|superseded| superseded["release"].as_str().unwrap())
        .collect();
    assert_eq!(releases, ["91.1.0", "91.1.1", "91.1.2"]);
}

#[test]
fn a_renamed_migration_keeps_its_file_and_its_id() {
    let project = Project::with(&three());
    let before = project.vendored_tree();
    let name = "01.01.00_02_pre_add_remark.sql";
    let renamed = three_as("91.1.1")
        .without(&format!("{SQL}{SECOND}"))
        .sql(name, SECOND_SQL);
    project
        .check(&renamed, &[])
        .exits(1)
        .out_has(&["migration-renamed", SECOND, name]);
    project
        .syncs(&renamed, &[])
        .out_has(&["Renamed", SECOND, name, SECOND_ID]);
    before.assert_only_changed(&project.vendored_tree(), &[LOCK]);
    assert_eq!(project.locked_files()[1], SECOND_PY);
    project.check(&renamed, &[]).exits(0);
}

#[test]
fn a_migration_that_upstream_drops_is_kept_and_reported() {
    let project = Project::with(&three());
    let before = project.vendored_tree();
    let dropped = three_as("91.1.1").without(&format!("{SQL}{SECOND}"));
    project
        .check(&dropped, &["--strict"])
        .exits(1)
        .out_has(&["migration-removed", SECOND]);
    let site = project.install(&dropped);
    project
        .run(&["diff", "--format", "json", "--from", site.as_str()])
        .exits(0)
        .out_has(&[
            "\"differences\": [],",
            "is gone upstream; it stays vendored\"",
        ]);
    project
        .syncs(&dropped, &[])
        .out_has(&["Removed", SECOND, SECOND_ID]);
    before.assert_only_changed(&project.vendored_tree(), &[LOCK]);
    assert_eq!(project.ids(), [FIRST_ID, SECOND_ID, THIRD_ID]);
}

#[test]
fn a_name_that_upstream_gives_to_another_migration_does_not_block_the_upgrade() {
    let project = Project::with(&three());
    let moved = three_as("91.1.1")
        .without(&format!("{SQL}{THIRD}"))
        .sql(SECOND, THIRD_SQL);
    project
        .syncs(&moved, &[])
        .out_has(&["Renamed", THIRD_ID, "Removed", SECOND_ID]);
    assert_eq!(project.ids(), [FIRST_ID, SECOND_ID, THIRD_ID]);
    project.check(&moved, &[]).exits(0);
    project.syncs(&four(), &[]);
    assert_eq!(project.ids(), [FIRST_ID, SECOND_ID, THIRD_ID, LATER_ID]);
}

#[test]
fn names_that_two_migrations_exchange_stay_with_their_sql() {
    let project = Project::with(&three());
    let before = project.vendored_tree();
    let exchanged = three_as("91.1.1")
        .sql(SECOND, THIRD_SQL)
        .sql(THIRD, SECOND_SQL);
    project
        .syncs(&exchanged, &[])
        .out_has(&["Renamed", SECOND_ID, THIRD_ID]);
    before.assert_only_changed(&project.vendored_tree(), &[LOCK]);
    project.check(&exchanged, &[]).exits(0);
}

#[test]
fn a_migration_inserted_in_the_middle_goes_to_the_end_and_says_so() {
    let name = "01.00.50_01_pre_between.sql";
    let inserted = three_as("91.1.1").sql(name, "SELECT 'between';\n");
    let project = Project::with(&three());
    let before = project.vendored_tree();
    project
        .check(&inserted, &[])
        .exits(1)
        .out_has(&["migration-missing", name, SECOND]);
    project
        .syncs(&inserted, &[])
        .out_has(&["Added", name, SECOND, "last"]);
    let file = "procrastinate_01_00_50_01_pre_between.py";
    before.assert_only_changed(&project.vendored_tree(), &[file, LOCK]);
    let last = project.chain().pop().unwrap();
    assert_eq!(last, ("procrastinate_01_00_50_01".into(), THIRD_ID.into()));
    assert_eq!(project.locked_files().pop().unwrap(), file);
}

#[test]
fn a_downgrade_is_refused_without_the_option() {
    let project = Project::with(&four());
    project.sync_refuses(&three(), &[], &["91.1.0", "91.2.0", "--allow-downgrade"]);
    project.sync_refuses(&three(), &["--force"], &["--allow-downgrade"]);
    project
        .check(&three(), &[])
        .exits(1)
        .out_has(&["older-upstream"]);
}

#[test]
fn a_downgrade_keeps_every_revision_and_the_way_back_is_open() {
    let project = Project::with(&four());
    let before = project.vendored_tree();
    project
        .syncs(&three(), &["--allow-downgrade"])
        .out_has(&[LATER]);
    before.assert_only_changed(&project.vendored_tree(), &[LOCK]);
    assert_eq!(project.ids(), [FIRST_ID, SECOND_ID, THIRD_ID, LATER_ID]);
    project.syncs(&four(), &[]);
    before.assert_same_contents(&project.vendored_tree());
}

#[test]
fn a_migration_that_must_be_cut_becomes_a_chain_and_stays_one() {
    let cut = "CREATE TYPE kind AS ENUM ('a');\nALTER TYPE kind ADD VALUE 'b';\nSELECT 1;\n";
    let project = Project::with(&three_as("91.0.9").sql(LATER, cut));
    let first = project.ids();
    assert_eq!(first.len(), 5);
    assert_eq!(first[4], LATER_ID);
    let joined = three_as("91.1.0").sql(LATER, "CREATE TYPE kind AS ENUM ('a', 'b');\n");
    project.syncs(&joined, &[]).out_has(&["Changed", LATER]);
    assert_eq!(project.ids(), first);
    let more = cut.repeat(2);
    project.syncs(&three_as("91.1.1").sql(LATER, &more), &[]);
    assert_eq!(project.ids(), first);
    project
        .check(&three_as("91.1.1").sql(LATER, &more), &[])
        .exits(0);
}

#[test]
fn the_same_migrations_under_a_new_release_change_only_the_lock() {
    let project = Project::with(&three());
    let before = project.vendored_tree();
    project
        .check(&three_as("91.1.5"), &[])
        .exits(0)
        .out_has(&["warning[release]"]);
    project.check(&three_as("91.1.5"), &["--strict"]).exits(1);
    project.syncs(&three_as("91.1.5"), &[]);
    before.assert_only_changed(&project.vendored_tree(), &[LOCK]);
    project.check(&three_as("91.1.5"), &["--strict"]).exits(0);
}

#[test]
fn everything_at_once_keeps_the_chain() {
    let project = Project::with(&three());
    let next = Package::new("92.0.0")
        .sql(FIRST, &FIRST_SQL.replace("bigint", "integer"))
        .sql("01.00.00_02_inserted.sql", "SELECT 'inserted';\n")
        .sql("01.01.00_09_pre_renamed.sql", SECOND_SQL)
        .sql(LATER, LATER_SQL);
    project
        .syncs(&next, &[])
        .out_has(&["Changed", "Added", "Renamed", "Removed"]);
    assert_eq!(
        project.ids(),
        [
            FIRST_ID,
            SECOND_ID,
            THIRD_ID,
            "procrastinate_01_00_00_02",
            LATER_ID
        ]
    );
    project.check(&next, &[]).exits(0);
    let before = project.tree();
    project.syncs(&next, &[]);
    before.assert_untouched(&project.tree());
}
