//! What has to be read of a lock file in YAML: its version, and the packages that name Procrastinate. Of a megabyte that is some hundred bytes, and
//! the rest is not parsed, as far as the file is written as the tools write it.

use crate::effort;
use crate::pins::text::has_three;

/// The file with nothing but the line ends of what is not read; none if it is not plainly written as a tool writes it. `list` is the key of the
/// packages, and `named` where the package is named, in the order of the file.
pub(super) fn short(text: &str, list: &str, named: impl Iterator<Item = usize>) -> Option<String> {
    // What begins a block of text, which may hold lines that look like others.
    let begins_text =
        |a, b, c| ((a == b':') | (a == b'-')) & (b == b' ') & ((c == b'|') | (c == b'>'));
    let is_odd = |a, b, c| begins_text(a, b, c) | (a == b'\r') | (c == b'\r') | (a == b'\t');
    if has_three(text, is_odd) || !text.ends_with('\n') {
        return None;
    }
    let mut named = named.peekable();
    let mut short = String::new();
    // Where the item of the list begins, and whether it is one of a list.
    let (mut item, mut in_list, mut keeps) = (0, false, false);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        effort::count(1);
        let begins = match line.as_bytes() {
            [b'\n' | b'#' | b' ', ..] => false,
            [b'-', b' ', ..] => in_list,
            [first, ..] if first.is_ascii_alphabetic() => true,
            _ => return None,
        };
        if begins {
            let ours = in_list && named.next_if(|place| *place < at).is_some();
            push(&mut short, &text[item..at], keeps || ours);
            while named.next_if(|place| *place < at).is_some() {}
            item = at;
            keeps = false;
            if !line.starts_with('-') {
                let (key, value) = line.split_once(':')?;
                in_list = key == list;
                if in_list && value != "\n" {
                    return None;
                }
                keeps = in_list || key == "version";
            }
        }
        at += line.len();
    }
    let ours = in_list && named.next().is_some();
    push(&mut short, &text[item..], keeps || ours);
    Some(short)
}

fn push(short: &mut String, part: &str, keeps: bool) {
    match keeps {
        true => short.push_str(part),
        false => short.extend(part.matches('\n')),
    }
}
