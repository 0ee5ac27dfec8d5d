//! `uv.lock`: version 1 of the format; its `revision` counts changes that older readers need not know.

use serde::Deserialize;
use toml::{Spanned, Table, Value};

use super::text::{BadLock, entry, known, line, toml};
use super::{Contents, is_package};

#[derive(Deserialize)]
struct UvLock {
    version: Option<u32>,
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: Spanned<String>,
    version: Option<String>,
    source: Option<Table>,
    /// A resolution that differs between environments holds a package more than once.
    #[serde(rename = "resolution-markers", default)]
    markers: Vec<String>,
}

pub(super) fn read(text: &str) -> Result<Contents, BadLock> {
    let lock: UvLock = toml(text)?;
    let version = lock.version.ok_or(BadLock::NoVersion("version"))?;
    let note = known(&version.to_string(), "1")?;
    let packages = lock.package.iter();
    let entries = packages
        .filter(|package| is_package(package.name.get_ref()))
        .map(|package| {
            let marker = (!package.markers.is_empty()).then(|| package.markers.join(" or "));
            let line = line(text, package.name.span().start);
            entry(line, package.version.as_deref(), package.source(), marker)
        })
        .collect::<Result<_, _>>()?;
    Ok(Contents { entries, note })
}

impl Package {
    /// Where it comes from, if that is no index.
    fn source(&self) -> Option<String> {
        let source = self.source.as_ref()?;
        if source.contains_key("registry") {
            return None;
        }
        let described = source.iter().next().map(|(kind, place)| match place {
            Value::String(place) => format!("{kind} {place}"),
            _ => kind.clone(),
        });
        Some(described.unwrap_or_else(|| "an unknown source".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Wants;
    use super::*;

    fn lock(package: &str) -> String {
        format!(
            "version = 1\nrevision = 5\nrequires-python = \">=3.10\"\n\n[[package]]\nname = \"attrs\"\nversion = \"1.0\"\n\n{package}"
        )
    }

    #[test]
    fn the_pin_is_found_with_its_line() {
        let text = lock(
            "[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\nsource = { registry = \"https://pypi.org/simple\" }\n",
        );
        let contents = read(&text).unwrap();
        let [entry] = contents.entries.as_slice() else {
            panic!("{contents:?}")
        };
        assert_eq!(
            (entry.line, &entry.wants),
            (10, &Wants::Release("3.5.1".parse().unwrap()))
        );
        assert_eq!((&entry.marker, contents.note), (&None, None));
    }

    #[test]
    fn a_fork_has_two() {
        let package = |version: &str, marker: &str| {
            format!(
                "[[package]]\nname = \"procrastinate\"\nversion = \"{version}\"\nsource = {{ registry = \"r\" }}\n\
                 resolution-markers = [\n    \"{marker}\",\n]\n"
            )
        };
        let text = lock(&(package("3.5.1", "a < '1'") + &package("3.5.2", "a >= '1'")));
        let markers: Vec<_> = read(&text)
            .unwrap()
            .entries
            .into_iter()
            .map(|entry| entry.marker)
            .collect();
        assert_eq!(
            markers,
            [Some("a < '1'".to_owned()), Some("a >= '1'".to_owned())]
        );
    }

    #[test]
    fn what_comes_from_elsewhere_is_no_release() {
        for source in ["git = \"https://x\"", "editable = \".\"", "virtual = \".\""] {
            let text = lock(&format!(
                "[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\nsource = {{ {source} }}\n"
            ));
            let entries = read(&text).unwrap().entries;
            assert!(matches!(entries[0].wants, Wants::Source(_)), "{entries:?}");
        }
    }

    #[test]
    fn broken_and_newer_files_are_named() {
        assert!(matches!(
            read("version = 2\n"),
            Err(BadLock::Version { .. })
        ));
        assert!(matches!(read("x = 1\n"), Err(BadLock::NoVersion(_))));
        let conflict = lock("<<<<<<< HEAD\n");
        assert!(matches!(
            read(&conflict),
            Err(BadLock::Syntax { line: 9, .. })
        ));
        let text = lock("[[package]]\nname = \"procrastinate\"\nversion = \"new\"\n");
        assert!(matches!(read(&text), Err(BadLock::Syntax { line: 10, .. })));
    }
}
