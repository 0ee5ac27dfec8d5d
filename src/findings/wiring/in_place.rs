//! Version locations inside of an installed Procrastinate.

use super::Wiring;
use crate::alembic::config::Location;
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
        let others = locations.filter(|location| self.is_in_place() && is_upstreams(location));
        let resolved = others.filter_map(|location| location.resolved.as_ref().ok());
        let list: Vec<String> = resolved
            .map(|path| format!("; it looks into {path}"))
            .collect();
        list.concat()
    }
}

/// Whether a location is the one in an installed Procrastinate.
pub fn is_upstreams(location: &Location) -> bool {
    let package = location.written.split_once(':').map(|(package, _)| package);
    let by_name = location.package
        && package.is_some_and(|package| package.split('.').next() == Some("procrastinate"));
    let by_path = location.resolved.as_ref().is_ok_and(|path| {
        [
            "procrastinate/contrib/alembic/versions",
            "procrastinate/alembic/versions",
        ]
        .iter()
        .any(|end| path.ends_with(end))
    });
    by_name || by_path
}
