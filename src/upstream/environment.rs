//! Where a Python environment keeps its packages, found from its files.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

/// The site-packages directories below an environment's prefix, without repeats. With
/// `include-system-site-packages = true` in `pyvenv.cfg`, those of the base installation follow.
pub(super) fn site_packages(prefix: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let mut sites = own_site_packages(prefix)?;
    if let Some(base) = base_prefix(prefix)? {
        sites.extend(own_site_packages(&base)?);
    }
    let mut seen = Vec::new();
    sites.retain(|site| {
        let real = site.canonicalize_utf8().unwrap_or_else(|_| site.clone());
        let new = !seen.contains(&real);
        seen.push(real);
        new
    });
    Ok(sites)
}

fn own_site_packages(prefix: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
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
            let site = prefix.join(library).join(&name).join("site-packages");
            if (name.starts_with("python") || name.starts_with("pypy")) && site.is_dir() {
                sites.push(site);
            }
        }
    }
    let windows = prefix.join("Lib").join("site-packages");
    if windows.is_dir() {
        sites.push(windows);
    }
    sites.sort();
    Ok(sites)
}

/// The installation that a virtual environment was made from, if its packages are visible in it.
fn base_prefix(prefix: &Utf8Path) -> io::Result<Option<Utf8PathBuf>> {
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
    // `home` is the directory of the base interpreter: the prefix itself on Windows, its `bin` elsewhere.
    Ok(value("home").filter(|_| visible).map(|home| {
        let home = Utf8Path::new(home);
        match home.file_name() {
            Some("bin") => home.parent().unwrap_or(home).to_owned(),
            _ => home.to_owned(),
        }
    }))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
