//! A configuration that tells not even where the scripts are.

use std::io;

use camino::Utf8PathBuf;

use super::candidate::MOST_LOCATIONS;
use super::packages::Unresolved;
use super::programs::Searched;
use crate::nearest;
use crate::place::Line;

/// Alembic's configuration cannot be found or read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(
        "no Alembic project in `{root}`: neither `alembic.ini`, nor `[tool.alembic]` in `pyproject.toml`, nor \
        `alembic/env.py`, there{} or {}", if *above { ", above it up to the repository's root," } else { "" }, searched.words()
    )]
    NotFound {
        root: Utf8PathBuf,
        searched: Searched,
        /// Whether the directories above were looked at, too.
        above: bool,
    },
    /// The user names a script directory, and a file configures Alembic.
    #[error(
        "`--script-location` is for a project without a configuration file, but this project has `{0}`"
    )]
    Configured(Utf8PathBuf),
    /// The script directory that the user names.
    #[error("there is no `env.py` in the script location `{directory}`")]
    NoScripts {
        directory: Utf8PathBuf,
        /// Script directories that are there, and may be meant.
        near: Vec<Utf8PathBuf>,
    },
    #[error("there is no Alembic configuration `{file}`")]
    NoFile {
        file: Utf8PathBuf,
        /// One that is there, and may be meant.
        near: Option<Utf8PathBuf>,
    },
    #[error("there are several Alembic configurations: {}", listed(.0))]
    Several(Vec<Utf8PathBuf>),
    #[error(
        "no file configures Alembic, and there are several script directories: {}",
        listed(.0)
    )]
    SeveralScripts(Vec<Utf8PathBuf>),
    /// The directory that was named has the scripts only.
    #[error("`{root}` is not the project's root: `{file}` names the scripts in it")]
    ScriptsOnly {
        root: Utf8PathBuf,
        /// The configuration, in a directory above.
        file: Utf8PathBuf,
    },
    /// The section is not in the file, or has no `script_location`.
    #[error("`{file}` has no section `[{section}]` with a `script_location`")]
    NoLocation {
        file: Utf8PathBuf,
        section: String,
        /// The sections that have one.
        others: Vec<String>,
    },
    #[error("`{}`, line {}: {why}", .place.file, .place.line)]
    Syntax { place: Line, why: String },
    /// Each location is looked up on the disk.
    #[error(
        "`{}`, line {}: `version_locations` has {found} entries, and this program looks at no more than {MOST_LOCATIONS}",
        .place.file, .place.line
    )]
    Locations { place: Line, found: usize },
    /// A `package:path` location whose package is not found.
    #[error("`{}`, line {}, names the script location `{location}`: {why}", .place.file, .place.line)]
    Package {
        place: Line,
        location: String,
        why: Unresolved,
    },
    #[error("`{file}`: {why}")]
    Toml {
        file: Utf8PathBuf,
        /// The TOML library's words, with the line.
        why: String,
    },
}

fn listed(files: &[Utf8PathBuf]) -> String {
    let quoted: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    quoted.join(", ")
}

impl ConfigError {
    /// The option that would name what is meant, and what it may be.
    pub fn choices(&self) -> Option<(&'static str, &[Utf8PathBuf])> {
        match self {
            Self::Several(found) => Some(("-c", found)),
            Self::SeveralScripts(found) => Some(("--script-location", found)),
            _ => None,
        }
    }

    pub fn hint(&self) -> String {
        match self {
            Self::Io(_) => {
                "check that the file can be read and is UTF-8 text; `--config` names another"
                    .to_owned()
            }
            Self::Locations { .. } => {
                "remove what occurs twice, or what does not exist".to_owned()
            }
            Self::Syntax { .. } | Self::Toml { .. } => {
                "fix the line; Alembic cannot read the file either".to_owned()
            }
            Self::NotFound { .. } => {
                "name the project with `--project`, its configuration with `--config`, or its scripts with \
                 `--script-location`; a new project begins with `alembic init alembic`; if you have no Alembic migrations \
                 of your own, `vendor-migrations init --separate` makes an environment for Procrastinate's"
                    .to_owned()
            }
            Self::NoFile {
                near: Some(near), ..
            } => format!("there is `{near}`; `--config` is relative to the project"),
            Self::NoFile { near: None, .. } => "`--config` is relative to the project".to_owned(),
            Self::Several(_) => "`check`, `sync` and `status` work in all projects that have a lock with `--recursive`; or \
                                 name the right configuration with `--config`:"
                .to_owned(),
            Self::SeveralScripts(_) => "name the right directory with `--script-location`:".to_owned(),
            Self::ScriptsOnly { file, .. } => {
                let root = file.parent().unwrap_or(file);
                format!("run this in `{root}`, or name that directory with `--project`")
            }
            Self::Configured(file) => format!("remove the option, and set `script_location` in `{file}`"),
            Self::NoScripts { near, .. } if near.is_empty() => {
                "`--script-location` is relative to the project".to_owned()
            }
            Self::NoScripts { near, .. } => {
                format!("`--script-location` is relative to the project; there is {}", listed(near))
            }
            Self::NoLocation { others, .. } if others.is_empty() => {
                "name the section with `--name`, or set `directory` in the settings".to_owned()
            }
            Self::NoLocation {
                section, others, ..
            } => {
                let known = others.iter().map(String::as_str);
                let meant = nearest::name(section, known)
                    .map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
                let others = others.join(", ");
                format!("{meant}name one that has it with `--name`: {others}")
            }
            Self::Package { .. } => {
                "install the package into the project's environment, or set `directory` in the settings to the \
                vendored directory"
                    .to_owned()
            }
        }
    }
}
