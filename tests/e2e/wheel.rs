//! What goes to the package index and to crates.io: the wheel that CONTRIBUTING.md has built, the source distribution, the
//! module behind `python -m`, the crate.

mod alone;
mod beside;
pub(crate) mod built;
mod contents;
mod installed;
mod module;
mod platforms;
mod source;

pub(crate) use contents::cargo;
