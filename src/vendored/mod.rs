//! The vendored directory on disk. This is the only module that writes to a project.

mod apply;
mod attributes;
mod exchange;
mod exclusive;
mod files;
mod journal;
mod leftover;
mod numbered;
mod scan;
pub mod tree;

use std::io;

use camino::Utf8PathBuf;

pub use apply::{Applied, Apply, Done, OwnFiles, apply};
pub use exclusive::{Exclusive, reading};
pub use files::write_files;
pub use journal::{Recovered, finish_interrupted, interrupted};
pub use leftover::{Leftover, Tidied, leftovers, tidy, tidy_root};
use scan::is_still;
pub use scan::{scan, scan_locked};

#[derive(Debug, thiserror::Error)]
pub enum VendoredError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the vendored directory `{0}` is a file")]
    IsAFile(Utf8PathBuf),
    /// A link has its name: its target could not be exchanged in one step.
    #[error("the vendored directory `{0}` is a symbolic link")]
    IsALink(Utf8PathBuf),
    /// A name that cannot be shown, compared or written into the lock.
    #[error("`{directory}` holds a file whose name is not UTF-8: `{name}`")]
    NotUtf8 {
        directory: Utf8PathBuf,
        /// The name, escaped.
        name: String,
    },
    #[error("the files in the vendored directory `{0}` are longer than {most} MiB together, the most that is read", most = scan::MOST_MEBIBYTES)]
    TooMuch(Utf8PathBuf),
    #[error("the directory `{0}`, in which the vendored directory should be, does not exist")]
    NoParent(Utf8PathBuf),
    #[error("another `vendor-migrations` is running in `{0}`")]
    Busy(Utf8PathBuf),
    #[error("`{0}` was changed by somebody else during the run")]
    ChangedMeanwhile(Utf8PathBuf),
    #[error(
        "{error}; then `{old}`, which holds everything that was there before, could not be put back: {failed}"
    )]
    NotTakenBack {
        directory: Utf8PathBuf,
        /// Where all is that was in it before.
        old: Utf8PathBuf,
        error: String,
        failed: String,
    },
    /// The run was taken back. What somebody wrote during it had a name that was taken, and got another.
    #[error("{error}. What somebody wrote in the meantime is now in {}", shown(.kept))]
    KeptBeside {
        kept: Vec<Utf8PathBuf>,
        error: String,
    },
    /// After the journal was committed.
    #[error("`{directory}` is between two states: {error}")]
    HalfWritten {
        directory: Utf8PathBuf,
        #[source]
        error: io::Error,
    },
    #[error("an interrupted `sync` cannot be finished: `{path}` was changed since")]
    ChangedSinceInterruption {
        directory: Utf8PathBuf,
        path: Utf8PathBuf,
    },
    #[error("the journal `{path}` of an interrupted `sync` is damaged: {why}")]
    BadJournal {
        directory: Utf8PathBuf,
        path: Utf8PathBuf,
        why: String,
    },
}

/// The result of an operation on a file; none if the file does not exist.
pub fn existing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// The error with its causes, those left out that it names itself.
pub fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        cause = error.source();
    }
    text
}

fn shown(paths: &[Utf8PathBuf]) -> String {
    let quoted: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
    quoted.join(", ")
}

impl VendoredError {
    pub fn hint(&self) -> String {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::ResourceBusy => "the project is unchanged. A file that is \
                mounted by itself, as in a container, cannot be replaced: run the command where the file is not mounted".to_owned(),
            Self::Io(_) => "the project is unchanged; fix the cause (permissions, space on the disk) and run the command \
                            again".to_owned(),
            Self::IsAFile(path) => format!("move `{path}` away, or set `directory` to another path in the settings"),
            Self::IsALink(_) => "replace the link by a directory, or set `directory` in the settings to where it points".to_owned(),
            Self::NotUtf8 { .. } => "rename the file, or move it out of the vendored directory".to_owned(),
            Self::TooMuch(path) => format!("move out of `{path}` what `vendor-migrations` did not write"),
            Self::NoParent(_) => "run `alembic init alembic` first, or name the project with `--project`".to_owned(),
            Self::Busy(_) => "wait for it to end, and run the command again; `--wait SECONDS` waits longer".to_owned(),
            Self::ChangedMeanwhile(_) => "nothing was written: run the command again".to_owned(),
            Self::NotTakenBack { directory, old, .. } => format!(
                "`{directory}` is the new one: copy what is missing in it from `{old}`, and delete `{old}`"
            ),
            Self::KeptBeside { .. } => "the rest is unchanged: copy what you need, delete what you do not need, and run \
                                        the command again".to_owned(),
            Self::HalfWritten { .. } => "fix the cause, and run the command again: it continues from the journal, and \
                                         reports the result".to_owned(),
            Self::ChangedSinceInterruption { directory, .. } | Self::BadJournal { directory, .. } => format!(
                "save your changes in `{directory}`, and the files in `{journal}` that end in `.old`: these are the \
                 earlier files. Then restore the directory from version control, remove `{journal}`, and run \
                 `vendor-migrations sync` again",
                journal = directory.join(journal::JOURNAL)
            ),
        }
    }
}
