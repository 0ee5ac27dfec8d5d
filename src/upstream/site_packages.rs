//! Reads Procrastinate out of a site-packages directory, without Python.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::editable;
use super::package::{Package, Size, is_wanted, templates};
use super::record::digests;
use super::{Upstream, UpstreamError};
use crate::digest::Content;
use crate::environment::Environments;
use crate::environment::distribution::{dist_infos, is_dist_info};
use crate::parallel;
use crate::procrastinate::{PACKAGE, REVISIONS, SQL};
use crate::progress::Activity;
use crate::read;

/// The distribution in `site`, if there is one. `source` names the place for people.
pub(super) fn read(site: &Utf8Path, source: &str) -> Result<Option<Upstream>, UpstreamError> {
    match dist_info(site, &dist_infos(site)?)? {
        Some(dist_info) => {
            read_described(&Environments::default(), site, &dist_info, source).map(Some)
        }
        None => Ok(None),
    }
}

/// The distribution in `site` that `dist_info` describes.
pub(super) fn read_described(
    environments: &Environments,
    site: &Utf8Path,
    dist_info: &Utf8Path,
    source: &str,
) -> Result<Upstream, UpstreamError> {
    let _activity = Activity::begin(format!("Reading Procrastinate in {site}"));
    let name = dist_info.file_name().unwrap_or_default();
    let bad = |file: &str, why| UpstreamError::bad_file(file, source, why);
    let metadata_name = format!("{name}/METADATA");
    let metadata = environments.metadata(dist_info)?.ok_or_else(|| {
        let why = "is missing (did an interrupted uninstall leave this?)".to_owned();
        bad(&metadata_name, why)
    })?;
    let mut described = source.to_owned();
    let (root, record) = if let Some(root) = editable::root(site, dist_info)? {
        described = format!("{source} (editable, from {root})");
        (root, Err("an editable installation has no digests of them"))
    } else if site.join(PACKAGE).is_dir() {
        let record = if_found(read::bytes(dist_info.join("RECORD")))?;
        let why = "the installation has no RECORD (not every package manager writes one)";
        (site.to_owned(), record.ok_or(why))
    } else {
        let why = format!("describes an installation whose `{PACKAGE}` package is not there");
        return Err(bad(name, why));
    };
    let package = Package {
        source: described,
        metadata_name,
        metadata: metadata.to_vec(),
        files: files(&root, source, record.as_deref().unwrap_or_default())?,
        record,
        root: Some(root),
    };
    package.read()
}

/// A source tree or an unpacked source distribution: the package beside its `PKG-INFO`.
pub(super) fn read_source_tree(
    root: &Utf8Path,
    source: &str,
) -> Result<Option<Upstream>, UpstreamError> {
    let Some(metadata) = if_found(read::bytes(root.join("PKG-INFO")))? else {
        return Ok(None);
    };
    let package = Package {
        source: source.to_owned(),
        metadata_name: "PKG-INFO".to_owned(),
        metadata,
        record: Err("a source tree has no digests of them"),
        files: files(root, source, &[])?,
        root: Some(root.to_owned()),
    };
    package.read().map(Some)
}

/// None if there is no such file or directory.
fn if_found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// The one `procrastinate-*.dist-info` of those in `site`.
pub(super) fn dist_info(
    site: &Utf8Path,
    all: &[String],
) -> Result<Option<Utf8PathBuf>, UpstreamError> {
    let of_package = all.iter().filter(|name| is_dist_info(name, PACKAGE));
    let mut found: Vec<String> = of_package.cloned().collect();
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

/// The wanted files below `root`. Links are followed: package managers link installed files to their cache.
fn files(
    root: &Utf8Path,
    source: &str,
    record: &[u8],
) -> Result<BTreeMap<String, Content>, UpstreamError> {
    let expected = digests(record);
    let mut files = BTreeMap::new();
    let size = Mutex::new(Size::default());
    let bounded = |content: Content| {
        let mut size = size.lock().unwrap_or_else(PoisonError::into_inner);
        match size.add(&content) {
            Ok(()) => Ok(content),
            Err(why) => Err(UpstreamError::bad_file(PACKAGE, source, why)),
        }
    };
    let mut wanted = Vec::new();
    for path in templates() {
        if let Some(bytes) = if_found(read::bytes(root.join(&path)))? {
            files.insert(path, bounded(bytes.into())?);
        }
    }
    for directory in [SQL].into_iter().chain(REVISIONS) {
        let entries = if_found(fs_err::read_dir(root.join(directory)))?;
        for entry in entries.into_iter().flatten() {
            let entry = entry?;
            let not_utf8 = |name: OsString| UpstreamError::BadName {
                source_name: root.join(directory).to_string(),
                why: format!(
                    "the file name `{}` is not UTF-8",
                    name.to_string_lossy().escape_debug()
                ),
            };
            let name = entry.file_name().into_string().map_err(not_utf8)?;
            let path = format!("{directory}{name}");
            if is_wanted(&path) {
                wanted.push((path, entry));
            }
            if wanted.len() > Size::MOST_FILES {
                return Err(UpstreamError::bad_file(PACKAGE, source, Size::too_much()));
            }
        }
    }
    let contents = parallel::until_error(&wanted, |(path, entry)| {
        let content = match entry.file_type()?.is_file() {
            true => read::listed_as(entry.path(), expected.get(path).copied())?,
            false => read::bytes(entry.path())?.into(),
        };
        bounded(content)
    })?;
    files.extend(wanted.into_iter().map(|(path, _)| path).zip(contents));
    Ok(files)
}
