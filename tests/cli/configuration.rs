//! Where Alembic's configuration is looked for, and what is said when that is not plain.

use crate::support::project::outcome;
use crate::support::releases::three;
use crate::support::{Outcome, Project, put};

const SCRIPTS: &str = "[alembic]\nscript_location = alembic\n";

/// A project with these files.
fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::bare();
    for (name, text) in files {
        put(&project.root.join(name), text);
    }
    project
}

/// `sync` vendors into `directory`.
#[track_caller]
fn vendors_into(project: &Project, options: &[&str], directory: &str) -> Outcome {
    let outcome = project.syncs(&three(), options);
    let lock = project.root.join(directory).join("vendor-migrations.lock");
    assert!(lock.is_file(), "{lock}: {:?}", project.tree().paths());
    outcome
}

/// Every command refuses the configuration with the facts, and leaves the project as it is.
#[track_caller]
fn refused(project: &Project, options: &[&str], facts: &[&str]) {
    let before = project.tree();
    for command in ["sync", "check", "diff", "status"] {
        project.run(&[&[command], options].concat()).fails(facts);
    }
    before.assert_untouched(&project.tree());
}

#[test]
fn the_only_configuration_below_the_root_is_taken_and_said() {
    for (file, text, env) in [
        ("backend/alembic.ini", SCRIPTS, "backend/alembic/env.py"),
        (
            "services/billing/alembic.ini",
            SCRIPTS,
            "services/billing/alembic/env.py",
        ),
        (
            "backend/pyproject.toml",
            "[tool.alembic]\nscript_location = \"alembic\"\n",
            "backend/alembic/env.py",
        ),
        // Relative to the project's root, where `alembic -c backend/alembic.ini` is run.
        ("backend/alembic.ini", SCRIPTS, "alembic/env.py"),
    ] {
        let project = project(&[(file, text), (env, ""), ("pyproject.toml", "[project]\n")]);
        let directory = env.replace("env.py", "versions_procrastinate");
        vendors_into(&project, &[], &directory).err_has(&["note:", file]);
        let named = project.syncs(&three(), &["-c", file]);
        assert!(!named.err.contains("took `"), "{named}");
    }
}

#[test]
fn other_peoples_configurations_are_not_taken() {
    let project = project(&[
        ("backend/alembic.ini", SCRIPTS),
        ("backend/alembic/env.py", ""),
        ("node_modules/x/alembic.ini", SCRIPTS),
        (".tox/alembic.ini", SCRIPTS),
        ("env/pyvenv.cfg", ""),
        ("env/lib/alembic.ini", SCRIPTS),
        ("a/b/c/alembic.ini", SCRIPTS),
        ("other/pyproject.toml", "[tool.other]\n"),
        ("broken/pyproject.toml", "[tool"),
    ]);
    vendors_into(&project, &[], "backend/alembic/versions_procrastinate");
}

#[test]
fn several_configurations_below_the_root_are_listed() {
    let project = project(&[
        ("one/alembic.ini", SCRIPTS),
        ("one/alembic/env.py", ""),
        ("two/alembic.ini", SCRIPTS),
        ("two/alembic/env.py", ""),
    ]);
    let facts = ["one/alembic.ini", "two/alembic.ini", "--config"];
    refused(&project, &[], &facts);
    vendors_into(
        &project,
        &["-c", "two/alembic.ini"],
        "two/alembic/versions_procrastinate",
    );
}

/// Its ini names no script location, and its `env.py` asks the application: `alembic` cannot run it.
#[test]
fn flask_migrates_commands_are_printed() {
    let env = "from alembic import context\nfrom flask import current_app\n";
    let project = project(&[
        ("migrations/alembic.ini", "[alembic]\n"),
        ("migrations/env.py", env),
    ]);
    project
        .syncs(&three(), &[])
        .out_has(&["  flask db upgrade heads\n"]);
}

#[test]
fn flask_migrates_directory_is_taken_and_said() {
    let ini = "[alembic]\n# file_template = x\n\n[loggers]\nkeys = root\n";
    for (directory, options) in [
        ("migrations", &[][..]),
        ("backend/migrations", &[]),
        ("migrations", &["-c", "migrations/alembic.ini"]),
    ] {
        let at = |name: &str| format!("{directory}/{name}");
        let project = project(&[(&at("alembic.ini"), ini), (&at("env.py"), "")]);
        let outcome = vendors_into(&project, options, &at("versions_procrastinate"));
        outcome.err_has(&["note:", &at("alembic.ini"), "Flask-Migrate"]);
    }
}

#[test]
fn relative_locations_that_fit_two_directories_are_said() {
    let project = project(&[
        ("backend/alembic.ini", SCRIPTS),
        ("backend/alembic/env.py", ""),
        ("alembic/env.py", ""),
    ]);
    let config = ["-c", "backend/alembic.ini"];
    let outcome = vendors_into(&project, &config, "alembic/versions_procrastinate");
    outcome.err_has(&["note:", "backend/alembic.ini", "relative"]);
}

#[test]
fn the_sections_that_could_be_meant_are_listed() {
    let text = "[billing]\nscript_location = one\n[shop]\nscript_location = two\n[loggers]\n";
    let project = project(&[
        ("alembic.ini", text),
        ("one/env.py", ""),
        ("two/env.py", ""),
    ]);
    refused(&project, &[], &["alembic.ini", "billing, shop", "--name"]);
    vendors_into(&project, &["-n", "shop"], "two/versions_procrastinate");
}

#[test]
fn a_configuration_built_in_python_is_no_error() {
    let program = "from alembic.config import Config\nconfig = Config()\n\
                   config.set_main_option('script_location', 'db/scripts')\n";
    let project = project(&[
        ("manage.py", program),
        ("db/scripts/env.py", ""),
        ("db/scripts/script.py.mako", ""),
    ]);
    let outcome = vendors_into(&project, &[], "db/scripts/versions_procrastinate");
    assert!(!outcome.err.contains("does not look into"), "{outcome}");
    put(&project.root.join("other/env.py"), "");
    put(&project.root.join("other/script.py.mako"), "");
    let facts = ["`db/scripts`, `other`", "--script-location"];
    refused(&project, &[], &facts);
}

#[test]
fn a_variable_that_only_alembic_obeys_is_mentioned() {
    let project = project(&[
        ("alembic.ini", SCRIPTS),
        ("alembic/env.py", ""),
        ("other.ini", SCRIPTS),
    ]);
    let mut status = project.tool(&["status"]);
    status.env("ALEMBIC_CONFIG", "other.ini");
    let unnamed = outcome(&mut status);
    unnamed.err_has(&["note:", "ALEMBIC_CONFIG", "other.ini", "--config"]);
    let mut named = project.tool(&["status", "-c", "alembic.ini"]);
    named.env("ALEMBIC_CONFIG", "other.ini");
    let named = outcome(&mut named);
    assert!(!named.err.contains("ALEMBIC_CONFIG"), "{named}");
}

#[test]
fn the_rules_are_those_of_the_installed_alembic() {
    // Until 1.16 only the old key separates; from then on the new one does.
    let ini = "[alembic]\nscript_location = alembic\npath_separator = os\nversion_path_separator = space\n\
               version_locations = alembic/versions alembic/versions_procrastinate\n";
    for (version, wired) in [("1.15.2", true), ("1.16.0", false)] {
        let site = ".venv/lib/python3.12/site-packages";
        let metadata = format!("{site}/alembic-{version}.dist-info/METADATA");
        let text = format!("Metadata-Version: 2.4\nName: alembic\nVersion: {version}\n");
        let project = project(&[
            ("alembic.ini", ini),
            ("alembic/env.py", ""),
            (&metadata, &text),
        ]);
        let outcome = project.syncs(&three(), &[]);
        let warned = outcome.err.contains("does not look into");
        assert_eq!(warned, !wired, "{version}: {outcome}");
    }
}

#[test]
fn a_package_is_found_without_python() {
    let ini = "[alembic]\nscript_location = shop.db:migrations\n";
    for package in ["shop", "src/shop"] {
        let at = |name: &str| format!("{package}/{name}");
        let project = project(&[
            ("alembic.ini", ini),
            (&at("__init__.py"), ""),
            (&at("db/__init__.py"), ""),
            (&at("db/migrations/env.py"), ""),
        ]);
        vendors_into(&project, &[], &at("db/migrations/versions_procrastinate"));
    }
    let module = project(&[("alembic.ini", ini), ("shop.py", "")]);
    refused(
        &module,
        &[],
        &["alembic.ini", "line 2", "shop.db", "module"],
    );
}
