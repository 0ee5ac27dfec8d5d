//! The lines of a unified diff, told apart by the counts of their hunks: a removed `-- comment` looks like a file's header.

/// What a line of a diff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `--- a/x` and `+++ b/x`.
    Header,
    /// `@@ -1,7 +1,7 @@`.
    Place,
    /// Only in the old text.
    Removed,
    /// Only in the new text.
    Added,
    Context,
    /// Not of either text: `\ No newline at end of file`, `rename from x`.
    Remark,
}

/// Each line with its kind.
pub fn kinds(diff: &str) -> Vec<(Kind, &str)> {
    let (mut old, mut new) = (0usize, 0usize);
    diff.lines()
        .map(|line| {
            let kind = match line.as_bytes().first() {
                Some(b'@') => {
                    (old, new) = counts(line).unwrap_or_default();
                    Kind::Place
                }
                Some(b'-') if old > 0 => Kind::Removed,
                Some(b'+') if new > 0 => Kind::Added,
                Some(b'-' | b'+') => Kind::Header,
                Some(b' ') if old > 0 && new > 0 => Kind::Context,
                _ => Kind::Remark,
            };
            old -= usize::from(matches!(kind, Kind::Removed | Kind::Context));
            new -= usize::from(matches!(kind, Kind::Added | Kind::Context));
            (kind, line)
        })
        .collect()
}

/// How many lines of the old and of the new text a hunk has.
fn counts(place: &str) -> Option<(usize, usize)> {
    let mut parts = place.split(' ').skip(1);
    let mut count = |sign: char| {
        let range = parts.next()?.strip_prefix(sign)?;
        let number = range.split_once(',').map_or("1", |(_, number)| number);
        number.parse().ok()
    };
    Some((count('-')?, count('+')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_sql_are_no_headers() {
        let diff = "--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n a\n--- old\n\\ No newline at end of file\n--- a/y\n+++ b/y\n\
                    @@ -0,0 +1,2 @@\n+++ new\n+b\nrename from x\n";
        let kinds: Vec<Kind> = kinds(diff).into_iter().map(|(kind, _)| kind).collect();
        use Kind::{Added, Context, Header, Place, Remark, Removed};
        assert_eq!(
            kinds,
            [
                Header, Header, Place, Context, Removed, Remark, Header, Header, Place, Added,
                Added, Remark
            ]
        );
    }

    #[test]
    fn what_is_no_diff_is_harmless() {
        for text in [
            "",
            "@@",
            "@@ -x +y @@\n-a",
            "@@ -1,99999999999999999999999 +1 @@\n a",
            "\n\n",
        ] {
            let _ = kinds(text);
        }
    }
}
