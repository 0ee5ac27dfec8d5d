//! What people and programs get to read.

pub mod deploys;
pub mod diff;
pub mod escape;
pub mod init;
pub mod json;
pub mod releases;
pub mod rollout;
pub mod style;
pub mod sync;
pub mod text;
