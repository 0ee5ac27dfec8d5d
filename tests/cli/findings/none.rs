//! Projects without a fault: not one finding, not even a warning.

mod setups;

use super::{ENV, INI, edit, finds, own, packages, project};
use crate::support::releases::{THIRD_ID, three};
use crate::support::{Package, Project, put};

/// What the last revision is called: as rendered, or as copied.
fn last(project: &Project) -> String {
    project.ids().pop().unwrap()
}

#[test]
fn a_project_as_alembic_init_makes_it() {
    for package in packages() {
        let project = project(&package);
        finds(&project, &package, &[]);
        own(&project, "one", "1f2e3d4c5b6a", "None");
        own(&project, "two", "2a2b3c4d5e6f", "\"1f2e3d4c5b6a\"");
        finds(&project, &package, &[]);
    }
}

#[test]
fn a_fresh_clone_without_empty_directories() {
    for package in packages() {
        let project = project(&package);
        std::fs::remove_file(project.root.join("alembic/versions/.keep")).unwrap();
        std::fs::remove_dir(project.root.join("alembic/versions")).unwrap();
        finds(&project, &package, &[]);
    }
}

#[test]
fn a_linear_history() {
    for package in packages() {
        let project = Project::bare();
        for (file, text) in [
            ("alembic.ini", INI),
            ("alembic/env.py", ENV),
            ("vendor-migrations.toml", "history = \"linear\"\n"),
            ("Makefile", "migrate:\n\talembic upgrade head\n"),
        ] {
            put(&project.root.join(file), text);
        }
        own(&project, "one", "one", "None");
        project.syncs(&package, &[]);
        finds(&project, &package, &[]);
        own(&project, "two", "two", &format!("{:?}", last(&project)));
        finds(&project, &package, &[]);
    }
}

#[test]
fn branches_of_the_users_own_and_what_depends_on_the_vendored_ones() {
    let project = project(&three());
    own(&project, "one", "one", "None");
    let text = format!(
        "revision = \"two\"\ndown_revision = \"one\"\nbranch_labels = (\"shop\",)\ndepends_on = (\"{THIRD_ID}\",)\n"
    );
    put(&project.root.join("alembic/versions/two.py"), text);
    let text = "revision = \"three\"\ndown_revision = (\"two\",)\ndepends_on = \"procrastinate\"\n";
    put(&project.root.join("alembic/versions/three.py"), text);
    own(
        &project,
        "merge",
        "merge",
        &format!("(\"three\", \"{THIRD_ID}\")"),
    );
    finds(&project, &three(), &[]);
}

#[test]
fn what_alembic_ignores_lies_about() {
    let project = project(&three());
    for name in [
        "__init__.py",
        "notes.txt",
        "data.sql",
        "__pycache__/old.py",
        "drafts/unfinished.py",
    ] {
        put(&project.root.join("alembic/versions").join(name), "x = 1\n");
    }
    finds(&project, &three(), &[]);
}

#[test]
fn asynchronous_scripts() {
    let old = "def run_migrations_online() -> None:\n";
    let (start, rest) = ENV.split_once(old).unwrap();
    let end = &rest[rest.find("if context.is_offline_mode()").unwrap()..];
    let text = format!(
        "import asyncio\n\nfrom sqlalchemy.ext.asyncio import async_engine_from_config\n{start}\
         def do_run_migrations(connection):\n    \
         context.configure(connection=connection, target_metadata=target_metadata)\n\n    \
         with context.begin_transaction():\n        context.run_migrations()\n\n\n\
         async def run_async_migrations() -> None:\n    \
         connectable = async_engine_from_config(config.get_section(config.config_ini_section, {{}}))\n\n    \
         async with connectable.connect() as connection:\n        \
         await connection.run_sync(do_run_migrations)\n\n    await connectable.dispose()\n\n\n\
         {old}    asyncio.run(run_async_migrations())\n\n\n{end}"
    );
    let project = project(&three());
    put(&project.root.join("alembic/env.py"), text);
    finds(&project, &three(), &[]);
}

#[test]
fn a_filter_and_metadata() {
    let project = project(&three());
    let filter = "target_metadata = models.metadata\n\n\n\
                  def include_name(name, type_, parent_names):\n    \
                  return not (type_ == \"table\" and name.startswith(\"procrastinate_\"))\n";
    edit(
        &project,
        "alembic/env.py",
        "target_metadata = None\n",
        filter,
    );
    edit(
        &project,
        "alembic/env.py",
        "connection=connection, target_metadata=target_metadata",
        "connection=connection, target_metadata=target_metadata, include_name=include_name",
    );
    finds(&project, &three(), &[]);
}

#[test]
fn calls_of_upgrade_heads_and_of_upgrade_head_with_one_head() {
    let project = project(&three());
    put(
        &project.root.join("Makefile"),
        "up:\n\talembic upgrade head\n",
    );
    finds(&project, &three(), &[]);
    own(&project, "one", "one", "None");
    put(
        &project.root.join("Makefile"),
        "up:\n\talembic upgrade heads\n\talembic upgrade procrastinate@head\n# alembic upgrade head\n",
    );
    put(
        &project.root.join("README.md"),
        "Run `alembic upgrade head`.\n",
    );
    finds(&project, &three(), &[]);
}

/// Other spellings of a wired project.
#[test]
fn every_spelling_of_the_locations() {
    let toml = "[tool.alembic]\nscript_location = \"alembic\"\n\
                version_locations = [\n    \"alembic/versions\",  # ours\n    \"%(here)s/alembic/versions_procrastinate\",\n]\n";
    let with = |value: &str| format!("[alembic]\nscript_location = alembic\n{value}\n");
    let package: &Package = &three();
    for (file, text) in [
        ("pyproject.toml", toml.to_owned()),
        (
            "alembic.ini",
            with("version_locations = alembic/versions alembic/versions_procrastinate"),
        ),
        (
            "alembic.ini",
            with("version_locations = alembic/versions,  ./alembic/versions_procrastinate/"),
        ),
        (
            "alembic.ini",
            with(
                "path_separator = newline\nversion_locations =\n    alembic/versions\n    alembic/versions_procrastinate",
            ),
        ),
    ] {
        let project = Project::bare();
        put(&project.root.join(file), text);
        put(&project.root.join("alembic/env.py"), ENV);
        project.syncs(package, &[]);
        finds(&project, package, &[]);
    }
}

#[test]
fn a_vendored_directory_below_a_location_that_is_searched_recursively() {
    for package in packages() {
        let project = Project::bare();
        for (file, text) in [
            (
                "alembic.ini",
                "[alembic]\nscript_location = alembic\nrecursive_version_locations = true\n",
            ),
            (
                "vendor-migrations.toml",
                "directory = \"alembic/versions/procrastinate\"\n",
            ),
            ("alembic/env.py", ENV),
        ] {
            put(&project.root.join(file), text);
        }
        own(&project, "2024/one", "one", "None");
        project.syncs(&package, &[]);
        finds(&project, &package, &[]);
    }
}
