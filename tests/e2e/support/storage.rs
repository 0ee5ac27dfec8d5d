//! What outlives a run: one directory below `target/`, shared by all test processes.

use std::fs::File;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;

/// The directory that outlives a run.
pub(crate) fn root() -> Utf8PathBuf {
    let root = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e");
    fs::create_dir_all(&root).expect("the target directory can be written");
    root
}

/// What `uv` has downloaded.
pub(crate) fn uv_cache() -> Utf8PathBuf {
    root().join("uv")
}

/// A directory with nothing in it, where no project is found.
pub(crate) fn empty() -> Utf8PathBuf {
    let directory = root().join("empty");
    fs::create_dir_all(&directory).expect("a directory can be made");
    directory
}

/// Waits until no other thread or process holds `name`, and holds it until the result is dropped.
/// The system lets go of it when the holder is killed.
pub(crate) fn lock(name: &str) -> File {
    let path = root().join(format!("{name}.lock"));
    let file = File::create(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    file.lock()
        .unwrap_or_else(|error| panic!("{path}: {error}"));
    file
}

/// A new directory that is deleted with the result.
pub(crate) fn temporary() -> TempDir {
    tempfile::Builder::new()
        .prefix("e2e-")
        .tempdir()
        .expect("the system's temporary directory can be written")
}

/// The path of a temporary directory.
pub(crate) fn path(directory: &TempDir) -> &Utf8Path {
    Utf8Path::from_path(directory.path()).expect("the temporary directory's path is UTF-8")
}
