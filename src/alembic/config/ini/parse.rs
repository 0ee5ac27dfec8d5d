//! `RawConfigParser._read`, line by line.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::{DEFAULT, Entry, Fault, Ini, IniError, Section};

#[derive(Default)]
struct Parser {
    sections: Vec<Section>,
    /// Where each section is, by its name.
    known: HashMap<String, usize>,
    /// The index of the current section; none before the first header.
    current: Option<usize>,
    key: Option<String>,
    indent: usize,
    first_error: Option<IniError>,
}

pub(super) fn read(text: &str) -> Result<Ini, IniError> {
    let mut parser = Parser {
        sections: vec![section(DEFAULT, 0)],
        known: HashMap::from([(DEFAULT.to_owned(), 0)]),
        ..Parser::default()
    };
    let mut offset = 0;
    for (index, line) in text_lines(text).enumerate() {
        let at = offset..offset + line.len();
        offset += line.len();
        parser.line(index + 1, at, line)?;
    }
    if let Some(error) = parser.first_error {
        return Err(error);
    }
    let mut sections = parser.sections;
    for section in &mut sections {
        for entry in section.settings.values_mut() {
            entry.raw.truncate(trim_end(&entry.raw).len());
        }
    }
    Ok(Ini { sections })
}

impl Parser {
    fn line(&mut self, number: usize, at: Range<usize>, line: &str) -> Result<(), IniError> {
        let value = trim(line);
        if value.is_empty() {
            // An empty line inside a value is part of it, if more of the value follows.
            if let Some(entry) = self.open_entry() {
                entry.raw.push('\n');
            }
            return Ok(());
        }
        if value.starts_with(['#', ';']) {
            return Ok(());
        }
        let indent = line.chars().take_while(|c| is_space(*c)).count();
        let end = at.start + trim_end(line).len();
        if indent > self.indent
            && let Some(entry) = self.open_entry()
        {
            entry.raw.push('\n');
            entry.raw.push_str(value);
            entry.bytes.end = end;
            return Ok(());
        }
        self.indent = indent;
        let start = at.start + line.len() - line.trim_start_matches(is_space).len();
        self.header_or_setting(number, start..end, value)
    }

    fn header_or_setting(
        &mut self,
        line: usize,
        bytes: Range<usize>,
        value: &str,
    ) -> Result<(), IniError> {
        let fatal = |fault| Err(IniError { line, fault });
        if let Some(name) = header(value) {
            self.key = None;
            return match self.begin(name, line) {
                Some(first) => fatal(Fault::SectionTwice {
                    name: name.to_owned(),
                    first,
                }),
                None => Ok(()),
            };
        }
        let Some(current) = self.current else {
            return fatal(if line == 1 && value.starts_with('\u{feff}') {
                Fault::ByteOrderMark
            } else {
                Fault::NoSection(value.to_owned())
            });
        };
        let Some((key, text)) = value.split_once(['=', ':']) else {
            self.not_a_setting(line, value);
            return Ok(());
        };
        let key = trim_end(key).to_lowercase();
        if key.is_empty() {
            self.not_a_setting(line, value);
        }
        let entry = Entry {
            raw: trim(text).to_owned(),
            line,
            bytes,
        };
        self.key = Some(key.clone());
        let settings = &mut self.sections[current].settings;
        match settings.get(&key).map(|entry| entry.line) {
            Some(first) => fatal(Fault::KeyTwice { key, first }),
            None => {
                settings.insert(key, entry);
                Ok(())
            }
        }
    }

    /// Begins a section, or returns the line in which it began already. `DEFAULT` may begin again.
    fn begin(&mut self, name: &str, line: usize) -> Option<usize> {
        let known = self.known.get(name).copied();
        if let Some(index) = known.filter(|index| *index > 0) {
            return Some(self.sections[index].line);
        }
        if known.is_none() {
            self.known.insert(name.to_owned(), self.sections.len());
            self.sections.push(section(name, line));
        }
        self.current = Some(known.unwrap_or(self.sections.len() - 1));
        None
    }

    /// Python reads on after such a line, so that a graver fault further down comes first.
    fn not_a_setting(&mut self, line: usize, value: &str) {
        self.first_error.get_or_insert(IniError {
            line,
            fault: Fault::Neither(value.to_owned()),
        });
    }

    /// The setting that an indented line continues.
    fn open_entry(&mut self) -> Option<&mut Entry> {
        let key = self.key.as_deref().filter(|key| !key.is_empty())?;
        self.sections[self.current?].settings.get_mut(key)
    }
}

fn section(name: &str, line: usize) -> Section {
    Section {
        name: name.to_owned(),
        line,
        settings: BTreeMap::new(),
    }
}

/// `\[(.+)\]` at the beginning, as greedy as Python's: `[a] # [b]` is one name.
fn header(value: &str) -> Option<&str> {
    let rest = value.strip_prefix('[')?;
    let end = rest.rfind(']').filter(|end| *end > 0)?;
    Some(&rest[..end])
}

/// Lines with their ends, which are `\n`, `\r\n` and `\r` for a file that Python opens as text.
fn text_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = match rest.find(['\n', '\r']) {
            None => rest.len(),
            Some(at) if rest[at..].starts_with("\r\n") => at + 2,
            Some(at) => at + 1,
        };
        let (line, after) = rest.split_at(end);
        rest = after;
        Some(line)
    })
}

/// What `str.strip` takes away.
pub(in super::super) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

/// `str.isspace`: Unicode's white space, and four separators of ASCII's.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}
