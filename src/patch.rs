//! Unified diffs, as typed lines.

use std::fmt;
use std::ops::Range;

use camino::Utf8Path;
use similar::{ChangeTag, DiffOp, DiffTag, InlineChange, TextDiff};

use crate::place::slashed;

/// How much work the search for changed words may be in one patch. The cost of a replaced block is its old size times its
/// new size, in bytes. Blocks that cost more than what is left are shown without changed words.
const WORK: usize = 32_000_000;

/// A text that is longer is not compared line by line. Migrations have some ten KiB.
const LONGEST: usize = 1 << 20;

/// One file that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Relative to the vendored directory, or, of a file of the project's own, to the project's root; with `/`.
    pub path: String,
    pub before: Option<Vec<u8>>,
    /// None to delete the file.
    pub after: Option<Vec<u8>>,
}

impl FileChange {
    /// A file of the project's own, as the user knows it; absolute where it lies outside.
    pub fn of_text(path: &Utf8Path, before: Option<String>, after: String) -> Self {
        Self {
            path: path.to_string(),
            before: before.map(String::into_bytes),
            after: Some(after.into_bytes()),
        }
    }
}

/// What changed in one file. `Display` gives the unified diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub kind: Kind,
    /// The line with its sign and its line end.
    pub text: String,
    /// The words that changed in a replaced line, as ranges of bytes in `text`.
    pub changed: Vec<Range<usize>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `--- a/x` and `+++ b/x`.
    Label,
    /// `@@ -1,7 +1,7 @@`.
    Hunk,
    Context,
    Removed,
    Added,
    /// Not of either text: `\ No newline at end of file`, `rename from x`.
    Remark,
}

impl Patch {
    /// The change of one file in a directory of the project.
    pub fn of(file: &FileChange, directory: &Utf8Path) -> Self {
        let path = slashed(directory.join(&file.path));
        let label = |side: &str, bytes: &Option<Vec<u8>>| match bytes {
            Some(_) => format!("{side}/{path}"),
            None => "/dev/null".to_owned(),
        };
        let (old, new) = (label("a", &file.before), label("b", &file.after));
        let text = |bytes: &Option<Vec<u8>>| String::from_utf8(bytes.clone().unwrap_or_default());
        match (text(&file.before), text(&file.after)) {
            (Ok(before), Ok(after)) => Self::between(&before, &after, &old, &new),
            _ => Self::remark(&old, &new, "Binary files differ"),
        }
    }

    /// That two files differ, without a line of them.
    fn remark(old_label: &str, new_label: &str, remark: &str) -> Self {
        let mut lines = labels(old_label, new_label);
        lines.push(Line::new(Kind::Remark, remark));
        Self { lines }
    }

    /// Empty where the texts are the same.
    pub fn between(before: &str, after: &str, old_label: &str, new_label: &str) -> Self {
        if before.len().max(after.len()) > LONGEST && before != after {
            let why = "Files differ, and are not compared line by line: one is longer than 1 MiB";
            return Self::remark(old_label, new_label, why);
        }
        let diff = TextDiff::from_lines(before, after);
        let mut lines = Vec::new();
        let mut work = WORK;
        for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
            if lines.is_empty() {
                lines = labels(old_label, new_label);
            }
            lines.push(Line::new(Kind::Hunk, hunk.header()));
            for op in hunk.ops() {
                for change in changes(&diff, op, &mut work) {
                    lines.push(Line::of(&change));
                    if change.missing_newline() {
                        lines.push(Line::new(Kind::Remark, r"\ No newline at end of file"));
                    }
                }
            }
        }
        Self { lines }
    }

    /// A file with the same text under another name, as git writes it.
    pub fn renamed(from: &str, to: &str) -> Self {
        let line = |text: String| Line::new(Kind::Remark, text);
        Self {
            lines: vec![
                line(format!("rename from {from}")),
                line(format!("rename to {to}")),
            ],
        }
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }
}

impl fmt::Display for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines
            .iter()
            .try_for_each(|line| f.write_str(&line.text))
    }
}

/// Several patches as one unified diff.
pub fn text(patches: &[Patch]) -> String {
    patches.iter().map(Patch::to_string).collect()
}

fn labels(old: &str, new: &str) -> Vec<Line> {
    let line = |text: String| Line::new(Kind::Label, text);
    vec![line(format!("--- {old}")), line(format!("+++ {new}"))]
}

/// The lines of one operation, with their changed words as long as there is `work` left.
fn changes<'a>(
    diff: &'a TextDiff<'_, '_, str>,
    op: &DiffOp,
    work: &mut usize,
) -> Vec<InlineChange<'a, str>> {
    let cost = match op.tag() {
        DiffTag::Replace => {
            let old = op.old_range().filter_map(|index| diff.old_slice(index));
            let new = op.new_range().filter_map(|index| diff.new_slice(index));
            let (old, new): (usize, usize) = (old.map(str::len).sum(), new.map(str::len).sum());
            old.saturating_mul(new)
        }
        DiffTag::Equal | DiffTag::Delete | DiffTag::Insert => 0,
    };
    match work.checked_sub(cost) {
        Some(left) => {
            *work = left;
            diff.iter_inline_changes_deadline(op, None).collect()
        }
        None => diff.iter_changes(op).map(InlineChange::from).collect(),
    }
}

impl Line {
    fn new(kind: Kind, text: impl fmt::Display) -> Self {
        Self {
            kind,
            text: format!("{text}\n"),
            changed: Vec::new(),
        }
    }

    fn of(change: &InlineChange<'_, str>) -> Self {
        let mut text = change.tag().to_string();
        let mut changed = Vec::new();
        for (is_changed, part) in change.values() {
            let start = text.len();
            text.push_str(part);
            if *is_changed {
                changed.push(start..text.len());
            }
        }
        if change.missing_newline() {
            text.push('\n');
        }
        let kind = match change.tag() {
            ChangeTag::Equal => Kind::Context,
            ChangeTag::Delete => Kind::Removed,
            ChangeTag::Insert => Kind::Added,
        };
        Self {
            kind,
            text,
            changed,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn between(before: &str, after: &str) -> Patch {
        Patch::between(before, after, "a/x", "b/x")
    }

    /// The removed and added lines, with the changed words in brackets.
    fn marked(before: &str, after: &str) -> String {
        let patch = between(before, after);
        let lines = patch.lines().iter();
        lines
            .filter(|line| matches!(line.kind, Kind::Removed | Kind::Added))
            .map(|line| {
                let mut text = line.text.clone();
                for part in line.changed.iter().rev() {
                    text.insert(part.end, ']');
                    text.insert(part.start, '[');
                }
                text
            })
            .collect()
    }

    #[test]
    fn paths_are_relative_and_absence_is_dev_null() {
        let file = FileChange {
            path: "x.py".to_owned(),
            before: None,
            after: Some(b"a\n".to_vec()),
        };
        let patch = Patch::of(&file, "dir".into());
        assert_eq!(
            patch.to_string(),
            "--- /dev/null\n+++ b/dir/x.py\n@@ -0,0 +1 @@\n+a\n"
        );
        let file = FileChange {
            before: Some(vec![0xff]),
            ..file
        };
        let binary = Patch::of(&file, "".into()).to_string();
        assert_eq!(binary, "--- a/x.py\n+++ b/x.py\nBinary files differ\n");
    }

    #[test]
    fn lines_know_what_they_are() {
        let patch = between("a\n-- old", "a\n");
        let kinds: Vec<Kind> = patch.lines().iter().map(|line| line.kind).collect();
        use Kind::{Context, Hunk, Label, Remark, Removed};
        assert_eq!(kinds, [Label, Label, Hunk, Context, Removed, Remark]);
        assert_eq!(
            patch.to_string(),
            "--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n a\n--- old\n\\ No newline at end of file\n"
        );
        let renamed = Patch::renamed("a", "b");
        assert_eq!(renamed.to_string(), "rename from a\nrename to b\n");
        assert!(between("a", "a").is_empty() && !renamed.is_empty());
    }

    #[test]
    fn the_words_that_changed_are_found() {
        for (before, after, expected) in [
            (
                "    PERFORM public.notify(a);\n",
                "    PERFORM notify(a);\n",
                "-    PERFORM [public.notify](a);\n+    PERFORM [notify](a);\n",
            ),
            (
                "SHA-256:  ac40\n",
                "SHA-256:  b793\n",
                "-SHA-256:  [ac40]\n+SHA-256:  [b793]\n",
            ),
            ("é über ß\n", "é unter ß\n", "-é [über] ß\n+é [unter] ß\n"),
            (
                "one two three\nfour five six\n",
                "one two 3\nfour 5 six\n",
                "-one two [three]\n-four [five] six\n+one two [3]\n+four [5] six\n",
            ),
            ("one two", "one 2\n", "-one [two]\n+one [2]\n"),
        ] {
            assert_eq!(marked(before, after), expected);
        }
    }

    #[test]
    fn lines_with_little_in_common_have_no_changed_words() {
        let text = marked("DROP INDEX a;\n", "SELECT x FROM y WHERE z;\n");
        assert_eq!(text, "-DROP INDEX a;\n+SELECT x FROM y WHERE z;\n");
    }

    #[test]
    fn the_work_on_a_huge_hunk_is_bounded() {
        let block = |words: &str| -> String {
            let lines = (0..30_000).map(|number| format!("{words} {number} of a line\n"));
            lines.collect()
        };
        let huge = marked(&block("some words"), &block("other words"));
        assert!(!huge.contains('['));
        // A small hunk beside it has its words.
        let beside = |last: &str, words: &str| format!("{}same\none {last}\n", block(words));
        let both = marked(&beside("two", "a"), &beside("2", "b"));
        assert!(both.ends_with("-one [two]\n+one [2]\n"));
        // Many small hunks use up the work, too.
        let small = |word: &str| -> String {
            let lines = (0..17_000).map(|number| {
                format!("line {number}\none more line of so many words, and {word} {number}\n")
            });
            lines.collect()
        };
        let many = marked(&small("this"), &small("that"));
        assert!(many.starts_with("-one more line of so many words, and [this] 0\n"));
        assert!(many.ends_with("+one more line of so many words, and that 16999\n"));
    }

    proptest! {
        #[test]
        fn the_text_is_the_unified_diff_of_similar(
            before in "([ab\t]{0,3}(\r|\n|\r\n|é| )){0,12}",
            after in "([ab\t]{0,3}(\r|\n|\r\n|é| )){0,12}",
        ) {
            let expected = TextDiff::from_lines(&before, &after)
                .unified_diff()
                .context_radius(3)
                .header("a/x", "b/x")
                .to_string();
            prop_assert_eq!(between(&before, &after).to_string(), expected);
        }
    }
}
