//! The stable codes of findings.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($section:ident {$($(#[doc = $doc:literal])* $name:ident => $text:literal,)*})*
     ; changes {$($(#[doc = $change_doc:literal])* $change:ident => $change_text:literal,)*}) => {
        /// Which kind of thing a finding is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code {
            $($($(#[doc = $doc])* #[serde(rename = $text)] $name,)*)*
            $($(#[doc = $change_doc])* #[serde(rename = $change_text, skip_deserializing)] $change,)*
        }

        impl Code {
            /// What `check` may find. Each has a section in docs/findings.md.
            pub const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// The code as it is written everywhere.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($(Self::$name => $text,)*)*
                    $(Self::$change => $change_text,)*
                }
            }

            /// What it stands for, in one sentence.
            pub fn about(self) -> &'static str {
                match self {
                    $($(Self::$name => concat!($($doc),*).trim_ascii(),)*)*
                    $(Self::$change => concat!($($change_doc),*).trim_ascii(),)*
                }
            }

            pub fn section(self) -> Section {
                match self {
                    $($(Self::$name)|* => Section::$section,)*
                    $(Self::$change)|* => Section::Drift,
                }
            }

            /// The address of the page that explains it, in this program's own version.
            pub fn page(self) -> String {
                let page = match self {
                    $($(Self::$name => concat!("findings.md#", $text),)*)*
                    $(Self::$change)|* => "reports.md#diff",
                };
                let repository = env!("CARGO_PKG_REPOSITORY");
                let version = env!("CARGO_PKG_VERSION");
                format!("{repository}/blob/v{version}/docs/{page}")
            }
        }
    };
}

codes! {
Directory {
    /// No lock and no vendored revisions.
    NotVendored => "not-vendored",
    /// Vendored revisions without their lock.
    LockMissing => "lock-missing",
    /// A file differs from the lock.
    Edited => "edited",
    /// A file of the lock is gone.
    Missing => "missing",
    /// Something else has the name of a file of the lock.
    NotAFile => "not-a-file",
    /// A file differs from the lock only in its line ends.
    LineEndings => "line-endings",
    /// The content of the lock is the same, but its bytes differ.
    LockFormat => "lock-format",
    /// A Python file that the lock does not know.
    ForeignFile => "foreign-file",
    /// A file that somebody wrote during an interrupted `sync`, and that exists only next to the directory.
    StrandedFile => "stranded-file",
    /// git ignores the lock, or a file of the lock.
    GitIgnored => "git-ignored",
    /// The attributes file is gone or lacks its line.
    Gitattributes => "gitattributes",
    /// The settings ask for a schema that the revisions are not rendered for.
    SchemaDiffers => "schema-differs",
    /// SQL that names the schema `public`, in revisions that are rendered for another schema.
    PublicSchema => "public-schema",
}
Drift {
    /// Upstream has a migration that is not vendored.
    MigrationMissing => "migration-missing",
    /// Upstream changed the SQL of a vendored migration.
    MigrationChanged => "migration-changed",
    /// Upstream changed a revision file, but not its SQL.
    WrapperChanged => "wrapper-changed",
    /// Upstream gave a migration another name.
    MigrationRenamed => "migration-renamed",
    /// Upstream dropped a migration.
    MigrationRemoved => "migration-removed",
    /// Copies are vendored, but upstream ships SQL that none of its revision files runs.
    MigrationUnwrapped => "migration-unwrapped",
    /// A rendered revision runs less than upstream's revision file.
    WrapperDoesMore => "wrapper-does-more",
    /// The settings ask for a mode that is not the vendored one.
    Mode => "mode",
    /// Another release with the same migrations.
    Release => "release",
    /// Upstream is older than what is vendored.
    OlderUpstream => "older-upstream",
    /// Upstream's files differ from the published files.
    ModifiedSource => "modified-source",
    /// A file to be written has a name that is taken.
    NameClash => "name-clash",
    /// Lock files pin more than one release.
    PinsDisagree => "pins-disagree",
    /// The release that is pinned is not the one that is installed.
    PinDiffers => "pin-differs",
    /// The project's environments have different releases.
    EnvironmentDiffers => "environment-differs",
}
Wiring {
    /// Alembic refuses its version locations.
    VersionLocations => "version-locations",
    /// Alembic does not look into the vendored directory.
    NotWired => "not-wired",
    /// The project's own revisions are in no version location.
    OwnVersions => "own-versions",
    /// `env.py` passes arguments to revisions that take none.
    RunArguments => "run-arguments",
    /// There is no `env.py`, or it is not Python.
    EnvUnreadable => "env-unreadable",
    /// A version location that does not exist.
    LocationMissing => "location-missing",
    /// Version locations set in `env.py`, which is too late.
    LocationsInEnv => "locations-in-env",
    /// The vendored directory and upstream's own are both version locations.
    UpstreamLocation => "upstream-location",
    /// `path_separator` splits `prepend_sys_path` at the wrong places.
    PrependSysPath => "prepend-sys-path",
    /// Two revision files have one id.
    DuplicateRevision => "duplicate-revision",
    /// An id that Alembic or its version table cannot hold.
    RevisionId => "revision-id",
    /// A `down_revision` that names no revision.
    MissingDownRevision => "missing-down-revision",
    /// A `depends_on` that names no revision.
    UnknownDependency => "unknown-dependency",
    /// A revision builds on one of Procrastinate's that does not exist.
    VendoredIdGone => "vendored-id-gone",
    /// Revisions that follow each other in a circle.
    RevisionCycle => "revision-cycle",
    /// Two revisions have one branch label.
    DuplicateLabel => "duplicate-label",
    /// A Python file among the revisions is not a revision: it stops every Alembic command.
    NotARevision => "not-a-revision",
    /// The history is linear, and has several heads.
    SeveralHeads => "several-heads",
    /// A revision of the project's own makes, changes or drops Procrastinate's objects.
    OwnSchema => "own-schema",
    /// A revision whose place the vendored revisions took is gone, or no longer says so.
    AdoptionBroken => "adoption-broken",
    /// A script calls `alembic upgrade head`, and there are several heads.
    UpgradeHead => "upgrade-head",
    /// A script applies Procrastinate's schema, which the revisions make.
    SchemaApply => "schema-apply",
    /// Procrastinate's objects are in another schema than the vendored revisions go to, or may be.
    Schema => "schema",
    /// `env.py` opens its own transaction.
    EnvTransaction => "env-transaction",
    /// `env.py` takes the database's URL from the configuration, where it is empty.
    NoUrl => "no-url",
    /// What `env.py` sets for Alembic's transaction is gone after the first revision that leaves the transaction.
    TransactionLocal => "transaction-local",
    /// Copied revisions that run in one transaction fail on enum values.
    SingleTransaction => "single-transaction",
    /// Copied revisions do not run on asyncpg.
    AsyncpgCopies => "asyncpg-copies",
    /// `alembic revision --autogenerate` would drop Procrastinate's tables.
    AutogenerateFilter => "autogenerate-filter",
    /// A Dockerfile copies a part of Alembic's scripts, but not the vendored directory.
    NotInImage => "not-in-image",
    /// The package that is built has a part of Alembic's scripts, but not the vendored directory.
    NotInPackage => "not-in-package",
    /// The settings accept a finding that does not exist.
    AcceptanceUnused => "acceptance-unused",
}
; changes {
    /// A migration that only the later release has.
    Added => "added",
    /// A migration that only the earlier release has.
    Removed => "removed",
    /// A migration whose text differs.
    Changed => "changed",
    /// A migration with the same text and another name.
    Renamed => "renamed",
    /// A migration that runs at another place in the order.
    Moved => "moved",
}
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The vendored files and their lock.
    Directory,
    /// What lies around: Alembic's configuration, `env.py`, the graph of revisions, scripts, settings.
    Wiring,
    /// The lock against upstream.
    Drift,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_a_section_in_the_docs() {
        let docs = include_str!("../../docs/findings.md");
        for code in Code::ALL {
            assert!(docs.contains(&format!("\n### `{code}`\n")), "{code}");
        }
    }

    #[test]
    fn codes_are_told_apart_and_plain() {
        for (index, code) in Code::ALL.iter().enumerate() {
            let text = code.as_str();
            assert!(
                text.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                "{text}"
            );
            assert!(
                Code::ALL[..index]
                    .iter()
                    .all(|other| other.as_str() != text),
                "{text}"
            );
        }
    }
}
