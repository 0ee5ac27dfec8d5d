//! `man`: the manual, on standard output or in a directory.

use crate::cli::Man;
use crate::escape::one_line;
use crate::failure::{Exit, Failure};
use crate::manual::{self, pages};
use crate::session::Output;

pub(super) fn run(options: &Man, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let Some(directory) = &options.dir else {
        let page = manual::page(options.command.as_deref())?;
        output.out.write_all(page.text.as_bytes())?;
        return Ok(Exit::Fine);
    };
    for page in pages() {
        let path = manual::store::write(directory, &page).map_err(Failure::Manual)?;
        writeln!(output.out, "{}", one_line(path.as_str()))?;
    }
    Ok(Exit::Fine)
}
