//! What the package is called, where its files lie, and how its migrations are named.

mod layout;
mod migration_name;

pub use layout::{Layout, PACKAGE, REVISIONS, SCHEMA, SQL};
pub use migration_name::{LONGEST_ID, MigrationName, Phase, known_as, runs_before_deploy};
