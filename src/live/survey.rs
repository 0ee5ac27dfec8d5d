//! All that is said of one database: a schema at a time.

use super::agree::agree;
use super::applied::{Versions, versions};
use super::finding::{Code, Finding, Help};
use super::resolve::{Deviation, Effect, How, Own, Resolved, is_procrastinates, resolve};
use super::sides::{Agreement, Expect, Sides, Stamping, quoted};
use super::{Copy, Kind, Snapshot};
use crate::findings::Severity;
use crate::lockfile::Lock;

/// What is said of one schema.
#[derive(Debug)]
pub struct Surveyed<'a> {
    /// None if no schema of the database has objects of Procrastinate.
    pub schema: Option<String>,
    /// None if Procrastinate is not there.
    pub resolved: Option<Resolved>,
    /// None without a lock, which says what its rows mean.
    pub versions: Option<Versions<'a>>,
    /// The gravest first.
    pub findings: Vec<Finding>,
    pub stamping: Stamping,
}

impl Surveyed<'_> {
    /// What is missing may lie elsewhere: then it ran, and running it again would put it there again.
    fn explain_by_strays(&mut self) {
        let help = "look at what is in the other schema: a migration that names that schema makes its objects there. Run \
                    its statements in this schema by hand";
        let mut findings = self.findings.iter_mut();
        if let Some(behind) = findings.find(|one| one.code == Code::BehindVersionTable) {
            behind.help = Some(Help::Text(help.to_owned()));
        }
    }

    /// The gravest finding, if it is an error.
    pub fn gravest(&self) -> Option<Code> {
        let first = self.findings.first()?;
        (first.severity == Severity::Error).then_some(first.code)
    }
}

/// The table without which no worker runs. A schema that has other objects only is not where Procrastinate lives.
const JOBS: &str = "procrastinate_jobs";

fn is_home(copy: &Copy) -> bool {
    copy.contains_key(&(Kind::Table, JOBS.to_owned()))
}

/// The schemas that have Procrastinate's tables.
pub fn homes(snapshot: &Snapshot) -> Vec<&str> {
    let homes = snapshot.copies.iter().filter(|(_, copy)| is_home(copy));
    homes.map(|(schema, _)| schema.as_str()).collect()
}

/// Looks at each schema that has Procrastinate's tables, or at `only`.
pub fn survey<'a>(
    snapshot: &'a Snapshot,
    only: Option<&str>,
    sides: &Sides<'a>,
) -> Vec<Surveyed<'a>> {
    // A name that begins with `procrastinate_` is not yet Procrastinate's.
    let copies = snapshot.copies.iter();
    let copies =
        copies.filter(|(schema, copy)| is_procrastinates(schema, copy, &snapshot.versions));
    let (homes, others): (Vec<_>, Vec<_>) = copies.partition(|(_, copy)| is_home(copy));
    let strays: Vec<(&String, &Copy)> = match homes.is_empty() {
        true => Vec::new(),
        false => others.clone(),
    };
    let homes = if homes.is_empty() { others } else { homes };
    let wanted = homes
        .into_iter()
        .filter(|(schema, _)| only.is_none_or(|only| only == *schema));
    let mut all: Vec<Surveyed<'a>> = wanted
        .map(|(schema, copy)| {
            let resolved = resolve(schema, copy, &snapshot.versions);
            let mut surveyed = look(snapshot, Some(schema), Some(resolved), sides);
            for (stray, copy) in &strays {
                surveyed.findings.push(self::stray(schema, stray, copy));
                surveyed.explain_by_strays();
            }
            surveyed
        })
        .collect();
    if all.is_empty() {
        all.push(look(snapshot, only, None, sides));
    }
    for surveyed in &mut all {
        surveyed
            .findings
            .sort_by_key(|finding| (finding.severity, finding.code));
    }
    all
}

fn look<'a>(
    snapshot: &'a Snapshot,
    schema: Option<&str>,
    resolved: Option<Resolved>,
    sides: &Sides<'a>,
) -> Surveyed<'a> {
    let versions = |lock: &'a Lock| {
        let schema = schema.unwrap_or_default();
        versions(snapshot, schema, lock, sides.nodes, &sides.table)
    };
    let versions = sides.lock.map(versions);
    let none = Versions::None;
    let mut agreement = agree(resolved.as_ref(), versions.as_ref().unwrap_or(&none), sides);
    match &resolved {
        Some(resolved) => agreement.describe(resolved),
        None => agreement.missing_all(schema, sides),
    }
    Surveyed {
        schema: schema.map(str::to_owned),
        resolved,
        versions,
        findings: agreement.findings,
        stamping: agreement.stamping,
    }
}

/// Objects of Procrastinate in another schema than its tables.
fn stray(home: &str, schema: &str, copy: &Copy) -> Finding {
    let objects = copy.keys().map(|(kind, name)| format!("{kind} `{name}`"));
    let message = format!(
        "the schema `{schema}` has objects of Procrastinate, whose tables are in `{home}`: {}",
        listed(objects.collect())
    );
    Finding::warning(Code::Stray, message)
}

impl Agreement {
    /// Nothing is there.
    fn missing_all(&mut self, schema: Option<&str>, sides: &Sides<'_>) {
        let place = schema.map_or("the database".to_owned(), |schema| {
            format!("the schema `{schema}`")
        });
        let message = format!("{place} has nothing of Procrastinate");
        let is_expected = sides.lock.is_some()
            || sides.code.is_some()
            || sides.expect != Expect::All
            || schema.is_some();
        let finding = match is_expected {
            true => Finding::error(Code::Missing, message).with(Help::Upgrade),
            false => Finding::note(Code::Missing, message),
        };
        self.findings.push(finding);
    }

    /// How the schema differs from its state, and what is the user's own.
    fn describe(&mut self, resolved: &Resolved) {
        if let [first, others @ ..] = &resolved.states[..]
            && !others.is_empty()
        {
            let names = resolved.states.iter().map(|state| state.title());
            let message = format!(
                "the schema is equally near to several states; the differences below are those from `{}`: {}",
                first.title(),
                quoted(&names.collect::<Vec<_>>())
            );
            self.findings.push(Finding::error(Code::Ambiguous, message));
        }
        self.findings
            .extend(resolved.deviations.iter().map(deviation));
        let (plain, others): (Vec<&Own>, Vec<&Own>) = resolved
            .own
            .iter()
            .partition(|own| own.effect == Effect::None);
        if !plain.is_empty() {
            let objects = plain.iter();
            let objects = objects.map(|own| format!("{} `{}`", own.kind, own.name));
            let message = format!("no migration makes these: {}", listed(objects.collect()));
            self.findings.push(Finding::note(Code::OwnObject, message));
        }
        self.findings.extend(others.into_iter().map(own));
    }
}

/// A comma between them; the first ones only where they are many.
fn listed(objects: Vec<String>) -> String {
    const MOST: usize = 8;
    match objects.len().checked_sub(MOST) {
        None | Some(0) => objects.join(", "),
        Some(more) => format!("{}, and {more} more", objects[..MOST].join(", ")),
    }
}

fn deviation(deviation: &Deviation) -> Finding {
    let Deviation {
        kind,
        name,
        how,
        by,
    } = deviation;
    let object = format!("{kind} `{name}`");
    let by = |what: &str| by.map_or(String::new(), |by| format!("; `{by}` {what}"));
    let message = match how {
        How::Missing => format!("{object} is missing{}", by("makes it")),
        How::Different(words) => format!("{object} {words}{}", by("makes it")),
        How::LeftOver => format!("{object} is left over{}", by("drops it")),
        How::Added => {
            format!("{object} comes from no migration, and changes what Procrastinate's objects do")
        }
        How::Variant(migration) => {
            let message = format!(
                "{object} is as an earlier release had it in `{migration}`, which was edited later"
            );
            return Finding::note(Code::Variant, message);
        }
    };
    Finding::error(Code::Deviating, message)
}

/// An object of the user's own that does something to Procrastinate.
fn own(own: &Own) -> Finding {
    let object = format!("{} `{}`", own.kind, own.name);
    match own.effect {
        Effect::Breaks => {
            let message = format!(
                "{object} comes from no migration, is NOT NULL and has no default: no job can be deferred"
            );
            let help = "give it a default, or let it be NULL";
            Finding::error(Code::OwnObject, message).with(Help::Text(help.to_owned()))
        }
        Effect::TakesPart | Effect::None => {
            let message = format!(
                "{object} comes from no migration, and takes part in what Procrastinate writes"
            );
            Finding::warning(Code::OwnObject, message)
        }
    }
}
