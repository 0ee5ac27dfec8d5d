//! `init` beside the edit of Alembic's configuration.

#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt, symlink};

use super::{Shape, UNKNOWN};
use crate::support::releases::three;
use crate::support::{Project, put};

const INI: &str = "[alembic]\nscript_location = %(here)s/alembic\npath_separator = os\n";

/// A project with the default configuration, not wired.
fn project() -> Project {
    Shape::ini(INI).project(UNKNOWN)
}

#[test]
fn the_directory_is_made_with_what_keeps_its_line_ends() {
    let project = project();
    project
        .run(&["init"])
        .exits(0)
        .out_has(&["Wrote alembic.ini, alembic/versions_procrastinate/"]);
    assert_eq!(project.text(".gitattributes"), "* -text\n");
    assert_eq!(project.vendored_tree().paths(), [".gitattributes"]);
}

#[test]
fn nothing_is_done_after_a_sync_but_the_wiring() {
    let project = project();
    project.syncs(&three(), &[]);
    let before = project.tree();
    project.run(&["init"]).exits(0);
    before.assert_only_changed(&project.tree(), &["alembic.ini"]);
    project.check(&three(), &["--strict"]).exits(0);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    let project = project();
    let (link, file) = (
        project.root.join("alembic.ini"),
        project.root.join("etc/db.ini"),
    );
    put(&file, INI.replace("%(here)s/", ""));
    std::fs::remove_file(&link).unwrap();
    symlink("etc/db.ini", &link).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    project.run(&["init"]).exits(0);
    assert!(link.is_symlink());
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains("versions_procrastinate")
    );
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_linear_history_is_a_setting() {
    for (file, before, after) in [
        ("vendor-migrations.toml", None, "history = \"linear\"\n"),
        (
            "vendor-migrations.toml",
            Some("# ours\nmode = \"render\"\n"),
            "# ours\nmode = \"render\"\nhistory = \"linear\"\n",
        ),
        (
            "pyproject.toml",
            Some("[project]\nname = \"x\"\n"),
            "[project]\nname = \"x\"\n\n[tool.vendor-migrations]\nhistory = \"linear\"\n",
        ),
    ] {
        let project = project();
        if let Some(text) = before {
            put(&project.root.join(file), text);
        }
        let outcome = project.run(&["init", "--history", "linear"]);
        outcome.exits(0).out_has(&["alembic upgrade head\n"]);
        assert_eq!(
            std::fs::read_to_string(project.root.join(file)).unwrap(),
            after
        );
        let tree = project.tree();
        let again = project.run(&["init", "--history", "linear"]);
        again.exits(0).out_has(&["Wired already"]);
        tree.assert_untouched(&project.tree());
        let refused = project.run(&["init", "--history", "branch"]);
        refused.fails(&["history", "linear"]);
        tree.assert_untouched(&project.tree());
    }
}

#[test]
fn alembics_table_and_our_setting_in_one_file() {
    let project = Project::bare();
    let text = "[tool.alembic]\nscript_location = \"alembic\"\n";
    put(&project.root.join("pyproject.toml"), text);
    put(&project.root.join("alembic/env.py"), "");
    project.run(&["init", "--history", "linear"]).exits(0);
    assert_eq!(
        std::fs::read_to_string(project.root.join("pyproject.toml")).unwrap(),
        "[tool.alembic]\nscript_location = \"alembic\"\n\
         version_locations = [\"%(here)s/alembic/versions\", \"%(here)s/alembic/versions_procrastinate\"]\n\n\
         [tool.vendor-migrations]\nhistory = \"linear\"\n"
    );
}

#[test]
fn what_it_does_not_edit_is_said() {
    let project = project();
    let env = "from alembic import context\nfrom app import engine, models\n\nwith engine.begin() as connection:\n    \
               context.configure(connection=connection, target_metadata=models.metadata)\n    \
               with context.begin_transaction():\n        context.run_migrations()\n";
    put(&project.root.join("alembic/env.py"), env);
    let outcome = project.run(&["init"]);
    outcome.exits(0).err_has(&[
        "warning: alembic/env.py:4:",
        "engine.begin()",
        "`connect()`",
    ]);
    outcome.out_has(&[
        "def include_name(name, type_, parent_names):",
        "in line 5, `context.configure(",
    ]);
    outcome.out_lacks(&["pre-commit", "Formatters"]);
    assert_eq!(
        std::fs::read_to_string(project.root.join("alembic/env.py")).unwrap(),
        env
    );
    // Once it is done, it is not said any more.
    put(&project.root.join("alembic/env.py"), env.replace("engine.begin()", "engine.connect()").replace(
        "models.metadata)",
        "models.metadata, include_name=lambda name, type_, _: not (name or \"\").startswith(\"procrastinate_\"))",
    ));
    let exclude = "alembic/versions_procrastinate";
    put(
        &project.root.join("ruff.toml"),
        format!("extend-exclude = [{exclude:?}]\n"),
    );
    put(
        &project.root.join(".pre-commit-config.yaml"),
        format!("exclude: ^{exclude}/\nrepos: []\n"),
    );
    let outcome = project.run(&["init"]);
    outcome.exits(0).out_lacks(&["include_name", "Formatters"]);
    assert_eq!(outcome.err, "");
}

#[test]
fn the_filter_that_is_printed_is_enough() {
    let env = |head: &str, arguments: &str| {
        format!(
            "from alembic import context\nfrom app import engine, models\n\n{head}\n\nwith engine.connect() as connection:\n    \
             context.configure(connection=connection, target_metadata=models.metadata{arguments})\n    \
             with context.begin_transaction():\n        context.run_migrations()\n"
        )
    };
    for options in [&["init"][..], &["init", "--separate"]] {
        let project = project();
        put(&project.root.join("alembic/env.py"), env("", ""));
        let printed = project.run(options);
        let lines = printed
            .out
            .lines()
            .skip_while(|line| !line.contains("def include_name"));
        let lines = lines.take_while(|line| line.starts_with("    "));
        let function: Vec<&str> = lines.map(|line| &line[4..]).collect();
        let env = env(&function.join("\n"), ", include_name=include_name");
        put(&project.root.join("alembic/env.py"), env);
        project.run(options).exits(0).out_lacks(&["include_name"]);
    }
}

#[test]
fn only_the_formatters_that_the_project_uses_are_named() {
    let directory = "alembic/versions_procrastinate";
    let ruff = format!("extend-exclude = [\"{directory}\"]\n  force-exclude = true");
    let black = format!("force-exclude = '/{directory}/'");
    let hook = format!("exclude: ^{directory}/");
    for (file, text, named) in [
        ("pyproject.toml", "[tool.ruff]\nline-length = 100\n", &ruff),
        ("ruff.toml", "line-length = 100\n", &ruff),
        (
            "pyproject.toml",
            "[tool.black]\nline-length = 100\n",
            &black,
        ),
        (
            ".pre-commit-config.yaml",
            "repos:\n  - repo: a\n    hooks:\n      - id: black\n",
            &hook,
        ),
    ] {
        let project = project();
        put(&project.root.join(file), text);
        let outcome = project.run(&["init"]);
        outcome.exits(0).out_has(&["Formatters", file, named]);
        for other in [&ruff, &black, &hook]
            .into_iter()
            .filter(|other| *other != named)
        {
            outcome.out_lacks(&[other]);
        }
    }
}

#[test]
fn prepend_sys_path_that_path_separator_splits_is_warned_of() {
    let project = project();
    put(
        &project.root.join("alembic.ini"),
        format!("{INI}prepend_sys_path = . src\n"),
    );
    let outcome = project.run(&["init"]);
    outcome
        .exits(0)
        .err_has(&["warning: alembic.ini:", "prepend_sys_path", "`. src`"]);
}

#[test]
fn a_configuration_made_in_python_is_left_to_its_author() {
    let project = Project::bare();
    let program = "from alembic.config import Config\n\nconfig = Config()\nconfig.set_main_option('script_location', 'db')\n";
    put(&project.root.join("manage.py"), program);
    put(&project.root.join("db/env.py"), "");
    put(&project.root.join("db/script.py.mako"), "");
    let before = project.tree();
    project
        .run(&["init"])
        .fails(&["no file says", "set_main_option", "version_locations"]);
    before.assert_untouched(&project.tree());
    Project::bare()
        .run(&["init"])
        .fails(&["alembic.ini", "tool.alembic"]);
}

/// The settings cannot be written: what was written before is said.
/// Alembic's template for several databases hands arguments to `upgrade()`, and vendored revisions take none.
#[test]
fn several_databases_are_named_before_anything_is_written() {
    for call in [
        "context.run_migrations(engine_name=name)",
        "context.run_migrations(**{\"engine_name\": name}, engine=name)",
        "migrations.run_migrations(engine_name=\"one\")",
    ] {
        let project = Project::new();
        let env = format!(
            "from alembic import context\ncontext.configure(connection=c)\nwith context.begin_transaction():\n    {call}\n"
        );
        put(&project.root.join("alembic/env.py"), env);
        let before = project.tree();
        project
            .run(&["init"])
            .fails(&["alembic/env.py:4", "TypeError", "init --separate"]);
        before.assert_untouched(&project.tree());
        project.run(&["init", "--separate"]).exits(0);
    }
}
