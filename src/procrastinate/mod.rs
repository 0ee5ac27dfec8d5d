//! What the package is called, where its files lie, and how its migrations are named.

mod layout;
mod migration_name;

use pep440_rs::Version;

pub use layout::{Layout, PACKAGE, REVISIONS, SCHEMA, SQL};
pub use migration_name::{LONGEST_ID, MigrationName, Phase, known_as, runs_before_deploy};

/// Whether a version has a number. A build without the tags of its repository has none: `0.0.0.post1.dev0+g0123abc`.
pub fn is_numbered(version: &Version) -> bool {
    version.release().iter().any(|number| *number > 0)
}

/// Whether `version` is older than `other`, as far as both have numbers.
pub fn is_older(version: &Version, other: &Version) -> bool {
    is_numbered(version) && is_numbered(other) && version < other
}
