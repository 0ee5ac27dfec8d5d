//! What people and programs get to read.

mod addressed;
pub mod adopt;
pub mod database;
pub mod explain;
pub mod first_run;
mod github;
mod gitlab;
pub mod init;
pub mod json;
mod markdown;
pub mod prose;
pub mod releases;
pub mod review;
pub mod rollout;
mod sarif;
pub mod screen;
pub mod style;
pub mod sync;
#[cfg(test)]
mod testing;
pub mod text;
pub mod wrap;

pub use addressed::findings as addressed;

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use crate::catalog::Release;
use crate::cli::ReportFormat;
use crate::digest::Digest;
use crate::findings::{Accepted, Finding};
use crate::lockfile::Lock;
use crate::patch::Patch;
use crate::pins::Pins;
use crate::place::Base;
use crate::repository::InRepository;
use crate::upstream::Upstream;

use screen::Screen;

pub use github::failure;
pub use markdown::page::{Failed, failed as failed_page, projects as project_pages};
pub use markdown::write as markdown;

/// What `check`, `diff` or `status` has to say. Each format writes this.
#[derive(Debug)]
pub struct Report<'a> {
    pub command: &'static str,
    /// What was compared with what, in one line.
    pub title: String,
    pub compared: Compared<'a>,
    /// In the order of the text report.
    pub findings: Vec<Finding>,
    pub accepted: Vec<Accepted>,
    /// What could not be checked, and what is worth knowing.
    pub notes: Vec<String>,
    /// `diff`: the whole difference.
    pub patches: Vec<Patch>,
    /// Why the work could not be done as it was asked for; exit status 2.
    pub failure: Option<String>,
    /// Where the project lies in its repository.
    pub repository: InRepository,
    /// What to do next, in order.
    pub next: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    Command(String),
    /// What no command does.
    Text(String),
}

impl Step {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Command(text) | Self::Text(text) => text,
        }
    }
}

/// A message beside the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// `note` or `warning`.
    pub kind: &'static str,
    pub text: String,
}

/// How much a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Problems and changes.
    Quiet,
    Usual,
    /// Nothing is put together.
    All,
}

#[derive(Debug)]
pub enum Compared<'a> {
    /// `check`: the lock with upstream.
    Lock {
        /// Where the revisions are, in words for people.
        directory: String,
        lock: Option<&'a Lock>,
        upstream: Option<&'a Upstream>,
        pins: &'a Pins,
        /// The pinned release whose digests were compared.
        pinned: Option<&'static Release>,
    },
    /// `diff`: one side with the other.
    Sides { before: Side, after: Side },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// None before the first `sync`.
    pub release: Option<String>,
    pub source: String,
}

impl Side {
    /// A release as it was found.
    pub fn of(upstream: &Upstream) -> Self {
        Self {
            release: Some(upstream.release.to_string()),
            source: upstream.source.clone(),
        }
    }
}

/// Where a finding's file is, as a service has to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Location {
    /// In the repository: its path from there, with `/`.
    Repository(String),
    /// In the site-packages directory of a release.
    SitePackages,
    Elsewhere,
}

impl Report<'_> {
    /// A report of `diff` without differences.
    pub fn of_sides(title: String, before: Side, after: Side, repository: InRepository) -> Self {
        Self {
            command: "diff",
            title,
            compared: Compared::Sides { before, after },
            findings: Vec::new(),
            accepted: Vec::new(),
            notes: Vec::new(),
            patches: Vec::new(),
            failure: None,
            repository,
            next: Vec::new(),
        }
    }

    /// Writes the report.
    pub fn write(
        &self,
        format: ReportFormat,
        out: &mut dyn Screen,
        detail: Detail,
    ) -> io::Result<()> {
        match format {
            ReportFormat::Text => text::write(out, self, detail),
            ReportFormat::Github => {
                // The annotations do not hold everything, and count on the log.
                let detail = match detail {
                    Detail::Quiet => Detail::Quiet,
                    Detail::Usual | Detail::All => Detail::All,
                };
                text::write(out, self, detail)?;
                github::annotations(out, self)
            }
            ReportFormat::Json => json::report(out, self),
            ReportFormat::Gitlab => gitlab::write(out, self),
            ReportFormat::Sarif => sarif::write(out, self),
            ReportFormat::Markdown => markdown::write(out, self),
        }
    }

    fn location(&self, finding: &Finding) -> Location {
        match finding.place.base {
            Base::SitePackages => Location::SitePackages,
            Base::Project => match self.repository.path(&finding.place.path) {
                Some(path) => Location::Repository(path),
                None => Location::Elsewhere,
            },
        }
    }

    /// The path from the repository's root, if it lies there; else as the text report names it.
    fn path(&self, finding: &Finding) -> String {
        match self.location(finding) {
            Location::Repository(path) => path,
            Location::SitePackages | Location::Elsewhere => finding.place.path.clone(),
        }
    }

    /// The same as [`whole`], after the path where a service cannot show it as a place.
    fn located(&self, finding: &Finding) -> String {
        match self.location(finding) {
            Location::Repository(_) => whole(finding),
            Location::SitePackages | Location::Elsewhere => {
                format!("{}: {}", finding.place.path, whole(finding))
            }
        }
    }

    /// A digest a finding, all different, by which a service knows a finding again in a later run. They come from the code,
    /// the place and the migration: neither words nor lines nor releases change them.
    fn fingerprints<'a>(&self, findings: impl Iterator<Item = &'a Finding>) -> Vec<Digest> {
        let mut seen: BTreeMap<Digest, usize> = BTreeMap::new();
        findings
            .map(|finding| {
                let parts = (
                    finding.code.as_str(),
                    self.path(finding),
                    &finding.migration,
                    &finding.revisions,
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
}

/// What is wrong and how to mend it, as one text.
fn whole(finding: &Finding) -> String {
    let mut text = String::new();
    if let Some(migration) = &finding.migration {
        text.push_str(migration);
        text.push_str(": ");
    }
    text.push_str(finding.message.trim_end_matches('.'));
    if let Some(remedy) = &finding.remedy {
        text.push_str(&format!(". Help: {remedy}"));
    }
    text
}
