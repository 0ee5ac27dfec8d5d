//! The project's own SQLAlchemy and driver, for machines without `psql`.

use std::io::{Seek, Write};
use std::process::Command;

use camino::Utf8Path;
use serde_json::json;

use super::{ClientError, Target, printed, start};
use crate::progress::Activity;

const SCRIPT: &str = include_str!("query.py");

/// Runs statements, one after the other, on one connection. Returns the rows that they give, a line each.
pub fn python(
    interpreter: &Utf8Path,
    target: &Target,
    statements: &[&str],
) -> Result<String, ClientError> {
    let _activity = Activity::begin("Asking the database");
    let program = interpreter.as_str();
    let started = |error| {
        let missing = ClientError::NoPython(interpreter.to_owned());
        start(program, missing, error)
    };
    let failed = |error| ClientError::Start {
        program: program.to_owned(),
        error,
    };
    let work = json!({"url": target.url(), "statements": statements}).to_string();
    let mut input = tempfile::tempfile().map_err(failed)?;
    let written = input.write_all(work.as_bytes());
    written.and_then(|()| input.rewind()).map_err(failed)?;
    let output = Command::new(interpreter)
        .args(["-c", SCRIPT])
        .env("PYTHONUTF8", "1")
        .stdin(input)
        .output()
        .map_err(started)?;
    printed(program, target, output)
}
