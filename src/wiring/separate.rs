//! An Alembic environment of Procrastinate's own, beside the application's.
//!
//! It keeps its revisions in a version table of its own, so both can share one database, and can be upgraded by itself:
//! `alembic -c alembic_procrastinate.ini upgrade heads` works. What differs from project to project lies in its ini file; its
//! `env.py` is the same everywhere.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::Edit;
use crate::place::slashed;

const ENV: &str = include_str!("separate/env.py.txt");
const MAKO: &str = include_str!("separate/script.py.mako.txt");
/// Where the template begins to say from where our own `env.py` takes the URL.
const PLACES: &str = "# Where the database's URL comes from";
const INI: &str = include_str!("separate/alembic.ini.txt");

/// The table in which the separate environment keeps the revisions that a database is at.
///
/// The application's autogenerate sees it as a table that it does not know, like Procrastinate's own: a filter has to leave out names
/// that contain `procrastinate`, not only those that begin with it.
pub const VERSION_TABLE: &str = "alembic_version_procrastinate";

/// What the environment depends on. Paths are relative to the project, or absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Separate<'a> {
    /// The environment's directory: `alembic_procrastinate`.
    pub directory: &'a Utf8Path,
    /// Its configuration file: `alembic_procrastinate.ini`.
    pub ini: &'a Utf8Path,
    /// The section of that file, Alembic's `-n`: `alembic`.
    pub section: &'a str,
    pub url: Url<'a>,
    /// `env.py` is upstream's, and reads `sqlalchemy.url` of this configuration.
    pub upstreams_env: bool,
}

/// The variable goes first, then a URL in the environment's own ini file, then the application's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Url<'a> {
    pub variable: Option<&'a str>,
    /// The application's ini file and the section in it.
    pub application: Option<(&'a Utf8Path, &'a str)>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeparateError {
    #[error("`{}` is not a path inside the project", .0.as_str().escape_debug())]
    Outside(Utf8PathBuf),
    #[error("the {what} `{}` cannot be written into an ini file", .value.escape_debug())]
    Unwritable { what: &'static str, value: String },
}

impl SeparateError {
    pub fn hint(&self) -> String {
        match self {
            Self::Outside(_) => "name a relative path without `..`".to_owned(),
            Self::Unwritable { .. } => {
                "use a name without line breaks, control characters and blanks at its ends"
                    .to_owned()
            }
        }
    }
}

impl Separate<'_> {
    /// Where the vendored revisions belong: the setting `directory`.
    pub fn vendored(&self) -> Utf8PathBuf {
        slashed(self.directory.join("versions")).into()
    }

    /// The files, sorted by path. The directory of the revisions is made by `sync`.
    pub fn files(&self) -> Result<Vec<Edit>, SeparateError> {
        for path in [self.directory, self.ini] {
            let plain = |part| matches!(part, Utf8Component::Normal(_) | Utf8Component::CurDir);
            if path.file_name().is_none() || !path.components().all(plain) {
                return Err(SeparateError::Outside(path.to_owned()));
            }
        }
        let file = |path: Utf8PathBuf, text: String| Edit {
            path: slashed(path).into(),
            text,
        };
        let mut files = vec![
            file(self.directory.join("env.py"), ENV.to_owned()),
            file(self.directory.join("script.py.mako"), MAKO.to_owned()),
            file(self.ini.to_owned(), self.ini_text()?),
        ];
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    fn ini_text(&self) -> Result<String, SeparateError> {
        let section = written("section", self.section)?;
        if section.contains(']') || section == "DEFAULT" {
            return Err(SeparateError::Unwritable {
                what: "section",
                value: section.to_owned(),
            });
        }
        let variable = match self.url.variable {
            Some(name) => format!("url_variable = {}", escaped("variable", name)?),
            None => "# url_variable = DATABASE_URL".to_owned(),
        };
        let application = match self.url.application {
            Some((ini, section)) => format!(
                "application_config = {}\napplication_section = {}",
                self.path_in_ini(ini)?,
                escaped("section", section)?
            ),
            None => "# application_config = %(here)s/alembic.ini".to_owned(),
        };
        let url = "# Procrastinate's `env.py` takes the database's URL from here, with %% for %:\nsqlalchemy.url =";
        // What comes from outside goes in last, so that nothing in it is taken for a place of the template's.
        let template = match (self.upstreams_env, INI.split_once(PLACES)) {
            (true, Some((before, rest))) => {
                let (_, behind) = rest.split_once("{application}").unwrap_or((rest, ""));
                format!("{before}{url}{behind}")
            }
            _ => INI.to_owned(),
        };
        let template = template.replace("{file}", written("path", self.ini.as_str())?);
        let mut rest = template.as_str();
        let mut text = String::new();
        for (place, value) in [
            ("{section}", section),
            ("{script_location}", &self.path_in_ini(self.directory)?),
            ("{variable}", &variable),
            ("{application}", &application),
        ] {
            if let Some((before, behind)) = rest.split_once(place) {
                text.extend([before, value]);
                rest = behind;
            }
        }
        Ok(text + rest)
    }

    /// A path as it is written in the ini file: from the file's own directory, wherever `alembic` is called.
    fn path_in_ini(&self, path: &Utf8Path) -> Result<String, SeparateError> {
        let text = escaped("path", path.as_str())?;
        if path.is_absolute() {
            return Ok(text);
        }
        let from = names(self.ini.parent().unwrap_or(Utf8Path::new("")));
        let to = names(path);
        let shared = from.iter().zip(&to).take_while(|(one, other)| one == other);
        let shared = shared.count();
        let mut steps = vec![".."; from.len() - shared];
        steps.extend_from_slice(&to[shared..]);
        Ok(format!("%(here)s/{}", escaped("path", &steps.join("/"))?))
    }
}

fn names(path: &Utf8Path) -> Vec<&str> {
    let components = path.components();
    let names = components.filter(|part| *part != Utf8Component::CurDir);
    names.map(|part| part.as_str()).collect()
}

/// `%` begins an escape in an ini file.
fn escaped(what: &'static str, value: &str) -> Result<String, SeparateError> {
    written(what, value).map(|value| value.replace('%', "%%"))
}

fn written<'a>(what: &'static str, value: &'a str) -> Result<&'a str, SeparateError> {
    if value.is_empty() || value.trim() != value || value.contains(char::is_control) {
        return Err(SeparateError::Unwritable {
            what,
            value: value.to_owned(),
        });
    }
    Ok(value)
}

#[cfg(test)]
mod tests;
