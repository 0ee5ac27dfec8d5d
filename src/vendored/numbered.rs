//! Names with numbers: `PATH`, `PATH-2`, `PATH-3` and so on, for what may have to lie beside another of its kind.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::exchange::above;
use super::existing;
use super::leftover::remove;

/// The path, or the first of `PATH-2`, `PATH-3` and so on, with nothing there any more.
pub(super) fn removed(path: &Utf8Path) -> Utf8PathBuf {
    let mut names = names(path).take(100);
    let free = names.find(|path| match path.symlink_metadata() {
        Ok(metadata) => metadata.is_dir() && remove(path).is_ok(),
        Err(_) => true,
    });
    free.unwrap_or_else(|| path.to_owned())
}

/// The path, or the first of `PATH-2`, `PATH-3` and so on that nothing has.
pub(super) fn free(path: &Utf8Path) -> Utf8PathBuf {
    let free = names(path).find(|path| path.symlink_metadata().is_err());
    free.unwrap_or_else(|| path.to_owned())
}

fn names(path: &Utf8Path) -> impl Iterator<Item = Utf8PathBuf> {
    let numbered = (2..).map(move |number| Utf8PathBuf::from(format!("{path}-{number}")));
    std::iter::once(path.to_owned()).chain(numbered)
}

/// The directories `PATH`, `PATH-2`, `PATH-3` and so on that are there.
pub(super) fn numbered(first: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    // A name that is not UTF-8 is none of ours.
    let Some(entries) = existing(fs_err::read_dir(above(first)))? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if is_numbered(&name, first.file_name().unwrap_or_default()) && entry.file_type()?.is_dir()
        {
            found.push(first.with_file_name(name));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a name is `first`, `first-2` and so on.
pub(super) fn is_numbered(name: &str, first: &str) -> bool {
    let number = name.strip_prefix(first);
    number.is_some_and(|number| match number.strip_prefix('-') {
        Some(number) => !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()),
        None => number.is_empty(),
    })
}
