//! From a distribution's files to its migrations. Pure: it knows no file system.

use std::collections::BTreeMap;
use std::str::FromStr;

use pep440_rs::Version;

use super::genuine::Verdict;
use super::order::in_order;
use super::{Migration, Sql, Upstream, UpstreamError, Wrapper};
use crate::digest::Digest;
use crate::file_name::FileName;
use crate::procrastinate::{Layout, MigrationName, PACKAGE, REVISIONS, SQL};
use crate::python_source::RevisionFile;

/// The templates of an Alembic environment, in the directory above the revision files.
const TEMPLATES: [&str; 2] = ["env.py.template", "script.py.mako"];

/// Where templates may lie, relative to site-packages.
pub(super) fn templates() -> impl Iterator<Item = String> {
    REVISIONS.iter().flat_map(|directory| {
        let beside = directory.trim_end_matches("versions/");
        TEMPLATES.iter().map(move |name| format!("{beside}{name}"))
    })
}

/// The files of one distribution that matter here.
pub(super) struct Package {
    /// In words for people.
    pub(super) source: String,
    /// The name of the file that `metadata` came from.
    pub(super) metadata_name: String,
    pub(super) metadata: Vec<u8>,
    /// None where there is none, with the reason why the files go unverified.
    pub(super) record: Result<Vec<u8>, &'static str>,
    /// By path relative to site-packages, with `/`: those that [`is_wanted`] names.
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

/// Whether a file, named relative to site-packages, is a migration or a revision file.
pub(super) fn is_wanted(path: &str) -> bool {
    let direct = |directory: &str, ending: &str| {
        path.strip_prefix(directory)
            .is_some_and(|name| !name.contains('/') && name.ends_with(ending))
    };
    direct(SQL, ".sql")
        || templates().any(|template| template == path)
        || REVISIONS
            .iter()
            .any(|directory| direct(directory, ".py") && !path.ends_with("/__init__.py"))
}

impl Package {
    pub(super) fn read(self) -> Result<Upstream, UpstreamError> {
        let release = self.release()?;
        refuse_too_old(&release)?;
        let Verdict {
            modified,
            mut notes,
        } = self.verify(&release)?;
        let sql = self.sql()?;
        if sql.is_empty() {
            return Err(UpstreamError::NoMigrations {
                release,
                source_name: self.source,
            });
        }
        let templates = self.templates();
        let (layout, migrations) = match self.wrappers()? {
            None => (
                Layout::Sql,
                sql.into_values()
                    .map(|sql| Migration {
                        sql: Some(sql),
                        wrapper: None,
                    })
                    .collect(),
            ),
            Some((directory, wrappers)) => (
                Layout::Alembic,
                self.chain(directory, wrappers, sql, &mut notes)?,
            ),
        };
        Ok(Upstream {
            release,
            layout,
            source: self.source,
            root: None,
            migrations,
            templates,
            modified,
            notes,
            looked: Vec::new(),
        })
    }

    fn release(&self) -> Result<Version, UpstreamError> {
        let text = String::from_utf8_lossy(&self.metadata);
        let header = |wanted: &str| {
            text.lines()
                .take_while(|line| !line.trim().is_empty())
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.trim().to_owned())
        };
        match header("Name") {
            Some(name) if name.eq_ignore_ascii_case(PACKAGE) => {}
            Some(name) => {
                let why = format!("names another distribution, `{}`", name.escape_debug());
                return Err(self.bad_metadata(&self.metadata_name, why));
            }
            None => return Err(self.bad_metadata(&self.metadata_name, "has no `Name`".to_owned())),
        }
        let version = header("Version")
            .ok_or_else(|| self.bad_metadata(&self.metadata_name, "has no `Version`".to_owned()))?;
        Version::from_str(&version).map_err(|_| {
            let why = format!(
                "has the version `{}`, which PEP 440 does not allow",
                version.escape_debug()
            );
            self.bad_metadata(&self.metadata_name, why)
        })
    }

    /// What is not text is no template.
    fn templates(&self) -> BTreeMap<String, String> {
        let found = templates().filter_map(|path| {
            let text = String::from_utf8(self.files.get(&path)?.clone()).ok()?;
            let (_, name) = path.rsplit_once('/')?;
            Some((name.to_owned(), text))
        });
        found.collect()
    }

    fn sql(&self) -> Result<BTreeMap<String, Sql>, UpstreamError> {
        self.below(SQL)
            .map(|(path, name, bytes)| {
                let name = MigrationName::new(name).map_err(|error| self.bad_name(error))?;
                let sql = Sql {
                    text: self.text(path, bytes)?,
                    digest: Digest::of(bytes),
                    name,
                };
                Ok((sql.name.as_str().to_owned(), sql))
            })
            .collect()
    }

    /// The revision files of the first place that has any.
    fn wrappers(&self) -> Result<Option<(&'static str, Vec<Wrapper>)>, UpstreamError> {
        for directory in REVISIONS {
            let wrappers = self
                .below(directory)
                .map(|(path, name, bytes)| {
                    let file = FileName::new(name).map_err(|error| self.bad_name(error))?;
                    let text = self.text(path, bytes)?;
                    let revision =
                        RevisionFile::parse(&text).map_err(|error| UpstreamError::BadRevision {
                            file: path.to_owned(),
                            source_name: self.source.clone(),
                            error,
                        })?;
                    Ok(Wrapper {
                        file,
                        path: path.to_owned(),
                        text,
                        revision,
                    })
                })
                .collect::<Result<Vec<_>, UpstreamError>>()?;
            if !wrappers.is_empty() {
                return Ok(Some((directory, wrappers)));
            }
        }
        Ok(None)
    }

    fn chain(
        &self,
        directory: &str,
        wrappers: Vec<Wrapper>,
        mut sql: BTreeMap<String, Sql>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Migration>, UpstreamError> {
        let other = REVISIONS
            .iter()
            .find(|place| **place != directory && self.below(place).next().is_some());
        if let Some(other) = other {
            notes.push(format!(
                "both `{directory}` and `{other}` hold revision files; the first was used"
            ));
        }
        let bad_chain = |why| UpstreamError::BadChain {
            source_name: self.source.clone(),
            why,
        };
        let mut migrations = Vec::with_capacity(wrappers.len());
        let shipped = sql.clone();
        for wrapper in in_order(wrappers).map_err(bad_chain)? {
            let named = match wrapper.revision.sql.as_slice() {
                [] => None,
                [name] => Some(shipped.get(name).cloned().ok_or_else(|| {
                    bad_chain(format!(
                        "`{}` runs `{name}`, which the release does not ship",
                        wrapper.file
                    ))
                })?),
                several => {
                    let why = format!(
                        "`{}` runs several SQL files ({})",
                        wrapper.file,
                        several.join(", ")
                    );
                    return Err(bad_chain(why));
                }
            };
            if let Some(named) = &named
                && sql.remove(named.name.as_str()).is_none()
            {
                return Err(bad_chain(format!(
                    "`{}` is run by more than one revision",
                    named.name
                )));
            }
            migrations.push(Migration {
                sql: named,
                wrapper: Some(wrapper),
            });
        }
        // SQL that no revision file runs keeps its place by name; what becomes of it is the plan's affair.
        for sql in sql.into_values() {
            let before = |migration: &Migration| {
                migration
                    .sql
                    .as_ref()
                    .is_some_and(|other| other.name < sql.name)
            };
            let place = migrations
                .iter()
                .rposition(before)
                .map_or(0, |index| index + 1);
            migrations.insert(
                place,
                Migration {
                    sql: Some(sql),
                    wrapper: None,
                },
            );
        }
        Ok(migrations)
    }

    /// The wanted files right below a directory: path, name, bytes.
    fn below<'a>(
        &'a self,
        directory: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a [u8])> {
        self.files.iter().filter_map(move |(path, bytes)| {
            Some((
                path.as_str(),
                path.strip_prefix(directory)?,
                bytes.as_slice(),
            ))
        })
    }

    fn text(&self, path: &str, bytes: &[u8]) -> Result<String, UpstreamError> {
        String::from_utf8(bytes.to_vec()).map_err(|error| UpstreamError::NotText {
            file: path.to_owned(),
            source_name: self.source.clone(),
            offset: error.utf8_error().valid_up_to(),
        })
    }

    fn bad_name(&self, error: crate::file_name::BadFileName) -> UpstreamError {
        UpstreamError::BadName {
            source_name: self.source.clone(),
            error,
        }
    }

    pub(super) fn bad_metadata(&self, file: &str, why: String) -> UpstreamError {
        UpstreamError::BadMetadata {
            file: file.to_owned(),
            source_name: self.source.clone(),
            why,
        }
    }
}

/// The first releases named their migrations in other ways.
pub(super) fn refuse_too_old(release: &Version) -> Result<(), UpstreamError> {
    if *release < Version::new([0, 17, 0]) {
        return Err(UpstreamError::TooOld(release.clone()));
    }
    Ok(())
}
