//! What is said of a database.

use std::fmt;

use crate::findings::Severity;
use crate::steps::Stamp;

/// One thing that is worth knowing of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub help: Option<Help>,
}

/// What to do about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Help {
    Text(String),
    /// Stamp what the schema is.
    Stamp(Stamp),
    /// `alembic upgrade`.
    Upgrade,
    /// `vendor-migrations sync`.
    Sync,
}

/// The codes are part of the program's interface: they never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    Missing,
    Partial,
    Ambiguous,
    Deviating,
    UnknownMigration,
    UnknownRevision,
    BehindVersionTable,
    AheadOfVersionTable,
    Unstamped,
    NoRevision,
    BehindCode,
    AheadOfCode,
    BehindVendored,
    AheadOfVendored,
    BehindRelease,
    AheadOfRelease,
    UnreadableVersions,
    OwnObject,
    Stray,
    Variant,
}

impl Code {
    pub const ALL: [Self; 20] = [
        Self::Missing,
        Self::Partial,
        Self::Ambiguous,
        Self::Deviating,
        Self::UnknownMigration,
        Self::UnknownRevision,
        Self::BehindVersionTable,
        Self::AheadOfVersionTable,
        Self::Unstamped,
        Self::NoRevision,
        Self::BehindCode,
        Self::AheadOfCode,
        Self::BehindVendored,
        Self::AheadOfVendored,
        Self::BehindRelease,
        Self::AheadOfRelease,
        Self::UnreadableVersions,
        Self::OwnObject,
        Self::Stray,
        Self::Variant,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Partial => "partial",
            Self::Ambiguous => "ambiguous",
            Self::Deviating => "deviating",
            Self::UnknownMigration => "unknown-migration",
            Self::UnknownRevision => "unknown-revision",
            Self::BehindVersionTable => "behind-version-table",
            Self::AheadOfVersionTable => "ahead-of-version-table",
            Self::Unstamped => "unstamped",
            Self::NoRevision => "no-revision",
            Self::BehindCode => "behind-code",
            Self::AheadOfCode => "ahead-of-code",
            Self::BehindVendored => "behind-vendored",
            Self::AheadOfVendored => "ahead-of-vendored",
            Self::BehindRelease => "behind-release",
            Self::AheadOfRelease => "ahead-of-release",
            Self::UnreadableVersions => "unreadable-versions",
            Self::OwnObject => "own-object",
            Self::Stray => "stray",
            Self::Variant => "variant",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Finding {
    pub(super) fn error(code: Code, message: String) -> Self {
        Self::new(code, Severity::Error, message)
    }

    pub(super) fn warning(code: Code, message: String) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    pub(super) fn note(code: Code, message: String) -> Self {
        Self::new(code, Severity::Note, message)
    }

    fn new(code: Code, severity: Severity, message: String) -> Self {
        Self {
            code,
            severity,
            message,
            help: None,
        }
    }

    pub(super) fn with(self, help: Help) -> Self {
        Self {
            help: Some(help),
            ..self
        }
    }
}
