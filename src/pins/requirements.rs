//! `requirements.txt` as pip reads it: continuation lines, comments, options, files that include files.

use super::requirement::requirement;
use super::text::{BadLock, utf8};
use super::{Contents, Entry, Wants};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Requirements {
    pub(super) contents: Contents,
    /// The files that it names with `-r` and `-c`.
    pub(super) includes: Vec<Include>,
}

/// A file that another one includes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Include {
    /// The line that names it, from 1.
    pub(super) line: usize,
    /// A path relative to the including file, or a URL.
    pub(super) target: String,
}

pub(super) fn read(text: &str) -> Requirements {
    let mut found = Requirements::default();
    for (line, text) in logical_lines(text) {
        let (text, options) = split_options(&text);
        if let Some((wants, marker)) = requirement(text) {
            found.contents.entries.push(Entry {
                line,
                wants,
                marker,
            });
        }
        if text.is_empty() {
            found.options(line, options);
        }
    }
    found
}

/// The text of a file, which PowerShell writes as UTF-16.
pub(super) fn decoded(bytes: &[u8]) -> Result<String, BadLock> {
    let wide = |from: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).skip(1);
        let units: Vec<u16> = units.map(|pair| from([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(|_| BadLock::NotText(0))
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => utf8(bytes).map(str::to_owned),
    }
}

impl Requirements {
    /// A line of options: only those that name files or packages matter.
    fn options(&mut self, line: usize, text: &str) {
        // pip refuses a line with a quote that is not closed.
        let mut words = shlex::split(text).into_iter().flatten();
        while let Some(word) = words.next() {
            let (name, value) = match word.split_at_checked(2) {
                Some(("--", _)) => match word.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (word.as_str(), None),
                },
                Some((name, value)) if !value.is_empty() => (name, Some(value)),
                _ => (word.as_str(), None),
            };
            let included = matches!(name, "-r" | "--requirement" | "-c" | "--constraint");
            if !included && !matches!(name, "-e" | "--editable") {
                continue;
            }
            match value.map(str::to_owned).or_else(|| words.next()) {
                Some(target) if included => self.includes.push(Include { line, target }),
                Some(place) if requirement(&place).is_some() => self.contents.entries.push(Entry {
                    line,
                    wants: Wants::Source(format!("-e {place}")),
                    marker: None,
                }),
                Some(_) | None => {}
            }
        }
    }
}

/// Lines with their continuations joined and their comments gone, each with the number of its first line.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let is_comment = line.trim_start().starts_with('#');
        let continues = line.ends_with('\\') && !is_comment;
        let piece = if continues {
            line.trim_end_matches('\\')
        } else {
            line
        };
        match lines.last_mut() {
            Some((_, whole)) if open => {
                // As pip does: a comment line ends a continuation, and is a comment.
                whole.push_str(if is_comment { " " } else { "" });
                whole.push_str(piece);
            }
            _ => lines.push((index + 1, piece.to_owned())),
        }
        open = continues;
    }
    for (_, line) in &mut lines {
        line.truncate(comment(line));
    }
    lines
}

/// Where a comment begins: a `#` at the start or after white space. In a URL it is a part of it.
fn comment(line: &str) -> usize {
    let mut hashes = line.match_indices('#').map(|(index, _)| index);
    let begins = |hash: &usize| {
        line[..*hash]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace)
    };
    hashes.find(begins).unwrap_or(line.len())
}

/// The requirement, and the options behind it or instead of it.
fn split_options(line: &str) -> (&str, &str) {
    let line = line.trim();
    let start = match line.find(" -") {
        _ if line.starts_with('-') => 0,
        Some(space) => space + 1,
        None => line.len(),
    };
    let (requirement, options) = line.split_at(start);
    (requirement.trim_end(), options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let entries = read(text).contents.entries;
        entries.iter().map(|entry| entry.line).collect()
    }

    fn includes(text: &str) -> Vec<(usize, String)> {
        let includes = read(text).includes.into_iter();
        includes
            .map(|include| (include.line, include.target))
            .collect()
    }

    #[test]
    fn hashes_comments_and_continuation_lines() {
        let text = "# procrastinate==1.0\n\
                    attrs==26.1.0 \\\n    --hash=sha256:aa\n    # via procrastinate\n\
                    procrastinate[django]==3.5.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb # procrastinate==2.0\n\
                    procrastinate \\\n  == \\\n  3.5.2\n";
        let entries = read(text).contents.entries;
        let wants: Vec<_> = entries
            .iter()
            .map(|entry| (entry.line, entry.wants.clone()))
            .collect();
        let release = |text: &str| Wants::Release(text.parse().unwrap());
        assert_eq!(wants, [(5, release("3.5.1")), (8, release("3.5.2"))]);
    }

    #[test]
    fn a_comment_line_ends_a_continuation() {
        assert_eq!(lines("attrs==1 \\\n# x \\\nprocrastinate==3.5.1\n"), [3]);
        assert_eq!(lines("procrastinate==3.5.1 \\"), [1]);
        assert_eq!(lines("attrs==1#procrastinate\n"), [0_usize; 0]);
    }

    #[test]
    fn files_that_are_included() {
        let text = "-r base.txt\n--requirement=a.txt\n--requirement b.txt\n-rc.txt\n-c constraints.txt\n--constraint=d.txt\n\
                    -r 'with space.txt'\n--index-url https://x -r e.txt\nattrs==1 -r no.txt\n";
        let found = includes(text);
        let names: Vec<&str> = found.iter().map(|(_, target)| target.as_str()).collect();
        assert_eq!(
            names,
            [
                "base.txt",
                "a.txt",
                "b.txt",
                "c.txt",
                "constraints.txt",
                "d.txt",
                "with space.txt",
                "e.txt"
            ]
        );
        assert_eq!(found[7].0, 8);
    }

    #[test]
    fn editable_sources_count_when_they_are_ours() {
        let text = "-e git+https://example.org/procrastinate.git#egg=procrastinate\n-e .\n--editable=../procrastinate\n";
        assert_eq!(lines(text), [1, 3]);
    }

    #[test]
    fn every_encoding_that_is_met() {
        let text = "procrastinate==3.5.1\r\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", le.as_slice()].concat(),
            [b"\xfe\xff", be.as_slice()].concat(),
        ] {
            assert_eq!(lines(&decoded(&bytes).unwrap()), [1], "{bytes:?}");
        }
        assert!(decoded(b"a\xff").is_err());
        assert!(decoded(b"\xff\xfe\x00\xd8").is_err());
    }
}
