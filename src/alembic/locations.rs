//! Whether Alembic looks into a directory, and what to write so that it does.

use camino::{Utf8Path, Utf8PathBuf};

use super::ini::Ini;

/// What a project's configuration says of version locations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Locations {
    /// An ini file.
    Ini {
        /// The value of `version_locations`, interpolated.
        value: Option<String>,
        /// `version_locations` as it is written.
        versions: Option<Setting>,
        /// The separator from Alembic 1.16 on.
        path_separator: Option<Setting>,
        /// The separator before.
        version_path_separator: Option<Setting>,
    },
    /// `[tool.alembic]` in `pyproject.toml`.
    Toml {
        /// The entries, interpolated.
        entries: Vec<String>,
        /// As they are written.
        written: Vec<String>,
    },
    /// Decided in Python; the files do not tell.
    Python,
}

/// One line of an ini file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Counted from 1.
    pub line: usize,
    /// As it is written.
    pub value: String,
}

impl Setting {
    pub(super) fn of(ini: &Ini, key: &str) -> Option<Self> {
        let value = ini.raw(key)?.to_owned();
        Some(Self {
            line: ini.line(key),
            value,
        })
    }
}

const SEPARATOR: &str = if cfg!(windows) { ";" } else { ":" };

impl Locations {
    /// Whether today's Alembic finds `directory` in it. Both are resolved against the absolute `root`.
    pub fn name(&self, root: &Utf8Path, directory: &Utf8Path) -> bool {
        let wanted = normal(root, directory.as_str());
        let holds = |entries: Vec<&str>| entries.iter().any(|entry| normal(root, entry) == wanted);
        match self {
            Self::Python => true,
            Self::Toml { entries, .. } => holds(entries.iter().map(String::as_str).collect()),
            Self::Ini {
                value,
                path_separator,
                version_path_separator,
                ..
            } => {
                let Some(value) = value else { return false };
                // By the newest rules; before 1.16, Alembic knew only the second key.
                let separator = path_separator.as_ref().or(version_path_separator.as_ref());
                split(value, separator).is_some_and(holds)
            }
        }
    }

    /// The entries in their order; none where they are not listed, or where Alembic would refuse them.
    pub fn entries(&self) -> Option<Vec<String>> {
        match self {
            Self::Python => None,
            Self::Toml { entries, .. } => Some(entries.clone()),
            Self::Ini {
                value,
                path_separator,
                version_path_separator,
                ..
            } => {
                let separator = path_separator.as_ref().or(version_path_separator.as_ref());
                let entries = split(value.as_ref()?, separator)?;
                Some(entries.into_iter().map(str::to_owned).collect())
            }
        }
    }

    /// What to change so that Alembic looks into `vendored` as well as where it looks now; `own` is where it looks by
    /// default. Both are written as the configuration would have them.
    pub fn advice(&self, own: &str, vendored: &str) -> Vec<String> {
        match self {
            Self::Python => Vec::new(),
            Self::Toml { written, .. } => {
                let entries = with(written.iter().map(String::as_str).collect(), own, vendored);
                let entries: Vec<String> =
                    entries.iter().map(|entry| format!("\"{entry}\"")).collect();
                vec![format!("version_locations = [{}]", entries.join(", "))]
            }
            Self::Ini {
                versions,
                path_separator,
                version_path_separator,
                ..
            } => {
                let there = versions
                    .as_ref()
                    .filter(|versions| !versions.value.is_empty());
                let separator = path_separator.as_ref().or(version_path_separator.as_ref());
                let entries = there.map(|versions| {
                    let entries = split(&versions.value, separator);
                    entries.unwrap_or_else(|| versions.value.split_whitespace().collect())
                });
                let entries = with(entries.unwrap_or_default(), own, vendored).join(SEPARATOR);
                [
                    ("path_separator", path_separator, "os"),
                    ("version_path_separator", version_path_separator, "os"),
                    ("version_locations", versions, &entries),
                ]
                .into_iter()
                .filter_map(|(key, setting, value)| line(key, setting.as_ref(), value))
                .collect()
            }
        }
    }
}

fn line(key: &str, setting: Option<&Setting>, value: &str) -> Option<String> {
    match setting {
        Some(setting) if setting.value == value => None,
        Some(setting) => Some(format!(
            "{key} = {value}    (instead of line {})",
            setting.line
        )),
        None => Some(format!("{key} = {value}")),
    }
}

/// The entries, or else the default one, and the vendored directory.
fn with<'a>(entries: Vec<&'a str>, own: &'a str, vendored: &'a str) -> Vec<&'a str> {
    let mut entries = if entries.is_empty() {
        vec![own]
    } else {
        entries
    };
    if !entries.contains(&vendored) {
        entries.push(vendored);
    }
    entries
}

/// The entries of an ini value; none if Alembic refuses the separator.
fn split<'a>(value: &'a str, separator: Option<&Setting>) -> Option<Vec<&'a str>> {
    let entries: Vec<&str> = match separator.map(|separator| separator.value.as_str()) {
        // Alembic's old rule: blanks and commas.
        None => value.split([' ', ',', '\n', '\t']).collect(),
        Some("space") => value.split_whitespace().collect(),
        Some("newline") => value.lines().collect(),
        Some("os") => value.split(SEPARATOR).collect(),
        Some(":") => value.split(':').collect(),
        Some(";") => value.split(';').collect(),
        Some(_) => return None,
    };
    Some(
        entries
            .into_iter()
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .collect(),
    )
}

/// An absolute path without `.` and `..`, as far as the text tells.
fn normal(root: &Utf8Path, entry: &str) -> Utf8PathBuf {
    let mut path = Utf8PathBuf::new();
    for part in root.join(entry).components() {
        match part {
            camino::Utf8Component::CurDir => {}
            camino::Utf8Component::ParentDir => {
                path.pop();
            }
            other => path.push(other.as_str()),
        }
    }
    path
}

#[cfg(test)]
#[cfg(not(windows))]
mod tests {
    use super::*;

    fn ini(text: &str) -> Locations {
        let text = format!("[alembic]\n{text}");
        let ini = Ini::parse(&text, "alembic").unwrap();
        Locations::Ini {
            value: ini.value("version_locations", Utf8Path::new("/p")).unwrap(),
            versions: Setting::of(&ini, "version_locations"),
            path_separator: Setting::of(&ini, "path_separator"),
            version_path_separator: Setting::of(&ini, "version_path_separator"),
        }
    }

    #[test]
    fn entries_are_split_and_compared_as_alembic_does() {
        let both = "path_separator = os\nversion_path_separator = os\n";
        for (text, named) in [
            (
                format!("{both}version_locations = %(here)s/a/v:%(here)s/a/vp"),
                true,
            ),
            (format!("{both}version_locations = a/v:./a/../a/vp"), true),
            ("version_locations = a/v a/vp".to_owned(), true),
            (format!("{both}version_locations = a/v a/vp"), false),
            (format!("{both}version_locations = a/v;a/vp"), false),
            (format!("{both}version_locations = a/v:a/vp_old"), false),
            (
                "path_separator = os\nversion_locations = a/v:a/vp".to_owned(),
                true,
            ),
            (
                "version_path_separator = os  # Use os.pathsep\nversion_locations = a/v:a/vp"
                    .to_owned(),
                false,
            ),
            (both.to_owned(), false),
        ] {
            assert_eq!(
                ini(&text).name(Utf8Path::new("/p"), Utf8Path::new("a/vp")),
                named,
                "{text}"
            );
        }
    }

    #[test]
    fn advice_keeps_what_is_there_and_says_where() {
        assert_eq!(
            ini("path_separator = os").advice("a/v", "a/vp"),
            [
                "version_path_separator = os",
                "version_locations = a/v:a/vp"
            ]
        );
        assert_eq!(
            ini("version_path_separator = space\nversion_locations = x y").advice("a/v", "a/vp"),
            [
                "path_separator = os",
                "version_path_separator = os    (instead of line 2)",
                "version_locations = x:y:a/vp    (instead of line 3)"
            ]
        );
    }
}
