//! Python files, read with a parser and never run.

mod assigned;
mod depth;
mod encoding;
mod names;
mod parser;
mod revision_file;
mod upgrade;

pub(crate) use assigned::Assigned;
pub(crate) use encoding::text;
pub(crate) use names::{Name, Names, assignment};
pub use parser::{Bound, Place, SyntaxError};
pub(crate) use parser::{
    Lines, called, calls, expressions, inside, line_at, parse, parse_for, shown_line, string_of,
    strings, text_of, written,
};
pub use revision_file::{Header, RevisionFile, RevisionFileError};
/// The syntax of Python, for the readers in other rooms.
pub(crate) use ruff_python_ast::{
    ExceptHandler, Expr, ExprCall, ExprName, FStringPart, InterpolatedStringElement, Operator,
    Stmt, StmtFunctionDef,
};
pub(crate) use ruff_text_size::{Ranged, TextRange, TextSize};
pub(crate) use upgrade::executed;
pub use upgrade::{leaves_transaction, may_leave_transaction};
