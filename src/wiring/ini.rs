//! `version_locations` in an ini file. Several separators are tried, the smallest change first; the first text that Alembic
//! reads as it should is taken.

use std::ops::Range;

use super::lines::{appended, comments, in_lines, repaired, without_comment};
use super::{Entries, line_end, line_end_at, line_ranges, replaced};
use crate::alembic::config::{AlembicConfig, Setting, separator_character};

/// The names of separators that are written; none leaves the key as it is.
#[derive(Clone, Copy)]
struct Separators<'a> {
    /// For `path_separator`, which splits `prepend_sys_path`, too.
    new: Option<&'a str>,
    /// For `version_path_separator`.
    old: Option<&'a str>,
    /// Whether they split the entries that are there, which then stay as they are written.
    keep_entries: bool,
}

/// The separator that is written. Every Alembic reads it, on every system: `os` is `:` on one system and `;` on another, so that a team with
/// both would have a location that is not read; Windows has `:` in its paths; an Alembic before 1.13.3 does not know `newline`.
const PORTABLE: &str = ";";

/// The first edit that Alembic would read as it should. It names the separator under both keys, so that another Alembic reads the same, or refuses
/// it.
pub(super) fn edit(entries: &Entries<'_>, text: &str) -> Option<String> {
    let config = entries.config;
    let in_force = separator_in_force(config);
    let editor = Editor {
        entries,
        text,
        end: line_end(text),
        in_force: in_force.as_deref(),
        listed: listed(config),
    };
    let tried = editor.tried().into_iter();
    let mut right = tried
        .filter_map(|separators| Some((separators.new, editor.with(separators)?)))
        .filter(|(_, text)| entries.are(config.entries_of_ini(text)))
        .peekable();
    let first = right.peek().cloned();
    let good = right.find(|(new, _)| new.is_none() || !no_key_separates_paths(config));
    good.or(first).map(|(_, text)| text)
}

/// Whether `prepend_sys_path` is separated by blanks or colons, which `path_separator` would end.
fn no_key_separates_paths(config: &AlembicConfig) -> bool {
    let setting = config.sources.ini_setting("prepend_sys_path");
    setting.is_some_and(|setting| setting.raw.trim().contains([' ', ',', ':']))
}

/// Whether the ini names its separator only by the key that an Alembic before 1.16 does not know.
pub(super) fn separator_is_unread(config: &AlembicConfig) -> bool {
    let is_set = |key| config.sources.ini_setting(key).is_some();
    !config.rules.reads_toml() && is_set("path_separator") && !is_set("version_path_separator")
}

/// Whether the entries stand on lines of their own, and Alembic does not split there.
pub(super) fn lines_are_unread(config: &AlembicConfig) -> bool {
    listed(config).is_some_and(|setting| setting.raw.contains('\n'))
        && separator_in_force(config).is_none_or(|name| name == "space")
}

/// `version_locations`, unless it is empty.
fn listed(config: &AlembicConfig) -> Option<Setting> {
    let setting = config.sources.ini_setting("version_locations");
    setting.filter(|setting| !setting.raw.trim().is_empty())
}

/// The separator's name, without the comment that old templates have behind it.
fn separator_in_force(config: &AlembicConfig) -> Option<String> {
    let new = config.sources.ini_setting("path_separator");
    let old = config.sources.ini_setting("version_path_separator");
    let setting = if config.rules.reads_toml() {
        new.or(old)
    } else {
        // An Alembic before 1.16 does not know the new key, but its value is what the file means.
        old.or(new)
    };
    Some(without_comment(&setting?.raw).0.to_owned())
}

/// Edits the text of one ini file.
struct Editor<'a> {
    entries: &'a Entries<'a>,
    text: &'a str,
    end: &'static str,
    /// The separator's name in the file.
    in_force: Option<&'a str>,
    listed: Option<Setting>,
}

impl Editor<'_> {
    fn tried(&self) -> Vec<Separators<'_>> {
        let config = self.entries.config;
        let keep = |new, old| Separators {
            new,
            old,
            keep_entries: true,
        };
        let rewrite = |new, old| Separators {
            new,
            old,
            keep_entries: false,
        };
        let missing = |key| self.in_force.filter(|_| self.setting(key).is_none());
        let (new, old) = (missing("path_separator"), missing("version_path_separator"));
        let mut tried = Vec::new();
        if self.is_first_list() {
            tried.extend([
                rewrite(Some(PORTABLE), Some(PORTABLE)),
                rewrite(None, Some(PORTABLE)),
            ]);
        }
        if self.in_force.is_some() {
            tried.push(keep(new, old));
        }
        if self.listed.is_some() || self.in_force.is_some() {
            tried.push(keep(None, None));
        }
        if lines_are_unread(config) {
            tried.push(rewrite(Some("newline"), Some("newline")));
        }
        for name in [PORTABLE, "newline", "space"] {
            tried.extend([rewrite(Some(name), Some(name)), rewrite(None, Some(name))]);
        }
        tried
    }

    /// Whether `os` is to separate entries for the first time: there is no list yet, or one entry. A list of several that says `os` is
    /// read by one kind of system already, and its author knows.
    fn is_first_list(&self) -> bool {
        let entries = |setting: &Setting| split(&setting.raw, self.in_force).count();
        self.in_force == Some("os") && self.listed.as_ref().is_none_or(|list| entries(list) < 2)
    }

    fn with(&self, separators: Separators<'_>) -> Option<String> {
        let Separators { new, old, .. } = separators;
        let mut edits = Vec::new();
        let mut lines = Vec::new();
        for (key, value) in [("path_separator", new), ("version_path_separator", old)] {
            if let Some(setting) = self.own_setting(key) {
                // Templates of Alembic 1.8 to 1.13 have a comment behind the separator, which Alembic takes for a part of it.
                let (present, comment) = without_comment(&setting.raw);
                if value.is_some() || comment.is_some() {
                    let value = value.unwrap_or(present);
                    let line = repaired(&setting, self.text, key, value);
                    edits.push((setting.bytes.clone(), line));
                }
            } else if let Some(value) = value {
                lines.push(format!("{key} = {value}"));
            }
        }
        let name = new.or(old).or(self.in_force);
        let separator = name.and_then(separator_character).unwrap_or(' ');
        let locations = self.locations(separator, separators.keep_entries);
        match self.own_setting("version_locations") {
            Some(setting) => edits.push((setting.bytes, locations)),
            None => lines.push(locations),
        }
        if !lines.is_empty() {
            let at = self.place_of_new_lines()?;
            let lines = lines.iter().map(|line| format!("{}{line}", self.end));
            edits.push((at..at, lines.collect()));
        }
        Some(replaced(self.text, edits))
    }

    fn setting(&self, key: &str) -> Option<Setting> {
        self.entries.config.sources.ini_setting(key)
    }

    /// The setting in the section itself; what `[DEFAULT]` says holds for other sections, too, and stays.
    fn own_setting(&self, key: &str) -> Option<Setting> {
        self.setting(key).filter(|setting| !setting.inherited)
    }

    /// `version_locations` with the new entry, as it is written.
    fn locations(&self, separator: char, keep_entries: bool) -> String {
        let added = &self.entries.added;
        let own = self.own_setting("version_locations");
        let written = own.map(|setting| &self.text[setting.bytes]);
        let value = match (&self.listed, written) {
            (Some(_), Some(written)) if keep_entries => {
                return added.iter().fold(written.to_owned(), |there, entry| {
                    appended(&there, separator, entry, self.end)
                });
            }
            (Some(setting), _) => {
                let mut entries: Vec<&str> = split(&setting.raw, self.in_force).collect();
                entries.extend(added.iter().map(String::as_str));
                entries.join(&separator.to_string())
            }
            (None, _) => {
                let all = [&self.entries.own].into_iter().chain(added);
                let all: Vec<&str> = all.map(String::as_str).collect();
                all.join(&separator.to_string())
            }
        };
        let comments = written.map_or(String::new(), |written| comments(written, self.end));
        let setting = in_lines("version_locations", &value, self.end);
        format!("{comments}{setting}")
    }

    /// Behind the template's own example, a separator, or `script_location`; else behind the section's header.
    fn place_of_new_lines(&self) -> Option<usize> {
        let section = self.section();
        let keys = [
            "version_path_separator",
            "path_separator",
            "script_location",
        ];
        let settings = keys.iter().filter_map(|key| self.own_setting(key));
        let last = settings.map(|setting| setting.bytes.end).max();
        let example = section.clone().and_then(|section| self.example(section));
        let at = example.or(last).or(section.map(|section| section.start))?;
        Some(line_end_at(self.text, at))
    }

    /// The end of the template's `# version_locations = …` in the section.
    fn example(&self, section: Range<usize>) -> Option<usize> {
        let is_example = |line: &str| {
            let comment = line.trim_start().strip_prefix(['#', ';']);
            let key = comment.and_then(|comment| {
                let comment = comment.trim_start_matches(['#', ';']).trim_start();
                comment.strip_prefix("version_locations")
            });
            key.is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        let examples =
            line_ranges(&self.text[section.clone()]).filter(|(_, line)| is_example(line));
        let (range, line) = examples.last()?;
        let at = section.start + range.start + line.trim_end().len();
        // Not inside of a value.
        let after = self.text[line_end_at(self.text, at)..].trim_start_matches(['\r', '\n']);
        (!after.starts_with([' ', '\t'])).then_some(at)
    }

    /// From the section's header to the next one.
    fn section(&self) -> Option<Range<usize>> {
        let header = format!("[{}]", self.entries.config.sources.section);
        let mut lines = line_ranges(self.text);
        let (first, _) = lines.find(|(_, line)| line.starts_with(&header))?;
        let next = lines.find(|(_, line)| line.starts_with('['));
        Some(first.start..next.map_or(self.text.len(), |(range, _)| range.start))
    }
}

fn split<'a>(value: &'a str, separator: Option<&str>) -> impl Iterator<Item = &'a str> {
    let named = separator.and_then(separator_character);
    let named = named.filter(|c| *c != ' ');
    let parts = value.split(move |c: char| match named {
        Some(named) => c == named,
        None => c.is_whitespace() || c == ',',
    });
    parts.map(str::trim).filter(|entry| !entry.is_empty())
}
