//! Puts the plan together, migration by migration.

use std::collections::HashMap;

use super::chain::{Chain, Link, Place, chain};
use super::contents::contents;
use super::files::Files;
use super::local::{State, foreign, state};
use super::public;
use super::report;
use super::schema::schema;
use super::sql_files::keep_sql;
use super::{Change, ChangeKind, ConflictKind, Input, Plan, PlanError, mode};
use crate::digest::Digest;
use crate::lockfile::{LOCK_NAME, LockedRevision, Mode, is_as_written, sql_path};
use crate::procrastinate::{Layout, MigrationName, is_older};
use crate::python_source::RevisionFile;
use crate::upstream::Sql;
use crate::vendored::tree::{ATTRIBUTES, ATTRIBUTES_NAME, Tree};

pub fn plan(input: Input<'_>) -> Result<Plan, PlanError> {
    let mode = mode(input.options, input.lock, input.upstream.layout);
    if mode == Mode::Copy && input.upstream.layout == Layout::Sql {
        return Err(PlanError::NothingToCopy {
            release: input.upstream.release.to_string(),
        });
    }
    let (schema, conflict) = schema(&input, mode);
    let input = Input { schema, ..input };
    let mut build = Build {
        input,
        files: Files::new(&input),
        plan: Plan::begin(input.upstream, mode, input.lock),
    };
    build.plan.lock.schema = schema.cloned();
    if let Some(kind) = conflict {
        build.files.conflict("", kind);
    }
    build.refuse_downgrade();
    build.look_at_unwrapped();
    let Chain { links, several } = chain(&input, mode)?;
    if let Some(heads) = several {
        let kind = ConflictKind::SeveralHeads { heads };
        build.files.conflict("", kind);
    }
    for link in &links {
        if link.locked.is_empty() {
            build.add(link)?;
        } else {
            build.keep(link)?;
        }
    }
    keep_sql(&mut build, &links);
    build.look_at_baseline();
    build.attributes();
    build.look_at_foreign();
    build.refuse_unlocked();
    Ok(build.finish())
}

/// A plan in the making.
pub(super) struct Build<'a> {
    pub(super) input: Input<'a>,
    /// What happens to the files, and the conflicts.
    pub(super) files: Files<'a>,
    /// All else.
    pub(super) plan: Plan,
}

impl Build<'_> {
    fn refuse_downgrade(&mut self) {
        let Some(lock) = self.input.lock else { return };
        let (vendored, upstream) = (&lock.upstream.release, &self.input.upstream.release);
        if is_older(upstream, vendored) && !self.input.options.allow_downgrade {
            let kind = ConflictKind::Downgrade {
                vendored: vendored.to_string(),
                upstream: upstream.to_string(),
            };
            self.files.conflict("", kind);
        }
    }

    /// Warns of SQL that a copy leaves out, because no revision file runs it.
    fn look_at_unwrapped(&mut self) {
        if self.plan.mode != Mode::Copy {
            return;
        }
        for migration in &self.input.upstream.migrations {
            if let (Some(sql), None) = (&migration.sql, &migration.wrapper) {
                self.plan.warnings.push(format!(
                    "`{}` is left out: the release ships no revision file that runs it; `--mode render` vendors it",
                    sql.name
                ));
                self.plan.unwrapped.push(sql.name.to_string());
            }
        }
    }

    /// A migration that is not in the lock yet.
    fn add(&mut self, link: &Link<'_>) -> Result<(), PlanError> {
        let files = contents(&self.input, self.plan.mode, link)?.unwrap_or_default();
        for (place, bytes) in link.places.iter().zip(files) {
            self.lock_revision(link, place, Digest::of(&bytes));
            if let Some(overwritten) = self.files.write_new(place.file.as_str(), bytes) {
                report::change(self, overwritten, link);
            }
        }
        report::warn_if_moved(self, link);
        report::warn_of_taken_id(self, link);
        let before = link.before.clone();
        report::change(self, ChangeKind::Added { before }, link);
        Ok(())
    }

    /// A migration that was vendored before.
    fn keep(&mut self, link: &Link<'_>) -> Result<(), PlanError> {
        let states: Vec<State> = link
            .locked
            .iter()
            .map(|r| state(self.input.tree, r.file.as_str(), r.sha256))
            .collect();
        let lock = self.input.lock;
        let switched = lock.is_some_and(|lock| lock.upstream.mode != self.plan.mode);
        let elsewhere = lock.is_some_and(|lock| lock.schema != self.plan.lock.schema);
        let stale = link.sql_changed() || switched || self.input.options.rerender;
        let intact = states
            .iter()
            .all(|state| matches!(state, State::Same | State::LineEnds(_)));
        let fresh = if stale || !intact || self.plan.mode == Mode::Copy {
            contents(&self.input, self.plan.mode, link)?
        } else {
            None
        };
        for place in link.places.iter().filter(|_| fresh.is_none()) {
            if switched && self.plan.mode == Mode::Render {
                // The SQL that the copy ran is gone from both upstream and the directory: it would stay a copy.
                let sql = sql_path(&place.file);
                self.files.conflict(&sql, ConflictKind::Lost);
            } else if elsewhere && !switched {
                let path = place.file.as_str();
                self.files.conflict(path, ConflictKind::KeepsSchema);
            }
        }
        report::look_beyond_sql(self, link);
        report::warn_of_parts(self, link)?;
        let mut kinds = Vec::new();
        for (index, (place, locked)) in link.places.iter().zip(link.locked).enumerate() {
            let fresh = fresh.as_ref().and_then(|files| files.get(index));
            let other_wrapper = self.plan.mode == Mode::Copy
                && fresh.is_some_and(|bytes| Digest::of(bytes) != locked.sha256)
                && !fresh.is_some_and(|bytes| self.only_renumbered(link, place, bytes));
            let wanted = if stale || other_wrapper { fresh } else { None };
            let (digest, kind) = match wanted {
                Some(bytes) => self.files.replace(place, &states[index], bytes),
                None => {
                    let files = &mut self.files;
                    files.repair(place, locked.sha256, &states[index], fresh)
                }
            };
            self.lock_revision(link, place, digest);
            // Why the file is written anew, apart from its SQL.
            let reason = match wanted {
                None => None,
                Some(_) if !stale => Some(ChangeKind::WrapperChanged),
                Some(_) => (digest != locked.sha256).then_some(ChangeKind::Rewritten),
            };
            kinds.extend(kind.or(reason));
        }
        if fresh.is_some() && !intact {
            report::warn_if_moved(self, link);
        }
        report::report(self, link, kinds);
        Ok(())
    }

    /// Upstream renumbered the revision, and nothing but the numbers in its docstring are new. Here it keeps its number, so
    /// it keeps its docstring.
    fn only_renumbered(&self, link: &Link<'_>, place: &Place, fresh: &[u8]) -> bool {
        let there = self.input.tree.file(place.file.as_str());
        let code = |bytes: &[u8]| {
            let text = std::str::from_utf8(bytes).ok()?;
            Some(RevisionFile::parse(text).ok()?.without_docstring(text))
        };
        self.is_moved(link) && there.and_then(code) == code(fresh)
    }

    fn lock_revision(&mut self, link: &Link<'_>, place: &Place, sha256: Digest) {
        let locked = link.locked.first();
        let sql_sha256 = match link.upstream {
            Some(_) => link.sql().map(|sql| sql.digest),
            None => locked.and_then(|revision| revision.sql_sha256),
        };
        let superseded = self.input.lock.zip(locked);
        self.plan.lock.revisions.push(LockedRevision {
            id: place.id.clone(),
            down: place.down.clone(),
            depends_on: place.depends_on.clone(),
            file: place.file.clone(),
            sha256,
            sql: link.sql_name().cloned(),
            sql_sha256,
            phase: link.phase(),
            superseded: superseded.map_or(Vec::new(), |(lock, revision)| {
                lock.superseded(revision, sql_sha256)
            }),
        });
    }

    /// What a baseline stands for is not vendored; that upstream renames or edits it is said, and recorded.
    fn look_at_baseline(&mut self) {
        let Some(baseline) = &mut self.plan.lock.baseline else {
            return;
        };
        let migrations = self.input.upstream.migrations.iter();
        let all = migrations.filter_map(|migration| migration.sql.as_ref());
        let mut by_name: HashMap<&MigrationName, &Sql> = HashMap::new();
        let mut by_digest: HashMap<Digest, &Sql> = HashMap::new();
        for sql in all {
            by_name.entry(&sql.name).or_insert(sql);
            by_digest.entry(sql.digest).or_insert(sql);
        }
        for below in &mut baseline.migrations {
            let named = by_name.get(&below.sql);
            let same = named.filter(|sql| sql.digest == below.sql_sha256);
            let same = same.or_else(|| by_digest.get(&below.sql_sha256));
            let Some(sql) = same.or(named) else {
                continue;
            };
            let renamed = (sql.name != below.sql).then(|| ChangeKind::Renamed {
                from: below.sql.to_string(),
            });
            let changed = (sql.digest != below.sql_sha256).then_some(ChangeKind::SqlChanged);
            self.plan
                .changes
                .extend(renamed.into_iter().chain(changed).map(|kind| Change {
                    kind,
                    name: sql.name.to_string(),
                    ids: vec![baseline.revision.clone()],
                    phase: sql.name.phase(),
                    paths: Vec::new(),
                }));
            below.sql.clone_from(&sql.name);
            below.sql_sha256 = sql.digest;
        }
    }

    /// Whether a copy stands in another place of the chain than upstream's file.
    pub(super) fn is_moved(&self, link: &Link<'_>) -> bool {
        let (Some(wrapper), [place]) = (link.wrapper(), link.places.as_slice()) else {
            return false;
        };
        let down = wrapper.revision.down.iter().map(String::as_str);
        self.plan.mode == Mode::Copy
            && (wrapper.revision.id != place.id || down.ne(place.down.as_deref()))
    }

    /// The file that keeps every checkout from changing line ends.
    fn attributes(&mut self) {
        if !self.input.tree.entries.contains_key(ATTRIBUTES_NAME) {
            self.files
                .write(ATTRIBUTES_NAME, ATTRIBUTES.as_bytes().to_vec());
        } else if !self.input.tree.keeps_line_ends() {
            self.plan.warnings.push(format!(
                "`{ATTRIBUTES_NAME}` lacks the line `* -text`: a checkout may change line ends"
            ));
        }
    }

    /// Without the lock it is unknown which revisions databases have applied, and in which order: a fresh start would give
    /// them other ids, or run them twice.
    fn refuse_unlocked(&mut self) {
        let tree = self.input.tree;
        if self.input.lock.is_none()
            && foreign(tree, None).any(|path| revision_id(tree, path).is_some())
        {
            self.files.conflicts.clear();
            self.files.conflict("", ConflictKind::Unlocked);
        }
    }

    /// Alembic loads every Python file in the directory. Of two that have one id it runs only one, and says so in a
    /// warning at best.
    fn look_at_foreign(&mut self) {
        let (tree, lock) = (self.input.tree, &self.plan.lock);
        for path in foreign(tree, self.input.lock) {
            if lock.revisions.with_file(path).is_some() {
                continue;
            }
            let vendored = |id: &String| lock.revision(id).is_some();
            match revision_id(tree, path).filter(vendored) {
                Some(id) => self.files.conflict(path, ConflictKind::SameId { id }),
                None => self.plan.warnings.push(format!(
                    "`{path}` is not vendored, and Alembic loads it as a revision: move it to the directory of your own"
                )),
            }
        }
    }

    fn finish(self) -> Plan {
        let mut plan = self.plan;
        // A lock that says the same in other bytes is written anew, too: same input, same bytes.
        let there = self.input.tree.file(LOCK_NAME);
        plan.writes_lock = self.input.lock != Some(&plan.lock) || !there.is_some_and(is_as_written);
        plan.files = self.files.changes.into_values().collect();
        plan.conflicts = self.files.conflicts;
        plan.left_alone = self.files.left_alone;
        public::warn(&mut plan, self.input.lock, self.input.tree);
        plan
    }
}

/// The id of the revision in a file, if it is one and can be read.
fn revision_id(tree: &Tree, path: &str) -> Option<String> {
    let text = String::from_utf8_lossy(tree.file(path)?);
    Some(RevisionFile::parse(&text).ok()?.id)
}
