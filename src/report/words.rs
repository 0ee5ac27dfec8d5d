//! Which words changed between removed lines and the added lines that took their place.

use std::collections::HashMap;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::hunks::Kind;

/// The changed parts of lines, by the line's index; each a range of bytes of the whole line, its sign included.
pub type Changed = HashMap<usize, Parts>;

/// Parts of a line.
type Parts = Vec<Range<usize>>;

/// How many added lines a removed one is compared with: further away, nobody sees the connection.
const WINDOW: usize = 4;
/// The work that one diff is worth, in comparisons of two words. It is spent from the top, and what is left over when it is
/// used up is shown without highlights: a diff of 100,000 lines is read by nobody.
const WORK: usize = 4_000_000;
/// The work that one pair is worth: longer lines are no lines of text.
const WORK_OF_A_PAIR: usize = 250_000;

/// Pairs the lines of a diff, and says what changed within each pair. Lines that have little in common are left out: in
/// those, everything changed.
pub fn changed(lines: &[(Kind, &str)]) -> Changed {
    within(lines, &mut WORK.clone())
}

fn within(lines: &[(Kind, &str)], work: &mut usize) -> Changed {
    let mut changed = Changed::new();
    let mut at = 0;
    while at < lines.len() {
        let removed = run(lines, at, Kind::Removed);
        let remarks = run(lines, removed.end, Kind::Remark);
        let added = run(lines, remarks.end, Kind::Added);
        if removed.is_empty() || added.is_empty() {
            at = removed.end.max(at + 1);
            continue;
        }
        at = added.end;
        pair(lines, (removed, added), work, &mut changed);
        if *work == 0 {
            break;
        }
    }
    changed
}

fn run(lines: &[(Kind, &str)], start: usize, kind: Kind) -> Range<usize> {
    let length = lines[start..]
        .iter()
        .take_while(|(other, _)| *other == kind);
    start..start + length.count()
}

fn pair(
    lines: &[(Kind, &str)],
    (removed, added): (Range<usize>, Range<usize>),
    work: &mut usize,
    changed: &mut Changed,
) {
    let mut next = added.start;
    for old in removed {
        let candidates = next..added.end.min(next + WINDOW);
        for new in candidates {
            if let Some((in_old, in_new)) = compare(lines[old].1, lines[new].1, work) {
                changed.insert(old, in_old);
                changed.insert(new, in_new);
                next = new + 1;
                break;
            }
        }
        if *work == 0 {
            return;
        }
    }
}

/// The changed parts of both lines, if at least half of their words are the same.
fn compare(old: &str, new: &str, work: &mut usize) -> Option<(Parts, Parts)> {
    let (old_words, new_words) = (words(old), words(new));
    let cost = (old_words.len() + 1).saturating_mul(new_words.len() + 1);
    if cost > WORK_OF_A_PAIR {
        return None;
    }
    *work = work.checked_sub(cost).or_else(|| {
        *work = 0;
        None
    })?;
    let (old_texts, new_texts) = (texts(old, &old_words), texts(new, &new_words));
    let mut same = 0;
    let (mut in_old, mut in_new) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &old_texts, &new_texts) {
        if let DiffOp::Equal { old_index, len, .. } = op {
            let equal = &old_texts[old_index..old_index + len];
            same += equal.iter().filter(|text| is_word(text)).count();
        } else {
            add(&mut in_old, old, &old_words[op.old_range()]);
            add(&mut in_new, new, &new_words[op.new_range()]);
        }
    }
    let number = |texts: &[&str]| texts.iter().filter(|text| is_word(text)).count();
    let most = number(&old_texts).max(number(&new_texts));
    (same * 2 >= most && same > 0).then_some((in_old, in_new))
}

fn texts<'a>(line: &'a str, words: &[Range<usize>]) -> Vec<&'a str> {
    words.iter().map(|word| &line[word.clone()]).collect()
}

/// Adds a changed part; one that only spaces part from the part before it is joined to that.
fn add(parts: &mut Parts, line: &str, words: &[Range<usize>]) {
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return;
    };
    match parts.last_mut() {
        Some(before) if line[before.end..first.start].trim().is_empty() => before.end = last.end,
        _ => parts.push(first.start..last.end),
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// The words of a line behind its sign, the gaps between them, and every other character by itself.
fn words(line: &str) -> Vec<Range<usize>> {
    #[derive(PartialEq, Clone, Copy)]
    enum Class {
        Word,
        Gap,
        Other,
    }
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => Class::Word,
        c if c.is_whitespace() => Class::Gap,
        _ => Class::Other,
    };
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut before = Class::Other;
    for (at, c) in line.char_indices().skip(1) {
        let this = class(c);
        let end = at + c.len_utf8();
        match words.last_mut() {
            Some(word) if this == before && this != Class::Other => word.end = end,
            _ => words.push(at..end),
        }
        before = this;
    }
    words
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::time::Instant;

    use super::*;
    use crate::report::hunks::kinds;

    /// The diff's lines with the changed parts in brackets.
    fn shown(diff: &str) -> String {
        let lines = kinds(diff);
        let changed = changed(&lines);
        let mut text = String::new();
        for (index, (_, line)) in lines.iter().enumerate() {
            let mut line = (*line).to_owned();
            for part in changed.get(&index).into_iter().flatten().rev() {
                line.insert(part.end, ']');
                line.insert(part.start, '[');
            }
            writeln!(text, "{line}").unwrap();
        }
        text
    }

    #[test]
    fn the_words_that_changed_are_found() {
        for (diff, expected) in [
            (
                "@@ -1 +1 @@\n-    PERFORM public.notify(a);\n+    PERFORM notify(a);\n",
                "@@ -1 +1 @@\n-    PERFORM [public.]notify(a);\n+    PERFORM notify(a);\n",
            ),
            (
                "@@ -1 +1 @@\n-SHA-256:  ac40\n+SHA-256:  b793\n",
                "@@ -1 +1 @@\n-SHA-256:  [ac40]\n+SHA-256:  [b793]\n",
            ),
            (
                "@@ -1 +1 @@\n-a b c d e f\n+a x y d e f\n",
                "@@ -1 +1 @@\n-a [b c] d e f\n+a [x y] d e f\n",
            ),
            (
                "@@ -1 +1 @@\n-  same\n+    same\n",
                "@@ -1 +1 @@\n-[  ]same\n+[    ]same\n",
            ),
            (
                "@@ -1 +1 @@\n-é über ß\n+é unter ß\n",
                "@@ -1 +1 @@\n-é [über] ß\n+é [unter] ß\n",
            ),
        ] {
            assert_eq!(shown(diff), expected);
        }
    }

    #[test]
    fn lines_with_little_in_common_are_left_alone() {
        for diff in [
            "@@ -1 +1 @@\n-DROP INDEX a;\n+SELECT x FROM y;\n",
            "@@ -1 +1 @@\n-();\n+();;\n",
            "@@ -1 +0,0 @@\n-only removed\n",
            "@@ -1,2 +1 @@\n-a\n b\n+a c\n",
        ] {
            assert_eq!(shown(diff), diff);
        }
    }

    #[test]
    fn a_line_finds_its_partner_behind_inserted_ones() {
        let diff = "@@ -1,2 +1,3 @@\n-one two three\n-four five six\n+something else entirely\n+one two 3\n+four 5 six\n";
        let expected = "@@ -1,2 +1,3 @@\n-one two [three]\n-four [five] six\n+something else entirely\n+one two [3]\n+four [5] six\n";
        assert_eq!(shown(diff), expected);
    }

    #[test]
    fn the_end_of_a_file_without_line_feed_parts_no_pair() {
        let diff = "@@ -1 +1 @@\n-one two\n\\ No newline at end of file\n+one 2\n";
        assert!(shown(diff).contains("-one [two]\n"));
    }

    #[test]
    fn the_work_on_a_huge_hunk_is_bounded() {
        let sides = |sign: char, rest: &str| -> String {
            (0..100_000)
                .map(|number| format!("{sign}{rest} {number} {number} of a line\n"))
                .collect()
        };
        let diff = format!(
            "@@ -1,100000 +1,100000 @@\n{}{}",
            sides('-', "some words"),
            sides('+', "other things")
        );
        let lines = kinds(&diff);
        let mut work = WORK;
        let begin = Instant::now();
        let changed = within(&lines, &mut work);
        assert_eq!(work, 0, "the work ran out before the lines did");
        assert!(changed.len() < 100_000);
        assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
        // One endless line costs no more.
        let long = "word ".repeat(100_000);
        let diff = format!("@@ -1 +1 @@\n-{long}\n+{long}x\n");
        assert_eq!(super::changed(&kinds(&diff)), Changed::new());
    }
}
