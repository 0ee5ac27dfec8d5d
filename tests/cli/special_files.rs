//! Named pipes, devices and files without an end in the place of any file that is read: nothing waits for them.

#[cfg(unix)]
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use crate::support::releases::{FIRST_PY, three_as};
use crate::support::{Outcome, Project, put};

/// Every file of a project, and of the environment beside it, that some command reads.
const FILES: [&str; 40] = [
    "alembic.ini",
    "pyproject.toml",
    "vendor-migrations.toml",
    "ruff.toml",
    ".ruff.toml",
    ".pre-commit-config.yaml",
    ".gitignore",
    ".git/info/exclude",
    ".git/index",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "Pipfile.lock",
    "pixi.lock",
    "conda-lock.yml",
    "environment.yml",
    "requirements.txt",
    "requirements/dev.in",
    "poetry.toml",
    "hatch.toml",
    ".pdm-python",
    ".python-version",
    "alembic/env.py",
    "alembic/versions/own.py",
    "alembic/versions_procrastinate/vendor-migrations.lock",
    "alembic/versions_procrastinate/.gitattributes",
    "alembic/versions_procrastinate/foreign.py",
    "Dockerfile",
    "deploy.sh",
    "Makefile",
    "manage.py",
    ".venv/pyvenv.cfg",
    ".venv/lib/python3.12/site-packages/x.pth",
    ".venv/lib/python3.12/site-packages/procrastinate-91.1.0.dist-info/METADATA",
    ".venv/lib/python3.12/site-packages/procrastinate-91.1.0.dist-info/RECORD",
    ".venv/lib/python3.12/site-packages/procrastinate-91.1.0.dist-info/direct_url.json",
    ".venv/lib/python3.12/site-packages/procrastinate/sql/migrations/01.00.00_01_initial.sql",
    ".venv/lib/python3.12/site-packages/alembic-1.16.0.dist-info/METADATA",
    ".venv/lib/python3.12/site-packages/procrastinate/contrib/alembic/env.py.template",
];

/// Runs the program; fails the test, and ends it, if it does not end by itself.
#[track_caller]
fn ends(project: &Project, arguments: &[&str], file: &str) -> Outcome {
    let mut command: Command = project.tool(arguments);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("{arguments:?} waits for {file}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.wait_with_output().unwrap().into()
}

/// A project in sync, with everything that these files need around them.
fn project() -> Project {
    let project = Project::new();
    std::fs::create_dir_all(project.root.join(".git/info")).unwrap();
    three_as("91.1.0").install_in_environment(&project.root.join(".venv"));
    project.run(&["sync"]).exits(0);
    project
}

fn in_place_of(project: &Project, file: &str, make: impl Fn(&Utf8Path)) -> Utf8PathBuf {
    let path = project.root.join(file);
    put(&path, "");
    std::fs::remove_file(&path).unwrap();
    make(&path);
    path
}

fn pipe(path: &Utf8Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success(), "{path}");
}

#[cfg(unix)]
#[test]
fn nothing_waits_for_a_named_pipe_or_reads_a_device() {
    let commands: [&[&str]; 4] = [
        &["check"],
        &["status"],
        &["sync", "--dry-run"],
        &["init", "--dry-run"],
    ];
    for file in FILES {
        let project = project();
        for special in [pipe as fn(&Utf8Path), |path| {
            symlink("/dev/zero", path).unwrap()
        }] {
            let path = in_place_of(&project, file, special);
            for command in commands {
                let outcome = ends(&project, command, file);
                outcome.does_not_panic();
                assert!(matches!(outcome.code, Some(0..=2)), "{file}: {outcome}");
                // What stops a command is named, and why.
                if outcome.code == Some(2) && outcome.err.contains("not a regular file") {
                    assert!(
                        outcome
                            .err
                            .contains(Utf8Path::new(file).file_name().unwrap()),
                        "{file}: {outcome}"
                    );
                }
            }
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn what_stops_a_command_is_named_with_the_reason() {
    for file in ["alembic.ini", "pyproject.toml", "vendor-migrations.toml"] {
        let project = project();
        in_place_of(&project, file, pipe);
        ends(&project, &["check"], file).fails(&[file, "it is not a regular file"]);
    }
    let project = project();
    in_place_of(
        &project,
        &format!("alembic/versions_procrastinate/{FIRST_PY}"),
        pipe,
    );
    ends(&project, &["check"], FIRST_PY)
        .exits(1)
        .out_has(&["not-a-file"]);
}

/// No file of a project is so long.
#[test]
fn a_file_without_an_end_in_sight_is_refused_with_the_bound() {
    for file in ["alembic.ini", "pyproject.toml"] {
        let project = project();
        let path = in_place_of(&project, file, |_| {});
        // Nothing of it is on the disk.
        std::fs::File::create(&path)
            .unwrap()
            .set_len(200 << 20)
            .unwrap();
        ends(&project, &["check"], file).fails(&[file, "it is longer than 2 MiB"]);
    }
}
