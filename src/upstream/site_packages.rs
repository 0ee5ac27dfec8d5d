//! Reads Procrastinate out of a site-packages directory, without Python.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::editable;
use super::package::{Package, is_wanted, templates};
use super::{Upstream, UpstreamError};
use crate::procrastinate::{PACKAGE, REVISIONS, SQL};
use crate::progress::Activity;

/// The distribution in `site`, if there is one. `source` names the place for people.
pub(super) fn read(site: &Utf8Path, source: &str) -> Result<Option<Upstream>, UpstreamError> {
    let _activity = Activity::begin(format!("Reading Procrastinate in {site}"));
    let Some(dist_info) = dist_info(site)? else {
        return Ok(None);
    };
    let metadata_name = format!("{}/METADATA", dist_info.file_name().unwrap_or_default());
    let metadata = match fs_err::read(dist_info.join("METADATA")) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(UpstreamError::BadMetadata {
                file: metadata_name,
                source_name: source.to_owned(),
                why: "is missing (what an interrupted uninstall leaves behind?)".to_owned(),
            });
        }
        Err(error) => return Err(error.into()),
    };
    let installed = site.join(PACKAGE);
    let (root, record, source) = match editable::root(site, &dist_info)? {
        Some(root) => {
            let source = format!("{source} (editable, from {root})");
            (
                root,
                Err("an editable installation has no digests of them"),
                source,
            )
        }
        None if installed.is_dir() => (site.to_owned(), record(&dist_info)?, source.to_owned()),
        None => {
            return Err(UpstreamError::BadMetadata {
                file: dist_info.file_name().unwrap_or_default().to_owned(),
                source_name: source.to_owned(),
                why: format!("describes an installation whose `{PACKAGE}` package is not there"),
            });
        }
    };
    Package {
        source,
        metadata_name,
        metadata,
        record,
        files: files(&root)?,
    }
    .read()
    .map(|upstream| Some(upstream.in_directory(&root)))
}

/// A source tree or an unpacked source distribution: the package beside its `PKG-INFO`.
pub(super) fn read_source_tree(
    root: &Utf8Path,
    source: &str,
) -> Result<Option<Upstream>, UpstreamError> {
    let metadata = match fs_err::read(root.join("PKG-INFO")) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Package {
        source: source.to_owned(),
        metadata_name: "PKG-INFO".to_owned(),
        metadata,
        record: Err("a source tree has no digests of them"),
        files: files(root)?,
    }
    .read()
    .map(|upstream| Some(upstream.in_directory(root)))
}

/// The one `procrastinate-*.dist-info` in `site`.
pub(super) fn dist_info(site: &Utf8Path) -> Result<Option<Utf8PathBuf>, UpstreamError> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(site)? {
        // A name that isn't UTF-8 belongs to some other distribution.
        let Ok(name) = entry?.file_name().into_string() else {
            continue;
        };
        let lower = name.to_ascii_lowercase();
        if lower.ends_with(".dist-info")
            && lower
                .strip_prefix(PACKAGE)
                .is_some_and(|rest| rest.starts_with('-'))
        {
            found.push(name);
        }
    }
    found.sort();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(site.join(one))),
        _ => Err(UpstreamError::Several {
            place: site.to_owned(),
            found,
        }),
    }
}

fn record(dist_info: &Utf8Path) -> Result<Result<Vec<u8>, &'static str>, UpstreamError> {
    match fs_err::read(dist_info.join("RECORD")) {
        Ok(record) => Ok(Ok(record)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Err(
            "the installation has no RECORD (not every package manager writes one)",
        )),
        Err(error) => Err(error.into()),
    }
}

/// The wanted files below `root`. Links are followed: package managers link installed files to their cache.
fn files(root: &Utf8Path) -> Result<BTreeMap<String, Vec<u8>>, UpstreamError> {
    let mut files = BTreeMap::new();
    for path in templates() {
        match fs_err::read(root.join(&path)) {
            Ok(bytes) => drop(files.insert(path, bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    for directory in [SQL].into_iter().chain(REVISIONS) {
        let entries = match fs_err::read_dir(root.join(directory)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        for entry in entries {
            let entry = entry?;
            let name =
                entry
                    .file_name()
                    .into_string()
                    .map_err(|name| UpstreamError::NotUtf8Name {
                        source_name: root.join(directory).to_string(),
                        name: name.to_string_lossy().escape_debug().to_string(),
                    })?;
            let path = format!("{directory}{name}");
            if is_wanted(&path) {
                files.insert(path, fs_err::read(entry.path())?);
            }
        }
    }
    Ok(files)
}

impl Upstream {
    fn in_directory(self, root: &Utf8Path) -> Self {
        Self {
            root: Some(root.to_owned()),
            ..self
        }
    }
}
