//! How `init` tells Alembic of the vendored directory: edits of configuration files as text. Pure.

mod ini;
mod lines;
pub mod pre_commit;
pub mod separate;
pub mod settings;
mod toml;
mod yaml;

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::packages::normal;
use crate::alembic::config::{AlembicConfig, Origin, Value, Versions};

/// A configuration file with one line more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Relative to the project where it lies inside.
    pub file: Utf8PathBuf,
    pub text: String,
}

/// Why the configuration is not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WiringError {
    #[error("no file says where Alembic's revisions are: {0}")]
    Undecidable(String),
    /// An Alembic that does not read the only file that says.
    #[error("{0} does not read `[tool.alembic]` in `pyproject.toml`, where `script_location` is")]
    Unread(String),
    /// The settings say something else.
    #[error("the settings have `{key} = {there}` already")]
    SettingsTaken { key: &'static str, there: String },
    /// A path that the file cannot hold.
    #[error(
        "no way was found to add `{location}` to `{file}` that Alembic would read as it should, the entries that are there \
         included"
    )]
    NoWay { file: Utf8PathBuf, location: String },
}

impl WiringError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Undecidable(_) => "where the configuration is made in Python, call `config.set_main_option` there, before \
                anything else: \"version_path_separator\" and \"path_separator\" to \"newline\", and \"version_locations\" to \
                the directory of your revisions and the vendored one, on a line each"
                .to_owned(),
            Self::Unread(_) => {
                "upgrade Alembic to 1.16 or later, or put `script_location` into an `alembic.ini`".to_owned()
            }
            Self::NoWay { .. } => {
                "list the locations by hand, as docs/guide.md shows; `vendor-migrations check` tells whether Alembic finds \
                 them"
                    .to_owned()
            }
            Self::SettingsTaken { key, there } => {
                format!("change `{key} = {there}` by hand, if you mean to")
            }
        }
    }
}

/// The entries to be: those that are there, and one more.
pub(crate) struct Entries<'a> {
    config: &'a AlembicConfig,
    /// Where Alembic looks by default, to be listed if nothing is yet; as it is written.
    own: String,
    /// The new one as it is written.
    added: String,
    /// The directory of the new one, absolute; none for a package's.
    directory: Option<Utf8PathBuf>,
}

/// The file that decides about version locations.
pub fn file(config: &AlembicConfig) -> Result<&Utf8Path, WiringError> {
    let sources = &config.sources;
    let ini = sources.ini.as_ref().map(|ini| ini.file.as_path());
    let toml = sources.toml.as_ref().filter(|_| config.rules.reads_toml());
    let in_ini = |key| {
        sources
            .ini_setting(key)
            .is_some_and(|setting| !setting.raw.trim().is_empty())
    };
    let in_toml = sources.toml_setting("version_locations").is_some();
    match (ini, toml) {
        (Some(ini), _) if in_ini("version_locations") => Ok(ini),
        (_, Some(toml)) if in_toml || !in_ini("script_location") => Ok(&toml.file),
        (_, None) if sources.toml.is_some() && !in_ini("script_location") => {
            Err(WiringError::Unread(config.rules.to_string()))
        }
        (Some(ini), _) => Ok(ini),
        (None, _) => Err(WiringError::Undecidable(match &config.versions {
            Versions::Undecidable { why, .. } => why.clone(),
            _ => "there is neither an `alembic.ini` nor `[tool.alembic]` in `pyproject.toml`"
                .to_owned(),
        })),
    }
}

/// `text`, the text of [`file`], with `directory` (absolute) among the version locations.
pub fn with_directory(
    config: &AlembicConfig,
    text: &str,
    directory: &Utf8Path,
) -> Result<Edit, WiringError> {
    let entries = Entries {
        config,
        own: own(config)?,
        added: entry(config, directory)?,
        directory: Some(directory.to_owned()),
    };
    entries.edit(text)
}

/// The same with `location`, which is written `package:path`.
pub fn with_package(
    config: &AlembicConfig,
    text: &str,
    location: &str,
) -> Result<Edit, WiringError> {
    let entries = Entries {
        config,
        own: own(config)?,
        added: location.to_owned(),
        directory: None,
    };
    entries.edit(text)
}

impl Entries<'_> {
    fn edit(&self, text: &str) -> Result<Edit, WiringError> {
        let file = file(self.config)?;
        let is_toml = file.extension() == Some("toml");
        let text = if is_toml {
            self.edit_toml(text)
        } else {
            self.edit_ini(text)
        };
        Ok(Edit {
            text: text.ok_or_else(|| WiringError::NoWay {
                file: file.to_owned(),
                location: self.added.clone(),
            })?,
            file: file.to_owned(),
        })
    }

    /// Whether the ini names its separator only by the key that an Alembic before 1.16 does not know.
    pub(super) fn separator_is_unread(&self) -> bool {
        let ini = |key| self.config.sources.ini_setting(key).is_some();
        !self.config.rules.reads_toml() && ini("path_separator") && !ini("version_path_separator")
    }

    /// Whether Alembic would look where it should: where it does now, and into the new directory.
    fn are(&self, found: Option<Vec<String>>) -> bool {
        let Some(found) = found else { return false };
        let Some((last, first)) = found.split_last() else {
            return false;
        };
        let path = |entry: &str| normal(&self.config.working_directory, entry);
        let kept = match &self.config.versions {
            Versions::Default(location) => {
                let [own] = first else { return false };
                location
                    .resolved
                    .as_ref()
                    .is_ok_and(|resolved| path(own) == *resolved)
            }
            // Alembic takes the list for something else than its author meant.
            Versions::Listed(_) if self.separator_is_unread() || self.lines_are_unread() => {
                !first.is_empty()
            }
            Versions::Listed(locations) => {
                let there = locations.iter().map(|location| location.written.as_str());
                first.iter().map(String::as_str).eq(there)
            }
            Versions::Refused(_) | Versions::Undecidable { .. } => !first.is_empty(),
        };
        let added = match &self.directory {
            Some(directory) => path(last) == *directory,
            None => *last == self.added,
        };
        kept && added
    }
}

/// `<script_location>/versions` in the file's own words.
fn own(config: &AlembicConfig) -> Result<String, WiringError> {
    let script = config.root.join(config.script_directory());
    entry(config, &script.join("versions"))
}

/// `script_location` as it is written, if it is a plain path.
fn script_location(config: &AlembicConfig) -> Option<String> {
    let setting = config.setting("script_location")?;
    let written = match setting.origin {
        Origin::Section | Origin::Default => setting.raw,
        Origin::Toml => match &config
            .sources
            .toml
            .as_ref()?
            .table
            .get("script_location")?
            .value
        {
            Value::Text(text) => text.clone(),
            _ => return None,
        },
    };
    let plain = !config.script_location.package && !written.contains('\n');
    plain.then(|| written.trim_end_matches('/').to_owned())
}

/// A directory as an entry of the file: in the words of `script_location` where it lies there, else by `%(here)s`.
fn entry(config: &AlembicConfig, directory: &Utf8Path) -> Result<String, WiringError> {
    let script = config.root.join(config.script_directory());
    if let Ok(below) = directory.strip_prefix(&script)
        && let Some(written) = script_location(config)
    {
        return Ok(format!("{written}/{below}"));
    }
    let file = config.root.join(file(config)?);
    let here = file.parent().unwrap_or(&config.root);
    Ok(match directory.strip_prefix(here) {
        Ok(below) => format!("%(here)s/{}", escaped(below)),
        Err(_) => {
            let up = here
                .ancestors()
                .enumerate()
                .find_map(|(steps, above)| Some((steps, directory.strip_prefix(above).ok()?)));
            match up {
                Some((steps, below)) => {
                    format!("%(here)s/{}{}", "../".repeat(steps), escaped(below))
                }
                None => escaped(directory),
            }
        }
    })
}

/// A `%` begins an interpolation, in both kinds of file.
fn escaped(path: &Utf8Path) -> String {
    path.as_str().replace('%', "%%")
}

/// `text` with each range replaced.
pub(crate) fn replaced(text: &str, mut edits: Vec<(std::ops::Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
    let mut text = text.to_owned();
    for (range, new) in edits {
        text.replace_range(range, &new);
    }
    text
}

/// The file's own line end.
pub(crate) fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}
