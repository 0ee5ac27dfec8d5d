//! From a distribution's files to its migrations. Pure: it knows no file system.

use std::collections::BTreeMap;
use std::str::FromStr;

use camino::Utf8PathBuf;
use pep440_rs::Version;

use super::genuine::{self, Verdict};
use super::order::migrations;
use super::record;
use super::{Sql, Upstream, UpstreamError, Wrapper};
use crate::digest::Content;
use crate::file_name::{BadFileName, FileName};
use crate::procrastinate::{Layout, MigrationName, PACKAGE, REVISIONS, SCHEMA, SQL, is_older};
use crate::python_source::RevisionFile;

/// Where the templates of an Alembic environment may lie, relative to site-packages: above the revision files.
pub(super) fn templates() -> impl Iterator<Item = String> {
    let above = REVISIONS.iter().copied().map(above);
    above.flat_map(|above| TEMPLATES.map(|name| format!("{above}{name}")))
}

const TEMPLATES: [&str; 2] = ["env.py.template", "script.py.mako"];

fn above(directory: &str) -> &str {
    directory.trim_end_matches("versions/")
}

fn is_template(path: &str) -> bool {
    let mut above = REVISIONS.iter().copied().map(above);
    above.any(|above| {
        path.strip_prefix(above)
            .is_some_and(|name| TEMPLATES.contains(&name))
    })
}

/// The files of one distribution that are read.
pub(super) struct Package {
    pub(super) source: String,
    /// The directory that holds it, where that is importable.
    pub(super) root: Option<Utf8PathBuf>,
    /// The name of the file that `metadata` came from.
    pub(super) metadata_name: String,
    pub(super) metadata: Vec<u8>,
    /// The error is the reason why the files cannot be verified.
    pub(super) record: Result<Vec<u8>, &'static str>,
    /// By path relative to site-packages, with `/`: those for which [`is_wanted`] is true.
    pub(super) files: BTreeMap<String, Content>,
}

/// Whether a file, named relative to site-packages, is a migration, a revision file or a template.
pub(super) fn is_wanted(path: &str) -> bool {
    let in_directory = |directory: &str, ending: &str| {
        path.strip_prefix(directory)
            .is_some_and(|name| !name.contains('/') && name.ends_with(ending))
    };
    let mut revisions = REVISIONS.iter();
    in_directory(SQL, ".sql")
        || is_template(path)
        || !path.ends_with("/__init__.py")
            && revisions.any(|directory| in_directory(directory, ".py"))
}

/// How much of a release was read so far. All of Procrastinate is smaller than 1 MiB.
#[derive(Default)]
pub(super) struct Size {
    files: usize,
    bytes: usize,
}

impl Size {
    pub(super) const MOST_FILES: usize = 100_000;
    const MOST_MEBIBYTES: usize = 128;

    /// Counts a file. The error says why no more is read.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.files += 1;
        self.bytes += bytes.len();
        match self.files > Self::MOST_FILES || self.bytes > Self::MOST_MEBIBYTES << 20 {
            true => Err(Self::too_much()),
            false => Ok(()),
        }
    }

    pub(super) fn too_much() -> String {
        format!(
            "has more migrations and revision files than are read of a release: {} of them, or {} MiB",
            Self::MOST_FILES,
            Self::MOST_MEBIBYTES
        )
    }
}

impl Package {
    pub(super) fn read(mut self) -> Result<Upstream, UpstreamError> {
        let release = self.release()?;
        refuse_too_old(&release)?;
        let Verdict {
            modified,
            mut notes,
        } = genuine::verify(&self, &release)?;
        let sql = self.sql()?;
        if sql.is_empty() {
            return Err(UpstreamError::NoMigrations {
                release,
                source_name: self.source,
            });
        }
        let templates = self.templates();
        let wrappers = self.wrappers(&mut notes)?;
        let layout = match wrappers.as_slice() {
            [] => Layout::Sql,
            _ => Layout::Alembic,
        };
        let migrations = migrations(wrappers, sql).map_err(|why| UpstreamError::BadChain {
            source_name: self.source.clone(),
            why,
        })?;
        let version = release.clone();
        let (release, likeness) = genuine::like(release, &migrations);
        notes.extend(likeness);
        Ok(Upstream {
            release,
            version,
            layout,
            migrations,
            source: self.source,
            root: self.root,
            templates,
            schema: self
                .record
                .ok()
                .and_then(|record| record::listed(&record, SCHEMA)),
            modified,
            notes,
            looked: Vec::new(),
            elsewhere: Vec::new(),
        })
    }

    /// From the headers `Name` and `Version`.
    fn release(&self) -> Result<Version, UpstreamError> {
        let text = String::from_utf8_lossy(&self.metadata);
        let bad = |why: String| self.bad_file(&self.metadata_name, why);
        let header = |wanted: &str| {
            text.lines()
                .take_while(|line| !line.trim().is_empty())
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.trim())
                .ok_or_else(|| bad(format!("has no `{wanted}`")))
        };
        let name = header("Name")?;
        if !name.eq_ignore_ascii_case(PACKAGE) {
            let name = name.escape_debug();
            return Err(bad(format!("names another distribution, `{name}`")));
        }
        let version = header("Version")?;
        Version::from_str(version).map_err(|_| {
            let version = version.escape_debug();
            bad(format!(
                "has the version `{version}`, which PEP 440 does not allow"
            ))
        })
    }

    /// By name; a file that is not UTF-8 is left out.
    fn templates(&self) -> BTreeMap<String, String> {
        let found = templates().filter_map(|path| {
            let text = String::from_utf8(self.files.get(&path)?.to_vec()).ok()?;
            let (_, name) = path.rsplit_once('/')?;
            Some((name.to_owned(), text))
        });
        found.collect()
    }

    /// By name.
    fn sql(&mut self) -> Result<BTreeMap<String, Sql>, UpstreamError> {
        let of_sql = self.take_below(SQL);
        let sql = |(path, content): (String, Content)| {
            let name = path.strip_prefix(SQL).unwrap_or(&path);
            let sql = Sql {
                name: MigrationName::new(name).map_err(|error| self.bad_name(error))?,
                digest: content.digest(),
                text: self.text(&path, content)?,
            };
            Ok((name.to_owned(), sql))
        };
        of_sql.into_iter().map(sql).collect()
    }

    /// The revision files of the first directory that has any.
    fn wrappers(&mut self, notes: &mut Vec<String>) -> Result<Vec<Wrapper>, UpstreamError> {
        let has_files =
            |directory: &&str| self.files.keys().any(|path| path.starts_with(*directory));
        let mut used = REVISIONS.into_iter().filter(has_files);
        let Some(directory) = used.next() else {
            return Ok(Vec::new());
        };
        if let Some(other) = used.next() {
            notes.push(format!(
                "both `{directory}` and `{other}` hold revision files; the first was used"
            ));
        }
        let of_directory = self.take_below(directory);
        let wrapper = |(path, content): (String, Content)| {
            let name = path.strip_prefix(directory).unwrap_or(&path);
            let file = FileName::new(name).map_err(|error| self.bad_name(error))?;
            let digest = content.digest();
            let text = self.text(&path, content)?;
            let revision =
                RevisionFile::parse(&text).map_err(|error| UpstreamError::BadRevision {
                    file: path.clone(),
                    source_name: self.source.clone(),
                    error,
                })?;
            Ok(Wrapper {
                file,
                path,
                text,
                digest,
                revision,
            })
        };
        of_directory.into_iter().map(wrapper).collect()
    }

    /// The wanted files right below a directory. They are needed once.
    fn take_below(&mut self, directory: &str) -> BTreeMap<String, Content> {
        self.files
            .extract_if(.., |path, _| path.starts_with(directory))
            .collect()
    }

    fn text(&self, path: &str, content: Content) -> Result<String, UpstreamError> {
        String::from_utf8(content.into_bytes()).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            self.bad_file(path, format!("is not UTF-8 text (byte {offset})"))
        })
    }

    fn bad_name(&self, error: BadFileName) -> UpstreamError {
        UpstreamError::BadName {
            source_name: self.source.clone(),
            why: error.to_string(),
        }
    }

    pub(super) fn bad_file(&self, file: &str, why: String) -> UpstreamError {
        UpstreamError::bad_file(file, &self.source, why)
    }
}

pub(super) fn refuse_too_old(release: &Version) -> Result<(), UpstreamError> {
    match is_older(release, &Version::new([0, 17, 0])) {
        true => Err(UpstreamError::TooOld(release.clone())),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_many_files_nor_long_ones_are_read_without_an_end() {
        let mut size = Size::default();
        for _ in 0..Size::MOST_FILES {
            size.add(b"SELECT 1;\n").unwrap();
        }
        assert!(size.add(b"").unwrap_err().contains("100000 of them"));
    }
}
