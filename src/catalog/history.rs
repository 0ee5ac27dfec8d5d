//! What each release changed.

use super::{Change, RELEASES, Release, compare};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub release: &'static Release,
    /// The one before it that was not yanked; none for the first, whose changes are all that it ships.
    pub before: Option<&'static Release>,
    pub sql: Vec<Change<'static>>,
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
        let step = Step {
            release,
            before,
            sql: compare(
                &before.map_or(Vec::new(), Release::sql_files),
                &release.sql_files(),
            ),
            revisions: compare(
                before.map_or(&[], |before| before.revisions),
                release.revisions,
            ),
        };
        if !release.yanked {
            before = Some(release);
        }
        step
    };
    RELEASES.iter().map(step).collect()
}
