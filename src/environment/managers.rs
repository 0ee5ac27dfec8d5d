//! The places outside of a project where Poetry, Hatch and Pipenv keep its environment, where files tell which one it is. The rules are
//! those of Poetry 2 (`EnvManager`), Hatch 1 (the environment type `virtual`) and Pipenv (`.project` in each environment).

use camino::{Utf8Path, Utf8PathBuf};
use toml::Table;

use super::Environments;
use super::candidates::{Candidate, Found};
use crate::digest::Digest;
use crate::links;
use crate::read;

/// A tool that keeps environments where it likes, and runs commands in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    Poetry,
    Pdm,
    Hatch,
    Pipenv,
}

impl Manager {
    pub fn name(self) -> &'static str {
        match self {
            Self::Poetry => "Poetry",
            Self::Pdm => "PDM",
            Self::Hatch => "Hatch",
            Self::Pipenv => "Pipenv",
        }
    }

    /// What runs a command in its environment.
    pub fn run(self) -> &'static str {
        match self {
            Self::Poetry => "poetry run",
            Self::Pdm => "pdm run",
            Self::Hatch => "hatch run",
            Self::Pipenv => "pipenv run",
        }
    }
}

impl Environments {
    /// The tools that the project's files name, the nearest first.
    pub fn managers(&self) -> Vec<Manager> {
        let directories = self.directories();
        let managers = directories.iter().flat_map(|(directory, _)| {
            let pyproject = text(&directory.join("pyproject.toml"));
            let is_there = |name: &str| directory.join(name).is_file();
            let of = |name: &str| pyproject.contains(&format!("[tool.{name}"));
            [
                (
                    Manager::Poetry,
                    is_there("poetry.lock") || is_there("poetry.toml") || of("poetry"),
                ),
                (
                    Manager::Pdm,
                    is_there("pdm.lock") || is_there(".pdm-python") || of("pdm"),
                ),
                (Manager::Hatch, is_there("hatch.toml") || of("hatch.env")),
                (Manager::Pipenv, is_there("Pipfile")),
            ]
        });
        let mut found = Vec::new();
        for (manager, is_used) in managers {
            if is_used && !found.contains(&manager) {
                found.push(manager);
            }
        }
        found
    }

    /// The environments that tools keep elsewhere for a project in `directory`. What cannot be read there may be another user's.
    pub(super) fn kept_elsewhere(&self, directory: &Utf8Path, shown: &str) -> Vec<Candidate> {
        let Ok(real) = links::real(directory) else {
            return Vec::new();
        };
        let whose = match shown.trim_end_matches('/') {
            "" => String::new(),
            shown => format!(" for {shown}"),
        };
        let found = [
            ("Poetry", self.of_poetry(&real)),
            ("Hatch", self.of_hatch(&real)),
            ("Pipenv", self.of_pipenv(&real)),
        ];
        let candidate = |(tool, prefix): (&str, Option<Utf8PathBuf>)| {
            let prefix = prefix?;
            let place = format!("{tool}'s environment{whose} ({prefix})");
            Some(Candidate::new(place, Found::Prefix(prefix)))
        };
        found.into_iter().filter_map(candidate).collect()
    }

    /// `VIRTUALENVS/NAME-HASH-py3.11`. `envs.toml` says which one, if there are several.
    fn of_poetry(&self, project: &Utf8Path) -> Option<Utf8PathBuf> {
        let shelf = self.shelf_of_poetry(project)?;
        let middle = format!("-{}-py", path_hash(project));
        let all = directories(&shelf);
        let mut found: Vec<Utf8PathBuf> =
            all.filter(|path| path.as_str().contains(&middle)).collect();
        if found.len() > 1 {
            let chosen = table(&shelf.join("envs.toml"));
            found.retain(|path| {
                let name = path.file_name().and_then(|name| name.rsplit_once("-py"));
                let minor = |name: &str| chosen.get(name)?.get("minor")?.as_str();
                name.is_some_and(|(name, version)| minor(name) == Some(version))
            });
        }
        // Which of several it is, Poetry decides by the Python that it finds.
        found.pop().filter(|_| found.is_empty())
    }

    fn shelf_of_poetry(&self, project: &Utf8Path) -> Option<Utf8PathBuf> {
        let config = self.variable("POETRY_CONFIG_DIR");
        let config = config.or_else(|| Some(self.of_user(Kind::RoamingConfig)?.join("pypoetry")));
        let own = table(&project.join("poetry.toml"));
        let of_user = config.map_or_else(Table::new, |config| table(&config.join("config.toml")));
        let setting = |path: &[&str]| {
            [&own, &of_user]
                .into_iter()
                .find_map(|table| text_at(table, path))
        };
        let usual = || {
            let name = if cfg!(windows) {
                "pypoetry/Cache"
            } else {
                "pypoetry"
            };
            Some(self.of_user(Kind::Cache)?.join(name))
        };
        let cache = self
            .variable("POETRY_CACHE_DIR")
            .or_else(|| setting(&["cache-dir"]).map(|path| self.expanded(path)))
            .or_else(usual)?;
        let written = self
            .variable("POETRY_VIRTUALENVS_PATH")
            .map(Utf8PathBuf::into_string)
            .or_else(|| setting(&["virtualenvs", "path"]))
            .unwrap_or_else(|| "{cache-dir}/virtualenvs".to_owned());
        let written = written
            .replace("{cache-dir}", cache.as_str())
            .replace("{project-dir}", project.as_str());
        Some(project.join(self.expanded(written)))
    }

    /// `DATA/env/virtual/NAME/HASH/NAME`, or where a file or a variable says.
    fn of_hatch(&self, project: &Utf8Path) -> Option<Utf8PathBuf> {
        let pyproject = table(&project.join("pyproject.toml"));
        let own = table(&project.join("hatch.toml"));
        let path = text_at(&own, &["envs", "default", "path"])
            .or_else(|| text_at(&pyproject, &["tool", "hatch", "envs", "default", "path"]));
        let named = self
            .variable("HATCH_ENV_TYPE_VIRTUAL_PATH")
            .or(path.map(Utf8PathBuf::from));
        let by_hash = || {
            let name = normalized(&text_at(&pyproject, &["project", "name"])?);
            let (shelf, is_flat) = self.shelf_of_hatch(project)?;
            Some(match is_flat {
                true => shelf.join(&name),
                false => shelf.join(&name).join(path_hash(project)).join(&name),
            })
        };
        let prefix = named.map(|path| project.join(path)).or_else(by_hash);
        prefix.filter(|prefix| prefix.is_dir())
    }

    /// Where Hatch keeps virtual environments, and whether they lie right there.
    fn shelf_of_hatch(&self, project: &Utf8Path) -> Option<(Utf8PathBuf, bool)> {
        let config = self.variable("HATCH_CONFIG");
        let config = config.or_else(|| Some(self.of_user(Kind::Config)?.join("hatch/config.toml")));
        let config = config.map_or_else(Table::new, |config| table(&config));
        if let Some(shelf) = text_at(&config, &["dirs", "env", "virtual"]) {
            return Some(self.shelf(project, &self.expanded(shelf)));
        }
        let data = self
            .variable("HATCH_DATA_DIR")
            .or_else(|| text_at(&config, &["dirs", "data"]).map(|path| self.expanded(path)))
            .or_else(|| Some(self.of_user(Kind::Data)?.join("hatch")))?;
        Some(self.shelf(project, &data.join("env/virtual")))
    }

    /// A directory for environments, and whether they lie right there: those inside the project do, and those in `~/.virtualenvs`.
    fn shelf(&self, project: &Utf8Path, shelf: &Utf8Path) -> (Utf8PathBuf, bool) {
        let shelf = project.join(shelf);
        let usual = self.home.as_ref().map(|home| home.join(".virtualenvs"));
        let is_flat = shelf.starts_with(project) || usual.as_ref() == Some(&shelf);
        (shelf, is_flat)
    }

    /// The environment whose `.project` names the directory.
    fn of_pipenv(&self, project: &Utf8Path) -> Option<Utf8PathBuf> {
        let shelves = self.shelves().into_iter();
        shelves
            .flat_map(|shelf| directories(&shelf))
            .find(|prefix| {
                let named = text(&prefix.join(".project"));
                let named = Utf8Path::new(named.trim());
                !named.as_str().is_empty()
                    && links::canonical(named).is_ok_and(|named| named == project)
            })
    }

    /// The user's directory of a kind, by the rules of the system.
    fn of_user(&self, kind: Kind) -> Option<Utf8PathBuf> {
        let (windows, apple, xdg, usual) = match kind {
            Kind::Config => (
                "LOCALAPPDATA",
                "Application Support",
                "XDG_CONFIG_HOME",
                ".config",
            ),
            Kind::RoamingConfig => (
                "APPDATA",
                "Application Support",
                "XDG_CONFIG_HOME",
                ".config",
            ),
            Kind::Cache => ("LOCALAPPDATA", "Caches", "XDG_CACHE_HOME", ".cache"),
            Kind::Data => (
                "LOCALAPPDATA",
                "Application Support",
                "XDG_DATA_HOME",
                ".local/share",
            ),
        };
        let below = |name: &str| Some(self.home.as_ref()?.join(name));
        if cfg!(windows) {
            self.variable(windows)
        } else if cfg!(target_vendor = "apple") {
            below("Library").map(|library| library.join(apple))
        } else {
            self.variable(xdg).or_else(|| below(usual))
        }
    }
}

/// A kind of directory that every user has.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Config,
    /// On Windows it follows the user from machine to machine.
    RoamingConfig,
    Cache,
    Data,
}

/// The directories in a directory, sorted; none if it cannot be read.
fn directories(shelf: &Utf8Path) -> impl Iterator<Item = Utf8PathBuf> + use<> {
    let entries = shelf.read_dir_utf8().into_iter().flatten().flatten();
    let mut found: Vec<Utf8PathBuf> = entries.map(camino::Utf8DirEntry::into_path).collect();
    found.sort();
    found.into_iter().filter(|path| path.is_dir())
}

/// The text of a file; empty if it cannot be read. Such a file names no environment.
fn text(file: &Utf8Path) -> String {
    read::text(file).unwrap_or_default()
}

fn table(file: &Utf8Path) -> Table {
    toml::from_str(&text(file)).unwrap_or_default()
}

fn text_at(table: &Table, path: &[&str]) -> Option<String> {
    let (last, before) = path.split_last()?;
    let mut inner = table;
    for key in before {
        inner = inner.get(*key)?.as_table()?;
    }
    Some(inner.get(*last)?.as_str()?.to_owned())
}

/// A project's name as packages compare it: `My.App_x` is `my-app-x`.
fn normalized(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_lowercase()
}

/// The first eight letters of a path's SHA-256 in base64, with which Poetry and Hatch tell projects apart.
fn path_hash(path: &Utf8Path) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digest = Digest::of(path.as_str());
    let bits = digest.bytes()[..6]
        .iter()
        .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let letter = |place: u32| LETTERS[(bits >> (6 * place) & 63) as usize] as char;
    (0..8).rev().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Poetry 2.4 and Hatch 1.16 gave these to projects in such directories.
    #[test]
    fn paths_are_hashed_as_poetry_and_hatch_do() {
        assert_eq!(path_hash("/tmp/t/p_poetry".into()), "0njiOYPL");
        assert_eq!(path_hash("/tmp/t/p_hatch".into()), "HBwNRxls");
        assert_eq!(normalized("My.App__x"), "my-app-x");
    }
}
