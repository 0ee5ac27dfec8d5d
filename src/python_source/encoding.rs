//! The text of a Python file, decoded as Python does: PEP 263.

use super::parser::SyntaxError;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The names of the text encodings of Python 3.8 to 3.13, as `encodings` normalises them.
const CODECS: &str = include_str!("codecs.txt");

/// The text of a file. Where Python refuses the bytes whatever they say, the error is why. Another encoding than UTF-8 is read
/// as UTF-8 with replacement characters: the names and ids that matter here are ASCII.
pub(crate) fn text(bytes: &[u8]) -> Result<String, SyntaxError> {
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(fault(bytes, at, "it has a NUL byte"));
    }
    let (bom, content) = match bytes.strip_prefix(BOM) {
        Some(content) => (true, content),
        None => (false, bytes),
    };
    let cookie = cookie(content);
    if let Some((line, name)) = &cookie {
        let message = if bom && !is_utf8(name) {
            format!("it begins with UTF-8's byte order mark, and says `coding: {name}`")
        } else if is_known(name) {
            String::new()
        } else {
            format!("Python knows no encoding `{name}`")
        };
        if !message.is_empty() {
            let line = *line;
            return Err(SyntaxError {
                line,
                message,
                bound: None,
            });
        }
    }
    match std::str::from_utf8(content) {
        Ok(text) => Ok(text.to_owned()),
        Err(error)
            if cookie.is_none_or(|(_, name)| is_utf8(&name))
                && !in_comment(content, error.valid_up_to()) =>
        {
            let why = "it is not UTF-8, and names no other encoding (`# coding: …`)";
            Err(fault(content, error.valid_up_to(), why))
        }
        Err(_) => Ok(String::from_utf8_lossy(content).into_owned()),
    }
}

fn fault(bytes: &[u8], at: usize, message: &str) -> SyntaxError {
    let before = bytes[..at].iter();
    SyntaxError {
        line: before.filter(|byte| **byte == b'\n').count() + 1,
        message: message.to_owned(),
        bound: None,
    }
}

/// Python does not decode comments.
fn in_comment(bytes: &[u8], at: usize) -> bool {
    let line = bytes[..at].rsplit(|byte| *byte == b'\n').next();
    line.is_some_and(|line| line.contains(&b'#'))
}

/// The encoding that a comment in the first two lines names, with its line. The second counts if the first has no code.
fn cookie(bytes: &[u8]) -> Option<(usize, String)> {
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    for (index, line) in lines.take(2).enumerate() {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches([' ', '\t', '\x0c']);
        if let Some(name) = line.strip_prefix('#').and_then(named) {
            return Some((index + 1, name));
        }
        if !line.is_empty() && !line.starts_with('#') {
            return None;
        }
    }
    None
}

/// `coding[:=][ \t]*([-_.a-zA-Z0-9]+)`
fn named(comment: &str) -> Option<String> {
    comment.match_indices("coding").find_map(|(at, word)| {
        let rest = comment[at + word.len()..].strip_prefix([':', '='])?;
        let rest = rest.trim_start_matches([' ', '\t']);
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
        (!name.is_empty()).then(|| name.to_owned())
    })
}

/// Whether Python's tokenizer takes the name for `prefix` itself, of which it looks at 12 characters.
fn is_normal(name: &str, prefixes: &[&str]) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let name = &name[..name.len().min(12)];
    prefixes.iter().any(|prefix| {
        let rest = name.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    })
}

fn is_utf8(name: &str) -> bool {
    is_normal(name, &["utf-8"])
}

fn is_known(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let parts = lower.split(['-', '_']).filter(|part| !part.is_empty());
    let normal = parts.collect::<Vec<_>>().join("_");
    is_utf8(name)
        || is_normal(name, &["latin-1", "iso-8859-1", "iso-latin-1"])
        || CODECS.split_ascii_whitespace().any(|codec| codec == normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(bytes: &[u8]) -> String {
        text(bytes).map_or_else(|error| error.to_string(), |_| String::new())
    }

    /// Each was compiled by Python 3.8 to 3.13.
    #[test]
    fn what_python_decodes_is_decoded() {
        for good in [
            &b"# \xe4\nx = 1\n"[..],
            b"x = 1 # \xe4\n",
            b"# coding: latin-1\nx = '\xe4'\n",
            b"# -*- coding: ISO-8859-15 -*-\nx = '\xe4'\n",
            b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\n",
            b"# coding: utf-8-unix\n",
            b"# coding: Latin-1-unix\n",
            b"# coding: windows-1252\n",
            b"# coding: utf8\r\nx = 1\r\n",
            b"\xef\xbb\xbf# coding: UTF_8\n",
            b"\xef\xbb\xbf# coding: utf-8-sig\n",
            b"\xef\xbb\xbfx = 1\n",
            b"\n\n# coding: klingon\n",
            b"x = 1\n# coding: klingon\n",
            b"x = 1 # coding: klingon\n",
            b"# coding : klingon\n",
        ] {
            assert_eq!(why(good), "", "{}", good.escape_ascii());
        }
        assert_eq!(text(b"\xef\xbb\xbfx").unwrap(), "x");
    }

    #[test]
    fn what_python_refuses_is_refused_with_its_line() {
        for (bad, expected) in [
            (&b"x = 1\n# \0\n"[..], "line 2: it has a NUL byte"),
            (b"x = '\0'\n", "line 1: it has a NUL byte"),
            (
                b"# coding: nonsense\n",
                "line 1: Python knows no encoding `nonsense`",
            ),
            (
                b"# -*- coding: klingon -*-\n",
                "line 1: Python knows no encoding `klingon`",
            ),
            (
                b"\n# vim: set fileencoding=foo :\n",
                "line 2: Python knows no encoding `foo`",
            ),
            (
                b"\x0c # coding=cp-1252\n",
                "line 1: Python knows no encoding `cp-1252`",
            ),
            (
                b"# coding: rot13\n",
                "line 1: Python knows no encoding `rot13`",
            ),
            (
                b"\xef\xbb\xbf# coding: latin-1\n",
                "line 1: it begins with UTF-8's byte order mark, and says `coding: latin-1`",
            ),
            (
                b"\xef\xbb\xbf\n# coding: utf8\n",
                "line 2: it begins with UTF-8's byte order mark, and says `coding: utf8`",
            ),
            (
                b"x = 1\ny = '\xe4'\n",
                "line 2: it is not UTF-8, and names no other encoding (`# coding: \u{2026}`)",
            ),
            (
                b"# coding: utf-8\n\"\"\"\n\xe4\"\"\"\n",
                "line 3: it is not UTF-8, and names no other encoding (`# coding: \u{2026}`)",
            ),
        ] {
            assert_eq!(why(bad), expected, "{}", bad.escape_ascii());
        }
    }
}
