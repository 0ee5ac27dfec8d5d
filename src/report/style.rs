//! Colours, and the one way by which foreign text reaches an output.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use anstyle::{AnsiColor, Style};

use super::screen::Screen;
use crate::escape;
use crate::patch::{Kind, Patch};

/// What was added, and what is fine.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What was taken away, and what is wrong.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What deserves a look.
pub const NOTE: Style = AnsiColor::Yellow.on_default();
/// Places in a diff.
pub const PLACE: Style = AnsiColor::Cyan.on_default();
pub const STRONG: Style = Style::new().bold();

/// Writes diffs, coloured by line, with the changed words of replaced lines reversed. Control characters are escaped; a line
/// that has some is shown without changed words.
pub fn patches(out: &mut dyn Screen, patches: &[Patch]) -> io::Result<()> {
    for line in patches.iter().flat_map(Patch::lines) {
        let style = match line.kind {
            Kind::Label => STRONG,
            Kind::Hunk => PLACE,
            Kind::Removed => BAD,
            Kind::Added => GOOD,
            Kind::Context | Kind::Remark => Style::new(),
        };
        let text = line.text.strip_suffix('\n').unwrap_or(&line.text);
        let shown = escape::lines(text);
        let changed = match shown {
            Cow::Borrowed(_) => &line.changed[..],
            Cow::Owned(_) => &[],
        };
        painted(out, &shown, style, changed)?;
    }
    Ok(())
}

fn painted(
    out: &mut dyn Screen,
    line: &str,
    style: Style,
    changed: &[Range<usize>],
) -> io::Result<()> {
    let strong = style.invert();
    let mut done = 0;
    for part in changed {
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
