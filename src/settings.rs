//! The user's settings: `[tool.vendor-migrations]` in `pyproject.toml`, or `vendor-migrations.toml`.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use crate::findings::{Accept, Code};
use crate::lockfile::Mode;
use crate::nearest;
use crate::read;
use crate::sql::{Schema, SchemaName};

/// What a project may set. All of it is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where upstream comes from, relative to the project.
    pub from: Option<Utf8PathBuf>,
    /// The mode; never in place, which `init` decides.
    #[serde(default, deserialize_with = "vendoring_mode")]
    pub mode: Option<Mode>,
    /// Alembic's configuration, as `-c`, relative to the project.
    pub config: Option<Utf8PathBuf>,
    /// The vendored directory, relative to the project.
    pub directory: Option<Utf8PathBuf>,
    #[serde(default)]
    pub history: History,
    /// The schema that rendered revisions make Procrastinate's objects in.
    pub schema: Option<SchemaName>,
    /// Whether the first revision makes that schema.
    #[serde(default)]
    pub create_schema: bool,
    #[serde(default)]
    pub accept: Vec<Accept>,
    /// The file that holds the settings; none if there are none.
    #[serde(skip)]
    pub file: Option<&'static str>,
    /// What may be meant for this program, and is not read.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// Where newly vendored revisions go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum History {
    /// After the last vendored one: Procrastinate's revisions are a branch of their own.
    #[default]
    Branch,
    /// After the project's single head, so that `alembic upgrade head` goes on working.
    Linear,
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("`{file}`: {why}")]
    Bad {
        file: &'static str,
        /// The TOML library's words, with the line.
        why: String,
        /// The known word that the unknown one is probably a misspelling of.
        meant: Option<String>,
    },
    #[error(
        "both `vendor-migrations.toml` and `[tool.vendor-migrations]` in `pyproject.toml` hold settings"
    )]
    Twice,
    #[error("`{file}`: `accept` for `{code}`: {why}")]
    Accept {
        file: &'static str,
        code: Code,
        why: &'static str,
    },
    #[error("`{0}`: `create_schema` has no effect without `schema`")]
    NoSchema(&'static str),
    #[error("the setting `directory` is `{0}`, which is not a path inside the project")]
    Outside(Utf8PathBuf),
}

impl SettingsError {
    pub fn hint(&self) -> String {
        match self {
            Self::Io(_) => "check that the file can be read and is UTF-8 text".to_owned(),
            Self::Bad {
                meant: Some(meant), ..
            } => format!("did you mean `{meant}`?"),
            Self::Bad { .. } => {
                "the settings are `from`, `mode` (\"copy\" or \"render\"), `config`, `directory`, `history` (\"branch\" or \
                 \"linear\"), `schema`, `create_schema` (true or false) and `accept`"
                    .to_owned()
            }
            Self::Accept { .. } => {
                "an entry has the `code` and the `path` of one finding, and a `reason`".to_owned()
            }
            Self::NoSchema(_) => "set `schema` to the name of the schema".to_owned(),
            Self::Twice => "keep one of the two".to_owned(),
            Self::Outside(_) => "use a relative path without `..`".to_owned(),
        }
    }
}

fn vendoring_mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Mode>, D::Error> {
    match Mode::deserialize(deserializer)? {
        Mode::InPlace => Err(D::Error::custom(
            "`in-place` is no setting: `vendor-migrations init --in-place` decides it",
        )),
        mode => Ok(Some(mode)),
    }
}

pub(crate) const OWN: &str = "vendor-migrations.toml";
pub(crate) const PYPROJECT: &str = "pyproject.toml";
const TABLE: &str = "vendor-migrations";

#[derive(Deserialize)]
struct PyProject {
    tool: Option<Tool>,
}

/// The names of the tools that a `pyproject.toml` has settings of.
#[derive(Deserialize)]
struct Names {
    #[serde(default)]
    tool: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct Tool {
    #[serde(rename = "vendor-migrations")]
    own: Option<Settings>,
}

impl Settings {
    /// Whether a directory has settings, good or bad.
    pub fn are_in(directory: &Utf8Path) -> bool {
        directory.join(OWN).is_file()
            || read::text(directory.join(PYPROJECT))
                .is_ok_and(|text| text.contains(&format!("[tool.{TABLE}")))
    }

    /// Reads the settings of the project at `root`.
    pub fn read(root: &Utf8Path) -> Result<Self, SettingsError> {
        let own = text(&root.join(OWN))?.map(|text| parse::<Self>(OWN, &text));
        let own = own.transpose()?;
        let pyproject = text(&root.join(PYPROJECT))?;
        let other = pyproject.as_deref().and_then(other_table);
        let shared = pyproject
            .filter(|text| text.contains(TABLE))
            .map(|text| parse::<PyProject>(PYPROJECT, &text))
            .transpose()?
            .and_then(|project| project.tool?.own);
        let file = own.as_ref().map_or(PYPROJECT, |_| OWN);
        let found = match (own, shared) {
            (Some(_), Some(_)) => return Err(SettingsError::Twice),
            (one, other) => one.or(other),
        };
        let settings = Self {
            file: found.is_some().then_some(file),
            notes: other.into_iter().collect(),
            ..found.unwrap_or_default()
        };
        for entry in &settings.accept {
            if let Some(why) = entry.fault() {
                let code = entry.code;
                return Err(SettingsError::Accept { file, code, why });
            }
        }
        if settings.create_schema && settings.schema.is_none() {
            return Err(SettingsError::NoSchema(file));
        }
        match &settings.directory {
            Some(directory) if !is_inside(directory) => {
                Err(SettingsError::Outside(directory.clone()))
            }
            _ => Ok(settings),
        }
    }

    /// The schema that is set, and whether it is to be made.
    pub fn target(&self) -> Option<Schema> {
        let create = self.create_schema;
        let name = self.schema.clone()?;
        Some(Schema { name, create })
    }
}

impl History {
    /// As it is written in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Branch => "branch",
            Self::Linear => "linear",
        }
    }
}

/// A note on a table whose name is nearly this program's. It may belong to another program, so it is no error.
fn other_table(pyproject: &str) -> Option<String> {
    if !pyproject.to_lowercase().contains("migration") {
        return None;
    }
    let names: Names = toml::from_str(pyproject).ok()?;
    let mut names = names.tool.into_keys();
    let other = names.find(|name| name != TABLE && nearest::distance(name, TABLE) <= 2)?;
    Some(format!(
        "`{PYPROJECT}` has a table `[tool.{other}]`, which is not read: this program's settings are in `[tool.{TABLE}]`"
    ))
}

/// The word that is expected in place of the unknown one which an error names: a key, or a value.
fn meant(error: &toml::de::Error) -> Option<String> {
    let (unknown, expected) = error.message().split_once(", expected ")?;
    let unknown = unknown.split('`').nth(1)?;
    nearest::name(unknown, expected.split('`').skip(1).step_by(2)).map(str::to_owned)
}

fn is_inside(path: &Utf8Path) -> bool {
    use camino::Utf8Component::{CurDir, Normal};
    let mut parts = path.components();
    path.file_name().is_some() && parts.all(|part| matches!(part, Normal(_) | CurDir))
}

fn text(path: &Utf8Path) -> io::Result<Option<String>> {
    match read::text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse<T: serde::de::DeserializeOwned>(
    file: &'static str,
    text: &str,
) -> Result<T, SettingsError> {
    toml::from_str(text).map_err(|error| SettingsError::Bad {
        file,
        meant: meant(&error),
        why: error.to_string().trim_end().to_owned(),
    })
}
