//! Colours, and the one way by which foreign text reaches an output.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::escape;

/// What was added, and what is fine.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What was taken away, and what is wrong.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What deserves a look.
pub const NOTE: Style = AnsiColor::Yellow.on_default();
/// Places in a diff.
pub const PLACE: Style = AnsiColor::Cyan.on_default();
/// Headings.
pub const STRONG: Style = Style::new().bold();

/// Writes a diff, coloured by line. Control characters in it are escaped.
pub fn diff(out: &mut dyn Write, diff: &str) -> io::Result<()> {
    for line in escape::lines(diff).lines() {
        let style = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => STRONG,
            [b'+', ..] => GOOD,
            [b'-', ..] => BAD,
            [b'@', ..] => PLACE,
            _ => Style::new(),
        };
        writeln!(out, "{style}{line}{style:#}")?;
    }
    Ok(())
}

/// `1 file`, `2 files`.
pub fn count(number: usize, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {one}s")
    }
}
