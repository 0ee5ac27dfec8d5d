//! Which version of a distribution an environment has: the name and the `METADATA` of its `.dist-info`.

use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use pep440_rs::Version;

use super::{Environments, Packages, if_there};

use crate::read;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    pub version: Version,
    pub place: String,
    /// The environment's directories of packages.
    pub sites: Vec<Utf8PathBuf>,
}

/// The distribution `name` in the first environment that has it; the error is why its version is not known.
pub fn find(environments: &Environments, name: &str) -> Result<Installed, String> {
    for packages in all(environments) {
        let packages = packages.map_err(|error| error.to_string())?;
        let place = environments.shown(&packages.prefix);
        let sites = packages.all();
        let mut versions =
            versions(environments, &sites, name).map_err(|error| error.to_string())?;
        match (versions.pop(), versions.is_empty()) {
            (None, _) => {}
            (Some(version), true) => {
                return Ok(Installed {
                    version,
                    place,
                    sites,
                });
            }
            (Some(_), false) => return Err(format!("`{place}` has several of {name}")),
        }
    }
    Err(format!("{name} is in no environment that was found"))
}

/// The packages of every environment that can be used, in the documented order.
fn all(environments: &Environments) -> impl Iterator<Item = io::Result<Packages>> {
    let found = environments.candidates().filter_map(|candidate| {
        let packages = candidate.and_then(|candidate| environments.packages(&candidate));
        packages.map(Result::ok).transpose()
    });
    let near = || environments.packages_near_the_path().transpose();
    found.chain(std::iter::once_with(near).flatten())
}

/// Whether these packages have the distribution `name`.
pub(super) fn is_in(
    environments: &Environments,
    packages: &Packages,
    name: &str,
) -> io::Result<bool> {
    let sites: Vec<Utf8PathBuf> = packages.sites.iter().flatten().cloned().collect();
    Ok(!versions(environments, &sites, name)?.is_empty())
}

/// The one release of the distribution `name` in these packages; none if there is none, or if there are several.
pub fn version_in(
    environments: &Environments,
    packages: Packages,
    name: &str,
) -> io::Result<Option<Version>> {
    let mut versions = versions(environments, &packages.all(), name)?;
    Ok(versions.pop().filter(|_| versions.is_empty()))
}

/// The major and minor version of the Python that runs the distribution `name`; none where files do not tell one.
pub fn python_of(environments: &Environments, name: &str) -> Option<(u8, u8)> {
    let sites = find(environments, name).ok()?.sites;
    let mut versions = sites.iter().filter_map(|site| {
        let directory = site.parent()?;
        let named = directory.file_name()?;
        let named = named.strip_prefix("python").unwrap_or(named);
        if named.contains('.') {
            return minor(named);
        }
        // On Windows the name of the directory does not tell.
        let text = read::text(directory.parent()?.join("pyvenv.cfg")).ok()?;
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        let mut pairs = pairs.filter(|(key, _)| key.trim().starts_with("version"));
        minor(pairs.next()?.1.trim())
    });
    let version = versions.next()?;
    versions.all(|other| other == version).then_some(version)
}

/// `3.11` of `3.11.7`.
fn minor(version: &str) -> Option<(u8, u8)> {
    let mut parts = version.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// The directories of packages of the environment that has the distribution `name`, or else of the first that has any.
pub fn sites_with(environments: &Environments, name: &str) -> io::Result<Vec<Utf8PathBuf>> {
    if let Ok(installed) = find(environments, name) {
        return Ok(installed.sites);
    }
    for packages in all(environments) {
        let sites = packages?.all();
        if !sites.is_empty() {
            return Ok(sites);
        }
    }
    Ok(Vec::new())
}

/// The versions in the first of `sites` that has any.
fn versions(
    environments: &Environments,
    sites: &[Utf8PathBuf],
    name: &str,
) -> io::Result<Vec<Version>> {
    for site in sites {
        let mut found = Vec::new();
        let dist_infos = environments.dist_infos(site)?;
        for file_name in dist_infos.iter().filter(|found| is_dist_info(found, name)) {
            let metadata = environments.metadata(&site.join(file_name))?;
            found.extend(metadata.and_then(|metadata| version(&metadata)));
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

impl Environments {
    /// The names of the `.dist-info` directories in a directory of packages. One that isn't UTF-8 is of no known distribution.
    pub fn dist_infos(&self, site: &Utf8Path) -> io::Result<Arc<[String]>> {
        let look = || dist_infos(site);
        self.once(|seen| &mut seen.dist_infos, &site.to_owned(), look)
    }

    /// The `METADATA` of a `.dist-info`; none for what an interrupted uninstall left behind.
    pub fn metadata(&self, dist_info: &Utf8Path) -> io::Result<Option<Arc<[u8]>>> {
        let look = || Ok(if_there(read::bytes(dist_info.join("METADATA")))?.map(Arc::from));
        self.once(|seen| &mut seen.metadata, &dist_info.to_owned(), look)
    }
}

/// The same, without a memory.
pub fn dist_infos(site: &Utf8Path) -> io::Result<Arc<[String]>> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(site)? {
        let name = entry?.file_name().into_string();
        names.extend(name.ok().filter(|name| is_named_like_one(name)));
    }
    Ok(names.into())
}

fn is_named_like_one(file_name: &str) -> bool {
    const ENDING: &str = ".dist-info";
    let ending = file_name.len().checked_sub(ENDING.len());
    ending.is_some_and(|at| file_name.as_bytes()[at..].eq_ignore_ascii_case(ENDING.as_bytes()))
}

/// Whether a directory's name is `name-*.dist-info`, in upper or lower case.
pub fn is_dist_info(file_name: &str, name: &str) -> bool {
    let lower = file_name.to_ascii_lowercase();
    let rest = lower.strip_prefix(name);
    lower.ends_with(".dist-info") && rest.is_some_and(|rest| rest.starts_with('-'))
}

/// `Version` of `METADATA`.
fn version(metadata: &[u8]) -> Option<Version> {
    let text = String::from_utf8_lossy(metadata);
    let mut headers = text
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'));
    let version = headers.find(|(name, _)| name.eq_ignore_ascii_case("version"));
    version.and_then(|(_, version)| version.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests make environments")]

    use super::*;
    use crate::environment::Memo;

    #[test]
    fn the_first_environment_that_has_the_distribution_tells_its_version() {
        let root = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(root.path()).unwrap();
        let install = |prefix: &str, name: &str, version: &str| {
            let site = format!("{prefix}/lib/python3.11/site-packages");
            let directory = root.join(site).join(format!("{name}-{version}.dist-info"));
            fs_err::create_dir_all(&directory).unwrap();
            let text =
                format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: 9\n");
            fs_err::write(directory.join("METADATA"), text).unwrap();
        };
        let environments = Environments {
            project: root.join("project"),
            variables: [("VIRTUAL_ENV", "active"), ("PATH", "usr/bin")]
                .map(|(name, path)| (name, root.join(path).into_os_string()))
                .into(),
            ..Environments::default()
        };
        // A run sees each place once.
        let found = || {
            let memo = Memo::default();
            find(
                &Environments {
                    memo,
                    ..environments.clone()
                },
                "alembic",
            )
        };
        install("project/.venv", "alembic_utils", "0.8.0");
        install("project/.venv", "sqlalchemy", "2.0.0");
        assert!(found().unwrap_err().contains("no environment"));
        install("usr", "alembic", "1.8.1");
        fs_err::create_dir_all(root.join("usr/bin")).unwrap();
        for name in ["python3", "python.exe"] {
            fs_err::write(root.join("usr/bin").join(name), "").unwrap();
        }
        assert_eq!(found().unwrap().version.to_string(), "1.8.1");
        install("active", "alembic", "1.13.0");
        assert_eq!(found().unwrap().version.to_string(), "1.13.0");
        install("project/.venv", "alembic", "1.16.5");
        let installed = found().unwrap();
        assert_eq!(installed.version.to_string(), "1.16.5");
        assert_eq!(installed.place, ".venv");
        install("project/.venv", "alembic", "1.17.0");
        assert!(found().unwrap_err().contains("several"));
    }

    /// Of two projects of one run, one has the environment of this program inside of it: there it counts, and in the other it does not.
    #[test]
    fn an_environment_of_this_program_counts_in_its_own_project_only() {
        let root = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(root.path()).unwrap();
        let root = crate::links::canonical(root).unwrap();
        let active = root.join("a/.venv");
        let directory = active.join("lib/python3.11/site-packages/alembic-1.16.5.dist-info");
        for directory in [&directory, &root.join("b")] {
            fs_err::create_dir_all(directory).unwrap();
        }
        let text = "Metadata-Version: 2.1\nName: alembic\nVersion: 1.16.5\n";
        fs_err::write(directory.join("METADATA"), text).unwrap();
        fs_err::write(active.join("pyvenv.cfg"), "").unwrap();
        let memo = Memo::default();
        let found = |project: &str| {
            let environments = Environments {
                project: root.join(project),
                variables: [("VIRTUAL_ENV", active.clone().into_os_string())].into(),
                program: Some(active.join("bin/vendor-migrations")),
                memo: memo.clone(),
                ..Environments::default()
            };
            find(&environments, "alembic").is_ok()
        };
        assert_eq!([found("b"), found("a")], [false, true]);
    }
}
