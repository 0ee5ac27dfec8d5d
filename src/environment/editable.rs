//! Where the code of an editable installation lies: `direct_url.json` says that it is one, a `.pth` file
//! or the recorded URL says where (PyPA's "Direct URL Origin" specification, and Python's `site` module).

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use super::if_there;

use crate::read;

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

/// What `direct_url.json` says of a distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Editable {
    No,
    From {
        url: String,
        /// Its directory on this machine, if it is one.
        directory: Option<Utf8PathBuf>,
    },
    Unreadable(String),
}

/// Reads `direct_url.json` of the distribution.
pub fn source_tree(dist_info: &Utf8Path) -> io::Result<Editable> {
    let Some(text) = if_there(read::text(dist_info.join("direct_url.json")))? else {
        return Ok(Editable::No);
    };
    Ok(match serde_json::from_str::<DirectUrl>(&text) {
        Err(error) => Editable::Unreadable(format!("does not parse: {error}")),
        Ok(direct) if !direct.dir_info.editable => Editable::No,
        Ok(direct) => Editable::From {
            directory: local_path(&direct.url),
            url: direct.url,
        },
    })
}

/// The directories that `.pth` files put on Python's path. Lines that are code are not run.
pub fn path_file_entries(site: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(site)? {
        let name = entry?.file_name().into_string();
        names.extend(name.ok().filter(|name| name.ends_with(".pth")));
    }
    names.sort();
    let mut entries = Vec::new();
    for name in names {
        let bytes = read::bytes(site.join(name))?;
        let text = String::from_utf8_lossy(&bytes);
        let paths = text.lines().map(str::trim).filter(|line| {
            !line.is_empty()
                && !["#", "import ", "import\t"]
                    .iter()
                    .any(|no| line.starts_with(no))
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
