//! Version locations inside of an installed Procrastinate.

use super::Wiring;
use crate::lockfile::Mode;

impl Wiring<'_> {
    /// Whether the package's own revisions are to run.
    pub(in crate::findings) fn is_in_place(&self) -> bool {
        self.vendored
            .is_some_and(|vendored| vendored.mode == Mode::InPlace)
    }

    /// The package's own revisions that Alembic does look into.
    pub(super) fn instead(&self) -> String {
        let locations = self.alembic.versions.locations().iter();
        let others = locations.filter(|location| self.is_in_place() && location.is_upstreams());
        let resolved = others.filter_map(|location| location.resolved.as_ref().ok());
        let list: Vec<String> = resolved
            .map(|path| format!("; it looks into {path}"))
            .collect();
        list.concat()
    }
}
