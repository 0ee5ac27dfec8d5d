//! Lines as they are meant: without comments and labels, and put together where one command spans several.

mod printed;
mod yaml;

use std::borrow::Cow;

use super::kind::Kind;
use super::words::Lined;
use crate::effort;

/// What is meant as one line.
#[derive(Debug, Clone)]
struct Logical<'a> {
    text: Lined<'a>,
    /// Blanks before the first character.
    indent: usize,
}

impl<'a> Logical<'a> {
    fn new(number: usize, text: impl Into<Cow<'a, str>>) -> Self {
        let text = Lined::new(number, text);
        Self {
            indent: text.text.len() - text.text.trim_start().len(),
            text,
        }
    }

    /// Adds what of another line is behind `from`.
    fn append(&mut self, other: &Self, from: usize) {
        self.text.append(&other.text, from);
    }

    /// Without the blanks around it.
    fn string(&self) -> &str {
        self.text.text.trim()
    }
}

/// An array that is still open after so many lines is none.
const LONGEST_ARRAY: usize = 100;

/// The lines that run something.
pub(super) fn logical(kind: Kind, text: &str) -> Vec<Lined<'_>> {
    let mut lines = continued(kind, text);
    if matches!(kind, Kind::Yaml | Kind::Toml | Kind::Json | Kind::Hcl) {
        lines = arrays(lines);
    }
    if kind == Kind::Json {
        lines = lines.iter().flat_map(printed::members).collect();
    }
    lines = match kind {
        Kind::Yaml => yaml::lists(yaml::folded(lines)),
        Kind::Toml | Kind::Json | Kind::Hcl => with_arguments(kind, lines),
        Kind::Script | Kind::Shell | Kind::Groovy | Kind::Python => lines,
    };
    let runs = lines.into_iter().filter(|line| !is_label(kind, line));
    runs.map(|line| line.text).collect()
}

/// Lines without comments, those that end in a backslash put together with the next.
fn continued(kind: Kind, text: &str) -> Vec<Logical<'_>> {
    let mut lines: Vec<Logical<'_>> = Vec::new();
    let mut goes_on = false;
    // The line that ends a document which is only shown.
    let mut end: Option<&str> = None;
    for (at, raw) in text.lines().enumerate() {
        if end.is_some() {
            end = end.filter(|end| raw.trim() != *end);
            continue;
        }
        // A comment between the parts of a line does not end it.
        let Some(plain) = without_comment(kind, raw) else {
            continue;
        };
        if kind == Kind::Script {
            end = printed::document(plain);
        }
        let more = plain.strip_suffix('\\').filter(|_| kind != Kind::Json);
        let plain = more.unwrap_or(plain);
        let line = match kind {
            Kind::Groovy => Logical::new(at + 1, without_title(plain)),
            Kind::Toml => Logical::new(at + 1, with_parted_key(plain)),
            _ => Logical::new(at + 1, plain),
        };
        match lines.last_mut() {
            Some(last) if goes_on => last.append(&line, 0),
            _ => lines.push(line),
        }
        goes_on = more.is_some();
    }
    lines
}

/// None if there is nothing but a comment.
fn without_comment(kind: Kind, line: &str) -> Option<&str> {
    let start = line.trim_start();
    let whole: &[&str] = match kind {
        Kind::Json => &["//"],
        Kind::Groovy => &["//", "/*", "* ", "#!"],
        Kind::Toml => &["#", ";"],
        Kind::Hcl => &["#", "//", "/*", "* "],
        _ => &["#"],
    };
    if whole.iter().any(|sign| start.starts_with(sign)) {
        return None;
    }
    let signs: &[&str] = match kind {
        Kind::Json => return Some(line.trim_end()),
        Kind::Groovy => &["//"],
        Kind::Hcl => &["#", "//"],
        _ => &["#"],
    };
    let mut quote = None;
    let mut blank = true;
    for (at, character) in line.char_indices() {
        match quote {
            Some(open) if open == character => quote = None,
            Some(_) => {}
            None if blank && signs.iter().any(|sign| line[at..].starts_with(sign)) => {
                return Some(line[..at].trim_end());
            }
            // A quote that is not closed is an apostrophe.
            None if matches!(character, '"' | '\'') => {
                quote = Some(character).filter(|open| line[at + 1..].contains(*open));
            }
            None => {}
        }
        blank = character.is_whitespace();
    }
    Some(line.trim_end())
}

/// Groovy's `stage('title') { … }` and `println('text')`, without what is in the parentheses.
fn without_title(line: &str) -> &str {
    let start = line.trim_start();
    let titled = ["stage", "println", "echo"].iter().any(|name| {
        let rest = start.strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start().starts_with('('))
    });
    match start.find(')') {
        Some(end) if titled => &start[end + 1..],
        _ => line,
    }
}

/// Arrays that span several lines.
fn arrays(lines: Vec<Logical<'_>>) -> Vec<Logical<'_>> {
    let mut joined: Vec<Logical> = Vec::new();
    let mut brackets = Brackets::default();
    let mut open = 0usize;
    for line in lines {
        match joined.last_mut() {
            Some(last) if (1..LONGEST_ARRAY).contains(&open) => {
                last.append(&line, 0);
                brackets.take(" ");
                brackets.take(&line.text.text);
                open = if brackets.is_open() { open + 1 } else { 0 };
            }
            _ => {
                brackets = Brackets::default();
                brackets.take(&line.text.text);
                open = usize::from(brackets.is_open());
                joined.push(line);
            }
        }
    }
    joined
}

/// The brackets of a text that goes on.
#[derive(Default)]
struct Brackets {
    depth: i32,
    quote: Option<u8>,
    /// A list of objects holds lines of its own.
    has_object: bool,
    /// `=[`, `= [` or `: [`
    is_array: bool,
    /// The last two bytes, and the last that is no blank.
    last: [u8; 2],
    end: u8,
}

impl Brackets {
    fn take(&mut self, text: &str) {
        effort::count(text.len());
        for byte in text.bytes() {
            match (self.quote, byte) {
                (Some(open), _) if open == byte => self.quote = None,
                (None, b'"' | b'\'') => self.quote = Some(byte),
                (None, b'[') => self.depth += 1,
                (None, b']') => self.depth -= 1,
                (None, b'{') => self.has_object |= self.depth > 0,
                _ => {}
            }
            self.is_array |= byte == b'[' && matches!(self.last, [_, b'='] | [b'=' | b':', b' ']);
            self.last = [self.last[1], byte];
        }
        if let Some(end) = text.trim_end().bytes().last() {
            self.end = end;
        }
    }

    /// More brackets begin than end, and the text does end as if more was to come.
    fn is_open(&self) -> bool {
        let goes_on = matches!(self.end, b'[' | b',') || self.is_array;
        !self.has_object && self.depth > 0 && goes_on
    }
}

/// `name: Run alembic upgrade head` runs nothing.
fn is_label(kind: Kind, line: &Logical<'_>) -> bool {
    const LABELS: [&str; 12] = [
        "name",
        "title",
        "summary",
        "description",
        "desc",
        "displayname",
        "help",
        "label",
        "message",
        "comment",
        "details",
        "detail",
    ];
    let of_image = kind == Kind::Shell && line.string().starts_with("LABEL ");
    of_image || has_key(kind, line, &LABELS)
}

/// What stands before the `:` or `=`, and whether there is one; all where lines have no keys.
fn before_value(kind: Kind, text: &str) -> (&str, bool) {
    let parts = match kind {
        Kind::Yaml | Kind::Json => text.split_once(':'),
        Kind::Toml | Kind::Hcl => text.split_once('='),
        Kind::Script | Kind::Shell | Kind::Groovy | Kind::Python => None,
    };
    parts.map_or((text, false), |(key, _)| (key, true))
}

/// Whether what stands before the `:` or `=` is one of these names, in whatever letters.
fn has_key(kind: Kind, line: &Logical<'_>, names: &[&str]) -> bool {
    let has_keys = matches!(kind, Kind::Yaml | Kind::Json | Kind::Toml | Kind::Hcl);
    let text = line.string().trim_start_matches(['-', ' ', '{']);
    let (key, _) = before_value(kind, text);
    effort::count(key.len());
    let key = key.trim().trim_matches(['"', '\'']);
    has_keys && names.iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// `args` right behind a `command`, as one line.
fn with_arguments(kind: Kind, lines: Vec<Logical<'_>>) -> Vec<Logical<'_>> {
    let mut joined: Vec<Logical> = Vec::new();
    // Whether the last line is a command, and whether its key has ended.
    let mut command: Option<bool> = None;
    for line in lines {
        let value = line.text.text.find([':', '=']);
        match (joined.last_mut(), command, value) {
            (Some(last), Some(has_value), Some(at)) if has_key(kind, &line, &["args"]) => {
                let (key, has_separator) = before_value(kind, &line.text.text[at + 1..]);
                let is_command = has_value || key.trim().is_empty();
                command = is_command.then_some(has_value || has_separator);
                last.append(&line, at + 1);
            }
            _ => {
                let (_, has_separator) = before_value(kind, &line.text.text);
                command = has_key(kind, &line, &["command"]).then_some(has_separator);
                joined.push(line);
            }
        }
    }
    joined
}

/// `ExecStart=-/usr/bin/env alembic …` as `ExecStart= /usr/bin/env alembic …`: what systemd puts before a program is none of it.
fn with_parted_key(line: &str) -> Cow<'_, str> {
    let is_key = |key: &str| {
        key.chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    };
    match line.split_once('=') {
        Some((key, value)) if is_key(key) => {
            let value = value.trim_start_matches(['-', '@', ':', '+', '!']);
            Cow::Owned(format!("{key}= {value}"))
        }
        _ => Cow::Borrowed(line),
    }
}
