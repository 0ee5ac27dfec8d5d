//! What differs between Alembic's versions. Pure.

use std::fmt;

use pep440_rs::Version;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rules {
    Installed {
        version: Version,
        /// Where it was found, in words for people.
        place: String,
    },
    /// Those of the newest that this program knows.
    Newest { why: String },
}

impl Rules {
    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::Installed { version, .. } => Some(version),
            Self::Newest { .. } => None,
        }
    }

    /// Whether `newline` is a separator, and entries are stripped (1.13.3).
    pub fn separates_lines(&self) -> bool {
        self.since([1, 13, 3])
    }

    /// Whether `path_separator` and `[tool.alembic]` are read (1.16.0).
    pub fn reads_toml(&self) -> bool {
        self.since([1, 16, 0])
    }

    /// Whether TOML's booleans and integers are accepted (1.16.4).
    pub fn takes_toml_booleans(&self) -> bool {
        self.since([1, 16, 4])
    }

    /// Whether `recursive_version_locations` is read (1.10.0).
    pub fn reads_recursive(&self) -> bool {
        self.since([1, 10, 0])
    }

    /// Whether a revision file is taken for what it links to, and directories are passed over (1.10.0).
    pub fn resolves_links(&self) -> bool {
        self.since([1, 10, 0])
    }

    /// Whether an id may have no `:` (1.17.1).
    pub fn refuses_colons(&self) -> bool {
        self.since([1, 17, 1])
    }

    /// A pre-release counts as its release: it has the release's rules.
    fn since(&self, first: [u64; 3]) -> bool {
        self.version()
            .is_none_or(|version| version.only_release() >= Version::new(first))
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installed { version, place } => write!(f, "Alembic {version} ({place})"),
            Self::Newest { why } => write!(f, "the newest Alembic ({why})"),
        }
    }
}
