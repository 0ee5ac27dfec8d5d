//! Asks `uv` what the package index lists. `uv` writes the standard lock file `pylock.toml`, with the name, size and
//! digest of every artifact, and builds nothing.

use std::io;
use std::process::Command;

use camino::Utf8Path;
use pep440_rs::Version;
use serde::Deserialize;

use super::download::{end_of, output};
use crate::catalog::facts::ArtifactFacts;
use crate::digest::Digest;
use crate::procrastinate::PACKAGE;
use crate::progress::Activity;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub release: Version,
    pub yanked: bool,
    pub wheel: ArtifactFacts,
    pub sdist: Option<ArtifactFacts>,
}

#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("listing the releases of Procrastinate needs `uv`: {0}")]
    NoUv(#[source] io::Error),
    #[error("uv could not resolve `{requirement}` ({status}):\n{message}")]
    Failed {
        requirement: String,
        status: String,
        /// The last lines of its standard error.
        message: String,
    },
    #[error("uv's answer for `{requirement}` cannot be used: {why}")]
    Unusable { requirement: String, why: String },
}

impl IndexError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoUv(_) => "install `uv` and put it on the PATH",
            Self::Failed { .. } | Self::Unusable { .. } => {
                "check that the package index can be reached, and that it serves Procrastinate's releases"
            }
        }
    }
}

#[derive(Deserialize)]
struct PyLock {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Version,
    #[serde(default)]
    wheels: Vec<Artifact>,
    sdist: Option<Artifact>,
}

#[derive(Deserialize)]
struct Artifact {
    name: Option<String>,
    url: Option<String>,
    size: Option<u64>,
    hashes: Hashes,
}

#[derive(Deserialize)]
struct Hashes {
    sha256: Digest,
}

/// Every final release from `oldest` on, the newest first. `uv` runs in `directory`.
pub fn list(oldest: &Version, directory: &Utf8Path) -> Result<Vec<Listed>, IndexError> {
    let activity = Activity::begin("Asking the index for releases");
    let mut listed: Vec<Listed> = Vec::new();
    loop {
        let requirement = match listed.last() {
            Some(last) if last.release <= *oldest => return Ok(listed),
            Some(last) => format!("{PACKAGE}>={oldest},<{}", last.release),
            None => format!("{PACKAGE}>={oldest}"),
        };
        let found = newest(&requirement, directory)?;
        activity.say(format!("The index lists {}", found.release));
        listed.push(found);
    }
}

/// A release that was yanked: the index serves it to those who name it, and lists it for nobody.
pub fn yanked(release: &Version, directory: &Utf8Path) -> Result<Listed, IndexError> {
    let requirement = format!("{PACKAGE}=={release}");
    Ok(Listed {
        yanked: true,
        ..newest(&requirement, directory)?
    })
}

/// The newest final release that meets the requirement.
fn newest(requirement: &str, directory: &Utf8Path) -> Result<Listed, IndexError> {
    let mut command = Command::new("uv");
    command.current_dir(directory);
    command.args(
        "pip compile --quiet --format pylock.toml --no-deps --prerelease disallow".split(' '),
    );
    // A release must not be left out because it does not support the Python of this machine.
    command.args(["--python-version", "3.99", "-"]);
    let output = output(&mut command, requirement).map_err(IndexError::NoUv)?;
    if !output.status.success() {
        return Err(IndexError::Failed {
            requirement: requirement.to_owned(),
            status: output.status.to_string(),
            message: end_of(&output),
        });
    }
    read(&output.stdout).map_err(|why| IndexError::Unusable {
        requirement: requirement.to_owned(),
        why,
    })
}

fn read(pylock: &[u8]) -> Result<Listed, String> {
    let lock: PyLock = toml::from_slice(pylock).map_err(|error| error.to_string())?;
    let [package] = <[Package; 1]>::try_from(lock.packages)
        .map_err(|packages| format!("it holds {} packages instead of one", packages.len()))?;
    if package.name != PACKAGE {
        return Err(format!("it is about `{}`", package.name.escape_debug()));
    }
    let release = package.version;
    let [wheel] = <[Artifact; 1]>::try_from(package.wheels).map_err(|wheels| {
        let number = wheels.len();
        format!("release {release} has {number} wheels instead of one")
    })?;
    Ok(Listed {
        yanked: false,
        wheel: wheel.facts()?,
        sdist: package.sdist.map(Artifact::facts).transpose()?,
        release,
    })
}

impl Artifact {
    fn facts(self) -> Result<ArtifactFacts, String> {
        let of_url = |url: String| url.rsplit('/').next().unwrap_or_default().to_owned();
        let name = self.name.or_else(|| self.url.map(of_url));
        let name = name.ok_or("an artifact has neither name nor URL")?;
        let no_size = || format!("the index does not say the size of `{name}`");
        Ok(ArtifactFacts {
            size: self.size.ok_or_else(no_size)?,
            sha256: self.hashes.sha256,
            name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn pylock(wheels: &str) -> String {
        format!(
            "lock-version = \"1.0\"\n[[packages]]\nname = \"procrastinate\"\nversion = \"3.5.2\"\nwheels = [{wheels}]\n"
        )
    }

    fn wheel(more: &str) -> String {
        format!("{{ {more} hashes = {{ sha256 = \"{SHA256}\" }} }}")
    }

    #[test]
    fn name_size_and_digest_are_taken_from_the_standard_lock() {
        let with_url = wheel("url = \"https://example.org/a/b/x-3.5.2.whl\", size = 7,");
        let listed = read(pylock(&with_url).as_bytes()).unwrap();
        assert_eq!(listed.wheel.name, "x-3.5.2.whl");
        assert_eq!(listed.wheel.size, 7);
        assert_eq!(listed.wheel.sha256.to_string(), SHA256);
        assert_eq!(
            (listed.release.to_string(), listed.sdist),
            ("3.5.2".to_owned(), None)
        );
    }

    #[test]
    fn an_answer_that_lacks_something_is_refused_with_the_reason() {
        let one = wheel("name = \"x\", size = 1,");
        for (text, why) in [
            (pylock(""), "0 wheels"),
            (pylock(&format!("{one}, {one}")), "2 wheels"),
            (pylock(&wheel("name = \"x\",")), "the size of `x`"),
            (pylock(&wheel("size = 1,")), "neither name nor URL"),
            (
                pylock(&one).replace("procrastinate", "celery"),
                "about `celery`",
            ),
            ("packages = []".to_owned(), "0 packages"),
            (String::new(), "packages"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
