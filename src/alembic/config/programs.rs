//! What a project's own Python files do to Alembic's configuration, as far as their text tells, and what lies below
//! the project's root. Nothing is run.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::DirEntry;

use super::pyproject::Pyproject;
use crate::place::Line;
use crate::walk;

/// A place in a Python file that has to do with Alembic's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Where; the file is absolute.
    pub place: Line,
    /// What is done there.
    pub kind: MentionKind,
}

/// What a program does to the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MentionKind {
    /// It makes a `Config(…)`.
    MakesConfig,
    SetsScriptLocation,
    SetsVersionLocations,
}

/// What is found below a project's root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Below {
    /// Each `alembic.ini`, and each `pyproject.toml` with a `[tool.alembic]` and no `alembic.ini` beside it; whether
    /// it is a `pyproject.toml`.
    pub(super) files: Vec<(Utf8PathBuf, bool)>,
    /// Directories that look like script directories.
    pub(super) scripts: Vec<Utf8PathBuf>,
}

/// How deep below the root a configuration is looked for: `services/billing/alembic.ini`.
const DEEP: usize = 3;

/// How deep Python files are read.
const DEEPER: usize = 8;

/// Longer files are generated.
const LONGEST: u64 = 1 << 20;

/// Looks through the directories below `root`, except for those that hold no code of the project's own.
pub(super) fn below(root: &Utf8Path) -> io::Result<Below> {
    let mut below = Below::default();
    for entry in entries(root, DEEP + 1) {
        let entry = entry?;
        let Some(path) = Utf8Path::from_path(entry.path()).filter(|_| entry.file_type().is_file())
        else {
            continue;
        };
        let near = entry.depth() <= DEEP;
        match path.file_name() {
            Some("alembic.ini") if near => below.files.push((path.to_owned(), false)),
            Some("pyproject.toml") if near && !path.with_file_name("alembic.ini").exists() => {
                let text = fs_err::read(path)?;
                // What is not TOML, or not UTF-8, is no configuration of Alembic's; below the root nobody named it.
                let table = Pyproject::parse(&String::from_utf8_lossy(&text));
                if matches!(table, Ok(Some(_))) {
                    below.files.push((path.to_owned(), true));
                }
            }
            Some("env.py") => below.scripts.extend(script_directory(root, path)),
            _ => {}
        }
    }
    Ok(below)
}

/// The directory of an `env.py`, if it looks like Alembic's.
fn script_directory(root: &Utf8Path, env: &Utf8Path) -> Option<Utf8PathBuf> {
    let directory = env.parent()?;
    let usual = directory == root.join("alembic");
    (usual || directory.join("script.py.mako").is_file()).then(|| directory.to_owned())
}

/// Every place in the project's Python files that makes or changes a configuration, in the order of the files.
pub fn mentions(root: &Utf8Path) -> io::Result<Vec<Mention>> {
    let mut found = Vec::new();
    for entry in entries(root, DEEPER) {
        let entry = entry?;
        let Some(path) = Utf8Path::from_path(entry.path()) else {
            continue;
        };
        let python = entry.file_type().is_file() && path.extension() == Some("py");
        if python && entry.metadata()?.len() <= LONGEST {
            let text = fs_err::read(path)?;
            let mentions = mentions_in(&String::from_utf8_lossy(&text));
            found.extend(mentions.into_iter().map(|(line, kind)| Mention {
                place: Line::new(path, line),
                kind,
            }));
        }
    }
    Ok(found)
}

/// The lines, counted from 1, on which `text` makes or changes a configuration of Alembic's.
pub fn mentions_in(text: &str) -> Vec<(usize, MentionKind)> {
    let mut found = Vec::new();
    if !text.contains("alembic") && !text.contains("version_locations") {
        return found;
    }
    let of_alembic = text.contains("alembic.config") || text.contains("alembic import config");
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let code = line.split('#').next().unwrap_or_default();
        let sets = ["set_main_option(", "set_section_option("]
            .iter()
            .find_map(|call| code.split_once(call));
        if let Some((_, arguments)) = sets {
            // The arguments may stand on the next lines.
            let next = lines[index + 1..].iter().take(3);
            let arguments = next.fold(arguments.to_owned(), |text, line| text + line);
            let arguments = arguments.split(')').next().unwrap_or_default();
            if arguments.contains("version_locations") {
                found.push((index + 1, MentionKind::SetsVersionLocations));
            } else if arguments.contains("script_location") {
                found.push((index + 1, MentionKind::SetsScriptLocation));
            }
        } else if of_alembic && makes_config(code) {
            found.push((index + 1, MentionKind::MakesConfig));
        }
    }
    found
}

/// Whether `Config(` or `AlembicConfig(` is called, and not defined.
fn makes_config(code: &str) -> bool {
    let calls = code.split_once("Config(").map(|(before, _)| before);
    calls.is_some_and(|before| {
        let word = before
            .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        !before.trim_start().starts_with("class ")
            && word.is_some_and(|word| word.is_empty() || word == "Alembic")
    })
}

fn entries(
    root: &Utf8Path,
    depth: usize,
) -> impl Iterator<Item = Result<DirEntry, walkdir::Error>> {
    walk::entries(root, depth, &[]).filter(|entry| !entry.as_ref().is_err_and(is_forbidden))
}

/// A directory below the root that may not be read (a database's, mostly) holds no code of the project's.
fn is_forbidden(error: &walkdir::Error) -> bool {
    let kind = error.io_error().map(io::Error::kind);
    error.depth() > 0 && kind == Some(io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::MentionKind::{MakesConfig, SetsScriptLocation, SetsVersionLocations};
    use super::*;

    #[test]
    fn calls_that_change_the_configuration_are_found() {
        let text = "from alembic.config import Config\n\
                    # Config('x')\n\
                    config = Config('alembic.ini')\n\
                    config.set_main_option(\n    'version_locations',\n    'a b',\n)\n\
                    config.set_main_option(\"script_location\", here)\n\
                    config.set_main_option('sqlalchemy.url', url)\n\
                    class MyConfig(Config):\n    pass\n";
        assert_eq!(
            mentions_in(text),
            [
                (3, MakesConfig),
                (4, SetsVersionLocations),
                (8, SetsScriptLocation)
            ]
        );
        assert!(mentions_in("from pydantic import Config\nx = Config()\n").is_empty());
    }
}
