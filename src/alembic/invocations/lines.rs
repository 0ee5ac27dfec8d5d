//! Lines as they are meant: without comments and labels, and put together where one command spans several.

mod printed;
mod yaml;

use super::kind::Kind;
use super::words::At;

/// What is meant as one line.
#[derive(Debug, Clone)]
struct Logical {
    text: Vec<At>,
    /// Blanks before the first character.
    indent: usize,
}

impl Logical {
    fn new(number: usize, text: &str) -> Self {
        Self {
            text: text.chars().map(|character| (character, number)).collect(),
            indent: text.len() - text.trim_start().len(),
        }
    }

    fn append(&mut self, other: &[At]) {
        let line = other.first().map_or(0, |&(_, line)| line);
        self.text.push((' ', line));
        self.text.extend(other);
    }

    /// Without the blanks around it.
    fn string(&self) -> String {
        let text: String = self.text.iter().map(|&(character, _)| character).collect();
        text.trim().to_owned()
    }
}

/// An array that is still open after so many lines is none.
const LONGEST_ARRAY: usize = 100;

/// The lines that run something.
pub(super) fn logical(kind: Kind, text: &str) -> Vec<Vec<At>> {
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
fn continued(kind: Kind, text: &str) -> Vec<Logical> {
    let mut lines: Vec<Logical> = Vec::new();
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
            Kind::Toml => Logical::new(at + 1, &with_parted_key(plain)),
            _ => Logical::new(at + 1, plain),
        };
        match lines.last_mut() {
            Some(last) if goes_on => last.append(&line.text),
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
fn arrays(lines: Vec<Logical>) -> Vec<Logical> {
    let mut joined: Vec<Logical> = Vec::new();
    let mut open = 0usize;
    for line in lines {
        match joined.last_mut() {
            Some(last) if (1..LONGEST_ARRAY).contains(&open) => {
                last.append(&line.text);
                let last = last.string();
                open = if is_open(&last) { open + 1 } else { 0 };
            }
            _ => {
                open = usize::from(is_open(&line.string()));
                joined.push(line);
            }
        }
    }
    joined
}

/// More brackets begin than end, and the text does end as if more was to come.
fn is_open(text: &str) -> bool {
    let mut depth = 0i32;
    let mut quote = None;
    for character in text.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '[') => depth += 1,
            (None, ']') => depth -= 1,
            // A list of objects holds lines of its own.
            (None, '{') if depth > 0 => return false,
            _ => {}
        }
    }
    let is_array = text.contains("=[") || text.contains("= [") || text.contains(": [");
    depth > 0 && (text.ends_with('[') || text.ends_with(',') || is_array)
}

/// `name: Run alembic upgrade head` runs nothing.
fn is_label(kind: Kind, line: &Logical) -> bool {
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
    of_image || key(kind, line).is_some_and(|key| LABELS.contains(&key.as_str()))
}

/// What stands before the `:` or `=`, in small letters; none where lines have no keys.
fn key(kind: Kind, line: &Logical) -> Option<String> {
    let separator = match kind {
        Kind::Yaml | Kind::Json => ':',
        Kind::Toml | Kind::Hcl => '=',
        Kind::Script | Kind::Shell | Kind::Groovy | Kind::Python => return None,
    };
    let text = line.string();
    let text = text.trim_start_matches(['-', ' ', '{']);
    let key = text.split(separator).next().unwrap_or_default();
    Some(key.trim().trim_matches(['"', '\'']).to_ascii_lowercase())
}

/// `args` right behind a `command`, as one line.
fn with_arguments(kind: Kind, lines: Vec<Logical>) -> Vec<Logical> {
    let mut joined: Vec<Logical> = Vec::new();
    for line in lines {
        let is = |line: &Logical, name| key(kind, line).is_some_and(|key| key == name);
        let value = line.text.iter().position(|(c, _)| matches!(c, ':' | '='));
        match (joined.last_mut(), value) {
            (Some(command), Some(at)) if is(command, "command") && is(&line, "args") => {
                command.append(&line.text[at + 1..]);
            }
            _ => joined.push(line),
        }
    }
    joined
}

/// `ExecStart=-/usr/bin/env alembic …` as `ExecStart= /usr/bin/env alembic …`: what systemd puts before a program is none of it.
fn with_parted_key(line: &str) -> String {
    let is_key = |key: &str| {
        key.chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    };
    match line.split_once('=') {
        Some((key, value)) if is_key(key) => {
            format!(
                "{key}= {}",
                value.trim_start_matches(['-', '@', ':', '+', '!'])
            )
        }
        _ => line.to_owned(),
    }
}
