//! Replaces one file of the project, outside of the vendored directory.

use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::NamedTempFile;

use super::{VendoredError, existing};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Relative to the project, as the user knows it; absolute where it lies outside.
    pub path: Utf8PathBuf,
    /// None for a new file.
    pub before: Option<Vec<u8>>,
    pub after: Vec<u8>,
}

impl Replacement {
    pub fn of_text(path: Utf8PathBuf, before: Option<String>, after: String) -> Self {
        Self {
            path,
            before: before.map(String::into_bytes),
            after: after.into_bytes(),
        }
    }
}

/// Writes the file in one rename, with the permissions that it had, through a link to where that points. Directories above
/// a new file are made.
pub fn replace(root: &Utf8Path, file: &Replacement) -> Result<(), VendoredError> {
    let path = root.join(&file.path);
    if existing(fs_err::read(&path))? != file.before {
        return Err(VendoredError::ChangedMeanwhile(file.path.clone()));
    }
    let exists = file.before.is_some();
    let target = if exists {
        path.canonicalize_utf8()?
    } else {
        path
    };
    let directory = target.parent().unwrap_or(Utf8Path::new("."));
    #[allow(clippy::disallowed_methods, reason = "this is the module that writes")]
    fs_err::create_dir_all(directory)?;
    let mut draft = NamedTempFile::new_in(directory)?;
    draft.write_all(&file.after)?;
    draft.as_file().sync_all()?;
    if exists {
        let permissions = fs_err::metadata(&target)?.permissions();
        draft.as_file().set_permissions(permissions)?;
    } else {
        make_readable(draft.as_file())?;
    }
    draft.persist(&target).map_err(|error| {
        io::Error::new(
            error.error.kind(),
            format!("writing `{target}`: {}", error.error),
        )
    })?;
    Ok(())
}

/// A temporary file is readable by its owner alone; a file of the project follows the user's umask.
#[cfg(unix)]
fn make_readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    const READ_WRITE: u32 = 0o666;
    let mask = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(READ_WRITE))
        .tempfile()?;
    file.set_permissions(mask.as_file().metadata()?.permissions())
}

#[cfg(not(unix))]
fn make_readable(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}
