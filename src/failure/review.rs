//! Why there is no review, or its file is not written.

use std::io;

use camino::Utf8PathBuf;

use crate::catalog::Unknown;
use crate::upstream::UpstreamError;

#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// Neither installed nor pinned.
    #[error("{0}")]
    NotFound(UpstreamError),
    #[error("{place} pins a release that cannot be reviewed: {unknown}")]
    Pinned { place: String, unknown: Unknown },
    #[error("`{0}` is inside of the vendored directory, which only `sync` writes")]
    Vendored(Utf8PathBuf),
    #[error("`{0}` exists, but is not a report of `vendor-migrations review`")]
    Foreign(Utf8PathBuf),
    #[error("`{0}` is a directory")]
    Directory(Utf8PathBuf),
    #[error("`{0}` is not a file")]
    NoFile(Utf8PathBuf),
    #[error("the directory of `{0}` does not exist")]
    NoDirectory(Utf8PathBuf),
    #[error("`{path}` cannot be written: {why}")]
    Unwritable { path: Utf8PathBuf, why: io::Error },
}

impl ReviewError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotFound(_) => {
                "name the release to deploy (`--to X.Y.Z`), or install Procrastinate in the project's `.venv`, or name the environment that has it \
                 (`--python EXE`)"
            }
            Self::Pinned { .. } => {
                "install it in the project's `.venv`: its SQL is read from there, and what it locks is estimated"
            }
            Self::Vendored(_) => "name a file elsewhere with `--output`",
            Self::Foreign(_) => {
                "nothing was written. Name another file, or overwrite it with `--force`"
            }
            Self::Directory(_) => "name a file in it with `--output`",
            Self::NoFile(_) => "without `--output`, the report goes to standard output",
            Self::NoDirectory(_) => "make the directory, or name another file with `--output`",
            Self::Unwritable { .. } => {
                "nothing was written. Name a file in a directory that can be written"
            }
        }
    }
}
