//! The mappings of a YAML file, and the directories that their keys name.

use super::directory::{Directory, plain};
use crate::effort;

/// Keys by which GitHub, CircleCI, Azure and Task name the directory of a step.
const KEYS: [&str; 4] = [
    "working-directory",
    "working_directory",
    "workingDirectory",
    "dir",
];

/// The mappings, each by what its own keys say.
pub(super) struct Mappings<'a> {
    all: Vec<Mapping<'a>>,
    /// Each line that holds something, with its innermost mapping.
    lines: Vec<(usize, usize)>,
}

#[derive(Default)]
struct Mapping<'a> {
    /// Where its keys begin.
    indent: usize,
    around: Option<usize>,
    directory: Option<&'a str>,
    /// GitHub's defaults of a job, and of all jobs.
    defaults: Block<'a>,
    /// What Compose builds the image of.
    build: Option<&'a str>,
    context: Block<'a>,
}

/// What is said below a key.
#[derive(Default)]
struct Block<'a> {
    is_open: bool,
    has_begun: bool,
    /// How far its first line is indented.
    indent: Option<usize>,
    says: Option<&'a str>,
}

impl<'a> Block<'a> {
    /// A line of the mapping itself: it opens the block or closes it.
    fn own(&mut self, line: &Line<'_>, key: &str) {
        self.is_open = !self.has_begun && line.value(key).is_some();
        self.has_begun |= self.is_open;
    }

    fn below(&mut self, line: &Line<'a>, keys: &[&str], first_only: bool) {
        if !self.is_open || self.says.is_some() {
            return;
        }
        let first = *self.indent.get_or_insert(line.indent);
        if !first_only || line.indent == first {
            self.says = line.text_of(keys);
        }
    }
}

impl<'a> Mappings<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut mappings = Self {
            all: Vec::new(),
            lines: Vec::new(),
        };
        // Those that the line is inside of, each further in than the one before.
        let mut open: Vec<usize> = Vec::new();
        for line in text.lines().enumerate().filter_map(read) {
            let all = &mut mappings.all;
            let ends = |mapping: &Mapping| {
                mapping.indent > line.indent || (mapping.indent == line.indent && line.is_entry)
            };
            while open.last().is_some_and(|last| ends(&all[*last])) {
                open.pop();
            }
            let around = open.last().copied();
            let own = match around.filter(|last| all[*last].indent == line.indent) {
                Some(own) => own,
                None => {
                    all.push(Mapping {
                        indent: line.indent,
                        around,
                        ..Mapping::default()
                    });
                    open.push(all.len() - 1);
                    all.len() - 1
                }
            };
            for outer in open.iter().take_while(|outer| **outer != own) {
                effort::count(1);
                all[*outer].defaults.below(&line, &KEYS, false);
                all[*outer].context.below(&line, &["context"], true);
            }
            all[own].own(&line);
            mappings.lines.push((line.number, own));
        }
        mappings
    }

    /// The directory that the keys around a line name; those of the innermost mapping count. With `is_image`, what Compose builds the
    /// image of is such a directory, too.
    pub(super) fn directory(&self, line: usize, is_image: bool) -> Directory {
        let at = self
            .lines
            .binary_search_by_key(&line, |(number, _)| *number);
        let mut at = Some(self.lines[at.ok()?].1);
        while let Some(mapping) = at.map(|at| &self.all[at]) {
            effort::count(1);
            let of_image = mapping.build.or(mapping.context.says).filter(|_| is_image);
            let says = mapping.directory.or(mapping.defaults.says).or(of_image);
            if let Some(directory) = says {
                return plain(directory);
            }
            at = mapping.around;
        }
        None
    }
}

impl<'a> Mapping<'a> {
    fn own(&mut self, line: &Line<'a>) {
        self.directory = self.directory.or_else(|| line.text_of(&KEYS));
        self.build = self.build.or_else(|| line.text_of(&["build"]));
        self.defaults.own(line, "defaults");
        self.context.own(line, "build");
    }
}

/// A line of YAML that holds something.
struct Line<'a> {
    number: usize,
    /// Where its key begins, behind the dash of an entry.
    indent: usize,
    is_entry: bool,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn value(&self, key: &str) -> Option<&'a str> {
        self.text.strip_prefix(key)?.strip_prefix(':')
    }

    fn text_of(&self, keys: &[&str]) -> Option<&'a str> {
        let value = keys.iter().find_map(|key| self.value(key))?.trim();
        let quoted = ['"', '\''].iter().find_map(|quote| {
            let inside = value.strip_prefix(*quote)?;
            inside.split(*quote).next()
        });
        let text = quoted.or(value.split(" #").next()).map(str::trim);
        text.filter(|text| !text.is_empty())
    }
}

fn read((at, line): (usize, &str)) -> Option<Line<'_>> {
    let text = line.trim_start();
    let entry = text.strip_prefix("- ").map(str::trim_start);
    let text = entry.unwrap_or(text);
    (!text.is_empty() && !text.starts_with('#')).then(|| Line {
        number: at + 1,
        indent: line.len() - text.len(),
        is_entry: entry.is_some(),
        text,
    })
}
