//! The manual's pages on disk.
#![expect(
    clippy::disallowed_methods,
    reason = "it writes to the directory that the user names, never to a project"
)]

use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};

use super::Page;

/// Writes a page, whole or not at all, and says where. The directory is made if it is missing.
pub fn write(directory: &Utf8Path, page: &Page) -> io::Result<Utf8PathBuf> {
    fs_err::create_dir_all(directory)?;
    let path = directory.join(&page.file_name);
    if path.is_dir() {
        let message = format!("`{path}` is a directory");
        return Err(io::Error::new(io::ErrorKind::IsADirectory, message));
    }
    let mut draft = draft_in(directory)?;
    draft.write_all(page.text.as_bytes())?;
    draft.persist(&path).map_err(|error| error.error)?;
    Ok(path)
}

/// A page is for everybody. (A temporary file is for its owner alone.)
#[cfg(unix)]
fn draft_in(directory: &Utf8Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(directory)
}

#[cfg(not(unix))]
fn draft_in(directory: &Utf8Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::NamedTempFile::new_in(directory)
}
