//! `man`: the manual, on standard output or in a directory.
#![expect(
    clippy::disallowed_methods,
    reason = "it writes to the directory that the user names, never to a project"
)]

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::draft;
use crate::cli::Man;
use crate::escape::one_line;
use crate::failure::{Exit, Failure};
use crate::manual::{self, Page, pages};
use crate::session::Output;

pub(super) fn run(options: &Man, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let Some(directory) = &options.dir else {
        let page = manual::page(options.command.as_deref())?;
        output.out.write_all(page.text.as_bytes())?;
        return Ok(Exit::Fine);
    };
    for page in pages() {
        let path = write(directory, &page).map_err(Failure::Manual)?;
        writeln!(output.out, "{}", one_line(path.as_str()))?;
    }
    Ok(Exit::Fine)
}

/// Writes a page, and says where. The directory is made if it is missing.
fn write(directory: &Utf8Path, page: &Page) -> io::Result<Utf8PathBuf> {
    fs_err::create_dir_all(directory)?;
    let path = directory.join(&page.file_name);
    if path.is_dir() {
        let message = format!("`{path}` is a directory");
        return Err(io::Error::new(io::ErrorKind::IsADirectory, message));
    }
    draft::write(&path, page.text.as_bytes(), None)?;
    Ok(path)
}
