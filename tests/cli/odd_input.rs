//! Unusual input: what is fine is vendored, what cannot be vendored is refused with the reason.

#[cfg(unix)]
use std::os::unix::net::UnixListener;

use crate::support::releases::{
    FIRST, FIRST_PY, FIRST_SQL, LATER_PY, SECOND, SECOND_SQL, THIRD, WRAPPINGS, Wrapping, four,
    three, three_as,
};
use crate::support::{Package, Project, put, wheel};

/// The release is vendored, and from then on there is nothing to do.
#[track_caller]
fn settles(package: &Package) -> Project {
    let project = Project::with(package);
    project.check(package, &["--strict"]).exits(0);
    let before = project.tree();
    project.syncs(package, &[]).out_has(&["Up to date"]);
    before.assert_untouched(&project.tree());
    project
}

/// The release cannot be vendored: the facts are said, nothing is written.
#[track_caller]
fn refused(package: &Package, options: &[&str], facts: &[&str]) {
    let project = Project::new();
    let before = project.tree();
    project.sync(package, options).fails(facts);
    before.assert_untouched(&project.tree());
}

fn with_wrapper(from: &str, to: &str) -> Package {
    let package = Wrapping::Call.three();
    let path = format!(
        "{}{}",
        Wrapping::Call.directory(),
        Wrapping::Call.file_name("0002", SECOND)
    );
    let text = String::from_utf8(package.bytes(&path).to_vec()).unwrap();
    assert!(text.contains(from));
    package.file(&path, text.replace(from, to))
}

#[test]
fn sql_of_any_shape_settles() {
    for sql in [
        "",
        ";",
        ";;\n",
        "\n\n",
        "-- only a comment",
        "SELECT 1",
        "SELECT 1;\r\nSELECT 'a\r\nb';\r\n",
        "SELECT '\u{feff}\u{2028}\u{0}x';\n",
        "SELECT 'a\\', \"\"\"b\"\"\", E'\\'', $q$ ' $q$, '%s %(x)s :name ::text';\n",
        "SELECT '\"\"\"';\nSELECT 'ends with a quote\"';\n",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;\n",
    ] {
        let project = settles(&three().sql(SECOND, sql));
        for name in project.vendored_tree().paths() {
            assert!(
                !project.read(&name).contains(&b'\r'),
                "a bare CR in {name} of {sql:?}"
            );
        }
    }
}

#[test]
fn copied_sql_of_any_shape_settles() {
    for sql in [
        "",
        "SELECT 1;\r\n",
        "SELECT 'no end\n",
        "COMMIT;\n",
        "\u{0}\u{1b}",
    ] {
        let package = Wrapping::Constant.release("91.1.0", &[(FIRST, FIRST_SQL), (SECOND, sql)]);
        let project = settles(&package);
        assert_eq!(
            project.text(&Wrapping::Constant.kept_name("0002", SECOND)),
            sql
        );
    }
}

#[test]
fn names_outside_the_scheme_settle() {
    let package = three()
        .sql("baseline.sql", "SELECT 1;\n")
        .sql("delta_0.5.0_001_a-b.sql", "SELECT 2;\n")
        .sql("Ünïcode näme.sql", "SELECT 3;\n")
        .sql("99.sql", "SELECT 4;\n");
    let project = settles(&package);
    assert_eq!(project.vendored_tree().paths().len(), 7 + 2);
    for name in project
        .vendored_tree()
        .paths()
        .iter()
        .filter(|name| name.ends_with(".py"))
    {
        assert!(name.is_ascii() && !name.contains([' ', '-']), "{name}");
    }
}

#[test]
fn migrations_with_equal_sql_stay_apart() {
    let package = three().sql(SECOND, FIRST_SQL).sql(THIRD, FIRST_SQL);
    let project = settles(&package);
    assert_eq!(project.vendored_tree().paths().len(), 5);
    project
        .syncs(&four().sql(SECOND, FIRST_SQL).sql(THIRD, FIRST_SQL), &[])
        .out_has(&["1 added"]);
}

#[test]
fn a_release_of_many_migrations_settles() {
    let mut package = Package::new("99.0.0");
    for number in 100..400 {
        package = package.sql(
            &format!("01.00.00_{number}_step.sql"),
            &format!("SELECT {number};\n"),
        );
    }
    settles(&package);
}

#[test]
fn a_wheel_and_an_installation_are_the_same_release() {
    let project = Project::with(&three());
    let path = wheel::save(&wheel::bytes(&three()), &project.beside("wheels"));
    let before = project.tree();
    project
        .run(&["sync", "--from", path.as_str()])
        .exits(0)
        .out_has(&["Up to date"]);
    before.assert_untouched(&project.tree());
}

#[test]
fn a_record_with_windows_line_ends_and_separators_is_read() {
    let record = three()
        .record_of_files()
        .replace('\n', "\r\n")
        .replace('/', "\\");
    let project = Project::new();
    let outcome = project.syncs(&three().record(record), &[]);
    assert!(!outcome.err.contains("verified"), "{outcome}");
}

#[test]
fn a_candidate_is_older_than_its_release() {
    let project = Project::with(&three_as("91.2.0"));
    project.sync_refuses(&three_as("91.2.0rc1"), &[], &["91.2.0rc1"]);
    project.syncs(&three_as("91.2.0.post1"), &[]);
    project.syncs(&three_as("91.2.0.post1+local.7"), &[]);
}

#[test]
fn ids_that_alembic_cannot_hold_are_refused() {
    for id in [
        "a@b",
        "has space",
        "x-y",
        "ré",
        "",
        "0123456789abcdef0123456789abcdef0",
    ] {
        let package = with_wrapper("revision = '0002'", &format!("revision = '{id}'"));
        let path = format!(
            "{}{}",
            Wrapping::Call.directory(),
            Wrapping::Call.file_name("0003", THIRD)
        );
        let text = String::from_utf8(package.bytes(&path).to_vec()).unwrap();
        let package = package.file(&path, text.replace("'0002'", &format!("'{id}'")));
        let file = Wrapping::Call.file_name("0002", SECOND);
        refused(&package, &[], &[&file]);
        refused(&package, &["--mode", "render"], &[&file]);
    }
}

#[test]
fn a_revision_that_depends_on_another_chain_is_refused() {
    let package = with_wrapper("depends_on = None", "depends_on = 'elsewhere'");
    refused(&package, &[], &["elsewhere"]);
    refused(&package, &["--mode", "render"], &["elsewhere"]);
}

#[test]
fn a_revision_without_sql_can_be_copied_but_not_rendered() {
    let package = with_wrapper(
        "get_migration_sql(\"01.01.00_01_pre_add_note.sql\")",
        "\"SELECT 1\"",
    );
    let project = Project::with(&package);
    project
        .check(&package, &[])
        .exits(0)
        .out_has(&["migration-unwrapped", SECOND]);
    refused(
        &package,
        &["--mode", "render"],
        &[&Wrapping::Call.file_name("0002", SECOND)],
    );
}

#[test]
fn both_places_of_revision_files_at_once_are_said() {
    let package = Wrapping::Call.three();
    let path = format!("{}0001_other.py", Wrapping::Constant.directory());
    let text =
        "revision = '0001'\ndown_revision = None\nMIGRATION_FILE = '01.00.00_01_initial.sql'\n";
    let project = Project::new();
    let outcome = project.sync(&package.file(&path, text), &[]);
    outcome
        .exits(0)
        .err_has(&[Wrapping::Call.directory(), Wrapping::Constant.directory()]);
}

#[cfg(unix)]
#[test]
fn entries_of_any_kind_stay() {
    let project = Project::with(&three());
    let socket = project.vendored().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let before = project.vendored_tree();
    project.syncs(&four(), &[]);
    assert_eq!(
        before.entry("socket"),
        project.vendored_tree().entry("socket")
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_overwritten_by_a_new_one() {
    for options in [&[][..], &["--force"]] {
        let project = Project::with(&three());
        put(&project.vendored().join(LATER_PY).join("mine"), "");
        project.sync_refuses(&four(), options, &[LATER_PY]);
        let project = Project::with(&three());
        std::os::unix::fs::symlink("nowhere", project.vendored().join(LATER_PY)).unwrap();
        project.sync_refuses(&four(), options, &[LATER_PY]);
    }
}

#[test]
fn an_empty_vendored_directory_is_as_good_as_none() {
    let project = Project::new();
    std::fs::create_dir(project.vendored()).unwrap();
    project.syncs(&three(), &[]);
    Project::with(&three())
        .vendored_tree()
        .assert_same_contents(&project.vendored_tree());
}

#[cfg(unix)]
#[test]
fn a_project_may_lie_behind_a_link_and_have_any_name() {
    let project = Project::new();
    let real = project.beside("a b'c ü");
    std::fs::rename(&project.root, &real).unwrap();
    std::os::unix::fs::symlink(&real, &project.root).unwrap();
    project.syncs(&three(), &[]);
    assert!(
        real.join("alembic/versions_procrastinate")
            .join(FIRST_PY)
            .is_file()
    );
    project.check(&three(), &["--strict"]).exits(0);
}

#[test]
fn a_script_location_outside_of_the_project_is_followed() {
    let project = Project::new();
    std::fs::create_dir(project.beside("db")).unwrap();
    put(
        &project.root.join("alembic.ini"),
        "[alembic]\nscript_location = ../db\nversion_locations = ../db/versions ../db/versions_procrastinate\n",
    );
    let env = project.root.join("alembic/env.py");
    std::fs::copy(env, project.beside("db").join("env.py")).unwrap();
    project.syncs(&three(), &[]);
    assert!(
        project
            .beside("db/versions_procrastinate")
            .join(FIRST_PY)
            .is_file()
    );
    project.check(&three(), &["--strict"]).exits(0);
}

#[test]
fn a_renamed_and_edited_migration_is_a_new_one_and_the_old_one_stays() {
    for wrapping in WRAPPINGS {
        let project =
            Project::with(&wrapping.release("91.0.0", &[(FIRST, FIRST_SQL), (SECOND, SECOND_SQL)]));
        let before = project.vendored_tree();
        let other = [
            (FIRST, FIRST_SQL),
            ("01.01.00_01_pre_other.sql", "SELECT 'other';\n"),
        ];
        project
            .syncs(&wrapping.release("91.1.0", &other), &[])
            .out_has(&["Added", "Removed"]);
        let file = wrapping.file_name("0002", SECOND);
        assert_eq!(before.entry(&file), project.vendored_tree().entry(&file));
    }
}
