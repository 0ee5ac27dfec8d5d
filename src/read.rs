//! Reads files. A project, an environment and a package index's files may come from anybody, so only regular files are read, and none that
//! is longer than any real one: a named pipe would be waited for, and a device or a file without an end read for ever.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The most that is read of one file, in MiB. A lock file of ten thousand packages has some ten.
pub const MOST: u64 = 16;

/// The same of a text that is parsed as a whole: a configuration, settings, what an environment says of itself. They have some KiB.
const MOST_OF_TEXT: u64 = 2;

/// A text in TOML, JSON or YAML with more values may need more memory than a machine has. The longest lock files have some 500,000.
pub const MOST_VALUES: usize = 1_000_000;

/// Whether a text may hold more values than [`MOST_VALUES`], told by the signs before them.
pub fn has_too_many_values(text: &str) -> bool {
    let is_sign = |byte: &&u8| matches!(byte, b'\n' | b',' | b'[' | b'{' | b'.');
    text.as_bytes()
        .iter()
        .filter(is_sign)
        .nth(MOST_VALUES)
        .is_some()
}

/// What lies at a path, a link followed; none if nothing does. That it cannot be told is an error: who takes it for
/// nothing skips what is there.
pub fn metadata(path: impl AsRef<Path>) -> io::Result<Option<std::fs::Metadata>> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match fs_err::metadata(path.as_ref()) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a directory lies there.
pub fn is_directory(path: impl AsRef<Path>) -> io::Result<bool> {
    Ok(metadata(path)?.is_some_and(|there| there.is_dir()))
}

/// A regular file, opened.
pub fn open(path: impl AsRef<Path>) -> io::Result<File> {
    let path = path.as_ref();
    let named = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("failed to open file `{}`: {error}", path.display()),
        )
    };
    let regular = |metadata: std::fs::Metadata| match metadata.is_file() {
        true => Ok(()),
        false if metadata.is_dir() => Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a directory, and not a regular file",
        )),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        )),
    };
    // Opening a device may do something, so it is looked at first; and once more, in case it was replaced meanwhile.
    std::fs::metadata(path).and_then(regular).map_err(named)?;
    let file = options().open(path).map_err(named)?;
    file.metadata().and_then(regular).map_err(named)?;
    Ok(file)
}

#[cfg(unix)]
fn options() -> std::fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = File::options();
    options
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    options
}

#[cfg(not(unix))]
fn options() -> std::fs::OpenOptions {
    let mut options = File::options();
    options.read(true);
    options
}

/// The bytes of a regular file.
pub fn bytes(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    bytes_up_to(MOST, path)
}

/// The bytes of a regular file that has at most so many MiB.
pub fn bytes_up_to(mebibytes: u64, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let path = path.as_ref();
    let file = open(path)?;
    let most = mebibytes << 20;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let mut bytes = Vec::with_capacity(usize::try_from(length.min(most)).unwrap_or(0));
    let named = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("failed to read file `{}`: {error}", path.display()),
        )
    };
    // It may grow while it is read.
    file.take(most + 1).read_to_end(&mut bytes).map_err(named)?;
    if bytes.len() as u64 > most {
        let why =
            format!("it is longer than {mebibytes} MiB, the most that is read of such a file");
        return Err(named(io::Error::new(io::ErrorKind::FileTooLarge, why)));
    }
    Ok(bytes)
}

/// The text of a regular file, which has to be UTF-8 and no longer than a configuration may be.
pub fn text(path: impl AsRef<Path>) -> io::Result<String> {
    let path = path.as_ref();
    String::from_utf8(bytes_up_to(MOST_OF_TEXT, path)?).map_err(|_| {
        let why = format!(
            "failed to read file `{}`: it is not UTF-8 text",
            path.display()
        );
        io::Error::new(io::ErrorKind::InvalidData, why)
    })
}
