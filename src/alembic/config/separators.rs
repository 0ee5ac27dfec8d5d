//! How Alembic splits the lists of an ini file. Pure.

use super::ini::trim;
use super::rules::Rules;

/// What separates the entries of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// The character that the file names.
    Named(char),
    /// The file names none: blanks and commas separate.
    Legacy,
}

const OS: char = if cfg!(windows) { ';' } else { ':' };

/// The character that the name of a separator stands for.
pub fn separator_character(name: &str) -> Option<char> {
    Some(match name {
        "space" => ' ',
        "os" => OS,
        ":" => ':',
        ";" => ';',
        "newline" => '\n',
        _ => return None,
    })
}

/// The separator that `name` stands for; the error lists what Alembic accepts.
pub(super) fn separator(name: &str, rules: &Rules) -> Result<Separator, String> {
    let lines = rules.separates_lines();
    let character = separator_character(name).filter(|c| lines || *c != '\n');
    character.map(Separator::Named).ok_or_else(|| {
        let newline = if lines { "`newline`, " } else { "" };
        format!(
            "`{}` is no separator; Alembic knows `space`, {newline}`os`, `:` and `;`",
            name.escape_debug()
        )
    })
}

/// The entries of `version_locations`. An entry may be empty, and then means the working directory.
pub(super) fn version_locations(value: &str, separator: Separator, rules: &Rules) -> Vec<String> {
    match separator {
        Separator::Legacy => legacy(value, false),
        Separator::Named(separator) => named(value, separator, rules.separates_lines()),
    }
}

/// The entries of `prepend_sys_path`.
pub(super) fn prepend_sys_path(value: &str, separator: Separator) -> Vec<String> {
    match separator {
        Separator::Legacy => legacy(value, true),
        Separator::Named(separator) => named(value, separator, true),
    }
}

fn named(value: &str, separator: char, strip: bool) -> Vec<String> {
    value
        .split(separator)
        .filter(|entry| !entry.is_empty())
        .map(|entry| if strip { trim(entry) } else { entry })
        .map(str::to_owned)
        .collect()
}

/// `re.split(", *|(?: +)")`, and `\:` with `colons`: line feeds and tabs separate nothing, and `a , b` has an empty
/// entry in its middle.
fn legacy(value: &str, colons: bool) -> Vec<String> {
    let mut entries = vec![String::new()];
    let mut characters = value.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            ',' | ' ' => {
                while characters.next_if_eq(&' ').is_some() {}
                entries.push(String::new());
            }
            ':' if colons => entries.push(String::new()),
            c => {
                if let Some(entry) = entries.last_mut() {
                    entry.push(c);
                }
            }
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(version: &str) -> Rules {
        Rules::Installed {
            version: version.parse().unwrap(),
            place: String::new(),
        }
    }

    fn entries(name: Option<&str>, value: &str, version: &str) -> Option<Vec<String>> {
        let rules = rules(version);
        let separator = match name {
            Some(name) => separator(name, &rules).ok()?,
            None => Separator::Legacy,
        };
        Some(version_locations(value, separator, &rules))
    }

    #[test]
    fn entries_are_split_as_alembic_does() {
        for (name, value, version, expected) in [
            (
                None,
                "a b, c,d  e",
                "1.20.1",
                &["a", "b", "c", "d", "e"][..],
            ),
            (None, "a , b", "1.8.1", &["a", "", "b"]),
            (None, "a\nb", "1.20.1", &["a\nb"]),
            (None, "a:b", "1.20.1", &["a:b"]),
            (Some("space"), "a  b", "1.20.1", &["a", "b"]),
            (Some(":"), "a: b::c", "1.8.1", &["a", " b", "c"]),
            (Some(":"), "a: b: ", "1.13.3", &["a", "b", ""]),
            (Some("newline"), "\na b\nc", "1.13.3", &["a b", "c"]),
            (Some(";"), "a;b:c", "1.16.0b1", &["a", "b:c"]),
        ] {
            assert_eq!(
                entries(name, value, version).unwrap(),
                expected,
                "{name:?} {value:?} {version}"
            );
        }
        assert_eq!(entries(Some("newline"), "a", "1.13.2"), None);
        assert_eq!(entries(Some("os  # Use os.pathsep"), "a", "1.20.1"), None);
        assert_eq!(entries(Some(""), "a", "1.20.1"), None);
    }

    #[test]
    fn colons_separate_only_what_is_put_on_the_path() {
        let legacy = |value| prepend_sys_path(value, Separator::Legacy);
        assert_eq!(legacy(". src:lib"), [".", "src", "lib"]);
        assert_eq!(prepend_sys_path(". src", Separator::Named(':')), [". src"]);
    }
}
