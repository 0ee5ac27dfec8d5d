//! Compares a schema with what the version table says: what has to be stamped.

use std::collections::BTreeSet;

use super::VersionTable;
use super::applied::{Applied, Versions};
use super::finding::{Code, Finding, Help};
use super::sides::{Agreement, Sides, Stamping, quoted};
use super::states::{Place, State};
use crate::alembic::revisions::Unreadable;
use crate::lockfile::{Lock, LockedRevision};
use crate::plan::standing;
use crate::sql::{identifier, literal};
use crate::steps::{Refusal, stamp_migrations};

/// How a schema stands to the vendored chain.
enum Reach {
    /// It has this many migrations, from the first one on; and of the next one, a part.
    Prefix { migrations: usize, in_part: bool },
    /// It has these migrations, which are not vendored.
    Beyond(Vec<&'static str>),
    /// The chain runs them in another order: it has this one without those before it.
    Other { last: String, without: Vec<String> },
}

/// How a schema stands to the chain. Where several places fit, that which the version table names.
fn reach(lock: &Lock, state: Option<&State>, said: usize) -> Reach {
    let Some(state) = state else {
        return Reach::Prefix {
            migrations: 0,
            in_part: false,
        };
    };
    let is_said =
        |reach: &Reach| matches!(reach, Reach::Prefix { migrations, .. } if *migrations == said);
    let mut others = state.others.iter().map(|other| place(lock, *other));
    let first = place(lock, state.place());
    match is_said(&first) {
        true => first,
        false => others.find(is_said).unwrap_or(first),
    }
}

fn place(lock: &Lock, place: Place) -> Reach {
    let standing = standing(lock, place.chain);
    let places: Option<Vec<usize>> = standing.places.iter().copied().collect();
    let Some(mut places) = places else {
        let all = place.chain.iter().zip(&standing.places);
        let missing = all.filter(|(_, place)| place.is_none());
        return Reach::Beyond(missing.map(|(one, _)| one.name).collect());
    };
    let begun = match place.position.is_end() {
        true => None,
        false => places.pop(),
    };
    let places: BTreeSet<usize> = places.into_iter().collect();
    let end = places.last().map_or(0, |last| last + 1);
    let without: Vec<usize> = (0..end).filter(|place| !places.contains(place)).collect();
    let name = |place: usize| {
        standing.chain[place]
            .last()
            .map_or("", LockedRevision::name)
    };
    if without.is_empty() && begun.is_none_or(|begun| begun == end) {
        return Reach::Prefix {
            migrations: end,
            in_part: begun.is_some(),
        };
    }
    Reach::Other {
        last: name(begun.unwrap_or(end.saturating_sub(1))).to_owned(),
        without: without
            .into_iter()
            .map(|place| name(place).to_owned())
            .collect(),
    }
}

impl Agreement {
    /// Compares with the version table, as far as a lock says what its rows mean.
    pub(super) fn with_versions(
        &mut self,
        state: Option<&State>,
        versions: &Versions<'_>,
        sides: &Sides<'_>,
    ) {
        let why = |why: &str| Stamping::Impossible(why.to_owned());
        let Some(lock) = sides.lock else {
            self.stamping = why("nothing is vendored, so there is no revision to name");
            return;
        };
        let rows = self.rows(versions, sides);
        let said = rows.flatten().map_or(0, |applied| applied.migrations);
        let reach = reach(lock, state, said);
        let is_behind = matches!(&reach, Reach::Prefix { migrations, .. } if *migrations < said);
        // Where nothing of Procrastinate is there, it is perhaps the wrong database.
        let overlap = rows
            .flatten()
            .filter(|_| state.is_some())
            .and_then(|rows| overlapping(rows, lock, is_behind));
        self.findings.extend(overlap);
        match (reach, rows) {
            (Reach::Beyond(names), _) => {
                let message = format!(
                    "the schema has migrations that are not vendored: {}",
                    quoted(&names)
                );
                let finding = Finding::error(Code::AheadOfVendored, message);
                self.findings.push(finding.with(Help::Sync));
                self.stamping = why("the database has migrations that are not vendored");
            }
            (_, None) => {}
            (Reach::Other { last, without }, _) => self.no_revision(&last, &without),
            (
                Reach::Prefix {
                    migrations,
                    in_part,
                },
                Some(applied),
            ) => {
                let here = Here {
                    lock,
                    migrations,
                    in_part,
                };
                self.compare(&here, applied, state, sides);
            }
        }
    }

    /// What the version table says; none inside if there is no table, none at all if it cannot be compared.
    fn rows<'a>(
        &mut self,
        versions: &'a Versions<'_>,
        sides: &Sides<'_>,
    ) -> Option<Option<&'a Applied<'a>>> {
        let (why, finding) = match versions {
            Versions::None => return Some(None),
            Versions::Read(applied) if applied.unknown.is_empty() => return Some(Some(applied)),
            Versions::Read(applied) => (
                "the version table has an unknown revision",
                unknown_rows(applied.table, &applied.unknown, sides),
            ),
            Versions::Unreadable(table) => {
                let message = format!(
                    "the role may not read the version table {table}, so it was not compared"
                );
                (
                    "the role may not read the version table",
                    Finding::warning(Code::UnreadableVersions, message),
                )
            }
            Versions::Several(tables) => {
                let tables: Vec<String> = tables.iter().map(ToString::to_string).collect();
                let message = format!(
                    "`env.py` does not say in literals which is the version table of the project: {}",
                    tables.join(", ")
                );
                (
                    "it is not known which is the project's version table",
                    Finding::error(Code::AmbiguousVersions, message),
                )
            }
        };
        self.findings.push(finding);
        self.stamping = Stamping::Impossible(why.to_owned());
        None
    }

    fn no_revision(&mut self, last: &str, without: &[String]) {
        let message = format!(
            "no revision of the chain stands for this schema: it has `{last}`, but not what the chain runs before it: {}",
            quoted(without)
        );
        let help = "run what is missing with Procrastinate's own migration files, then stamp";
        self.stamping = Stamping::Impossible(message.clone());
        let finding = Finding::error(Code::NoRevision, message);
        self.findings
            .push(finding.with(Help::Text(help.to_owned())));
    }

    fn compare(
        &mut self,
        here: &Here<'_>,
        applied: Option<&Applied<'_>>,
        state: Option<&State>,
        sides: &Sides<'_>,
    ) {
        let said = applied.map_or(0, |applied| applied.migrations);
        let said_in_part = applied.is_some_and(|applied| applied.in_part);
        if let Some(state) = state.filter(|_| here.in_part) {
            let runs_again = said == here.migrations;
            self.findings
                .push(half(state, runs_again, said_in_part && runs_again));
            return;
        }
        if said == here.migrations && !said_in_part {
            self.stamping = match state {
                Some(_) => Stamping::Agrees,
                None => Stamping::Impossible("nothing of Procrastinate is there".to_owned()),
            };
            return;
        }
        let finding = here.difference(said, said > 0 || said_in_part);
        if here.migrations == 0 {
            let why =
                "nothing of Procrastinate is there: first check that this is the right database";
            self.stamping = Stamping::Impossible(why.to_owned());
            self.findings.push(finding.with(Help::Text(why.to_owned())));
            return;
        }
        let (lock, nodes) = (here.lock, sides.nodes);
        let revisions = applied.map(|applied| &applied.revisions);
        let known = match &sides.own_tables {
            Some(own) => Err(Refusal::OwnTables(own.clone())),
            None => stamp_migrations(lock, here.migrations, nodes, sides.linear, revisions),
        };
        let help = match known {
            Ok(stamp) => {
                self.stamping = Stamping::Needed(stamp.clone());
                Help::Stamp(stamp)
            }
            Err(refusal) => {
                self.stamping = Stamping::Impossible(refusal.to_string());
                Help::Text(format!(
                    "no stamp: {refusal}. {}",
                    sentence(&refusal.hint())
                ))
            }
        };
        self.findings.push(finding.with(help));
    }
}

/// Rows that are no revisions of the project, or of a file that could not be read.
fn unknown_rows(table: &VersionTable, unknown: &[&str], sides: &Sides<'_>) -> Finding {
    let rows = format!("{table} has {}", quoted(unknown));
    let (message, help) = match sides.unread.first() {
        None => (
            format!(
                "{rows}, which is no revision of the project: every command of Alembic fails with it"
            ),
            "check out the code that ran it: another branch, or a newer state of the project",
        ),
        Some(Unreadable { path, error, .. }) => (
            format!(
                "{rows}, which is no revision of the project that could be read ({path}: {error})"
            ),
            "write the ids of that revision as literals",
        ),
    };
    Finding::error(Code::UnknownRevision, message).with(Help::Text(help.to_owned()))
}

/// Where a schema stands in the vendored chain.
struct Here<'a> {
    lock: &'a Lock,
    migrations: usize,
    in_part: bool,
}

impl Here<'_> {
    fn names(&self, range: std::ops::Range<usize>) -> Vec<String> {
        let chain = standing(self.lock, &[]).chain;
        let groups = chain.get(range).unwrap_or_default().iter();
        groups
            .filter_map(|group| group.last().map(|last| last.name().to_owned()))
            .collect()
    }

    /// How the version table differs; it says `said` migrations.
    fn difference(&self, said: usize, has_rows: bool) -> Finding {
        let (code, message) = if said > self.migrations {
            let missing = quoted(&self.names(self.migrations..said));
            let message = format!(
                "the version table has migrations that the schema does not show: {missing}. The database was stamped too \
                 far, or an upgrade failed half-way"
            );
            (Code::BehindVersionTable, message)
        } else if has_rows {
            let more = quoted(&self.names(said..self.migrations));
            let message = format!(
                "the schema has migrations that the version table does not have: {more}. The next `alembic upgrade` fails \
                 on what already exists"
            );
            (Code::AheadOfVersionTable, message)
        } else {
            let last = self.names(0..self.migrations).pop().unwrap_or_default();
            let message = format!(
                "the schema is in the state after `{last}`, but no row of a version table says so: `alembic upgrade` would \
                 fail on what already exists"
            );
            (Code::Unstamped, message)
        };
        Finding::error(code, message)
    }
}

/// Rows that are one too many, as after a stamp of what an own revision stands for.
///
/// Where the schema has less than the table says, it is a vendored row that says too much, and the own one that is right.
fn overlapping(applied: &Applied<'_>, lock: &Lock, is_behind: bool) -> Option<Finding> {
    let (row, over) = applied.overlapping.first()?;
    let table = applied.table;
    let message = format!(
        "{table} has `{row}` beside `{over}`, which follows it or depends on it: an upgrade fails (\"overlaps with other requested \
         revisions\")"
    );
    let too_many = |(row, over): &(&str, &str)| {
        let is_vendored = lock.revision(over).is_some();
        literal(if is_behind && is_vendored { over } else { row })
    };
    let mut rows: Vec<String> = applied.overlapping.iter().map(too_many).collect();
    rows.dedup();
    let help = format!(
        "take the row out: `DELETE FROM {}.{} WHERE version_num IN ({})`",
        identifier(&table.schema),
        identifier(&table.table),
        rows.join(", ")
    );
    let finding = Finding::error(Code::OverlappingRows, message);
    Some(finding.with(Help::Text(help)))
}

/// With a capital.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// A migration that stopped between its statements. `runs_again` says that it is the next one for Alembic; `goes_on`, that it is
/// several revisions, and Alembic stands between them.
fn half(state: &State, runs_again: bool, goes_on: bool) -> Finding {
    let position = state.position;
    let (name, done, all) = (
        position.migration.name,
        position.statement,
        position.statements,
    );
    let others = state
        .others
        .iter()
        .map(|other| format!(", or {}", other.position));
    let message = format!(
        "`{name}` has run in part: the schema is in the state after statement {done} of {all}{}",
        others.collect::<String>()
    );
    let by_hand = format!(
        "run its statements from number {} on by hand, then ask `stamp --database`",
        done + 1
    );
    let finding = |message| Finding::error(Code::Partial, message);
    if goes_on {
        finding(message).with(Help::Upgrade)
    } else if runs_again {
        // What ran outside of a transaction can run twice: `ADD VALUE IF NOT EXISTS`.
        finding(format!(
            "{message}. An upgrade runs it again, completely or not at all; if that fails on what already exists, {by_hand}"
        ))
        .with(Help::Upgrade)
    } else {
        finding(message).with(Help::Text(by_hand))
    }
}

impl Agreement {
    /// A migration in part is said in any case, also where no lock knows it.
    pub(super) fn in_part(&mut self, state: Option<&State>) {
        let Some(state) = state.filter(|state| !state.position.is_end()) else {
            return;
        };
        if self.findings.iter().all(|one| one.code != Code::Partial) {
            self.findings.push(half(state, false, false));
        }
        self.stamping = Stamping::Impossible("a migration has run in part only".to_owned());
    }
}
