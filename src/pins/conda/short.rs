//! What has to be read of a lock file in YAML: its version, and the packages that name Procrastinate. Of a megabyte that is some hundred bytes, and
//! the rest is not parsed, as far as the file is written as the tools write it.

use std::ops::Range;

use crate::effort;
use crate::pins::text::{Part, has_three};
use crate::procrastinate::PACKAGE;

/// The file without what is not read; none if it is not plainly written as a tool writes it. `list` is the key of the
/// packages, and `small` the text in small letters.
pub(super) fn short<'a>(text: &'a str, small: &str, list: &str) -> Option<Part<'a>> {
    // A block of text may hold lines that look like others, and a name may stand elsewhere or be escaped.
    let is_sign = |c| (c == b'|') | (c == b'>') | (c == b'&') | (c == b'*');
    let begins = |a, b, c| ((a == b':') | (a == b'-')) & (b == b' ') & is_sign(c);
    let is_control = |a| (a == b'\r') | (a == b'\t') | (a == b'\\');
    let is_odd = |a, b, c| begins(a, b, c) | is_control(a) | (c == b'\r');
    if has_three(text, is_odd) || !text.ends_with('\n') {
        return None;
    }
    let is_ours = |item: Range<usize>| small[item].contains(PACKAGE);
    let mut short = Part::default();
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
            short.push(&text[item..at], keeps || in_list && is_ours(item..at));
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
    short.push(&text[item..], keeps || in_list && is_ours(item..at));
    Some(short)
}
