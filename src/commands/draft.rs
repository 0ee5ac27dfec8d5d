//! A file outside of projects, whole or not at all: what `--output` names, a page of the manual.

use std::fs::Permissions;
use std::io::{self, Write as _};

use camino::Utf8Path;

/// Writes the file. A new one is for whom the umask leaves it to. (A temporary file is for its owner alone.)
pub(super) fn write(path: &Utf8Path, bytes: &[u8], like: Option<Permissions>) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".vendor-migrations-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut draft = builder.tempfile_in(parent(path))?;
    if let Some(permissions) = like {
        draft.as_file().set_permissions(permissions)?;
    }
    draft.write_all(bytes)?;
    draft.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The directory of a path.
pub(super) fn parent(path: &Utf8Path) -> &Utf8Path {
    let parent = path.parent().filter(|parent| !parent.as_str().is_empty());
    parent.unwrap_or(Utf8Path::new("."))
}
