//! SQL that names the schema `public`, in revisions that are rendered for another schema.

use super::Plan;
use crate::catalog;
use crate::lockfile::{Lock, LockedRevision};
use crate::python_source::executed;
use crate::sql::{Schema, names_schema};
use crate::vendored::tree::Tree;

const PUBLIC: &str = "public";

/// A vendored revision that makes something in `public`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamesPublic<'a> {
    pub revision: &'a LockedRevision,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// All of a lock's, which are for `schema`; `text` gives the revision files.
pub fn names_public<'a>(
    lock: &'a Lock,
    schema: Option<&Schema>,
    text: impl Fn(&str) -> Option<&'a [u8]>,
) -> Vec<NamesPublic<'a>> {
    let Some(schema) = schema.map(|schema| &schema.name) else {
        return Vec::new();
    };
    let names_it = |revision: &&LockedRevision| {
        let text = text(revision.file.as_str()).map(String::from_utf8_lossy);
        let statements = text.map_or(Vec::new(), |text| executed(&text));
        statements.iter().any(|sql| names_schema(sql, PUBLIC))
    };
    let revisions = lock.revisions.iter().filter(names_it);
    let found = revisions.filter(|_| schema.as_str() != PUBLIC);
    found
        .map(|revision| NamesPublic {
            revision,
            message: format!(
                "its SQL names the schema `{PUBLIC}`: what it makes is in that schema, and not in {}",
                schema.quoted()
            ),
            remedy: match mended(lock, revision) {
                Some(release) => format!(
                    "Procrastinate {release} changed the SQL of this migration: vendor that release, or a later one, before databases run \
                     this revision; databases that have run it have to be fixed by hand (docs/findings.md)"
                ),
                None => "look at what it makes in that schema, and make the same in the other schema by hand".to_owned(),
            },
        })
        .collect()
}

/// The first later release in which the migration has other SQL.
fn mended(lock: &Lock, revision: &LockedRevision) -> Option<&'static str> {
    let name = revision.sql.as_ref()?.as_str();
    let mut later = catalog::releases().filter(|release| release.version() > lock.upstream.release);
    let changed = |release: &&catalog::Release| {
        let mut migrations = release.migrations.iter();
        migrations.any(|one| one.name == name && Some(one.sha256) != revision.sql_sha256)
    };
    later.find(changed).map(|release| release.name)
}

/// Warns of such SQL in the files as they will be, and of databases that have run such SQL, where it is now another.
pub(super) fn warn(plan: &mut Plan, before: Option<&Lock>, tree: &Tree) {
    let after = |path: &str| match plan.file(path) {
        Some(file) => file.after.as_deref(),
        None => tree.file(path),
    };
    let schema = plan.lock.schema.as_ref();
    let mut warnings = Vec::new();
    for found in names_public(&plan.lock, schema, after) {
        let (name, message, remedy) = (found.revision.name(), found.message, found.remedy);
        warnings.push(format!("`{name}`: {message}. {remedy}"));
    }
    let earlier = |lock| names_public(lock, schema, |path| tree.file(path));
    for found in before.map_or(Vec::new(), earlier) {
        let now = plan.lock.revision(&found.revision.id);
        if now.is_some_and(|now| now.sql_sha256 != found.revision.sql_sha256) {
            warnings.push(format!(
                "the earlier SQL of `{}` named the schema `{PUBLIC}`, and databases that have run it have its objects \
                 there: run the new SQL by hand in the other schema (docs/findings.md); `vendor-migrations database` shows \
                 which databases differ",
                found.revision.name()
            ));
        }
    }
    plan.warnings.extend(warnings);
}
