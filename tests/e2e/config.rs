//! Where Alembic keeps its scripts: every configuration of the matrix, asked of the real Alembic in eight versions, and
//! of this program.

use std::process::Command;

use camino::Utf8Path;

use super::database::takes_all;
use super::support::process::{feed, run, scrub};
use super::support::python;
use project::{Answer, Project, Question};

/// A configuration: a small project, and how alembic is run in it.
struct Case {
    name: &'static str,
    /// Paths and texts; `{root}` in a text is the project's root.
    files: &'static [(&'static str, &'static str)],
    /// `-c` and `-n`.
    args: &'static [&'static str],
    /// Below the project: its own root, and where alembic is run.
    root: &'static str,
    runs_in: &'static str,
}

impl Case {
    /// One that is run where it lies.
    const fn new(
        name: &'static str,
        files: &'static [(&'static str, &'static str)],
        args: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            files,
            args,
            root: "",
            runs_in: "",
        }
    }

    /// One that is run in `runs_in`, while `root` is taken for the project.
    const fn within(mut self, root: &'static str, runs_in: &'static str) -> Self {
        self.root = root;
        self.runs_in = runs_in;
        self
    }
}

/// An `alembic.ini` whose scripts are in `alembic`, and its further lines.
macro_rules! ini {
    ($name:literal, $($line:literal),*) => {
        Case::new(
            $name,
            &[
                ("alembic.ini", concat!("[alembic]\nscript_location = alembic\n", $($line, "\n"),*)),
                ("alembic/env.py", ""),
            ],
            &[],
        )
    };
}

/// A path among the packages in a project's environment.
macro_rules! concat_site {
    ($path:literal) => {
        concat!(".venv/lib/python3.11/site-packages/", $path)
    };
}

// The macros have to come first.
mod files;
mod lists;
mod packages;
mod places;
mod project;
mod toml;

#[test]
fn locations_are_those_of_alembic_1_8() {
    compare("1.8.1");
}

#[test]
fn locations_are_those_of_alembic_1_12() {
    compare_between("1.12.1");
}

#[test]
fn locations_are_those_of_alembic_1_13() {
    compare("1.13.3");
}

#[test]
fn locations_are_those_of_alembic_1_14() {
    compare_between("1.14.1");
}

#[test]
fn locations_are_those_of_alembic_1_15() {
    compare_between("1.15.2");
}

#[test]
fn locations_are_those_of_alembic_1_16() {
    compare("1.16.5");
}

#[test]
fn locations_are_those_of_alembic_1_18() {
    compare_between("1.18.5");
}

#[test]
fn locations_are_those_of_the_newest_alembic() {
    compare("1.20.1");
}

/// A version between two at which something changed.
fn compare_between(version: &str) {
    if takes_all() {
        compare(version);
    }
}

/// The last versions before `recursive_version_locations`, `newline`, and TOML's booleans.
#[test]
fn locations_are_those_of_the_versions_around_a_change() {
    for version in ["1.9.4", "1.13.2", "1.16.3"] {
        compare(version);
    }
}

fn cases() -> impl Iterator<Item = &'static Case> {
    let all = [
        files::CASES,
        lists::CASES,
        packages::CASES,
        places::CASES,
        toml::CASES,
    ];
    all.into_iter().flatten()
}

/// Asks Alembic once for all cases, and this program for each.
fn compare(version: &str) {
    let python = python::alembic_environment(version);
    let metadata = run(scrub(Command::new(&python).args([
        "-c",
        "from importlib.metadata import distribution as d; print(d('alembic')._path)",
    ])))
    .exits(0)
    .stdout;
    let metadata = Utf8Path::new(metadata.trim());
    let projects: Vec<Project> = cases().map(|case| Project::new(case, metadata)).collect();
    let questions: Vec<Question> = projects.iter().map(Project::question).collect();
    let script = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/support/locations.py");
    let mut command = Command::new(&python);
    let input = serde_json::to_vec(&questions).expect("questions are JSON");
    let output = feed(scrub(&mut command).arg(script), &input).exits(0);
    let answers: Vec<Answer> = serde_json::from_str(&output.stdout).expect("answers are JSON");
    assert_eq!(answers.len(), projects.len());
    let mut faults = String::new();
    let mut refused = 0;
    for (project, answer) in projects.iter().zip(&answers) {
        let ours = project.ours(version);
        refused += usize::from(matches!(answer, Answer::Refused { .. }));
        if !ours.agrees(answer) {
            let name = project.case.name;
            faults += &format!("{name}\n  Alembic {version}: {answer:?}\n  ours: {ours:?}\n");
        }
    }
    assert!(faults.is_empty(), "{faults}");
    let all = projects.len();
    assert!(all >= 200, "only {all} cases");
    assert!(
        refused > 10 && all - refused > 30,
        "{refused} of {all} are refused: the cases test only one side"
    );
}
