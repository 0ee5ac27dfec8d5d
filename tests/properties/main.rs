//! Properties of the plan: whatever upstream does from one release to the next, what was vendored stays where it is. And of the parsers:
//! short runs of the fuzz targets.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test that cannot go on fails"
)]

mod corpus;
#[path = "../fuzz/targets/mod.rs"]
mod targets;

use proptest::prelude::*;
use vendor_migrations::alembic::graph::{Node, heads};
use vendor_migrations::digest::Digest;
use vendor_migrations::file_name::FileName;
use vendor_migrations::lockfile::{Baseline, Below, LOCK_NAME, Lock, Mode};
use vendor_migrations::plan::{Input, Options, Own, Plan, keep, plan};
use vendor_migrations::procrastinate::Layout;
use vendor_migrations::procrastinate::MigrationName;
use vendor_migrations::python_source::RevisionFile;
use vendor_migrations::sql::{Schema, SchemaName};
use vendor_migrations::upstream::{Migration, Sql, Upstream, Wrapper};
use vendor_migrations::vendored::tree::{Entry, Tree};

/// A release: for each migration the number in its name and its SQL.
type Release = Vec<(u8, String)>;

fn name(number: u8) -> MigrationName {
    let phase = if number.is_multiple_of(3) { "pre_" } else { "" };
    MigrationName::new(format!("01.{number:02}.00_01_{phase}step_{number}.sql")).unwrap()
}

fn migrations(release: &Release, layout: Layout) -> Vec<Migration> {
    let mut sorted = release.clone();
    sorted.sort();
    sorted.dedup_by_key(|(number, _)| *number);
    sorted
        .into_iter()
        .enumerate()
        .map(|(index, (number, text))| {
            let name = name(number);
            let wrapper = (layout == Layout::Alembic).then(|| wrapper(index, &name));
            let digest = Digest::of(&text);
            Migration {
                sql: Some(Sql { name, text, digest }),
                wrapper,
            }
        })
        .collect()
}

/// Numbered by position, so that an insertion in the middle gives every later file another id.
fn wrapper(index: usize, sql: &MigrationName) -> Wrapper {
    let down = match index {
        0 => "None".to_owned(),
        _ => format!("'{index:04}'"),
    };
    let id = index + 1;
    let text = format!(
        "revision = '{id:04}'\ndown_revision = {down}\nbranch_labels = None\ndepends_on = None\n\
         def upgrade():\n    op.execute(get_migration_sql('{sql}'))\n"
    );
    Wrapper {
        path: String::new(),
        file: FileName::new(format!("{id:04}_{}.py", sql.module())).unwrap(),
        revision: RevisionFile::parse(&text).unwrap(),
        digest: Digest::of(&text),
        text,
    }
}

fn upstream(release: &Release, layout: Layout, number: usize) -> Upstream {
    Upstream {
        release: format!("1.{number}.0").parse().unwrap(),
        version: format!("1.{number}.0").parse().unwrap(),
        layout,
        source: "a test".to_owned(),
        root: None,
        migrations: migrations(release, layout),
        templates: Default::default(),
        schema: None,
        modified: Vec::new(),
        notes: Vec::new(),
        looked: Vec::new(),
        elsewhere: Vec::new(),
    }
}

fn applied(tree: &Tree, plan: &Plan) -> Tree {
    let mut tree = tree.clone();
    tree.exists = true;
    for file in &plan.files {
        match &file.after {
            Some(bytes) => tree
                .entries
                .insert(file.path.clone(), Entry::File(bytes.clone().into())),
            None => tree.entries.remove(&file.path),
        };
    }
    let lock = plan.lock.to_text().unwrap().into_bytes();
    tree.entries
        .insert(LOCK_NAME.to_owned(), Entry::File(lock.into()));
    tree
}

/// Syncs with each release in turn, and holds every step against the promises.
fn evolve(
    releases: &[Release],
    layout: Layout,
    mode: Option<Mode>,
    schema: Option<&Schema>,
) -> Result<(), TestCaseError> {
    let mut tree = Tree::default();
    let mut lock: Option<Lock> = None;
    let options = Options {
        mode,
        ..Options::default()
    };
    for (number, release) in releases.iter().enumerate() {
        let upstream = upstream(release, layout, number);
        let input = Input {
            lock: lock.as_ref(),
            upstream: &upstream,
            tree: &tree,
            own: Own::none(),
            schema,
            options,
        };
        let planned = plan(input).unwrap();
        prop_assert_eq!(&planned.conflicts, &[]);
        prop_assert_eq!(
            &plan(input).unwrap(),
            &planned,
            "the same input, another plan"
        );
        if let Some(before) = &lock {
            let places = |lock: &Lock| -> Vec<_> {
                let place = |r: &vendor_migrations::lockfile::LockedRevision| {
                    (r.id.clone(), r.down.clone(), r.file.clone())
                };
                lock.revisions.iter().map(place).collect()
            };
            let (old, new) = (places(before), places(&planned.lock));
            prop_assert!(new.starts_with(&old), "{old:?} is not how {new:?} begins");
        }
        let read = Lock::parse(planned.lock.to_text().unwrap().as_bytes()).unwrap();
        prop_assert_eq!(&read, &planned.lock);
        tree = applied(&tree, &planned);
        check_files(&tree, &planned.lock)?;
        for migration in &upstream.migrations {
            let digest = migration.sql.as_ref().map(|sql| sql.digest);
            prop_assert!(
                planned
                    .lock
                    .revisions
                    .iter()
                    .any(|revision| revision.sql_sha256 == digest)
            );
        }
        let again = Input {
            lock: Some(&planned.lock),
            upstream: &upstream,
            tree: &tree,
            own: Own::none(),
            schema,
            options,
        };
        let again = plan(again).unwrap();
        prop_assert!(
            again.is_empty(),
            "a second sync would write {:?}",
            again.files
        );
        lock = Some(planned.lock);
    }
    Ok(())
}

/// Each file is what the lock says, and says what the lock says.
fn check_files(tree: &Tree, lock: &Lock) -> Result<(), TestCaseError> {
    for file in lock.files() {
        prop_assert_eq!(
            Digest::of(tree.file(&file.path).unwrap()),
            file.sha256,
            "{}",
            file.path
        );
    }
    for revision in &lock.revisions {
        let text = std::str::from_utf8(tree.file(revision.file.as_str()).unwrap()).unwrap();
        let parsed = RevisionFile::parse(text).unwrap();
        prop_assert_eq!(&parsed.id, &revision.id);
        prop_assert_eq!(parsed.down.first(), revision.down.as_ref());
        prop_assert!(revision.id.len() <= 32);
    }
    Ok(())
}

fn statement() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..6u8).prop_map(|n| format!("SELECT {n};")),
        (0..4u8).prop_map(|n| format!("ALTER TYPE t ADD VALUE '{n}';")),
        Just("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;".to_owned()),
    ]
}

fn releases() -> impl Strategy<Value = Vec<Release>> {
    let sql =
        proptest::collection::vec(statement(), 0..4).prop_map(|statements| statements.join("\n"));
    let release = proptest::collection::vec((0..12u8, sql), 1..8);
    proptest::collection::vec(release, 1..5)
}

/// A revision of the project's own.
fn own(number: usize, down: Option<&str>) -> Node {
    let down = down.map_or("None".to_owned(), |down| format!("'{down}'"));
    let source = format!("revision = 'own{number}'\ndown_revision = {down}\n");
    Node::parse(format!("versions/own{number}.py").into(), &source).unwrap()
}

/// The project adds a revision after each release; its history stays one line.
fn evolve_in_line(releases: &[Release], layout: Layout) -> Result<(), TestCaseError> {
    let (mut tree, mut lock) = (Tree::default(), None::<Lock>);
    let mut nodes: Vec<Node> = Vec::new();
    for (number, release) in releases.iter().enumerate() {
        let upstream = upstream(release, layout, number);
        let input = Input {
            lock: lock.as_ref(),
            upstream: &upstream,
            tree: &tree,
            own: Own {
                nodes: &nodes,
                directory: "vendored".into(),
                linear: true,
                edited: &[],
            },
            schema: None,
            options: Options::default(),
        };
        let planned = plan(input).unwrap();
        prop_assert_eq!(&planned.conflicts, &[]);
        if let Some(before) = &lock {
            prop_assert!(planned.lock.revisions.len() >= before.revisions.len());
            for (old, new) in before.revisions.iter().zip(&planned.lock.revisions) {
                prop_assert_eq!((&old.id, &old.down), (&new.id, &new.down));
            }
        }
        tree = applied(&tree, &planned);
        check_files(&tree, &planned.lock)?;
        let mut places: Vec<(String, Vec<String>)> = nodes
            .iter()
            .map(|node| (node.id.clone(), node.down.clone()))
            .collect();
        for revision in &planned.lock.revisions {
            places.push((revision.id.clone(), revision.down.iter().cloned().collect()));
        }
        let heads = heads(places.iter().map(|(id, down)| (id.as_str(), &down[..])));
        prop_assert_eq!(heads.len(), 1, "{:?}", heads);
        let bases = places.iter().filter(|(_, down)| down.is_empty()).count();
        prop_assert_eq!(bases, 1, "{:?}", places);
        nodes.push(own(number, Some(heads[0])));
        lock = Some(planned.lock);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rendered_chains_only_grow(releases in releases()) {
        evolve(&releases, Layout::Sql, None, None)?;
    }

    #[test]
    fn copied_chains_only_grow_although_upstream_renumbers(releases in releases()) {
        evolve(&releases, Layout::Alembic, None, None)?;
    }

    #[test]
    fn rendered_wrappers_keep_their_ids(releases in releases()) {
        evolve(&releases, Layout::Alembic, Some(Mode::Render), None)?;
    }

    #[test]
    fn chains_for_a_schema_only_grow(releases in releases(), name in "[A-Za-z \"'%\\\\.]{1,20}", create: bool) {
        let schema = Schema { name: SchemaName::new(name).unwrap(), create };
        evolve(&releases, Layout::Sql, None, Some(&schema))?;
        evolve(&releases, Layout::Alembic, Some(Mode::Render), Some(&schema))?;
    }

    #[test]
    fn no_revision_behind_a_baseline_makes_the_schema(releases in releases()) {
        let first = upstream(&releases[0], Layout::Sql, 0);
        let schema = Schema { name: SchemaName::new("jobs").unwrap(), create: true };
        let tree = Tree::default();
        let input = Input { lock: None, upstream: &first, tree: &tree, own: Own::none(), schema: Some(&schema), options: Options::default() };
        let without = plan(input).unwrap();
        let locked = &without.lock.revisions[0];
        let below = Below { sql: locked.sql.clone().unwrap(), sql_sha256: locked.sql_sha256.unwrap() };
        let baseline = Baseline { revision: "own".to_owned(), down: None, release: first.release.clone(), migrations: vec![below] };
        let makes_it = |plan: &Plan| plan.files.iter().flat_map(|file| &file.after).any(|bytes| String::from_utf8_lossy(bytes).contains("CREATE SCHEMA"));
        let kept = keep(without, input, baseline).unwrap();
        prop_assert!(!makes_it(&kept));
        let tree = applied(&tree, &kept);
        let options = Options { rerender: true, ..Options::default() };
        let again = plan(Input { lock: Some(&kept.lock), tree: &tree, options, ..input }).unwrap();
        prop_assert_eq!(again.files, vec![]);
    }

    #[test]
    fn a_linear_history_stays_one_line(releases in releases()) {
        evolve_in_line(&releases, Layout::Sql)?;
        evolve_in_line(&releases, Layout::Alembic)?;
    }

    /// An edit is never overwritten without `--force`.
    #[test]
    fn an_edited_file_is_a_conflict(releases in releases(), edited in any::<prop::sample::Index>()) {
        let first = upstream(&releases[0], Layout::Sql, 0);
        let tree = Tree::default();
        let options = Options::default();
        let planned = plan(Input { lock: None, upstream: &first, tree: &tree, own: Own::none(), schema: None, options }).unwrap();
        let mut tree = applied(&tree, &planned);
        let file = edited.get(&planned.lock.revisions).file.to_string();
        tree.entries.insert(file.clone(), Entry::File(b"mine".to_vec().into()));
        for (number, release) in releases.iter().enumerate() {
            let next = upstream(release, Layout::Sql, number);
            let input = Input { lock: Some(&planned.lock), upstream: &next, tree: &tree, own: Own::none(), schema: None, options };
            prop_assert!(plan(input).unwrap().conflicts.iter().any(|conflict| conflict.path == file));
        }
    }
}
