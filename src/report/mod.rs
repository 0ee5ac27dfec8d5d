//! What people and programs get to read.

pub mod deploys;
pub mod diff;
pub mod differences;
pub mod escape;
pub mod github;
pub mod gitlab;
pub mod init;
pub mod json;
pub mod markdown;
pub mod outcome;
pub mod releases;
pub mod rollout;
pub mod sarif;
pub mod style;
pub mod sync;
pub mod text;
