//! The map of the house. Data flows one way:
//!
//! ```text
//! upstream + lockfile + vendored directory  →  plan  →  apply or report
//! ```
//!
//! - [`cli`]: the command line, and nothing else.
//! - [`commands`]: one verb a file; each loads, plans, then applies or reports.
//! - [`project`], [`settings`]: where a project's things lie.
//! - [`upstream`]: what a release ships, and where it was found.
//! - [`environment`]: the project's Python environments, read from their files.
//! - [`catalog`]: what every published release ships, known without looking.
//! - [`alembic`]: Alembic's own rules.
//! - [`lockfile`], [`digest`], [`file_name`], [`layout`], [`migration_name`]: what was vendored, as checked types.
//! - [`render`]: SQL to revision.
//! - [`pins`]: the release that a project's lock files name.
//! - [`mod@plan`]: what has to change. Pure.
//! - [`steps`]: what to run with Alembic: `stamp` and `rollout`. Pure.
//! - [`findings`]: what `check` reports. Pure.
//! - [`vendored`]: the directory on disk; the only code that writes to a project.
//! - [`wiring`]: what a project needs so that Alembic sees the vendored revisions. Pure.
//! - [`nearest`]: what somebody may have meant.
//! - [`progress`]: a spinner for what takes long.
//! - [`report`]: text and JSON.
//! - [`manual`]: the manual pages.
//! - [`terminal`]: what standard output and standard error are.

pub mod alembic;
pub mod catalog;
pub mod cli;
pub mod commands;
pub mod digest;
pub mod environment;
pub mod file_name;
pub mod findings;
pub mod layout;
pub mod lockfile;
pub mod manual;
pub mod migration_name;
pub mod nearest;
pub mod pins;
pub mod plan;
pub mod progress;
pub mod project;
pub mod render;
pub mod report;
pub mod settings;
pub mod steps;
pub mod terminal;
pub mod upstream;
pub mod vendored;
pub mod wiring;
