//! Colours, and coloured diffs.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use anstyle::{AnsiColor, Style};

use super::screen::Screen;
use super::wrap::gaps;
use crate::escape;
use crate::patch::{Kind, Line, Patch};

pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default();
pub const NOTE: Style = AnsiColor::Yellow.on_default();
const HUNK: Style = AnsiColor::Cyan.on_default();
pub const STRONG: Style = Style::new().bold();

/// How the line of a rendered revision begins that has its SQL's digest.
const DIGEST: &str = "SHA-256:";

/// Writes diffs, coloured by line, with the changed words of replaced lines reversed, and without what [`shown`] leaves out. Control
/// characters are escaped; a line that has some is shown without changed words.
pub fn patches(out: &mut dyn Screen, patches: &[Patch]) -> io::Result<()> {
    for line in patches.iter().flat_map(shown) {
        let style = match line.kind {
            Kind::Label => STRONG,
            Kind::Hunk => HUNK,
            Kind::Removed => BAD,
            Kind::Added => GOOD,
            Kind::Context | Kind::Remark => Style::new(),
        };
        diff_line(out, line, style)?;
    }
    Ok(())
}

/// The lines of a diff for people: without the hunk in which only the digest of the SQL is another, if a hunk shows the SQL.
fn shown(patch: &Patch) -> impl Iterator<Item = &Line> {
    let is_change = |line: &&Line| matches!(line.kind, Kind::Removed | Kind::Added);
    let is_digest = move |hunk: &[Line]| {
        let mut changes = hunk.iter().filter(is_change).peekable();
        changes.peek().is_some() && changes.all(|line| line.text[1..].starts_with(DIGEST))
    };
    let hunks = || patch.lines().chunk_by(|_, next| next.kind != Kind::Hunk);
    let shows_more =
        hunks().any(|hunk| hunk.iter().any(|line| is_change(&line)) && !is_digest(hunk));
    hunks()
        .filter(move |hunk| !(shows_more && is_digest(hunk)))
        .flatten()
}

/// One line, broken between words where it is wider than the output.
fn diff_line(out: &mut dyn Screen, line: &Line, style: Style) -> io::Result<()> {
    let text = line.text.strip_suffix('\n').unwrap_or(&line.text);
    let shown = escape::lines(text);
    let changed = match shown {
        Cow::Borrowed(_) => &line.changed[..],
        Cow::Owned(_) => &[],
    };
    // A path stays whole.
    let width = out.width().filter(|_| line.kind != Kind::Label);
    let (gaps, indent) = breaks(width, &shown);
    let mut done = 0;
    let mut part = |end: usize, style: Style| -> io::Result<()> {
        write!(out, "{style}")?;
        for gap in &gaps {
            if !(done..end).contains(&gap.start) {
                continue;
            }
            write!(
                out,
                "{}{style:#}\n{:indent$}{style}",
                &shown[done..gap.start],
                ""
            )?;
            done = gap.end;
        }
        write!(out, "{}{style:#}", &shown[done..end.max(done)])?;
        done = end.max(done);
        Ok(())
    };
    for word in changed {
        part(word.start, style)?;
        part(word.end, style.invert())?;
    }
    part(shown.len(), style)?;
    writeln!(out)
}

/// Where a line of a diff is broken, and the column in which it continues: a little deeper than its own text.
fn breaks(width: Option<usize>, line: &str) -> (Vec<Range<usize>>, usize) {
    let Some(width) = width else {
        return (Vec::new(), 0);
    };
    const TAB: usize = 8;
    let text = line
        .get(1..)
        .unwrap_or_default()
        .trim_start_matches([' ', '\t']);
    let own = line.len() - text.len();
    let column = line[..own].chars().fold(0, |column, c| match c {
        '\t' => (column / TAB + 1) * TAB,
        _ => column + 1,
    });
    let indent = (column + 2).min(width / 2);
    // A tab is wider than the one column that it is counted as.
    let mut gaps = gaps(line, width, column - own, indent);
    gaps.retain(|gap| gap.start >= own);
    (gaps, indent)
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
