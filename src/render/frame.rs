//! What runs around the statements of a revision that is made for one schema.
//!
//! The search path is set for the transaction only: after a failure it is the session's again by itself. Who runs Alembic
//! decides about transactions, so the first statement after it checks that the path still holds.

use super::literal::escape_colons;
use crate::sql::{Schema, literal};

/// Statements as `sqlalchemy.text` reads them.
#[derive(Debug)]
pub(super) struct Frame {
    /// Makes the schema, before all else in the chain.
    pub(super) create: Option<String>,
    pub(super) enter: [String; 2],
    pub(super) leave: String,
}

impl Frame {
    /// None if the schema's name holds a colon that no spelling keeps.
    pub(super) fn new(schema: &Schema) -> Option<Self> {
        let name = schema.name.quoted();
        let create = format!("CREATE SCHEMA IF NOT EXISTS {name}");
        let set = format!(
            "  PERFORM set_config('{SAVED}', current_setting('search_path'), true);
  PERFORM set_config('search_path', {}, true);",
            literal(&name)
        );
        let put_back =
            format!("  PERFORM set_config('search_path', current_setting('{SAVED}'), true);");
        let text = |sql: &str| escape_colons(sql).ok();
        Some(Self {
            create: match schema.create {
                true => Some(text(&create)?),
                false => None,
            },
            enter: [text(&block(&set))?, text(&block(&assertion(schema)))?],
            leave: text(&block(&put_back))?,
        })
    }
}

/// Holds the path that was there, until the end of the transaction.
const SAVED: &str = "vendor_migrations.search_path";

fn assertion(schema: &Schema) -> String {
    let (name, quoted) = (
        literal(schema.name.as_str()),
        literal(&schema.name.quoted()),
    );
    format!(
        "  IF current_schema() IS DISTINCT FROM {name} THEN
    RAISE EXCEPTION 'this revision is made for the schema %, and the current schema is %',
      {quoted}, coalesce(quote_ident(current_schema()), 'none')
      USING HINT = CASE WHEN to_regnamespace({quoted}) IS NULL
        THEN 'The schema does not exist. Create it before, or see `create_schema` in the settings of vendor-migrations.'
        ELSE 'Run Alembic in a transaction: with AUTOCOMMIT, or if something else sets the search path, it does not hold. '
          'The role needs the right to use the schema.'
      END;
  END IF;"
    )
}

/// A block of PL/pgSQL, which prints nothing in `psql`. Its quotes are longer than any in `body`.
fn block(body: &str) -> String {
    let mut tag = "$schema$".to_owned();
    while body.contains(&tag) {
        tag.insert(1, '_');
    }
    format!("DO {tag}\nBEGIN\n{body}\nEND\n{tag}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::SchemaName;

    fn frame(name: &str) -> Option<Frame> {
        Frame::new(&Schema {
            name: SchemaName::new(name).unwrap(),
            create: true,
        })
    }

    #[test]
    fn names_are_kept_in_every_kind_of_quotes() {
        let frame = frame("a\"b'c\\:d$schema$").unwrap();
        assert_eq!(
            frame.create.unwrap(),
            "CREATE SCHEMA IF NOT EXISTS \"a\"\"b'c\\\\:d$schema$\""
        );
        let [set, assertion] = frame.enter;
        assert!(set.starts_with("DO $_schema$\n") && set.ends_with("\n$_schema$"));
        assert!(set.contains("E'\"a\"\"b''c\\\\\\:d$schema$\"'"), "{set}");
        assert!(assertion.contains("FROM E'a\"b''c"), "{assertion}");
    }

    #[test]
    fn a_colon_that_two_versions_read_differently_is_refused() {
        assert!(frame("x :a$:").is_none());
        assert!(frame("x :a").is_some());
    }
}
