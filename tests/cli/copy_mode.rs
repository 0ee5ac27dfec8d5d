//! Releases that ship revision files: copied byte for byte, with the SQL that they name beside the lock.

use crate::support::project::pairs;
use crate::support::releases::{
    FIRST, FIRST_ID, FIRST_SQL, LATER, LATER_SQL, SECOND, SECOND_SQL, THIRD, THIRD_SQL, WRAPPINGS,
    Wrapping, three_migrations,
};
use crate::support::{Package, Project, put};

const BETWEEN: &str = "01.00.50_01_pre_between.sql";
const BETWEEN_SQL: &str = "SELECT 'between';\n";

/// The vendored bytes are upstream's, and the SQL is kept.
#[track_caller]
fn assert_copied(
    project: &Project,
    wrapping: Wrapping,
    package: &Package,
    migrations: &[(&str, &str)],
) {
    for (index, (name, text)) in migrations.iter().enumerate() {
        let id = format!("{:04}", index + 1);
        let file = wrapping.file_name(&id, name);
        let path = format!("{}{file}", wrapping.directory());
        assert_eq!(project.read(&file), package.bytes(&path), "{file}");
        assert_eq!(project.text(&wrapping.kept_name(&id, name)), *text);
    }
}

#[test]
fn revision_files_are_copied_byte_for_byte() {
    for wrapping in WRAPPINGS {
        let package = wrapping.three();
        let project = Project::with(&package);
        assert_copied(&project, wrapping, &package, &three_migrations());
        assert!(project.lock().contains("mode = \"copy\""));
        assert_eq!(
            project.chain(),
            pairs(&[("0001", ""), ("0002", "0001"), ("0003", "0002")])
        );
        project.check(&package, &["--strict"]).exits(0);
        let before = project.tree();
        project.syncs(&package, &[]).out_has(&["Up to date"]);
        before.assert_untouched(&project.tree());
    }
}

#[test]
fn an_upgrade_leaves_what_did_not_change() {
    for wrapping in WRAPPINGS {
        let project = Project::with(&wrapping.three());
        let before = project.vendored_tree();
        let migrations = [&three_migrations()[..], &[(LATER, LATER_SQL)]].concat();
        let package = wrapping.release("91.2.0", &migrations);
        project
            .syncs(&package, &[])
            .out_has(&["Added", LATER, "0004"]);
        assert_copied(&project, wrapping, &package, &migrations);
        let after = project.vendored_tree();
        for path in before
            .paths()
            .iter()
            .filter(|path| !path.ends_with(".lock"))
        {
            assert_eq!(before.entry(path), after.entry(path), "{path}");
        }
    }
}

#[test]
fn sql_that_changes_under_an_unchanged_wrapper_is_found_and_shown() {
    for wrapping in WRAPPINGS {
        let project = Project::with(&wrapping.three());
        let before = project.vendored_tree();
        let mut migrations = three_migrations();
        migrations[1].1 = "ALTER TABLE public.example_jobs ADD COLUMN note text;\n";
        let package = wrapping.release("91.1.1", &migrations);
        let shown = [
            "-ALTER TABLE example_jobs",
            "+ALTER TABLE public.example_jobs",
        ];
        project
            .check(&package, &[])
            .exits(1)
            .out_has(&["migration-changed"])
            .out_has(&shown);
        project
            .against(&package, "diff", &[])
            .exits(1)
            .out_has(&shown);
        project
            .syncs(&package, &[])
            .out_has(&["Changed", "0002", SECOND])
            .out_has(&shown);
        assert_copied(&project, wrapping, &package, &migrations);
        let file = wrapping.file_name("0002", SECOND);
        assert_eq!(before.entry(&file), project.vendored_tree().entry(&file));
        assert!(project.lock().contains("superseded"));
        project.check(&package, &["--strict"]).exits(0);
    }
}

#[test]
fn a_wrapper_that_changes_around_the_same_sql_is_found_and_shown() {
    let package = Wrapping::Call.three();
    let project = Project::with(&package);
    let path = format!(
        "{}{}",
        Wrapping::Call.directory(),
        Wrapping::Call.file_name("0002", SECOND)
    );
    let text = [package.bytes(&path), b"# upstream says more\n"].concat();
    let changed = package.file(&path, text);
    project
        .check(&changed, &[])
        .exits(1)
        .out_has(&["wrapper-changed", "+# upstream says more"]);
    project
        .syncs(&changed, &[])
        .out_has(&["Changed", "+# upstream says more"]);
    project.check(&changed, &["--strict"]).exits(0);
}

#[test]
fn renumbering_upstream_changes_no_id_that_was_vendored() {
    for wrapping in WRAPPINGS {
        let project = Project::with(&wrapping.three());
        let before = project.vendored_tree();
        let renumbered = [
            (FIRST, FIRST_SQL),
            (BETWEEN, BETWEEN_SQL),
            (SECOND, SECOND_SQL),
            (THIRD, THIRD_SQL),
        ];
        let package = wrapping.release("91.2.0", &renumbered);
        project.syncs(&package, &[]).out_has(&["Added", BETWEEN]);
        let chain = project.chain();
        assert_eq!(
            chain[..3],
            pairs(&[("0001", ""), ("0002", "0001"), ("0003", "0002")])
        );
        assert_eq!(chain.len(), 4);
        assert_eq!(chain[3].1, "0003");
        let after = project.vendored_tree();
        for (id, sql) in [("0001", FIRST), ("0002", SECOND), ("0003", THIRD)] {
            let file = wrapping.file_name(id, sql);
            assert_eq!(before.entry(&file), after.entry(&file), "{file}");
        }
        assert_says_its_place(&project, &chain[3], BETWEEN);
        project.check(&package, &["--strict"]).exits(0);
        let settled = project.tree();
        project.syncs(&package, &[]).out_has(&["Up to date"]);
        settled.assert_untouched(&project.tree());
    }
}

/// The one vendored file that names `sql` says the id and the revision before it that the lock says.
#[track_caller]
fn assert_says_its_place(project: &Project, (id, down): &(String, String), sql: &str) {
    let files: Vec<_> = project
        .vendored_tree()
        .paths()
        .into_iter()
        .filter(|path| path.ends_with(".py") && project.text(path).contains(sql))
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let text = project.text(&files[0]).replace('\'', "\"");
    let assigned = |name: &str, value: &str| {
        text.lines()
            .any(|line| line.starts_with(name) && line.contains(&format!("= \"{value}\"")))
    };
    assert!(
        assigned("revision", id) && assigned("down_revision", down),
        "{text}"
    );
}

#[test]
fn a_number_that_upstream_reuses_for_another_migration_is_another_revision() {
    let wrapping = Wrapping::Call;
    let project = Project::with(&wrapping.three());
    let reused = [(FIRST, FIRST_SQL), (SECOND, SECOND_SQL), (LATER, LATER_SQL)];
    let package = wrapping.release("91.2.0", &reused);
    project
        .syncs(&package, &[])
        .out_has(&["Added", LATER, "Removed", THIRD]);
    let chain = project.chain();
    assert_eq!(
        chain[..3],
        pairs(&[("0001", ""), ("0002", "0001"), ("0003", "0002")])
    );
    assert_eq!((chain.len(), chain[3].1.as_str()), (4, "0003"));
}

#[test]
fn sql_without_a_revision_file_is_said_to_be_left_out() {
    let package = Wrapping::Call.three().sql(LATER, LATER_SQL);
    let project = Project::new();
    project.syncs(&package, &[]).err_has(&[LATER]);
    project
        .check(&package, &[])
        .exits(0)
        .out_has(&["migration-unwrapped", LATER]);
}

#[test]
fn an_id_that_the_project_has_is_not_vendored_a_second_time() {
    for wrapping in WRAPPINGS {
        for mode in ["copy", "render"] {
            let project = Project::new();
            let own = "revision = '0001'\ndown_revision = None\n";
            put(&project.root.join("alembic/versions/0001_mine.py"), own);
            let package = wrapping.three();
            project.syncs(&package, &["--mode", mode]).err_has(&[
                "`0001`",
                "alembic/versions/0001_mine.py",
                FIRST_ID,
            ]);
            let downs = [(FIRST_ID, ""), ("0002", FIRST_ID), ("0003", "0002")];
            assert_eq!(project.chain(), pairs(&downs));
            project
                .check(&package, &[])
                .exits(0)
                .out_lacks(&["duplicate-revision"]);
            let before = project.tree();
            project.syncs(&package, &[]).out_has(&["Up to date"]);
            before.assert_untouched(&project.tree());
        }
    }
}
