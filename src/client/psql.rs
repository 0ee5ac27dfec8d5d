//! The user's own `psql`: services, password files, certificates and sockets are those of libpq.

use std::io::{Seek, Write};
use std::process::Command;

use super::{ClientError, Target, printed, start};
use crate::progress::Activity;

/// Runs a script, stopping at its first error. Returns what its queries print, a row a line.
pub fn psql(target: &Target, script: &str) -> Result<String, ClientError> {
    let _activity = Activity::begin("Asking the database");
    let started = |error| start("psql", ClientError::NoPsql, error);
    let failed = |error| ClientError::Start {
        program: "psql".to_owned(),
        error,
    };
    let mut input = tempfile::tempfile().map_err(failed)?;
    let written = input.write_all(script.as_bytes());
    written.and_then(|()| input.rewind()).map_err(failed)?;
    // No file of the user's changes what is printed (-X); a password is never asked for, since that would wait for ever (-w).
    let output = Command::new("psql")
        .args(["-X", "-A", "-t", "-q", "-w"])
        .args(["-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose"])
        .env("PGCLIENTENCODING", "UTF8")
        .envs(target.environment())
        .stdin(input)
        .output()
        .map_err(started)?;
    printed("psql", target, output)
}
