//! Colours, and coloured diffs.

use std::borrow::Cow;
use std::io;

use anstyle::{AnsiColor, Style};

use super::screen::Screen;
use crate::escape;
use crate::patch::{Kind, Patch};

pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default();
pub const NOTE: Style = AnsiColor::Yellow.on_default();
const HUNK: Style = AnsiColor::Cyan.on_default();
pub const STRONG: Style = Style::new().bold();

/// Writes diffs, coloured by line, with the changed words of replaced lines reversed. Control characters are escaped; a line
/// that has some is shown without changed words.
pub fn patches(out: &mut dyn Screen, patches: &[Patch]) -> io::Result<()> {
    for line in patches.iter().flat_map(Patch::lines) {
        let style = match line.kind {
            Kind::Label => STRONG,
            Kind::Hunk => HUNK,
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
        let strong = style.invert();
        let mut done = 0;
        for part in changed {
            let (before, word) = (&shown[done..part.start], &shown[part.clone()]);
            write!(out, "{style}{before}{style:#}{strong}{word}{strong:#}")?;
            done = part.end;
        }
        writeln!(out, "{style}{}{style:#}", &shown[done..])?;
    }
    Ok(())
}

/// `1 file`, `2 files`.
pub fn count(number: usize, one: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {one}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_lines_are_escaped_and_only_plain_lines_have_changed_words() {
        let patch = Patch::between("one two\n", "one 2\n", "a/\u{1b}[31m", "b/x\n::stop::y");
        let mut out = Vec::new();
        patches(&mut out, &[patch]).unwrap();
        let shown = String::from_utf8(out).unwrap();
        assert!(shown.contains("--- a/\\x1b[31m"), "{shown:?}");
        assert!(shown.contains("\n\\x3a:stop::y"), "{shown:?}");
        assert!(shown.contains("-one \u{1b}[0m"), "{shown:?}");
        let patch = Patch::between("one\u{1b} two\n", "one\u{1b} 2\n", "a", "b");
        let mut out = Vec::new();
        patches(&mut out, &[patch]).unwrap();
        let shown = String::from_utf8(out).unwrap();
        assert!(shown.contains("-one\\x1b two"), "{shown:?}");
    }
}
