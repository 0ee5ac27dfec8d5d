//! What `init` leaves to the user.

use std::io::{self, Write};

use super::prose::{fitted, labelled};
use super::screen::Screen;
use super::style::STRONG;
use crate::escape::one_line;
use crate::findings::wiring::Env;
use crate::settings::PYPROJECT;

/// A function for `include_name` that leaves Procrastinate's objects out: tables, and the functions and triggers that some packages compare, whose
/// names have a schema before them.
pub const FILTER: &str = r#"    def include_name(name, type_, parent_names):
        is_ours = ".procrastinate_" in f".{name}"
        return type_ == "column" or not is_ours
"#;

/// The same, and the version table of an environment of its own.
pub const FILTER_WITH_VERSIONS: &str = r#"    def include_name(name, type_, parent_names):
        is_ours = "procrastinate" in (name or "")
        return type_ == "column" or not is_ours
"#;

/// The autogenerate filter, where `env.py` has none.
pub fn filter(out: &mut dyn Screen, env: Option<&Env>, function: &str) -> io::Result<()> {
    let Some((path, Ok(file))) = env.map(|env| (&env.path, &env.file)) else {
        return Ok(());
    };
    let open: Vec<_> = file
        .online()
        .filter(|configure| configure.filters_procrastinate == Some(false))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let path = one_line(path.as_str());
    writeln!(out)?;
    let purpose = "so that `alembic revision --autogenerate` and `alembic check` leave Procrastinate's tables alone:";
    labelled(out, STRONG, &format!("In {path},"), purpose)?;
    write!(out, "{function}")?;
    for configure in open {
        let place = &configure.place;
        let place = format!("and in line {}, `{}`:", place.line, place.text);
        let use_it = format!("{} add `include_name=include_name`", one_line(&place));
        writeln!(out, "  {}", fitted(out, &use_it, 2, 4))?;
    }
    Ok(())
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
    out: &mut dyn Screen,
    directory: &str,
    files: &[(&str, String)],
    exclude: Option<&Exclude>,
) -> io::Result<()> {
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
    if advice.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let rule = "must not touch the vendored files, whose bytes are locked:";
    labelled(out, STRONG, "Formatters", rule)?;
    advice
        .iter()
        .try_for_each(|lines| writeln!(out, "  {lines}"))
}

/// The entry of the hook, where it is left to the user.
pub fn hook(out: &mut dyn Write, path: &str, lines: &str) -> io::Result<()> {
    writeln!(
        out,
        "\n{STRONG}In {path}{STRONG:#}, under `repos:`, so that a commit is checked:"
    )?;
    for line in lines.lines() {
        writeln!(out, "{}", one_line(line))?;
    }
    Ok(())
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
