//! What cannot be decided from files is said, and is no fault.

use super::{edit, project};
use crate::support::releases::three;
use crate::support::{Outcome, Package, Project, put};

/// `check --strict` has no finding, and notes these facts.
#[track_caller]
fn notes(project: &Project, package: &Package, facts: &[&str]) -> Outcome {
    let outcome = project.check(package, &["--strict"]);
    outcome.exits(0).err_has(&["note:"]).err_has(facts);
    outcome
}

#[test]
fn a_configuration_made_in_python() {
    let project = Project::bare();
    let program = "from alembic.config import Config\n\nconfig = Config()\n\
                   config.set_main_option(\"script_location\", \"db/scripts\")\n\
                   config.set_main_option(\"version_locations\", places())\n";
    for (file, text) in [
        ("manage.py", program),
        ("db/scripts/env.py", "from alembic import context\n"),
        ("db/scripts/script.py.mako", ""),
    ] {
        put(&project.root.join(file), text);
    }
    project.syncs(&three(), &[]);
    let facts = [
        "db/scripts/versions_procrastinate",
        "files do not show",
        "manage.py:",
    ];
    notes(&project, &three(), &facts);
}

#[test]
fn a_revision_that_is_computed() {
    let project = project(&three());
    put(
        &project.root.join("alembic/versions/odd.py"),
        "import app\n\nrevision = app.revision()\ndown_revision = None\n",
    );
    notes(
        &project,
        &three(),
        &["alembic/versions/odd.py", "without", "revision"],
    );
}

#[test]
fn an_env_py_that_leaves_it_to_others() {
    let project = project(&three());
    put(
        &project.root.join("alembic/env.py"),
        "from app.migrations import run\n\nrun()\n",
    );
    notes(&project, &three(), &["alembic/env.py", "in part only"]);
}

#[test]
fn the_package_of_a_location_where_nothing_is_installed() {
    let project = project(&three());
    edit(
        &project,
        "alembic.ini",
        "path_separator = ;",
        "path_separator = newline",
    );
    edit(
        &project,
        "alembic.ini",
        "%(here)s/alembic/versions;%(here)s",
        "shop.db:revisions\n  %(here)s/alembic/versions\n  %(here)s",
    );
    notes(
        &project,
        &three(),
        &["shop.db:revisions", "not installed here"],
    );
}
