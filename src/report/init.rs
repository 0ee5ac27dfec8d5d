//! What `init` leaves to the user.

use std::io::{self, Write};

use super::prose::labelled;
use super::screen::Screen;
use super::style::STRONG;
use crate::escape::one_line;
use crate::findings::wiring::Env;
use crate::settings::PYPROJECT;

/// A function for `include_name` that leaves Procrastinate's objects out: tables, and the functions and triggers that some packages compare, whose
/// names have a schema before them.
pub const FILTER: &str = r#"
    def include_name(name, type_, parent_names):
        return type_ == "column" or not (name or "").split(".")[-1].startswith("procrastinate_")
"#;

/// The same, and the version table of an environment of its own.
pub const FILTER_WITH_VERSIONS: &str = r#"
    def include_name(name, type_, parent_names):
        return type_ == "column" or "procrastinate" not in (name or "")
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
    writeln!(out, "{function}")?;
    for configure in open {
        let place = &configure.place;
        writeln!(
            out,
            "  and in line {}, `{}`: add `include_name=include_name`",
            place.line,
            one_line(&place.text)
        )?;
    }
    Ok(())
}

/// A configuration of pre-commit, and the pattern that is missing in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclude {
    pub path: String,
    pub pattern: String,
}

/// What keeps formatters away from files whose bytes are locked. `files` are the configuration files and their texts.
pub fn formatters(
    out: &mut dyn Screen,
    directory: &str,
    files: &[(&str, String)],
    exclude: Option<&Exclude>,
) -> io::Result<()> {
    let python = files.iter().any(|(name, text)| match *name {
        PYPROJECT => a_formatter_names(directory, text),
        _ => text.contains(directory),
    });
    if python && exclude.is_none() {
        return Ok(());
    }
    let directory = one_line(directory);
    writeln!(out)?;
    let rule = "must not touch the vendored files, whose bytes are locked:";
    labelled(out, STRONG, "Formatters", rule)?;
    if !python {
        writeln!(
            out,
            "  ruff, in pyproject.toml:       [tool.ruff]\n                                 extend-exclude = [\"{directory}\"]\n\
             \x20                                force-exclude = true\n  \
             black, in pyproject.toml:      [tool.black]\n                                 force-exclude = '/{directory}/'"
        )?;
    }
    if let Some(Exclude { path, pattern }) = exclude {
        let (path, pattern) = (one_line(path), one_line(pattern));
        writeln!(
            out,
            "  {path}, in each hook that rewrites files:\n                                 exclude: {pattern}"
        )?;
    }
    Ok(())
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

/// Whether the settings of ruff or black in `pyproject.toml` name the directory. Alembic's own, in the same file, do, too.
fn a_formatter_names(directory: &str, pyproject: &str) -> bool {
    let table: toml::Table = toml::from_str(pyproject).unwrap_or_default();
    let tool = |name: &str| table.get("tool")?.get(name).map(toml::Value::to_string);
    ["ruff", "black"]
        .into_iter()
        .filter_map(tool)
        .any(|settings| settings.contains(directory))
}

/// The commands that come next.
pub fn next(out: &mut dyn Write, commands: &[String]) -> io::Result<()> {
    writeln!(out, "\n{STRONG}Next{STRONG:#}")?;
    commands
        .iter()
        .try_for_each(|command| writeln!(out, "  {}", one_line(command)))
}
