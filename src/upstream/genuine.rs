//! Holds a distribution's files against its own `RECORD`, and its migrations against the catalogue of releases. Pure.

use std::collections::BTreeMap;

use pep440_rs::Version;

use super::UpstreamError;
use super::package::Package;
use super::record::{self, Evidence, Modified};
use crate::catalog::{self, Release};
use crate::digest::Digest;
use crate::procrastinate::{Layout, REVISIONS, SQL};

/// What became of the comparisons.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) modified: Vec<Modified>,
    /// What could not be compared.
    pub(super) notes: Vec<String>,
}

type Files = BTreeMap<String, Vec<u8>>;

impl Package {
    /// Compares the files with all that is known of them.
    pub(super) fn verify(&self, release: &Version) -> Result<Verdict, UpstreamError> {
        let published = catalog::known(release).map(Published::of);
        let covered = |path: &String| published.as_ref().is_ok_and(|known| known.covers(path));
        let mut verdict = Verdict::default();
        match &self.record {
            Ok(record) => {
                let found = record::verify(record, &self.files)
                    .map_err(|why| self.bad_metadata("RECORD", why))?;
                verdict.modified = found.modified;
                let unverified = found.unverified.into_iter().filter(|path| !covered(path));
                verdict.notes.extend(unverified.map(|path| {
                    format!("`{path}` could not be verified: RECORD has no SHA-256 for it")
                }));
                verdict.notes.extend(found.passed_over.into_iter().map(|path| {
                    format!("`{path}` was passed over: migrations lie right in `{SQL}` and end in `.sql`")
                }));
            }
            Err(_) if self.files.keys().all(covered) => {}
            Err(why) => {
                let files = match &published {
                    Ok(_) => "revision files",
                    Err(_) => "files",
                };
                verdict.notes.push(format!(
                    "the {files} of {} were not verified: {why}",
                    self.source
                ));
            }
        }
        match published {
            Ok(published) => verdict.hold_against(&published, &self.files),
            Err(unknown) => verdict.notes.push(match self.record {
                Ok(_) => format!("{unknown}; its files were compared with its RECORD only"),
                Err(_) => unknown.to_string(),
            }),
        }
        Ok(verdict)
    }
}

/// What the catalogue knows of a release.
struct Published {
    release: String,
    layout: Layout,
    /// By path relative to site-packages.
    files: BTreeMap<String, Digest>,
    /// Which of the places of revision files it uses.
    place: Option<usize>,
}

impl Published {
    fn of(release: &Release) -> Self {
        let sql = release.migrations.iter();
        let sql = sql.map(|file| (format!("{SQL}{}", file.name), file.sha256));
        let revisions = release.revisions.iter();
        let revisions = revisions.map(|file| (file.path.to_owned(), file.sha256));
        Self {
            release: release.name.to_owned(),
            layout: release.layout,
            files: sql.chain(revisions).collect(),
            place: release.revisions.first().and_then(|file| place(file.path)),
        }
    }

    /// Whether the catalogue answers for the file. Not for revision files of a release that was published without any,
    /// and not for those in a place that goes unused because one before it has some; nor for templates.
    fn covers(&self, path: &str) -> bool {
        match (self.layout, place(path)) {
            (_, None) => path.starts_with(SQL),
            (Layout::Sql, Some(_)) => false,
            (Layout::Alembic, Some(place)) => self.place.is_none_or(|used| place <= used),
        }
    }
}

fn place(path: &str) -> Option<usize> {
    REVISIONS.iter().position(|place| path.starts_with(place))
}

impl Verdict {
    fn hold_against(&mut self, published: &Published, files: &Files) {
        let foreign = |path: &String| published.layout == Layout::Sql && !published.covers(path);
        if files.keys().any(foreign) {
            self.notes.push(format!(
                "Procrastinate {} was published without revision files; those of this source are unknown to the catalogue \
                 of releases, and only its SQL was held against it",
                published.release
            ));
        }
        let missing = published.files.keys();
        for path in missing.filter(|path| !files.contains_key(*path)) {
            self.differs(path, "it is missing");
        }
        for (path, bytes) in files.iter().filter(|(path, _)| published.covers(path)) {
            match published.files.get(path) {
                None => self.differs(path, "it is not part of the release"),
                Some(digest) if *digest != Digest::of(bytes) => {
                    self.differs(path, "its contents were changed");
                }
                Some(_) => {}
            }
        }
        self.modified.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Notes what the catalogue says; where `RECORD` says that the file was changed already, both do.
    fn differs(&mut self, path: &str, why: &'static str) {
        let known = self.modified.iter_mut();
        match known.into_iter().find(|modified| modified.path == path) {
            Some(modified) => modified.evidence = Evidence::Both,
            None => self.modified.push(Modified {
                path: path.to_owned(),
                why,
                evidence: Evidence::Catalogue,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIGRATION: &str = "procrastinate/sql/migrations/1.sql";
    const PACKAGE: &str = "procrastinate/alembic/versions/1.py";
    const CONTRIB: &str = "procrastinate/contrib/alembic/versions/1.py";

    /// A release whose files hold their own path.
    fn published(layout: Layout, paths: &[&str]) -> Published {
        let revision = paths.iter().find_map(|path| place(path));
        Published {
            release: "9.9.9".to_owned(),
            layout,
            files: paths
                .iter()
                .map(|path| ((*path).to_owned(), Digest::of(path)))
                .collect(),
            place: revision,
        }
    }

    /// `path` for a file as published, `path!` for one that was changed.
    fn differences(published: &Published, files: &[&str]) -> Vec<(String, &'static str)> {
        let files = files.iter().map(|path| {
            let name = path.trim_end_matches('!').to_owned();
            (name, path.as_bytes().to_vec())
        });
        let mut verdict = Verdict::default();
        verdict.hold_against(published, &files.collect());
        assert!(
            verdict
                .modified
                .iter()
                .all(|file| file.evidence == Evidence::Catalogue)
        );
        verdict
            .modified
            .into_iter()
            .map(|file| (file.path, file.why))
            .collect()
    }

    fn one(path: &str, why: &'static str) -> Vec<(String, &'static str)> {
        vec![(path.to_owned(), why)]
    }

    #[test]
    fn sql_of_either_layout_has_to_be_as_published() {
        for published in [
            published(Layout::Sql, &[MIGRATION]),
            published(Layout::Alembic, &[MIGRATION, CONTRIB]),
        ] {
            let more = "procrastinate/sql/migrations/2.sql";
            let changed = format!("{MIGRATION}!");
            assert_eq!(differences(&published, &[MIGRATION, CONTRIB]), []);
            assert_eq!(
                differences(&published, &[CONTRIB]),
                one(MIGRATION, "it is missing")
            );
            assert_eq!(
                differences(&published, &[&changed, CONTRIB]),
                one(MIGRATION, "its contents were changed")
            );
            assert_eq!(
                differences(&published, &[MIGRATION, CONTRIB, more]),
                one(more, "it is not part of the release")
            );
        }
    }

    #[test]
    fn templates_are_unknown_to_the_catalogue() {
        let template = "procrastinate/contrib/alembic/env.py.template";
        for layout in [Layout::Sql, Layout::Alembic] {
            let published = published(layout, &[MIGRATION]);
            assert_eq!(differences(&published, &[MIGRATION, template]), []);
        }
    }

    #[test]
    fn published_revision_files_have_to_be_as_published_too() {
        let contrib = published(Layout::Alembic, &[MIGRATION, CONTRIB]);
        let changed = format!("{CONTRIB}!");
        assert_eq!(
            differences(&contrib, &[MIGRATION, &changed]),
            one(CONTRIB, "its contents were changed")
        );
        assert_eq!(
            differences(&contrib, &[MIGRATION]),
            one(CONTRIB, "it is missing")
        );
        // The first place that has any is used, so a file there takes the place of all the others.
        assert_eq!(
            differences(&contrib, &[MIGRATION, CONTRIB, PACKAGE]),
            one(PACKAGE, "it is not part of the release")
        );
        let package = published(Layout::Alembic, &[MIGRATION, PACKAGE]);
        assert_eq!(differences(&package, &[MIGRATION, PACKAGE, CONTRIB]), []);
    }

    #[test]
    fn a_file_that_differs_from_both_is_named_once() {
        let mut verdict = Verdict {
            modified: vec![Modified {
                path: MIGRATION.to_owned(),
                why: "its contents were changed",
                evidence: Evidence::Record,
            }],
            notes: Vec::new(),
        };
        let files = BTreeMap::from([(MIGRATION.to_owned(), b"other".to_vec())]);
        verdict.hold_against(&published(Layout::Sql, &[MIGRATION]), &files);
        assert_eq!(verdict.modified.len(), 1);
        assert_eq!(verdict.modified[0].evidence, Evidence::Both);
    }
}
