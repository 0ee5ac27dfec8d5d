//! Alembic's own rules: its configuration, and what a revision file says.

pub mod config;
pub mod locations;
pub mod revision_file;
mod upgrade;
