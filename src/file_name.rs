//! File names that are safe to join to a directory. Every name that comes from a package, a lockfile or an archive is
//! checked here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::escape::is_invisible;

/// One path component: no separator, no `.` or `..`, no control character, nothing that another
/// platform's file system gives a meaning, at most 200 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct FileName(String);

/// Why a text is not a [`FileName`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file name `{}` {why}", .name.escape_debug())]
pub struct BadFileName {
    name: String,
    why: &'static str,
}

const MOST_BYTES: usize = 200;

impl FileName {
    pub fn new(name: impl Into<String>) -> Result<Self, BadFileName> {
        let name = name.into();
        match fault(&name) {
            None => Ok(Self(name)),
            Some(why) => Err(BadFileName { name, why }),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without its last extension.
    pub fn stem(&self) -> &str {
        self.0.rsplit_once('.').map_or(&self.0, |(stem, _)| stem)
    }
}

fn fault(name: &str) -> Option<&'static str> {
    // Nearly all are.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let ends_plainly = name.bytes().next_back().is_some_and(|byte| byte != b'.');
    if ends_plainly && name.len() <= MOST_BYTES && name.bytes().all(is_plain) {
        return None;
    }
    if name.is_empty() {
        Some("is empty")
    } else if name == "." || name == ".." {
        Some("leaves its directory")
    } else if name.contains(['/', '\\']) {
        Some("holds a path separator")
    } else if name.contains([':', '*', '?', '"', '<', '>', '|']) {
        Some("holds a character that is not portable (one of `:*?\"<>|`)")
    } else if name.contains(|c: char| c.is_control() || is_invisible(c)) {
        Some("holds a control or an invisible character")
    } else if name.ends_with(['.', ' ']) || name.starts_with(' ') {
        Some("begins or ends with a space, or ends with a dot")
    } else if name.len() > MOST_BYTES {
        Some("is longer than 200 bytes")
    } else {
        None
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for FileName {
    type Error = BadFileName;

    fn try_from(name: String) -> Result<Self, BadFileName> {
        Self::new(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_procrastinate_ships() {
        for name in [
            "00.00.00_01_initial.sql",
            "03.04.00_50_post_add_retry_failed_job_procedure.sql",
            "0001_00_00_00_01_initial.py",
        ] {
            assert_eq!(FileName::new(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn refuses_what_leaves_hides_or_lies() {
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "/a",
            "..\\a",
            "c:a",
            "a\nb",
            "a\u{202e}b",
            "a\u{1b}[0m",
            "a ",
            "a.",
        ] {
            assert!(FileName::new(name).is_err(), "{name:?}");
        }
        assert!(FileName::new("x".repeat(201)).is_err());
    }
}
