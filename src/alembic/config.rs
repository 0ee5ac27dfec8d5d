//! Where a project's Alembic keeps its scripts: `script_location` and `version_locations`, from `alembic.ini` or
//! `[tool.alembic]` in `pyproject.toml`, read as Alembic's `Config` reads them.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::ini::Ini;
use super::locations::{Locations, Setting};

/// What Alembic's configuration says of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlembicConfig {
    /// The file that says so, relative to the project; none where `alembic/env.py` was found without one.
    pub file: Option<Utf8PathBuf>,
    /// Relative to the project, or absolute.
    pub script_location: Utf8PathBuf,
    /// What it says of version locations.
    pub locations: Locations,
}

/// Alembic's configuration cannot be found or read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Reading failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Nothing to go by.
    #[error(
        "no Alembic project in `{0}`: neither `alembic.ini`, nor `[tool.alembic]` in `pyproject.toml`, nor `alembic/env.py`"
    )]
    NotFound(Utf8PathBuf),
    /// The file that the user named is not there.
    #[error("there is no Alembic configuration `{0}`")]
    NoFile(Utf8PathBuf),
    /// The section is not in the file.
    #[error("`{file}` has no section `[{section}]` with a `script_location`")]
    NoLocation {
        /// The file.
        file: Utf8PathBuf,
        /// The section.
        section: String,
    },
    /// A value that Alembic would refuse as well.
    #[error("`{file}`, line {line}: {why}")]
    Syntax {
        /// The file.
        file: Utf8PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// A `package:path` location whose package is not in the project.
    #[error(
        "`{file}` names the script location `{location}`, and the package `{package}` is not in the project"
    )]
    Package {
        /// The file.
        file: Utf8PathBuf,
        /// The value.
        location: String,
        /// Its package.
        package: String,
    },
    /// Not TOML.
    #[error("`{file}` does not parse\n{why}")]
    Toml {
        /// The file.
        file: Utf8PathBuf,
        /// The TOML library's words, with the line.
        why: String,
    },
}

impl ConfigError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Io(_) => {
                "check that the file can be read and is UTF-8 text; `--config` names another"
                    .to_owned()
            }
            Self::Syntax { .. } | Self::Toml { .. } => {
                "mend the line; Alembic cannot read the file either".to_owned()
            }
            Self::NotFound(_) => {
                "run `alembic init alembic` there, name the project with `--project`, or its \
                configuration with `--config`"
                    .to_owned()
            }
            Self::NoFile(_) => "`--config` is relative to the project".to_owned(),
            Self::NoLocation { .. } => {
                "name the section with `--name`, or set `directory` in the settings".to_owned()
            }
            Self::Package { .. } => {
                "set `directory` in the settings to the vendored directory".to_owned()
            }
        }
    }
}

impl AlembicConfig {
    /// Reads the configuration of the project at `root`; `config` and `section` are the user's `-c` and `-n`.
    pub fn find(
        root: &Utf8Path,
        config: Option<&Utf8Path>,
        section: &str,
    ) -> Result<Self, ConfigError> {
        let name = config.unwrap_or(Utf8Path::new("alembic.ini"));
        match fs_err::read_to_string(root.join(name)) {
            Ok(text) if name.extension() == Some("toml") => Self::from_toml(root, name, &text)?
                .ok_or_else(|| ConfigError::NoLocation {
                    file: name.to_owned(),
                    section: "tool.alembic".to_owned(),
                }),
            Ok(text) => Self::from_ini(root, name, section, &text),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            Err(_) if config.is_some() => Err(ConfigError::NoFile(name.to_owned())),
            Err(_) => Self::without_ini(root),
        }
    }

    fn without_ini(root: &Utf8Path) -> Result<Self, ConfigError> {
        let name = Utf8Path::new("pyproject.toml");
        match fs_err::read_to_string(root.join(name)) {
            Ok(text) => {
                if let Some(config) = Self::from_toml(root, name, &text)? {
                    return Ok(config);
                }
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Err(_) => {}
        }
        // A project that builds its configuration in Python still keeps its environment somewhere.
        if root.join("alembic/env.py").is_file() {
            let script_location = Utf8PathBuf::from("alembic");
            return Ok(Self {
                file: None,
                script_location,
                locations: Locations::Python,
            });
        }
        Err(ConfigError::NotFound(root.to_owned()))
    }

    fn from_ini(
        root: &Utf8Path,
        name: &Utf8Path,
        section: &str,
        text: &str,
    ) -> Result<Self, ConfigError> {
        let ini = Ini::parse(text, section).map_err(|(line, why)| ConfigError::Syntax {
            file: name.to_owned(),
            line,
            why,
        })?;
        let here = here(root, name)?;
        let value = |key: &str| {
            ini.value(key, &here).map_err(|why| ConfigError::Syntax {
                file: name.to_owned(),
                line: ini.line(key),
                why,
            })
        };
        let location = match (value("script_location")?, Self::from_pyproject(root, name)?) {
            (Some(location), _) => location,
            (None, Some(config)) => return Ok(config),
            (None, None) => {
                return Err(ConfigError::NoLocation {
                    file: name.to_owned(),
                    section: section.to_owned(),
                });
            }
        };
        Ok(Self {
            script_location: resolve(root, name, &location)?,
            locations: Locations::Ini {
                value: value("version_locations")?.filter(|value| !value.trim().is_empty()),
                versions: Setting::of(&ini, "version_locations"),
                path_separator: Setting::of(&ini, "path_separator"),
                version_path_separator: Setting::of(&ini, "version_path_separator"),
            },
            file: Some(name.to_owned()),
        })
    }

    /// `pyproject.toml` beside an ini that leaves `script_location` out, as Alembic's `pyproject` template does.
    fn from_pyproject(root: &Utf8Path, ini: &Utf8Path) -> Result<Option<Self>, ConfigError> {
        let name = ini.with_file_name("pyproject.toml");
        match fs_err::read_to_string(root.join(&name)) {
            Ok(text) => Self::from_toml(root, &name, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn from_toml(
        root: &Utf8Path,
        name: &Utf8Path,
        text: &str,
    ) -> Result<Option<Self>, ConfigError> {
        let document: toml::Table =
            toml::from_str(text).map_err(|error: toml::de::Error| ConfigError::Toml {
                file: name.to_owned(),
                why: error.to_string().trim_end().to_owned(),
            })?;
        let Some(alembic) = document.get("tool").and_then(|tool| tool.get("alembic")) else {
            return Ok(None);
        };
        let Some(location) = alembic.get("script_location").and_then(toml::Value::as_str) else {
            return Ok(None);
        };
        let here = here(root, name)?;
        let expand = |value: &str| value.replace("%(here)s", here.as_str()).replace("%%", "%");
        let entries = alembic
            .get("version_locations")
            .and_then(toml::Value::as_array);
        let strings = |entries: &toml::value::Array| -> Vec<String> {
            entries
                .iter()
                .filter_map(toml::Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        let written = entries.map(strings).unwrap_or_default();
        let locations = Locations::Toml {
            entries: written.iter().map(|entry| expand(entry)).collect(),
            written,
        };
        Ok(Some(Self {
            script_location: resolve(root, name, &expand(location))?,
            locations,
            file: Some(name.to_owned()),
        }))
    }
}

/// `%(here)s`: the directory of the configuration file.
fn here(root: &Utf8Path, name: &Utf8Path) -> io::Result<Utf8PathBuf> {
    let file = camino::absolute_utf8(root.join(name))?;
    Ok(file
        .parent()
        .map_or_else(|| file.clone(), Utf8Path::to_owned))
}

/// A location as a path: relative to the project where it lies inside, and `package:path` by the package's directory.
fn resolve(root: &Utf8Path, file: &Utf8Path, location: &str) -> Result<Utf8PathBuf, ConfigError> {
    let location = location.trim();
    let path = match location.split_once(':') {
        Some((package, path)) if !Utf8Path::new(location).is_absolute() && package.len() > 1 => {
            let directory = package.replace('.', "/");
            let found = [directory.clone(), format!("src/{directory}")]
                .into_iter()
                .find(|d| root.join(d).is_dir());
            let found = found.ok_or_else(|| ConfigError::Package {
                file: file.to_owned(),
                location: location.to_owned(),
                package: package.to_owned(),
            })?;
            Utf8PathBuf::from(found).join(path)
        }
        _ => Utf8PathBuf::from(location),
    };
    let absolute_root = camino::absolute_utf8(root)?;
    Ok(path
        .strip_prefix(&absolute_root)
        .map_or_else(|_| path.clone(), Utf8Path::to_owned))
}
