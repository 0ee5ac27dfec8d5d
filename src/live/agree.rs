//! Whether the database, its version table, the vendored revisions and the code agree. Pure.

use std::collections::BTreeSet;

use super::applied::Versions;
use super::finding::{Code, Finding, Help};
use super::resolve::Resolved;
use super::sides::{Agreement, Sides, Stamping, quoted};
use crate::catalog;
use crate::digest::Digest;
use crate::lockfile::LockedRevision;

/// Compares a schema, `None` if Procrastinate is not there, with what its project has.
pub fn agree(resolved: Option<&Resolved>, versions: &Versions<'_>, sides: &Sides<'_>) -> Agreement {
    let mut agreement = Agreement {
        findings: Vec::new(),
        stamping: Stamping::Agrees,
    };
    let state = match resolved {
        None => None,
        Some(resolved) => match resolved.exact() {
            Some(state) => Some(state),
            None => {
                agreement.stamping = Stamping::Impossible(
                    "the schema is not in the state after any migration".to_owned(),
                );
                return agreement;
            }
        },
    };
    if let Some(unknown) = unknown(sides) {
        agreement.stamping = Stamping::Impossible(unknown.message.clone());
        agreement.findings.push(unknown);
        return agreement;
    }
    agreement.with_versions(state, versions, sides);
    agreement.with_others(state, sides);
    agreement.in_part(state);
    if matches!(versions, Versions::Unreadable(_) | Versions::Several(_)) {
        agreement.upgrade_nothing();
    }
    agreement
}

impl Agreement {
    /// Whether an upgrade begins at the right place, only the version table tells.
    fn upgrade_nothing(&mut self) {
        for finding in &mut self.findings {
            if matches!(
                finding.help,
                Some(Help::Upgrade | Help::UpgradeTo(_) | Help::Rollout(_))
            ) {
                let text = "first compare with the version table, with a role that may read it";
                finding.help = Some(Help::Text(text.to_owned()));
            }
        }
    }
}

/// SQL that came after this program: what it makes is not known, so nothing can be said of the schema.
fn unknown(sides: &Sides<'_>) -> Option<Finding> {
    let is_unknown = |sha256: &Digest| catalog::effects_of(sha256).is_none();
    let vendored = sides.lock.iter().flat_map(|lock| &lock.revisions);
    let vendored = vendored.filter(|one| one.sql_sha256.as_ref().is_none_or(is_unknown));
    let code = sides.code.iter().flat_map(|code| &code.migrations);
    let code = code.filter(|one| one.sql.as_ref().is_none_or(|sql| is_unknown(&sql.digest)));
    let names: BTreeSet<&str> = vendored
        .map(LockedRevision::name)
        .chain(code.map(|migration| migration.name()))
        .collect();
    if names.is_empty() {
        return None;
    }
    let names: Vec<&str> = names.into_iter().collect();
    let message = format!(
        "this program does not know what these migrations make: {}. So it cannot tell which of them the database has",
        quoted(&names)
    );
    let help = "upgrade vendor-migrations; it never knows the SQL of a release that is not final, or SQL of your own";
    Some(Finding::error(Code::UnknownMigration, message).with(Help::Text(help.to_owned())))
}
