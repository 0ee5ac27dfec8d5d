//! What the project's lock files pin, where a command compares or looks for upstream.

use crate::catalog::{self, Release};
use crate::cli::Source;
use crate::environment::distribution::python_of;
use crate::failure::Failure;
use crate::findings::{self, Finding};
use crate::lockfile::Lock;
use crate::pins::{self, Pin, Pins, Pythons};
use crate::plan::by_digests;
use crate::procrastinate::PACKAGE;
use crate::project::Project;
use crate::report::style::count;
use crate::upstream::{Upstream, UpstreamError};

/// What the project's lock files pin. Markers are held against the Python that has Procrastinate, or else Alembic.
pub fn pins_of(project: &Project) -> Pins {
    let python = |name| python_of(&project.environments, name);
    let own = python(PACKAGE).or_else(|| python("alembic"));
    pins::find(&project.root, project.below(), &Pythons { own })
}

/// The project's pins, and in what the pinned release differs from what is vendored.
pub struct Pinned {
    pub pins: Pins,
    pub findings: Vec<Finding>,
    pub notes: Vec<String>,
    /// What is worth knowing for those who ask for more.
    pub details: Vec<String>,
    /// The release whose digests were compared.
    pub compared: Option<&'static Release>,
}

impl Pinned {
    /// Reads the lock files, and compares the newest release that they pin, unless it is the installed one. They do not
    /// count where the user named a release.
    pub fn look(
        project: &Project,
        lock: Option<&Lock>,
        source: &Source,
        installed: Option<&Upstream>,
    ) -> Self {
        let pins = match source.release {
            Some(_) => Pins::default(),
            None => pins_of(project),
        };
        let mut found = Self {
            findings: findings::disagree(&pins).into_iter().collect(),
            notes: pins.notes.clone(),
            details: details(&pins),
            compared: None,
            pins,
        };
        match (found.pins.newest().cloned(), installed) {
            (None, None) => found.say_what_is_not_pinned(),
            (None, Some(_)) => {}
            (Some(pin), Some(installed)) if pin.release == installed.release => {}
            (Some(pin), installed) => {
                if let Some(installed) = installed {
                    found
                        .findings
                        .extend(findings::differs(&found.pins, installed));
                }
                found.compare(project, lock, &pin);
            }
        }
        found
    }

    fn say_what_is_not_pinned(&mut self) {
        for (place, range) in &self.pins.ranges {
            let text = format!("{place} asks for `procrastinate{range}`, which pins no release");
            self.notes.push(text);
        }
    }

    fn compare(&mut self, project: &Project, lock: Option<&Lock>, pin: &Pin) {
        let release = match catalog::known(&pin.release) {
            Ok(release) => release,
            Err(unknown) => {
                let text = format!(
                    "the release that {} pins was not compared: {unknown}; {}",
                    pin.place,
                    unknown.hint()
                );
                self.notes.push(text);
                return;
            }
        };
        if release.yanked {
            let text = format!(
                "{} pins {}, which was yanked from the package index",
                pin.place, pin.release
            );
            self.notes.push(text);
        }
        let Some(lock) = lock else { return };
        self.findings.extend(findings::pinned_drift(
            lock,
            &project.directory,
            pin,
            release,
        ));
        let without_sql = by_digests(lock, release).without_sql;
        if !without_sql.is_empty() {
            let text = format!(
                "{} without SQL of its own cannot be compared with a release that is not installed: {}",
                count(without_sql.len(), "copied revision file"),
                without_sql.join(", ")
            );
            self.notes.push(text);
        }
        self.compared = Some(release);
    }

    /// The findings that `others`, from the installed release, do not report already: those have diffs.
    pub fn beside(&self, others: &[Finding]) -> Vec<Finding> {
        let same = |one: &Finding, other: &Finding| {
            one.migration.is_some()
                && (one.code, &one.place.path, &one.migration)
                    == (other.code, &other.place.path, &other.migration)
        };
        let new = |finding: &&Finding| !others.iter().any(|other| same(finding, other));
        self.findings.iter().filter(new).cloned().collect()
    }

    /// Why no pinned release was compared.
    pub fn why_not(&self) -> String {
        match self.pins.newest() {
            Some(pin) => {
                let unknown = catalog::known(&pin.release).err();
                let why = unknown.map_or(
                    "nothing is vendored to compare it with".to_owned(),
                    |unknown| unknown.to_string(),
                );
                format!(
                    "{} pins {}, which cannot be compared: {why}",
                    pin.place, pin.release
                )
            }
            None => format!(
                "no lock file pins a release: this program looked for {} in the project, and in the directories above it \
                 up to the repository's root",
                pins::FILES
            ),
        }
    }

    /// The release that was compared, and where it is pinned.
    pub fn title(&self) -> Option<String> {
        let pin = self.pins.newest()?;
        self.compared.map(|release| {
            format!(
                "the digests of Procrastinate {}, which {} pins",
                release.name, pin.place
            )
        })
    }
}

/// The pins that are for other Pythons than the project's, and those that make no difference.
fn details(pins: &Pins) -> Vec<String> {
    let others = pins.pins.iter().filter(|pin| !pin.counts);
    let others = others.map(|pin| {
        let marker = pin.marker.as_deref().unwrap_or("other Pythons");
        format!(
            "{} pins {} for {marker}, which is not the project's Python: it is not compared",
            pin.place, pin.release
        )
    });
    let mut details: Vec<String> = others.collect();
    let releases = pins.releases();
    if releases.len() > 1 && findings::disagree(pins).is_none() {
        let names: Vec<String> = releases.iter().map(ToString::to_string).collect();
        details.push(format!(
            "the pinned releases {} have the same migrations",
            names.join(" and ")
        ));
    }
    details
}

/// Upstream that was not found, with the release that the project pins, if it does.
pub fn or_pinned(project: &Project, failure: Failure) -> Failure {
    let Failure::Upstream(error @ UpstreamError::NotFound(_)) = failure else {
        return failure;
    };
    let pins = pins_of(project);
    let is_yanked =
        |pin: &Pin| catalog::release(&pin.release).is_some_and(|release| release.yanked);
    match pins.newest().filter(|pin| !is_yanked(pin)) {
        Some(pin) => Failure::OnlyPinned {
            place: pin.place.to_string(),
            release: pin.release.to_string(),
            error: Box::new(error),
        },
        None => error.into(),
    }
}
