//! Environment markers (PyPA's dependency specifiers), as far as the version of Python decides them.

use pep440_rs::{Version, VersionSpecifiers};

/// What is known of the Python that a pin is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pythons {
    /// That of the project's environment: `3.12`.
    pub own: Option<(u8, u8)>,
}

/// A marker or a range that is longer, in bytes, is not read: it may be nested as deep as it is long.
const LONGEST: usize = 10_000;

/// Whether a marker, and the range that a lock file is for, can hold for one of these Pythons. What is not known counts as possible.
pub(super) fn can_hold(pythons: &Pythons, marker: Option<&str>, range: Option<&str>) -> bool {
    const NEWEST: u8 = 40;
    let short = |text: &&str| text.len() <= LONGEST;
    let (marker, range) = (marker.filter(short), range.filter(short));
    let range = range.and_then(|range| range.parse::<VersionSpecifiers>().ok());
    let in_range = |minor: &(u8, u8)| {
        let [first, last] = ends(*minor);
        range
            .as_ref()
            .is_none_or(|range| range.contains(&first) || range.contains(&last))
    };
    let mut minors: Vec<(u8, u8)> = match pythons.own {
        Some(own) => vec![own],
        None => (0..=NEWEST)
            .map(|minor| (3, minor))
            .filter(in_range)
            .collect(),
    };
    if minors.is_empty() {
        minors = (0..=NEWEST).map(|minor| (3, minor)).collect();
    }
    let Some(words) = marker.and_then(words) else {
        return true;
    };
    minors.into_iter().any(|minor| {
        let mut reader = Reader {
            words: &words,
            minor,
        };
        let value = reader.either();
        // What is behind an end that this does not know may say anything.
        value != Some(false) || !reader.words.is_empty()
    })
}

/// The first and the last release of a minor version.
fn ends((major, minor): (u8, u8)) -> [Version; 2] {
    [0, 999].map(|patch| Version::new([u64::from(major), u64::from(minor), patch]))
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    /// In quotes.
    Text(String),
    /// A variable, an operator, a bracket.
    Bare(String),
}

/// None where a quote is not closed.
fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, behind) = if matches!(first, '\'' | '"') {
            let (quoted, behind) = rest[1..].split_once(first)?;
            (Word::Text(quoted.to_owned()), behind)
        } else {
            let is_operator = |c: char| "<>=!~".contains(c);
            let is_name = |c: char| c.is_alphanumeric() || "_.".contains(c);
            let end = if is_operator(first) {
                rest.find(|c| !is_operator(c))
            } else if is_name(first) {
                rest.find(|c| !is_name(c))
            } else {
                Some(first.len_utf8())
            };
            let (bare, behind) = rest.split_at(end.unwrap_or(rest.len()));
            (Word::Bare(bare.to_owned()), behind)
        };
        words.push(word);
        rest = behind.trim_start();
    }
    Some(words)
}

/// Evaluates for one minor version. None is "not known".
struct Reader<'a> {
    words: &'a [Word],
    minor: (u8, u8),
}

impl Reader<'_> {
    fn takes(&mut self, bare: &str) -> bool {
        let is_next = self
            .words
            .first()
            .is_some_and(|word| matches!(word, Word::Bare(text) if text == bare));
        if is_next {
            self.words = &self.words[1..];
        }
        is_next
    }

    fn next(&mut self) -> Option<Word> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first.clone())
    }

    fn either(&mut self) -> Option<bool> {
        let mut value = self.both();
        while self.takes("or") {
            value = match (value, self.both()) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        value
    }

    fn both(&mut self) -> Option<bool> {
        let mut value = self.one();
        while self.takes("and") {
            value = match (value, self.one()) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        value
    }

    fn one(&mut self) -> Option<bool> {
        if self.takes("(") {
            let value = self.either();
            return if self.takes(")") { value } else { None };
        }
        let left = self.next()?;
        let operator = match self.next()? {
            Word::Bare(not) if not == "not" && self.takes("in") => "not in".to_owned(),
            Word::Bare(operator) => operator,
            Word::Text(_) => return None,
        };
        match (left, self.next()?) {
            (Word::Bare(variable), Word::Text(value)) => self.compare(&variable, &operator, &value),
            (Word::Text(value), Word::Bare(variable)) => {
                self.compare(&variable, mirrored(&operator), &value)
            }
            _ => None,
        }
    }

    /// One comparison, if it is about the version of Python, and comes out the same for all releases of the minor version.
    fn compare(&self, variable: &str, operator: &str, value: &str) -> Option<bool> {
        let (major, minor) = self.minor;
        let short = Version::new([u64::from(major), u64::from(minor)]);
        let versions = match variable {
            "python_version" => [short.clone(), short],
            "python_full_version" => ends(self.minor),
            _ => return None,
        };
        let holds = |version: &Version| match operator {
            "in" | "not in" => {
                let listed = value
                    .split([' ', ',', '|'])
                    .any(|one| one.parse() == Ok(version.clone()));
                Some(listed == (operator == "in"))
            }
            _ => {
                let specifiers: VersionSpecifiers = format!("{operator}{value}").parse().ok()?;
                Some(specifiers.contains(version))
            }
        };
        let [first, last] = versions.each_ref().map(holds);
        first.filter(|_| first == last)
    }
}

/// The operator that says the same with its sides changed.
fn mirrored(operator: &str) -> &str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        "==" | "!=" | "===" => operator,
        // `"3.8" in python_version` and the like say something else.
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(marker: &str, minor: u8) -> bool {
        let own = Some((3, minor));
        can_hold(&Pythons { own }, Some(marker), None)
    }

    #[test]
    fn the_version_of_python_decides() {
        for (marker, no, yes) in [
            ("python_full_version < '3.10'", 10, 9),
            ("python_full_version >= '3.10'", 9, 10),
            ("python_version == \"3.11\"", 12, 11),
            ("python_full_version == '3.11.*'", 12, 11),
            ("'3.10' <= python_version", 9, 10),
            ("python_version in '3.8 3.9'", 10, 8),
            ("python_version not in '3.8, 3.9'", 9, 10),
            ("python_version ~= '3.9'", 8, 12),
            (
                "python_version >= '3.9' and (python_version < '3.11' or sys_platform == 'win32') and python_version < '3.12'",
                12,
                10,
            ),
            (
                "(python_version < '3.9') or (python_version > '3.11')",
                10,
                12,
            ),
            ("python_version < '3.10' and sys_platform == 'linux'", 10, 9),
        ] {
            assert!(!holds(marker, no), "{marker} for 3.{no}");
            assert!(holds(marker, yes), "{marker} for 3.{yes}");
        }
    }

    #[test]
    fn what_is_not_known_is_possible() {
        for marker in [
            "sys_platform == 'win32'",
            "python_full_version < '3.11.4'",
            "extra == 'x'",
            "python_version < '3.10' or extra == 'x'",
            "python_version <",
            "python_version < '3.9",
            "(python_version < '3.9'",
            "python_version < '3.9' implies x",
            "'3.9' in python_version",
            "",
        ] {
            assert!(holds(marker, 11), "{marker}");
        }
    }

    #[test]
    fn a_range_leaves_out_what_the_project_does_not_support() {
        let unknown = Pythons::default();
        let of_old = Some("python_full_version < '3.10'");
        assert!(can_hold(&unknown, of_old, None));
        assert!(can_hold(&unknown, of_old, Some(">=3.9")));
        assert!(!can_hold(&unknown, of_old, Some(">=3.10")));
        assert!(can_hold(&unknown, of_old, Some("^3.10")));
        assert!(can_hold(&unknown, None, Some(">=3.10")));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "([(]|[)]|and|or|not|in|python_version|<|==|'3[.]9'|\"| |é){0,12}") {
            let _ = holds(&text, 11);
        }
    }
}
