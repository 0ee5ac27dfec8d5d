//! Searches the sources in the documented order, and reads the first that has Procrastinate.

use std::fmt;
use std::io;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use pep440_rs::Version;

use super::fetch::{Fetch, fetch};
use super::{Upstream, UpstreamError, Upstreams, site_packages as site, wheel};
use crate::environment::distribution::version_in;
use crate::environment::{Candidate, Environments, PYTHON, Packages};
use crate::escape::one_line;
use crate::links;
use crate::procrastinate::{PACKAGE, SQL};

#[derive(Debug)]
pub struct Search<'a> {
    pub project: &'a Utf8Path,
    pub from: Option<&'a Utf8Path>,
    pub release: Option<&'a Version>,
    /// The setting `from`, made absolute or relative to the working directory.
    pub setting: Option<&'a Utf8Path>,
    pub python: Option<&'a Utf8Path>,
    pub environments: &'a Environments,
    pub cache: Option<Utf8PathBuf>,
    pub processes: Processes,
    /// What was read for other projects.
    pub upstreams: &'a Upstreams,
}

/// Which processes a search may start, besides the interpreter that the user names with `--python`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processes {
    /// A download, and `python3` on the PATH.
    Allowed,
    /// Only the download of a release that the user names.
    Download,
    /// None: the command is read-only.
    Forbidden,
}

/// A place that was searched without result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub place: String,
    pub outcome: String,
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.outcome)
    }
}

/// An environment with another release than the one that was found before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    pub place: String,
    pub release: Version,
}

/// Reads the release from the first source that has one.
pub fn find(search: &Search<'_>) -> Result<Upstream, UpstreamError> {
    if let Some(path) = search.from {
        return named(path);
    }
    if let Some(release) = search.release {
        return fetch(&Fetch {
            release,
            sha256: None,
            cache: search.cache.as_deref(),
            directory: search.project,
            processes: search.processes,
        });
    }
    if let Some(path) = search.setting {
        let mut upstream = named(path)?;
        if let Some(python) = search.python {
            let note =
                format!("`--python {python}` was not asked: the setting `from` comes before it");
            upstream.notes.push(note);
        }
        return Ok(upstream);
    }
    if let Some(python) = search.python {
        let found = asked(python, python.as_str())?;
        return found.ok_or_else(|| no_python(python, "it is not installed for this Python"));
    }
    installed(search)
}

/// `--from PATH`: a wheel, a site-packages directory, a package directory, or a whole environment.
fn named(path: &Utf8Path) -> Result<Upstream, UpstreamError> {
    let not_there = |why: &str| UpstreamError::NotThere {
        place: path.to_owned(),
        why: why.to_owned(),
    };
    let source = path.as_str();
    if path.is_file() {
        return match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("whl") => wheel::read(path, source),
            _ => Err(not_there("it is a file, but not a `.whl`")),
        };
    }
    if !path.is_dir() {
        return Err(not_there("there is no such file or directory"));
    }
    if let Some(upstream) = site::read(path, source)? {
        return Ok(upstream);
    }
    let in_package = SQL.strip_prefix("procrastinate/").unwrap_or(SQL);
    let (found, why) = if path.join(in_package).is_dir() {
        // `procrastinate/..` would not do for `--from .`.
        let package = links::canonical(path)?;
        let root = package.parent().unwrap_or(&package);
        (beside_package(root, source)?, NO_VERSION)
    } else if path.join(SQL).is_dir() {
        (beside_package(path, source)?, NO_VERSION)
    } else {
        (
            in_packages_of(
                &Environments::default(),
                &Upstreams::default(),
                &Packages::of(path)?,
                source,
            )?,
            NO_PACKAGE,
        )
    };
    found.ok_or_else(|| not_there(why))
}

const NO_VERSION: &str = "the package is there, but neither a `procrastinate-*.dist-info` nor a `PKG-INFO` next to it says \
                          which release it is";
const NO_PACKAGE: &str = "it holds no `procrastinate-*.dist-info`, no package with `sql/migrations`, and no environment with either";

/// The package in `root`, with its release from a `dist-info` or a `PKG-INFO` beside it.
fn beside_package(root: &Utf8Path, source: &str) -> Result<Option<Upstream>, UpstreamError> {
    match site::read(root, source)? {
        None => site::read_source_tree(root, source),
        found => Ok(found),
    }
}

/// The first environment that has it, and the others that have another release.
fn installed(search: &Search<'_>) -> Result<Upstream, UpstreamError> {
    let environments = search.environments;
    let mut looked = Vec::new();
    let mut candidates = environments.candidates();
    while let Some(candidate) = candidates.next() {
        let candidate = candidate?;
        let outcome = match environments.packages(&candidate)? {
            Err(why) => why,
            Ok(packages) => match in_packages(search, &packages)? {
                Some(upstream) => {
                    let elsewhere =
                        elsewhere(environments, &packages, &upstream.release, candidates);
                    return Ok(Upstream {
                        looked,
                        elsewhere,
                        ..upstream
                    });
                }
                None => "Procrastinate is not installed in it".to_owned(),
            },
        };
        looked.push(Looked {
            place: candidate.place,
            outcome,
        });
    }
    let outcome = match on_the_path(search) {
        Err(UpstreamError::NoPython { why, .. }) => why,
        found => return Ok(Upstream { looked, ..found? }),
    };
    looked.push(Looked {
        place: format!("{PYTHON} on the PATH"),
        outcome,
    });
    looked.extend(environments.managers().into_iter().map(|manager| Looked {
        place: format!("what {} would choose", manager.name()),
        outcome: format!(
            "not asked, because this needs a process: `{} vendor-migrations check` runs in it",
            manager.run()
        ),
    }));
    Err(UpstreamError::NotFound(looked))
}

/// The environments behind the one that was used which have another release.
fn elsewhere(
    environments: &Environments,
    used: &Packages,
    release: &Version,
    candidates: impl Iterator<Item = io::Result<Candidate>>,
) -> Vec<Elsewhere> {
    // What is wrong with one that does not count is no matter here.
    let behind = candidates.filter_map(Result::ok).filter_map(|candidate| {
        let packages = environments.packages(&candidate).ok()?.ok()?;
        Some((candidate.place, packages))
    });
    let path = environments
        .packages_on_the_path()
        .ok()
        .and_then(Result::ok);
    let path = path.map(|packages| {
        (
            format!("{PYTHON} on the PATH ({})", packages.prefix),
            packages,
        )
    });
    let mut found: Vec<Elsewhere> = Vec::new();
    let mut seen = vec![links::real(&used.prefix).ok()];
    for (place, packages) in behind.chain(path) {
        let prefix = links::real(&packages.prefix).ok();
        if seen.contains(&prefix) {
            continue;
        }
        seen.push(prefix);
        let other = version_in(environments, packages, PACKAGE).ok().flatten();
        found.extend(
            other
                .filter(|other| other != release)
                .map(|release| Elsewhere { place, release }),
        );
    }
    found
}

fn no_python(python: &Utf8Path, why: &str) -> UpstreamError {
    UpstreamError::NoPython {
        python: python.to_owned(),
        why: why.to_owned(),
    }
}

/// What the `python3` on the PATH says, or if it may not be started, what lies beside it.
fn on_the_path(search: &Search<'_>) -> Result<Upstream, UpstreamError> {
    let environments = search.environments;
    let missing = |why: String| no_python(PYTHON.into(), &why);
    if search.processes == Processes::Allowed {
        let python = environments.python().map_err(missing)?;
        let found = asked(&python, &format!("{PYTHON} on the PATH"))?;
        return found.ok_or_else(|| missing("Procrastinate is not installed for it".to_owned()));
    }
    let packages = environments.packages_on_the_path()?.map_err(missing)?;
    let found = in_packages(search, &packages)?;
    found.ok_or_else(|| {
        missing(format!(
            "Procrastinate is not in `{}`; the interpreter was not asked, because this command starts no process (name it \
             with `--python`)",
            one_line(packages.prefix.as_str())
        ))
    })
}

/// Asks an interpreter for its `sys.path`; the packages are read from files all the same.
fn asked(python: &Utf8Path, source: &str) -> Result<Option<Upstream>, UpstreamError> {
    const SCRIPT: &str = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(os.fsencode(p) for p in sys.path if p))";
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .output()
        .map_err(|error| no_python(python, &format!("it cannot be started ({error})")))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let last = errors.trim().lines().last().unwrap_or_default();
        let why = format!(
            "asking it for `sys.path` failed ({}): {}",
            output.status,
            last.escape_debug()
        );
        return Err(no_python(python, &why));
    }
    for entry in output.stdout.split(|byte| *byte == 0) {
        if let Ok(entry) = std::str::from_utf8(entry)
            && let directory = Utf8Path::new(entry)
            && directory.is_dir()
            && let Some(upstream) = site::read(directory, &format!("{source} ({directory})"))?
        {
            return Ok(Some(upstream));
        }
    }
    Ok(None)
}

/// Reads the one installation in the first group of directories that has any.
fn in_packages(
    search: &Search<'_>,
    packages: &Packages,
) -> Result<Option<Upstream>, UpstreamError> {
    let environments = search.environments;
    let source = environments.shown(&packages.prefix);
    in_packages_of(environments, search.upstreams, packages, &source)
}

fn in_packages_of(
    environments: &Environments,
    upstreams: &Upstreams,
    packages: &Packages,
    source: &str,
) -> Result<Option<Upstream>, UpstreamError> {
    for directories in &packages.sites {
        let mut found = Vec::new();
        for directory in directories {
            let all = environments.dist_infos(directory)?;
            if let Some(dist_info) = site::dist_info(directory, &all)? {
                found.push((directory, dist_info));
            }
        }
        match found.as_slice() {
            [] => {}
            // The user's own packages lie elsewhere than the interpreter's.
            [(directory, dist_info)] => {
                let source = match directory.starts_with(&packages.prefix) {
                    true => source,
                    false => directory.as_str(),
                };
                let read = || site::read_described(environments, directory, dist_info, source);
                return upstreams.once(dist_info, source, read).map(Some);
            }
            _ => {
                return Err(UpstreamError::Several {
                    place: packages.prefix.clone(),
                    found: found
                        .into_iter()
                        .map(|(_, dist_info)| dist_info.into_string())
                        .collect(),
                });
            }
        }
    }
    Ok(None)
}
