//! Why a database could not be read, or compared.

use std::io;

use crate::client::{ClientError, UrlError};
use crate::live::SnapshotError;

#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("the URL of the database cannot be used: {0}")]
    Url(#[from] UrlError),
    #[error("`--from` takes a file with a result of the query, not a URL")]
    UrlAsFile,
    #[error("`--url-from-config`: Alembic's configuration {0}")]
    NoUrl(&'static str),
    #[error("{place} cannot be read: {error}")]
    Read { place: String, error: io::Error },
    #[error("{place} cannot be used: {error}")]
    Snapshot { place: String, error: SnapshotError },
    #[error("it is not known what the database should have: {0}")]
    Expectation(String),
    #[error("Procrastinate is in several schemas of the database: {}", .0.join(", "))]
    SeveralSchemas(Vec<String>),
    /// Of several, whose errors the report has.
    #[error("{0} could not be read; the report says why")]
    Unread(String),
}

impl DatabaseError {
    /// Whether somebody changed the database while it was read.
    pub fn is_unstable(&self) -> bool {
        match self {
            Self::Client(ClientError::Unstable) => true,
            Self::Snapshot { error, .. } => matches!(error, SnapshotError::Unstable { .. }),
            _ => false,
        }
    }

    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Client(error) => Some(error.hint()),
            Self::Url(_) => Some(
                "write it as `postgresql://user:password@host:5432/name?sslmode=require`; in the user and the password, `%40` for `@`, `%2F` for `/`, \
                 `%3F` for `?`",
            ),
            Self::Read { .. } => Some(
                "name a file that can be read, `-` for standard input, or a URL: `postgresql://…`",
            ),
            Self::UrlAsFile => Some("give the URL without `--from`"),
            Self::NoUrl(_) => Some("give the URL itself"),
            Self::Snapshot { error, .. } => Some(error.hint()),
            Self::Expectation(_) => Some(
                "run it in a project that has it; `--expect release=X.Y.Z` needs neither a project nor an installation",
            ),
            Self::SeveralSchemas(_) => Some("name one with `--schema`"),
            Self::Unread(_) => None,
        }
    }
}
