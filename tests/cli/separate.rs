//! `init --separate`: an Alembic environment of Procrastinate's own.

use crate::support::project::outcome;
use crate::support::releases::{FIRST_PY, Wrapping, three};
use crate::support::{Project, put};

const ENV: &str = "alembic_procrastinate/env.py";
const INI: &str = "alembic_procrastinate.ini";
const SETTINGS: &str = "vendor-migrations.toml";
const TEMPLATES: &str = "procrastinate/contrib/alembic/";

fn read(project: &Project, path: &str) -> String {
    std::fs::read_to_string(project.root.join(path)).unwrap()
}

#[test]
fn it_is_made_once_and_every_command_then_goes_by_it() {
    let project = Project::new();
    let before = project.tree();
    project
        .run(&["init", "--separate", "--dry-run"])
        .exits(0)
        .out_has(&["+VERSION_TABLE = ", "Would write", ENV, INI, SETTINGS]);
    before.assert_untouched(&project.tree());
    project
        .run(&["init", "--separate"])
        .exits(0)
        .out_has(&[
            "Wrote",
            "alembic -c alembic_procrastinate.ini upgrade head\n",
        ])
        .out_has(&["\"procrastinate\" not in (name or \"\")"])
        .err_has(&["sqlalchemy.url", "alembic.ini"]);
    for path in before.paths() {
        assert_eq!(before.entry(&path), project.tree().entry(&path));
    }
    assert_eq!(
        read(&project, SETTINGS),
        "config = \"alembic_procrastinate.ini\"\ndirectory = \"alembic_procrastinate/versions\"\n"
    );
    let made = project.tree();
    project
        .run(&["init", "--separate"])
        .exits(0)
        .out_has(&["Wired already"]);
    made.assert_untouched(&project.tree());

    project
        .syncs(&three(), &[])
        .out_has(&["alembic -c alembic_procrastinate.ini upgrade head"]);
    let vendored = project.root.join("alembic_procrastinate/versions");
    assert!(vendored.join(FIRST_PY).is_file());
    assert!(!project.vendored().exists());
    let outcome = project.check(&three(), &["--strict"]);
    outcome.exits(0);
}

#[test]
fn what_is_there_is_the_users() {
    let project = Project::new();
    put(&project.root.join(ENV), "# mine\n");
    project
        .run(&["init", "--separate"])
        .exits(0)
        .err_has(&[ENV, "stays as it is"]);
    assert_eq!(read(&project, ENV), "# mine\n");
    assert!(read(&project, INI).contains("script_location"));
}

#[test]
fn the_directory_and_the_variable_can_be_named() {
    let project = Project::new();
    put(
        &project.root.join("pyproject.toml"),
        "[project]\nname = \"x\"\n",
    );
    project
        .run(&["init", "--separate", "db/jobs", "--url-env", "JOBS_URL"])
        .exits(0)
        .out_has(&["alembic -c jobs.ini upgrade head"])
        .err_has(&["JOBS_URL"]);
    assert!(read(&project, "jobs.ini").contains("url_variable = JOBS_URL"));
    assert!(read(&project, "pyproject.toml").ends_with(
        "[tool.vendor-migrations]\nconfig = \"jobs.ini\"\ndirectory = \"db/jobs/versions\"\n"
    ));
    for directory in ["../jobs", "/tmp/jobs"] {
        let before = project.tree();
        project
            .run(&["init", "--separate", directory])
            .fails(&[directory]);
        before.assert_untouched(&project.tree());
    }
}

#[test]
fn a_project_without_alembic_of_its_own_gets_one() {
    let project = Project::bare();
    project
        .run(&["init", "--separate"])
        .exits(0)
        .err_has(&["DATABASE_URL"]);
    project.syncs(&three(), &[]);
    project.check(&three(), &["--strict"]).exits(0);
}

#[test]
fn procrastinates_own_templates_are_taken_where_it_ships_them() {
    let project = Project::new();
    let with = Wrapping::Call
        .three()
        .file(&format!("{TEMPLATES}env.py.template"), "# upstream's env\n")
        .file(&format!("{TEMPLATES}script.py.mako"), "# upstream's mako\n");
    let without = project.install(&three());
    let before = project.tree();
    let asked = ["init", "--separate", "--upstream-templates", "--from"];
    project
        .run(&[&asked[..], &[without.as_str()]].concat())
        .fails(&["no templates"]);
    before.assert_untouched(&project.tree());
    let site = project.install(&with);
    project
        .run(&[&asked[..], &[site.as_str()]].concat())
        .exits(0);
    assert_eq!(read(&project, ENV), "# upstream's env\n");
    assert_eq!(
        read(&project, "alembic_procrastinate/script.py.mako"),
        "# upstream's mako\n"
    );
}

#[test]
fn a_second_copy_is_refused() {
    let project = Project::with(&three());
    let before = project.tree();
    project
        .run(&["init", "--separate"])
        .fails(&["alembic/versions_procrastinate", "two places"]);
    before.assert_untouched(&project.tree());
    let mut typo = project.tool(&["init", "--seperate"]);
    let outcome = outcome(&mut typo);
    outcome.exits(2).err_has(&["--separate"]);
}
