//! What people and programs get to read.

pub mod deploys;
pub mod diff;
pub mod escape;
pub mod first_run;
pub mod hunks;
pub mod init;
pub mod json;
pub mod prose;
pub mod releases;
pub mod rollout;
pub mod screen;
pub mod style;
pub mod sync;
pub mod text;
pub mod words;
pub mod wrap;
