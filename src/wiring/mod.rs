//! Edits of configuration files as text, by which `init` adds the vendored directory. Pure.

mod ini;
mod lines;
pub mod pre_commit;
pub mod separate;
pub mod settings;
mod toml;

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};

use crate::alembic::config::packages::normal;
use crate::alembic::config::{AlembicConfig, Versions};
use crate::place::slashed;

/// A file with its new text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Relative to the project where it lies inside.
    pub path: Utf8PathBuf,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WiringError {
    #[error("no file says where Alembic's revisions are: {0}")]
    Undecidable(String),
    #[error("{0} does not read `[tool.alembic]` in `pyproject.toml`, where `script_location` is")]
    Unread(String),
    #[error("the settings have `{key} = {present}` already")]
    SettingsTaken { key: &'static str, present: String },
    #[error("this program found no way to add the settings to `{file}` and change nothing else")]
    SettingsNotAdded { file: &'static str, lines: String },
    #[error(
        "this program found no way to add `{location}` to `{file}` so that Alembic reads it and the existing entries correctly"
    )]
    NoWay { file: Utf8PathBuf, location: String },
}

impl WiringError {
    pub fn hint(&self) -> String {
        match self {
            Self::Undecidable(_) => "where the configuration is made in Python, call `config.set_main_option` there, \
                                     before anything else: \"version_path_separator\" and \"path_separator\" to \
                                     \"newline\", and \"version_locations\" to the directory of your revisions and the \
                                     vendored one, each on its own line"
                .to_owned(),
            Self::Unread(_) => {
                "upgrade Alembic to 1.16 or later, or put `script_location` into an `alembic.ini`".to_owned()
            }
            Self::NoWay { .. } => {
                "list the locations by hand, as docs/start.md shows; `vendor-migrations check` shows whether Alembic finds them"
                    .to_owned()
            }
            Self::SettingsNotAdded { file, lines } => {
                let table = match *file {
                    "pyproject.toml" => "the table `tool.vendor-migrations`",
                    _ => "the top of the file",
                };
                format!("add this to {table} by hand:\n{}", lines.trim_end())
            }
            Self::SettingsTaken { key, present } => {
                format!("change `{key} = {present}` by hand, if you mean to")
            }
        }
    }
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

/// A version location that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum New {
    /// An absolute path.
    Directory(Utf8PathBuf),
    /// It is written `package:path`.
    Package(String),
}

/// `text`, the text of [`file`], with these behind the version locations. What is listed already is not added again.
pub fn with_locations(
    config: &AlembicConfig,
    text: &str,
    new: &[New],
) -> Result<Edit, WiringError> {
    let listed = entries_of(config, text)?.unwrap_or_default();
    let is_new = |new: &&New| !listed.iter().any(|entry| is_written(config, entry, new));
    let new: Vec<New> = new.iter().filter(is_new).cloned().collect();
    let file = file(config)?.to_owned();
    if new.is_empty() {
        let text = text.to_owned();
        return Ok(Edit { path: file, text });
    }
    let written = |new: &New| match new {
        New::Directory(directory) => entry(config, directory),
        New::Package(location) => Ok(location.clone()),
    };
    let script = config.root.join(config.script_directory());
    let entries = Entries {
        config,
        own: entry(config, &script.join("versions"))?,
        added: new.iter().map(written).collect::<Result<_, _>>()?,
        new: &new,
    };
    let edited = match file.extension() {
        Some("toml") => toml::edit(&entries, text),
        _ => ini::edit(&entries, text),
    };
    match edited {
        Some(text) => Ok(Edit { path: file, text }),
        None => Err(WiringError::NoWay {
            file,
            location: entries.added.join("`, `"),
        }),
    }
}

/// The entries of `version_locations`, as Alembic splits them; none where it would refuse them.
fn entries_of(config: &AlembicConfig, text: &str) -> Result<Option<Vec<String>>, WiringError> {
    Ok(match file(config)?.extension() {
        Some("toml") => config.entries_of_toml(text),
        _ => config.entries_of_ini(text),
    })
}

fn is_written(config: &AlembicConfig, entry: &str, new: &New) -> bool {
    match new {
        New::Directory(directory) => normal(&config.working_directory, entry) == *directory,
        New::Package(location) => entry == location,
    }
}

/// The entries of `version_locations` that an edit has to give: those that are there, and more.
struct Entries<'a> {
    config: &'a AlembicConfig,
    /// Where Alembic looks by default, to be listed if nothing is yet; as it is written.
    own: String,
    /// The new ones as they are written.
    added: Vec<String>,
    /// What they are.
    new: &'a [New],
}

impl Entries<'_> {
    /// Whether Alembic would look where it should: where it does now, and into the new directories.
    fn are(&self, found: Option<Vec<String>>) -> bool {
        let split = found
            .as_deref()
            .and_then(|found| found.split_at_checked(found.len().checked_sub(self.added.len())?));
        let Some((first, last)) = split else {
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
            Versions::Listed(_)
                if ini::separator_is_unread(self.config) || ini::lines_are_unread(self.config) =>
            {
                !first.is_empty()
            }
            Versions::Listed(locations) => {
                let there = locations.iter().map(|location| location.written.as_str());
                first.iter().map(String::as_str).eq(there)
            }
            Versions::Refused(_) | Versions::Undecidable { .. } => !first.is_empty(),
        };
        let mut added = last.iter().zip(self.new);
        let added = added.all(|(entry, new)| is_written(self.config, entry, new));
        kept && added
    }
}

/// A directory as an entry of the file: in the words of `script_location` where it lies there and they hold wherever a program starts, else by `%(here)s`.
fn entry(config: &AlembicConfig, directory: &Utf8Path) -> Result<String, WiringError> {
    let script = config.root.join(config.script_directory());
    if let Ok(below) = directory.strip_prefix(&script)
        && let Some(written) = script_location(config)
    {
        return Ok(format!("{written}/{}", slashed(below.as_str())));
    }
    let file = config.root.join(file(config)?);
    let here = file.parent().unwrap_or(&config.root);
    // A `%` begins an interpolation, in both kinds of file.
    let escaped = |path: &Utf8Path| slashed(path.as_str()).replace('%', "%%");
    let mut above = here.ancestors().enumerate();
    let relative = above.find_map(|(steps, above)| {
        let below = escaped(directory.strip_prefix(above).ok()?);
        Some(format!("%(here)s/{}{below}", "../".repeat(steps)))
    });
    Ok(relative.unwrap_or_else(|| escaped(directory)))
}

/// `script_location` as it is written, if it is a path that does not depend on the working directory.
fn script_location(config: &AlembicConfig) -> Option<String> {
    let written = config.setting("script_location")?.raw;
    let starts = Utf8Path::new(&written).is_absolute() || written.starts_with("%(");
    let plain = !config.script_location.package && !written.contains('\n') && starts;
    plain.then(|| written.trim_end_matches('/').to_owned())
}

/// `text` with each range replaced.
fn replaced(text: &str, edits: Vec<(Range<usize>, String)>) -> String {
    let edits = edits.into_iter();
    let mut edits: Vec<_> = edits.map(|edit| behind_line(text, edit)).collect();
    edits.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
    let mut text = text.to_owned();
    for (range, new) in edits {
        text.replace_range(range, &new);
    }
    text
}

/// An edit that only adds lines to the one it ends with: they go behind that one's line end, which may be another than theirs.
fn behind_line(text: &str, (range, new): (Range<usize>, String)) -> (Range<usize>, String) {
    let end = line_end(text);
    let lines = new.strip_prefix(&text[range.clone()]);
    let lines = lines.and_then(|added| added.strip_prefix(end));
    match (lines, leading_line_end(&text[range.end..])) {
        (Some(lines), there) if !there.is_empty() => {
            let at = range.end + there.len();
            (at..at, format!("{lines}{end}"))
        }
        _ => (range, new),
    }
}

/// The line end that the text begins with; else nothing.
fn leading_line_end(text: &str) -> &'static str {
    let mut ends = ["\r\n", "\n"].into_iter();
    ends.find(|end| text.starts_with(end)).unwrap_or_default()
}

/// The line end that most lines of a file have.
fn line_end(text: &str) -> &'static str {
    let (all, windows) = (text.matches('\n').count(), text.matches("\r\n").count());
    if 2 * windows > all { "\r\n" } else { "\n" }
}

/// Where the line that `from` lies in ends, its line end left out.
fn line_end_at(text: &str, from: usize) -> usize {
    let line = text[from..].split('\n').next().unwrap_or_default();
    from + line.trim_end_matches('\r').len()
}

/// Each line with its line end, and its bytes in `text`.
fn line_ranges(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut end = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = end;
        end += line.len();
        (start..end, line)
    })
}

/// The line with the header of a TOML table, `[like.this]`.
fn header_of_table(text: &str, header: &str) -> Option<Range<usize>> {
    let is_header = |line: &str| {
        let plain = |c: &char| !c.is_whitespace() && *c != '"';
        line.chars()
            .filter(plain)
            .collect::<String>()
            .starts_with(header)
    };
    let mut lines = line_ranges(text);
    lines.find_map(|(range, line)| is_header(line).then_some(range))
}

/// A TOML string.
fn quoted(text: &str) -> String {
    ::toml::Value::String(text.to_owned()).to_string()
}
