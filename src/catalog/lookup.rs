//! Finding a release in the catalogue, or those nearest to it.

use pep440_rs::Version;

use super::{RELEASES, Release};

/// Every release of the catalogue, the oldest first.
pub fn releases() -> &'static [Release] {
    &RELEASES
}

/// The newest release of the catalogue; none only in an empty one, which the build script refuses.
pub fn newest() -> Option<&'static Release> {
    RELEASES.last()
}

/// The release that equals `version` by PEP 440: `3.6` is `3.6.0`.
pub fn release(version: &Version) -> Option<&'static Release> {
    let place = RELEASES.binary_search_by(|release| release.version().cmp(version));
    place.ok().map(|index| &RELEASES[index])
}

/// The release that equals `version`, or the reason why there is none.
pub fn known(version: &Version) -> Result<&'static Release, Unknown> {
    release(version).ok_or_else(|| {
        let place = RELEASES.partition_point(|release| release.version() < *version);
        Unknown {
            version: version.clone(),
            before: place.checked_sub(1).and_then(|index| RELEASES.get(index)),
            after: RELEASES.get(place),
        }
    })
}

/// A release that is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Procrastinate {version} is not in the catalogue of releases{}", self.why())]
pub struct Unknown {
    pub version: Version,
    pub before: Option<&'static Release>,
    pub after: Option<&'static Release>,
}

impl Unknown {
    fn why(&self) -> String {
        let why = match (self.before, self.after) {
            _ if self.version.any_prerelease() => ": it is a pre-release",
            _ if self.version.is_local() => ": it is a local build",
            (None, _) => ", which begins with 0.17.0",
            (Some(newest), None) => {
                let newest = newest.name;
                return format!(": it is newer than {newest}, the newest that this program knows");
            }
            (Some(_), Some(_)) => ": it was withdrawn from the package index, or never published",
        };
        why.to_owned()
    }

    /// `the nearest releases are 3.0.0 and 3.0.2`.
    pub fn nearest(&self) -> String {
        match (
            self.before.map(|before| before.name),
            self.after.map(|after| after.name),
        ) {
            (Some(before), Some(after)) => format!("the nearest releases are {before} and {after}"),
            (Some(newest), None) => format!("the newest known release is {newest}"),
            (None, Some(oldest)) => format!("the oldest known release is {oldest}"),
            (None, None) => "no release is known".to_owned(),
        }
    }

    pub fn hint(&self) -> String {
        let nearest = self.nearest();
        if self.after.is_none() && !self.version.any_prerelease() {
            format!("{nearest}; upgrade vendor-migrations, or check the number")
        } else {
            format!("{nearest}; `vendor-migrations releases` lists all")
        }
    }
}
