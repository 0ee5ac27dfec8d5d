//! What `check` reports: each finding with a stable code, a severity, a place, what is wrong and how to mend it.

mod accept;
mod changes;
mod code;
mod differences;
mod drift;
mod env;
mod graph;
mod heads;
mod in_place;
mod local;
mod pins;
pub mod wiring;

use serde::{Serialize, Serializer};

use crate::patch::{self, Patch};

pub use accept::{Accept, Accepted, accept, unaccepted};
pub use code::Code;
pub use differences::differences;
pub use drift::{drift, modified_source};
pub use graph::{Graph, graph, undecided};
pub use heads::upgrade_head;
pub use in_place::{described, in_place};
pub use local::local;
pub use pins::{differs, disagree, pinned_drift};

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which kind of thing.
    pub code: Code,
    /// Whether it fails the check.
    pub severity: Severity,
    /// The file or directory.
    pub path: String,
    /// What the path is relative to.
    #[serde(skip_serializing_if = "Base::is_project")]
    pub base: Base,
    /// The line in the file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The migration that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<String>,
    /// The revisions that it concerns, in chain order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<String>,
    pub message: String,
    /// How to mend it.
    pub remedy: String,
    /// From what is there to what should be.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_text")]
    pub diff: Vec<Patch>,
}

fn as_text<S: Serializer>(patches: &[Patch], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&patch::text(patches))
}

impl Finding {
    /// A finding about a whole file or directory.
    pub fn new(
        code: Code,
        severity: Severity,
        path: String,
        message: String,
        remedy: &str,
    ) -> Self {
        Self {
            code,
            severity,
            path,
            base: Base::Project,
            line: None,
            migration: None,
            revisions: Vec::new(),
            message,
            remedy: remedy.to_owned(),
            diff: Vec::new(),
        }
    }

    /// The same about a file of the installed package.
    pub fn in_package(mut self) -> Self {
        self.base = Base::SitePackages;
        self
    }

    /// The same at a line, counted from 1.
    pub fn at(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// The same about some revisions.
    pub fn about(mut self, revisions: Vec<String>) -> Self {
        self.revisions = revisions;
        self
    }
}

/// What a finding's path is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    Project,
    /// The directory that holds the installed package.
    SitePackages,
}

impl Base {
    fn is_project(&self) -> bool {
        *self == Self::Project
    }
}

/// Whether a finding fails the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// Errors before warnings where they share a path; paths in order.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.severity, finding.line, finding.code);
        (&a.path, key(a)).cmp(&(&b.path, key(b)))
    });
}

/// How many findings fail the check.
pub fn failures(findings: &[Finding], strict: bool) -> usize {
    findings
        .iter()
        .filter(|finding| strict || finding.severity == Severity::Error)
        .count()
}
