//! Vendors Procrastinate's migrations into an Alembic project. ARCHITECTURE.md has the plan of the rooms.
//!
//! The library serves the program and its tests; it is no interface for others. Public is what the tests need.

mod adoption;
pub mod alembic;
mod backup;
pub mod catalog;
mod cli;
mod client;
mod commands;
pub mod digest;
mod effort;
pub mod environment;
mod escape;
mod failure;
pub mod file_name;
mod findings;
mod inspect;
mod links;
pub mod live;
pub mod lockfile;
mod manual;
mod nearest;
mod parallel;
mod patch;
pub mod pins;
mod place;
pub mod plan;
pub mod procrastinate;
mod program;
mod progress;
mod project;
pub mod python_source;
mod read;
pub mod render;
mod report;
mod repository;
mod review;
mod session;
mod settings;
pub mod sql;
mod state;
mod steps;
mod terminal;
pub mod upstream;
pub mod vendored;
mod walk;
pub mod wiring;
pub mod yaml;

pub use program::{main, run};

/// What only the fuzz targets (`tests/fuzz`) reach into.
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::adoption::{Edit, OwnRevision, edited};
    pub use crate::client::Target;
    pub use crate::escape::{is_invisible, lines, one_line};
}
