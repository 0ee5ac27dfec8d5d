//! Whether the database, its version table, the vendored revisions and the code agree. Pure.

use std::collections::BTreeSet;

use super::VersionTable;
use super::applied::{Applied, Versions};
use super::finding::{Code, Finding, Help};
use super::resolve::Resolved;
use super::states::{Place, State};
use crate::alembic::graph::Node;
use crate::alembic::revisions::Unreadable;
use crate::catalog::{self, Release};
use crate::digest::Digest;
use crate::lockfile::{Lock, LockedRevision};
use crate::plan::standing;
use crate::steps::{Stamp, stamp_migrations};
use crate::upstream::Upstream;

/// What a database is compared with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sides<'a> {
    pub lock: Option<&'a Lock>,
    /// The project's revisions, the vendored ones among them.
    pub nodes: &'a [Node],
    /// The revisions of the project that could not be read.
    pub unread: &'a [Unreadable],
    /// Whether new vendored revisions go after the project's own.
    pub linear: bool,
    /// The Procrastinate that is installed.
    pub code: Option<&'a Upstream>,
    pub expect: Expect,
    /// Migrations that belong after the deploy may be missing.
    pub before_deploy: bool,
}

/// What the schema has to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Expect {
    /// As is vendored, and fit for the code that is installed.
    #[default]
    All,
    Vendored,
    Code,
    Release(&'static Release),
}

/// What makes the version table say what the schema is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stamping {
    /// It says so already.
    Agrees,
    Needed(Stamp),
    /// Why there is nothing to stamp.
    Impossible(String),
}

/// What the comparison of one schema found.
#[derive(Debug)]
pub struct Agreement {
    pub findings: Vec<Finding>,
    pub stamping: Stamping,
}

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
                agreement.stamping =
                    Stamping::Impossible("the schema is not that after any migration".to_owned());
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
    agreement
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
    let help = "upgrade vendor-migrations; of a release that is no final one, or SQL of your own, it never knows";
    Some(Finding::error(Code::UnknownMigration, message).with(Help::Text(help.to_owned())))
}

/// How a schema stands to the vendored chain.
enum Reach {
    /// It has this many migrations, from the first one on; and of the next one, a part.
    Prefix { migrations: usize, in_part: bool },
    /// It has migrations that are not vendored.
    Beyond,
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
        return Reach::Beyond;
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
    fn with_versions(&mut self, state: Option<&State>, versions: &Versions<'_>, sides: &Sides<'_>) {
        let Some(lock) = sides.lock else {
            self.stamping = Stamping::Impossible(
                "nothing is vendored, so there is no revision to name".to_owned(),
            );
            return;
        };
        let applied = match versions {
            Versions::Unreadable(table) => {
                let message = format!(
                    "the role may not read the version table `{}.{}`, so it was not compared",
                    table.schema, table.table
                );
                self.findings
                    .push(Finding::warning(Code::UnreadableVersions, message));
                None
            }
            Versions::Read(applied) => Some(applied),
            Versions::None => None,
        };
        if let Some(Applied { table, unknown, .. }) = applied
            && !unknown.is_empty()
        {
            self.unknown_rows(table, unknown, sides);
            return;
        }
        let said = applied.map_or(0, |applied| applied.migrations);
        match reach(lock, state, said) {
            Reach::Beyond => {
                self.stamping = Stamping::Impossible(
                    "the database has migrations that are not vendored".to_owned(),
                );
            }
            Reach::Other { last, without } => {
                let message = format!(
                    "no revision of the chain stands for this schema: it has `{last}`, and not what the chain runs before it: {}",
                    quoted(&without)
                );
                let help = "run what is missing by Procrastinate's own migration files, then stamp";
                self.stamping = Stamping::Impossible(message.clone());
                let finding = Finding::error(Code::NoRevision, message);
                self.findings
                    .push(finding.with(Help::Text(help.to_owned())));
            }
            Reach::Prefix {
                migrations,
                in_part,
            } => {
                let here = Here {
                    lock,
                    migrations,
                    in_part,
                };
                self.compare(&here, applied, state, sides);
                if matches!(versions, Versions::Unreadable(_)) {
                    // Nothing is said about rows that were not read.
                    let unread = [Code::Unstamped];
                    self.findings
                        .retain(|finding| !unread.contains(&finding.code));
                }
            }
        }
    }

    /// Rows that are no revisions of the project, or of a file that could not be read.
    fn unknown_rows(&mut self, table: &VersionTable, unknown: &[&str], sides: &Sides<'_>) {
        let rows = format!("`{}.{}` has {}", table.schema, table.table, quoted(unknown));
        let finding = match sides.unread.first() {
            None => Finding::error(
                Code::UnknownRevision,
                format!("{rows}, which is no revision of the project: every command of Alembic fails with it"),
            )
            .with(Help::Text(
                "check out what ran it: another branch, or a newer state of the project".to_owned(),
            )),
            Some(Unreadable { path, error }) => Finding::error(
                Code::UnknownRevision,
                format!("{rows}, which is no revision of the project that could be read ({path}: {error})"),
            )
            .with(Help::Text(
                "write the ids of that revision as literals".to_owned(),
            )),
        };
        self.findings.push(finding);
        self.stamping =
            Stamping::Impossible("the version table has an unknown revision".to_owned());
    }

    fn compare(
        &mut self,
        here: &Here<'_>,
        applied: Option<&Applied<'_>>,
        state: Option<&State>,
        sides: &Sides<'_>,
    ) {
        let has_rows = applied.is_some_and(|applied| applied.migrations > 0 || applied.in_part);
        let said = applied.map_or(0, |applied| applied.migrations);
        let said_in_part = applied.is_some_and(|applied| applied.in_part);
        if here.in_part && said <= here.migrations {
            self.stamping = Stamping::Impossible("a migration has run in part only".to_owned());
            if let Some(state) = state {
                self.findings.push(half(state, said_in_part, here));
            }
            return;
        }
        if said == here.migrations && !said_in_part {
            self.stamping = Stamping::Agrees;
            return;
        }
        let after = here.after(here.migrations);
        let (code, message) = if said > here.migrations {
            let missing = here.names(here.migrations..said);
            let message = format!(
                "the version table says more than the schema has: {} without a trace. It was stamped too far, or an upgrade failed half-way",
                quoted(&missing)
            );
            (Code::BehindVersionTable, message)
        } else if has_rows {
            let more = here.names(said..here.migrations);
            let message = format!(
                "the schema has more than the version table says: {}. The next `alembic upgrade` fails on what is there",
                quoted(&more)
            );
            (Code::AheadOfVersionTable, message)
        } else {
            let message = format!(
                "the schema is that after {after}, and no row of a version table says so: `alembic upgrade` would fail on what is there"
            );
            (Code::Unstamped, message)
        };
        let finding = Finding::error(code, message);
        if here.migrations == 0 {
            let why =
                "nothing of Procrastinate is there: see that this is the right database first";
            self.stamping = Stamping::Impossible(why.to_owned());
            self.findings.push(finding.with(Help::Text(why.to_owned())));
            return;
        }
        let revisions = applied.map(|applied| &applied.revisions);
        let known = stamp_migrations(
            here.lock,
            here.migrations,
            sides.nodes,
            sides.linear,
            revisions,
        );
        match known {
            Ok(stamp) => {
                self.findings.push(finding.with(Help::Stamp(stamp.clone())));
                self.stamping = Stamping::Needed(stamp);
            }
            Err(refusal) => {
                let why = refusal.to_string();
                self.findings
                    .push(finding.with(Help::Text(format!("there is no command: {why}"))));
                self.stamping = Stamping::Impossible(why);
            }
        }
    }
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

    fn after(&self, migrations: usize) -> String {
        let last = migrations.checked_sub(1);
        let name = last.and_then(|last| self.names(last..migrations).pop());
        name.map_or("nothing".to_owned(), |name| format!("`{name}`"))
    }
}

/// A migration that stopped between its statements.
fn half(state: &State, said_in_part: bool, here: &Here<'_>) -> Finding {
    let position = state.position;
    let (name, done, all) = (
        position.migration.name,
        position.statement,
        position.statements,
    );
    let message =
        format!("`{name}` has run in part: the schema is that after statement {done} of {all}");
    let finding = Finding::error(Code::Partial, message);
    if said_in_part {
        // The migration is several revisions, and Alembic stands between them.
        return finding.with(Help::Upgrade);
    }
    let chain = standing(here.lock, &[]).chain;
    let revision = chain.get(here.migrations).and_then(|group| group.last());
    let revision = revision.map_or(String::new(), |last| format!(", then stamp `{}`", last.id));
    finding.with(Help::Text(format!(
        "run the statements of `{name}` from number {} on by hand{revision}; or restore the database from before the failure",
        done + 1
    )))
}

/// In backticks, the first and the last where they are many.
pub(super) fn quoted<T: AsRef<str>>(names: &[T]) -> String {
    const MOST: usize = 6;
    let quote = |name: &T| format!("`{}`", name.as_ref());
    if let [first, .., last] = names
        && names.len() > MOST
    {
        let number = names.len();
        return format!("{number} migrations, {} to {}", quote(first), quote(last));
    }
    names.iter().map(quote).collect::<Vec<_>>().join(", ")
}
