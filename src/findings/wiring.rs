//! How Alembic is told where the revisions are.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::env::env_findings;
use super::{Code, Finding, Remedy};
use crate::alembic::config::{
    AlembicConfig, Location, Refusal, Rules, Setting, Unresolved, Versions,
};
use crate::alembic::env_file::EnvFile;
use crate::links;
use crate::lockfile::Mode;
use crate::place::{self, Place};
use crate::python_source::SyntaxError;

#[derive(Debug, Clone)]
pub struct Wiring<'a> {
    pub alembic: &'a AlembicConfig,
    /// The vendored directory, relative to the project where it lies inside; in place, that of the package's own revisions,
    /// which is unknown if the package is.
    pub directory: Option<&'a Utf8Path>,
    /// Whether the project has revisions in the default directory, and Alembic does not look there.
    pub own_versions: bool,
    pub env: Option<&'a Env>,
    /// `sqlalchemy.url`, of this configuration or of the application's, from where a separate environment takes it.
    pub url: Option<Setting>,
    /// Whether SQLAlchemy is known to be older than 2.
    pub old_sqlalchemy: bool,
    /// Whether the settings name the schema.
    pub has_schema: bool,
    /// What is vendored needs this; none before the first `sync`.
    pub needs: Option<Needs>,
}

#[derive(Debug, Clone)]
pub struct Env {
    /// As the user knows it.
    pub path: Utf8PathBuf,
    pub text: String,
    pub file: Result<EnvFile, SyntaxError>,
}

/// What revisions need of `env.py`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    pub mode: Mode,
    /// Whether one of them leaves Alembic's transaction (`autocommit_block()`).
    pub leaves_transaction: bool,
    /// Whether one of them adds a value to an enum inside of it.
    pub adds_enum_values: bool,
}

/// Findings, and what could not be decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub findings: Vec<Finding>,
    /// What could not be decided, and where to look.
    pub notes: Vec<String>,
}

pub fn wiring(wiring: &Wiring<'_>) -> Found {
    let mut found = Found::default();
    wiring.refusals(&mut found);
    wiring.directory(&mut found);
    wiring.locations(&mut found);
    found.findings.extend(wiring.prepend_sys_path());
    env_findings(wiring, &mut found);
    found.findings.extend(wiring.no_env());
    found.findings.extend(wiring.unlisted_own_versions());
    found
}

impl Wiring<'_> {
    /// A line of the configuration, or its file.
    pub(super) fn place(&self, line: Option<&place::Line>) -> Place {
        match (line, &self.alembic.file) {
            (Some(line), _) => line.into(),
            (None, Some(file)) => Place::new(file.as_str()),
            (None, None) => Place::new("alembic.ini"),
        }
    }

    fn version_locations(&self) -> Place {
        let setting = self.alembic.setting("version_locations");
        self.place(setting.as_ref().map(|setting| &setting.place))
    }

    fn refusals(&self, found: &mut Found) {
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
            let (rules, why) = (&self.alembic.rules, &refusal.why);
            let message = format!("{rules} refuses this configuration: {why}");
            let key = refusal.setting.as_deref();
            let remedy = match key {
                Some(key) if key.ends_with("path_separator") => {
                    Remedy::init("", ", which fixes separators")
                }
                Some("script_location") => "let it name the directory with `env.py`".into(),
                _ => "fix the value".into(),
            };
            let place = self.place(refusal.place.as_ref());
            let finding = Finding::error(Code::VersionLocations, place, message, remedy);
            found.findings.push(finding);
        }
    }

    fn directory(&self, found: &mut Found) {
        let shown = self
            .directory
            .map_or("Procrastinate's own revisions", Utf8Path::as_str);
        match &self.alembic.versions {
            Versions::Refused(_) => return,
            Versions::Undecidable { why, look_at } => {
                let places: Vec<String> = look_at.iter().map(ToString::to_string).collect();
                let look = match places.is_empty() {
                    true => String::new(),
                    false => format!("; look at {}", places.join(", ")),
                };
                found.notes.push(format!(
                    "files do not show whether Alembic looks into {shown}: {why}{look}"
                ));
                return;
            }
            Versions::Default(_) | Versions::Listed(_) => {}
        }
        if self.looks_into_vendored() != Some(false) {
            return;
        }
        if let Some(note) = self.env.and_then(|env| self.is_added(env)) {
            found.notes.push(note);
            return;
        }
        let message = format!(
            "Alembic does not look into {shown}: it exits 0, and applies none of the revisions there{}",
            self.instead()
        );
        let remedy = if self.is_in_place() {
            Remedy::init(
                " --in-place",
                ", which adds it to `version_locations`; if Alembic uses another installation than this program found, \
                 name that installation with `--from`",
            )
        } else {
            Remedy::init("", ", which adds it to `version_locations`")
        };
        let place = self.version_locations();
        found
            .findings
            .push(Finding::error(Code::NotWired, place, message, remedy));
    }

    pub(super) fn looks_into_vendored(&self) -> Option<bool> {
        match (self.directory, &self.alembic.versions) {
            (Some(directory), _) => self.alembic.looks_into(&self.alembic.root.join(directory)),
            (None, Versions::Undecidable { .. }) => None,
            (None, versions) => Some(versions.locations().iter().any(Location::is_upstreams)),
        }
    }

    fn locations(&self, found: &mut Found) {
        let root = &self.alembic.root;
        let vendored = self.directory.map(|directory| root.join(directory));
        let own = root.join(self.alembic.own_versions());
        let both_run =
            self.looks_into_vendored() == Some(true) && self.needs.is_some() && !self.is_in_place();
        for location in self.alembic.versions.locations() {
            if both_run && location.is_upstreams() {
                found.findings.push(self.upstreams_too(location));
            }
            match &location.resolved {
                // Git keeps no empty directories, so a project without revisions has none in a fresh clone.
                Ok(path) if Some(path) == vendored.as_ref() || *path == own || path.is_dir() => {}
                Ok(_) if location.written.contains('\n') => {
                    found.findings.push(self.on_lines(location));
                }
                Ok(path) => {
                    let written = &location.written;
                    let message = match path == written {
                        true => format!("there is no directory `{written}`"),
                        false => format!("`{written}` is {path}, and there is no such directory"),
                    };
                    found.findings.push(self.missing(location, message));
                }
                Err(Unresolved::NoPackage(_))
                    if matches!(self.alembic.rules, Rules::Newest { .. })
                        && !location.written.contains('\n') =>
                {
                    found.notes.push(format!(
                        "the version location `{}` could not be checked: its package and Alembic are not installed here",
                        location.written
                    ));
                }
                Err(why) => found.findings.push(self.unresolved(location, why)),
            }
        }
        found.findings.extend(self.listed_twice());
    }

    /// A package that Alembic cannot import stops it.
    fn unresolved(&self, location: &Location, why: &Unresolved) -> Finding {
        let written = location.written.trim();
        let place = self.place(location.place.as_ref());
        if written.contains('\n') {
            let lines: Vec<&str> = written.lines().collect();
            let message = format!(
                "no setting separates the lines `{}`: together, they are one location, in a package that does not exist, \
                 and all commands of Alembic fail",
                lines.join("`, `")
            );
            let remedy = "set `path_separator = newline`, so that each line is a location (from Alembic 1.13.3 to 1.15: \
                          `version_path_separator = newline`); or write them in one line";
            return Finding::error(Code::VersionLocations, place, message, remedy);
        }
        let message = format!("`{written}` cannot be found: {why}: all commands of Alembic fail");
        let remedy = "fix the entry, install the package, or remove the entry";
        match self.is_in_place() && location.is_upstreams() {
            true => self.missing(location, message),
            false => Finding::error(Code::LocationMissing, place, message, remedy),
        }
    }

    /// Alembic loads a directory once, and warns of each of its files.
    fn listed_twice(&self) -> Option<Finding> {
        let locations = self.alembic.versions.locations();
        let real = |location: &Location| links::real(location.resolved.as_ref().ok()?).ok();
        let mut seen = BTreeSet::new();
        let twice = locations
            .iter()
            .find(|location| real(location).is_some_and(|path| !seen.insert(path)))?;
        let message = format!(
            "`{}` is listed a second time: on each command, Alembic warns of each file there (\"loaded twice! ignoring\")",
            twice.written
        );
        let remedy = "remove the entry, or write the directory that was meant";
        let place = self.place(twice.place.as_ref());
        Some(Finding::warning(
            Code::VersionLocations,
            place,
            message,
            remedy,
        ))
    }

    fn upstreams_too(&self, location: &Location) -> Finding {
        let message = format!(
            "`{}` is Procrastinate's own revisions, and {} holds them, too: their branch labels or ids clash, or each \
             migration runs twice",
            location.written,
            self.directory
                .map_or("the vendored directory", Utf8Path::as_str)
        );
        let remedy = "remove one of the two from `version_locations`: the one that your databases have not applied \
                      (`alembic current` shows what they have applied)";
        let place = self.place(location.place.as_ref());
        Finding::error(Code::UpstreamLocation, place, message, remedy)
    }

    /// Entries on lines of their own, and no separator that splits there: a line end is a part of the path.
    fn on_lines(&self, location: &Location) -> Finding {
        let message = format!(
            "`{}` is one location, which does not exist: no separator is set that splits lines",
            location.written.escape_debug()
        );
        let place = self.place(location.place.as_ref());
        let remedy = Remedy::init("", ", which fixes separators");
        Finding::error(Code::LocationMissing, place, message, remedy)
    }

    fn missing(&self, location: &Location, message: String) -> Finding {
        let remedy = if self.is_in_place() && location.is_upstreams() {
            "install the release of Procrastinate whose revisions should run; if that release keeps them elsewhere, run \
             `vendor-migrations init --in-place`, and remove this entry"
        } else {
            "fix the entry, or remove it: Alembic skips a directory that does not exist, without a message"
        };
        let place = self.place(location.place.as_ref());
        Finding::error(Code::LocationMissing, place, message, remedy)
    }

    /// `path_separator` governs this list as well, which older templates separate with blanks.
    fn prepend_sys_path(&self) -> Option<Finding> {
        let sources = &self.alembic.sources;
        let Setting { place, .. } = sources.ini_setting("prepend_sys_path")?;
        let separator = sources
            .ini_setting("path_separator")
            .filter(|_| self.alembic.rules.reads_toml())?;
        let is_several = |entry: &&String| {
            entry.contains([' ', ',', ':']) && !self.alembic.working_directory.join(entry).is_dir()
        };
        let entry = self.alembic.prepend_sys_path.iter().find(is_several)?;
        let message = format!(
            "`path_separator` (line {}) splits `prepend_sys_path`, too, so `{entry}` is one directory, which does not exist",
            separator.place.line
        );
        let remedy = "separate the entries with the character that `path_separator` names (`os` is `:`, and on Windows `;`)";
        let (code, place) = (Code::PrependSysPath, self.place(Some(&place)));
        Some(Finding::warning(code, place, message, remedy))
    }

    /// Every command that touches a database runs `env.py`.
    fn no_env(&self) -> Option<Finding> {
        let scripts = self.alembic.script_location.resolved.as_ref().ok()?;
        let path = self.alembic.script_directory().join("env.py");
        let message = "there is no such file: every `alembic upgrade` fails";
        let remedy = "restore it from version control, or make it with `alembic init`";
        (scripts.is_dir() && self.env.is_none()).then(|| {
            let place = Place::new(path.as_str());
            Finding::error(Code::EnvUnreadable, place, message, remedy)
        })
    }

    fn unlisted_own_versions(&self) -> Option<Finding> {
        let own = self.alembic.own_versions();
        let message = format!(
            "{own} holds revisions, but is not among the locations: Alembic exits 0, and applies none of them"
        );
        let options = match self.is_in_place() {
            true => " --in-place",
            false => "",
        };
        let remedy = Remedy::init(options, ", which adds it to `version_locations`");
        self.own_versions
            .then(|| Finding::error(Code::OwnVersions, self.version_locations(), message, remedy))
    }

    /// Whether the package's own revisions are to run.
    pub(super) fn is_in_place(&self) -> bool {
        self.needs.is_some_and(|needs| needs.mode == Mode::InPlace)
    }

    /// The package's own revisions that Alembic does look into.
    fn instead(&self) -> String {
        let locations = self.alembic.versions.locations().iter();
        let others = locations.filter(|location| self.is_in_place() && location.is_upstreams());
        let resolved = others.filter_map(|location| location.resolved.as_ref().ok());
        resolved
            .map(|path| format!("; it looks into {path}"))
            .collect()
    }
}
