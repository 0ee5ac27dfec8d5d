//! Texts that are shown to people: what runs stands beside them.

use super::Logical;
use crate::effort;

/// The line that ends a document which is only printed: `cat <<END`, without a file or a program that gets it.
pub(super) fn document(line: &str) -> Option<&str> {
    let command = line.trim_start().strip_prefix("cat ")?;
    let (before, after) = command.split_once("<<")?;
    let gets = |part: &str| part.replace(">&2", "").contains(['>', '|']);
    let end = after.trim_start_matches(['-', ' ', '<']);
    let word = end.split_whitespace().next()?;
    let is_shown = !gets(before) && !gets(after) && !after.starts_with('<');
    is_shown.then(|| word.trim_matches(['"', '\'', '\\']))
}

/// The members of an object that stand in one line, each by itself: `{"label": "…", "command": "…"}`.
pub(super) fn members<'a>(line: &Logical<'a>) -> Vec<Logical<'a>> {
    let text = &line.text.text;
    let mut starts = vec![0];
    let (mut quoted, mut escaped, mut in_list) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        let was_escaped = escaped;
        escaped = quoted && !was_escaped && byte == b'\\';
        match byte {
            b'"' if !was_escaped => quoted = !quoted,
            b'[' if !quoted => in_list = true,
            b']' if !quoted => in_list = false,
            b'{' if !quoted => {
                in_list = false;
                starts.push(at + 1);
            }
            b',' if !quoted && !in_list && is_key(&text[at + 1..]) => starts.push(at + 1),
            _ => {}
        }
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let parts = starts.iter().zip(ends);
    let member = |(start, end): (&usize, usize)| Logical {
        text: line.text.part(*start..end),
        indent: line.indent,
    };
    parts.map(member).collect()
}

/// Whether it begins with `"key":`. Nothing behind the key is looked at.
fn is_key(text: &str) -> bool {
    let key = text.trim_start().strip_prefix('"');
    let rest = key.and_then(|key| key.split_once('"'));
    let seen = rest.map_or(text.len(), |(_, rest)| text.len() - rest.len());
    effort::count(seen);
    rest.is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
}
