//! What the fuzz targets do with their input, one function for each parser of foreign text. `tests/fuzz/fuzz_targets` runs them under
//! libFuzzer; `tests/properties` runs them on the corpus and on mutations of it.
//!
//! A target fails by a panic. Each checks more than that there is none: what the program promises of the parsed input.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a target fails by a panic, and writes only into directories of its own"
)]

mod config;
mod database;
mod pins;
mod project;
mod python;
mod scripts;
mod shown;
mod sql;
mod state;
mod upstream;

type Target = fn(&[u8]);

/// Each target; its corpus is in `corpus/NAME`.
pub const TARGETS: [(&str, Target); 16] = [
    ("database", database::database),
    ("env_file", python::env_file),
    ("ini", config::ini),
    ("journal", state::journal),
    ("lock_files", pins::lock_files),
    ("lockfile", state::lockfile),
    ("own_revision", python::own_revision),
    ("record", upstream::record),
    ("requirements", pins::requirements),
    ("revision", python::revision),
    ("scripts", scripts::scripts),
    ("shown_text", shown::shown_text),
    ("sql", sql::sql),
    ("toml", config::toml),
    ("wheel", upstream::wheel),
    ("yaml", config::yaml),
];

/// Runs the target of this name.
pub fn run(name: &str, input: &[u8]) {
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = found.expect("every target is in the list");
    target(input);
}

/// Whether a place in `text` can have this line, counted from 1. A place at the end of the text may be on a line of its own.
fn has_line(text: &str, line: usize) -> bool {
    (1..=text.split('\n').count()).contains(&line)
}
