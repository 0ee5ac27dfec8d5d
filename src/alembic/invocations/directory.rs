//! The directory in which a command runs, as far as its file says.

use camino::Utf8Path;

use super::commands::{bare, prints};
use super::words::Word;

/// What the command makes the working directory: none if it changes none, `Some(None)` if it is not plain which one.
pub(super) fn entered(command: &[Word]) -> Option<Option<String>> {
    let is_cd = |word: &Word| matches!(bare(&word.text), "cd" | "pushd" | "popd");
    // A label, a key or a shell's keyword may stand before it.
    let at = command.iter().take(3).position(is_cd)?;
    if prints(&command[..at]) {
        return None;
    }
    let mut arguments = command[at + 1..].iter().map(|word| word.text.as_str());
    let directory = arguments.find(|word| !matches!(*word, "-P" | "-L" | "--"));
    Some(directory.and_then(plain))
}

/// The directory that the wrapper around a program is told: `uv --directory app run …`, `poetry -C app run …`, `env --chdir=app …`.
pub(super) fn option(before: &[Word]) -> Option<String> {
    let mut words = before.iter().map(|word| word.text.as_str());
    while let Some(word) = words.next() {
        let glued = ["--directory=", "--chdir="];
        let value = match word {
            "-C" | "--directory" | "--chdir" => words.next(),
            _ => glued.iter().find_map(|option| word.strip_prefix(option)),
        };
        if let Some(value) = value {
            return plain(value);
        }
    }
    None
}

/// As long as a path may be on Linux, in bytes.
const LONGEST: usize = 4_096;

/// `inner` as it is seen from where `outer` is.
pub(super) fn joined(outer: Option<&str>, inner: Option<String>) -> Option<String> {
    match (outer, inner) {
        (Some(outer), Some(inner)) => {
            let joined = Utf8Path::new(outer).join(inner).into_string();
            Some(joined).filter(|path| path.len() <= LONGEST)
        }
        (outer, inner) => inner.or(outer.map(str::to_owned)),
    }
}

/// A path without what is only known when the command runs. A variable in front is taken for the root of the checkout:
/// `$ROOT/app`, `${{ github.workspace }}/app`.
fn plain(path: &str) -> Option<String> {
    let behind = match path.rsplit_once("}}/") {
        Some((_, behind)) => behind,
        None if path.starts_with('$') => path.split_once('/')?.1,
        None => path,
    };
    let is_open = behind.contains(['$', '`', '{', '*', '?', '(', ')', '~']) || behind == "-";
    (!is_open).then(|| behind.to_owned())
}

/// Keys by which GitHub, CircleCI, Azure and Task name the directory of a step.
const KEYS: [&str; 4] = [
    "working-directory",
    "working_directory",
    "workingDirectory",
    "dir",
];

/// A line of YAML that holds something.
pub(super) struct Line<'a> {
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

    fn directory(&self) -> Option<&'a str> {
        self.text_of(&KEYS)
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

/// The directory that YAML's keys around a line name; those of the innermost mapping count. With `is_image`, what Compose builds the
/// image of is such a directory, too.
pub(super) fn in_yaml(lines: &[Line<'_>], line: usize, is_image: bool) -> Option<String> {
    let at = lines.binary_search_by_key(&line, |read| read.number);
    let mut at = at.ok()?;
    loop {
        let indent = lines[at].indent;
        let inside = |read: &&Line| read.indent >= indent;
        // From the beginning of the mapping to its end.
        let above = lines[..at].iter().rev().take_while(inside);
        let begin = above
            .clone()
            .position(|read| read.indent == indent && read.is_entry);
        let above = match (lines[at].is_entry, begin) {
            (true, _) => 0,
            (false, Some(begin)) => begin + 1,
            (false, None) => above.count(),
        };
        let below = lines[at + 1..].iter().take_while(inside);
        let below = below.take_while(|read| read.indent > indent || !read.is_entry);
        let mapping = &lines[at - above..=at + below.count()];
        let own = |read: &&Line| read.indent == indent;
        if let Some(directory) = mapping.iter().filter(own).find_map(Line::directory) {
            return plain(directory);
        }
        let below = |key| {
            let lines = mapping.iter();
            let lines = lines.skip_while(move |line| !own(line) || line.value(key).is_none());
            lines.skip(1).take_while(move |line| !own(line))
        };
        // GitHub's defaults of a job, and of all jobs.
        if let Some(directory) = below("defaults").find_map(Line::directory) {
            return plain(directory);
        }
        if is_image {
            let first = below("build").next().map(|line| line.indent);
            let mut of_build = below("build").filter(|line| Some(line.indent) == first);
            let whole = mapping
                .iter()
                .filter(own)
                .find_map(|line| line.text_of(&["build"]));
            let context = || of_build.find_map(|line| line.text_of(&["context"]));
            if let Some(directory) = whole.or_else(context) {
                return plain(directory);
            }
        }
        at = lines[..at - above]
            .iter()
            .rposition(|read| read.indent < indent)?;
    }
}

/// The lines of a text that hold something.
pub(super) fn yaml_lines(text: &str) -> Vec<Line<'_>> {
    text.lines().enumerate().filter_map(read).collect()
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
