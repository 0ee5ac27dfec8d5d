//! `pdm.lock`: `lock_version` up to 4.5. A package with extras stands in it once more for each set of them.

use serde::Deserialize;
use toml::Spanned;

use super::text::{BadLock, entry, known, line, toml};
use super::{Contents, is_package};

#[derive(Deserialize)]
struct PdmLock {
    metadata: Option<Metadata>,
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Metadata {
    lock_version: Option<String>,
}

#[derive(Deserialize)]
struct Package {
    name: Spanned<String>,
    version: Option<String>,
    marker: Option<String>,
    git: Option<String>,
    url: Option<String>,
    path: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Contents, BadLock> {
    let lock: PdmLock = toml(text)?;
    let version = lock.metadata.and_then(|metadata| metadata.lock_version);
    let version = version.ok_or(BadLock::NoVersion("metadata.lock_version"))?;
    let note = known(&version, "4.5")?;
    let packages = lock.package.into_iter();
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
        let kinds = [("git", &self.git), ("url", &self.url), ("path", &self.path)];
        kinds
            .into_iter()
            .find_map(|(kind, place)| place.as_ref().map(|place| format!("{kind} {place}")))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Wants;
    use super::*;

    const METADATA: &str = "[metadata]\nlock_version = \"4.5.0\"\n\n";

    #[test]
    fn an_entry_for_each_set_of_extras() {
        let text = format!(
            "{METADATA}[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\n\n\
             [[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\nextras = [\"django\"]\n"
        );
        let entries = read(&text).unwrap().entries;
        let lines: Vec<usize> = entries.iter().map(|entry| entry.line).collect();
        assert_eq!(lines, [5, 9]);
        assert_eq!(entries[0].wants, entries[1].wants);
    }

    #[test]
    fn versions_and_sources() {
        assert!(
            read(&METADATA.replace("4.5.0", "4.9"))
                .unwrap()
                .note
                .is_some()
        );
        for bad in ["5.0", "x"] {
            let text = METADATA.replace("4.5.0", bad);
            assert!(matches!(read(&text), Err(BadLock::Version { .. })), "{bad}");
        }
        assert!(matches!(read(""), Err(BadLock::NoVersion(_))));
        let git = format!(
            "{METADATA}[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\ngit = \"https://x\"\n"
        );
        let entries = read(&git).unwrap().entries;
        assert_eq!(entries[0].wants, Wants::Source("git https://x".to_owned()));
    }
}
