//! What `check` says of Alembic's configuration, `env.py` and the revisions around the vendored ones: each finding with its
//! place, and none where nothing is wrong.

mod accept;
mod calls;
mod calls_around;
mod calls_inside;
mod env;
mod ignored;
mod loaded;
mod locations;
mod none;
mod programs;
mod revisions;
mod schema;
mod separators;
mod undecidable;

use crate::support::releases::{WRAPPINGS, three};
use crate::support::{Outcome, Package, Project, put};

/// An ini file as `alembic init` writes it since 1.16, wired.
const INI: &str = "[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = .\n\
                   version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n\
                   path_separator = ;\n";

/// `env.py` in the shape of Alembic's template, with `{}` for more arguments of the second `configure`.
const ENV: &str = "from alembic import context\nfrom sqlalchemy import engine_from_config, pool\n\n\
                   config = context.config\ntarget_metadata = None\n\n\n\
                   def run_migrations_offline() -> None:\n    \
                   url = config.get_main_option(\"sqlalchemy.url\")\n    \
                   context.configure(url=url, target_metadata=target_metadata, literal_binds=True)\n\n    \
                   with context.begin_transaction():\n        context.run_migrations()\n\n\n\
                   def run_migrations_online() -> None:\n    \
                   connectable = engine_from_config(config.get_section(config.config_ini_section, {}))\n\n    \
                   with connectable.connect() as connection:\n        \
                   context.configure(connection=connection, target_metadata=target_metadata)\n\n        \
                   with context.begin_transaction():\n            context.run_migrations()\n\n\n\
                   if context.is_offline_mode():\n    run_migrations_offline()\nelse:\n    run_migrations_online()\n";

/// A wired project with a release vendored and no fault.
fn project(package: &Package) -> Project {
    let project = Project::bare();
    put(&project.root.join("alembic.ini"), INI);
    put(&project.root.join("alembic/env.py"), ENV);
    put(&project.root.join("alembic/versions/.keep"), "");
    project.syncs(package, &[]);
    project
}

/// A release for each way to vendor it: rendered, and copied in both layouts.
fn packages() -> Vec<Package> {
    let copied = WRAPPINGS.iter().map(|wrapping| wrapping.three());
    std::iter::once(three()).chain(copied).collect()
}

/// The findings of a run as their first lines, in order: `error[not-wired] alembic.ini:4`.
fn heads(outcome: &Outcome) -> Vec<&str> {
    let is_head = |line: &&str| line.starts_with("error[") || line.starts_with("warning[");
    outcome.out.lines().filter(is_head).collect()
}

/// `check` finds exactly these, each with its facts, and fails if one of them is an error, or with `--strict`.
#[track_caller]
fn finds(project: &Project, package: &Package, expected: &[(&str, &[&str])]) {
    let before = project.tree();
    // One by one, however many there are of a code.
    let outcome = project.check(package, &["-v"]);
    let said: Vec<&str> = expected.iter().map(|(head, _)| *head).collect();
    assert_eq!(heads(&outcome), said, "{outcome}");
    for (head, facts) in expected {
        let start = outcome.out.find(&format!("{head}\n")).unwrap();
        let finding = outcome.out[start..].split("\n\n").next().unwrap();
        assert!(finding.contains("\n  help: "), "{finding}");
        for fact in *facts {
            assert!(finding.contains(fact), "no {fact:?} in {finding}");
        }
    }
    let fails = said.iter().any(|head| head.starts_with("error["));
    outcome.exits(i32::from(fails)).does_not_panic();
    let strict = project.check(package, &["--strict"]);
    strict.exits(i32::from(!said.is_empty()));
    before.assert_untouched(&project.tree());
}

/// Replaces a text of one of the project's files, which has to be there once.
#[track_caller]
fn edit(project: &Project, file: &str, old: &str, new: &str) {
    let path = project.root.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(old).count(), 1, "{old:?} in {text}");
    put(&path, text.replace(old, new));
}

/// A revision file of the project's own, `alembic/versions/NAME.py`; `down` is Python.
fn own(project: &Project, name: &str, id: &str, down: &str) {
    let text = format!(
        "\"\"\"{name}\"\"\"\n\nrevision = {id:?}\ndown_revision = {down}\nbranch_labels = None\ndepends_on = None\n"
    );
    put(
        &project.root.join(format!("alembic/versions/{name}.py")),
        text,
    );
}
