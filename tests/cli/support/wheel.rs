//! Wheels, whole and damaged.

use std::io::{Cursor, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Package, put};

/// The release as the bytes of a wheel, with more entries.
pub(crate) fn bytes_with(package: &Package, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let own = package.entries();
    let own = own
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    for (name, bytes) in own.chain(more.iter().copied()) {
        writer.start_file(name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn bytes(package: &Package) -> Vec<u8> {
    bytes_with(package, &[])
}

/// The release with a symbolic link in it.
pub(crate) fn bytes_with_link(package: &Package, name: &str, target: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new_append(Cursor::new(bytes(package))).unwrap();
    writer
        .add_symlink(name, target, SimpleFileOptions::default())
        .unwrap();
    writer.finish().unwrap().into_inner()
}

/// Replaces every occurrence of a name by another of the same length: what no writer would write.
pub(crate) fn renamed(mut wheel: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut replaced = 0;
    for at in 0..wheel.len() - from.len() {
        if wheel[at..].starts_with(from) {
            wheel[at..at + to.len()].copy_from_slice(to);
            replaced += 1;
        }
    }
    assert!(replaced >= 2, "a name stands in two headers");
    wheel
}

/// Where the central directory's header of an entry begins.
pub(crate) fn central_header(wheel: &[u8], name: &str) -> usize {
    const LENGTH: usize = 46;
    (0..wheel.len() - LENGTH)
        .find(|at| {
            wheel[*at..].starts_with(b"PK\x01\x02")
                && wheel[at + LENGTH..].starts_with(name.as_bytes())
        })
        .unwrap()
}

/// Writes a wheel into a directory.
pub(crate) fn save(bytes: &[u8], directory: &Utf8Path) -> Utf8PathBuf {
    let path = directory.join("procrastinate-91.1.0-py3-none-any.whl");
    put(&path, bytes);
    path
}
