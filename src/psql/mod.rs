//! The user's own `psql`: services, password files, certificates and sockets are those of libpq.

mod url;

use std::io::{self, Seek, Write};
use std::process::Command;

use crate::escape::one_line;
use crate::progress::Activity;

pub use url::{Target, UrlError};

#[derive(Debug, thiserror::Error)]
pub enum PsqlError {
    #[error("`psql` is not on the PATH")]
    Missing,
    #[error("`psql` did not start: {0}")]
    Start(#[source] io::Error),
    #[error("`psql` ended with {status}:\n{message}")]
    Failed { status: String, message: String },
    #[error("`psql` printed what is not UTF-8")]
    NotUtf8,
}

impl PsqlError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing => {
                "install PostgreSQL's client (Debian: `postgresql-client`); or run `vendor-migrations database --query` by another \
                 client, and give its result to `--from`"
            }
            Self::Start(_) => "check that `psql` can be run",
            Self::Failed { .. } => {
                "the lines above are psql's own; it takes what the URL leaves out from its usual places: `PGPASSWORD`, `~/.pgpass`, \
                 `PGSERVICE`"
            }
            Self::NotUtf8 => "set the client encoding to UTF-8",
        }
    }
}

/// Runs a script, stopping at its first error. Returns what its queries print, a row a line.
pub fn run(target: &Target, script: &str) -> Result<String, PsqlError> {
    let _activity = Activity::begin("Asking the database".to_owned());
    let mut input = tempfile::tempfile().map_err(PsqlError::Start)?;
    let written = input.write_all(script.as_bytes());
    written
        .and_then(|()| input.rewind())
        .map_err(PsqlError::Start)?;
    let mut command = Command::new("psql");
    // Never asks for a password: it would wait for ever.
    command
        .args(["-X", "-A", "-t", "-q", "-w", "-v", "ON_ERROR_STOP=1"])
        .env("PGCLIENTENCODING", "UTF8")
        .envs(target.environment())
        .stdin(input);
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(PsqlError::Missing),
        Err(error) => return Err(PsqlError::Start(error)),
    };
    if !output.status.success() {
        return Err(PsqlError::Failed {
            status: output.status.to_string(),
            message: target.without_password(&end_of(&output.stderr)),
        });
    }
    String::from_utf8(output.stdout).map_err(|_| PsqlError::NotUtf8)
}

/// The last lines, indented, safe to show.
fn end_of(stderr: &[u8]) -> String {
    const MOST_LINES: usize = 8;
    let text = String::from_utf8_lossy(stderr);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<String> = lines.map(|line| format!("  {}", one_line(line))).collect();
    lines[lines.len().saturating_sub(MOST_LINES)..].join("\n")
}
