//! SQL to revision: where statements end, which of them stand alone, and the Python that runs them.

mod autocommit;
mod literal;
pub mod revision;
pub mod statements;
mod tokens;

pub use autocommit::adds_enum_value;
