//! Replaces one file of the project, outside of the vendored directory.

use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::NamedTempFile;

use super::exchange::rename_exchange;
use super::{VendoredError, existing, told};

use crate::read;

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
    if existing(read::bytes(&path))? != file.before {
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
    put(draft, &target, file)
}

/// Gives the draft its name. Where the system can exchange two files, what was there is looked at once more: somebody may
/// have written it since it was read.
fn put(draft: NamedTempFile, target: &Utf8Path, file: &Replacement) -> Result<(), VendoredError> {
    let changed = || VendoredError::ChangedMeanwhile(file.path.clone());
    if file.before.is_none() {
        return match draft.persist_noclobber(target) {
            Ok(_) => Ok(()),
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Err(changed()),
            Err(failed) => Err(named(target, &failed.error)),
        };
    }
    let path = Utf8PathBuf::try_from(draft.path().to_owned()).map_err(io::Error::other)?;
    if rename_exchange(&path, target).is_err() {
        let put = draft.persist(target);
        return put.map(drop).map_err(|failed| named(target, &failed.error));
    }
    if existing(read::bytes(&path)).is_ok_and(|now| now == file.before) {
        return Ok(());
    }
    let Err(failed) = rename_exchange(&path, target) else {
        return Err(changed());
    };
    // The only copy of what somebody wrote.
    draft.keep().map_err(|failed| failed.error)?;
    Err(VendoredError::NotTakenBack {
        directory: target.to_owned(),
        old: path,
        error: changed().to_string(),
        failed: told(&failed),
    })
}

fn named(target: &Utf8Path, error: &io::Error) -> VendoredError {
    io::Error::new(error.kind(), format!("writing `{target}`: {error}")).into()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_since_it_was_read_stays() {
        let directory = tempfile::tempdir().unwrap();
        let target = Utf8PathBuf::try_from(directory.path().join("alembic.ini")).unwrap();
        for before in [Some("read"), None] {
            #[expect(clippy::disallowed_methods, reason = "a test makes what is there")]
            fs_err::write(&target, "written since").unwrap();
            let draft = NamedTempFile::new_in(&directory).unwrap();
            let file = Replacement {
                path: "alembic.ini".into(),
                before: before.map(|text| text.as_bytes().to_vec()),
                after: Vec::new(),
            };
            let result = put(draft, &target, &file);
            assert!(matches!(result, Err(VendoredError::ChangedMeanwhile(_))));
            assert_eq!(read::text(&target).unwrap(), "written since");
        }
        assert_eq!(directory.path().read_dir().unwrap().count(), 1);
    }
}
