//! Texts that are shown to people: what runs stands beside them.

use super::Logical;

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
pub(super) fn members(line: &Logical) -> Vec<Logical> {
    let mut starts = vec![0];
    let (mut quoted, mut escaped, mut in_list) = (false, false, false);
    for (at, &(character, _)) in line.text.iter().enumerate() {
        let was_escaped = escaped;
        escaped = quoted && !was_escaped && character == '\\';
        match character {
            '"' if !was_escaped => quoted = !quoted,
            '[' if !quoted => in_list = true,
            ']' if !quoted => in_list = false,
            '{' if !quoted => {
                in_list = false;
                starts.push(at + 1);
            }
            ',' if !quoted && !in_list && is_key(&line.text[at + 1..]) => starts.push(at + 1),
            _ => {}
        }
    }
    let ends = starts.iter().skip(1).copied().chain([line.text.len()]);
    let parts = starts.iter().zip(ends);
    let member = |(start, end): (&usize, usize)| Logical {
        text: line.text[*start..end].to_vec(),
        indent: line.indent,
    };
    parts.map(member).collect()
}

/// Whether it begins with `"key":`.
fn is_key(text: &[(char, usize)]) -> bool {
    let text: String = text.iter().map(|&(character, _)| character).collect();
    let key = text.trim_start().strip_prefix('"');
    let rest = key.and_then(|key| key.split_once('"'));
    rest.is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
}
