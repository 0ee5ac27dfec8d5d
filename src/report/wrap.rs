//! Breaks long texts between words.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

/// Breaks each line of `text` so that it fits into `width` columns. The first line begins in column `used`, and its rest
/// continues in column `hang`; the rest of a later line is as much deeper than that line.
///
/// A word that does not fit stays whole, and so does text between backticks: users copy paths and commands.
pub fn wrap(text: &str, width: usize, used: usize, hang: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 16);
    for (index, line) in text.split('\n').enumerate() {
        let (used, hang) = match index {
            0 => (used, hang),
            _ => (0, hang.saturating_sub(used)),
        };
        if index > 0 {
            wrapped.push('\n');
        }
        if used + line.width() <= width {
            wrapped.push_str(line);
        } else {
            wrap_line(&mut wrapped, line, width, used, hang);
        }
    }
    wrapped
}

fn wrap_line(wrapped: &mut String, line: &str, width: usize, used: usize, hang: usize) {
    let line = line.trim_end_matches(' ');
    let own = line.len() - line.trim_start_matches(' ').len();
    let indent = own + hang;
    let mut done = 0;
    for gap in gaps(line, width, used, indent) {
        wrapped.push_str(&line[done..gap.start]);
        wrapped.push('\n');
        wrapped.extend(std::iter::repeat_n(' ', indent));
        done = gap.end;
    }
    wrapped.push_str(&line[done..]);
}

/// The spaces of a line, as ranges of bytes, in whose place it is broken. It begins in column `used`, and continues in column
/// `indent`.
pub(super) fn gaps(line: &str, width: usize, used: usize, indent: usize) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let (mut at, mut column) = (0, used);
    for (index, (gap, word)) in words(line).enumerate() {
        let needed = word.width();
        if index > 0 && column + gap + needed > width {
            gaps.push(at..at + gap);
            column = indent + needed;
        } else {
            column += gap + needed;
        }
        at += gap + word.len();
    }
    gaps
}

/// Each word of a line, behind the number of spaces before it.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let text = rest.trim_start_matches(' ');
        let gap = rest.len() - text.len();
        let (word, after) = text.split_at(end_of_word(text));
        rest = after;
        (!word.is_empty()).then_some((gap, word))
    })
}

/// Spaces between backticks are part of the word.
fn end_of_word(text: &str) -> usize {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '`' => quoted = !quoted && text[at + 1..].contains('`'),
            ' ' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_hang() {
        assert_eq!(wrap("one two three", 20, 0, 2), "one two three");
        assert_eq!(wrap("one two three", 8, 0, 2), "one two\n  three");
        assert_eq!(
            wrap("one two three", 8, 6, 2),
            "one\n  two\n  three",
            "the first line begins further right"
        );
        assert_eq!(
            wrap("a:\n  one two three", 8, 0, 2),
            "a:\n  one\n    two\n    three"
        );
        assert_eq!(
            wrap("a  b", 2, 0, 0),
            "a\nb",
            "a gap does not move to the next line"
        );
    }

    #[test]
    fn what_is_there_to_be_copied_stays_whole() {
        let text = "run `alembic -c x.ini upgrade heads`, then go on";
        assert_eq!(
            wrap(text, 20, 0, 2),
            "run\n  `alembic -c x.ini upgrade heads`,\n  then go on"
        );
        assert_eq!(wrap("a/very/long/path", 4, 0, 2), "a/very/long/path");
        assert_eq!(
            wrap("a lone ` is no quote", 10, 0, 0),
            "a lone `\nis no\nquote"
        );
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(wrap("移行 移行", 8, 0, 0), "移行\n移行");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_lines_fit(text in "( ?[a-zé移`]{1,12}){0,30}", width in 1usize..60, hang in 0usize..8) {
            let wrapped = wrap(&text, width, 0, hang);
            let joined: Vec<&str> = wrapped.split_whitespace().collect();
            let words: Vec<&str> = text.split_whitespace().collect();
            prop_assert_eq!(joined, words);
            for line in wrapped.lines().filter(|line| line.width() > width) {
                let parts = super::words(line.trim_start()).count();
                prop_assert_eq!(parts, 1, "{:?} could have been broken", line);
            }
        }
    }
}
