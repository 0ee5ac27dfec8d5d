//! Where a Python environment keeps its packages, found from its files.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::if_there;
use super::interpreter::version;

use crate::links;
use crate::read;

/// The directories of packages below an environment's prefix, without repeats.
pub(super) fn site_packages(prefix: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    site_packages_of(prefix, None)
}

/// With `version` (`3.11`), only those of that Python, and where Debian keeps its own: several may share the prefix.
pub(super) fn site_packages_of(
    prefix: &Utf8Path,
    version: Option<&str>,
) -> io::Result<Vec<Utf8PathBuf>> {
    let mut sites = Vec::new();
    for library in ["lib", "lib64"].map(|library| prefix.join(library)) {
        for entry in if_there(fs_err::read_dir(&library))?.into_iter().flatten() {
            let Ok(name) = entry?.file_name().into_string() else {
                continue;
            };
            let python = name.strip_prefix("python").or(name.strip_prefix("pypy"));
            let wanted = python.is_some_and(|found| {
                found == "3" || version.is_none_or(|version| version == found)
            });
            if wanted {
                let kinds = ["site-packages", "dist-packages"];
                sites.extend(kinds.map(|kind| library.join(&name).join(kind)));
            }
        }
    }
    sites.push(prefix.join("Lib").join("site-packages"));
    sites.retain(|site| site.is_dir());
    sites.sort();
    // `lib64` is often a link to `lib`.
    let mut seen = Vec::new();
    sites.retain(|site| {
        let real = links::real(site).unwrap_or_else(|_| site.clone());
        let new = !seen.contains(&real);
        seen.push(real);
        new
    });
    Ok(sites)
}

/// Each `3.11/lib` below a `__pypackages__`, with its version and the newest first; only that of the interpreter's version where its name
/// tells one.
pub(super) fn libraries(
    directory: &Utf8Path,
    python: Option<&Utf8Path>,
) -> Vec<(String, Utf8PathBuf)> {
    let wanted = python.and_then(version);
    let entries = directory.read_dir_utf8().into_iter().flatten().flatten();
    let versions = entries.map(|entry| (entry.file_name().to_owned(), entry.path().join("lib")));
    let is_wanted = |version: &str| wanted.as_ref().is_none_or(|wanted| wanted == version);
    let mut found: Vec<(String, Utf8PathBuf)> = versions
        .filter(|(version, library)| is_wanted(version) && library.is_dir())
        .collect();
    let numbers = |version: &str| {
        version
            .split('.')
            .map(str::parse)
            .collect::<Result<Vec<u32>, _>>()
            .ok()
    };
    found.sort_by_key(|(version, _)| std::cmp::Reverse(numbers(version)));
    found
}

/// Those of the installation that a virtual environment was made from, where `pyvenv.cfg` says
/// `include-system-site-packages = true`: what the environment itself lacks is found there.
pub(super) fn base_site_packages(prefix: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let text = if_there(read::text(prefix.join("pyvenv.cfg")))?.unwrap_or_default();
    let value = |key: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case(key))
            .map(|(_, value)| value.trim())
    };
    let visible = value("include-system-site-packages")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let Some(home) = value("home").filter(|_| visible).map(Utf8Path::new) else {
        return Ok(Vec::new());
    };
    // `home` is the directory of the base interpreter: the prefix itself on Windows, its `bin` elsewhere.
    let base = match home.file_name() {
        Some("bin") => home.parent().unwrap_or(home),
        _ => home,
    };
    let version_of = value("version").or_else(|| value("version_info"));
    let two = |version: &str| version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
    site_packages_of(base, version_of.map(two).as_deref())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests make environments")]

    use super::*;

    #[test]
    fn the_base_of_an_environment_is_looked_at_apart_and_by_its_version() {
        let root = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(root.path()).unwrap();
        let make = |path: &str| fs_err::create_dir_all(root.join(path)).unwrap();
        for path in [
            "venv/lib/python3.11/site-packages",
            "usr/bin",
            "usr/lib/python3.9/site-packages",
            "usr/lib/python3.11/site-packages",
            "usr/lib/python3/dist-packages",
        ] {
            make(path);
        }
        let config = |visible: &str| {
            let home = root.join("usr/bin");
            let text = format!(
                "home = {home}\ninclude-system-site-packages = {visible}\nversion = 3.11.7\n"
            );
            fs_err::write(root.join("venv/pyvenv.cfg"), text).unwrap();
        };
        let venv = root.join("venv");
        config("true");
        assert_eq!(
            site_packages(&venv).unwrap(),
            [root.join("venv/lib/python3.11/site-packages")]
        );
        assert_eq!(
            base_site_packages(&venv).unwrap(),
            [
                root.join("usr/lib/python3/dist-packages"),
                root.join("usr/lib/python3.11/site-packages")
            ]
        );
        config("false");
        assert!(base_site_packages(&venv).unwrap().is_empty());
    }
}
