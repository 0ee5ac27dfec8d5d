//! Replaces one file of the project, outside of the vendored directory.

use std::io::{self, Write};

use camino::Utf8Path;
use tempfile::NamedTempFile;

use super::VendoredError;

/// A file to write whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Relative to the project, as the user knows it; absolute where it lies outside.
    pub path: camino::Utf8PathBuf,
    /// What is there now; none if nothing is.
    pub before: Option<Vec<u8>>,
    /// What will be there.
    pub after: Vec<u8>,
}

/// Writes the file in one rename, with the permissions that it had, through a link to where that points. Directories above
/// a new file are made.
pub fn replace(root: &Utf8Path, file: &Replacement) -> Result<(), VendoredError> {
    let path = root.join(&file.path);
    let there = match fs_err::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    if there != file.before {
        return Err(VendoredError::ChangedMeanwhile(file.path.clone()));
    }
    let target = match &there {
        Some(_) => path.canonicalize_utf8()?,
        None => path,
    };
    let directory = target.parent().unwrap_or(Utf8Path::new("."));
    #[allow(clippy::disallowed_methods, reason = "this is the module that writes")]
    fs_err::create_dir_all(directory)?;
    let mut draft = NamedTempFile::new_in(directory)?;
    draft.write_all(&file.after)?;
    draft.as_file().sync_all()?;
    match &there {
        Some(_) => draft
            .as_file()
            .set_permissions(fs_err::metadata(&target)?.permissions())?,
        None => make_readable(draft.as_file())?,
    }
    draft.persist(&target).map_err(|error| {
        io::Error::new(
            error.error.kind(),
            format!("writing `{target}`: {}", error.error),
        )
    })?;
    Ok(())
}

/// A temporary file is its owner's alone; a file of the project is as the user's mask has it.
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
