//! Python files, read with a parser and never run.

mod assigned;
mod names;
mod parser;
mod revision_file;
mod upgrade;

pub(crate) use assigned::Assigned;
pub(crate) use names::{Name, Names, assignment};
pub use parser::{Place, SyntaxError};
pub(crate) use parser::{called, calls, line_at, parse, string_of, text_of};
pub use revision_file::{RevisionFile, RevisionFileError};
/// The syntax of Python, for the readers in other rooms.
pub(crate) use ruff_python_ast::{Expr, ExprCall};
pub(crate) use upgrade::executed;
pub use upgrade::leaves_transaction;
