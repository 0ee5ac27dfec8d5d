//! Lock files as text: decoding, line numbers, versions of a format, and what is wrong with one.

use pep440_rs::Version;
use serde::de::DeserializeOwned;

use super::{Entry, Wants};

/// Why a lock file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLock {
    /// It cannot be opened or read.
    #[error("it cannot be read: {0}")]
    Io(String),
    #[error("it is not UTF-8 text (byte {0})")]
    NotText(usize),
    /// Not TOML or JSON, or values of another kind than the format has.
    #[error("line {line}: {why}")]
    Syntax {
        /// From 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// The file does not say which version of its format it is.
    #[error("it does not say which version of its format it is (`{0}`)")]
    NoVersion(&'static str),
    /// A version of the format that this program does not know.
    #[error("its format is version {found}; this program knows up to {known}")]
    Version {
        found: String,
        /// The newest that is known.
        known: &'static str,
    },
}

/// The text of a lock file, without a byte order mark.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, BadLock> {
    let text = std::str::from_utf8(bytes).map_err(|error| BadLock::NotText(error.valid_up_to()))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The line, from 1, that holds a byte.
pub(super) fn line(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// Reads TOML into the shape of a format.
pub(super) fn toml<T: DeserializeOwned>(text: &str) -> Result<T, BadLock> {
    toml::from_str(text).map_err(|error| BadLock::Syntax {
        line: line(text, error.span().map_or(0, |span| span.start)),
        why: error.message().replace('\n', " "),
    })
}

/// Holds a format's version, `major.minor`, against the newest that is known. A newer minor version only adds to a format:
/// that is noted. A newer major one is another format.
pub(super) fn known(found: &str, newest: &'static str) -> Result<Option<String>, BadLock> {
    let unknown = || BadLock::Version {
        found: found.to_owned(),
        known: newest,
    };
    let parts = |text: &str| -> Option<(u64, u64)> {
        let mut parts = text.split('.');
        let major = parts.next()?.parse().ok()?;
        Some((major, parts.next().unwrap_or("0").parse().ok()?))
    };
    let (Some(there), Some(here)) = (parts(found), parts(newest)) else {
        return Err(unknown());
    };
    match there {
        (major, _) if major > here.0 => Err(unknown()),
        newer if newer > here => Ok(Some(format!(
            "its format is version {found}, newer than {newest}, which this program was made for"
        ))),
        _ => Ok(None),
    }
}

/// The entry of a package that a lock file gives a version, or takes from somewhere else than an index.
pub(super) fn entry(
    line: usize,
    version: Option<&str>,
    source: Option<String>,
    marker: Option<String>,
) -> Result<Entry, BadLock> {
    let wants = match (source, version) {
        (Some(source), _) => Wants::Source(source),
        (None, None) => Wants::Range(String::new()),
        (None, Some(version)) => {
            Wants::Release(version.parse::<Version>().map_err(|_| BadLock::Syntax {
                line,
                why: format!("`{}` is not a version", version.escape_debug()),
            })?)
        }
    };
    Ok(Entry {
        line,
        wants,
        marker,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_major_version_is_another_format() {
        assert_eq!(known("2.0", "2.1"), Ok(None));
        assert_eq!(known("4.5.0", "4.5"), Ok(None));
        assert_eq!(known("1", "2.1"), Ok(None));
        assert!(matches!(known("2.2", "2.1"), Ok(Some(_))));
        for found in ["3.0", "two", "", "2.x", "-1"] {
            assert!(
                matches!(known(found, "2.1"), Err(BadLock::Version { .. })),
                "{found}"
            );
        }
    }

    #[test]
    fn lines_are_counted_from_one() {
        assert_eq!((line("a\nb", 0), line("a\nb", 2), line("a", 9)), (1, 2, 1));
    }
}
