use super::comparison::Comparison;
use super::*;
use crate::file_name::FileName;
use crate::lockfile::LockedChain;
use crate::plan::ChangeKind;
use crate::procrastinate::MigrationName;

/// Revisions from `id=sql name:text`; `=` alone for a file that names no SQL.
fn revisions(written: &str) -> LockedChain {
    let one = |word: &str| {
        let (id, sql) = word.split_once('=').unwrap();
        let sql = sql.split_once(':');
        LockedRevision {
            id: id.to_owned(),
            down: None,
            file: FileName::new(format!("{id}.py")).unwrap(),
            sha256: Digest::of(word),
            sql: sql.map(|(name, _)| MigrationName::new(name).unwrap()),
            sql_sha256: sql.map(|(_, text)| Digest::of(text)),
            phase: Phase::Post,
            depends_on: Vec::new(),
            superseded: Vec::new(),
        }
    };
    written.split_whitespace().map(one).collect()
}

fn changes(old: &str, new: &str) -> Vec<(String, ChangeKind)> {
    let (old, new) = (revisions(old), revisions(new));
    let comparison = Comparison::new(&old, &new);
    let changes = comparison.changes(&|revision| revision.file.to_string());
    changes
        .into_iter()
        .map(|change| (change.ids.concat(), change.kind))
        .collect()
}

fn one(id: &str, kind: ChangeKind) -> Vec<(String, ChangeKind)> {
    vec![(id.to_owned(), kind)]
}

#[test]
fn each_kind_of_change_is_told_apart() {
    let old = "1=a.sql:A 2=b.sql:B";
    assert!(changes(old, old).is_empty());
    let added = |before: Option<&str>| ChangeKind::Added {
        before: before.map(str::to_owned),
    };
    assert_eq!(
        changes(old, "1=a.sql:A 2=b.sql:B 3=c.sql:C"),
        one("3", added(None))
    );
    assert_eq!(
        changes(old, "1=a.sql:A x=c.sql:C 2=b.sql:B"),
        one("x", added(Some("2")))
    );
    assert_eq!(
        changes(old, "1=a.sql:A 2=b.sql:Z"),
        one("2", ChangeKind::SqlChanged)
    );
    let was = ChangeKind::Replaced {
        was: "b.sql".to_owned(),
    };
    assert_eq!(changes(old, "1=a.sql:A 2=c.sql:C"), one("2", was));
    let renamed = ChangeKind::Renamed {
        from: "b.sql".to_owned(),
    };
    assert_eq!(changes(old, "1=a.sql:A 2=z.sql:B"), one("2", renamed));
    assert_eq!(
        changes(old, "1=a.sql:A"),
        one("2", ChangeKind::Gone { now: None })
    );
}

#[test]
fn an_insertion_that_renumbers_names_every_id() {
    let found = changes("1=a.sql:A 2=b.sql:B", "1=a.sql:A 2=m.sql:M 3=b.sql:B");
    let was = "b.sql".to_owned();
    let from = "2".to_owned();
    let expected = [
        ("2".to_owned(), ChangeKind::Replaced { was }),
        (
            "3".to_owned(),
            ChangeKind::Renumbered { from, taken: false },
        ),
    ];
    assert_eq!(found, expected);
}

#[test]
fn another_order_is_seen() {
    let found = changes(
        "1=a.sql:A 2=b.sql:B 3=c.sql:C",
        "1=a.sql:A 3=c.sql:C 2=b.sql:B",
    );
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["3", "2"]);
    assert!(found.iter().all(|(_, kind)| *kind == ChangeKind::Moved));
}

#[test]
fn a_file_without_sql_is_what_it_runs() {
    let mut old = revisions("1=");
    let new = revisions("1=");
    old[0].sha256 = Digest::of("other");
    let comparison = Comparison::new(&old, &new);
    let kinds: Vec<ChangeKind> = comparison
        .changes(&|_| String::new())
        .into_iter()
        .map(|change| change.kind)
        .collect();
    assert_eq!(kinds, [ChangeKind::SqlChanged]);
}
