//! The `python3` on the PATH, and the environment behind it: in a hook, and where nothing is activated.

use camino::Utf8Path;

use crate::support::project::{PROGRAM, outcome};
use crate::support::releases::{three, three_as};
use crate::support::{Outcome, Project, copy_program, put, put_script};

/// As pre-commit starts a hook: `VIRTUAL_ENV` is the hook's environment, whose programs come first on the PATH.
fn in_a_hook(project: &Project, command: &[&str], path: &[&Utf8Path]) -> Outcome {
    let environment = project.beside("hook");
    put(&environment.join("pyvenv.cfg"), "home = /nowhere\n");
    let program = environment.join("bin/vendor-migrations");
    if !program.exists() {
        copy_program(PROGRAM.into(), &program);
        put_script(&environment.join("bin/python3"), "echo never; exit 0");
    }
    let own = environment.join("bin");
    let path: Vec<&str> = std::iter::once(own.as_path())
        .chain(path.iter().copied())
        .map(Utf8Path::as_str)
        .collect();
    outcome(
        project
            .command(&program)
            .args(command)
            .env("VIRTUAL_ENV", environment.as_str())
            .env("PATH", path.join(":")),
    )
}

#[cfg(unix)]
#[test]
fn in_a_hook_the_environment_that_was_activated_before_counts() {
    let project = Project::with(&three_as("91.2.0"));
    let active = project.beside("active");
    three_as("91.2.0").install_in_environment(&active);
    put(&active.join("pyvenv.cfg"), "home = /nowhere\n");
    let site = active.join("lib/python3.12/site-packages");
    let started = project.beside("started");
    put_script(
        &active.join("bin/python3"),
        &format!("echo started >> {started}; printf %s {site}"),
    );
    let (bin, programs) = (active.join("bin"), project.programs());
    for path in [&[bin.as_path()][..], &[programs.as_path(), bin.as_path()]] {
        let checked = in_a_hook(&project, &["check", "--require-upstream"], path);
        checked.exits(0).out_has(&["91.2.0", active.as_str()]);
        assert!(!started.exists(), "`check` starts no process");
    }
    in_a_hook(&project, &["sync"], &[bin.as_path()])
        .exits(0)
        .err_has(&["Procrastinate 91.2.0"]);
    assert!(started.exists(), "`sync` asks the interpreter");
    // The project's own environment comes first, as everywhere.
    three_as("91.1.0").install_in_environment(&project.root.join("venv"));
    in_a_hook(&project, &["check"], &[bin.as_path()])
        .exits(1)
        .out_has(&["91.1.0 (venv)"]);
}

#[test]
fn in_a_hook_without_any_environment_its_own_is_passed_over() {
    let project = Project::with(&three());
    for command in [&["sync"][..], &["check", "--require-upstream"]] {
        in_a_hook(&project, command, &[&project.programs()]).fails(&[
            "VIRTUAL_ENV",
            "python3 on the PATH",
            "skipped, because",
        ]);
    }
}

/// What an image for containers has: one Python, and its packages beside it.
#[cfg(unix)]
#[test]
fn check_reads_the_packages_of_the_python_on_the_path_where_files_tell() {
    let project = Project::with(&three_as("91.2.0"));
    let prefix = project.beside("usr/local");
    three_as("91.2.0").install(&prefix.join("lib/python3.13/site-packages"));
    three_as("91.1.0").install(&prefix.join("lib/python3.9/site-packages"));
    let bin = prefix.join("bin");
    let check = || {
        let mut command = project.tool(&["check", "--require-upstream"]);
        outcome(command.env("PATH", bin.as_str()))
    };
    put_script(&bin.join("python3.13"), "echo never; exit 1");
    std::os::unix::fs::symlink("python3.13", bin.join("python3")).unwrap();
    check().exits(0).out_has(&["91.2.0", prefix.as_str()]);
    // Which Python it is, nothing tells.
    std::fs::remove_file(bin.join("python3")).unwrap();
    put_script(&bin.join("python3"), "echo never; exit 1");
    check().fails(&["python3 on the PATH", "starts no process", "--python"]);
}

/// A repository may come from anybody: its `.python-version` must not choose a program of its own.
#[cfg(unix)]
#[test]
fn a_version_file_leads_to_no_interpreter_outside_of_pyenv() {
    let project = Project::new();
    let shims = project.beside("pyenv/shims");
    put_script(&shims.join("python3"), "exit 9");
    std::fs::create_dir_all(project.beside("pyenv/versions/3.12.1")).unwrap();
    let started = project.beside("started");
    let own = project.root.join("tools");
    put_script(
        &own.join("bin/python3"),
        &format!("echo started >> {started}"),
    );
    let root = project.root.file_name().unwrap();
    for version in [
        own.to_string(),
        format!("../../{root}/tools"),
        format!("3.12.1/../../../{root}/tools"),
        "./3.12.1".to_owned(),
    ] {
        put(&project.root.join(".python-version"), &version);
        for command in [&["sync"][..], &["status"]] {
            let outcome = outcome(project.tool(command).env("PATH", shims.as_str()));
            assert!(!started.exists(), "{version} was started");
            if command == ["sync"] {
                outcome.fails(&[&format!("pyenv has no version `{version}`")]);
            }
        }
    }
}
