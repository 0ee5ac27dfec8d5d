//! Finds the files of a configuration: the ones that the user names, else those in the project's root, else the only
//! one below it.

use camino::{Utf8Path, Utf8PathBuf};

use super::packages::normal;
use super::programs::below;
use super::pyproject::Pyproject;
use super::reader::Reader;
use super::unnamed::{scripts_alone, scripts_in, unread_toml};
use super::{AlembicConfig, ConfigError, Rules, Sources};
use crate::environment::Environments;
use crate::environment::distribution::{self, Installed};
use crate::nearest;
use crate::read;

pub(super) const INI: &str = "alembic.ini";
pub(super) const PYPROJECT: &str = "pyproject.toml";

#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub root: &'a Utf8Path,
    /// `-c`, relative to the root.
    pub config: Option<&'a Utf8Path>,
    /// The script directory of a project without a configuration file, relative to the root.
    pub script_location: Option<&'a Utf8Path>,
    pub section: &'a str,
    /// Where Alembic may be installed.
    pub environments: &'a Environments,
}

/// The file that is read first. Alembic may read the other kind of file beside it.
pub(super) struct Chosen {
    /// Absolute.
    pub(super) file: Utf8PathBuf,
    /// The directories in which `alembic` may be run, the likelier first.
    pub(super) working_directories: Vec<Utf8PathBuf>,
    /// Why it was chosen, if the user has to know.
    pub(super) note: Option<String>,
}

impl Chosen {
    pub(super) fn is_toml(&self) -> bool {
        self.file.file_name() == Some(PYPROJECT)
    }

    pub(super) fn run_in(working_directory: &Utf8Path, file: Utf8PathBuf) -> Self {
        Self {
            file,
            working_directories: vec![working_directory.to_owned()],
            note: None,
        }
    }
}

/// What Alembic reads if it is run in this directory: an ini, or a `pyproject.toml` with a table for it.
pub fn in_directory(directory: &Utf8Path) -> Option<Utf8PathBuf> {
    let ini = directory.join(INI);
    if ini.is_file() {
        return Some(ini);
    }
    let toml = directory.join(PYPROJECT);
    let text = read::text(&toml).ok()?;
    let has_table = matches!(Pyproject::parse(&text), Ok(Some(_)));
    has_table.then_some(toml)
}

/// The configurations below a directory, absolute.
pub fn configurations(directory: &Utf8Path) -> Vec<Utf8PathBuf> {
    below(directory).unwrap_or_default().files
}

/// The same; where there is none, the script directories.
pub fn beneath(directory: &Utf8Path) -> Vec<Utf8PathBuf> {
    let below = below(directory).unwrap_or_default();
    match below.files.is_empty() {
        true => below.scripts,
        false => below.files,
    }
}

pub fn find(wanted: &Wanted<'_>) -> Result<AlembicConfig, ConfigError> {
    let reader = Reader {
        root: normal(&camino::absolute_utf8(wanted.root)?, ""),
        section: wanted.section,
        environments: wanted.environments,
        rules: rules(wanted.environments),
    };
    if let Some(directory) = wanted.script_location {
        return scripts_in(&reader, directory);
    }
    let chosen = match wanted.config {
        Some(config) => Some(named(&reader, config)?),
        None => unnamed(&reader)?,
    };
    // An environment beside the configuration comes before those of the project.
    let directory = chosen.as_ref().and_then(|chosen| chosen.file.parent());
    let below = directory.and_then(|directory| directory.strip_prefix(&reader.root).ok());
    let nearer = wanted
        .environments
        .beside(below.unwrap_or(Utf8Path::new("")));
    let reader = match nearer.beside.as_str().is_empty() {
        true => reader,
        false => Reader {
            environments: &nearer,
            rules: rules(&nearer),
            ..reader
        },
    };
    let mut config = match chosen {
        Some(chosen) if chosen.is_toml() && !reader.rules.reads_toml() => {
            unread_toml(&reader, &chosen)?
        }
        Some(chosen) => reader.read(&chosen)?,
        None => scripts_alone(&reader, Sources::default())?,
    };
    if let (None, Some(variable)) = (wanted.config, &wanted.environments.alembic_config) {
        config.notes.push(format!(
            "ALEMBIC_CONFIG (`{}`) is set, and alembic uses it, but this program does not: name the file with `--config`",
            variable.display()
        ));
    }
    Ok(config)
}

fn rules(environments: &Environments) -> Rules {
    match distribution::find(environments, "alembic") {
        Ok(Installed { version, place, .. }) => Rules::Installed { version, place },
        Err(why) => Rules::Newest { why },
    }
}

fn named(reader: &Reader<'_>, config: &Utf8Path) -> Result<Chosen, ConfigError> {
    let file = normal(&reader.root, config);
    if read::metadata(&file)?.is_none() {
        let usual = || Some(reader.root.join(INI)).filter(|ini| ini.is_file());
        let near = nearest::path(&file, Utf8Path::is_file).or_else(usual);
        return Err(ConfigError::NoFile {
            file: config.to_owned(),
            near: near.map(|near| reader.shown(&near)),
        });
    }
    let other = other_directory(&file, &reader.root);
    let mut chosen = Chosen::run_in(&reader.root, file);
    chosen.working_directories.extend(other);
    Ok(chosen)
}

fn unnamed(reader: &Reader<'_>) -> Result<Option<Chosen>, ConfigError> {
    let root = &reader.root;
    let (ini, toml) = (root.join(INI), root.join(PYPROJECT));
    if read::metadata(&ini)?.is_some() {
        return Ok(Some(Chosen::run_in(root, ini)));
    }
    if reader.toml(&toml)?.is_some() {
        return Ok(Some(Chosen::run_in(root, toml)));
    }
    let files = below(root)?.files;
    let [file] = files.as_slice() else {
        let shown: Vec<Utf8PathBuf> = files.iter().map(|file| reader.shown(file)).collect();
        return match shown.is_empty() {
            true => Ok(None),
            false => Err(ConfigError::Several(shown)),
        };
    };
    // Without `--config`, alembic finds the file only in the directory of the file, so that is the likelier one.
    let mut working_directories = Vec::from_iter(other_directory(file, root));
    working_directories.push(root.clone());
    Ok(Some(Chosen {
        file: file.clone(),
        working_directories,
        note: Some(format!(
            "took `{}`: the project's root has no configuration of Alembic",
            reader.shown(file)
        )),
    }))
}

/// The file's own directory, unless it is the root.
fn other_directory(file: &Utf8Path, root: &Utf8Path) -> Option<Utf8PathBuf> {
    let directory = file.parent()?;
    (directory != root).then(|| directory.to_owned())
}
