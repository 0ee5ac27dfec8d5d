//! What `init` did, and what it leaves to the user.

mod json;
mod markdown;

use std::io::{self, Write};

use super::Said;
use super::addressed::addressed;
use super::prose::{fitted, labelled};
use super::screen::Screen;
use super::style::STRONG;
use crate::escape::one_line;
use crate::findings::wiring::Env;
use crate::patch::Patch;
use crate::settings::PYPROJECT;

pub use json::write as json;
pub use markdown::write as markdown;

/// What a run did, or would do. The text is printed meanwhile.
#[derive(Debug, Default)]
pub struct Done {
    pub dry_run: bool,
    pub written: bool,
    /// What was written, or would be, or was there already: a label, and what it is about.
    pub result: Vec<(&'static str, String)>,
    pub files: Vec<File>,
    pub steps: Vec<Step>,
    pub next: Vec<String>,
    pub notes: Vec<Said>,
    /// The options that the user gave to every command, each after a space.
    pub options: String,
}

/// A file that is written; a directory ends with `/`.
#[derive(Debug)]
pub struct File {
    pub path: String,
    pub is_new: bool,
    /// None for what the program alone edits.
    pub patch: Option<Patch>,
}

/// What is left to the user: text to add to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `env`, `formatters` or `pre-commit`.
    pub about: &'static str,
    /// Where.
    pub label: String,
    pub purpose: &'static str,
    /// Lines, as they have to be indented.
    pub text: String,
    pub remarks: Vec<String>,
}

impl Done {
    /// Prints what is left to the user, and remembers it.
    pub fn leave(&mut self, out: &mut dyn Screen, step: Option<Step>) -> io::Result<()> {
        let Some(step) = step else {
            return Ok(());
        };
        step.write(out)?;
        self.steps.push(step);
        Ok(())
    }

    /// A sentence, with every command in it for this project.
    fn addressed(&self, text: &str) -> String {
        addressed(text, &self.options).into_owned()
    }
}

impl Step {
    fn write(&self, out: &mut dyn Screen) -> io::Result<()> {
        writeln!(out)?;
        labelled(out, STRONG, &self.label, self.purpose)?;
        for line in self.text.lines() {
            writeln!(out, "{}", one_line(line))?;
        }
        for remark in &self.remarks {
            writeln!(out, "  {}", fitted(out, remark, 2, 4))?;
        }
        Ok(())
    }
}

/// A function for `include_name` that leaves Procrastinate's objects out: tables, and the functions and triggers that some packages compare, whose
/// names have a schema before them.
pub const FILTER: &str = r#"    def include_name(name, type_, parent_names):
        is_procrastinate = ".procrastinate_" in f".{name}"
        return type_ == "column" or not is_procrastinate
"#;

/// The same, and the version table of an environment of its own.
pub const FILTER_WITH_VERSIONS: &str = r#"    def include_name(name, type_, parent_names):
        is_procrastinate = "procrastinate" in (name or "")
        return type_ == "column" or not is_procrastinate
"#;

/// The autogenerate filter, where `env.py` has none.
pub fn filter(env: Option<&Env>, function: &str) -> Option<Step> {
    let (path, Ok(file)) = env.map(|env| (&env.path, &env.file))? else {
        return None;
    };
    let open = file
        .online()
        .filter(|configure| configure.filters_procrastinate == Some(false));
    let remarks: Vec<String> = open
        .map(|configure| {
            let place = &configure.place;
            let place = format!("and in line {}, `{}`:", place.line, place.text);
            format!("{} add `include_name=include_name`", one_line(&place))
        })
        .collect();
    (!remarks.is_empty()).then(|| Step {
        about: "env",
        label: format!("In {},", one_line(path.as_str())),
        purpose: "so that `alembic revision --autogenerate` and `alembic check` leave Procrastinate's tables alone:",
        text: function.to_owned(),
        remarks,
    })
}

/// A configuration of pre-commit, and the pattern that is missing in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclude {
    pub path: String,
    pub pattern: String,
}

/// What keeps formatters away from files whose bytes are locked, for those that the project uses and that do not leave them alone yet. `files` are
/// the configuration files and their texts.
pub fn formatters(
    directory: &str,
    files: &[(&str, String)],
    exclude: Option<&Exclude>,
) -> Option<Step> {
    let open = |settings: &str| !settings.is_empty() && !settings.contains(directory);
    let shown = one_line(directory);
    let mut advice: Vec<String> = Vec::new();
    for (name, text) in files {
        let [ruff, black] = match *name {
            PYPROJECT => ["ruff", "black"].map(|tool| settings_of(tool, text)),
            _ => [text.clone(), String::new()],
        };
        if open(&ruff) {
            let table = match *name {
                PYPROJECT => format!("[tool.ruff]  # in {PYPROJECT}"),
                name => format!("# in {name}"),
            };
            advice.push(format!(
                "{table}\n  extend-exclude = [\"{shown}\"]\n  force-exclude = true"
            ));
        }
        if open(&black) {
            advice.push(format!(
                "[tool.black]  # in {PYPROJECT}\n  force-exclude = '/{shown}/'"
            ));
        }
    }
    if let Some(Exclude { path, pattern }) = exclude {
        let (path, pattern) = (one_line(path), one_line(pattern));
        advice.push(format!(
            "# {path}, each hook that rewrites files\n  exclude: {pattern}"
        ));
    }
    let text: String = advice.iter().map(|lines| format!("  {lines}\n")).collect();
    (!text.is_empty()).then(|| Step {
        about: "formatters",
        label: "Formatters".to_owned(),
        purpose: "must not touch the vendored files, whose bytes are locked:",
        text,
        remarks: Vec::new(),
    })
}

/// The entry of the hook, where it is left to the user.
pub fn hook(path: &str, lines: &str) -> Step {
    Step {
        about: "pre-commit",
        label: format!("In {path},"),
        purpose: "under `repos:`, so that a commit is checked:",
        text: lines.to_owned(),
        remarks: Vec::new(),
    }
}

/// The settings of a tool in `pyproject.toml`; empty if there are none. Alembic's own, in the same file, may name the directory, too.
fn settings_of(tool: &str, pyproject: &str) -> String {
    let table: toml::Table = toml::from_str(pyproject).unwrap_or_default();
    let settings = table.get("tool").and_then(|tools| tools.get(tool));
    settings.map_or(String::new(), toml::Value::to_string)
}

/// The commands that come next.
pub fn next(out: &mut dyn Write, commands: &[String]) -> io::Result<()> {
    writeln!(out, "\n{STRONG}Next{STRONG:#}")?;
    commands
        .iter()
        .try_for_each(|command| writeln!(out, "  {}", one_line(command)))
}
