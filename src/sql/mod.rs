//! SQL by PostgreSQL's lexical rules: where statements end, and what they do.

mod autocommit;
mod names;
mod schema;
pub mod statements;
mod tokens;

pub use autocommit::adds_enum_value;
pub(crate) use autocommit::{is_repeatable, needs_autocommit, rewritten};
pub(crate) use names::names_schema;
pub(crate) use schema::literal;
pub use schema::{BadSchemaName, Schema, SchemaName};
