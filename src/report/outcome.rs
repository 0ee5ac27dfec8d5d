//! What `check` or `diff` has to say, for the formats that services read.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::findings::{Accepted, Base, Code, Finding, Severity};
use crate::patch;
use crate::repository::InRepository;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The verb: `check` or `diff`.
    pub command: &'static str,
    /// What was compared with what, in one line.
    pub title: String,
    /// What there is to report, in the order of the text report.
    pub entries: Vec<Entry>,
    /// What the settings accept, each with the reason.
    pub accepted: Vec<(Entry, String)>,
    /// What could not be checked, and what is worth knowing.
    pub notes: Vec<String>,
    /// `diff`: the whole unified diff.
    pub patch: Option<String>,
    /// Why the work could not be done as it was asked for; exit status 2.
    pub failure: Option<String>,
}

/// One thing to report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which kind of thing.
    pub rule: Rule,
    /// How grave it is.
    pub level: Level,
    /// The file or directory as the text report names it.
    pub path: String,
    pub place: Place,
    /// The line in it, counted from 1.
    pub line: Option<usize>,
    /// The migration that it concerns.
    pub migration: Option<String>,
    /// The revisions that it concerns, in chain order.
    pub revisions: Vec<String>,
    pub message: String,
    /// How to mend it.
    pub remedy: Option<String>,
    /// The difference as a unified diff.
    pub diff: Option<String>,
}

/// Which kind of thing an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    pub id: &'static str,
    /// What it stands for, in one sentence.
    pub about: &'static str,
    /// The page that explains it, and the heading there.
    pub page: (&'static str, &'static str),
}

impl Rule {
    /// The address of the page, in this program's own version.
    pub fn address(&self) -> String {
        let (file, heading) = self.page;
        let repository = env!("CARGO_PKG_REPOSITORY");
        let version = env!("CARGO_PKG_VERSION");
        format!("{repository}/blob/v{version}/docs/{file}#{heading}")
    }
}

impl From<Code> for Rule {
    fn from(code: Code) -> Self {
        Self {
            id: code.as_str(),
            about: code.about(),
            page: ("findings.md", code.as_str()),
        }
    }
}

/// How grave an entry is; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It fails the check.
    Error,
    /// It fails the check with `--strict`.
    Warning,
    Note,
}

/// Where an entry's file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the repository: its path from there, with `/`.
    Repository(String),
    /// In the site-packages directory of a release.
    SitePackages,
    Elsewhere,
}

impl Entry {
    /// A finding as an entry.
    pub fn of(finding: &Finding, repository: &InRepository) -> Self {
        let path = finding.path.clone();
        let place = match finding.base {
            Base::SitePackages => Place::SitePackages,
            Base::Project => match repository.path(&path) {
                Some(path) => Place::Repository(path),
                None => Place::Elsewhere,
            },
        };
        Self {
            path,
            rule: finding.code.into(),
            level: match finding.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
            },
            place,
            line: finding.line,
            migration: finding.migration.clone(),
            revisions: finding.revisions.clone(),
            message: finding.message.clone(),
            remedy: Some(finding.remedy.clone()),
            diff: (!finding.diff.is_empty()).then(|| patch::text(&finding.diff)),
        }
    }

    /// The accepted findings as entries.
    pub fn accepted(accepted: &[Accepted], repository: &InRepository) -> Vec<(Self, String)> {
        accepted
            .iter()
            .map(|accepted| {
                (
                    Self::of(&accepted.finding, repository),
                    accepted.reason.clone(),
                )
            })
            .collect()
    }

    /// The path from the repository's root, if it lies there; else as the text report names it.
    pub fn path_in_repository(&self) -> &str {
        match &self.place {
            Place::Repository(path) => path,
            Place::SitePackages | Place::Elsewhere => &self.path,
        }
    }

    /// The same as [`whole`](Self::whole), after the path where a service cannot show it as a place.
    pub fn located(&self) -> String {
        match self.place {
            Place::Repository(_) => self.whole(),
            Place::SitePackages | Place::Elsewhere => format!("{}: {}", self.path, self.whole()),
        }
    }

    /// What is wrong and how to mend it, as one text.
    pub fn whole(&self) -> String {
        let mut text = String::new();
        if let Some(migration) = &self.migration {
            text.push_str(migration);
            text.push_str(": ");
        }
        text.push_str(self.message.trim_end_matches('.'));
        if let Some(remedy) = &self.remedy {
            text.push_str(". Help: ");
            text.push_str(remedy);
        }
        text
    }
}

/// A digest an entry, all different, by which a service knows an entry again in a later run. They come from the rule, the
/// place and the migration: neither words nor lines nor releases change them.
pub fn fingerprints<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<Digest> {
    let mut seen: BTreeMap<Digest, usize> = BTreeMap::new();
    entries
        .into_iter()
        .map(|entry| {
            let parts = (
                entry.rule.id,
                entry.path_in_repository(),
                &entry.migration,
                &entry.revisions,
            );
            let plain = Digest::of(format!("{parts:?}"));
            let number = seen.entry(plain).or_default();
            *number += 1;
            match *number {
                1 => plain,
                number => Digest::of(format!("{plain} {number}")),
            }
        })
        .collect()
}

impl Outcome {
    /// How many entries there are of a level.
    pub fn count(&self, level: Level) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.level == level)
            .count()
    }
}
