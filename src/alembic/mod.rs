//! Alembic's own rules: its configuration, `env.py`, and the graph of a project's revisions.

pub mod compiled;
pub mod config;
pub mod env_file;
pub mod graph;
pub mod invocations;
pub mod revisions;
pub mod search_path;
