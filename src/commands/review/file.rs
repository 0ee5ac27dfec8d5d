//! The file that `--output` names. A report of `review` is overwritten; what is something else stays.

use std::io::{self, Write as _};

use camino::Utf8Path;

use crate::failure::{Failure, ReviewError};
use crate::read;
use crate::report::review::is_report;

/// Refuses a path that cannot be written, or that holds something else.
pub(super) fn refuse_foreign(path: &Utf8Path, force: bool) -> Result<(), Failure> {
    let refused = |why: ReviewError| Err(Failure::Review(why));
    let Some(there) = read::metadata(path).map_err(Failure::Read)? else {
        if path.is_symlink() {
            return refused(ReviewError::NoFile(path.to_owned()));
        }
        let parent = path.parent().filter(|parent| !parent.as_str().is_empty());
        return match parent.is_none_or(Utf8Path::is_dir) {
            true => Ok(()),
            false => refused(ReviewError::NoDirectory(path.to_owned())),
        };
    };
    if there.is_dir() {
        return refused(ReviewError::Directory(path.to_owned()));
    }
    if !there.is_file() {
        return refused(ReviewError::NoFile(path.to_owned()));
    }
    if force || is_report(&read::bytes(path).map_err(Failure::Read)?) {
        return Ok(());
    }
    refused(ReviewError::Foreign(path.to_owned()))
}

/// Writes the report, whole or not at all. A link stays one.
pub(super) fn write(path: &Utf8Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    // Somebody may have put a file there meanwhile.
    refuse_foreign(path, force)?;
    let unwritable = |why: io::Error| {
        let path = path.to_owned();
        Failure::Review(ReviewError::Unwritable { path, why })
    };
    let real = path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
    let directory = real.parent().filter(|parent| !parent.as_str().is_empty());
    let mut draft = tempfile::Builder::new();
    #[cfg(unix)]
    draft.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut draft = draft
        .tempfile_in(directory.unwrap_or(Utf8Path::new(".")))
        .map_err(unwritable)?;
    draft.write_all(bytes).map_err(unwritable)?;
    draft
        .persist(&real)
        .map_err(|error| unwritable(error.error))?;
    Ok(())
}
