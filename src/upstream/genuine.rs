//! Holds a distribution's files against its own `RECORD`, and its migrations against the catalogue of releases. Pure.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use super::UpstreamError;
use super::package::{Package, REVISIONS, SQL};
use super::record::{self, Evidence, Modified};
use crate::catalog::{self, Release};
use crate::digest::Digest;
use crate::layout::Layout;

/// What became of the comparisons.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Sorted by path.
    pub(super) modified: Vec<Modified>,
    /// What could not be compared.
    pub(super) notes: Vec<String>,
}

type Files = BTreeMap<String, Vec<u8>>;

impl Package {
    /// Compares the files with all that is known of them.
    pub(super) fn verify(&self, release: &Version) -> Result<Verdict, UpstreamError> {
        let catalogued = catalog::known(release);
        let covered: BTreeSet<&String> = match &catalogued {
            Ok(known) => covered(known, &self.files),
            Err(_) => BTreeSet::new(),
        };
        let mut verdict = Verdict::default();
        match &self.record {
            Ok(record) => {
                let found = record::verify(record, &self.files)
                    .map_err(|why| self.bad_metadata("RECORD", why))?;
                verdict.modified = found.modified;
                let unverified = found.unverified.into_iter();
                verdict
                    .notes
                    .extend(
                        unverified
                            .filter(|path| !covered.contains(path))
                            .map(|path| {
                                format!(
                                    "`{path}` could not be verified: RECORD has no SHA-256 for it"
                                )
                            }),
                    );
                verdict.notes.extend(found.passed_over.into_iter().map(|path| {
                    format!("`{path}` was passed over: migrations lie right in `{SQL}` and end in `.sql`")
                }));
            }
            Err(_) if covered.len() == self.files.len() && !covered.is_empty() => {}
            Err(why) if covered.is_empty() => verdict.notes.push(format!(
                "the files of {} were not verified: {why}",
                self.source
            )),
            Err(why) => verdict.notes.push(format!(
                "the revision files of {} were not verified: {why}",
                self.source
            )),
        }
        match catalogued {
            Ok(known) => verdict.hold_against(known, &self.files),
            Err(unknown) => verdict.notes.push(match self.record {
                Ok(_) => format!("{unknown}; its files were compared with its RECORD only"),
                Err(_) => unknown.to_string(),
            }),
        }
        Ok(verdict)
    }
}

/// The files that the catalogue answers for: of a release that has no revision files, those that a source has are
/// nothing that it knows.
fn covered<'a>(known: &Release, files: &'a Files) -> BTreeSet<&'a String> {
    let answers = |path: &&String| known.layout == Layout::Alembic || path.starts_with(SQL);
    files.keys().filter(answers).collect()
}

impl Verdict {
    fn hold_against(&mut self, known: &Release, files: &Files) {
        if known.layout == Layout::Sql && files.keys().any(|path| !path.starts_with(SQL)) {
            self.notes.push(format!(
                "Procrastinate {} was published without revision files; those of this source are unknown to the catalogue \
                 of releases, and only its SQL was held against it",
                known.name
            ));
        }
        let sql = known.migrations.iter();
        let mut published: BTreeMap<String, Digest> = sql
            .map(|migration| (format!("{SQL}{}", migration.name), migration.sha256))
            .collect();
        let revisions = known.revisions.iter();
        published.extend(revisions.map(|file| (file.path.to_owned(), file.sha256)));
        for path in published.keys().filter(|path| !files.contains_key(*path)) {
            self.differs(path, "it is missing");
        }
        for path in covered(known, files) {
            let digest = files.get(path).map(Digest::of);
            match published.get(path) {
                None if !passed_over(path, known) => {
                    self.differs(path, "it is not part of the release");
                }
                Some(published) if digest != Some(*published) => {
                    self.differs(path, "its contents were changed");
                }
                None | Some(_) => {}
            }
        }
        self.modified.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Notes what the catalogue says; where `RECORD` says that the file was changed already, both do.
    fn differs(&mut self, path: &str, why: &'static str) {
        match self
            .modified
            .iter_mut()
            .find(|modified| modified.path == path)
        {
            Some(modified) => modified.evidence = Evidence::Both,
            None => self.modified.push(Modified {
                path: path.to_owned(),
                why,
                evidence: Evidence::Catalogue,
            }),
        }
    }
}

/// Revision files in the place that is not used, because the other one has some, too: the catalogue leaves them out.
fn passed_over(path: &str, known: &Release) -> bool {
    let place = |path: &str| REVISIONS.iter().position(|place| path.starts_with(place));
    let used = known.revisions.first().and_then(|file| place(file.path));
    // The first place that has any is used.
    place(path).is_some_and(|place| used.is_some_and(|used| place > used))
}
