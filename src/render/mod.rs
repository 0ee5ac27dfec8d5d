//! SQL to revision: the Python that runs it.

mod literal;
pub mod revision;
