//! Alembic's own rules: its configuration, and what a revision file says.

pub mod config;
pub mod env_file;
pub mod invocations;
pub mod locations;
pub mod python;
pub mod revision_file;
mod upgrade;
