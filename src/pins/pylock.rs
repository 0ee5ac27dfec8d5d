//! `pylock.toml` and `pylock.NAME.toml`: PEP 751, `lock-version` 1.0.

use serde::Deserialize;
use toml::{Spanned, Table, Value};

use super::text::{BadLock, entry, known, line, toml};
use super::{Contents, is_package};

#[derive(Deserialize)]
struct PyLock {
    #[serde(rename = "lock-version")]
    lock_version: Option<String>,
    #[serde(default)]
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: Spanned<String>,
    /// Absent where the source is a repository or a directory.
    version: Option<String>,
    marker: Option<String>,
    vcs: Option<Table>,
    directory: Option<Table>,
    archive: Option<Table>,
}

pub(super) fn read(text: &str) -> Result<Contents, BadLock> {
    let lock: PyLock = toml(text)?;
    let version = lock
        .lock_version
        .ok_or(BadLock::NoVersion("lock-version"))?;
    let note = known(&version, "1.0")?;
    let packages = lock.packages.into_iter();
    let entries = packages
        .filter(|package| is_package(package.name.get_ref()))
        .map(|package| {
            let line = line(text, package.name.span().start);
            let source = package.source();
            entry(line, package.version.as_deref(), source, package.marker)
        })
        .collect::<Result<_, _>>()?;
    Ok(Contents { entries, note })
}

impl Package {
    fn source(&self) -> Option<String> {
        let kinds = [
            ("vcs", &self.vcs),
            ("directory", &self.directory),
            ("archive", &self.archive),
        ];
        let (kind, source) = kinds
            .into_iter()
            .find_map(|(kind, source)| Some((kind, source.as_ref()?)))?;
        let place = ["url", "path"]
            .into_iter()
            .find_map(|key| source.get(key).and_then(Value::as_str));
        Some(
            format!("{kind} {}", place.unwrap_or(""))
                .trim_end()
                .to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::Wants;
    use super::*;

    #[test]
    fn a_pin_a_marker_and_a_repository() {
        let text = "lock-version = \"1.0\"\ncreated-by = \"uv\"\n\n[[packages]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\n\
                    marker = \"a\"\n\n[[packages]]\nname = \"procrastinate\"\nvcs = { type = \"git\", url = \"https://x\" }\n";
        let entries = read(text).unwrap().entries;
        assert_eq!(
            (entries[0].line, entries[0].marker.as_deref()),
            (5, Some("a"))
        );
        assert_eq!(entries[0].wants, Wants::Release("3.5.1".parse().unwrap()));
        assert_eq!(entries[1].wants, Wants::Source("vcs https://x".to_owned()));
    }

    #[test]
    fn versions() {
        assert!(matches!(
            read("lock-version = \"1.1\""),
            Ok(Contents { note: Some(_), .. })
        ));
        assert!(matches!(
            read("lock-version = \"2.0\""),
            Err(BadLock::Version { .. })
        ));
        assert!(matches!(
            read("lock-version = 1"),
            Err(BadLock::Syntax { .. })
        ));
        assert!(matches!(read(""), Err(BadLock::NoVersion(_))));
    }
}
