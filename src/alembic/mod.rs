//! Alembic's own rules: its configuration, and what a revision file says.

pub mod config;
mod ini;
pub mod locations;
pub mod revision_file;
mod upgrade;
