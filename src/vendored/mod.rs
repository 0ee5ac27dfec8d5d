//! The vendored directory on disk. This is the only module that writes to a project.

mod apply;
mod exchange;
mod journal;
mod replace;
mod scan;
pub mod tree;

use std::io;

use camino::Utf8PathBuf;

pub use apply::{Applied, Apply, apply, leftover, tidy};
pub use journal::{finish_interrupted, interrupted};
pub use replace::{Replacement, replace};
pub use scan::scan;

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
    #[error("the directory `{0}`, which the vendored directory should lie in, does not exist")]
    NoParent(Utf8PathBuf),
    #[error("another `vendor-migrations sync` is at work in `{0}`")]
    Busy(Utf8PathBuf),
    #[error("`{0}` was changed by somebody else during the run; nothing was written")]
    ChangedMeanwhile(Utf8PathBuf),
    #[error("an interrupted `sync` cannot be finished: `{0}` was changed since")]
    ChangedSinceInterruption(Utf8PathBuf),
    #[error("the journal `{path}` of an interrupted `sync` is damaged: {why}")]
    BadJournal { path: Utf8PathBuf, why: String },
}

/// The result of an operation on a file; none if the file does not exist.
pub fn existing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

impl VendoredError {
    pub fn hint(&self) -> String {
        match self {
            Self::Io(_) => "the project is as it was; mend the cause (permissions, space on the disk) and run the command again".to_owned(),
            Self::IsAFile(path) => format!("move `{path}` away, or set `directory` to another path in the settings"),
            Self::IsALink(_) => "replace the link by a directory, or set `directory` in the settings to where it points".to_owned(),
            Self::NotUtf8 { .. } => "rename the file, or move it out of the vendored directory".to_owned(),
            Self::NoParent(_) => "run `alembic init alembic` first, or name the project with `--project`".to_owned(),
            Self::Busy(_) => "wait for it to end, and run the command again".to_owned(),
            Self::ChangedMeanwhile(_) => "run the command again".to_owned(),
            Self::ChangedSinceInterruption(_) | Self::BadJournal { .. } => "restore the vendored directory from version control \
                (`git checkout HEAD -- DIR && git clean -fd -- DIR`), and run `vendor-migrations sync` again"
                .to_owned(),
        }
    }
}
