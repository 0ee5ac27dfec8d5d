//! Where the files of a release lie.

use serde::{Deserialize, Serialize};

/// The distribution that this program vendors, and its Python package.
pub const PACKAGE: &str = "procrastinate";

/// The directory of the SQL files, relative to site-packages.
pub const SQL: &str = "procrastinate/sql/migrations/";

/// The file that `procrastinate schema --apply` runs, relative to site-packages.
pub const SCHEMA: &str = "procrastinate/sql/schema.sql";

/// The directories that may hold revision files, relative to site-packages; the first that has any is used.
pub const REVISIONS: [&str; 2] = [
    "procrastinate/alembic/versions/",
    "procrastinate/contrib/alembic/versions/",
];

/// Whether a release ships revision files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    Sql,
    /// Alembic revision files beside the SQL.
    Alembic,
}

impl std::fmt::Display for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sql => "sql",
            Self::Alembic => "alembic",
        })
    }
}
