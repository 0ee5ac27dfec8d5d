//! `poetry.lock`: `lock-version` 1.0 to 2.1; Poetry before 1.0 wrote none.

use serde::Deserialize;
use toml::{Spanned, Value};

use super::text::{BadLock, entry, known, line, toml};
use super::{Contents, is_package};

#[derive(Deserialize)]
struct PoetryLock {
    metadata: Option<Metadata>,
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "lock-version")]
    lock_version: Option<String>,
}

#[derive(Deserialize)]
struct Package {
    name: Spanned<String>,
    version: Option<String>,
    source: Option<Source>,
    /// A text, or from 2.1 on one for each group of dependencies.
    #[serde(alias = "marker")]
    markers: Option<Value>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(rename = "type")]
    kind: Option<String>,
    url: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Contents, BadLock> {
    let lock: PoetryLock = toml(text)?;
    let metadata = lock.metadata.ok_or(BadLock::NoVersion("metadata"))?;
    let note = match &metadata.lock_version {
        Some(version) => known(version, "2.1")?,
        None => None,
    };
    let packages = lock.package.iter();
    let entries = packages
        .filter(|package| is_package(package.name.get_ref()))
        .map(|package| {
            let line = line(text, package.name.span().start);
            let marker = package.markers.as_ref().map(shown);
            entry(line, package.version.as_deref(), package.source(), marker)
        })
        .collect::<Result<_, _>>()?;
    Ok(Contents { entries, note })
}

impl Package {
    /// Where it comes from, if that is no index: `legacy` is Poetry's word for one.
    fn source(&self) -> Option<String> {
        let source = self.source.as_ref()?;
        match source.kind.as_deref() {
            None | Some("legacy") => None,
            Some(kind) => Some(
                format!("{kind} {}", source.url.as_deref().unwrap_or(""))
                    .trim_end()
                    .to_owned(),
            ),
        }
    }
}

fn shown(markers: &Value) -> String {
    match markers {
        Value::String(marker) => marker.clone(),
        Value::Table(groups) => {
            let groups = groups.values().filter_map(Value::as_str);
            groups.collect::<Vec<_>>().join(" or ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Wants;
    use super::*;

    const METADATA: &str = "[metadata]\nlock-version = \"2.1\"\npython-versions = \"^3.10\"\n";

    #[test]
    fn every_version_of_the_format_is_read() {
        for metadata in [
            METADATA,
            "[metadata]\nlock-version = \"1.1\"\n",
            "[metadata]\ncontent-hash = \"x\"\n",
        ] {
            let text = format!(
                "# made by Poetry\n\n[[package]]\nname = \"Procrastinate\"\nversion = \"3.5.1\"\noptional = false\n\n{metadata}"
            );
            let contents = read(&text).unwrap();
            assert_eq!(contents.entries.len(), 1, "{contents:?}");
            assert_eq!(contents.entries[0].line, 4);
        }
        let newer = METADATA.replace("2.1", "2.7");
        assert!(read(&newer).unwrap().note.is_some());
        let unknown = METADATA.replace("2.1", "3.0");
        assert!(matches!(read(&unknown), Err(BadLock::Version { .. })));
        assert!(matches!(read(""), Err(BadLock::NoVersion(_))));
    }

    #[test]
    fn markers_and_sources_are_kept() {
        let package = |more: &str| {
            let text = format!(
                "[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\n{more}\n{METADATA}"
            );
            read(&text).unwrap().entries.remove(0)
        };
        assert_eq!(package("markers = \"a\"").marker.as_deref(), Some("a"));
        let groups = "markers = {main = \"a\", dev = \"b\"}";
        // In the order of the groups' names.
        assert_eq!(package(groups).marker.as_deref(), Some("b or a"));
        let index = "[package.source]\ntype = \"legacy\"\nurl = \"https://x\"";
        assert!(matches!(package(index).wants, Wants::Release(_)));
        let git = "[package.source]\ntype = \"git\"\nurl = \"https://x\"";
        assert_eq!(
            package(git).wants,
            Wants::Source("git https://x".to_owned())
        );
    }
}
