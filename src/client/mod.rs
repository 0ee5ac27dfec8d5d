//! The user's own programs that talk to a database: `psql`, or a Python with SQLAlchemy and a driver.

mod psql;
mod python;
mod url;

use std::io::{self, Read, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

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
    #[error("the query did not get a lock within 2 seconds: a migration seems to be running")]
    Locked,
    /// SQLSTATE 57014.
    #[error("the server took too long to answer, or somebody ended the query")]
    TimedOut,
    /// SQLSTATE P0001, which only the query itself raises.
    #[error("the server is older than PostgreSQL 12, the first that the query runs on")]
    OldServer,
    /// SQLSTATE 42P01 or XX000: what was found at first is gone.
    #[error("objects were dropped while they were read")]
    Unstable,
    #[error("`{0}` printed text that is not UTF-8")]
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
                "the client printed the lines above; what the URL does not say, it takes from libpq's usual places: \
                 `PGPASSWORD`, `~/.pgpass`, `PGSERVICE`"
            }
            Self::Locked => {
                "wait until it ends, and run the same command again; `pg_stat_activity` shows who holds the lock"
            }
            Self::TimedOut => "run the same command again when the server has less to do",
            Self::OldServer => "upgrade the server",
            Self::Unstable => "wait until no migration runs, and run the same command again",
            Self::NotUtf8(_) => "set the client's encoding to UTF-8",
        }
    }
}

/// Connecting may take ten seconds, and the query as long.
pub const DEADLINE: Duration = Duration::from_secs(25);

/// Runs the client with `input`. Returns what it printed, if it ended well; `missing` is the error if it is not there.
fn run(
    command: &mut Command,
    target: &Target,
    input: &str,
    deadline: Option<Duration>,
    missing: ClientError,
) -> Result<String, ClientError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |error| ClientError::Start {
        program: program.clone(),
        error,
    };
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => missing,
        _ => failed(error),
    })?;
    let output = finish(&mut process, input, deadline).map_err(failed)?;
    let Some(output) = output else {
        return Err(ClientError::TimedOut);
    };
    if output.status.success() {
        return String::from_utf8(output.stdout).map_err(|_| ClientError::NotUtf8(program));
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    // In whatever language the message is.
    let has = |state: &str| errors.contains(&format!("  {state}: "));
    Err(if has("55P03") {
        ClientError::Locked
    } else if has("57014") {
        ClientError::TimedOut
    } else if has("P0001") {
        ClientError::OldServer
    } else if has("42P01") || has("XX000") {
        ClientError::Unstable
    } else {
        ClientError::Failed {
            program,
            status: output.status.to_string(),
            message: target.without_password(&end_of(&errors)),
        }
    })
}

/// Feeds the process and reads what it prints. None if it was ended because it took too long: a server or a pooler may fall
/// silent at any time.
fn finish(
    process: &mut Child,
    input: &str,
    deadline: Option<Duration>,
) -> io::Result<Option<Output>> {
    fn all(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        pipe.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut bytes))?;
        Ok(bytes)
    }
    const PAUSE: Duration = Duration::from_millis(5);
    let begin = Instant::now();
    let stdin = process.stdin.take();
    let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
    thread::scope(|scope| {
        // A client that ends early does not read everything, and says why itself.
        scope.spawn(|| stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        let stdout = scope.spawn(|| all(stdout));
        let stderr = scope.spawn(|| all(stderr));
        let status = loop {
            match process.try_wait()? {
                Some(status) => break status,
                None if deadline.is_some_and(|deadline| begin.elapsed() > deadline) => {
                    process.kill()?;
                    process.wait()?;
                    return Ok(None);
                }
                None => thread::sleep(PAUSE),
            }
        };
        let read = |thread: thread::ScopedJoinHandle<'_, io::Result<Vec<u8>>>| match thread.join() {
            Ok(read) => read,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        Ok(Some(Output {
            status,
            stdout: read(stdout)?,
            stderr: read(stderr)?,
        }))
    })
}

/// The last lines, indented, safe to show.
fn end_of(errors: &str) -> String {
    const MOST_LINES: usize = 8;
    let lines = errors.lines().filter(|line| !line.trim().is_empty());
    let shown = |line: &str| format!("  {}", one_line(&line.replace('\t', "    ")));
    let lines: Vec<String> = lines.map(shown).collect();
    lines[lines.len().saturating_sub(MOST_LINES)..].join("\n")
}
