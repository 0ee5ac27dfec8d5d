//! Which files a `pyproject.toml` lists for the package that is built from it.
//!
//! Setuptools with a list of `packages` and their `package-data`, Hatchling's `include` and `only-include`, Poetry's and PDM's lists. What finds
//! its files by itself puts in whole directories, and is not read.

use std::collections::HashMap;

use toml::{Table, Value};

use super::{Call, Does};
use crate::effort;

/// Each entry of the lists, relative to the file; none where something else may add to them.
pub(super) fn listed(text: &str) -> Vec<Call> {
    let Ok(document) = text.parse::<Table>() else {
        return Vec::new();
    };
    let entries = entries(&document).unwrap_or_default();
    let lines = written_lines(text);
    let call = |entry: Entry| Call {
        line: lines.get(entry.written.as_str()).map_or(1, |line| *line),
        does: Does::TakesIn(vec![entry.path.into()]),
    };
    let length: usize = entries.iter().map(|entry| entry.path.len()).sum();
    let beyond = (entries.len() >= MOST || length >= MOST_BYTES).then_some(Call {
        line: 1,
        does: Does::Beyond(
            "it lists 10,000 files of a package or more, or paths of 4 MiB together",
        ),
    });
    entries.into_iter().map(call).chain(beyond).collect()
}

/// What stands in quotes in the tools' settings, and the first line on which it does.
fn written_lines(text: &str) -> HashMap<&str, usize> {
    let lines = text.lines().enumerate();
    let settings = lines.skip_while(|(_, line)| !line.starts_with("[tool."));
    let mut found = HashMap::new();
    for (index, line) in settings {
        let mut parts: Vec<&str> = line.split('"').skip(1).collect();
        parts.pop();
        effort::count(1 + parts.len());
        for part in parts {
            found.entry(part).or_insert(index + 1);
        }
    }
    found
}

/// Of so many entries each is made to a path. Lists have some dozens.
const MOST: usize = 10_000;

/// The same of their paths together: a directory is a part of each.
const MOST_BYTES: usize = 4 << 20;

/// One entry, as it is written, and the path or pattern that it means.
struct Entry {
    written: String,
    path: String,
}

impl Entry {
    fn new(written: &str, path: impl Into<String>) -> Self {
        Self {
            written: written.to_owned(),
            path: path.into(),
        }
    }
}

fn entries(document: &Table) -> Option<Vec<Entry>> {
    let system = document.get("build-system")?;
    let backend = system.get("build-backend")?.as_str()?;
    let tool = document.get("tool")?;
    match backend.split(['.', ':']).next()? {
        "setuptools" => setuptools(system, tool.get("setuptools")?),
        "hatchling" => Some(hatchling(document, tool.get("hatch")?)),
        "poetry" => Some(poetry(document, tool.get("poetry")?)),
        "pdm" => Some(paths(tool.get("pdm")?.get("build")?.get("includes"))),
        _ => None,
    }
}

/// A list of packages takes in the files of each, not what lies below. `MANIFEST.in` and git may add to it: the caller looks for the first.
fn setuptools(system: &Value, settings: &Value) -> Option<Vec<Entry>> {
    let asks_git = |name: &str| name.starts_with("setuptools") && name.contains(['_', '-']);
    if strings(system.get("requires")).any(asks_git) {
        return None;
    }
    // A finder that takes in directories without an `__init__.py` has all of them.
    let packages = settings.get("packages")?;
    let finds = packages.get("find");
    let finds_all = |find: &Value| {
        let mut included = strings(find.get("include")).peekable();
        let by_name = included.peek().is_some() && included.all(|name| !name.contains('*'));
        !by_name && find.get("namespaces").and_then(Value::as_bool) != Some(false)
    };
    if finds.is_some_and(finds_all) {
        return None;
    }
    let root = settings.get("package-dir").and_then(|map| map.get(""));
    let from = match (root, finds.and_then(|find| find.get("where"))) {
        (Some(root), _) => root.as_str()?,
        (None, Some(directories)) => directories.get(0)?.as_str()?,
        (None, None) => ".",
    };
    let directory = |package: &str| format!("{from}/{}", package.replace('.', "/"));
    let files = |package| Entry::new(package, directory(package) + "/*.py");
    // A finder that is told each package by its name is a list, too.
    let included = finds.and_then(|find| find.get("include"));
    let named = strings(Some(packages)).chain(strings(included));
    let data = settings.get("package-data").and_then(Value::as_table);
    let data = data
        .into_iter()
        .flatten()
        .flat_map(|(package, listed)| strings(Some(listed)).map(move |pattern| (package, pattern)));
    let within = |(package, pattern): (&String, _)| {
        Entry::new(pattern, format!("{}/{pattern}", directory(package)))
    };
    Some(bounded(named.map(files).chain(data.map(within))))
}

/// As many as are made to paths.
fn bounded(entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut length = 0;
    let is_within = |entry: &Entry| {
        let is_within = length < MOST_BYTES;
        length += entry.path.len();
        is_within
    };
    entries.take(MOST).take_while(is_within).collect()
}

fn hatchling(document: &Table, settings: &Value) -> Vec<Entry> {
    let build = settings.get("build");
    let wheel = (|| build?.get("targets")?.get("wheel"))();
    let list = |name| {
        [wheel, build]
            .iter()
            .find_map(|table| table.as_ref()?.get(name))
    };
    let mut entries: Vec<Entry> = [list("only-include"), list("packages")]
        .into_iter()
        .flat_map(paths)
        .collect();
    entries.extend(strings(list("include")).map(pattern));
    if entries.is_empty() {
        entries.extend(named_as_the_project(document));
    }
    entries.extend(strings(list("artifacts")).map(pattern));
    let forced = list("force-include").and_then(Value::as_table);
    let sources = forced.into_iter().flatten().map(|(source, _)| source);
    entries.extend(sources.map(|source| Entry::new(source, source)));
    entries
}

fn poetry(document: &Table, settings: &Value) -> Vec<Entry> {
    let listed = |name| settings.get(name).and_then(Value::as_array);
    let mut entries = Vec::new();
    for package in listed("packages").into_iter().flatten() {
        let text = |name| package.get(name).and_then(Value::as_str);
        if let Some(include) = text("include") {
            let path = format!("{}/{include}", text("from").unwrap_or("."));
            entries.push(Entry::new(include, path));
        }
    }
    if entries.is_empty() {
        entries.extend(named_as_the_project(document));
    }
    for include in listed("include").into_iter().flatten() {
        let path = include.as_str().or_else(|| include.get("path")?.as_str());
        entries.extend(path.map(|path| Entry::new(path, path)));
    }
    entries
}

/// The package that is taken in where none is named.
fn named_as_the_project(document: &Table) -> Vec<Entry> {
    let poetry = || document.get("tool")?.get("poetry");
    let name = document.get("project").or_else(poetry);
    let Some(name) = name.and_then(|table| table.get("name")?.as_str()) else {
        return Vec::new();
    };
    let package = name.to_lowercase().replace(['-', '.'], "_");
    let paths = [package.clone(), format!("src/{package}")];
    paths.map(|path| Entry::new(name, path)).into()
}

/// Patterns as in `.gitignore`: a name without a slash is taken in wherever it is.
fn pattern(written: &str) -> Entry {
    let path = match written.trim_end_matches('/').contains('/') {
        true => written.trim_start_matches('/'),
        false => "*",
    };
    Entry::new(written, path)
}

fn paths(list: Option<&Value>) -> Vec<Entry> {
    strings(list).map(|path| Entry::new(path, path)).collect()
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str)
}
