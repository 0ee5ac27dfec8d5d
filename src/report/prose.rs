//! Sentences for people: escaped, and wrapped where a terminal shows them.

use std::io;

use anstyle::Style;

use super::addressed::addressed;
use super::screen::Screen;
use super::wrap::wrap;
use crate::escape::lines;

/// `label text`. Further lines begin below the text; below a long label they begin two columns from the left.
pub fn labelled(out: &mut dyn Screen, style: Style, label: &str, text: &str) -> io::Result<()> {
    labelled_at(out, 0, style, label, text)
}

/// The same, `indent` columns from the left.
pub fn labelled_at(
    out: &mut dyn Screen,
    indent: usize,
    style: Style,
    label: &str,
    text: &str,
) -> io::Result<()> {
    const LONG: usize = 10;
    let used = indent + label.len() + 1;
    let hang = if label.len() > LONG { indent + 2 } else { used };
    let text = fitted(out, text, used, hang);
    writeln!(out, "{:indent$}{style}{label}{style:#} {text}", "")
}

pub fn paragraph(out: &mut dyn Screen, indent: usize, text: &str) -> io::Result<()> {
    let text = fitted(out, text, indent, indent);
    writeln!(out, "{:indent$}{text}", "")
}

/// The text, escaped, and wrapped for this output. It begins in column `used`, and continues in column `hang`.
pub fn fitted(out: &dyn Screen, text: &str, used: usize, hang: usize) -> String {
    let text = addressed(text, out.options());
    let text = lines(&text);
    match out.width() {
        Some(width) => wrap(&text, width, used, hang),
        None => text.into_owned(),
    }
}
