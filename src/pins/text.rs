//! Lock files as text: decoding, line numbers, and what can be wrong with one.

use std::borrow::Cow;

use super::Entry;
use super::requirements::Include;
use crate::read::{MOST_VALUES, has_too_many_values};

/// One entry for each environment is usual; each is held against the project's Python.
const MOST_ENTRIES: usize = 100;

/// Refuses a file with more entries than any real one.
pub(super) fn few(entries: &[Entry]) -> Result<(), BadLock> {
    match entries.len() > MOST_ENTRIES {
        true => Err(BadLock::TooOften),
        false => Ok(()),
    }
}

/// Refuses a requirements file that includes more files than any real one.
pub(super) fn few_files(includes: &[Include]) -> Result<(), BadLock> {
    match includes.len() > MOST_ENTRIES {
        true => Err(BadLock::Includes),
        false => Ok(()),
    }
}

/// Why a lock file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLock {
    #[error("it cannot be read: {0}")]
    Io(String),
    #[error("it is not UTF-8 text (byte {0})")]
    NotText(usize),
    /// Not TOML or JSON, or values of another kind than the format has.
    #[error("line {line}: {why}")]
    Syntax {
        /// From 1.
        line: usize,
        why: String,
    },
    #[error("it is not YAML that can be read: {0}")]
    Yaml(String),
    #[error("it does not say which version of its format it is (`{0}`)")]
    NoVersion(&'static str),
    #[error("it holds more than {MOST_VALUES} values, the most that is read of such a file")]
    TooMany,
    #[error("it names Procrastinate more than {MOST_ENTRIES} times")]
    TooOften,
    #[error("it includes more than {MOST_ENTRIES} files")]
    Includes,
    #[error("its format is version {found}; this program knows up to {known}")]
    Version { found: String, known: &'static str },
}

/// The text of a lock file, without a byte order mark.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, BadLock> {
    let text = std::str::from_utf8(bytes).map_err(|error| BadLock::NotText(error.valid_up_to()))?;
    match has_too_many_values(text) {
        true => Err(BadLock::TooMany),
        false => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
    }
}

/// A lock file, or what of it is read: whole lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) text: Cow<'a, str>,
    /// Behind so many bytes of it, so many lines were left out till then.
    left_out: Vec<(usize, usize)>,
}

impl<'a> Part<'a> {
    pub(super) fn whole(text: &'a str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            left_out: Vec::new(),
        }
    }

    /// Adds the next lines of the file, or leaves them out.
    pub(super) fn push(&mut self, lines: &str, is_read: bool) {
        if is_read {
            self.text.to_mut().push_str(lines);
            return;
        }
        let number = lines.matches('\n').count();
        match self.left_out.last_mut() {
            Some((at, before)) if *at == self.text.len() => *before += number,
            last => {
                let before = last.map_or(0, |(_, before)| *before);
                self.left_out.push((self.text.len(), before + number));
            }
        }
    }

    /// The line of the file, from 1, that holds a byte of what is read.
    pub(super) fn line(&self, offset: usize) -> usize {
        let behind = self.left_out.partition_point(|(at, _)| *at <= offset);
        let left_out = behind
            .checked_sub(1)
            .and_then(|last| self.left_out.get(last));
        line(&self.text, offset) + left_out.map_or(0, |(_, lines)| *lines)
    }

    /// With nothing but the line ends of what was left out.
    #[cfg(test)]
    pub(super) fn padded(&self) -> String {
        let (mut text, mut done, mut before) = (String::new(), 0, 0);
        for (at, lines) in &self.left_out {
            text.push_str(&self.text[done..*at]);
            text.push_str(&"\n".repeat(lines - before));
            (done, before) = (*at, *lines);
        }
        text + &self.text[done..]
    }
}

/// Whether three bytes like these stand anywhere behind each other. All are looked at, as processors do it fastest.
pub(super) fn has_three(text: &str, are: impl Fn(u8, u8, u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let number = bytes.len().saturating_sub(2);
    let (first, rest) = bytes.split_at(number);
    let all = |from: usize| bytes.get(from..from + number).unwrap_or(rest);
    let threes = first.iter().zip(all(1)).zip(all(2));
    threes.fold(false, |found, ((a, b), c)| found | are(*a, *b, *c))
}

/// The line, from 1, that holds a byte.
pub(super) fn line(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one() {
        assert_eq!((line("a\nb", 0), line("a\nb", 2), line("a", 9)), (1, 2, 1));
    }
}
