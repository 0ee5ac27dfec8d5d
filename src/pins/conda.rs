//! The lock files of conda's family, in YAML: `pixi.lock`, `conda-lock.yml`, and `environment.yml` with an exact version.

mod short;

use pep440_rs::Version;

use super::requirement::requirement;
use super::text::{BadLock, Part, few};
use super::{Contents, Entry, Wants, is_package};
use crate::procrastinate::PACKAGE;
use crate::yaml::{Node, read};

/// Its packages are named by URLs. The format is version 6; that of later versions may be read, too.
pub(super) fn pixi(text: &str) -> Result<Contents, BadLock> {
    const KNOWN: u32 = 6;
    let Some((root, text)) = document(text, Some("packages"))? else {
        return Ok(Contents::default());
    };
    let version = root
        .get("version")
        .and_then(Node::text)
        .and_then(|version| version.parse::<u32>().ok());
    let version = version.ok_or(BadLock::NoVersion("version"))?;
    let mut contents = Contents {
        note: (version > KNOWN)
            .then(|| format!("its format is version {version}, newer than {KNOWN}, which this program was made for")),
        ..Contents::default()
    };
    for package in root
        .get("packages")
        .and_then(Node::items)
        .unwrap_or_default()
    {
        let value = |key: &str| package.get(key).and_then(Node::text);
        let place = value("pypi")
            .or_else(|| value("conda"))
            .or_else(|| value("url"))
            .unwrap_or_default();
        let name = place.rsplit('/').next().unwrap_or_default();
        let (from_url, release) = name
            .split_once('-')
            .unwrap_or((value("name").unwrap_or_default(), ""));
        if !is_package(value("name").unwrap_or(from_url)) {
            continue;
        }
        let is_of_index =
            place.contains("://") && !place.starts_with("git+") && !place.starts_with("file:");
        let release = value("version").or_else(|| release.split('-').next());
        let release = release.and_then(|release| release.parse::<Version>().ok());
        let wants = match release.filter(|_| is_of_index || place.is_empty()) {
            Some(release) => Wants::Release(release),
            None => Wants::Source(place.to_owned()),
        };
        contents.add(&text, package, wants)?;
    }
    Ok(contents)
}

/// One entry for each platform.
pub(super) fn conda_lock(text: &str) -> Result<Contents, BadLock> {
    let Some((root, text)) = document(text, Some("package"))? else {
        return Ok(Contents::default());
    };
    let version = root
        .get("version")
        .and_then(Node::text)
        .ok_or(BadLock::NoVersion("version"))?;
    if version != "1" {
        return Err(BadLock::Version {
            found: version.to_owned(),
            known: "1",
        });
    }
    let mut contents = Contents::default();
    for package in root
        .get("package")
        .and_then(Node::items)
        .unwrap_or_default()
    {
        let value = |key: &str| package.get(key).and_then(Node::text);
        if !value("name").is_some_and(is_package) {
            continue;
        }
        let release = value("version").and_then(|release| release.parse().ok());
        let wants = release.map_or(Wants::Range(String::new()), Wants::Release);
        contents.add(&text, package, wants)?;
    }
    Ok(contents)
}

/// `procrastinate=3.5.1`, `==3.5.1` or `=3.5.1=BUILD`, and pip's own requirements below `pip`.
pub(super) fn environment(text: &str) -> Result<Contents, BadLock> {
    let Some((root, text)) = document(text, None)? else {
        return Ok(Contents::default());
    };
    let mut contents = Contents::default();
    for dependency in root
        .get("dependencies")
        .and_then(Node::items)
        .unwrap_or_default()
    {
        if let Some(wants) = dependency.text().and_then(of_conda) {
            contents.add(&text, dependency, wants)?;
        }
        for of_pip in dependency
            .get("pip")
            .and_then(Node::items)
            .unwrap_or_default()
        {
            if let Some((wants, _)) = of_pip.text().and_then(requirement) {
                contents.add(&text, of_pip, wants)?;
            }
        }
    }
    Ok(contents)
}

/// What a match specification of conda says of the package. `=3.5` stands for all of 3.5, so only a whole number is a release.
fn of_conda(text: &str) -> Option<Wants> {
    let text = text.rsplit("::").next().unwrap_or(text).trim();
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c))
        .unwrap_or(text.len());
    let (name, range) = text.split_at(end);
    if !is_package(name) {
        return None;
    }
    let range = range.trim();
    let exact = range
        .trim_start_matches('=')
        .split(['=', ' '])
        .next()
        .unwrap_or_default();
    let is_whole = range.starts_with("==") || exact.split('.').count() > 2;
    let is_exact = range.starts_with('=') || range.starts_with(|c: char| c.is_ascii_digit());
    let release = exact
        .parse::<Version>()
        .ok()
        .filter(|_| is_exact && is_whole);
    Some(release.map_or_else(|| Wants::Range(range.to_owned()), Wants::Release))
}

/// The document; none in a file that does not name the package, which is not parsed. Of a lock file whose packages are below the key `list`, only what
/// is about the package is read, if that can be told.
fn document<'a>(text: &'a str, list: Option<&str>) -> Result<Option<(Node, Part<'a>)>, BadLock> {
    let small = text.to_ascii_lowercase();
    if !small.contains(PACKAGE) {
        return Ok(None);
    }
    let short = list.and_then(|list| short::short(text, &small, list));
    if let Some(short) = short
        && let Ok(Some(root)) = read(&short.text)
    {
        return Ok(Some((root, short)));
    }
    let root = read(text).map_err(BadLock::Yaml)?;
    Ok(root.map(|root| (root, Part::whole(text))))
}

impl Contents {
    /// Adds an entry, unless another says the same: one for each platform or environment is usual.
    fn add(&mut self, text: &Part<'_>, node: &Node, wants: Wants) -> Result<(), BadLock> {
        if self.entries.iter().any(|entry| entry.wants == wants) {
            return Ok(());
        }
        self.entries.push(Entry {
            line: text.line(node.bytes.start),
            wants,
            marker: None,
        });
        few(&self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Wants {
        Wants::Release(text.parse().unwrap())
    }

    fn found(contents: Contents) -> Vec<(usize, Wants)> {
        contents
            .entries
            .into_iter()
            .map(|entry| (entry.line, entry.wants))
            .collect()
    }

    #[test]
    fn pixi_names_packages_by_their_urls() {
        let text = "version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n      - conda: https://x/noarch/procrastinate-3.5.1-pyhd8ed1ab_0.conda\n\
                    packages:\n- conda: https://x/noarch/procrastinate-3.5.1-pyhd8ed1ab_0.conda\n  sha256: aa\n\
                    - pypi: https://x/aa/procrastinate-3.5.2-py3-none-any.whl\n  name: procrastinate\n  version: 3.5.2\n\
                    - pypi: ./procrastinate\n  name: procrastinate\n  version: 9.9.9\n\
                    - pypi: https://x/aa/procrastinate_extra-1-py3-none-any.whl\n  name: procrastinate-extra\n  version: '1'\n";
        assert_eq!(
            found(pixi(text).unwrap()),
            [
                (8, release("3.5.1")),
                (10, release("3.5.2")),
                (13, Wants::Source("./procrastinate".to_owned())),
            ]
        );
        let newer = text.replace("version: 6", "version: 7");
        assert!(pixi(&newer).unwrap().note.unwrap().contains("newer than 6"));
        assert!(matches!(
            pixi("packages:\n- name: procrastinate\n"),
            Err(BadLock::NoVersion(_))
        ));
    }

    #[test]
    fn conda_lock_has_an_entry_for_each_platform() {
        let text = "version: 1\nmetadata: {}\npackage:\n- name: attrs\n  version: 1\n- name: procrastinate\n  version: 3.5.1\n  manager: pip\n  platform: linux-64\n\
                    - name: procrastinate\n  version: 3.5.1\n  platform: osx-64\n";
        assert_eq!(found(conda_lock(text).unwrap()), [(6, release("3.5.1"))]);
        let newer = text.replace("version: 1\nmeta", "version: 2\nmeta");
        assert!(matches!(conda_lock(&newer), Err(BadLock::Version { .. })));
        assert!(matches!(
            conda_lock("- procrastinate: [\n"),
            Err(BadLock::Yaml(_))
        ));
        assert_eq!(
            conda_lock("[: no package of ours").unwrap(),
            Contents::default()
        );
    }

    #[test]
    fn an_environment_pins_with_a_whole_number() {
        for (dependency, wants) in [
            ("procrastinate=3.5.1", release("3.5.1")),
            ("procrastinate==3.5.1", release("3.5.1")),
            (
                "conda-forge::procrastinate=3.5.1=pyhd8ed1ab_0",
                release("3.5.1"),
            ),
            ("procrastinate 3.5.1 pyhd8ed1ab_0", release("3.5.1")),
            ("procrastinate==3.5", release("3.5")),
            ("procrastinate=3.5", Wants::Range("=3.5".to_owned())),
            ("procrastinate>=3.5.1", Wants::Range(">=3.5.1".to_owned())),
            ("procrastinate", Wants::Range(String::new())),
        ] {
            let text = format!("name: x\ndependencies:\n- python=3.12\n- {dependency}\n");
            assert_eq!(
                found(environment(&text).unwrap()),
                [(4, wants)],
                "{dependency}"
            );
        }
        let text = "dependencies:\n- pip\n- pip:\n  - attrs\n  - procrastinate[django]==3.5.1\n";
        assert_eq!(found(environment(text).unwrap()), [(5, release("3.5.1"))]);
        assert_eq!(
            found(environment("dependencies:\n- procrastinate-extra=1.2.3\n").unwrap()),
            []
        );
    }

    #[test]
    fn only_what_names_the_package_is_parsed() {
        let package = |name: &str| {
            format!(
                "- name: {name}\n  version: 3.5.1\n  depends:\n  - attrs\n  hash:\n    md5: aa\n"
            )
        };
        let others = package("attrs").repeat(40);
        let text = format!(
            "version: 1\nmetadata:\n  channels:\n  - url: x\npackage:\n{others}{}{others}",
            package("procrastinate")
        );
        let short = |text: &str| {
            let short = short::short(text, text, "package");
            short.map(|short| short.padded())
        };
        let read = short(&text).unwrap();
        assert_eq!(read.lines().count(), text.lines().count());
        assert_eq!(
            read.trim().lines().filter(|line| !line.is_empty()).count(),
            8
        );
        // What no tool writes is read as a whole, and says the same.
        for (from, to) in [
            ("metadata:\n", "---\nmetadata:\n"),
            ("  md5: aa", "  md5: |\n  aa"),
            ("package:\n", "package: &a\n"),
            ("md5", "\tmd5"),
        ] {
            assert_eq!(short(&text.replacen(from, to, 1)), None, "{to}");
        }
        let odd = text
            .replace("    md5: aa\n", "    md5: >\n      aa\n")
            .replace("hash:\n    md5: >\n      aa\n", "hash: a\n  b: >\n    c\n");
        assert_eq!(short(&odd), None);
        let lines = |text: &str| found(conda_lock(text).unwrap());
        assert_eq!(lines(&text), [(6 + 40 * 6, release("3.5.1"))]);
        assert_eq!(lines(&odd), [(6 + 40 * 8 - 40, release("3.5.1"))]);
        let does = |times| {
            drop(short(&text.replace(
                "package:\n",
                &format!("package:\n{}", others.repeat(times)),
            )))
        };
        assert_eq!(crate::effort::linear(does, 5), Ok(()));
    }
}
