//! The project's own SQLAlchemy and driver, for machines without `psql`.

use std::process::Command;

use camino::Utf8Path;
use serde_json::json;

use super::{ClientError, DEADLINE, Target, run};
use crate::progress::Activity;

const SCRIPT: &str = include_str!("query.py");

/// Runs statements, one after the other, on one connection. Returns the rows that they give, a line each.
pub fn python(
    interpreter: &Utf8Path,
    target: &Target,
    statements: &[&str],
) -> Result<String, ClientError> {
    let _activity = Activity::begin("Asking the database");
    let work = json!({"url": target.url(), "statements": statements}).to_string();
    let mut command = Command::new(interpreter);
    command.args(["-c", SCRIPT]).env("PYTHONUTF8", "1");
    let missing = ClientError::NoPython(interpreter.to_owned());
    run(&mut command, target, &work, Some(DEADLINE), missing)
}
