//! Which of upstream's migrations is which vendored one.
//!
//! Upstream renames, reorders and edits what it released. The lock's digests tell: the same SQL is the same
//! migration, under whatever name; the same name is the same migration, with whatever SQL.

use crate::catalog::Matches;
use crate::digest::Digest;
use crate::lockfile::{Lock, LockedRevision};
use crate::upstream::Migration;

/// By what a migration of upstream's is recognised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) digest: Option<Digest>,
    /// The id of a revision file that names no SQL.
    pub(super) id: Option<&'a str>,
}

impl<'a> Marks<'a> {
    fn of(migration: &'a Migration) -> Self {
        let sql = migration.sql.as_ref();
        let wrapper = migration.wrapper.as_ref().filter(|_| sql.is_none());
        Self {
            name: sql.map(|sql| sql.name.as_str()),
            digest: sql.map(|sql| sql.digest),
            id: wrapper.map(|wrapper| wrapper.revision.id.as_str()),
        }
    }
}

pub(super) fn marks(migrations: &[Migration]) -> Vec<Marks<'_>> {
    migrations.iter().map(Marks::of).collect()
}

/// The revisions that one migration became: one, or several in a row where its SQL had to be cut.
pub(super) type Group<'a> = &'a [LockedRevision];

/// The lock's revisions by migration, in chain order.
pub(super) fn groups(lock: &Lock) -> Vec<Group<'_>> {
    lock.revisions
        .chunk_by(|earlier, later| {
            earlier.sql.is_some()
                && (&earlier.sql, earlier.sql_sha256) == (&later.sql, later.sql_sha256)
        })
        .collect()
}

/// Which migration of upstream's each group is.
pub(super) struct Matched {
    /// For each group the index of its migration, if upstream still has it. No migration is matched twice.
    pub(super) of_groups: Vec<Option<usize>>,
    /// For each migration its group.
    pub(super) groups: Vec<Option<usize>>,
    /// For each migration the first one behind it in upstream's order that is vendored.
    behind: Vec<Option<usize>>,
}

impl Matched {
    pub(super) fn is_vendored(&self, migration: usize) -> bool {
        self.groups.get(migration).is_some_and(Option::is_some)
    }

    /// For a migration that is not vendored: the vendored one that upstream runs after it.
    pub(super) fn runs_before(&self, migration: usize) -> Option<usize> {
        self.behind.get(migration).copied().flatten()
    }
}

/// Matches by the surest sign first: the same file, the same SQL, the same name.
pub(super) fn match_up(groups: &[Group<'_>], marks: &[Marks<'_>]) -> Matched {
    let name = |index: usize| Some(groups[index].first()?.sql.as_ref()?.as_str());
    let digest = |index: usize| groups[index].first()?.sql_sha256;
    let mut matches = Matches::new(groups.len(), marks.len());
    matches.by(
        |group| Some((name(group)?, digest(group)?)),
        |mark| Some((marks[mark].name?, marks[mark].digest?)),
    );
    matches.by(digest, |mark| marks[mark].digest);
    matches.by(name, |mark| marks[mark].name);
    // The only sign that there is for revision files that name no SQL. For others an id is none: upstream numbers them by
    // position, and a number that comes back on other SQL is another migration, which databases have not run.
    let id = |index: usize| {
        let last = groups[index].last()?;
        last.sql.is_none().then_some(last.id.as_str())
    };
    matches.by(id, |mark| marks[mark].id);
    let mut of_migrations = vec![None; marks.len()];
    for (group, migration) in matches.matched.iter().enumerate() {
        if let Some(migration) = migration {
            of_migrations[*migration] = Some(group);
        }
    }
    let mut behind = vec![None; marks.len()];
    let mut next = None;
    for migration in (0..marks.len()).rev() {
        behind[migration] = next;
        next = of_migrations[migration].map_or(next, |_| Some(migration));
    }
    Matched {
        of_groups: matches.matched,
        groups: of_migrations,
        behind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::lockfile::tests_support::lock;
    use crate::procrastinate::MigrationName;
    use crate::upstream::Sql;

    fn migration(name: &str, text: &str) -> Migration {
        let name = MigrationName::new(name).unwrap();
        Migration {
            sql: Some(Sql {
                name,
                text: text.to_owned(),
                digest: Digest::of(text),
            }),
            wrapper: None,
        }
    }

    fn matches(locked: &[(&str, &str)], upstream: &[(&str, &str)]) -> Vec<Option<usize>> {
        let mut lock = lock();
        let template = lock.revisions.remove(0);
        lock.revisions = locked
            .iter()
            .map(|(name, text)| LockedRevision {
                sql: Some(MigrationName::new(*name).unwrap()),
                sql_sha256: Some(Digest::of(text)),
                ..template.clone()
            })
            .collect();
        let migrations: Vec<_> = upstream
            .iter()
            .map(|(name, text)| migration(name, text))
            .collect();
        match_up(&groups(&lock), &marks(&migrations)).of_groups
    }

    #[test]
    fn renames_edits_and_both_at_once_are_recognised() {
        let locked = [("1.sql", "a"), ("2.sql", "b"), ("3.sql", "c")];
        assert_eq!(matches(&locked, &locked), [Some(0), Some(1), Some(2)]);
        assert_eq!(
            matches(&locked, &[("1.sql", "a"), ("3.sql", "c"), ("4.sql", "b")]),
            [Some(0), Some(2), Some(1)]
        );
        assert_eq!(
            matches(&locked, &[("1.sql", "a"), ("2.sql", "B"), ("3.sql", "c")]),
            [Some(0), Some(1), Some(2)]
        );
        // 2 became 2b, and another migration took its name.
        assert_eq!(
            matches(&locked[1..2], &[("2.sql", "new"), ("2b.sql", "b")]),
            [Some(1)]
        );
        assert_eq!(matches(&locked, &[("1.sql", "a")]), [Some(0), None, None]);
        // Twins keep their order.
        assert_eq!(
            matches(
                &[("1.sql", "a"), ("2.sql", "a")],
                &[("3.sql", "a"), ("4.sql", "a")]
            ),
            [Some(0), Some(1)]
        );
    }

    #[test]
    fn parts_of_one_migration_are_one_group() {
        let mut lock = lock();
        lock.revisions[1].sql = lock.revisions[0].sql.clone();
        lock.revisions[1].sql_sha256 = lock.revisions[0].sql_sha256;
        assert_eq!(groups(&lock).len(), 1);
    }
}
