//! The commands that the user is told to run. All of them are made here.

use camino::Utf8Path;

use crate::cli::Global;
use crate::project::Project;
use crate::read;
use crate::settings::History;
use crate::steps::{Run, Stamp};

/// How the user has to call this program and Alembic for this project, from where this program was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commands {
    /// The options of every command that the user gave, each after a space.
    options: String,
    /// `alembic`, with its own options.
    alembic: String,
    /// Where Alembic is run, if not in the working directory: it has no option for that.
    directory: Option<String>,
    /// What `alembic upgrade` takes to apply everything.
    target: &'static str,
}

impl Commands {
    pub fn of(project: &Project, global: &Global) -> Self {
        let alembic_runs_in = project.alembic.as_ref().and_then(|alembic| {
            let below = alembic.working_directory.strip_prefix(&alembic.root);
            below.ok().filter(|below| !below.as_str().is_empty())
        });
        let directory = match (global.root().as_str(), alembic_runs_in) {
            (".", below) => below.map(Utf8Path::to_owned),
            (_, None) => Some(global.root().to_owned()),
            (_, Some(below)) => Some(global.root().join(below)),
        };
        Self {
            options: options(global),
            alembic: alembic(project, global),
            directory: directory.map(|directory| shell_word(directory.as_str())),
            target: match project.settings.history {
                History::Branch => "heads",
                History::Linear => "head",
            },
        }
    }

    /// For another configuration of Alembic than the project's.
    pub fn with_config(self, config: &Utf8Path) -> Self {
        Self {
            alembic: format!("alembic -c {}", shell_word(config.as_str())),
            ..self
        }
    }

    /// For another history than the settings have.
    pub fn with_history(self, history: Option<History>) -> Self {
        let target = match history {
            Some(History::Linear) => "head",
            Some(History::Branch) => "heads",
            None => self.target,
        };
        Self { target, ..self }
    }

    /// This program with a verb and its options.
    pub fn own(&self, verb: &str) -> String {
        format!("vendor-migrations {verb}{}", self.options)
    }

    /// Alembic with a verb and its arguments, which are shell words.
    pub fn alembic(&self, arguments: &str) -> String {
        let command = format!("{} {arguments}", self.alembic);
        match &self.directory {
            Some(directory) => format!("(cd {directory} && {command})"),
            None => command,
        }
    }

    /// What stamps, one command after the other.
    pub fn stamp(&self, stamp: &Stamp) -> Vec<String> {
        let run = |Run { after, last }: &Run| {
            let upgrades = after.iter().map(|after| self.upgrade_to(after));
            let stamp = self.alembic(&format!("stamp {}", shell_word(last)));
            upgrades.chain([stamp]).collect::<Vec<_>>()
        };
        stamp.runs.iter().flat_map(run).collect()
    }

    /// Alembic, upgrading to a revision.
    pub fn upgrade_to(&self, revision: &str) -> String {
        self.alembic(&format!("upgrade {}", shell_word(revision)))
    }

    /// Alembic, applying everything.
    pub fn upgrade(&self) -> String {
        self.upgrade_to(self.target)
    }
}

/// The options that say which project is meant, each after a space.
pub fn options(global: &Global) -> String {
    let mut options = String::new();
    let mut add = |option: &str, value: &str| {
        options.push_str(&format!(" {option} {}", shell_word(value)));
    };
    if global.root() != "." {
        add("-C", global.root().as_str());
    }
    if let Some(config) = &global.config {
        add("-c", config.as_str());
    }
    if let Some(directory) = &global.script_location {
        add("--script-location", directory.as_str());
    }
    if global.name != "alembic" {
        add("-n", &global.name);
    }
    options
}

/// `alembic` with the options that the user gave to this program.
fn alembic(project: &Project, global: &Global) -> String {
    if by_flask(project) {
        return "flask db".to_owned();
    }
    let mut command = String::from("alembic");
    let config = project.config.as_deref().or_else(|| found_below(project));
    if let Some(config) = config.and_then(|config| from_where_it_runs(project, config)) {
        command.push_str(&format!(" -c {}", shell_word(config.as_str())));
    }
    if global.name != "alembic" {
        command.push_str(&format!(" -n {}", shell_word(&global.name)));
    }
    command
}

/// The configuration from where Alembic is run; none if it finds that there by itself.
fn from_where_it_runs<'a>(project: &Project, config: &'a Utf8Path) -> Option<&'a Utf8Path> {
    let alembic = project.alembic.as_ref();
    let below =
        alembic.and_then(|alembic| alembic.working_directory.strip_prefix(&alembic.root).ok());
    match below.filter(|below| !below.as_str().is_empty()) {
        None => Some(config),
        Some(below) => {
            let config = config.strip_prefix(below).unwrap_or(config);
            (config != "alembic.ini").then_some(config)
        }
    }
}

/// Whether only `flask db` can run this configuration: Flask-Migrate's has no script location, and its `env.py` needs the
/// application.
fn by_flask(project: &Project) -> bool {
    let Some(alembic) = &project.alembic else {
        return false;
    };
    let env = alembic.root.join(alembic.script_directory()).join("env.py");
    alembic.setting("script_location").is_none()
        && alembic.sources.ini.is_some()
        && read::text(env).is_ok_and(|text| text.contains("current_app"))
}

/// Alembic's configuration where it was found below the root, and `alembic` is run in the root: it has to be named there.
fn found_below(project: &Project) -> Option<&Utf8Path> {
    let alembic = project.alembic.as_ref()?;
    let file = alembic.file.as_deref()?;
    let below = file
        .parent()
        .is_some_and(|parent| !parent.as_str().is_empty());
    (below && alembic.working_directory == alembic.root).then_some(file)
}

/// A word as a POSIX shell reads it back.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@+:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else if cfg!(windows) && !text.contains(['"', '$', '`', '%', '!']) {
        // PowerShell, `cmd` and Git Bash all read these quotes.
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
