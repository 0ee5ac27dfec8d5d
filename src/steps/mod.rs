//! What to run with Alembic, and in which order: for a database that `procrastinate schema --apply` made, and for an
//! upgrade without service interruption. Pure.

mod position;
mod rollout;
mod stamp;

pub use position::{Refusal, last_revision};
pub use rollout::{Action, Rollout, Step, Target, rollout};
pub use stamp::{Run, Stamp, stamp, stamp_migrations};
