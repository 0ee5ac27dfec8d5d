//! The healthy set-ups, on the real Alembic and Flask-Migrate: `check` has nothing to say, and all revisions run, the vendored ones and the
//! project's own.

use std::collections::BTreeMap;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::support::process::{Outcome, feed, run, scrub};
use super::support::{python, releases, storage};
use crate::healthy::{Setup, setups};

#[derive(Serialize)]
struct Question {
    directory: Utf8PathBuf,
    path: Vec<Utf8PathBuf>,
    environment: BTreeMap<String, String>,
    commands: Vec<String>,
}

/// What a command printed.
#[derive(Deserialize)]
struct Answer {
    failed: bool,
    text: String,
}

#[test]
fn on_alembic_1_8() {
    all_on("1.8.1", &python::alembic_environment("1.8.1"));
}

#[test]
fn on_the_newest_alembic() {
    // Here Flask-Migrate is, which needs Alembic 1.9.
    all_on("1.20.1", &python::bin().join("python"));
}

fn all_on(version: &str, python: &Utf8Path) {
    let environment = python.parent().and_then(Utf8Path::parent);
    let environment = environment.expect("it lies in an environment");
    let setups: Vec<Setup> = setups()
        .into_iter()
        .filter(|setup| {
            setup
                .words("alembic")
                .first()
                .is_none_or(|only| *only == version)
        })
        .collect();
    let repositories: Vec<TempDir> = setups.iter().map(|_| storage::temporary()).collect();
    let mut questions = Vec::new();
    let mut faults = String::new();
    for (setup, repository) in setups.iter().zip(&repositories) {
        let project = setup.write(storage::path(repository));
        let outcome = checked(setup, &project, environment);
        if outcome.status != Some(0) {
            faults += &format!("{} on {version}: {outcome}\n", setup.name);
        }
        questions.push(question(setup, storage::path(repository), &project));
    }
    for (setup, (question, answers)) in setups
        .iter()
        .zip(questions.iter().zip(asked(python, &questions)))
    {
        if let Some(fault) = fault(setup, question, &answers) {
            faults += &format!("{} on {version}: {fault}\n", setup.name);
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(setups.len() > 20, "{}", setups.len());
}

/// What `check` says after `init` and `sync`, which have to succeed, beside that Alembic.
fn checked(setup: &Setup, project: &Utf8Path, environment: &Utf8Path) -> Outcome {
    let wheel = releases::wheel("3.10.0");
    let tool = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
        let command = scrub(&mut command)
            .env("PATH", storage::empty())
            .env("VIRTUAL_ENV", environment)
            .args(["-C", project.as_str()])
            .args(args);
        run(command)
    };
    if let Some(init) = setup.init() {
        tool(&init).exits(0);
    }
    tool(&["sync", "--from", wheel.as_str()]).exits(0);
    tool(&["check", "--strict", "--from", wheel.as_str()])
}

fn question(setup: &Setup, repository: &Utf8Path, project: &Utf8Path) -> Question {
    let below = setup.words("in");
    let directory = below
        .first()
        .map_or(project.to_owned(), |below| repository.join(below));
    let path = setup.words("path").into_iter();
    let variables = setup.all("env").into_iter();
    let commands = match setup.all("run") {
        none if none.is_empty() => vec!["alembic heads", "alembic upgrade heads --sql"],
        commands => commands,
    };
    Question {
        directory,
        path: path.map(|path| repository.join(path)).collect(),
        environment: variables
            .map(|variable| {
                let (name, value) = variable.split_once('=').expect("NAME=value");
                (name.to_owned(), value.to_owned())
            })
            .collect(),
        commands: commands.into_iter().map(str::to_owned).collect(),
    }
}

fn asked(python: &Utf8Path, questions: &[Question]) -> Vec<Vec<Answer>> {
    let script = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/support/healthy.py");
    let input = serde_json::to_vec(questions).expect("questions are JSON");
    let mut command = Command::new(python);
    let output = feed(scrub(&mut command).arg(script), &input).exits(0);
    serde_json::from_str(&output.stdout).expect("answers are JSON")
}

/// What is missing: a head, the vendored revisions, one of the project's own.
fn fault(setup: &Setup, question: &Question, answers: &[Answer]) -> Option<String> {
    if let Some(failed) = answers.iter().find(|answer| answer.failed) {
        return Some(format!("a command failed\n{}", failed.text));
    }
    let mut text: String = answers.iter().map(|answer| answer.text.as_str()).collect();
    for name in setup.words("writes") {
        text += &fs::read_to_string(question.directory.join(name)).expect("a command wrote it");
    }
    let is_head =
        |line: &str| line.starts_with("procrastinate_03_04_00_50") && line.ends_with("(head)");
    if !text.lines().any(is_head) {
        return Some(format!("no head\n{text}"));
    }
    let ran: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("-- Running upgrade "))
        .filter_map(|line| line.split_once("-> ")?.1.split([' ', ',']).next())
        .collect();
    let vendored = ran
        .iter()
        .filter(|id| id.starts_with("procrastinate_"))
        .count();
    let own = setup.words("own");
    assert!(!own.is_empty(), "{}", setup.name);
    let missing: Vec<&&str> = own.iter().filter(|id| !ran.contains(id)).collect();
    (vendored != 38 || !missing.is_empty())
        .then(|| format!("{vendored} vendored revisions ran, and {missing:?} did not\n{text}"))
}
