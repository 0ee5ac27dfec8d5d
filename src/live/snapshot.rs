//! The result of the query.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::normal::{digest, without_schema};
use super::{OLDEST_SERVER, QUERY_VERSION};
use crate::digest::Digest;

/// One database, as one transaction saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub database: String,
    pub role: String,
    /// `server_version_num`.
    pub server: u32,
    pub recovery: bool,
    /// The schemas of the role's search path.
    pub path: Vec<String>,
    /// By schema, each schema that has objects of Procrastinate.
    pub copies: BTreeMap<String, Copy>,
    pub versions: Vec<VersionTable>,
}

/// The objects of Procrastinate in one schema.
pub type Copy = BTreeMap<(Kind, String), Object>;

#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Of the facts, brought into one form.
    pub digest: Digest,
    pub facts: Map<String, Value>,
    /// What belongs to no state: the table of an index.
    pub notes: Map<String, Value>,
}

/// A table as Alembic makes it for its versions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionTable {
    pub schema: String,
    pub table: String,
    /// None if the role may not read it.
    pub ids: Option<Vec<String>>,
}

impl fmt::Display for VersionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}.{}`", self.schema, self.table)
    }
}

/// What kind of object. Of those that belong to a table, the name begins with the table's: `procrastinate_jobs.id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Table,
    Column,
    Constraint,
    Index,
    Trigger,
    Rule,
    Policy,
    View,
    Sequence,
    Type,
    Function,
}

/// Why a result cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    #[error("it is empty")]
    Empty,
    #[error("it is not JSON of this program's query: {0}")]
    NotJson(String),
    #[error("it is longer than {} MiB", .0 >> 20)]
    TooLong(u64),
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it holds the results of several runs")]
    Several,
    #[error("it is JSON, but not the result of this program's query")]
    Foreign,
    #[error(
        "it is the result of version {found} of the query; this program knows version {QUERY_VERSION}"
    )]
    OtherQuery { found: String },
    #[error("the server is PostgreSQL {}; the query needs {} or later", .0 / 10_000, OLDEST_SERVER / 10_000)]
    OldServer(u32),
    #[error("two objects are called {kind} `{name}` in the schema `{schema}`")]
    Twice {
        schema: String,
        kind: Kind,
        name: String,
    },
    /// PostgreSQL gives NULL for what was dropped while it looked.
    #[error(
        "the schema `{schema}` was changed while it was read: {kind} `{name}` has no definition"
    )]
    Unstable {
        schema: String,
        kind: Kind,
        name: String,
    },
}

impl SnapshotError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => {
                "read the messages of the client that ran the query; `psql -XAtq` prints its result as one line"
            }
            Self::NotJson(_)
            | Self::Foreign
            | Self::TooLong(_)
            | Self::NotUtf8
            | Self::Twice { .. } => {
                "give it what `vendor-migrations database --query | psql -XAtq \"$URL\"` prints, unchanged"
            }
            Self::Several => {
                "write each result to a separate file, and give each file its own `--from`"
            }
            Self::OtherQuery { .. } => {
                "run the query of this program: `vendor-migrations database --query`"
            }
            Self::OldServer(_) => "upgrade the server",
            Self::Unstable { .. } => "wait until no migration runs, and run the query again",
        }
    }
}

/// The tags of the query's commands.
const TAGS: [&str; 4] = ["BEGIN", "SET", "DO", "ROLLBACK"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[serde(rename = "vendor_migrations_query")]
    _query: u64,
    server: u32,
    database: String,
    role: String,
    recovery: bool,
    path: Vec<String>,
    versions: Vec<VersionTable>,
    objects: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    schema: String,
    kind: Kind,
    /// A function has none if it was dropped meanwhile.
    name: Option<String>,
    facts: Map<String, Value>,
    notes: Map<String, Value>,
}

impl Kind {
    pub const ALL: [Self; 11] = [
        Self::Table,
        Self::Column,
        Self::Constraint,
        Self::Index,
        Self::Trigger,
        Self::Rule,
        Self::Policy,
        Self::View,
        Self::Sequence,
        Self::Type,
        Self::Function,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Column => "column",
            Self::Constraint => "constraint",
            Self::Index => "index",
            Self::Trigger => "trigger",
            Self::Rule => "rule",
            Self::Policy => "policy",
            Self::View => "view",
            Self::Sequence => "sequence",
            Self::Type => "type",
            Self::Function => "function",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Snapshot {
    /// Reads what the query printed.
    pub fn parse(text: &str) -> Result<Self, SnapshotError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Without `-q`, psql prints what each command did.
        let lines = text.lines().filter(|line| !TAGS.contains(&line.trim()));
        let text: String = lines.collect::<Vec<_>>().join("\n");
        if text.trim().is_empty() {
            return Err(SnapshotError::Empty);
        }
        let mut values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        let not_json = |error: serde_json::Error| SnapshotError::NotJson(error.to_string());
        let value = values
            .next()
            .ok_or(SnapshotError::Empty)?
            .map_err(not_json)?;
        match values.next() {
            None => {}
            Some(Ok(_)) => return Err(SnapshotError::Several),
            Some(Err(error)) => return Err(not_json(error)),
        }
        match value.get("vendor_migrations_query") {
            None => return Err(SnapshotError::Foreign),
            Some(version) if version.as_u64() == Some(QUERY_VERSION) => {}
            Some(other) => {
                let found = other.to_string();
                return Err(SnapshotError::OtherQuery { found });
            }
        }
        let answer: Answer = serde_json::from_value(value).map_err(not_json)?;
        if answer.server < OLDEST_SERVER {
            return Err(SnapshotError::OldServer(answer.server));
        }
        let mut copies: BTreeMap<String, Copy> = BTreeMap::new();
        for found in answer.objects {
            add(&mut copies, found)?;
        }
        let mut versions = answer.versions;
        for table in &mut versions {
            table.ids.iter_mut().for_each(|ids| ids.sort());
        }
        Ok(Self {
            versions,
            database: answer.database,
            role: answer.role,
            server: answer.server,
            recovery: answer.recovery,
            path: answer.path,
            copies,
        })
    }
}

fn add(copies: &mut BTreeMap<String, Copy>, found: Found) -> Result<(), SnapshotError> {
    let Found {
        schema,
        kind,
        name,
        mut facts,
        notes,
    } = found;
    let whole = name.as_ref();
    let whole = whole.filter(|name| is_whole(kind, &facts) && names_itself(kind, name, &facts));
    let Some(name) = whole else {
        let name = name.unwrap_or_default();
        return Err(SnapshotError::Unstable { schema, kind, name });
    };
    let name = match kind {
        // Of its arguments.
        Kind::Function => without_schema(name, &schema),
        _ => name.clone(),
    };
    if kind == Kind::Index {
        without_storage(&mut facts);
    }
    let object = Object {
        digest: digest(&facts, &schema),
        facts,
        notes,
    };
    let copy = copies.entry(schema.clone()).or_default();
    match copy.insert((kind, name.clone()), object) {
        None => Ok(()),
        Some(_) => Err(SnapshotError::Twice { schema, kind, name }),
    }
}

/// Whether the definition has the object's name. It is that of the newest catalog, the name that of the snapshot.
fn names_itself(kind: Kind, name: &str, facts: &Map<String, Value>) -> bool {
    let name = match kind {
        Kind::Index => name,
        Kind::Trigger | Kind::Rule => name.split_once('.').map_or(name, |(_, own)| own),
        _ => return true,
    };
    let definition = facts.get("definition").and_then(Value::as_str);
    definition.is_some_and(|text| text.contains(&name.replace('"', "\"\"")))
}

/// How an index is stored changes nothing that it does: `WITH (fillfactor='70')`.
fn without_storage(facts: &mut Map<String, Value>) {
    let Some(Value::String(text)) = facts.get_mut("definition") else {
        return;
    };
    if let Some(start) = text.find(" WITH (")
        && let Some(length) = text[start..].find(')')
    {
        text.replace_range(start..=start + length, "");
    }
}

/// Whether nothing is missing that every object of this kind has.
fn is_whole(kind: Kind, facts: &Map<String, Value>) -> bool {
    let has = |key: &str| facts.contains_key(key);
    match kind {
        Kind::Column => has("type") && (!has("has_default") || has("default")),
        Kind::Constraint | Kind::Index | Kind::Trigger | Kind::Rule => has("definition"),
        // The body of an SQL-standard function is no text: its source is empty, and there.
        Kind::Function => has("source") && has("arguments"),
        Kind::Table | Kind::Policy | Kind::View | Kind::Sequence | Kind::Type => true,
    }
}
