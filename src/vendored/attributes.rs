//! What a file has beside its bytes: owner, permissions, extended attributes, among them access control lists. Who replaces a file must not
//! take them from it.

use std::io;

use camino::Utf8Path;

use super::existing;

/// Gives `to` all that `from` has, if that is there.
pub(super) fn copy_all(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    let Some(metadata) = existing(fs_err::symlink_metadata(from))? else {
        return Ok(());
    };
    if metadata.is_symlink() {
        return Ok(());
    }
    copy_owner(&metadata, to);
    copy_extended(from, to)?;
    fs_err::set_permissions(to, metadata.permissions())
}

/// Gives a new file, or directory, to the owner of the directory that it is to lie in, where this program may. Root needs to in a container,
/// where the project belongs to another user.
pub(super) fn take_owner(of: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    if is_root() {
        copy_owner(&fs_err::metadata(of)?, to);
    }
    Ok(())
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// Only root may give files to another owner.
#[cfg(unix)]
fn copy_owner(from: &std::fs::Metadata, to: &Utf8Path) {
    use std::os::unix::fs::MetadataExt as _;
    let _ = std::os::unix::fs::chown(to, Some(from.uid()), Some(from.gid()));
}

#[cfg(not(unix))]
fn copy_owner(_: &std::fs::Metadata, _: &Utf8Path) {}

/// `to` gets the extended attributes of `from`, and loses those that it has by inheritance. Those that are the system's own business, as the
/// labels of SELinux, are copied where that is allowed.
#[cfg(unix)]
pub(super) fn copy_extended(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    let list = |path: &Utf8Path| match xattr::list(path) {
        Ok(names) => Ok(names.collect::<Vec<_>>()),
        // Not every file system has them.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    let is_users = |name: &std::ffi::OsStr| {
        let name = name.to_string_lossy();
        let systems = ["security.", "trusted.", "system.", "com.apple."];
        name.starts_with("system.posix_acl_") || !systems.iter().any(|one| name.starts_with(one))
    };
    let (wanted, there) = (list(from)?, list(to)?);
    for name in there
        .iter()
        .filter(|name| is_users(name) && !wanted.contains(name))
    {
        xattr::remove(to, name)?;
    }
    for name in wanted {
        let Some(value) = xattr::get(from, &name)? else {
            continue;
        };
        if xattr::get(to, &name)?.as_ref() == Some(&value) {
            continue;
        }
        let done = xattr::set(to, &name, &value);
        if is_users(&name) {
            done.map_err(|error| {
                let name = name.to_string_lossy();
                io::Error::new(
                    error.kind(),
                    format!("`{from}` has the attribute {name}, which cannot be kept: {error}"),
                )
            })?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn copy_extended(_: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
    Ok(())
}
