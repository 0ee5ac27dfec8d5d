//! What people and programs get to read.

pub mod deploys;
pub mod differences;
pub mod first_run;
pub mod github;
pub mod gitlab;
pub mod init;
pub mod json;
pub mod markdown;
pub mod outcome;
pub mod prose;
pub mod releases;
pub mod rollout;
pub mod sarif;
pub mod screen;
pub mod style;
pub mod sync;
pub mod text;
pub mod wrap;
