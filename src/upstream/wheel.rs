//! Reads a wheel (PyPA's "Binary distribution format"). Nothing is unpacked to disk, and no entry is trusted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use camino::Utf8Path;
use zip::ZipArchive;

use super::package::{Package, Size, is_wanted};
use super::{Upstream, UpstreamError};
use crate::digest::Content;
use crate::environment::distribution::is_dist_info;
use crate::procrastinate::PACKAGE;
use crate::read;

/// The largest file that is accepted: all of Procrastinate is smaller than 1 MiB.
const MOST_BYTES: u64 = 16 << 20;
const MOST_ENTRIES: usize = 20_000;

/// Reads the wheel at `path`. `source` names it for people.
pub(super) fn read(path: &Utf8Path, source: &str) -> Result<Upstream, UpstreamError> {
    let bad = |why: String| UpstreamError::BadWheel {
        wheel: path.to_owned(),
        why,
    };
    let file = read::open(path)?;
    let mut archive =
        ZipArchive::new(std::io::BufReader::new(file)).map_err(|error| bad(error.to_string()))?;
    if archive.len() > MOST_ENTRIES {
        return Err(bad(format!("it claims to hold {} files", archive.len())));
    }
    let mut entries = Entries::default();
    for index in 0..archive.len() {
        let entry = archive
            .by_index(index)
            .map_err(|error| bad(error.to_string()))?;
        entries.take(entry).map_err(bad)?;
    }
    entries.package(source, path)?.read()
}

#[derive(Default)]
struct Entries {
    size: Size,
    seen: BTreeSet<String>,
    files: BTreeMap<String, Content>,
    /// What a `dist-info` says of them.
    about: BTreeMap<String, Vec<u8>>,
    dist_infos: BTreeSet<String>,
}

impl Entries {
    fn take<R: Read + ?Sized>(
        &mut self,
        mut entry: zip::read::ZipFile<'_, R>,
    ) -> Result<(), String> {
        let name = String::from_utf8(entry.name_raw().to_vec()).map_err(|error| {
            let name = String::from_utf8_lossy(error.as_bytes());
            format!("the entry name `{}` is not UTF-8", name.escape_debug())
        })?;
        if let Some(why) = unsafe_name(&name) {
            return Err(format!("the entry `{}` {why}", name.escape_debug()));
        }
        if entry.size() > MOST_BYTES {
            let size = entry.size();
            return Err(format!("the entry `{name}` claims to be {size} bytes long"));
        }
        if !self.seen.insert(name.to_ascii_lowercase()) {
            return Err(format!("the entry `{name}` is in it twice"));
        }
        let Some((top, rest)) = name.split_once('/') else {
            return Ok(());
        };
        let in_dist_info = is_dist_info(top, PACKAGE);
        if in_dist_info {
            self.dist_infos.insert(top.to_owned());
        }
        let is_wanted = is_wanted(&name);
        if is_wanted && entry.is_symlink() {
            return Err(format!("the entry `{name}` is a symbolic link"));
        }
        if is_wanted || in_dist_info && matches!(rest, "METADATA" | "RECORD") {
            let bytes = contents(&mut entry, &name)?;
            if is_wanted {
                self.size.add(&bytes).map_err(|why| format!("it {why}"))?;
                self.files.insert(name, bytes.into());
            } else {
                self.about.insert(name, bytes);
            }
        }
        Ok(())
    }

    fn package(mut self, source: &str, path: &Utf8Path) -> Result<Package, UpstreamError> {
        let missing = |what: &str| UpstreamError::BadWheel {
            wheel: path.to_owned(),
            why: format!("it has no {what}"),
        };
        if self.dist_infos.len() > 1 {
            return Err(UpstreamError::Several {
                place: path.to_owned(),
                found: self.dist_infos.into_iter().collect(),
            });
        }
        let dist_info = self.dist_infos.first();
        let dist_info = dist_info.ok_or_else(|| missing("`procrastinate-*.dist-info`"))?;
        let mut described = |what: &str| {
            let found = self.about.remove(&format!("{dist_info}/{what}"));
            found.ok_or_else(|| missing(what))
        };
        Ok(Package {
            source: source.to_owned(),
            root: None,
            metadata_name: format!("{dist_info}/METADATA"),
            metadata: described("METADATA")?,
            record: Ok(described("RECORD")?),
            files: self.files,
        })
    }
}

/// At most [`MOST_BYTES`], whatever the archive's directory claims. The checksum is verified at the end.
fn contents(entry: &mut impl Read, name: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    entry
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("the entry `{name}` cannot be read: {error}"))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!(
            "the entry `{name}` is longer than {MOST_BYTES} bytes"
        ));
    }
    Ok(bytes)
}

fn unsafe_name(name: &str) -> Option<&'static str> {
    let absolute = name.starts_with('/') || name.as_bytes().get(1) == Some(&b':');
    if name.is_empty() || name.chars().any(char::is_control) {
        Some("has an impossible name")
    } else if name.contains('\\') {
        Some("has a backslash in its name")
    } else if absolute {
        Some("is absolute")
    } else if name.split('/').any(|part| part == "..") {
        Some("climbs out of the wheel")
    } else {
        None
    }
}
