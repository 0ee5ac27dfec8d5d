//! What a live database has of Procrastinate, told by its catalog. Pure: the query's text, and the reading of its result.

mod agree;
mod applied;
mod explain;
mod finding;
mod normal;
mod resolve;
mod sides;
mod snapshot;
mod stamping;
mod states;
mod survey;
mod wanted;

pub use applied::{Applied, Versions};
pub use finding::{Code, Finding, Help};
pub use resolve::{Deviation, Effect, How, Own, Resolved, resolve};
pub use sides::{Expect, Sides, Stamping};
pub use snapshot::{Copy, Kind, Object, Snapshot, SnapshotError, VersionTable};
pub use states::{Position, State};
pub use survey::{Surveyed, homes, survey};

/// What is run in the database; its result is one line of JSON.
pub const QUERY: &str = include_str!("query.sql");

/// Counted up whenever the result means something else.
pub const QUERY_VERSION: u64 = 1;

/// The oldest server that the query runs on, as `server_version_num` has it.
pub const OLDEST_SERVER: u32 = 120_000;

#[cfg(test)]
mod tests;
