//! Programs that make Alembic's configuration for themselves, or hand it a connection.

use super::{ENV, edit, finds, heads, own, project};
use crate::support::releases::{FIRST, FIRST_SQL, SECOND, three};
use crate::support::{Package, put};

const PROGRAM: &str = "migrate.py";
const IMPORTS: &str = "from pathlib import Path\nfrom alembic import command\nfrom alembic.config import Config\nHERE = Path(__file__).parent\n";

/// What is found in a program; a merge lets `head` be one.
fn says(text: &str, expected: &[(&str, &[&str])]) {
    let project = project(&three());
    put(&project.root.join(PROGRAM), format!("{IMPORTS}{text}"));
    finds(&project, &three(), expected);
}

#[test]
fn a_configuration_that_does_not_have_the_directory() {
    let error = "error[not-wired] migrate.py:5";
    let run = "command.upgrade(cfg, \"heads\")\n";
    for text in [
        "cfg = Config()\ncfg.set_main_option(\"script_location\", \"alembic\")\n",
        "cfg = Config()\ncfg.set_main_option(\"script_location\", str(HERE / \"alembic\"))\n",
        "cfg = Config(None)\ncfg.set_section_option(\"alembic\", \"script_location\", f\"{HERE}/alembic\")\n",
    ] {
        says(&format!("{text}{run}"), &[(error, &["reads no file"])]);
    }
    for text in [
        "cfg = Config(\"alembic.ini\")\ncfg.set_main_option(\"version_locations\", \"alembic/versions\")\n",
        "cfg = Config(HERE / \"alembic.ini\")\ncfg.set_main_option(name=\"version_locations\", value=\"alembic/versions app/more\")\n",
    ] {
        says(
            &format!("{text}{run}"),
            &[(error, &["lists the locations"])],
        );
    }
    let joined = "cfg = Config()\ncfg.set_main_option(\"script_location\", \"alembic\")\ncfg.set_main_option(\"version_locations\", f\"{HERE}/alembic/versions:{HERE}/alembic/versions_procrastinate\")\n";
    says(
        &format!("{joined}{run}"),
        &[(error, &["it names no separator"])],
    );
    let named = joined.replace(
        "Config()\n",
        "Config()\ncfg.set_main_option(\"path_separator\", \"os\")\n",
    );
    says(&format!("{named}{run}"), &[]);
    let parts = "cfg = Config(\"alembic.ini\")\ncfg.set_main_option(\"version_locations\", os.path.join(os.path.dirname(__file__), \"alembic\", \"versions\"))\n";
    says(
        &format!("{parts}{run}"),
        &[(error, &["lists the locations"])],
    );
    for text in [
        "cfg = Config(\"alembic.ini\")\n",
        "cfg = Config(str(HERE / \"alembic.ini\"))\ncfg.set_main_option(\"sqlalchemy.url\", url)\n",
        "cfg = Config()\ncfg.set_main_option(\"script_location\", \"other/migrations\")\n",
        "cfg = Config()\ncfg.set_main_option(\"script_location\", \"alembic\")\ncfg.set_main_option(\"version_locations\", f\"{HERE}/alembic/versions {HERE}/alembic/versions_procrastinate\")\n",
        "cfg = Config(\"other.ini\")\ncfg.set_main_option(\"version_locations\", \"x\")\n",
        "from app import Config\ncfg = Config()\ncfg.set_main_option(\"script_location\", \"alembic\")\n",
    ] {
        says(&format!("{text}{run}"), &[]);
    }
}

/// A package of the same repository, with scripts of its own that are called like the project's.
#[test]
fn a_configuration_of_another_package() {
    let head = "command.upgrade(cfg, \"head\")\n";
    let located = |path: &str| {
        format!("cfg = Config()\ncfg.set_main_option(\"script_location\", {path})\n{head}")
    };
    let listed = |file: &str| {
        format!(
            "cfg = Config({file})\ncfg.set_main_option(\"version_locations\", \"alembic/versions\")\n{head}"
        )
    };
    let project = project(&three());
    own(&project, "one", "one", "None");
    for (file, text) in [("alembic/env.py", ENV), ("alembic.ini", "[alembic]\n")] {
        put(&project.root.join("packages/stock").join(file), text);
    }
    let program = "packages/stock/src/stock/migrate.py";
    let root = "HERE.parents[4]";
    for (text, is_other) in [
        (located("str(HERE.parents[1] / \"alembic\")"), true),
        (located("f\"{HERE}/../../alembic\""), true),
        (
            located(&format!(
                "str({root} / \"packages\" / \"stock\" / \"alembic\")"
            )),
            true,
        ),
        (listed("\"alembic.ini\""), true),
        (listed("str(HERE.parents[1] / \"alembic.ini\")"), true),
        (listed("\"../../../../alembic.ini\""), false),
    ] {
        put(&project.root.join(program), format!("{IMPORTS}{text}"));
        let outcome = project.check(&three(), &[]);
        assert_eq!(heads(&outcome).is_empty(), is_other, "{text}{outcome}");
    }
}

/// `packages/audit` is configured by its `pyproject.toml` alone.
#[cfg(unix)]
#[test]
fn a_script_beside_another_packages_pyproject() {
    let project = project(&three());
    own(&project, "one", "one", "None");
    let script = "packages/audit/bin/run.sh";
    put(&project.root.join(script), "alembic upgrade head\n");
    let found = "error[upgrade-head] packages/audit/bin/run.sh:1";
    let toml = project.root.join("packages/audit/pyproject.toml");
    put(&toml, "[project]\nname = \"audit\"\n");
    finds(&project, &three(), &[(found, &[])]);
    put(&toml, "[tool.alembic]\nscript_location = \"audit\"\n");
    finds(&project, &three(), &[]);
}

/// In a loop, or by a function of another module.
#[test]
fn options_that_are_set_elsewhere() {
    let text = "cfg = Config()\ncfg.set_main_option(\"script_location\", \"alembic\")\n";
    let project = project(&three());
    for more in [
        "for name, value in OPTIONS.items():\n    cfg.set_main_option(name, value)\n",
        "from app.settings import configure\nconfigure(cfg)\n",
        "import app.settings\napp.settings.configure(1, cfg)\n",
    ] {
        put(
            &project.root.join(PROGRAM),
            format!("{IMPORTS}{text}{more}"),
        );
        let outcome = project.check(&three(), &[]);
        outcome.exits(0);
        outcome.err_has(&["note: migrate.py:5", "only known when it runs"]);
    }
    let error = "error[not-wired] migrate.py:5";
    for run in [
        "command.upgrade(cfg, \"heads\")\n",
        "import asyncio\nasyncio.run(asyncio.to_thread(command.upgrade, cfg, \"heads\"))\n",
    ] {
        says(&format!("{text}{run}"), &[(error, &["reads no file"])]);
    }
}

#[test]
fn two_configurations_in_one_program() {
    let text = "one = Config(\"alembic.ini\")\ntwo = Config()\ntwo.set_main_option(\"script_location\", \"alembic\")\n";
    says(
        text,
        &[(
            "error[not-wired] migrate.py:6",
            &["alembic/versions_procrastinate"],
        )],
    );
    says(&text.replace("\"alembic\")", "\"elsewhere\")"), &[]);
}

#[cfg(unix)]
#[test]
fn what_is_only_known_when_it_runs_is_noted() {
    for (text, note) in [
        (
            "cfg = Config(\"alembic.ini\")\ncfg.set_main_option(\"version_locations\", locations())\n",
            "it is not known whether",
        ),
        (
            "cfg = Config(HERE / \"alembic.ini\")\ncfg.set_main_option(\"script_location\", str(HERE / \"alembic\"))\n",
            "begin them with `%(here)s/`",
        ),
    ] {
        let project = project(&three());
        let relative = "version_locations = alembic/versions:alembic/versions_procrastinate\n";
        put(
            &project.root.join("alembic.ini"),
            format!(
                "[alembic]\nscript_location = alembic\npath_separator = os\nversion_path_separator = os\n{relative}"
            ),
        );
        put(&project.root.join(PROGRAM), format!("{IMPORTS}{text}"));
        project
            .check(&three(), &[])
            .exits(0)
            .err_has(&["migrate.py:5: ", note]);
        // Locations that hold everywhere.
        edit(
            &project,
            "alembic.ini",
            relative,
            &relative.replace("alembic/versions", "%(here)s/alembic/versions"),
        );
        let again = project.check(&three(), &[]);
        again.exits(0);
        assert_eq!(
            again.err.contains(note),
            note == "it is not known whether",
            "{again}"
        );
    }
}

fn with_enum() -> Package {
    Package::new("91.1.0")
        .sql(FIRST, FIRST_SQL)
        .sql(SECOND, "ALTER TYPE example_status ADD VALUE 'aborting';\n")
}

/// `env.py` takes the connection of the program that runs Alembic.
#[test]
fn a_connection_is_handed_on() {
    let handed = |text: &str, takes: bool, line: Option<usize>| {
        let project = project(&with_enum());
        if takes {
            let own = "connectable.connect() as connection";
            edit(
                &project,
                "alembic/env.py",
                own,
                "config.attributes.get(\"connection\") or connectable.connect() as connection",
            );
        }
        put(&project.root.join(PROGRAM), format!("{IMPORTS}{text}"));
        let head = line.map(|line| format!("error[env-transaction] migrate.py:{line}"));
        let expected: Vec<(&str, &[&str])> = head
            .iter()
            .map(|head| (head.as_str(), &["AssertionError"][..]))
            .collect();
        finds(&project, &with_enum(), &expected);
    };
    let sync = "cfg = Config(\"alembic.ini\")\nwith engine.begin() as connection:\n    cfg.attributes[\"connection\"] = connection\n    command.upgrade(cfg, \"heads\")\n";
    handed(sync, true, Some(6));
    handed(sync, false, None);
    handed(&sync.replace("begin()", "connect()"), true, None);
    // The recipe of Alembic's cookbook.
    let recipe = "def run(connection, cfg):\n    cfg.attributes[\"connection\"] = connection\n    command.upgrade(cfg, \"heads\")\n\n\n\
                  async def main():\n    async with engine.begin() as conn:\n        await conn.run_sync(run, Config(\"alembic.ini\"))\n";
    handed(recipe, true, Some(11));
    handed(&recipe.replace("begin()", "connect()"), true, None);
    for share in [
        "cfg.attributes.update(connection=connection)",
        "cfg.attributes.update({\"connection\": connection})",
        "cfg = Config(\"alembic.ini\", attributes={\"connection\": connection})",
    ] {
        let text = sync.replace("cfg.attributes[\"connection\"] = connection", share);
        handed(&text, true, Some(6));
    }
    let later = "cfg = Config(\"alembic.ini\")\nconnection = engine.connect()\ncfg.attributes[\"connection\"] = connection\nwith connection.begin():\n    command.upgrade(cfg, \"heads\")\n";
    handed(later, true, Some(8));
    let statement = "cfg = Config(\"alembic.ini\")\nwith engine.connect() as connection:\n    connection.execute(text(\"CREATE SCHEMA x\"))\n    cfg.attributes[\"connection\"] = connection\n    command.upgrade(cfg, \"heads\")\n";
    handed(statement, true, Some(7));
    handed(
        &statement.replace(
            "    cfg.attributes",
            "    connection.commit()\n    cfg.attributes",
        ),
        true,
        None,
    );
}
