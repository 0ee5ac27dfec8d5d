//! Reads an Alembic revision file with a Python parser; runs nothing.
//!
//! Only literals are read. Whatever else decides a value is reported as undecidable, never guessed.

use std::ops::Range;

use super::assigned::Assigned;
use super::parser::{SyntaxError, parse};
use super::upgrade::{docstring, more_than_sql, sql_files};

/// What a revision file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionFile {
    pub id: String,
    /// `down_revision`: none for a base, several for a merge.
    pub down: Vec<String>,
    pub labels: Vec<String>,
    pub depends_on: Vec<String>,
    /// The SQL files that it names, without repeats: `MIGRATION_FILE`, `get_migration_sql("…")`, and any other string that
    /// ends in `.sql`.
    pub sql: Vec<String>,
    /// What `upgrade()` does beside running one SQL text as it is; none if nothing.
    pub more: Option<String>,
    id_at: Range<usize>,
    down_at: Option<Range<usize>>,
    depends_on_at: Option<Range<usize>>,
    labels_at: Option<Range<usize>>,
    docstring_at: Option<Range<usize>>,
}

/// What a revision file is to say of its place.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    pub id: &'a str,
    pub down: Option<&'a str>,
    pub depends_on: &'a [String],
    /// Whether its branch labels stay.
    pub labels: bool,
}

/// A revision file that does not say in literals what has to be known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevisionFileError {
    #[error(transparent)]
    Syntax(SyntaxError),
    #[error("it assigns no `revision`")]
    NoRevision,
    /// Alembic cannot load it for another reason.
    #[error("line {line}: {why}")]
    Stops {
        /// Counted from 1.
        line: usize,
        why: String,
    },
    /// Assigned, but not from a literal, or not exactly once at the top level.
    #[error("line {line}: `{name}` cannot be read without running the file: {why}")]
    Undecidable {
        /// Counted from 1.
        line: usize,
        name: String,
        why: &'static str,
    },
}

impl From<SyntaxError> for RevisionFileError {
    fn from(error: SyntaxError) -> Self {
        match error.bound {
            Some(bound) => Self::Undecidable {
                line: error.line,
                name: "revision".to_owned(),
                why: bound.why(),
            },
            None => Self::Syntax(error),
        }
    }
}

impl RevisionFile {
    pub fn parse(source: &str) -> Result<Self, RevisionFileError> {
        let module = parse(source)?;
        let suite = module.suite();
        let assigned = Assigned::read(source, suite)?;
        Ok(Self {
            id: assigned.id()?,
            down: assigned.strings("down_revision")?,
            labels: assigned.strings("branch_labels")?,
            depends_on: assigned.strings("depends_on")?,
            sql: sql_files(source, suite, &assigned)?,
            more: more_than_sql(suite),
            id_at: assigned.range("revision").unwrap_or_default(),
            down_at: assigned.range("down_revision"),
            depends_on_at: assigned.range("depends_on"),
            labels_at: assigned.range("branch_labels"),
            docstring_at: docstring(suite).map(Into::into),
        })
    }

    /// `source`, the text that this was parsed from, without its docstring.
    pub fn without_docstring(&self, source: &str) -> String {
        let mut text = source.to_owned();
        if let Some(range) = self.docstring_at.clone() {
            text.replace_range(range, "");
        }
        text
    }

    /// `source`, the text that this was parsed from, with another header. A value that is right already keeps its bytes, and
    /// a new one gets the file's own quotes, so that a file that is only renumbered comes out as it was. `depends_on` is added
    /// where the file has none. The result is read back: none is returned if the text does not say what it should, or if `down_revision`
    /// would have to be added.
    pub fn at(&self, source: &str, header: &Header<'_>) -> Option<String> {
        let edits = self.edits(source, header)?;
        let adds = self.depends_on_at.is_none() && self.depends_on != header.depends_on;
        if edits.is_empty() && !adds {
            return Some(source.to_owned());
        }
        if !adds {
            return Some(edited(source, edits)).filter(|text| self.is_at(text, header));
        }
        let line = format!("depends_on = {}", self.dependencies(source, header));
        let last = self.down_at.as_ref().unwrap_or(&self.id_at).end;
        // The statement may go on in the lines below: in brackets, or behind a `\`.
        let mut tried = line_ends(source, last).take(MOST_LINES).map(|end| {
            let line_end = match source[end..].starts_with('\r') {
                true => "\r\n",
                false => "\n",
            };
            let added = (end..end, format!("{line_end}{line}"));
            edited(source, [&edits[..], &[added]].concat())
        });
        tried.find(|text| self.is_at(text, header))
    }

    /// The values that are replaced.
    fn edits(&self, source: &str, header: &Header<'_>) -> Option<Vec<(Range<usize>, String)>> {
        let quote = self.quote(source);
        let quoted = |value: &str| format!("{quote}{value}{quote}");
        let mut edits = Vec::new();
        if self.id != header.id {
            edits.push((self.id_at.clone(), quoted(header.id)));
        }
        if self.down.iter().map(String::as_str).ne(header.down) {
            let value = header.down.map_or("None".to_owned(), quoted);
            edits.push((self.down_at.clone()?, value));
        }
        if self.depends_on != header.depends_on
            && let Some(range) = self.depends_on_at.clone()
        {
            // One value for two names cannot be changed for one.
            if [&self.down_at, &self.labels_at].contains(&&self.depends_on_at) {
                return None;
            }
            edits.push((range, self.dependencies(source, header)));
        }
        if !header.labels && !self.labels.is_empty() {
            edits.push((self.labels_at.clone()?, "None".to_owned()));
        }
        Some(edits)
    }

    fn quote(&self, source: &str) -> char {
        match source[self.id_at.clone()].contains('\'') {
            true => '\'',
            false => '"',
        }
    }

    /// The value of `depends_on`.
    fn dependencies(&self, source: &str, header: &Header<'_>) -> String {
        let quote = self.quote(source);
        let all: Vec<String> = header
            .depends_on
            .iter()
            .map(|id| format!("{quote}{id}{quote}"))
            .collect();
        match &all[..] {
            [] => "None".to_owned(),
            [one] => one.clone(),
            several => format!("({})", several.join(", ")),
        }
    }

    /// Whether an edited text says what the header does, and beside it what this file says.
    fn is_at(&self, text: &str, header: &Header<'_>) -> bool {
        let labels: &[String] = if header.labels { &self.labels } else { &[] };
        Self::parse(text).is_ok_and(|file| {
            file.id == header.id
                && file.down.iter().map(String::as_str).eq(header.down)
                && file.depends_on == header.depends_on
                && file.labels == labels
                && file.sql == self.sql
        })
    }
}

/// Behind so many lines the place for `depends_on` is looked for. An assignment has one, or three in brackets.
const MOST_LINES: usize = 12;

/// The ends of the lines from this place on, without their line ends.
fn line_ends(source: &str, from: usize) -> impl Iterator<Item = usize> {
    let ends = source[from..].match_indices('\n');
    let ends = ends.map(move |(at, _)| from + at).chain([source.len()]);
    ends.map(|end| end - usize::from(source[..end].ends_with('\r')))
}

/// With each range replaced.
fn edited(source: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = source.to_owned();
    for (range, value) in edits {
        text.replace_range(range, &value);
    }
    text
}

#[cfg(test)]
mod tests;
