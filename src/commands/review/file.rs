//! The file that `--output` names. A report of `review` is overwritten, and an empty file; what is something else stays.
#![expect(
    clippy::disallowed_methods,
    reason = "of a file that may be large, only the beginning is read"
)]

use std::fs::Metadata;
use std::io::{self, Read as _};

use camino::{Utf8Path, Utf8PathBuf};

use crate::commands::draft::{self, parent};
use crate::failure::{Failure, ReviewError};
use crate::links;
use crate::report::review::is_report;

/// Refuses a path that cannot be written, or that holds something else.
pub(super) fn refuse_foreign(path: &Utf8Path, force: bool) -> Result<(), ReviewError> {
    let refuse = |why: fn(Utf8PathBuf) -> ReviewError| Err(why(path.to_owned()));
    match there(path)? {
        None if path.is_symlink() => refuse(ReviewError::NoFile),
        None if parent(path).is_dir() => Ok(()),
        None => refuse(ReviewError::NoDirectory),
        Some(there) if there.is_dir() => refuse(ReviewError::Directory),
        Some(there) if !there.is_file() => refuse(ReviewError::NoFile),
        Some(there) if force || there.len() == 0 => Ok(()),
        Some(_) => match is_report(&begin(path)?) {
            true => Ok(()),
            false => refuse(ReviewError::Foreign),
        },
    }
}

fn there(path: &Utf8Path) -> Result<Option<Metadata>, ReviewError> {
    match fs_err::metadata(path) {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(unwritable(path, why)),
    }
}

/// The first bytes of a file.
fn begin(path: &Utf8Path) -> Result<Vec<u8>, ReviewError> {
    const NEAR: u64 = 512;
    let mut bytes = Vec::new();
    let file = fs_err::File::open(path).map_err(|why| unwritable(path, why))?;
    file.take(NEAR)
        .read_to_end(&mut bytes)
        .map_err(|why| unwritable(path, why))?;
    Ok(bytes)
}

fn unwritable(path: &Utf8Path, why: io::Error) -> ReviewError {
    let path = path.to_owned();
    ReviewError::Unwritable { path, why }
}

/// Refuses a path inside of a directory that is not for reports.
pub(super) fn refuse_inside(path: &Utf8Path, directory: &Utf8Path) -> Result<(), ReviewError> {
    let real = |path: &Utf8Path| links::canonical(path).ok();
    match (real(parent(path)), real(directory)) {
        (Some(parent), Some(directory)) if parent.starts_with(&directory) => {
            Err(ReviewError::Vendored(path.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Writes the report, whole or not at all. A link stays one, and a file keeps who may read it.
pub(super) fn write(path: &Utf8Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    // Somebody may have put a file there meanwhile.
    refuse_foreign(path, force)?;
    let unwritable = |why: io::Error| unwritable(path, why);
    let real = links::canonical(path).unwrap_or_else(|_| path.to_owned());
    let like = there(&real)?.map(|there| there.permissions());
    draft::write(&real, bytes, like).map_err(unwritable)?;
    Ok(())
}
