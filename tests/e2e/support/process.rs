//! Running programs, and failing with all that they printed.

use std::io::{Seek, Write};
use std::process::Command;

use super::storage;

/// What a program that ended has printed.
pub(crate) struct Outcome {
    pub(crate) command: String,
    /// None when a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Fails the test unless the program ended with this status.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "exit status of {self}");
        self
    }

    /// Fails the test unless the program printed this, on stdout or stderr.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "{text:?} is missing from {self}"
        );
        self
    }

    /// Fails the test unless stdout holds a diff with a line removed that contains `removed` and one
    /// added that contains `added`.
    #[track_caller]
    pub(crate) fn shows_diff(self, removed: &str, added: &str) -> Self {
        for (sign, text) in [('-', removed), ('+', added)] {
            let shown = |line: &str| line.trim_start().starts_with(sign) && line.contains(text);
            assert!(
                self.stdout.lines().any(shown),
                "no line begins with {sign:?} and contains {text:?} in {self}"
            );
        }
        self
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}\nstatus: {:?}\n--- stdout\n{}\n--- stderr\n{}\n---",
            self.command, self.status, self.stdout, self.stderr
        )
    }
}

/// Runs a program with an empty stdin.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Outcome {
    feed(command, b"")
}

/// Runs a program with `input` as its stdin. The input lies in a file, so neither side waits
/// for the other.
#[track_caller]
pub(crate) fn feed(command: &mut Command, input: &[u8]) -> Outcome {
    let mut stdin = tempfile::tempfile().expect("a temporary file can be made");
    stdin.write_all(input).expect("the input can be written");
    stdin.rewind().expect("a temporary file can be rewound");
    let output = command
        .stdin(stdin)
        .output()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    Outcome {
        command: format!("{command:?}"),
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Takes away what would lead a program to a Python environment other than the one that is named, and what tells of the CI
/// job that the tests may run in. What a program keeps for its user stays below `target/`.
pub(crate) fn scrub(command: &mut Command) -> &mut Command {
    for name in [
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSAFEPATH",
        "PYTHONDONTWRITEBYTECODE",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_WORKSPACE",
        "CI_PROJECT_DIR",
    ] {
        command.env_remove(name);
    }
    // What `--force` overwrites is kept there.
    command.env("XDG_STATE_HOME", storage::root().join("state"))
}
