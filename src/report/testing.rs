//! Reports for the tests of the formats.

use super::{Compared, Report};
use crate::findings::{Code, Finding, Remedy, Severity};
use crate::pins::Pins;
use crate::place::Place;
use crate::repository::InRepository;

pub(super) fn finding(severity: Severity, path: &str, message: &str) -> Finding {
    Finding {
        severity,
        remedy: None,
        ..Finding::error(Code::Edited, Place::new(path).at(3), message, Remedy::SYNC)
    }
}

/// What `check` has to say in a project that is its own repository.
pub(super) fn report(findings: Vec<Finding>) -> Report<'static> {
    Report {
        command: "check",
        title: "title".to_owned(),
        compared: Compared::Lock {
            directory: String::new(),
            lock: None,
            upstream: None,
            pins: Box::leak(Box::new(Pins::default())),
            pinned: None,
        },
        findings,
        accepted: Vec::new(),
        notes: vec!["a *note*".to_owned()],
        patches: Vec::new(),
        failure: None,
        repository: InRepository::of("/nowhere".into(), &[]),
        next: Vec::new(),
    }
}
