//! What each release changed.

use super::{Change, Release, compare, releases};

/// One release of the catalogue, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub release: &'static Release,
    /// The one before it in the catalogue; none for the first.
    pub before: Option<&'static Release>,
    /// What it changed in the SQL; of the first release, all that it ships.
    pub sql: Vec<Change<'static>>,
    /// What it changed in the revision files.
    pub revisions: Vec<Change<'static>>,
}

impl Step {
    /// Whether it ships the same migrations as the release before it.
    pub fn is_empty(&self) -> bool {
        self.sql.is_empty() && self.revisions.is_empty()
    }

    /// All that it changed, the SQL first.
    pub fn changes(&self) -> impl Iterator<Item = &Change<'static>> {
        self.sql.iter().chain(&self.revisions)
    }
}

/// Every release of the catalogue with its changes, the oldest first.
pub fn history() -> Vec<Step> {
    let mut before: Option<&'static Release> = None;
    let step = |release: &'static Release| {
        let (sql, revisions) = match before {
            Some(before) => (before.sql_files(), before.revision_files()),
            None => (Vec::new(), Vec::new()),
        };
        let step = Step {
            release,
            before,
            sql: compare(&sql, &release.sql_files()),
            revisions: compare(&revisions, &release.revision_files()),
        };
        before = Some(release);
        step
    };
    releases().iter().map(step).collect()
}
