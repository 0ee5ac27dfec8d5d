//! Colours, and the one way by which foreign text reaches an output.

use std::io;
use std::ops::Range;

use anstyle::{AnsiColor, Style};

use super::hunks::{Kind, kinds};
use super::screen::Screen;
use super::words;
use crate::escape;

/// What was added, and what is fine.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What was taken away, and what is wrong.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What deserves a look.
pub const NOTE: Style = AnsiColor::Yellow.on_default();
/// Places in a diff.
pub const PLACE: Style = AnsiColor::Cyan.on_default();
pub const STRONG: Style = Style::new().bold();

/// Writes a diff, coloured by line, the changed words of changed lines reversed. Control characters in it are escaped.
pub fn diff(out: &mut dyn Screen, diff: &str) -> io::Result<()> {
    let text = escape::lines(diff);
    let lines = kinds(&text);
    let changed = match out.is_colored() {
        true => words::changed(&lines),
        false => words::Changed::new(),
    };
    for (index, (kind, line)) in lines.iter().enumerate() {
        let style = match kind {
            Kind::Header => STRONG,
            Kind::Place => PLACE,
            Kind::Removed => BAD,
            Kind::Added => GOOD,
            Kind::Context | Kind::Remark => Style::new(),
        };
        let parts = changed.get(&index).map_or(&[][..], Vec::as_slice);
        painted(out, line, style, parts)?;
    }
    Ok(())
}

fn painted(
    out: &mut dyn Screen,
    line: &str,
    style: Style,
    parts: &[Range<usize>],
) -> io::Result<()> {
    let strong = style.invert();
    let mut done = 0;
    for part in parts {
        let (before, word) = (&line[done..part.start], &line[part.clone()]);
        write!(out, "{style}{before}{style:#}{strong}{word}{strong:#}")?;
        done = part.end;
    }
    let rest = &line[done..];
    writeln!(out, "{style}{rest}{style:#}")
}

/// `1 file`, `2 files`.
pub fn count(number: usize, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {one}s")
    }
}
