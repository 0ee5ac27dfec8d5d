//! Finding a release in the catalogue, or those nearest to it.

use pep440_rs::Version;

use super::{File, RELEASES, Release, compare};
use crate::procrastinate::is_numbered;

/// Every release of the catalogue that was not yanked, the oldest first.
pub fn releases() -> impl DoubleEndedIterator<Item = &'static Release> + Clone {
    RELEASES.iter().filter(|release| !release.yanked)
}

/// The newest of them; none only in an empty catalogue, which the build script refuses.
pub fn newest() -> Option<&'static Release> {
    releases().next_back()
}

/// The release, yanked or not, that equals `version` by PEP 440: `3.6` is `3.6.0`.
pub fn release(version: &Version) -> Option<&'static Release> {
    let place = RELEASES.binary_search_by(|release| release.version().cmp(version));
    place.ok().map(|index| &RELEASES[index])
}

/// The release that equals `version`, or the reason why there is none.
pub fn known(version: &Version) -> Result<&'static Release, Unknown> {
    release(version).ok_or_else(|| {
        let is_before = |release: &&Release| release.version() < *version;
        Unknown {
            version: version.clone(),
            before: releases().take_while(is_before).last(),
            after: releases().find(|release| !is_before(release)),
        }
    })
}

/// The newest release that has exactly these files, in this order.
pub fn with_files(sql: &[File<'_>], revisions: &[File<'_>]) -> Option<&'static Release> {
    let has_all = |release: &&Release| release.revisions == revisions && release.sql_files() == sql;
    releases().rev().find(has_all)
}

/// The newest release that differs least from these files, and in how many of them.
pub fn nearest(sql: &[File<'_>], revisions: &[File<'_>]) -> Option<(&'static Release, usize)> {
    let differences = |release: &Release| {
        compare(&release.sql_files(), sql).len() + compare(release.revisions, revisions).len()
    };
    let all = releases()
        .rev()
        .map(|release| (release, differences(release)));
    all.min_by_key(|(_, differences)| *differences)
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
            _ if !is_numbered(&self.version) => {
                ": its version number does not show the release, as in a build without the tags of its repository"
            }
            _ if self.version.any_prerelease() => ": it is a pre-release",
            _ if self.version.is_local() => ": it is a local build",
            (None, _) => ", which begins with 0.17.0",
            (Some(newest), None) => {
                let newest = newest.name;
                return format!(": it is newer than {newest}, the newest that this program knows");
            }
            (Some(_), Some(_)) => ": it was never published",
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
