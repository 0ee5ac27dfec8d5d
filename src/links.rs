//! What paths stand for, without links.
//!
//! Many questions of a run lead to the same directories, and to those beside each other. What a directory stands for is asked
//! once in each thread, and kept: answers are of one moment. Who writes to a path asks the system itself.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

/// The absolute path, without links, as the system tells it. On Windows without `\\?\` at its front, where that is possible: behind it `/`
/// separates nothing, and other programs do not read it.
pub fn canonical(path: impl AsRef<Utf8Path>) -> io::Result<Utf8PathBuf> {
    let real = dunce::canonicalize(path.as_ref())?;
    Utf8PathBuf::try_from(real).map_err(camino::FromPathBufError::into_io_error)
}

thread_local! {
    static KNOWN: RefCell<HashMap<Utf8PathBuf, Utf8PathBuf>> = RefCell::default();
}

/// The absolute path of what lies at a path, without links. An error if nothing does, or if it cannot be told.
pub fn real(path: impl AsRef<Utf8Path>) -> io::Result<Utf8PathBuf> {
    let path = path.as_ref();
    match path.is_absolute() {
        true => real_of(path),
        false => real_of(&working_directory()?.join(path)),
    }
}

/// Nothing changes it.
fn working_directory() -> io::Result<&'static Utf8Path> {
    static KNOWN: OnceLock<Utf8PathBuf> = OnceLock::new();
    if let Some(known) = KNOWN.get() {
        return Ok(known);
    }
    let found = camino::absolute_utf8(Utf8Path::new("."))?;
    Ok(KNOWN.get_or_init(|| found))
}

/// A path with more parts is left to the system: here, each is a call in the one before.
const MOST_PARTS: usize = 256;

fn real_of(path: &Utf8Path) -> io::Result<Utf8PathBuf> {
    // With a slash at its end, it has to be a directory.
    if path.as_str().ends_with('/') || path.components().count() > MOST_PARTS {
        return canonical(path);
    }
    if let Some(known) = KNOWN.with_borrow(|known| known.get(path).cloned()) {
        return Ok(known);
    }
    let found = look(path)?;
    KNOWN.with_borrow_mut(|known| known.insert(path.to_owned(), found.clone()));
    Ok(found)
}

/// A name in a directory that is known is what it says, unless it is a link.
#[cfg(target_os = "linux")]
fn look(path: &Utf8Path) -> io::Result<Utf8PathBuf> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return canonical(path);
    };
    let directory = real_of(directory)?;
    let inside = directory.join(name);
    match inside.symlink_metadata()?.is_symlink() {
        true => canonical(&inside),
        false => Ok(inside),
    }
}

/// Elsewhere a name may be written in several ways.
#[cfg(not(target_os = "linux"))]
fn look(path: &Utf8Path) -> io::Result<Utf8PathBuf> {
    canonical(path)
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests make files")]

    use super::*;

    #[test]
    fn it_is_what_the_system_says() {
        let temporary = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temporary.path()).unwrap();
        fs_err::create_dir_all(root.join("a/b")).unwrap();
        fs_err::write(root.join("a/b/file"), "").unwrap();
        let links = [("a/b", "c"), ("../c/file", "a/link"), ("round", "round")];
        for (target, link) in links {
            fs_err::os::unix::fs::symlink(target, root.join(link)).unwrap();
        }
        let paths = [
            "",
            "a",
            "a/b",
            "a/b/file",
            "a/b/file/x",
            "a/b/file/..",
            "c",
            "c/file",
            "c/..",
            "c/../a",
            "a/link",
            "a/./link",
            "a//b/",
            "a/b/file/",
            "missing",
            "missing/..",
            "round",
            "round/x",
        ];
        let long = ["a/".repeat(100_000), "a/../".repeat(200), "x".repeat(300)];
        let paths = paths.into_iter().chain(long.iter().map(String::as_str));
        // Each is asked twice: the second time it may be known.
        for path in paths.clone().chain(paths) {
            let path = root.join(path);
            let found = real(&path).map_err(|error| error.kind());
            let expected = path.canonicalize_utf8().map_err(|error| error.kind());
            assert_eq!(found, expected, "{path}");
        }
    }
}
