//! The release that a project pins: what its lock files say, where nothing is installed.
//!
//! A module for each family of formats parses text and knows no file system; `search` finds the files and reads them.

mod conda;
mod marker;
mod pipfile_lock;
mod requirement;
mod requirements;
mod search;
mod text;
mod toml_lock;

use pep440_rs::Version;

use crate::place::Line;
use crate::procrastinate::PACKAGE;

pub use marker::Pythons;
pub use search::{FILES, Pins, find, is_read, share};
pub use text::BadLock;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    pub place: Line,
    pub release: Version,
    /// The environments that it is for, where the file says so.
    pub marker: Option<String>,
    /// Whether it can be for one of the project's Pythons.
    pub counts: bool,
}

/// What one file says of the package, once.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// From 1.
    line: usize,
    wants: Wants,
    marker: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wants {
    Release(Version),
    /// Any in a range; empty for any at all.
    Range(String),
    /// Something that is not a release of an index: a repository, a directory, a file.
    Source(String),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Contents {
    entries: Vec<Entry>,
    /// The versions of Python that the file is for.
    requires_python: Option<String>,
    /// What the reader should know of the file.
    note: Option<String>,
}

/// Whether a package's name, as somebody wrote it, is Procrastinate's. Names are compared as the index does (PEP 503).
fn is_package(name: &str) -> bool {
    name.eq_ignore_ascii_case(PACKAGE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Reader = fn(&str) -> Result<Contents, BadLock>;

    const READERS: [Reader; 9] = [
        conda::pixi,
        conda::conda_lock,
        conda::environment,
        toml_lock::uv,
        toml_lock::poetry,
        toml_lock::pdm,
        toml_lock::pylock,
        pipfile_lock::read,
        |text| Ok(requirements::read(text).contents),
    ];

    /// Text that comes close to what lock files hold.
    fn scraps() -> impl Strategy<Value = String> {
        let scrap = prop_oneof![
            Just("procrastinate".to_owned()),
            Just("[[package]]\nname = ".to_owned()),
            Just("\"".to_owned()),
            Just("version = ".to_owned()),
            Just("==3.5.1".to_owned()),
            Just(" \\\n".to_owned()),
            Just("\n-r ".to_owned()),
            Just("{\"default\": ".to_owned()),
            Just("; marker #".to_owned()),
            Just("[é".to_owned()),
            "\\PC{0,6}",
        ];
        prop::collection::vec(scrap, 0..12).prop_map(|scraps| scraps.concat())
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_with_a_line_that_it_has(text in scraps()) {
            for read in READERS {
                let last = text.lines().count().max(1) + 1;
                match read(&text) {
                    Ok(contents) => prop_assert!(contents.entries.iter().all(|entry| entry.line <= last)),
                    Err(BadLock::Syntax { line, .. }) => prop_assert!(line <= last, "{line} of {last}"),
                    Err(_) => {}
                }
            }
        }

        #[test]
        fn a_pinned_release_is_read_back_in_whatever_spelling(
            release in prop::collection::vec(0_u64..30, 1..4),
            name in "[Pp]rocrastinate(\\[[a-z]{1,5}\\])?",
            space in " {0,2}",
            tail in "( ; python_version < '4')?( --hash=sha256:aa)?( # procrastinate==9)?",
            before in "(attrs==1\n|# x\n|\n){0,3}",
        ) {
            let release = Version::new(&release);
            let text = format!("{before}{name}{space}=={space}{release}{tail}\n");
            let entries = requirements::read(&text).contents.entries;
            prop_assert_eq!(entries.len(), 1, "{}", text);
            prop_assert_eq!(&entries[0].wants, &Wants::Release(release));
            prop_assert_eq!(entries[0].line, before.lines().count() + 1);
        }
    }
}
