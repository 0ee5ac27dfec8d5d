//! SQL by PostgreSQL's lexical rules: where statements end, and what they do.

mod autocommit;
pub mod ddl;
mod fingerprint;
mod names;
mod schema;
mod search_path;
pub mod statements;
mod tokens;

pub use autocommit::adds_enum_value;
pub(crate) use autocommit::{is_repeatable, needs_autocommit, rewritten};
pub use fingerprint::{fingerprints, is_plpgsql};
pub(crate) use names::names_schema;
pub use schema::{BadSchemaName, Schema, SchemaName};
pub(crate) use schema::{identifier, literal};
pub use search_path::SearchPath;
pub(crate) use search_path::{PathSet, path_of, path_sets, schemas_before};
