//! Sentences for people: escaped, and wrapped where a terminal shows them.

use std::io;

use anstyle::Style;

use super::screen::Screen;
use super::wrap::wrap;
use crate::escape::lines;

/// `label text`, further lines below the text, or nearly so where the label is long.
pub fn labelled(out: &mut dyn Screen, (style, label): (Style, &str), text: &str) -> io::Result<()> {
    behind(out, (0, style, label), text)
}

/// The same, some columns from the left.
pub fn behind(
    out: &mut dyn Screen,
    (indent, style, label): (usize, Style, &str),
    text: &str,
) -> io::Result<()> {
    const LONG: usize = 10;
    let used = indent + label.len() + 1;
    let hang = if label.len() > LONG { indent + 2 } else { used };
    let text = fitted(out, text, (used, hang));
    writeln!(out, "{:indent$}{style}{label}{style:#} {text}", "")
}

/// The text some columns from the left, and what does not fit `hang` columns deeper.
pub fn paragraph(
    out: &mut dyn Screen,
    (indent, hang): (usize, usize),
    text: &str,
) -> io::Result<()> {
    let text = fitted(out, text, (indent, indent + hang));
    writeln!(out, "{:indent$}{text}", "")
}

/// The text, escaped, and wrapped for this output: it begins in the first of two columns, and hangs in the second.
pub fn fitted(out: &dyn Screen, text: &str, place: (usize, usize)) -> String {
    let text = lines(text);
    match out.width() {
        Some(width) => wrap(&text, width, place),
        None => text.into_owned(),
    }
}
