//! Reads files. A project, an environment and a package index's files may come from anybody, so only regular files are read, and none that
//! is longer than any real one: a named pipe would be waited for, and a device or a file without an end read for ever.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::digest::{Content, Digest};

/// The most that is read of one file, in MiB. A lock file of ten thousand packages has some ten.
pub const MOST: u64 = 16;

/// The same of a text that is parsed as a whole: a configuration, settings, what an environment says of itself. They have some KiB.
const MOST_OF_TEXT: u64 = 2;

/// A text in TOML, JSON or YAML with more values may need more memory than a machine has. The longest lock files have some 500,000.
pub const MOST_VALUES: usize = 1_000_000;

/// Whether a text may hold more values than [`MOST_VALUES`], told by the signs before them.
pub fn has_too_many_values(text: &str) -> bool {
    let is_sign = |byte: u8| matches!(byte, b'\n' | b',' | b'[' | b'{' | b'.');
    // Counted in blocks, as processors do it fastest.
    let of_block = |block: &[u8]| -> u8 { block.iter().map(|byte| u8::from(is_sign(*byte))).sum() };
    let blocks = text.as_bytes().chunks(usize::from(u8::MAX));
    let signs = || -> usize { blocks.map(|block| usize::from(of_block(block))).sum() };
    text.len() > MOST_VALUES && signs() > MOST_VALUES
}

/// What lies at a path, a link followed; none if nothing does. That it cannot be told is an error: who takes it for
/// nothing skips what is there.
pub fn metadata(path: impl AsRef<Path>) -> io::Result<Option<std::fs::Metadata>> {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    match fs_err::metadata(path.as_ref()) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
        // On Windows, a name that no file can have. (Elsewhere one that is too long to be looked at.)
        Err(error) if cfg!(windows) && error.kind() == InvalidFilename => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a directory lies there.
pub fn is_directory(path: impl AsRef<Path>) -> io::Result<bool> {
    Ok(metadata(path)?.is_some_and(|there| there.is_dir()))
}

/// A regular file, opened.
pub fn open(path: impl AsRef<Path>) -> io::Result<File> {
    Ok(looked_at(path.as_ref())?.0)
}

/// The same, and its length.
fn looked_at(path: &Path) -> io::Result<(File, u64)> {
    // Opening a device may do something, so it is looked at first; and once more, in case it was replaced meanwhile.
    let metadata = std::fs::metadata(path);
    metadata
        .and_then(|metadata| regular(&metadata))
        .map_err(failed("open", path))?;
    open_listed(path)
}

/// The same of a file that the listing of its directory says is regular.
fn open_listed(path: &Path) -> io::Result<(File, u64)> {
    let opened = options().open(path).and_then(|file| {
        let metadata = file.metadata()?;
        regular(&metadata)?;
        Ok((file, metadata.len()))
    });
    opened.map_err(failed("open", path))
}

fn regular(metadata: &std::fs::Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    Err(match metadata.is_dir() {
        true => io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a directory, and not a regular file",
        ),
        false => io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"),
    })
}

/// Names the file in an error.
fn failed(what: &str, path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| {
        io::Error::new(
            error.kind(),
            format!("failed to {what} file `{}`: {error}", path.display()),
        )
    }
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
    let (file, length) = looked_at(path)?;
    rest(&file, Vec::new(), length, mebibytes, path)
}

/// The bytes of a file that the listing of its directory says is regular: so it need not be looked at before it is opened.
pub fn listed(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    listed_up_to(MOST, path)
}

/// The same, if they are at most so many MiB.
pub fn listed_up_to(mebibytes: u64, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let path = path.as_ref();
    let (file, length) = open_listed(path)?;
    rest(&file, Vec::new(), length, mebibytes, path)
}

/// The same with their digest. A file that has the `expected` one is what it should be, whatever else is to be known of it:
/// nothing more is asked.
pub fn listed_as(path: impl AsRef<Path>, expected: Option<Digest>) -> io::Result<Content> {
    const FIRST: usize = 16 << 10;
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; FIRST]);
    }
    let path = path.as_ref();
    let Some(expected) = expected else {
        return listed(path).map(Content::from);
    };
    let mut file = options().open(path).map_err(failed("open", path))?;
    let start = BUFFER.with_borrow_mut(|buffer| {
        // What cannot be read is no regular file, which is told below.
        let read = file.read(buffer).unwrap_or(0);
        buffer[..read].to_vec()
    });
    // Of an empty file and of what could not be read the rest is asked.
    if (1..FIRST).contains(&start.len()) && Digest::of(&start) == expected {
        return Ok(Content::known(start, expected));
    }
    let metadata = file.metadata().and_then(|metadata| {
        regular(&metadata)?;
        Ok(metadata)
    });
    let length = metadata.map_err(failed("open", path))?.len();
    rest(&file, start, length, MOST, path).map(Content::from)
}

/// What is left of a file that had `length` bytes when it was opened, behind those that were read.
fn rest(
    mut file: &File,
    mut bytes: Vec<u8>,
    length: u64,
    mebibytes: u64,
    path: &Path,
) -> io::Result<Vec<u8>> {
    let most = mebibytes << 20;
    let too_long = || {
        let why =
            format!("it is longer than {mebibytes} MiB, the most that is read of such a file");
        failed("read", path)(io::Error::new(io::ErrorKind::FileTooLarge, why))
    };
    if length > most {
        return Err(too_long());
    }
    if bytes.is_empty() {
        // One more than it has: if that does not come, it is the end. It may have grown.
        bytes.resize(usize::try_from(length).unwrap_or(0) + 1, 0);
        let read = file.read(&mut bytes).map_err(failed("read", path))?;
        bytes.truncate(read);
        if read as u64 == length {
            return Ok(bytes);
        }
    }
    let most_left = (most + 1).saturating_sub(bytes.len() as u64);
    file.take(most_left)
        .read_to_end(&mut bytes)
        .map_err(failed("read", path))?;
    match bytes.len() as u64 > most {
        true => Err(too_long()),
        false => Ok(bytes),
    }
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
