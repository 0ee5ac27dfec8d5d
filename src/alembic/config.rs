//! Where a project's Alembic keeps its scripts: `script_location` and `version_locations`, from `alembic.ini` or
//! `[tool.alembic]` in `pyproject.toml`, read as Alembic's `Config` reads them.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

/// What Alembic's configuration says of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlembicConfig {
    /// The file that says so, relative to the project; none where `alembic/env.py` was found without one.
    pub file: Option<Utf8PathBuf>,
    /// Relative to the project, or absolute.
    pub script_location: Utf8PathBuf,
    /// The raw values of `version_locations`; none if it is not set.
    pub version_locations: Option<String>,
}

/// Alembic's configuration cannot be found or read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Reading failed.
    #[error("{0}")]
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
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Io(_) | Self::Syntax { .. } | Self::Toml { .. } => return None,
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
        })
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
                version_locations: None,
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
            version_locations: value("version_locations")?.filter(|value| !value.trim().is_empty()),
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
        let locations = alembic
            .get("version_locations")
            .and_then(toml::Value::as_array)
            .map(|locations| {
                locations
                    .iter()
                    .filter_map(toml::Value::as_str)
                    .map(expand)
                    .collect::<Vec<_>>()
                    .join("\n")
            });
        Ok(Some(Self {
            script_location: resolve(root, name, &expand(location))?,
            version_locations: locations,
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

/// One section of an ini file over its `DEFAULT`, as Python's `configparser` reads it.
struct Ini {
    values: BTreeMap<String, (usize, String)>,
}

impl Ini {
    fn parse(text: &str, section: &str) -> Result<Self, (usize, String)> {
        let mut values: BTreeMap<String, (usize, String)> = BTreeMap::new();
        let mut defaults = BTreeMap::new();
        let mut current: Option<&str> = None;
        let mut key: Option<String> = None;
        for (index, line) in text.lines().enumerate() {
            let trimmed = line.trim();
            if trimmed.starts_with(['#', ';']) {
                continue;
            }
            let map = match current {
                Some(name) if name == section => Some(&mut values),
                Some("DEFAULT") => Some(&mut defaults),
                _ => None,
            };
            if line.starts_with([' ', '\t']) && key.is_some() {
                if let (Some(map), Some(key)) = (map, &key)
                    && let Some((_, value)) = map.get_mut(key)
                {
                    value.push('\n');
                    value.push_str(trimmed);
                }
            } else if trimmed.is_empty() {
                continue;
            } else if let Some(name) = trimmed
                .strip_prefix('[')
                .and_then(|rest| rest.split_once(']'))
            {
                current = Some(name.0);
                key = None;
            } else if let Some(at) = trimmed.find(['=', ':']) {
                let name = trimmed[..at].trim_end().to_lowercase();
                if let Some(map) = map {
                    map.insert(
                        name.clone(),
                        (index + 1, trimmed[at + 1..].trim().to_owned()),
                    );
                }
                key = Some(name);
            } else {
                return Err((
                    index + 1,
                    format!(
                        "`{}` is neither a section nor a setting",
                        trimmed.escape_debug()
                    ),
                ));
            }
        }
        defaults.extend(values);
        Ok(Self { values: defaults })
    }

    fn line(&self, key: &str) -> usize {
        self.values.get(key).map_or(1, |(line, _)| *line)
    }

    /// The value with its `%(name)s` replaced.
    fn value(&self, key: &str, here: &Utf8Path) -> Result<Option<String>, String> {
        self.values
            .get(key)
            .map(|(_, value)| self.interpolated(value.trim(), here, 0))
            .transpose()
    }

    fn interpolated(&self, value: &str, here: &Utf8Path, depth: usize) -> Result<String, String> {
        const DEEPEST: usize = 10;
        if depth > DEEPEST {
            return Err("its interpolation has no end".to_owned());
        }
        let mut text = String::new();
        let mut rest = value;
        while let Some((plain, after)) = rest.split_once('%') {
            text.push_str(plain);
            if let Some(after) = after.strip_prefix('%') {
                text.push('%');
                rest = after;
            } else if let Some((name, after)) = after
                .strip_prefix('(')
                .and_then(|after| after.split_once(")s"))
            {
                let name = name.to_lowercase();
                match self.values.get(&name) {
                    Some((_, value)) => {
                        text.push_str(&self.interpolated(value, here, depth + 1)?)
                    }
                    None if name == "here" => text.push_str(here.as_str()),
                    None => return Err(format!("`%({name})s` names no setting")),
                }
                rest = after;
            } else {
                return Err("a `%` has to be written `%%`, or begin a `%(name)s`".to_owned());
            }
        }
        text.push_str(rest);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, key: &str) -> Result<Option<String>, String> {
        Ini::parse(text, "alembic")
            .unwrap()
            .value(key, Utf8Path::new("/here"))
    }

    #[test]
    fn values_are_read_as_configparser_reads_them() {
        let text = "[DEFAULT]\nroot = db\n[alembic]\n# c\nScript_Location = %(here)s/%(root)s  # no comment\n\
                    version_locations =\n    a\n    # c\n    b\nu: x=100%%\n[other]\nscript_location = no\n";
        assert_eq!(
            value(text, "script_location").unwrap().unwrap(),
            "/here/db  # no comment"
        );
        assert_eq!(value(text, "version_locations").unwrap().unwrap(), "a\nb");
        assert_eq!(value(text, "u").unwrap().unwrap(), "x=100%");
        assert_eq!(value(text, "nothing").unwrap(), None);
    }

    #[test]
    fn faults_of_interpolation_are_told() {
        assert!(value("[alembic]\na = %x", "a").is_err());
        assert!(value("[alembic]\na = %(b)s", "a").is_err());
        assert!(value("[alembic]\na = %(a)s", "a").is_err());
        assert!(Ini::parse("[alembic]\nnonsense", "alembic").is_err());
    }
}
