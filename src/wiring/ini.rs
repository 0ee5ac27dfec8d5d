//! `version_locations` in an ini file. Several ways are tried, the smallest change first; the first that Alembic reads as it
//! should is taken.

use std::ops::Range;

use super::lines::{appended, comments, in_lines, repaired, without_comment};
use super::{Entries, line_end, replaced};
use crate::alembic::config::{Origin, Setting};

const OS: char = if cfg!(windows) { ';' } else { ':' };

type Edits = Vec<(Range<usize>, String)>;

/// How entries are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As the file says now.
    Kept,
    /// As one key says now, said with the key that is missing as well.
    Named,
    Os,
    /// By `os`, in the older key only: `path_separator` would split `prepend_sys_path`, too.
    OldOs,
    Newline,
    /// By line ends, in the older key only.
    OldNewline,
    /// By spaces: all that Alembic before 1.13.3 has for entries with a `:` in them.
    Space,
    /// By spaces, in the older key only.
    OldSpace,
}

impl Entries<'_> {
    pub(super) fn edit_ini(&self, text: &str) -> Option<String> {
        let listed = self.listed();
        let named = self.separator_in_force().is_some();
        let old = self.setting("path_separator").is_none() && self.config.rules.reads_toml();
        let mut ways = Vec::new();
        if (listed.is_some() && !self.separator_is_unread()) || (named && !old) {
            ways.push(Way::Kept);
        }
        if self.separator_is_unread() {
            ways.push(Way::Named);
        }
        if named && old {
            ways.push(Way::Named);
            ways.push(Way::Kept);
        }
        if self.lines_are_unread() {
            ways.push(Way::Newline);
        }
        ways.extend([Way::Os, Way::OldOs, Way::Newline, Way::OldNewline]);
        ways.extend([Way::Space, Way::OldSpace]);
        let edited = ways.into_iter().filter_map(|way| self.by(way, text));
        edited
            .into_iter()
            .find(|text| self.are(self.config.entries_of_ini(text)))
    }

    fn setting(&self, key: &str) -> Option<Setting> {
        self.config.sources.ini_setting(key)
    }

    /// `version_locations`, unless it is empty.
    fn listed(&self) -> Option<Setting> {
        self.setting("version_locations")
            .filter(|setting| !setting.raw.trim().is_empty())
    }

    /// Whether the entries stand on lines of their own, and Alembic does not split there.
    pub(super) fn lines_are_unread(&self) -> bool {
        let listed = self.listed();
        let in_lines = listed.is_some_and(|setting| setting.raw.trim().contains('\n'));
        in_lines && self.separator_in_force().is_none_or(|name| name == "space")
    }

    /// The separator's name, without the comment that old templates have behind it.
    fn separator_in_force(&self) -> Option<String> {
        let new = self
            .setting("path_separator")
            .filter(|_| self.config.rules.reads_toml());
        let setting = new
            .or_else(|| self.setting("version_path_separator"))
            // What its author meant, although this Alembic does not know it.
            .or_else(|| self.setting("path_separator"))?;
        Some(without_comment(&setting.raw).0.to_owned())
    }

    fn by(&self, way: Way, text: &str) -> Option<String> {
        let mut edits = self.repairs(text);
        let kept = self.separator_in_force();
        let (new, old) = match way {
            Way::Kept => (None, None),
            Way::Named if self.separator_is_unread() => (None, kept.as_deref()),
            Way::Named => (kept.as_deref(), None),
            Way::Os => (Some("os"), Some("os")),
            Way::Newline => (Some("newline"), Some("newline")),
            Way::OldOs => (None, Some("os")),
            Way::OldNewline => (None, Some("newline")),
            Way::Space => (Some("space"), Some("space")),
            Way::OldSpace => (None, Some("space")),
        };
        let new = new.filter(|_| self.config.rules.reads_toml());
        // Where the newest Alembic is known to be there, the older key has no reader.
        let needless = new.is_some()
            && self.config.rules.version().is_some()
            && self.setting("version_path_separator").is_none();
        let old = old.filter(|_| !needless);
        let mut lines = Vec::new();
        for (key, value) in [("path_separator", new), ("version_path_separator", old)] {
            let Some(value) = value else { continue };
            match self.own_setting(key) {
                Some(setting) => {
                    edits.retain(|(range, _)| *range != setting.bytes);
                    edits.push((setting.bytes.clone(), repaired(&setting, text, key, value)));
                }
                None => lines.push(format!("{key} = {value}")),
            }
        }
        let separator = match new.or(old) {
            Some(name) => character(name),
            None => kept.as_deref().map_or(' ', character),
        };
        self.entries(text, separator, (way, &mut edits, &mut lines))?;
        if !lines.is_empty() {
            edits.push(self.inserted(text, &lines)?);
        }
        Some(replaced(text, edits))
    }

    /// The setting in the section itself; what `[DEFAULT]` says holds for other sections, too, and stays.
    fn own_setting(&self, key: &str) -> Option<Setting> {
        self.setting(key)
            .filter(|setting| setting.origin == Origin::Section)
    }

    fn entries(
        &self,
        text: &str,
        separator: char,
        (way, edits, lines): (Way, &mut Edits, &mut Vec<String>),
    ) -> Option<()> {
        let value = match self.listed() {
            None => [self.own.as_str(), &self.added].join(&separator.to_string()),
            Some(setting)
                if matches!(way, Way::Kept | Way::Named) && setting.origin == Origin::Section =>
            {
                let at = setting.bytes.clone();
                let there = &text[at.clone()];
                edits.push((at, appended(there, separator, &self.added, line_end(text))));
                return Some(());
            }
            Some(setting) => {
                let kept = self.separator_in_force();
                let there = split(&setting.raw, kept.as_deref());
                let mut entries: Vec<&str> = there.collect();
                entries.push(&self.added);
                entries.join(&separator.to_string())
            }
        };
        let line = in_lines("version_locations", &value, line_end(text));
        match self.own_setting("version_locations") {
            Some(setting) => {
                let there = &text[setting.bytes.clone()];
                let line = format!("{}{line}", comments(there, line_end(text)));
                edits.push((setting.bytes, line));
            }
            None => lines.push(line),
        }
        Some(())
    }

    /// Templates of Alembic 1.8 to 1.13 have a comment behind the separator, which Alembic takes for a part of it.
    fn repairs(&self, text: &str) -> Edits {
        ["path_separator", "version_path_separator"]
            .into_iter()
            .filter_map(|key| Some((key, self.own_setting(key)?)))
            .filter_map(|(key, setting)| {
                let (value, comment) = without_comment(&setting.raw);
                comment?;
                Some((setting.bytes.clone(), repaired(&setting, text, key, value)))
            })
            .collect()
    }

    /// New lines: behind the template's own example, a separator, or `script_location`; else at the section's beginning.
    fn inserted(&self, text: &str, lines: &[String]) -> Option<(Range<usize>, String)> {
        let end = line_end(text);
        let example = self.example(text);
        let keys = [
            "version_path_separator",
            "path_separator",
            "script_location",
        ];
        let behind = || {
            let settings = keys.iter().filter_map(|key| self.own_setting(key));
            settings.map(|setting| setting.bytes.end).max()
        };
        let at = example.or_else(behind).or_else(|| self.header(text))?;
        let at = line_end_at(text, at);
        Some((
            at..at,
            lines.iter().map(|line| format!("{end}{line}")).collect(),
        ))
    }

    /// The end of the template's `# version_locations = …` in this section.
    fn example(&self, text: &str) -> Option<usize> {
        let section = self.section(text)?;
        let start = section.start;
        let mut offset = start;
        let mut found = None;
        for line in text[section].split_inclusive('\n') {
            let comment = line
                .trim_start()
                .trim_start_matches(['#', ';'])
                .trim_start();
            let is_comment = line.trim_start().starts_with(['#', ';']);
            let example = comment
                .strip_prefix("version_locations")
                .is_some_and(|rest| rest.trim_start().starts_with('='));
            if is_comment && example {
                found = Some(offset + line.trim_end().len());
            }
            offset += line.len();
        }
        // Not inside of a value.
        found.filter(|at| {
            let after = text[line_end_at(text, *at)..].trim_start_matches(['\r', '\n']);
            !after.starts_with([' ', '\t'])
        })
    }

    fn header(&self, text: &str) -> Option<usize> {
        let section = self.section(text)?;
        Some(line_end_at(text, section.start))
    }

    /// From the section's header to the next one.
    fn section(&self, text: &str) -> Option<Range<usize>> {
        let header = format!("[{}]", self.config.section);
        let mut offset = 0;
        let mut start = None;
        for line in text.split_inclusive('\n') {
            if let Some(start) = start
                && line.starts_with('[')
            {
                return Some(start..offset);
            }
            if start.is_none() && line.starts_with(&header) {
                start = Some(offset);
            }
            offset += line.len();
        }
        start.map(|start| start..text.len())
    }
}

fn line_end_at(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let line = rest.split('\n').next().unwrap_or_default();
    from + line.trim_end_matches('\r').len()
}

fn character(name: &str) -> char {
    match name {
        "os" => OS,
        "newline" => '\n',
        ":" => ':',
        ";" => ';',
        _ => ' ',
    }
}

fn split<'a>(value: &'a str, separator: Option<&str>) -> impl Iterator<Item = &'a str> {
    let named = separator.map(character).filter(|c| *c != ' ');
    let parts = value.split(move |c: char| match named {
        Some(named) => c == named,
        None => c.is_whitespace() || c == ',',
    });
    parts.map(str::trim).filter(|entry| !entry.is_empty())
}
