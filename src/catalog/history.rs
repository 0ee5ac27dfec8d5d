//! What each release changed.

use super::{Change, Release, compare, releases};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub release: &'static Release,
    /// The one before it in the catalogue; none for the first, whose changes are all that it ships.
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
    let before = std::iter::once(None).chain(releases().iter().map(Some));
    let step = |(release, before): (&'static Release, Option<&'static Release>)| Step {
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
    releases().iter().zip(before).map(step).collect()
}
