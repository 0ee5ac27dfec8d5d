//! A database's schema as lines, and what it ought to be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::database::Database;
use super::process::run;
use super::python;

/// Every object of a database, one line each: its kind, then all that the catalogue says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schema(BTreeSet<String>);

impl Schema {
    pub(crate) fn of(database: &Database) -> Self {
        let found = run(python::script("schema.py").arg(database.dsn())).exits(0);
        let catalogue: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&found.stdout).expect("the script prints JSON");
        let mut objects = BTreeSet::new();
        for (kind, rows) in &catalogue {
            for row in rows.as_array().expect("a list") {
                let row = row.as_str().expect("a string");
                assert!(objects.insert(format!("{kind}: {row}")), "twice: {row}");
            }
        }
        Self(objects)
    }

    /// What a release's own `schema.sql` makes. Asked once a release, then remembered.
    pub(crate) fn of_release(release: &str) -> Self {
        Self::known(release, "public", || Database::of_release(release))
    }

    /// The same where it ran with another schema in the search path.
    pub(crate) fn of_release_in(release: &str, schema: &str) -> Self {
        Self::known(release, schema, || Database::of_release_in(release, schema))
    }

    fn known(release: &str, schema: &str, make: impl FnOnce() -> Database) -> Self {
        static KNOWN: Mutex<BTreeMap<String, Schema>> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let key = format!("{release} {schema}");
        if let Some(schema) = known.get(&key) {
            return schema.clone();
        }
        let schema = Self::of(&make());
        let objects = schema.0.len();
        assert!(objects > 50, "schema.sql of {release} made {schema:#?}");
        known.insert(key, schema.clone());
        schema
    }

    /// The same with each tab turned into four spaces, which Alembic does to all it prints offline.
    pub(crate) fn with_tabs_expanded(&self) -> Self {
        Self(
            self.0
                .iter()
                .map(|line| line.replace('\t', "    "))
                .collect(),
        )
    }

    /// The objects, but those whose line begins with `start` are the other schema's.
    #[track_caller]
    pub(crate) fn with_lines_of(self, other: &Schema, start: &str) -> Self {
        let begins = |line: &&String| line.starts_with(start);
        let theirs: Vec<String> = other.0.iter().filter(begins).cloned().collect();
        assert!(!theirs.is_empty(), "no object begins with {start:?}");
        let ours = self.0.into_iter().filter(|line| !line.starts_with(start));
        Self(ours.chain(theirs).collect())
    }

    /// Without the lines that hold `text`.
    pub(crate) fn without(self, text: &str) -> Self {
        Self(
            self.0
                .into_iter()
                .filter(|line| !line.contains(text))
                .collect(),
        )
    }

    /// The lines that hold `text`.
    pub(crate) fn lines(&self, text: &str) -> Vec<&str> {
        self.0
            .iter()
            .map(String::as_str)
            .filter(|line| line.contains(text))
            .collect()
    }

    /// Fails the test with the objects that differ.
    #[track_caller]
    pub(crate) fn assert_is(&self, expected: &Schema) {
        let missing: Vec<_> = expected.0.difference(&self.0).collect();
        let surplus: Vec<_> = self.0.difference(&expected.0).collect();
        assert!(
            missing.is_empty() && surplus.is_empty(),
            "the schema differs\nmissing: {missing:#?}\nsurplus: {surplus:#?}"
        );
    }
}
