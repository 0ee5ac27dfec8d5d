//! SQL to revision: the Python that runs it.

mod frame;
mod literal;
pub mod revision;
