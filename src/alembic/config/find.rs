//! Finds the files of a configuration: the ones that the user names, else those in the project's root, else the only
//! one below it.

use camino::{Utf8Path, Utf8PathBuf};

use super::candidate::Reader;
use super::packages::normal;
use super::programs::{self, Below};
use super::{AlembicConfig, ConfigError, Refusal, Rules};
use crate::environment::Environments;
use crate::environment::distribution;
use crate::nearest;
use crate::place::Line;

pub(super) const INI: &str = "alembic.ini";
pub(super) const PYPROJECT: &str = "pyproject.toml";

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub root: &'a Utf8Path,
    /// `-c`, relative to the root.
    pub config: Option<&'a Utf8Path>,
    pub section: &'a str,
    /// Where Alembic may be installed.
    pub environments: &'a Environments,
}

/// The file to go by.
pub(super) struct Chosen {
    /// Absolute.
    pub(super) file: Utf8PathBuf,
    /// Whether it is a `pyproject.toml`.
    pub(super) toml: bool,
    /// The directories in which `alembic` may be run, the likelier first.
    pub(super) working_directories: Vec<Utf8PathBuf>,
    /// Why it was chosen, if that is not plain.
    pub(super) note: Option<String>,
}

/// Reads the project's configuration.
pub fn find(wanted: &Wanted<'_>) -> Result<AlembicConfig, ConfigError> {
    let (rules, site) = match distribution::find(wanted.environments, "alembic") {
        Ok(found) => (
            Rules::Installed {
                version: found.version,
                place: found.place,
            },
            Some(found.site),
        ),
        Err(why) => (Rules::Newest { why }, None),
    };
    let reader = Reader {
        root: normal(&camino::absolute_utf8(wanted.root)?, ""),
        section: wanted.section,
        environments: wanted.environments,
        site,
        rules,
    };
    let chosen = match wanted.config {
        Some(config) => Some(named(&reader, config)?),
        None => unnamed(&reader)?,
    };
    let mut config = match chosen {
        Some(chosen) => read(reader, &chosen)?,
        None => reader.by_programs(None)?,
    };
    if let (None, Some(variable)) = (wanted.config, &wanted.environments.alembic_config) {
        config.notes.push(format!(
            "ALEMBIC_CONFIG (`{}`) is set, and alembic obeys it; this program does not, name the file with `--config`",
            variable.display()
        ));
    }
    Ok(config)
}

fn named(reader: &Reader<'_>, config: &Utf8Path) -> Result<Chosen, ConfigError> {
    let file = normal(&reader.root, config);
    if !file.exists() {
        return Err(ConfigError::NoFile {
            file: config.to_owned(),
            near: near(reader, &file),
        });
    }
    let mut working_directories = vec![reader.root.clone()];
    working_directories.extend(other_directory(&file, &reader.root));
    Ok(Chosen {
        toml: file.file_name() == Some(PYPROJECT),
        file,
        working_directories,
        note: None,
    })
}

/// A configuration by a similar name, or else the one in the root, relative to it.
fn near(reader: &Reader<'_>, missing: &Utf8Path) -> Option<Utf8PathBuf> {
    let usual = || Some(reader.root.join(INI)).filter(|ini| ini.is_file());
    let found = nearest::path(missing, Utf8Path::is_file).or_else(usual)?;
    Some(
        found
            .strip_prefix(&reader.root)
            .unwrap_or(&found)
            .to_owned(),
    )
}

fn unnamed(reader: &Reader<'_>) -> Result<Option<Chosen>, ConfigError> {
    let root = &reader.root;
    let ini = root.join(INI);
    if ini.exists() {
        return Ok(Some(Chosen {
            file: ini,
            toml: false,
            working_directories: vec![root.clone()],
            note: None,
        }));
    }
    let toml = root.join(PYPROJECT);
    if reader.toml(&toml)?.is_some() {
        return Ok(Some(Chosen {
            file: toml,
            toml: true,
            working_directories: vec![root.clone()],
            note: None,
        }));
    }
    let Below { files, .. } = programs::below(root)?;
    match files.as_slice() {
        [] => Ok(None),
        [(file, toml)] => {
            // Nobody names a file that is run from the root without need, so it is run where it lies.
            let mut working_directories = Vec::from_iter(other_directory(file, root));
            working_directories.push(root.clone());
            Ok(Some(Chosen {
                file: file.clone(),
                toml: *toml,
                working_directories,
                note: Some(format!(
                    "took `{}`: the project's root has no configuration of Alembic",
                    reader.shown(file)
                )),
            }))
        }
        _ => Err(ConfigError::Several(
            files.iter().map(|(file, _)| reader.shown(file)).collect(),
        )),
    }
}

fn read(reader: Reader<'_>, chosen: &Chosen) -> Result<AlembicConfig, ConfigError> {
    if !chosen.toml || reader.rules.reads_toml() {
        return reader.read(chosen);
    }
    unreadable(reader, chosen)
}

/// `[tool.alembic]`, and an Alembic that does not know it: read by the newest rules, and refused.
pub(super) fn unreadable(
    mut reader: Reader<'_>,
    chosen: &Chosen,
) -> Result<AlembicConfig, ConfigError> {
    let why = format!("{} does not read `pyproject.toml`; 1.16 does", reader.rules);
    let newest = Rules::Newest { why: why.clone() };
    let rules = std::mem::replace(&mut reader.rules, newest);
    let mut config = reader.read(chosen)?;
    let place = config.script_location.place.clone();
    let place = place.or_else(|| Some(Line::new(config.file.clone()?, 1)));
    config.rules = rules;
    config.refusals.insert(
        0,
        Refusal {
            setting: None,
            place,
            why,
        },
    );
    Ok(config)
}

/// The file's own directory, unless it is the root.
fn other_directory(file: &Utf8Path, root: &Utf8Path) -> Option<Utf8PathBuf> {
    let directory = file.parent()?;
    (directory != root).then(|| directory.to_owned())
}
