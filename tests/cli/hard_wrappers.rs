//! Revision files that get at their SQL in ways of their own, or do more than run it.

use crate::support::releases::{
    FIRST, FIRST_SQL, SECOND, SECOND_SQL, THIRD, THIRD_SQL, Wrapping, three_migrations,
};
use crate::support::{Package, Project};

const CALL: Wrapping = Wrapping::Call;

/// Release 91.1.0, with one text in the second revision file replaced by another.
fn with(old: &str, new: &str) -> Package {
    edited(CALL.three(), "0002", SECOND, old, new)
}

fn edited(package: Package, id: &str, sql: &str, old: &str, new: &str) -> Package {
    let path = format!("{}{}", CALL.directory(), CALL.file_name(id, sql));
    let text = String::from_utf8(package.bytes(&path).to_vec()).unwrap();
    assert!(text.contains(old), "{text}");
    package.file(&path, text.replace(old, new))
}

#[test]
fn sql_is_locked_however_the_file_gets_at_it() {
    let direct = format!("op.execute(get_migration_sql(\"{SECOND}\"))");
    for other in [
        format!("op.execute(sql_of(\"{SECOND}\"))"),
        format!("op.execute((HERE / \"{SECOND}\").read_text())"),
        format!("name = \"{SECOND}\"\n    op.execute(get_migration_sql(name))"),
    ] {
        let project = Project::with(&with(&direct, &other));
        assert!(
            project.lock().contains(&format!("sql = \"{SECOND}\"")),
            "{other}"
        );
        let changed = with(&direct, &other).sql(SECOND, "SELECT 'changed';\n");
        project
            .check(&changed, &[])
            .exits(1)
            .out_has(&["migration-changed", "+SELECT 'changed';"]);
    }
}

#[test]
fn what_would_be_lost_in_rendering_is_refused() {
    let call = format!("op.execute(get_migration_sql(\"{SECOND}\"))");
    for more in [
        format!("op.execute(\"SELECT important()\")\n    {call}"),
        format!("{call}\n    op.drop_table(\"example_jobs\")"),
        format!("op.execute(get_migration_sql(\"{SECOND}\").replace(\"TABLE\", \"VIEW\"))"),
    ] {
        let package = with(&call, &more);
        let project = Project::new();
        let site = project.install(&package);
        let options = ["sync", "--mode", "render", "--from", site.as_str()];
        project
            .run(&options)
            .fails(&[&CALL.file_name("0002", SECOND), "does more"]);
        project.syncs(&package, &[]);
    }
}

#[test]
fn a_base_that_comes_later_does_not_bring_the_label_again() {
    let label = ("branch_labels = None", "branch_labels = ('procrastinate',)");
    let old = edited(CALL.three(), "0001", FIRST, label.0, label.1);
    let project = Project::with(&old);
    // Upstream squashes its migrations into a new base.
    let name = "02.00.00_01_pre_squashed.sql";
    let squashed = CALL.release("92.0.0", &[(name, "SELECT 'squashed';\n")]);
    let squashed = edited(squashed, "0001", name, label.0, label.1);
    project.syncs(&squashed, &[]).out_has(&["Added", "Removed"]);
    let labelled = |file: &String| project.text(file).contains("('procrastinate',)");
    let files = project.locked_files();
    let revisions = files.iter().filter(|file| file.ends_with(".py"));
    assert_eq!(revisions.filter(|file| labelled(file)).count(), 1);
    project.check(&squashed, &[]).exits(0);
}

#[test]
fn a_dependency_under_another_number_is_refused() {
    let project = Project::with(&CALL.three());
    let between = "01.00.50_01_pre_between.sql";
    let migrations = [
        (FIRST, FIRST_SQL),
        (between, "SELECT 'between';\n"),
        (SECOND, SECOND_SQL),
        (THIRD, THIRD_SQL),
    ];
    // Here 0003 is THIRD, which upstream calls 0004.
    let moved = CALL.release("91.2.0", &migrations);
    let moved = edited(
        moved,
        "0004",
        THIRD,
        "depends_on = None",
        "depends_on = '0003'",
    );
    let site = project.install(&moved);
    project.sync_fails(&site, &["0003", &CALL.file_name("0004", THIRD)]);
}

#[test]
fn a_copy_whose_sql_is_nowhere_is_not_called_rendered() {
    let project = Project::with(&CALL.three());
    let fewer = CALL.release("91.2.0", &three_migrations()[..2]);
    project.remove(&CALL.kept_name("0003", THIRD));
    let lost = CALL.kept_name("0003", THIRD);
    project.sync_refuses(&fewer, &["--mode", "render"], &[&lost]);
    project.sync_refuses(&fewer, &["--mode", "render", "--force"], &[&lost]);
}

#[test]
fn a_second_file_with_the_id_of_a_vendored_revision_is_named() {
    let package = CALL.three();
    let project = Project::with(&package);
    project.write(
        "copy_of_mine.py",
        "revision = '0002'\ndown_revision = None\n",
    );
    project.check(&package, &[]).exits(1).out_has(&[
        "duplicate-revision",
        "copy_of_mine.py:1",
        "`0002`",
    ]);
    project.sync_refuses(&package, &["--force"], &["copy_of_mine.py", "`0002`"]);
}

#[test]
fn what_is_forced_over_a_users_file_is_shown() {
    let project = Project::with(&CALL.three());
    let migrations = [
        &three_migrations()[..],
        &[("01.09.00_01_x.sql", "SELECT 9;\n")],
    ]
    .concat();
    let package = CALL.release("91.2.0", &migrations);
    let file = CALL.file_name("0004", "01.09.00_01_x.sql");
    project.write(&file, "x = 'mine'\n");
    project
        .syncs(&package, &["--force"])
        .out_has(&["Overwritten", "-x = 'mine'"]);
}

#[test]
fn numbers_in_a_docstring_are_no_change() {
    let numbered = |release: &str, migrations: &[(&str, &str)]| {
        let mut package = CALL.release(release, migrations);
        for (index, (name, _)) in migrations.iter().enumerate() {
            let id = format!("{:04}", index + 1);
            let doc = format!("\"\"\"Revision ID: {id}\"\"\"\n\nfrom alembic import op\n");
            package = edited(package, &id, name, "from alembic import op\n", &doc);
        }
        package
    };
    let project = Project::with(&numbered("91.1.0", &three_migrations()));
    let before = project.text(&CALL.file_name("0003", THIRD));
    let between = ("01.00.50_01_pre_between.sql", "SELECT 'between';\n");
    let more = [
        &three_migrations()[..1],
        &[between],
        &three_migrations()[1..],
    ]
    .concat();
    let package = numbered("91.2.0", &more);
    project.syncs(&package, &[]).out_lacks(&["Changed"]);
    assert_eq!(project.text(&CALL.file_name("0003", THIRD)), before);
    project.check(&package, &["--strict"]).exits(0);
}

#[test]
fn a_rendered_revision_whose_file_comes_to_do_more_upstream_is_reported() {
    let package = CALL.three();
    let project = Project::new();
    project.syncs(&package, &["--mode", "render"]);
    project.check(&package, &["--strict"]).exits(0);
    let call = format!("op.execute(get_migration_sql(\"{SECOND}\"))");
    let more = with(
        &call,
        &format!("{call}\n    op.execute(\"SELECT important()\")"),
    );
    let file = CALL.file_name("0002", SECOND);
    project
        .check(&more, &[])
        .exits(0)
        .out_has(&["wrapper-does-more", &file]);
    project.check(&more, &["--strict"]).exits(1);
    project.syncs(&more, &[]).err_has(&["warning:", &file]);
}
