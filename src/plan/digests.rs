//! The lock against a release of which only the names and digests of its SQL are known.

use super::matching::{Group, Marks, groups, match_up};
use super::{Change, ChangeKind};
use crate::catalog::{Migration, Release};
use crate::lockfile::{Lock, LockedRevision, Mode};
use crate::procrastinate::{MigrationName, Phase};

/// The differences between a release and the lock, as far as digests show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// What would happen to each migration, in chain order.
    pub changes: Vec<Change>,
    /// The copied revision files that name no SQL, so that there is no digest to compare.
    pub without_sql: Vec<String>,
}

/// Compares what is vendored with a release of the catalogue. It finds what a plan with the release itself would find in
/// the SQL; revision files that the release may ship are not compared.
pub fn by_digests(lock: &Lock, release: &Release) -> Digests {
    let lock = &*lock.whole();
    let groups = groups(lock);
    let marks: Vec<Marks<'_>> = release.migrations.iter().copied().map(marks_of).collect();
    let matched = match_up(&groups, &marks);
    let mut found = Digests {
        changes: Vec::new(),
        without_sql: Vec::new(),
    };
    for (group, index) in groups.iter().zip(&matched.of_groups) {
        match index {
            Some(index) => found.keep(group, release.migrations[*index]),
            None => found.lose(group),
        }
    }
    for (index, migration) in release.migrations.iter().enumerate() {
        if !matched.is_vendored(index) {
            let before = matched.runs_before(index);
            let before = before.map(|later| release.migrations[later].name.to_owned());
            found.add(migration, before, lock.upstream.mode);
        }
    }
    found
}

/// Where a release's migrations stand in the lock's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The revisions of each vendored migration, in chain order.
    pub chain: Vec<&'a [LockedRevision]>,
    /// For each migration of the release its place in `chain`; none where it is not vendored.
    pub places: Vec<Option<usize>>,
}

/// Where these migrations of a release stand in the chain.
pub fn standing<'a>(lock: &'a Lock, migrations: &[&Migration]) -> Standing<'a> {
    let chain = groups(lock);
    let marks: Vec<Marks<'_>> = migrations.iter().copied().map(marks_of).collect();
    let places = match_up(&chain, &marks).groups;
    Standing { chain, places }
}

fn marks_of(migration: &Migration) -> Marks<'_> {
    Marks {
        name: Some(migration.name),
        digest: Some(migration.sha256),
        id: None,
    }
}

impl Digests {
    fn keep(&mut self, group: &Group<'_>, migration: &Migration) {
        let Some(locked) = group.first() else { return };
        let change = |kind| of_group(kind, group, migration.name, migration.phase);
        if let Some(from) = &locked.sql
            && from.as_str() != migration.name
        {
            let from = from.to_string();
            self.changes.push(change(ChangeKind::Renamed { from }));
        }
        if locked.sql_sha256 != Some(migration.sha256) {
            self.changes.push(change(ChangeKind::SqlChanged));
        }
    }

    fn lose(&mut self, group: &Group<'_>) {
        let Some(locked) = group.last() else { return };
        match &locked.sql {
            Some(name) => {
                let change = of_group(ChangeKind::Removed, group, name.as_str(), locked.phase);
                self.changes.push(change);
            }
            None => self.without_sql.push(locked.file.to_string()),
        }
    }

    fn add(&mut self, migration: &Migration, before: Option<String>, mode: Mode) {
        // A copy would have upstream's own name, which a digest does not tell.
        let file = match (mode, MigrationName::new(migration.name)) {
            (Mode::Render, Ok(name)) => vec![format!("{}.py", name.module())],
            _ => Vec::new(),
        };
        self.changes.push(Change {
            kind: ChangeKind::Added { before },
            name: migration.name.to_owned(),
            ids: Vec::new(),
            phase: migration.phase,
            paths: file,
        });
    }
}

fn of_group(kind: ChangeKind, group: &[LockedRevision], name: &str, phase: Phase) -> Change {
    Change {
        kind,
        name: name.to_owned(),
        ids: group.iter().map(|revision| revision.id.clone()).collect(),
        phase,
        paths: group
            .iter()
            .map(|revision| revision.file.to_string())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::lockfile::tests_support::of_release;

    fn release(name: &str) -> &'static Release {
        catalog::release(&name.parse().unwrap()).unwrap()
    }

    fn words(vendored: &str, pinned: &str) -> Vec<String> {
        let lock = of_release(release(vendored));
        let changes = by_digests(&lock, release(pinned)).changes;
        let word = |change: &Change| {
            let name = change
                .name
                .rsplit_once('/')
                .map_or(&*change.name, |(_, n)| n);
            let name = name.get(..11).unwrap_or(name);
            match &change.kind {
                ChangeKind::Added { before: None } => format!("+{name}"),
                ChangeKind::Added { before: Some(_) } => format!("^{name}"),
                ChangeKind::SqlChanged => format!("~{name}"),
                ChangeKind::Renamed { from } => format!("{}>{name}", &from[..11]),
                ChangeKind::Removed => format!("-{name}"),
                other => format!("{other:?}"),
            }
        };
        changes.iter().map(word).collect()
    }

    #[test]
    fn what_upstream_did_to_released_files_is_found() {
        assert_eq!(words("3.5.1", "3.5.2"), ["~03.04.00_50"]);
        assert_eq!(words("3.0.0", "3.0.2"), ["~03.00.00_01"]);
        assert_eq!(words("0.23.0", "0.24.0"), ["00.19.00_02>00.23.00_01"]);
        assert_eq!(words("3.3.0", "3.4.0"), ["+03.04.00_01", "+03.04.00_50"]);
        assert_eq!(words("3.4.0", "3.3.0"), ["-03.04.00_01", "-03.04.00_50"]);
        for release in catalog::releases() {
            assert!(words(release.name, release.name).is_empty());
        }
    }
}
