//! How Alembic is told of the vendored directory, and what `env.py` does to its revisions.

mod in_place;

use camino::{Utf8Path, Utf8PathBuf};

use super::env::env_findings;
use super::{Code, Finding, Severity};
use crate::alembic::config::{AlembicConfig, Location, Refusal, Rules, Unresolved, Versions};
use crate::alembic::env_file::EnvFile;
use crate::lockfile::Mode;
use crate::place::Line;
use crate::python_source::SyntaxError;

/// What is known of a project's wiring.
#[derive(Debug, Clone, Copy)]
pub struct Wiring<'a> {
    pub alembic: &'a AlembicConfig,
    /// The vendored directory, relative to the project where it lies inside; in place, that of the package's own revisions,
    /// which is unknown if the package is.
    pub directory: Option<&'a Utf8Path>,
    /// `env.py`: its path as the user knows it, and what it says. None where there is none.
    pub env: Option<(&'a Utf8Path, &'a Result<EnvFile, SyntaxError>)>,
    /// Whether SQLAlchemy is known to be older than 2.
    pub old_sqlalchemy: bool,
    /// What is vendored; none before the first `sync`.
    pub vendored: Option<Vendored>,
}

/// What the vendored revisions need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vendored {
    /// How they were vendored.
    pub mode: Mode,
    /// Whether one of them leaves Alembic's transaction (`autocommit_block()`).
    pub leaves_transaction: bool,
    /// Whether one of them adds a value to an enum inside of it.
    pub adds_enum_values: bool,
}

/// Findings, and what could not be decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wired {
    pub findings: Vec<Finding>,
    /// What could not be decided, and where to look.
    pub notes: Vec<String>,
}

/// Everything in which the wiring is wrong.
pub fn wiring(wiring: &Wiring<'_>) -> Wired {
    let mut wired = Wired::default();
    wiring.refusals(&mut wired);
    wiring.directory(&mut wired);
    wiring.locations(&mut wired);
    wiring.prepend_sys_path(&mut wired);
    env_findings(wiring, &mut wired);
    wired
}

impl Wiring<'_> {
    /// The file in which locations are set.
    pub(super) fn file(&self) -> Utf8PathBuf {
        let fallback = || Utf8PathBuf::from("alembic.ini");
        self.alembic.file.clone().unwrap_or_else(fallback)
    }

    /// A finding at a place of the configuration, or about its file.
    pub(super) fn finding(
        &self,
        code: Code,
        place: Option<&Line>,
        message: String,
        remedy: &str,
    ) -> Finding {
        let path = place.map_or_else(|| self.file(), |place| place.file.clone());
        let finding = Finding::new(code, Severity::Error, path.into_string(), message, remedy);
        match place {
            Some(place) => finding.at(place.line),
            None => finding,
        }
    }

    fn refusals(&self, wired: &mut Wired) {
        let listed = match &self.alembic.versions {
            Versions::Refused(refusal) => Some(refusal),
            Versions::Default(_) | Versions::Listed(_) | Versions::Undecidable { .. } => None,
        };
        let mut said: Vec<&Refusal> = Vec::new();
        for refusal in self.alembic.refusals.iter().chain(listed) {
            if said.contains(&refusal) {
                continue;
            }
            said.push(refusal);
            let message = format!(
                "{} refuses this configuration: {}",
                self.alembic.rules, refusal.why
            );
            let separator = refusal
                .setting
                .as_deref()
                .is_some_and(|key| key.ends_with("path_separator"));
            let remedy = if separator {
                "run `vendor-migrations init`, which mends separators"
            } else {
                "mend the value"
            };
            wired.findings.push(self.finding(
                Code::VersionLocations,
                refusal.place.as_ref(),
                message,
                remedy,
            ));
        }
    }

    /// Whether Alembic finds the vendored directory.
    fn directory(&self, wired: &mut Wired) {
        let shown = self
            .directory
            .map_or("Procrastinate's own revisions", Utf8Path::as_str);
        match &self.alembic.versions {
            Versions::Refused(_) => return,
            Versions::Undecidable { why, look_at } => {
                let places: Vec<String> = look_at.iter().map(Line::to_string).collect();
                let look = if places.is_empty() {
                    String::new()
                } else {
                    format!("; look at {}", places.join(", "))
                };
                wired.notes.push(format!(
                    "whether Alembic looks into {shown} cannot be told from files: {why}{look}"
                ));
                return;
            }
            Versions::Default(_) | Versions::Listed(_) => {}
        }
        if self.looks_into_vendored() != Some(false) {
            return;
        }
        let place = self
            .alembic
            .setting("version_locations")
            .map(|setting| setting.place);
        let message = format!(
            "Alembic does not look into {shown}: it exits 0, and applies nothing of it{}",
            self.instead()
        );
        let remedy = if self.is_in_place() {
            "run `vendor-migrations init --in-place`, which adds it to `version_locations`; if Alembic has another \
             installation than this program found, name that one with `--from`"
        } else {
            "run `vendor-migrations init`, which adds it to `version_locations`"
        };
        wired
            .findings
            .push(self.finding(Code::NotWired, place.as_ref(), message, remedy));
    }

    pub(super) fn looks_into_vendored(&self) -> Option<bool> {
        match (self.directory, &self.alembic.versions) {
            (Some(directory), _) => self.alembic.looks_into(&self.alembic.root.join(directory)),
            (None, Versions::Undecidable { .. }) => None,
            (None, versions) => Some(versions.locations().iter().any(Location::is_upstreams)),
        }
    }

    fn locations(&self, wired: &mut Wired) {
        let vendored = self
            .directory
            .map(|directory| self.alembic.root.join(directory));
        let own = self
            .alembic
            .root
            .join(self.alembic.script_directory())
            .join("versions");
        let active = self.looks_into_vendored() == Some(true)
            && self.vendored.is_some()
            && !self.is_in_place();
        for location in self.alembic.versions.locations() {
            let upstreams = location.is_upstreams();
            if upstreams && active {
                let message = format!(
                    "`{}` is Procrastinate's own revisions, and {} holds them, too: their branch labels or ids clash, or \
                     each migration runs twice",
                    location.written,
                    self.directory
                        .map_or("the vendored directory", Utf8Path::as_str)
                );
                let remedy = "take one of the two out of `version_locations`: the one that your databases have not applied \
                              (`alembic current` tells)";
                wired.findings.push(self.finding(
                    Code::UpstreamLocation,
                    location.place.as_ref(),
                    message,
                    remedy,
                ));
            }
            match &location.resolved {
                // Git keeps no empty directories, so a project without revisions has none in a fresh clone.
                Ok(path) if Some(path) == vendored.as_ref() || *path == own || path.is_dir() => {}
                Ok(path) => {
                    let written = &location.written;
                    let message = if path == written {
                        format!("there is no directory `{written}`")
                    } else {
                        format!("`{written}` is {path}, and there is no such directory")
                    };
                    wired.findings.push(self.missing(location, message));
                }
                Err(Unresolved::NoPackage { .. })
                    if matches!(self.alembic.rules, Rules::Newest { .. }) =>
                {
                    wired.notes.push(format!(
                        "the version location `{}` could not be checked: its package is not installed here, and neither is \
                         Alembic",
                        location.written
                    ));
                }
                Err(why) => {
                    let message = format!("`{}` cannot be found: {why}", location.written);
                    wired.findings.push(self.missing(location, message));
                }
            }
        }
    }

    fn missing(&self, location: &Location, message: String) -> Finding {
        let remedy = if self.is_in_place() && location.is_upstreams() {
            "install the Procrastinate whose revisions are to run; if it keeps them elsewhere, run `vendor-migrations init \
             --in-place`, and take this entry out"
        } else {
            "mend the entry, or take it out: Alembic passes over a directory that is not there in silence"
        };
        self.finding(
            Code::LocationMissing,
            location.place.as_ref(),
            message,
            remedy,
        )
    }

    /// `path_separator` governs this list as well, which older templates separate with blanks.
    fn prepend_sys_path(&self, wired: &mut Wired) {
        let sources = &self.alembic.sources;
        let Some(setting) = sources.ini_setting("prepend_sys_path") else {
            return;
        };
        let Some(separator) = sources
            .ini_setting("path_separator")
            .filter(|_| self.alembic.rules.reads_toml())
        else {
            return;
        };
        let blank = |entry: &&String| {
            entry.contains([' ', ',']) && !self.alembic.working_directory.join(entry).is_dir()
        };
        let Some(entry) = self.alembic.prepend_sys_path.iter().find(blank) else {
            return;
        };
        let message = format!(
            "`path_separator` (line {}) splits `prepend_sys_path`, too, so `{entry}` is one directory, which does not exist",
            separator.place.line
        );
        let remedy =
            "separate the entries as `path_separator` says (`os`: with `:`, on Windows `;`)";
        let finding = self.finding(Code::PrependSysPath, Some(&setting.place), message, remedy);
        wired.findings.push(Finding {
            severity: Severity::Warning,
            ..finding
        });
    }
}
