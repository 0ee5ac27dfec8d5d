//! Text within a line of Markdown.

use std::iter::Peekable;
use std::str::Chars;

use crate::escape::{lines, one_line};

/// `text` as code, whatever it holds.
pub(in crate::report) fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // A backtick or a space at an end would belong to the fence.
    let blank = |c: char| c == '`' || c == ' ';
    if text.is_empty() {
        "` `".to_owned()
    } else if text.starts_with(blank) || text.ends_with(blank) {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// The longest run of backticks.
pub(in crate::report) fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// A message: what stands between two backticks is code, the rest is plain text, in which nothing is a mark-up, a link, a
/// mention or a reference. Line ends are kept.
pub(in crate::report) fn text(text: &str) -> String {
    let safe = lines(text);
    let parts: Vec<&str> = safe.split('`').collect();
    let mut shown = String::with_capacity(safe.len());
    for (index, part) in parts.iter().enumerate() {
        let paired = index % 2 == 1 && index + 1 < parts.len();
        if paired && !part.trim().is_empty() {
            shown.push_str(&code(&part.replace('\n', " ")));
        } else if paired {
            shown.push_str("\\`\\`");
        } else {
            // The last backtick of an odd number of them.
            if index % 2 == 1 {
                shown.push_str("\\`");
            }
            plain(part, &mut shown);
        }
    }
    shown
}

fn plain(text: &str, shown: &mut String) {
    let mut rest = text.chars().peekable();
    let mut line_start = shown.is_empty();
    while let Some(c) = rest.next() {
        match c {
            '\n' => shown.push_str("<br>"),
            // Services look for names and numbers behind these, in the text as it is read.
            '@' | '#' => {
                shown.push('\\');
                shown.push(c);
                shown.push_str("<!-- -->");
            }
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '!' | '%' | '^' => {
                shown.push('\\');
                shown.push(c);
            }
            // `GH-12` is a reference, and so is the digest of a commit.
            '-' if is_issue(shown, rest.peek()) => shown.push_str("<!-- -->-"),
            c if begins_digest(c, shown, &rest) => {
                shown.push(c);
                shown.push_str("<!-- -->");
            }
            // `https://` and `www.` become links by themselves.
            ':' if rest.peek() == Some(&'/') => shown.push_str("\\:"),
            '.' if shown.to_ascii_lowercase().ends_with("www") => shown.push_str("\\."),
            '-' | '+' | '=' | '.' | ')' if line_start => {
                shown.push('\\');
                shown.push(c);
            }
            c => shown.push(c),
        }
        line_start &= c.is_ascii_digit();
    }
}

/// Whether a dash stands within `GH-12`.
fn is_issue(before: &str, next: Option<&char>) -> bool {
    let end = before.len().saturating_sub(2);
    let is_prefix = before
        .get(end..)
        .is_some_and(|end| end.eq_ignore_ascii_case("gh"));
    is_prefix && next.is_some_and(char::is_ascii_digit)
}

/// Whether a word begins with `c` that has the form of a commit's digest, short or whole.
fn begins_digest(c: char, before: &str, rest: &Peekable<Chars<'_>>) -> bool {
    if !c.is_ascii_hexdigit() || before.ends_with(|c: char| c.is_alphanumeric()) {
        return false;
    }
    let mut rest = rest.clone();
    let mut length = 1;
    while rest.next_if(char::is_ascii_hexdigit).is_some() {
        length += 1;
    }
    (7..=64).contains(&length) && !rest.peek().is_some_and(|c| c.is_alphanumeric())
}
