//! What `env.py` and programs make of the locations, held against what `upgrade` runs.

use std::process::Command;

use camino::Utf8Path;
use fs_err as fs;

use super::{NEWEST, OLDEST};
use crate::database::takes_all;
use crate::support::database::Driver;
use crate::support::process::{Outcome, run, scrub};
use crate::support::project::Project;
use crate::support::python;

const OWN: &str = "from alembic import op\n\nrevision = \"own\"\ndown_revision = None\n\n\ndef upgrade():\n    op.execute(\"SELECT 1\")\n";

/// A project with a revision of its own, which any Alembic reads; the vendored directory is listed or not.
fn project(listed: bool) -> Project {
    let project = Project::new(Driver::Psycopg);
    let ini = project.root().join("alembic.ini");
    let text = fs::read_to_string(&ini).expect("alembic init wrote it");
    let text = text.replace(
        "path_separator = os",
        "path_separator = os\nversion_path_separator = os",
    );
    let lines = text
        .lines()
        .filter(|line| listed || !line.starts_with("version_locations"));
    let text: Vec<&str> = lines.collect();
    fs::write(&ini, text.join("\n")).expect("the project can be written");
    fs::write(project.root().join("alembic/versions/own.py"), OWN)
        .expect("the project can be written");
    project.sync("3.10.0");
    project
}

/// The versions that differ, or the first and the last of them.
fn versions() -> &'static [&'static str] {
    const ALL: [&str; 4] = [OLDEST, NEWEST, "1.13.3", "1.16.5"];
    if takes_all() { &ALL } else { &ALL[..2] }
}

/// Which revisions a command would run: those of the project's own, and the vendored ones.
fn ran(outcome: &Outcome) -> [bool; 2] {
    ["-> own", "-> procrastinate_03_04_00_50"]
        .map(|end| outcome.stdout.contains(end) || outcome.stderr.contains(end))
}

#[test]
fn what_env_py_makes_of_the_list() {
    const LINES: [&str; 10] = [
        "",
        "context.script.version_locations = [\"alembic/versions\"]",
        "context.script.version_locations[:] = [\"alembic/versions\"]",
        "setattr(context.script, \"version_locations\", [\"alembic/versions\"])",
        "script = context.script\nscript.version_locations = [\"alembic/versions\", \"alembic/versions_procrastinate\"]",
        "context.script.version_locations = [\"alembic/versions_procrastinate\"]",
        "context.script.version_locations = [*(context.script.version_locations or []), \"alembic/versions_procrastinate\"]",
        "context.script.version_locations += [\"alembic/versions_procrastinate\"]",
        "from alembic.script import ScriptDirectory\nScriptDirectory.from_config(config).version_locations = []",
        "config.set_main_option(\"version_locations\", \"alembic/versions\")",
    ];
    for listed in [true, false] {
        let project = project(listed);
        let env = project.root().join("alembic/env.py");
        let original = fs::read_to_string(&env).expect("alembic init wrote it");
        for line in LINES {
            let first = "config = context.config\n";
            fs::write(&env, original.replace(first, &format!("{first}{line}\n")))
                .expect("the project can be written");
            let checked = project.tool(&["check"]);
            for version in versions() {
                let mut command = Command::new(python::alembic_environment(version));
                let upgraded = run(scrub(&mut command)
                    .env("PYTHONDONTWRITEBYTECODE", "1")
                    .args(["-m", "alembic", "upgrade", "heads", "--sql"])
                    .current_dir(project.root()));
                // The oldest has no list to add to where none is set.
                let all = upgraded.status == Some(0) && ran(&upgraded) == [true, true];
                let says = format!("{listed} {version} {line}: {upgraded}{checked}");
                assert_eq!(checked.status == Some(0), all, "{says}");
            }
        }
    }
}

const PROGRAM: &str = "import pathlib\nfrom alembic import command\nfrom alembic.config import Config\nHERE = pathlib.Path(__file__).parent\n";

/// The program starts in another directory.
#[test]
fn what_programs_see() {
    const BODIES: [(&str, Option<&str>); 6] = [
        ("cfg = Config(HERE / \"alembic.ini\")", None),
        (
            "cfg = Config(HERE / \"alembic.ini\")\ncfg.set_main_option(\"script_location\", str(HERE / \"alembic\"))",
            None,
        ),
        (
            "cfg = Config()\ncfg.set_main_option(\"script_location\", str(HERE / \"alembic\"))",
            Some("error[not-wired] migrate.py:5"),
        ),
        (
            "cfg = Config(None)\ncfg.set_section_option(\"alembic\", \"script_location\", f\"{HERE}/alembic\")",
            Some("error[not-wired] migrate.py:5"),
        ),
        (
            "cfg = Config(HERE / \"alembic.ini\")\ncfg.set_main_option(\"version_locations\", \"alembic/versions\")",
            Some("error[not-wired] migrate.py:5"),
        ),
        (
            "cfg = Config(HERE / \"alembic.ini\")\ncfg.set_main_option(\"version_locations\", f\"{HERE}/alembic/versions:{HERE}/alembic/versions_procrastinate\")",
            None,
        ),
    ];
    let project = project(true);
    for (body, found) in BODIES {
        let body = format!(
            "{PROGRAM}{body}\ncfg.set_main_option(\"sqlalchemy.url\", \"postgresql+psycopg://\")\ncommand.upgrade(cfg, \"heads\", sql=True)\n"
        );
        fs::write(project.root().join("migrate.py"), &body).expect("the project can be written");
        let upgraded = run(python::python()
            .current_dir("/")
            .arg(project.root().join("migrate.py")))
        .exits(0);
        assert_eq!(ran(&upgraded)[1], found.is_none(), "{body}{upgraded}");
        let checked = project.tool(&["check"]);
        assert_eq!(
            checked.status,
            Some(i32::from(found.is_some())),
            "{body}{checked}"
        );
        checked.says(found.unwrap_or("38 revisions"));
    }
}

/// Settings of an ini before `init`: they name no separator, only the newer key, or lines.
const SETTINGS: [&str; 5] = [
    "",
    "path_separator = os\n",
    "path_separator = os\nversion_locations = alembic/versions\n",
    "path_separator = newline\nversion_locations =\n    %(here)s/alembic/versions\n",
    "version_locations =\n    alembic/versions\n",
];

/// What `init` writes, whichever Alembic is there, holds on every other, and for a program that starts in another directory, the
/// project's own revisions included.
#[test]
fn what_init_writes_holds_everywhere() {
    const SECTIONS: &str = "[loggers]\nkeys = root\n[handlers]\nkeys =\n[formatters]\nkeys =\n[logger_root]\nhandlers =\n";
    let pin = "cfg.set_main_option(\"script_location\", str(HERE / \"alembic\"))";
    let body = format!(
        "cfg = Config(HERE / \"alembic.ini\")\n{pin}\ncommand.upgrade(cfg, \"heads\", sql=True)\n"
    );
    for settings in SETTINGS {
        // What an older Alembic would write is the same, but for lines.
        let presents = [NEWEST, OLDEST];
        for present in &presents[..if takes_all() || settings.contains("=\n") {
            2
        } else {
            1
        }] {
            let project = Project::new(Driver::Psycopg);
            let root = project.root();
            let ini = format!(
                "[alembic]\nscript_location = alembic\nsqlalchemy.url = postgresql+psycopg://\n{settings}{SECTIONS}"
            );
            fs::write(root.join("alembic.ini"), ini).expect("the project can be written");
            fs::write(root.join("alembic/versions/own.py"), OWN)
                .expect("the project can be written");
            fs::write(root.join("migrate.py"), format!("{PROGRAM}{body}"))
                .expect("the project can be written");
            let programs = python::alembic_environment(present);
            let environment = programs
                .parent()
                .and_then(Utf8Path::parent)
                .expect("it lies in an environment");
            fs_err::os::unix::fs::symlink(environment, root.join(".venv"))
                .expect("the project can be written");
            project.tool(&["init"]).exits(0);
            project.sync("3.10.0");
            project.tool(&["check", "--strict"]).exits(0);
            // Relative entries that were there stay so: from the project's root they hold.
            let directory = if settings.contains(" alembic/") {
                root.as_str()
            } else {
                "/"
            };
            for version in versions() {
                let mut command = Command::new(python::alembic_environment(version));
                let upgraded = run(scrub(&mut command)
                    .current_dir(directory)
                    .arg(root.join("migrate.py")));
                let refused = settings.contains("=\n") && *present == NEWEST && *version == OLDEST;
                assert_eq!(
                    upgraded.status != Some(0),
                    refused,
                    "{settings}{present} {version}: {upgraded}"
                );
                assert!(
                    refused || ran(&upgraded) == [true, true],
                    "{settings}{present} {version}: {upgraded}"
                );
            }
        }
    }
}

/// Alembic's template for several databases, which no vendored revision can run under.
#[test]
fn several_databases() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.10.0");
    fs::remove_dir_all(project.root().join("many")).ok();
    project
        .alembic(&["-c", "many.ini", "init", "-t", "multidb", "many"])
        .exits(0);
    let refused = project
        .tool(&["init", "-c", "many.ini", "-n", "alembic"])
        .exits(2);
    refused.says("many/env.py:").says("TypeError");
}
