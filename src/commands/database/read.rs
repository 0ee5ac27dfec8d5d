//! Reads databases: results of the query, or URLs.

use std::fs::File;
use std::io::{self, Read};
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};

use crate::client::{DEADLINE, Target, psql, python};
use crate::failure::DatabaseError;
use crate::live::{QUERY, Snapshot, SnapshotError};
use crate::sql::statements::split;

/// The longest result that is read: Procrastinate's own objects give 40 KiB.
const MOST_BYTES: u64 = 64 << 20;

/// Where a database is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A result of the query, in a file.
    File(Utf8PathBuf),
    /// A result of the query, on standard input.
    Stdin,
    Url(Target),
}

impl Input {
    /// A file or `-`.
    pub fn result(path: &Utf8Path) -> Self {
        match path.as_str() {
            "-" => Self::Stdin,
            _ => Self::File(path.to_owned()),
        }
    }

    /// A URL, a file, or `-`.
    pub fn any(text: &str) -> Result<Self, DatabaseError> {
        // What is no file may be a URL with a typing error, and have a password: it is not shown.
        let is_file =
            text == "-" || Utf8Path::new(text).exists() || !text.contains(['@', '=', ':']);
        match is_file && !text.contains("://") {
            true => Ok(Self::result(text.into())),
            false => Ok(Self::Url(Target::parse(text)?)),
        }
    }

    /// In words for people.
    pub fn source(&self) -> String {
        match self {
            Self::File(path) => path.to_string(),
            Self::Stdin => "standard input".to_owned(),
            Self::Url(target) => target.to_string(),
        }
    }

    /// Reads it. `interpreter` runs the query instead of `psql`.
    pub fn read(&self, interpreter: Option<&Utf8Path>) -> Result<Snapshot, DatabaseError> {
        let failed = |error| DatabaseError::Snapshot {
            place: self.source(),
            error,
        };
        let target = match self {
            Self::Url(target) => target,
            Self::File(path) => {
                let file = File::open(path).map_err(|error| self.unreadable(error))?;
                return Snapshot::parse(&self.text(file)?).map_err(failed);
            }
            Self::Stdin => {
                return Snapshot::parse(&self.text(io::stdin().lock())?).map_err(failed);
            }
        };
        let read = || match ask(target, interpreter) {
            Ok(text) => Snapshot::parse(&text).map_err(failed),
            Err(error) => Err(error),
        };
        match read() {
            // Somebody changed the schema meanwhile: once more.
            Err(error) if error.is_unstable() => read(),
            read => read,
        }
    }

    fn text(&self, input: impl Read) -> Result<String, DatabaseError> {
        let mut bytes = Vec::new();
        let read = input.take(MOST_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.unreadable(error))?;
        let failed = |error| DatabaseError::Snapshot {
            place: self.source(),
            error,
        };
        if bytes.len() as u64 > MOST_BYTES {
            return Err(failed(SnapshotError::TooLong(MOST_BYTES)));
        }
        String::from_utf8(bytes).map_err(|_| failed(SnapshotError::NotUtf8))
    }

    fn unreadable(&self, error: io::Error) -> DatabaseError {
        DatabaseError::Read {
            place: self.source(),
            error,
        }
    }
}

fn ask(target: &Target, interpreter: Option<&Utf8Path>) -> Result<String, DatabaseError> {
    let Some(interpreter) = interpreter else {
        return Ok(psql(target, QUERY, Some(DEADLINE))?);
    };
    let statements = split(QUERY).unwrap_or_default();
    let statements: Vec<&str> = statements.iter().map(|one| one.text()).collect();
    Ok(python(interpreter, target, &statements)?)
}

/// Reads all of them, in their order. Servers are asked several at a time.
pub fn read_all(
    inputs: &[Input],
    interpreter: Option<&Utf8Path>,
) -> Vec<Result<Snapshot, DatabaseError>> {
    const AT_A_TIME: usize = 8;
    let mut read = Vec::new();
    for some in inputs.chunks(AT_A_TIME) {
        thread::scope(|scope| {
            let threads: Vec<_> = some
                .iter()
                .map(|input| scope.spawn(|| input.read(interpreter)))
                .collect();
            read.extend(threads.into_iter().map(|thread| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            }));
        });
    }
    read
}
