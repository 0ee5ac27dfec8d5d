//! What `check` reports: each finding with a stable code, a severity, a place, what is wrong and how to mend it.

mod drift;
mod local;

use std::fmt;

use serde::Serialize;

pub use drift::{drift, modified_source};
pub use local::local;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which kind of thing.
    pub code: Code,
    /// Whether it fails the check.
    pub severity: Severity,
    /// The file or directory, relative to the project.
    pub path: String,
    /// The migration that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<String>,
    /// The revisions that it concerns, in chain order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub remedy: String,
    /// The difference as a unified diff, from what is there to what should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// The stable codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// No lock and no vendored revisions.
    NotVendored,
    /// Vendored revisions without their lock.
    LockMissing,
    /// A file differs from the lock.
    Edited,
    /// A file of the lock is gone.
    Missing,
    /// Something else has the name of a file of the lock.
    NotAFile,
    /// A file differs from the lock in its line ends only.
    LineEndings,
    /// The lock says the same in other bytes.
    LockFormat,
    /// A Python file that the lock does not know.
    ForeignFile,
    /// The attributes file is gone or lacks its line.
    Gitattributes,
    /// Upstream has a migration that is not vendored.
    MigrationMissing,
    /// Upstream's SQL is another than the vendored one.
    MigrationChanged,
    /// Upstream's revision file is another, its SQL the same.
    WrapperChanged,
    /// Upstream gave a migration another name.
    MigrationRenamed,
    /// Upstream dropped a migration.
    MigrationRemoved,
    /// Upstream ships SQL that no revision file of its own runs, and copies are vendored.
    MigrationUnwrapped,
    /// A rendered revision runs less than upstream's revision file.
    WrapperDoesMore,
    /// The settings ask for another mode than the vendored one.
    Mode,
    /// Another release with the same migrations.
    Release,
    /// Upstream is older than what is vendored.
    OlderUpstream,
    /// Upstream's files are not what it published.
    ModifiedSource,
    /// A file to be written has a name that is taken.
    NameClash,
}

/// Whether a finding fails the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It does.
    Error,
    /// Only with `--strict`.
    Warning,
}

impl Code {
    /// The code as it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotVendored => "not-vendored",
            Self::LockMissing => "lock-missing",
            Self::Edited => "edited",
            Self::Missing => "missing",
            Self::NotAFile => "not-a-file",
            Self::LineEndings => "line-endings",
            Self::LockFormat => "lock-format",
            Self::ForeignFile => "foreign-file",
            Self::Gitattributes => "gitattributes",
            Self::MigrationMissing => "migration-missing",
            Self::MigrationChanged => "migration-changed",
            Self::WrapperChanged => "wrapper-changed",
            Self::MigrationRenamed => "migration-renamed",
            Self::MigrationRemoved => "migration-removed",
            Self::MigrationUnwrapped => "migration-unwrapped",
            Self::WrapperDoesMore => "wrapper-does-more",
            Self::Mode => "mode",
            Self::Release => "release",
            Self::OlderUpstream => "older-upstream",
            Self::ModifiedSource => "modified-source",
            Self::NameClash => "name-clash",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Errors before warnings where they share a path; paths in order.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| (&a.path, a.severity, a.code).cmp(&(&b.path, b.severity, b.code)));
}

/// How many findings fail the check.
pub fn failures(findings: &[Finding], strict: bool) -> usize {
    findings
        .iter()
        .filter(|finding| strict || finding.severity == Severity::Error)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_in_json_is_the_code_in_text() {
        for code in [
            Code::NotVendored,
            Code::NotAFile,
            Code::MigrationRemoved,
            Code::Mode,
            Code::Gitattributes,
        ] {
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{code}\""));
        }
    }
}
