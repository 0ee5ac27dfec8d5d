//! Lock files in TOML: `uv.lock`, `poetry.lock`, `pdm.lock`, `pylock.toml`. Each holds an array of packages. The formats differ in where they
//! say their version, and in how they say that a package comes from somewhere else than an index.

mod short;

use pep440_rs::Version;
use serde::Deserialize;
use toml::{Spanned, Table, Value};

use super::text::{BadLock, Part, few, line};
use super::{Contents, Entry, Wants, is_package};

/// What the formats have, all together.
#[derive(Deserialize)]
struct TomlLock {
    version: Option<u32>,
    #[serde(rename = "lock-version")]
    lock_version: Option<String>,
    metadata: Option<Metadata>,
    #[serde(rename = "requires-python")]
    requires_python: Option<String>,
    #[serde(default, alias = "packages")]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(alias = "lock-version")]
    lock_version: Option<String>,
    /// Poetry's.
    #[serde(rename = "python-versions")]
    python_versions: Option<String>,
}

#[derive(Deserialize)]
struct Package {
    name: Spanned<String>,
    version: Option<String>,
    /// One text; uv has a list, and Poetry from 2.1 on one text for each group of dependencies.
    #[serde(alias = "markers", alias = "resolution-markers")]
    marker: Option<Value>,
    #[serde(flatten)]
    rest: Table,
}

/// Where a package comes from, if that is no index.
type Source = fn(&Table) -> Option<String>;

/// Version 1 of the format; its `revision` counts changes that older readers need not know.
pub(super) fn uv(text: &str) -> Result<Contents, BadLock> {
    let (lock, text) = parse(text)?;
    let version = lock.version.ok_or(BadLock::NoVersion("version"))?;
    let note = known(&version.to_string(), "1")?;
    contents(&text, lock, note, |package| {
        let source = package.get("source")?.as_table()?;
        if source.contains_key("registry") {
            return None;
        }
        Some(match source.iter().next() {
            Some((kind, place)) => described(kind, place.as_str()),
            None => "an unknown source".to_owned(),
        })
    })
}

/// `lock-version` 1.0 to 2.1; Poetry before 1.0 wrote none.
pub(super) fn poetry(text: &str) -> Result<Contents, BadLock> {
    let (lock, text) = parse(text)?;
    let metadata = lock.metadata.as_ref();
    let metadata = metadata.ok_or(BadLock::NoVersion("metadata"))?;
    let version = metadata.lock_version.as_deref();
    let note = version.map_or(Ok(None), |version| known(version, "2.1"))?;
    contents(&text, lock, note, |package| {
        let source = package.get("source")?;
        let kind = source.get("type")?.as_str()?;
        // `legacy` is Poetry's word for an index.
        (kind != "legacy").then(|| described(kind, source.get("url").and_then(Value::as_str)))
    })
}

/// `lock_version` up to 4.5. A package with extras stands in it once more for each set of them.
pub(super) fn pdm(text: &str) -> Result<Contents, BadLock> {
    let (lock, text) = parse(text)?;
    let metadata = lock.metadata.as_ref();
    let version = metadata.and_then(|metadata| metadata.lock_version.as_ref());
    let version = version.ok_or(BadLock::NoVersion("metadata.lock_version"))?;
    let note = known(version, "4.5")?;
    contents(&text, lock, note, |package| {
        ["git", "url", "path"]
            .into_iter()
            .find_map(|kind| Some(described(kind, Some(package.get(kind)?.as_str()?))))
    })
}

/// PEP 751, `lock-version` 1.0.
pub(super) fn pylock(text: &str) -> Result<Contents, BadLock> {
    let (lock, text) = parse(text)?;
    let version = lock.lock_version.as_ref();
    let note = known(version.ok_or(BadLock::NoVersion("lock-version"))?, "1.0")?;
    contents(&text, lock, note, |package| {
        ["vcs", "directory", "archive"]
            .into_iter()
            .find_map(|kind| {
                let source = package.get(kind)?;
                let place = source.get("url").or_else(|| source.get("path"));
                Some(described(kind, place.and_then(Value::as_str)))
            })
    })
}

fn described(kind: &str, place: Option<&str>) -> String {
    format!("{kind} {}", place.unwrap_or(""))
        .trim_end()
        .to_owned()
}

/// The lock, and the text that it was read from: what has to be read of it, if that can be told, or else the whole.
fn parse(text: &str) -> Result<(TomlLock, Part<'_>), BadLock> {
    if let Some(short) = short::short(text)
        && let Ok(lock) = toml::from_str(&short.text)
    {
        return Ok((lock, short));
    }
    Ok((whole(text)?, Part::whole(text)))
}

fn whole(text: &str) -> Result<TomlLock, BadLock> {
    toml::from_str(text).map_err(|error| BadLock::Syntax {
        line: line(text, error.span().map_or(0, |span| span.start)),
        why: error.message().replace('\n', " "),
    })
}

fn contents(
    text: &Part<'_>,
    lock: TomlLock,
    note: Option<String>,
    source: Source,
) -> Result<Contents, BadLock> {
    let of_poetry = lock.metadata.and_then(|metadata| metadata.python_versions);
    let requires_python = lock.requires_python.or(of_poetry);
    let packages = lock.package.into_iter();
    let mut entries = Vec::new();
    for package in packages.filter(|package| is_package(package.name.get_ref())) {
        entries.push(package.entry(text, source)?);
        few(&entries)?;
    }
    Ok(Contents {
        entries,
        requires_python,
        note,
    })
}

impl Package {
    fn entry(self, text: &Part<'_>, source: Source) -> Result<Entry, BadLock> {
        let line = text.line(self.name.span().start);
        let wants = match (source(&self.rest), self.version) {
            (Some(source), _) => Wants::Source(source),
            (None, None) => Wants::Range(String::new()),
            (None, Some(version)) => {
                Wants::Release(version.parse::<Version>().map_err(|_| BadLock::Syntax {
                    line,
                    why: format!("`{}` is not a version", version.escape_debug()),
                })?)
            }
        };
        let marker = self.marker.as_ref().and_then(marker);
        Ok(Entry {
            line,
            wants,
            marker,
        })
    }
}

fn marker(value: &Value) -> Option<String> {
    let texts: Vec<&str> = match value {
        Value::String(marker) => vec![marker],
        Value::Array(markers) => markers.iter().filter_map(Value::as_str).collect(),
        Value::Table(groups) => groups.values().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    (!texts.is_empty()).then(|| texts.join(" or "))
}

/// Compares a format's version, `major.minor`, with the newest that is known. A newer minor version only adds to a format:
/// that is noted. A newer major one is another format.
fn known(found: &str, newest: &'static str) -> Result<Option<String>, BadLock> {
    let unknown = || BadLock::Version {
        found: found.to_owned(),
        known: newest,
    };
    let parts = |text: &str| -> Option<(u64, u64)> {
        let mut parts = text.split('.');
        let major = parts.next()?.parse().ok()?;
        Some((major, parts.next().unwrap_or("0").parse().ok()?))
    };
    let (Some(there), Some(here)) = (parts(found), parts(newest)) else {
        return Err(unknown());
    };
    match there {
        (major, _) if major > here.0 => Err(unknown()),
        newer if newer > here => Ok(Some(format!(
            "its format is version {found}, newer than {newest}, which this program was made for"
        ))),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
