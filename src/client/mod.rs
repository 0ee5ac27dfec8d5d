//! The user's own programs that talk to a database: `psql`, or a Python with SQLAlchemy and a driver.

mod psql;
mod python;
mod url;

use std::io;
use std::process::Output;

use camino::Utf8PathBuf;

use crate::escape::one_line;

pub use psql::psql;
pub use python::python;
pub use url::{Target, UrlError};

/// Why a client gave no result.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("`psql` is not on the PATH")]
    NoPsql,
    #[error("`{0}` is not there")]
    NoPython(Utf8PathBuf),
    #[error("`{program}` did not start: {error}")]
    Start { program: String, error: io::Error },
    #[error("`{program}` ended with {status}:\n{message}")]
    Failed {
        program: String,
        status: String,
        message: String,
    },
    /// SQLSTATE 55P03.
    #[error("a lock was not given within 2 seconds: a migration seems to be running")]
    Locked,
    /// SQLSTATE 57014.
    #[error("the query took longer than 10 seconds, or somebody ended it")]
    TimedOut,
    #[error("`{0}` printed what is not UTF-8")]
    NotUtf8(String),
}

impl ClientError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoPsql => {
                "install PostgreSQL's client (Debian: `postgresql-client`); or use the project's Python, `--python EXE`; or run \
                 `vendor-migrations database --query` by another client, and give its result to `--from`"
            }
            Self::NoPython(_) => {
                "name the Python of the environment that has SQLAlchemy and a driver"
            }
            Self::Start { .. } => "check that it can be run",
            Self::Failed { .. } => {
                "the lines above are the client's own; what the URL leaves out, it takes from libpq's usual places: `PGPASSWORD`, \
                 `~/.pgpass`, `PGSERVICE`"
            }
            Self::Locked => {
                "wait for its end, and run the same command again; `pg_stat_activity` shows who holds the lock"
            }
            Self::TimedOut => "run the same command again when the server has less to do",
            Self::NotUtf8(_) => "set the client's encoding to UTF-8",
        }
    }
}

/// What the client printed, if it ended well.
fn printed(program: &str, target: &Target, output: Output) -> Result<String, ClientError> {
    if output.status.success() {
        return String::from_utf8(output.stdout)
            .map_err(|_| ClientError::NotUtf8(program.to_owned()));
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let has_state = |state: &str| {
        errors
            .lines()
            .any(|line| line.contains(&format!("ERROR:  {state}: ")))
    };
    if has_state("55P03") {
        return Err(ClientError::Locked);
    }
    if has_state("57014") {
        return Err(ClientError::TimedOut);
    }
    Err(ClientError::Failed {
        program: program.to_owned(),
        status: output.status.to_string(),
        message: target.without_password(&end_of(&errors)),
    })
}

/// The last lines, indented, safe to show.
fn end_of(errors: &str) -> String {
    const MOST_LINES: usize = 8;
    let lines = errors.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<String> = lines.map(|line| format!("  {}", one_line(line))).collect();
    lines[lines.len().saturating_sub(MOST_LINES)..].join("\n")
}

/// The error of a program that cannot be started; `missing` if it is not there.
fn start(program: &str, missing: ClientError, error: io::Error) -> ClientError {
    match error.kind() {
        io::ErrorKind::NotFound => missing,
        _ => ClientError::Start {
            program: program.to_owned(),
            error,
        },
    }
}
