//! Where upstream is looked for, in which order, and what is said when it is nowhere.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use crate::support::project::{PROGRAM, outcome};
use crate::support::releases::{three, three_as};
use crate::support::{Outcome, Project, copy_program, put, put_script};

/// Runs `sync --dry-run` with some environment variables.
fn sync_in(project: &Project, variables: &[(&str, &Utf8Path)], options: &[&str]) -> Outcome {
    let mut command = project.tool(&[&["sync", "--dry-run"], options].concat());
    for (name, value) in variables {
        command.env(name, value.as_str());
    }
    outcome(&mut command)
}

/// A `python3` on the PATH whose `sys.path` is one directory.
fn python_knows(project: &Project, site: &Utf8Path) {
    put_script(
        &project.programs().join("python3"),
        &format!("printf %s {site}"),
    );
}

#[cfg(unix)]
#[test]
fn the_first_place_that_has_it_wins() {
    let project = Project::new();
    let places = [".venv", "venv"].map(|name| project.root.join(name));
    let variables = [
        ("VIRTUAL_ENV", project.beside("active")),
        ("CONDA_PREFIX", project.beside("conda")),
    ];
    let site = project.install(&three_as("91.5.0"));
    python_knows(&project, &site);
    let prefixes: Vec<Utf8PathBuf> = places
        .into_iter()
        .chain(variables.iter().map(|(_, prefix)| prefix.clone()))
        .collect();
    for (index, prefix) in prefixes.iter().enumerate() {
        three_as(&format!("91.{}.0", index + 1)).install_in_environment(prefix);
    }
    let variables: Vec<(&str, &Utf8Path)> =
        variables.iter().map(|(n, p)| (*n, p.as_path())).collect();
    for (index, prefix) in prefixes.iter().enumerate() {
        let outcome = sync_in(&project, &variables, &[]);
        outcome
            .exits(0)
            .err_has(&[&format!("Procrastinate 91.{}.0", index + 1)]);
        let shown = prefix.strip_prefix(&project.root).unwrap_or(prefix);
        outcome.err_has(&[shown.as_str()]);
        std::fs::remove_dir_all(prefix.join("lib")).unwrap();
    }
    sync_in(&project, &variables, &[])
        .exits(0)
        .err_has(&["Procrastinate 91.5.0", "python3"]);
}

#[test]
fn verbose_says_what_decided_and_where_it_looked() {
    let project = Project::new();
    let active = project.beside("active");
    three().install_in_environment(&active);
    let variables = [("VIRTUAL_ENV", active.as_path())];
    let quiet = sync_in(&project, &variables, &[]);
    assert!(!quiet.err.contains("Not found"), "{}", quiet.err);
    let said = [
        "Settings: none\n",
        "Alembic's configuration: alembic.ini, section alembic, by the rules of the newest Alembic",
        "Version locations: alembic/versions, alembic/versions_procrastinate\n",
        "Not found: .venv: no such directory\nNot found: venv: no such directory\nFound: Procrastinate ",
    ];
    let outcome = sync_in(&project, &variables, &["-v"]);
    outcome.exits(0).err_has(&said);
    assert_eq!(outcome.out, quiet.out);
    for verb in ["check", "status", "diff"] {
        let mut command = project.tool(&[verb, "-v"]);
        command.env("VIRTUAL_ENV", &active);
        outcome_of(&mut command, &said);
    }
}

#[track_caller]
fn outcome_of(command: &mut Command, said: &[&str]) {
    outcome(command).err_has(said);
}

#[cfg(unix)]
#[test]
fn what_the_user_names_comes_before_what_is_installed() {
    let project = Project::new();
    three_as("91.1.0").install_in_environment(&project.root.join(".venv"));
    let named = project.install(&three_as("91.2.0"));
    let set = project.install(&three_as("91.3.0"));
    project
        .run(&["sync", "--dry-run"])
        .err_has(&["Procrastinate 91.1.0", ".venv"]);
    put(
        &project.root.join("vendor-migrations.toml"),
        format!("from = \"{set}\"\n"),
    );
    project
        .run(&["sync", "--dry-run"])
        .err_has(&["Procrastinate 91.3.0"]);
    project
        .run(&["sync", "--dry-run", "--from", named.as_str()])
        .err_has(&["Procrastinate 91.2.0"]);
}

#[test]
fn an_error_in_one_place_is_not_passed_over() {
    let project = Project::new();
    three()
        .without_metadata()
        .install_in_environment(&project.root.join(".venv"));
    three().install_in_environment(&project.root.join("venv"));
    project.run(&["sync"]).fails(&[".venv", "METADATA"]);
}

#[test]
fn a_place_that_the_user_names_is_the_only_one() {
    let project = Project::new();
    three().install_in_environment(&project.root.join(".venv"));
    put(
        &project.root.join("vendor-migrations.toml"),
        "from = \"nowhere\"\n",
    );
    project.run(&["sync"]).fails(&["nowhere"]);
    project.run(&["check"]).fails(&["nowhere"]);
}

#[cfg(unix)]
#[test]
fn when_it_is_nowhere_every_place_is_named() {
    let project = Project::new();
    let before = project.tree();
    let places = [
        ".venv",
        "venv",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "python3",
        "--from",
        "--python",
        "--release",
    ];
    project.run(&["sync"]).fails(&places);
    let environment = project.beside("active");
    put(&environment.join("pyvenv.cfg"), "home = /nowhere\n");
    let gone = project.beside("gone");
    let variables = [
        ("VIRTUAL_ENV", environment.as_path()),
        ("CONDA_PREFIX", gone.as_path()),
    ];
    sync_in(&project, &variables, &[]).fails(&[environment.as_str(), gone.as_str()]);
    before.assert_untouched(&project.tree());
}

#[cfg(unix)]
#[test]
fn a_python_that_fails_is_told() {
    let project = Project::new();
    put_script(
        &project.programs().join("python3"),
        "echo 'broken interpreter' >&2; exit 7",
    );
    project
        .run(&["sync"])
        .fails(&["python3", "broken interpreter"]);
    let python = project.programs().join("python3");
    project
        .run(&["sync", "--python", python.as_str()])
        .fails(&[python.as_str(), "broken interpreter"]);
}

#[test]
fn a_python_that_is_not_there_is_named() {
    let project = Project::new();
    for python in ["no-such-python", "./no/such/python"] {
        project.run(&["sync", "--python", python]).fails(&[python]);
        project.run(&["check", "--python", python]).fails(&[python]);
    }
}

/// The interpreter that the tests themselves find.
fn python() -> Utf8PathBuf {
    let script = "import sys; print(sys.executable)";
    let output = Command::new("python3")
        .args(["-c", script])
        .output()
        .unwrap();
    assert!(output.status.success(), "these tests need a python3");
    String::from_utf8(output.stdout).unwrap().trim().into()
}

#[cfg(unix)]
#[test]
fn an_interpreter_is_asked_where_its_packages_are() {
    let project = Project::new();
    let site = project.install(&three());
    let python = python();
    for variables in [
        &[("PYTHONPATH", site.as_path())][..],
        &[
            ("PYTHONPATH", &site),
            ("PYTHONSAFEPATH", Utf8Path::new("1")),
        ],
    ] {
        let outcome = sync_in(&project, variables, &["--python", python.as_str()]);
        outcome
            .exits(0)
            .err_has(&["Procrastinate 91.1.0", site.as_str()]);
    }
    project
        .run(&["sync", "--python", python.as_str()])
        .fails(&[python.as_str(), "not installed"]);
}

#[cfg(unix)]
#[test]
fn the_environment_of_the_program_itself_is_passed_over() {
    let project = Project::new();
    let environment = project.beside("tool");
    put(&environment.join("pyvenv.cfg"), "home = /nowhere\n");
    let program = environment.join("bin/vendor-migrations");
    copy_program(PROGRAM.into(), &program);
    let run = |name: &str, value: &Utf8Path| {
        outcome(
            project
                .command(&program)
                .args(["sync", "--dry-run"])
                .env(name, value.as_str()),
        )
    };
    run("VIRTUAL_ENV", &environment).fails(&["skipped, because", environment.as_str()]);
    put_script(&environment.join("bin/python3"), "echo never; exit 0");
    run("PATH", &environment.join("bin")).fails(&["python3", "skipped, because"]);
    let other = project.beside("other");
    three_as("91.2.0").install_in_environment(&other);
    run("VIRTUAL_ENV", &other)
        .exits(0)
        .err_has(&["Procrastinate 91.2.0"]);
}

#[cfg(unix)]
#[test]
fn the_projects_own_environment_counts_even_with_the_program_in_it() {
    let project = Project::new();
    let environment = project.root.join(".venv");
    three().install_in_environment(&environment);
    let program = environment.join("bin/vendor-migrations");
    copy_program(PROGRAM.into(), &program);
    outcome(project.command(&program).arg("sync"))
        .exits(0)
        .err_has(&[".venv"]);
}

#[test]
fn a_package_directory_an_environment_and_a_source_tree_will_do() {
    let project = Project::new();
    let site = project.install(&three());
    let package = site.join("procrastinate");
    for path in [site.as_path(), &package, &package.join(".")] {
        project
            .run(&["sync", "--dry-run", "--from", path.as_str()])
            .exits(0);
    }
    let here = project
        .tool(&[
            "sync",
            "--dry-run",
            "-C",
            project.root.as_str(),
            "--from",
            ".",
        ])
        .current_dir(&package)
        .output();
    Outcome::from(here.unwrap()).exits(0);
    let environment = project.beside("environment");
    three().install_in_environment(&environment);
    project
        .run(&["sync", "--dry-run", "--from", environment.as_str()])
        .exits(0);
    let tree = project.install(&three());
    let dist_info = tree.join(three().dist_info());
    std::fs::rename(dist_info.join("METADATA"), tree.join("PKG-INFO")).unwrap();
    std::fs::remove_dir_all(dist_info).unwrap();
    project
        .run(&["sync", "--dry-run", "--from", tree.as_str()])
        .exits(0)
        .err_has(&["not verified"]);
}

#[cfg(unix)]
#[test]
fn a_second_name_for_the_same_directory_is_no_second_installation() {
    let project = Project::new();
    let environment = project.root.join(".venv");
    three().install_in_environment(&environment);
    std::os::unix::fs::symlink("lib", environment.join("lib64")).unwrap();
    project.run(&["sync"]).exits(0);
}

#[test]
fn packages_of_the_base_installation_count_where_the_environment_shows_them() {
    let project = Project::new();
    let base = project.beside("base");
    three().install(&base.join("lib/python3.12/site-packages"));
    let environment = project.root.join(".venv");
    std::fs::create_dir_all(environment.join("lib/python3.12/site-packages")).unwrap();
    let configuration =
        |visible| format!("home = {base}/bin\ninclude-system-site-packages = {visible}\n");
    put(&environment.join("pyvenv.cfg"), configuration("false"));
    project.run(&["sync"]).fails(&[".venv"]);
    put(&environment.join("pyvenv.cfg"), configuration("true"));
    project.run(&["sync"]).exits(0);
}
