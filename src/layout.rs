//! What a release ships.

use serde::{Deserialize, Serialize};

/// The two kinds of releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Raw SQL only.
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
