//! Alembic's own rules: its configuration, and what a revision file says.

mod assigned;
pub mod config;
pub mod env_file;
pub mod graph;
pub mod invocations;
pub mod python;
pub mod revision_file;
pub mod revisions;
mod upgrade;
