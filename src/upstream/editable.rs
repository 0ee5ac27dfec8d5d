//! Finds the source tree behind an editable installation: `direct_url.json` says that it is one, a `.pth` file
//! or the recorded URL says where (PyPA's "Direct URL Origin" specification, and Python's `site` module).

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use super::package::SQL;
use super::{PACKAGE, UpstreamError};

#[derive(Deserialize)]
struct DirectUrl {
    url: String,
    #[serde(default)]
    dir_info: DirInfo,
}

#[derive(Deserialize, Default)]
struct DirInfo {
    #[serde(default)]
    editable: bool,
}

/// The directory that holds the `procrastinate` package of an editable installation; none if it is not one.
pub(super) fn root(
    site: &Utf8Path,
    dist_info: &Utf8Path,
) -> Result<Option<Utf8PathBuf>, UpstreamError> {
    let file = dist_info.join("direct_url.json");
    let text = match fs_err::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let bad = |why: String| UpstreamError::BadMetadata {
        file: "direct_url.json".to_owned(),
        source_name: dist_info.to_string(),
        why,
    };
    let direct: DirectUrl =
        serde_json::from_str(&text).map_err(|error| bad(format!("does not parse: {error}")))?;
    if !direct.dir_info.editable {
        return Ok(None);
    }
    let mut roots = path_file_entries(site)?;
    if let Some(project) = local_path(&direct.url) {
        roots.push(project.join("src"));
        roots.push(project);
    }
    match roots.iter().find(|root| root.join(SQL).is_dir()) {
        Some(root) => Ok(Some(root.clone())),
        None => Err(bad(format!(
            "describes an editable installation of `{}`, but no `{PACKAGE}` package with migrations is there",
            direct.url.escape_debug()
        ))),
    }
}

/// The directories that `.pth` files put on Python's path. Lines that are code are not run.
fn path_file_entries(site: &Utf8Path) -> Result<Vec<Utf8PathBuf>, UpstreamError> {
    let mut files: Vec<Utf8PathBuf> = Vec::new();
    for entry in fs_err::read_dir(site)? {
        if let Ok(name) = entry?.file_name().into_string()
            && name.ends_with(".pth")
        {
            files.push(site.join(name));
        }
    }
    files.sort();
    let mut entries = Vec::new();
    for file in files {
        let bytes = fs_err::read(&file)?;
        let text = String::from_utf8_lossy(&bytes);
        let paths = text.lines().map(str::trim).filter(|line| {
            !line.is_empty()
                && !line.starts_with('#')
                && !line.starts_with("import ")
                && !line.starts_with("import\t")
        });
        entries.extend(paths.map(|path| site.join(path)));
    }
    Ok(entries)
}

/// The path of a `file:` URL on this machine.
fn local_path(url: &str) -> Option<Utf8PathBuf> {
    let rest = url.strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = percent_decoded(path)?;
    // file:///C:/x
    let drive = path.as_bytes().get(2) == Some(&b':');
    Some(Utf8PathBuf::from(if drive { &path[1..] } else { &path }))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_urls_become_paths() {
        for (url, path) in [
            ("file:///a/b", Some("/a/b")),
            ("file://localhost/a%20b/%C3%A9", Some("/a b/é")),
            ("file:///C:/x", Some("C:/x")),
            ("file:///a%2", None),
            ("https://example.org/a", None),
        ] {
            assert_eq!(local_path(url), path.map(Utf8PathBuf::from), "{url}");
        }
    }
}
