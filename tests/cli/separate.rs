//! `init --separate`: a separate Alembic environment for Procrastinate.

use camino::Utf8Path;

use crate::support::project::outcome;
use crate::support::releases::{FIRST, FIRST_PY, FIRST_SQL, SECOND, WRAPPINGS, Wrapping, three};
use crate::support::{Outcome, Package, Project, put};

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
            "alembic -c alembic_procrastinate.ini upgrade heads\n",
        ])
        .out_has(&["\"procrastinate\" in (name or \"\")"])
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
        .out_has(&["alembic -c alembic_procrastinate.ini upgrade heads"]);
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
        .out_has(&["alembic -c jobs.ini upgrade heads"])
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

/// Upstream's `env.py`, as the published guide has it, with options of its own.
fn upstreams_env(options: &str) -> String {
    format!(
        "from alembic import context\nfrom sqlalchemy import engine_from_config\n\nconfig = context.config\n\n\
         connectable = engine_from_config(config.get_section(config.config_ini_section), prefix=\"sqlalchemy.\")\n\
         with connectable.connect() as connection:\n    context.configure(connection=connection, transaction_per_migration=True{options})\n    \
         with context.begin_transaction():\n        context.run_migrations()\n"
    )
}

fn with_templates(env: &str) -> Package {
    Wrapping::Call
        .three()
        .file(&format!("{TEMPLATES}env.py.template"), env)
        .file(&format!("{TEMPLATES}script.py.mako"), "# upstream's mako\n")
}

fn with_upstreams(project: &Project, site: &Utf8Path) -> Outcome {
    let asked = ["init", "--separate", "--upstream-templates", "--from"];
    project.run(&[&asked[..], &[site.as_str()]].concat())
}

#[test]
fn procrastinates_own_templates_are_taken_where_it_ships_them() {
    let project = Project::new();
    let env = upstreams_env(", version_table=\"alembic_version_jobs\"");
    let without = project.install(&three());
    let before = project.tree();
    with_upstreams(&project, &without).fails(&["no templates"]);
    before.assert_untouched(&project.tree());
    let package = with_templates(&env);
    let site = project.install(&package);
    with_upstreams(&project, &site)
        .exits(0)
        .err_has(&["sqlalchemy.url", INI, "`check` fails"]);
    assert_eq!(read(&project, ENV), env);
    assert_eq!(
        read(&project, "alembic_procrastinate/script.py.mako"),
        "# upstream's mako\n"
    );
    // The keys that only our own `env.py` reads are not written.
    let ini = read(&project, INI);
    assert!(
        ini.contains("\nsqlalchemy.url =\n") && !ini.contains("application_config"),
        "{ini}"
    );
    project.syncs(&package, &["--mode", "copy"]);
    let found = project.check(&package, &[]);
    found
        .exits(1)
        .out_has(&["error[no-url] alembic_procrastinate.ini:"]);
    let filled = ini.replace(
        "sqlalchemy.url =\n",
        "sqlalchemy.url = postgresql+psycopg://h/d\n",
    );
    put(&project.root.join(INI), filled);
    project.check(&package, &["--strict"]).exits(0);
}

/// Two environments with one version table stumble over each other's rows.
#[test]
fn templates_that_share_the_version_table_are_refused() {
    for options in [
        "",
        ", version_table=\"alembic_version\"",
        ", version_table=name()",
        ", **options()",
    ] {
        let project = Project::new();
        let site = project.install(&with_templates(&upstreams_env(options)));
        let before = project.tree();
        with_upstreams(&project, &site)
            .fails(&["`alembic_version`", "remove `--upstream-templates`"]);
        before.assert_untouched(&project.tree());
    }
    // Without another environment, there is nobody to share it with.
    let project = Project::bare();
    let site = project.install(&with_templates(&upstreams_env("")));
    with_upstreams(&project, &site).exits(0);
}

/// What `init` writes passes `check`, whatever is vendored: rendered revisions, or copies that add enum values.
#[test]
fn what_is_written_passes_check() {
    let enums = [
        (FIRST, FIRST_SQL),
        (SECOND, "ALTER TYPE example_status ADD VALUE 'aborting';\n"),
    ];
    for wrapping in WRAPPINGS {
        for options in [
            &[][..],
            &["db/jobs"],
            &["--url-env", "JOBS_URL"],
            &["--schema", "jobs"],
        ] {
            let project = Project::new();
            let ini = project.root.join("alembic.ini");
            let text = std::fs::read_to_string(&ini).unwrap();
            put(
                &ini,
                text.replace(
                    "[alembic]\n",
                    "[alembic]\nsqlalchemy.url = postgresql+psycopg://h/d\n",
                ),
            );
            project
                .run(&[&["init", "--separate"], options].concat())
                .exits(0);
            let package = wrapping.release("91.1.0", &enums);
            let render = options.contains(&"--schema");
            let mode = ["--mode", if render { "render" } else { "copy" }];
            let synced = project.syncs(&package, &mode);
            assert!(!synced.err.contains("warning"), "{synced}");
            let checked = project.check(&package, &["--strict"]);
            checked.exits(0);
            // The application's URL is known.
            let unknown = checked.err.contains("no configuration file has its URL");
            assert_eq!(unknown, options.contains(&"--url-env"), "{checked}");
            assert!(!checked.out.contains("asyncpg"), "{checked}");
        }
    }
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

/// The database's URL may be in it.
#[test]
fn a_configuration_that_cannot_be_read_is_an_error() {
    for bytes in [
        &b"[alembic]\nscript_location = \xff\n"[..],
        b"[alembic\nscript_location = alembic\n",
    ] {
        let project = Project::new();
        put(&project.root.join("alembic.ini"), bytes);
        let before = project.tree();
        project.run(&["init", "--separate"]).fails(&["alembic.ini"]);
        before.assert_untouched(&project.tree());
    }
    let project = Project::new();
    let named = ["-c", "nowhere.ini", "init", "--separate"];
    project.run(&named).fails(&["nowhere.ini"]);
}
