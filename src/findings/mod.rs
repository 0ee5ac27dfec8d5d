//! What `check` and `diff` report: each finding with a stable code, a severity, a place, what is wrong, and the remedy.

mod accept;
pub mod calls;
mod changes;
mod code;
mod differences;
mod drift;
mod env;
mod graph;
mod in_place;
mod local;
mod own_schema;
mod pins;
mod remedy;
pub mod schema;
mod schema_differs;
mod script;
mod unloaded;
pub mod wiring;

use crate::patch::Patch;
use crate::place::Place;

pub use accept::{Accept, Accepted, accept};
pub use code::{Code, Section};
pub use differences::{differences, release_difference};
pub use drift::{drift, modified_source};
pub use graph::{Graph, graph, undecided, undecided_ids};
pub use in_place::described;
pub use local::{git_ignored, local, root_lock, stranded};
pub use own_schema::{Own, adopt_first, adoption, own_schema, unclear};
pub use pins::{differs, disagree, environment_differs, pinned_drift};
pub use remedy::Remedy;
pub use schema_differs::schema_differs;
pub use unloaded::{Unloaded, unloaded};

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    pub place: Place,
    pub migration: Option<String>,
    /// The revisions that it concerns, in chain order.
    pub revisions: Vec<String>,
    pub message: String,
    /// None for a fact that needs none.
    pub remedy: Option<Remedy>,
    /// From what is there to what should be.
    pub patches: Vec<Patch>,
}

impl Finding {
    fn new(code: Code, severity: Severity, place: Place, message: String) -> Self {
        Self {
            code,
            severity,
            place,
            migration: None,
            revisions: Vec::new(),
            message,
            remedy: None,
            patches: Vec::new(),
        }
    }

    /// It fails the check.
    pub fn error(
        code: Code,
        place: impl Into<Place>,
        message: impl Into<String>,
        remedy: impl Into<Remedy>,
    ) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..Self::new(code, Severity::Error, place.into(), message.into())
        }
    }

    /// It fails the check with `--strict`.
    pub fn warning(
        code: Code,
        place: impl Into<Place>,
        message: impl Into<String>,
        remedy: impl Into<Remedy>,
    ) -> Self {
        Self::error(code, place, message, remedy).of(Severity::Warning)
    }

    /// What is wrong, and how it is mended.
    pub fn advice(&self, separator: &str) -> String {
        match &self.remedy {
            Some(remedy) => format!("{}{separator}{remedy}", self.message),
            None => self.message.clone(),
        }
    }

    pub fn about(self, revisions: Vec<String>) -> Self {
        Self { revisions, ..self }
    }

    fn of(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }
}

/// How grave a finding is; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It fails the check.
    Error,
    /// It fails the check with `--strict`.
    Warning,
    /// A fact: what changed between two releases.
    Note,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Sorts by path; errors before warnings where they share one.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.severity, finding.place.line, finding.code);
        (&a.place.path, key(a)).cmp(&(&b.place.path, key(b)))
    });
}

pub fn failures(findings: &[Finding], strict: bool) -> usize {
    let fails = |finding: &&Finding| match finding.severity {
        Severity::Error => true,
        Severity::Warning => strict,
        Severity::Note => false,
    };
    findings.iter().filter(fails).count()
}

pub fn number(findings: &[Finding], severity: Severity) -> usize {
    let is = |finding: &&Finding| finding.severity == severity;
    findings.iter().filter(is).count()
}
