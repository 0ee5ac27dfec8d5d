//! The schema that Procrastinate's objects are made in, where it is not left to the session's search path.

use serde::{Deserialize, Serialize};

/// PostgreSQL cuts off longer names, in bytes.
const LONGEST: usize = 63;

/// A schema, and whether the first revision makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    pub name: SchemaName,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create: bool,
}

/// The name of a schema that can be in a search path, as the catalog has it: not quoted, upper case kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SchemaName(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` cannot be Procrastinate's schema: {why}", .name.escape_debug())]
pub struct BadSchemaName {
    name: String,
    why: &'static str,
}

impl SchemaName {
    pub fn new(name: impl Into<String>) -> Result<Self, BadSchemaName> {
        let name = name.into();
        let why = if name.is_empty() {
            "a name has at least one character"
        } else if name.len() > LONGEST {
            "PostgreSQL cuts off names after 63 bytes"
        } else if name.contains(char::is_control) {
            "it holds a control character"
        } else if name.starts_with("pg_") {
            "PostgreSQL keeps names that begin with `pg_` to itself"
        } else if name == "information_schema" {
            "it is PostgreSQL's own"
        } else if name == "$user" {
            "in a search path it stands for the role's name"
        } else {
            return Ok(Self(name));
        };
        Err(BadSchemaName { name, why })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As an identifier in SQL.
    pub fn quoted(&self) -> String {
        identifier(&self.0)
    }
}

/// `name` as an identifier in SQL.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `text` as a string in SQL, whatever `standard_conforming_strings` is.
pub(crate) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    match quoted.contains('\\') {
        true => format!("E'{}'", quoted.replace('\\', "\\\\")),
        false => format!("'{quoted}'"),
    }
}

impl TryFrom<String> for SchemaName {
    type Error = BadSchemaName;

    fn try_from(name: String) -> Result<Self, BadSchemaName> {
        Self::new(name)
    }
}

impl From<SchemaName> for String {
    fn from(name: SchemaName) -> Self {
        name.0
    }
}

impl std::str::FromStr for SchemaName {
    type Err = BadSchemaName;

    fn from_str(name: &str) -> Result<Self, BadSchemaName> {
        Self::new(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_or_refused() {
        let longest = "é".repeat(31) + "x";
        for (name, quoted) in [
            ("jobs", "\"jobs\""),
            ("Pro crast", "\"Pro crast\""),
            ("a.b\"c'd", "\"a.b\"\"c'd\""),
            ("PG_x", "\"PG_x\""),
            (&longest, &format!("\"{longest}\"")),
        ] {
            assert_eq!(SchemaName::new(name).unwrap().quoted(), quoted);
        }
        for (name, why) in [
            ("", "at least one"),
            (&"x".repeat(64), "63 bytes"),
            (&(longest.clone() + "y"), "63 bytes"),
            ("a\0b", "control character"),
            ("a\tb", "control character"),
            ("pg_temp", "`pg_`"),
            ("information_schema", "own"),
            ("$user", "role"),
        ] {
            let error = SchemaName::new(name).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn strings_keep_quotes_and_backslashes() {
        assert_eq!(literal("o'brien"), "'o''brien'");
        assert_eq!(literal("a\\b'c"), "E'a\\\\b''c'");
    }
}
