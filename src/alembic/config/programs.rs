//! Looks below a project's root for configurations, for script directories, and for Python code that makes a configuration.
//! Nothing is run.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use ruff_python_ast::ExprCall;
use ruff_text_size::Ranged;
use walkdir::DirEntry;

use super::find::{INI, PYPROJECT};
use super::pyproject::Pyproject;
use crate::place::Line;
use crate::python_source::{called, calls, line_at, parse};
use crate::read;
use crate::walk;

/// What is found below a project's root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Below {
    /// Each `alembic.ini`, and each `pyproject.toml` with a `[tool.alembic]` and no `alembic.ini` beside it.
    pub(super) files: Vec<Utf8PathBuf>,
    /// Directories that look like script directories.
    pub(super) scripts: Vec<Utf8PathBuf>,
    pub(super) searched: Searched,
}

/// How much of what lies below the root was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Searched {
    #[default]
    All,
    First(usize),
}

impl Searched {
    pub(super) fn words(self) -> String {
        let passed_over = "hidden ones, environments, and what git ignores are not searched";
        match self {
            Self::All => format!("in the directories below it ({passed_over})"),
            Self::First(most) => {
                format!("among the first {most} files and directories below it ({passed_over})")
            }
        }
    }
}

/// How deep below the root a configuration most often lies: `services/billing/alembic.ini`. Deeper ones count where there is none.
const NEAR: usize = 3;

/// How deep Python files are read.
const DEEPER: usize = 8;

/// How many files and directories are looked at.
const MOST: usize = 20_000;

/// Longer files are generated.
const LONGEST: u64 = 1 << 20;

/// Looks through the directories below `root`, except for those that hold no code of the project's own: first the near ones.
pub(super) fn below(root: &Utf8Path) -> io::Result<Below> {
    let near = down_to(root, NEAR + 1)?;
    match near.files.is_empty() && near.scripts.is_empty() {
        true => down_to(root, usize::MAX),
        false => Ok(near),
    }
}

fn down_to(root: &Utf8Path, depth: usize) -> io::Result<Below> {
    let mut below = Below::default();
    for (index, file) in files(root, depth).enumerate() {
        if index == MOST {
            below.searched = Searched::First(MOST);
            break;
        }
        let Some((path, entry)) = file? else {
            continue;
        };
        let counts = entry.depth() < depth;
        match path.file_name() {
            Some(INI) if counts => below.files.push(path),
            Some(PYPROJECT) if counts && !path.with_file_name(INI).exists() => {
                let text = read::bytes(&path)?;
                // A file below the root that is not TOML, or not UTF-8, is skipped: no setting or option names it.
                let table = Pyproject::parse(&String::from_utf8_lossy(&text));
                if matches!(table, Ok(Some(_))) {
                    below.files.push(path);
                }
            }
            Some("env.py") => below.scripts.extend(script_directory(root, &path)),
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

/// Every line of the project's Python files that makes or changes a configuration of Alembic, in the order of the files.
pub(super) fn mentions(root: &Utf8Path) -> io::Result<Vec<Line>> {
    let mut found = Vec::new();
    for file in files(root, DEEPER) {
        let Some((path, entry)) = file? else {
            continue;
        };
        if path.extension() == Some("py") && entry.metadata()?.len() <= LONGEST {
            let text = read::bytes(&path)?;
            let shown = path.strip_prefix(root).unwrap_or(&path);
            let lines = mentions_in(&String::from_utf8_lossy(&text));
            found.extend(lines.into_iter().map(|line| Line::new(shown, line)));
        }
    }
    Ok(found)
}

/// The lines, counted from 1, on which `text` makes or changes a configuration of Alembic.
fn mentions_in(text: &str) -> Vec<usize> {
    if !text.contains("alembic") && !text.contains("version_locations") {
        return Vec::new();
    }
    let of_alembic = text.contains("alembic.config") || text.contains("alembic import config");
    let Ok(module) = parse(text) else {
        return Vec::new();
    };
    let is_mention = |call: &&ExprCall| match called(call) {
        "set_main_option" | "set_section_option" => {
            let arguments = &text[call.arguments.range()];
            arguments.contains("version_locations") || arguments.contains("script_location")
        }
        "Config" | "AlembicConfig" => of_alembic,
        _ => false,
    };
    let calls = calls(module.suite()).filter(is_mention);
    let mut lines: Vec<usize> = calls.map(|call| line_at(text, call)).collect();
    lines.dedup();
    lines
}

/// Every entry; none in place of what is no regular file whose path is UTF-8.
fn files(
    root: &Utf8Path,
    depth: usize,
) -> impl Iterator<Item = io::Result<Option<(Utf8PathBuf, DirEntry)>>> {
    walk::entries(root, depth, &[], None).map(|entry| match entry {
        Ok(entry) => {
            let path = Utf8Path::from_path(entry.path()).filter(|_| entry.file_type().is_file());
            Ok(path.map(Utf8Path::to_owned).map(|path| (path, entry)))
        }
        Err(error) if is_forbidden(&error) => Ok(None),
        Err(error) => Err(error.into()),
    })
}

/// A directory below the root that may not be read (a database's, mostly) holds no code of the project's.
fn is_forbidden(error: &walkdir::Error) -> bool {
    let kind = error.io_error().map(io::Error::kind);
    error.depth() > 0 && kind == Some(io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
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
        assert_eq!(mentions_in(text), [3, 4, 8]);
        assert!(mentions_in("from pydantic import Config\nx = Config()\n").is_empty());
    }
}
