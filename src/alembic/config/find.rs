//! Finds and reads the files of a configuration.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::evaluate::{Entry, Read, evaluate};
use super::ini::Ini;
use super::packages::{Packages, SearchPath, normal};
use super::programs::{self, Below};
use super::pyproject::{Pyproject, PyprojectError};
use super::sources::{IniSource, TomlSource};
use super::{AlembicConfig, ConfigError, Location, Place, Refusal, Rules, Sources, Versions};
use crate::environment::Environments;
use crate::environment::distribution;

const INI: &str = "alembic.ini";
const PYPROJECT: &str = "pyproject.toml";

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The project's root.
    pub root: &'a Utf8Path,
    /// `-c`, relative to the root.
    pub config: Option<&'a Utf8Path>,
    /// `-n`.
    pub section: &'a str,
    /// Where Alembic may be installed.
    pub environments: &'a Environments,
}

/// Reads the project's configuration.
pub fn find(wanted: &Wanted<'_>) -> Result<AlembicConfig, ConfigError> {
    let (rules, site) = match distribution::find(wanted.environments, "alembic") {
        Ok(found) => (
            Rules::Installed {
                version: found.version,
                place: found.place,
            },
            Some(found.site),
        ),
        Err(why) => (Rules::Newest { why }, None),
    };
    let mut search = Search {
        root: normal(&camino::absolute_utf8(wanted.root)?, ""),
        packages: Packages::find(wanted.environments, site.as_deref())?,
        notes: Vec::new(),
        section: wanted.section,
        rules,
    };
    if let (None, Some(variable)) = (wanted.config, &wanted.environments.alembic_config) {
        search.notes.push(format!(
            "ALEMBIC_CONFIG (`{}`) is set, and alembic obeys it; this program does not, name the file with `--config`",
            variable.display()
        ));
    }
    let chosen = match wanted.config {
        Some(config) => search.named(config)?,
        None => match search.unnamed()? {
            Some(chosen) => chosen,
            None => return search.by_programs(None),
        },
    };
    search.read(&chosen)
}

/// The file to go by.
struct Chosen {
    /// Absolute.
    file: Utf8PathBuf,
    /// Whether it is a `pyproject.toml`.
    toml: bool,
    /// The directories in which `alembic` may be run, the likelier first.
    working_directories: Vec<Utf8PathBuf>,
}

struct Search<'a> {
    root: Utf8PathBuf,
    rules: Rules,
    packages: Packages,
    section: &'a str,
    notes: Vec<String>,
}

/// A configuration as it is read from one working directory.
struct Candidate {
    working_directory: Utf8PathBuf,
    sources: Sources,
    read: Read,
    script_location: Option<Location>,
    locations: Vec<Location>,
}

impl Search<'_> {
    fn named(&self, config: &Utf8Path) -> Result<Chosen, ConfigError> {
        let file = normal(&self.root, config);
        if !file.exists() {
            return Err(ConfigError::NoFile(config.to_owned()));
        }
        let mut working_directories = vec![self.root.clone()];
        working_directories.extend(other_directory(&file, &self.root));
        Ok(Chosen {
            toml: file.file_name() == Some(PYPROJECT),
            file,
            working_directories,
        })
    }

    fn unnamed(&mut self) -> Result<Option<Chosen>, ConfigError> {
        let at_root = |file: Utf8PathBuf, toml| Chosen {
            file,
            toml,
            working_directories: vec![self.root.clone()],
        };
        let (ini, toml) = (self.root.join(INI), self.root.join(PYPROJECT));
        if ini.exists() {
            return Ok(Some(at_root(ini, false)));
        }
        if self.toml(&toml)?.is_some() {
            return Ok(Some(at_root(toml, true)));
        }
        let Below { files, .. } = programs::below(&self.root)?;
        let [(file, toml)] = files.as_slice() else {
            let files = files.iter().map(|(file, _)| self.shown(file)).collect();
            return match files {
                files if Vec::is_empty(&files) => Ok(None),
                files => Err(ConfigError::Several(files)),
            };
        };
        let mut working_directories = Vec::from_iter(other_directory(file, &self.root));
        working_directories.push(self.root.clone());
        let note = format!(
            "took `{}`: the project's root has no configuration of Alembic",
            self.shown(file)
        );
        self.notes.push(note);
        Ok(Some(Chosen {
            file: file.clone(),
            toml: *toml,
            working_directories,
        }))
    }

    fn read(mut self, chosen: &Chosen) -> Result<AlembicConfig, ConfigError> {
        if chosen.toml && !self.rules.reads_toml() {
            return self.read_unreadable(chosen);
        }
        let mut best: Option<Candidate> = None;
        let mut another = None;
        for working_directory in &chosen.working_directories {
            let candidate = self.candidate(chosen, working_directory)?;
            match &best {
                Some(found) if !candidate.beats(found) => {
                    if candidate.differs(found) && !found.beats(&candidate) {
                        another = Some(candidate.working_directory);
                    }
                }
                _ => {
                    another = None;
                    best = Some(candidate);
                }
            }
        }
        let Some(best) = best else {
            return Err(ConfigError::NotFound(self.root));
        };
        if let Some(another) = another {
            self.notes.push(format!(
                "the locations in `{}` are relative to the directory in which alembic is run, and fit `{}` as well as \
                `{another}`; the first was taken",
                self.shown(&chosen.file),
                best.working_directory,
            ));
        }
        self.finish(chosen, best)
    }

    /// `[tool.alembic]`, and an Alembic that does not know it.
    fn read_unreadable(mut self, chosen: &Chosen) -> Result<AlembicConfig, ConfigError> {
        let why = format!("{} does not read `pyproject.toml`; 1.16 does", self.rules);
        let rules = std::mem::replace(&mut self.rules, Rules::Newest { why: why.clone() });
        let place = Place {
            file: self.shown(&chosen.file),
            line: 1,
        };
        let mut config = self.read(chosen)?;
        config.rules = rules;
        config.refusals.insert(
            0,
            Refusal {
                setting: None,
                place: Some(place),
                why,
            },
        );
        Ok(config)
    }

    fn candidate(
        &self,
        chosen: &Chosen,
        working_directory: &Utf8Path,
    ) -> Result<Candidate, ConfigError> {
        let beside = |name: &str| working_directory.join(name);
        let (ini, toml) = if chosen.toml {
            (beside(INI), chosen.file.clone())
        } else {
            (chosen.file.clone(), beside(PYPROJECT))
        };
        let sources = Sources {
            ini: self.ini(&ini)?,
            section: self.section.to_owned(),
            toml: self.toml(&toml)?,
        };
        let read = evaluate(&sources, &self.rules);
        let path = SearchPath::new(working_directory, &read.prepend_sys_path, &self.packages);
        let locate = |entry: &Entry| path.locate(working_directory, entry);
        let versions = read.versions.as_ref();
        let entries = versions.and_then(|versions| versions.as_ref().ok());
        Ok(Candidate {
            script_location: read.script_location.as_ref().map(locate),
            locations: entries.into_iter().flatten().map(locate).collect(),
            working_directory: working_directory.to_owned(),
            sources,
            read,
        })
    }

    fn finish(
        mut self,
        chosen: &Chosen,
        candidate: Candidate,
    ) -> Result<AlembicConfig, ConfigError> {
        let Some(script_location) = candidate.script_location.clone() else {
            return self.without_location(chosen, candidate);
        };
        let mut refusals = candidate.read.refusals.clone();
        match (&script_location.resolved, &script_location.place) {
            (Err(why), Some(place)) => {
                return Err(ConfigError::Package {
                    place: place.clone(),
                    location: script_location.written,
                    why: why.clone(),
                });
            }
            (Ok(directory), _) => {
                // Before 1.16 an empty path was none; since then it is the working directory.
                let empty = script_location.written.is_empty() && !self.rules.reads_toml();
                if empty || !directory.exists() {
                    refusals.push(Refusal {
                        setting: Some("script_location".to_owned()),
                        place: script_location.place.clone(),
                        why: format!("`{}` does not exist", self.shown(directory)),
                    });
                }
            }
            (Err(_), None) => {}
        }
        let file = script_location
            .place
            .as_ref()
            .map(|place| place.file.clone());
        Ok(AlembicConfig {
            file: file.or_else(|| Some(self.shown(&chosen.file))),
            section: self.section.to_owned(),
            versions: versions(&script_location, &candidate),
            script_location,
            rules: self.rules,
            root: self.root,
            working_directory: candidate.working_directory,
            recursive: candidate.read.recursive,
            prepend_sys_path: candidate.read.prepend_sys_path,
            refusals,
            notes: std::mem::take(&mut self.notes),
            sources: candidate.sources,
        })
    }

    /// The file has no script location: a fault in it, another section, or a program that sets it.
    fn without_location(
        mut self,
        chosen: &Chosen,
        mut candidate: Candidate,
    ) -> Result<AlembicConfig, ConfigError> {
        let faults = &candidate.read.refusals;
        let fault = faults
            .iter()
            .find(|refusal| refusal.setting.as_deref() == Some("script_location"));
        if let Some(Refusal {
            place: Some(place),
            why,
            ..
        }) = fault
        {
            let (place, why) = (place.clone(), why.clone());
            return Err(ConfigError::Syntax { place, why });
        }
        let ini = candidate.sources.ini.as_ref();
        let others = ini.map(|source| source.ini.sections_with("script_location"));
        let others: Vec<String> = others
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect();
        let missing = ConfigError::NoLocation {
            file: self.shown(&chosen.file),
            section: self.section.to_owned(),
            others,
        };
        let has_section = ini.is_some_and(|source| source.ini.has_section(self.section));
        let nowhere =
            matches!(&missing, ConfigError::NoLocation { others, .. } if others.is_empty());
        let directory = chosen.file.parent().unwrap_or(&self.root).to_owned();
        if !nowhere || !has_section && !chosen.toml {
            return Err(missing);
        }
        if directory.join("env.py").is_file() && !chosen.toml {
            // Flask-Migrate keeps its ini among the scripts, and is run beside them.
            if let Some(parent) = directory.parent() {
                candidate = self.candidate(chosen, parent)?;
            }
            self.notes.push(format!(
                "`{}` names no script location; took its own directory, as Flask-Migrate sets it",
                self.shown(&chosen.file)
            ));
            candidate.script_location = Some(Location {
                written: self.shown(&directory).to_string(),
                place: None,
                package: false,
                resolved: Ok(directory),
            });
            return self.finish(chosen, candidate);
        }
        self.by_programs(Some(candidate.sources))
            .map_err(|error| match error {
                ConfigError::NotFound(_) => missing,
                other => other,
            })
    }

    /// A project that builds its configuration in Python still keeps its scripts somewhere.
    fn by_programs(self, sources: Option<Sources>) -> Result<AlembicConfig, ConfigError> {
        let Below { scripts, .. } = programs::below(&self.root)?;
        let [directory] = scripts.as_slice() else {
            return Err(match scripts.is_empty() {
                true => ConfigError::NotFound(self.root),
                false => ConfigError::Several(
                    scripts
                        .iter()
                        .map(|d| self.shown(&d.join("env.py")))
                        .collect(),
                ),
            });
        };
        let shown = self.shown(directory);
        let look_at = programs::mentions(&self.root)?;
        let look_at: Vec<Place> = look_at
            .into_iter()
            .map(|mention| Place {
                file: self.shown(&mention.place.file),
                line: mention.place.line,
            })
            .collect();
        let sources = sources.unwrap_or(Sources {
            section: self.section.to_owned(),
            ..Sources::default()
        });
        Ok(AlembicConfig {
            file: None,
            section: self.section.to_owned(),
            rules: self.rules,
            working_directory: self.root.clone(),
            root: self.root,
            script_location: Location {
                written: shown.to_string(),
                place: None,
                package: false,
                resolved: Ok(directory.clone()),
            },
            versions: Versions::Undecidable {
                why: format!(
                    "no file names the script location; `{}` was found",
                    shown.join("env.py")
                ),
                look_at,
            },
            recursive: false,
            prepend_sys_path: Vec::new(),
            refusals: Vec::new(),
            notes: self.notes,
            sources,
        })
    }

    fn ini(&self, file: &Utf8Path) -> Result<Option<IniSource>, ConfigError> {
        let Some(text) = text(file)? else {
            return Ok(None);
        };
        let shown = self.shown(file);
        match Ini::parse(&text) {
            Ok(ini) => Ok(Some(IniSource {
                file: shown,
                here: file.parent().unwrap_or(file).to_owned(),
                ini,
            })),
            Err(error) => Err(ConfigError::Syntax {
                place: Place {
                    file: shown,
                    line: error.line,
                },
                why: error.fault.to_string(),
            }),
        }
    }

    fn toml(&self, file: &Utf8Path) -> Result<Option<TomlSource>, ConfigError> {
        if !self.rules.reads_toml() {
            return Ok(None);
        }
        let Some(text) = text(file)? else {
            return Ok(None);
        };
        match Pyproject::parse(&text) {
            Ok(table) => Ok(table.map(|table| TomlSource {
                file: self.shown(file),
                here: file.parent().unwrap_or(file).to_owned(),
                text,
                table,
            })),
            Err(why @ PyprojectError::Syntax(_))
            | Err(why @ PyprojectError::ByteOrderMark)
            | Err(why @ PyprojectError::NotATable(_)) => Err(ConfigError::Toml {
                file: self.shown(file),
                why: why.to_string(),
            }),
        }
    }

    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }
}

impl Candidate {
    fn beats(&self, other: &Self) -> bool {
        self.worth() > other.worth()
    }

    /// How much of what is named exists.
    fn worth(&self) -> (u8, usize) {
        let directory = |location: &Location| location.resolved.as_ref().ok().cloned();
        let script = self.script_location.as_ref().and_then(directory);
        let script = script.map_or(0, |script| {
            u8::from(script.is_dir()) + u8::from(script.join("env.py").is_file())
        });
        let locations = self.locations.iter().filter_map(directory);
        (script, locations.filter(|found| found.is_dir()).count())
    }

    fn differs(&self, other: &Self) -> bool {
        let resolved = |candidate: &Self| {
            let script = candidate.script_location.iter();
            let all = script.chain(&candidate.locations);
            all.map(|location| location.resolved.clone().ok())
                .collect::<Vec<_>>()
        };
        resolved(self) != resolved(other)
    }
}

fn versions(script_location: &Location, candidate: &Candidate) -> Versions {
    match &candidate.read.versions {
        Some(Ok(_)) => Versions::Listed(candidate.locations.clone()),
        Some(Err(refusal)) => Versions::Refused(refusal.clone()),
        None => Versions::Default(Location {
            written: format!("{}/versions", script_location.written),
            place: None,
            package: script_location.package,
            resolved: script_location
                .resolved
                .clone()
                .map(|directory| directory.join("versions")),
        }),
    }
}

/// The file's own directory, unless it is the root.
fn other_directory(file: &Utf8Path, root: &Utf8Path) -> Option<Utf8PathBuf> {
    let directory = file.parent()?;
    (directory != root).then(|| directory.to_owned())
}

fn text(file: &Utf8Path) -> io::Result<Option<String>> {
    match fs_err::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
