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
    /// `alembic upgrade` to this revision.
    UpgradeTo(String),
    /// `vendor-migrations rollout` from this release.
    Rollout(&'static str),
    /// `vendor-migrations sync`.
    Sync,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident => $text:literal,)*) => {
        /// The codes are part of the program's interface: they never change their meaning. The gravest come first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])* $name,)*
        }

        impl Code {
            /// Each has a line in docs/database.md.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

codes! {
    /// Nothing of Procrastinate is there, and something is expected.
    Missing => "missing",
    /// A migration has run in part.
    Partial => "partial",
    /// Several states are equally near.
    Ambiguous => "ambiguous",
    /// An object is not as the migrations make it.
    Deviating => "deviating",
    /// This program does not know what a migration does.
    UnknownMigration => "unknown-migration",
    /// The version table has a row that is no revision of the project.
    UnknownRevision => "unknown-revision",
    /// The version table has a row that another row implies.
    OverlappingRows => "overlapping-rows",
    /// The version table says more than the schema has.
    BehindVersionTable => "behind-version-table",
    /// The schema has more than the version table says.
    AheadOfVersionTable => "ahead-of-version-table",
    /// The schema has migrations, and the version table says nothing.
    Unstamped => "unstamped",
    /// No revision of the vendored chain stands for the schema.
    NoRevision => "no-revision",
    /// The schema lacks migrations that the installed Procrastinate needs.
    BehindCode => "behind-code",
    /// The schema has migrations of a release newer than the installed one.
    AheadOfCode => "ahead-of-code",
    /// The schema lacks vendored migrations.
    BehindVendored => "behind-vendored",
    /// The schema has migrations that are not vendored.
    AheadOfVendored => "ahead-of-vendored",
    /// The schema lacks migrations of the expected release.
    BehindRelease => "behind-release",
    /// The schema has migrations that the expected release has not.
    AheadOfRelease => "ahead-of-release",
    /// Several tables may be the project's version table.
    AmbiguousVersions => "ambiguous-versions",
    /// The role may not read the version table.
    UnreadableVersions => "unreadable-versions",
    /// An object that no migration makes.
    OwnObject => "own-object",
    /// Objects of Procrastinate lie in another schema than its tables.
    Stray => "stray",
    /// What an earlier text of an edited migration made.
    Variant => "variant",
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
