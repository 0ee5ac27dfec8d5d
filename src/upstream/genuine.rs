//! Compares a distribution's files with its own `RECORD`, and its migrations with the catalogue of releases. Pure.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use super::package::Package;
use super::record::{self, Evidence, Modified};
use super::{Migration, UpstreamError};
use crate::catalog::{self, File, Release};
use crate::digest::{Content, Digest};
use crate::procrastinate::{REVISIONS, SQL, is_numbered};

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) modified: Vec<Modified>,
    pub(super) notes: Vec<String>,
}

pub(super) fn verify(package: &Package, release: &Version) -> Result<Verdict, UpstreamError> {
    let published = catalog::known(release).map(Published::of);
    let covered = |path: &String| published.as_ref().is_ok_and(|known| known.covers(path));
    let mut verdict = Verdict::default();
    match &package.record {
        Ok(record) => {
            let found = record::verify(record, &package.files)
                .map_err(|why| package.bad_file("RECORD", why))?;
            verdict.modified = found.modified;
            let unverified = found.unverified.iter().filter(|path| !covered(path));
            verdict.notes.extend(unverified.map(|path| {
                format!("`{path}` could not be verified: RECORD has no SHA-256 for it")
            }));
            verdict.notes.extend(found.passed_over.iter().map(|path| {
                format!(
                    "`{path}` was skipped: migrations are directly in `{SQL}` and end in `.sql`"
                )
            }));
        }
        Err(_) if package.files.keys().all(covered) => {}
        Err(why) => {
            let files = match &published {
                Ok(_) => "revision files",
                Err(_) => "files",
            };
            let source = &package.source;
            let note = format!("the {files} of {source} were not verified: {why}");
            verdict.notes.push(note);
        }
    }
    match published {
        Ok(published) => verdict.compare(&published, &package.files),
        // `like` says that it has no number.
        Err(_) if !is_numbered(release) => {}
        Err(unknown) if package.record.is_err() => verdict.notes.push(unknown.to_string()),
        Err(unknown) => verdict.notes.push(format!(
            "{unknown}; its files were compared with its RECORD only"
        )),
    }
    Ok(verdict)
}

/// For a release that the catalogue does not know: which of its releases has the same migrations, in words. A build without a number
/// counts as that release.
pub(super) fn like(release: Version, migrations: &[Migration]) -> (Version, Option<String>) {
    if catalog::release(&release).is_some() {
        return (release, None);
    }
    let sql = migrations.iter().filter_map(|one| one.sql.as_ref());
    let sql: Vec<File<'_>> = sql
        .map(|sql| File {
            name: sql.name.as_str(),
            sha256: sql.digest,
        })
        .collect();
    let wrappers = migrations.iter().filter_map(|one| one.wrapper.as_ref());
    let revisions: Vec<File<'_>> = wrappers
        .map(|wrapper| File {
            name: &wrapper.path,
            sha256: wrapper.digest,
        })
        .collect();
    if is_numbered(&release) {
        let text = catalog::with_files(&sql, &revisions).map(|same| {
            let name = same.name;
            format!("the migrations of Procrastinate {release} are those of {name}, byte by byte")
        });
        return (release, text);
    }
    let Some((near, differences)) = catalog::nearest(&sql, &revisions) else {
        return (release, None);
    };
    let name = near.name;
    match differences {
        0 => {
            let text = format!(
                "the version number of Procrastinate {release} does not show its release: its migrations are those of \
                 {name}, byte by byte, so it is treated as {name}. {TAGS}"
            );
            (near.version(), Some(text))
        }
        _ => {
            let text = format!(
                "the version number of Procrastinate {release} does not show its release, so it is not known whether it is \
                 older than what is vendored: its migrations are nearest to those of {name}, with {differences} {}. {TAGS}",
                if differences == 1 {
                    "difference"
                } else {
                    "differences"
                }
            );
            (release, Some(text))
        }
    }
}

const TAGS: &str = "It was built without the tags of its repository: `git fetch --tags` there, and install it again";

/// What the catalogue knows of a release.
struct Published {
    release: String,
    /// By path relative to site-packages.
    files: BTreeMap<String, Digest>,
    /// The index in [`REVISIONS`] of the directory that holds its revision files; none if it ships none.
    revisions: Option<usize>,
}

impl Published {
    fn of(release: &Release) -> Self {
        let sql = release.migrations.iter();
        let sql = sql.map(|file| (format!("{SQL}{}", file.name), file.sha256));
        let revisions = release.revisions.iter();
        let revisions = revisions.map(|file| (file.name.to_owned(), file.sha256));
        let first = release.revisions.first();
        Self {
            release: release.name.to_owned(),
            files: sql.chain(revisions).collect(),
            revisions: first.and_then(|file| revisions_directory(file.name)),
        }
    }

    /// Whether the catalogue knows what the file must be. It knows nothing of templates, of revision files if the
    /// release was published without any, and of those in a directory that is not used because one before it has some.
    fn covers(&self, path: &str) -> bool {
        match (revisions_directory(path), self.revisions) {
            (None, _) => path.starts_with(SQL),
            (Some(_), None) => false,
            (Some(directory), Some(used)) => directory <= used,
        }
    }
}

fn revisions_directory(path: &str) -> Option<usize> {
    REVISIONS
        .iter()
        .position(|directory| path.starts_with(directory))
}

impl Verdict {
    fn compare(&mut self, published: &Published, files: &BTreeMap<String, Content>) {
        let unknown = |path: &String| published.revisions.is_none() && !published.covers(path);
        if files.keys().any(unknown) {
            self.notes.push(format!(
                "Procrastinate {} was published without revision files; the catalogue of releases does not know those of \
                 this source, so only its SQL was compared with the catalogue",
                published.release
            ));
        }
        let covered = files.keys().filter(|path| published.covers(path));
        let paths: BTreeSet<&String> = published.files.keys().chain(covered).collect();
        // Those are sorted by path.
        let of_record = self.modified.len();
        for path in paths {
            match (published.files.get(path), files.get(path)) {
                (_, None) => self.differs(of_record, path, "it is missing"),
                (None, _) => self.differs(of_record, path, "it is not part of the release"),
                (Some(digest), Some(content)) if *digest != content.digest() => {
                    self.differs(of_record, path, "its contents were changed");
                }
                (Some(_), Some(_)) => {}
            }
        }
        self.modified.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Adds a difference from the catalogue. The file may already be known to differ from `RECORD`.
    fn differs(&mut self, of_record: usize, path: &str, why: &'static str) {
        let of_record = &self.modified[..of_record];
        match of_record.binary_search_by(|known| known.path.as_str().cmp(path)) {
            Ok(index) => self.modified[index].evidence = Evidence::Both,
            Err(_) => self.modified.push(Modified {
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
    fn published(paths: &[&str]) -> Published {
        Published {
            release: "9.9.9".to_owned(),
            files: paths
                .iter()
                .map(|path| ((*path).to_owned(), Digest::of(path)))
                .collect(),
            revisions: paths.iter().find_map(|path| revisions_directory(path)),
        }
    }

    /// `path` for a file as published, `path!` for one that was changed.
    fn differences(published: &Published, files: &[&str]) -> Vec<(String, &'static str)> {
        let files = files.iter().map(|path| {
            let name = path.trim_end_matches('!').to_owned();
            (name, path.as_bytes().to_vec().into())
        });
        let mut verdict = Verdict::default();
        verdict.compare(published, &files.collect());
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
        for published in [published(&[MIGRATION]), published(&[MIGRATION, CONTRIB])] {
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
        for paths in [&[MIGRATION][..], &[MIGRATION, CONTRIB]] {
            let files = [paths, &[template]].concat();
            assert_eq!(differences(&published(paths), &files), []);
        }
    }

    #[test]
    fn published_revision_files_have_to_be_as_published_too() {
        let contrib = published(&[MIGRATION, CONTRIB]);
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
        let package = published(&[MIGRATION, PACKAGE]);
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
        let files = BTreeMap::from([(MIGRATION.to_owned(), b"other".to_vec().into())]);
        verdict.compare(&published(&[MIGRATION]), &files);
        assert_eq!(verdict.modified.len(), 1);
        assert_eq!(verdict.modified[0].evidence, Evidence::Both);
    }
}
