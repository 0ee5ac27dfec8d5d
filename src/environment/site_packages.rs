//! Where a Python environment keeps its packages, found from its files.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

/// The directories of packages below an environment's prefix, without repeats.
pub fn site_packages(prefix: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let mut sites = own_site_packages(prefix, None)?;
    forget_repeats(&mut sites);
    Ok(sites)
}

/// Those of one Python (`3.11`), where several may share the prefix.
pub fn site_packages_of(prefix: &Utf8Path, version: &str) -> io::Result<Vec<Utf8PathBuf>> {
    let mut sites = own_site_packages(prefix, Some(version))?;
    forget_repeats(&mut sites);
    Ok(sites)
}

/// Those of the installation that a virtual environment was made from, where `pyvenv.cfg` says
/// `include-system-site-packages = true`: what the environment itself lacks is found there.
pub fn base_site_packages(prefix: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let Some((base, version)) = base_prefix(prefix)? else {
        return Ok(Vec::new());
    };
    let mut sites = own_site_packages(&base, version.as_deref())?;
    forget_repeats(&mut sites);
    Ok(sites)
}

/// `lib64` is often a link to `lib`.
fn forget_repeats(sites: &mut Vec<Utf8PathBuf>) {
    let mut seen = Vec::new();
    sites.retain(|site| {
        let real = site.canonicalize_utf8().unwrap_or_else(|_| site.clone());
        let new = !seen.contains(&real);
        seen.push(real);
        new
    });
}

/// With `version` (`3.11`), only those of that Python, and where Debian keeps its own.
fn own_site_packages(prefix: &Utf8Path, version: Option<&str>) -> io::Result<Vec<Utf8PathBuf>> {
    let mut sites = Vec::new();
    for library in ["lib", "lib64"] {
        let entries = match fs_err::read_dir(prefix.join(library)) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let Ok(name) = entry?.file_name().into_string() else {
                continue;
            };
            let directory = prefix.join(library).join(&name);
            let python = name
                .strip_prefix("python")
                .or_else(|| name.strip_prefix("pypy"));
            let wanted = python.is_some_and(|found| {
                found == "3" || version.is_none_or(|version| version == found)
            });
            let sites_here = ["site-packages", "dist-packages"].map(|site| directory.join(site));
            sites.extend(
                sites_here
                    .into_iter()
                    .filter(|site| wanted && site.is_dir()),
            );
        }
    }
    let windows = prefix.join("Lib").join("site-packages");
    if windows.is_dir() {
        sites.push(windows);
    }
    sites.sort();
    Ok(sites)
}

/// The prefix of the installation that a virtual environment was made from, if its packages are visible in it, and its
/// Python (`3.11`).
fn base_prefix(prefix: &Utf8Path) -> io::Result<Option<(Utf8PathBuf, Option<String>)>> {
    let text = match fs_err::read_to_string(prefix.join("pyvenv.cfg")) {
        Ok(text) => text,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let value = |key: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case(key))
            .map(|(_, value)| value.trim())
    };
    let visible = value("include-system-site-packages")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let version = value("version").or_else(|| value("version_info"));
    let version =
        version.map(|version| version.splitn(3, '.').take(2).collect::<Vec<_>>().join("."));
    // `home` is the directory of the base interpreter: the prefix itself on Windows, its `bin` elsewhere.
    Ok(value("home").filter(|_| visible).map(|home| {
        let home = Utf8Path::new(home);
        let prefix = match home.file_name() {
            Some("bin") => home.parent().unwrap_or(home),
            _ => home,
        };
        (prefix.to_owned(), version)
    }))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
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
