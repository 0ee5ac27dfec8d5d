//! The edit by which a revision of the project's own no longer makes Procrastinate's schema.

use camino::Utf8Path;

use super::{Body, Files, OwnRevision, Part, Span, Verdict};
use crate::python_source::{Header, RevisionFile};

/// What cannot be taken out without a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Counted from 1: the first and the last.
    pub lines: (usize, usize),
    pub why: &'static str,
}

const MIXED: &str =
    "does something else, too: remove what makes Procrastinate's objects, and keep the rest";
const SHARED: &str = "shares a line with another statement: put it on a separate line";
const BEFORE: &str = "prepares the schema in which the tables are made, but the vendored revisions would run before it: \
                      move it into the revision before this one, so that it runs first on a fresh database (`IF NOT \
                      EXISTS` keeps it harmless on the others)";
const LEAVES: &str = "may end the function, so that the lines after it would not run on a fresh database, where the tables \
                      already exist: remove it, or put the lines after it into a separate revision";
const BOUND: &str = "uses names that the removed statements bind";
const DROPS: &str = "may drop what belongs to the vendored revisions";
const NO_UPGRADE: &str = "has no plain `def upgrade()` of its own";
const UNPROVEN: &str = "still makes, changes or drops Procrastinate's objects after the edit";

/// What is edited.
pub struct Edit<'a> {
    pub source: &'a str,
    /// Relative to the project's root.
    pub path: &'a Utf8Path,
    pub files: &'a Files<'a>,
    pub own: &'a OwnRevision,
    /// Whether the vendored revisions have a schema of their own, whatever the search path is.
    pub pinned: bool,
}

/// The file with a new header, without the statements that make, change or drop Procrastinate's objects. What it does else
/// stays, and so does every other byte.
pub fn edited(edit: &Edit<'_>, header: &Header<'_>) -> Result<String, Vec<Stuck>> {
    let Edit {
        source,
        path,
        files,
        own,
        ..
    } = edit;
    if own.upgrade.is_none() {
        let lines = (1, source.lines().count().max(1));
        return Err(vec![Stuck {
            lines,
            why: NO_UPGRADE,
        }]);
    }
    let mut stuck = Vec::new();
    let mut cuts: Vec<(Span, &str)> = Vec::new();
    for (body, is_upgrade) in [(&own.upgrade, true), (&own.downgrade, false)] {
        let Some(body) = body else { continue };
        match cut(edit, body, is_upgrade) {
            Ok(found) => cuts.extend(found),
            Err(found) => stuck.extend(found),
        }
    }
    if !stuck.is_empty() {
        return Err(stuck);
    }
    cuts.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = (*source).to_owned();
    for (span, new) in cuts {
        text.replace_range(span, new);
    }
    let whole = (1, source.lines().count().max(1));
    let unproven = || {
        vec![Stuck {
            lines: whole,
            why: UNPROVEN,
        }]
    };
    let file = RevisionFile::parse(&text).map_err(|_| unproven())?;
    let labels = file.labels.clone();
    let text = file.at(&text, header).ok_or_else(unproven)?;
    // Read back: it says what it should, and has no sign left.
    let after = OwnRevision::read(&text, path, files).map_err(|_| unproven())?;
    let file = RevisionFile::parse(&text).map_err(|_| unproven())?;
    let says = file.id == header.id
        && file.down.iter().map(String::as_str).eq(header.down)
        && file.depends_on == header.depends_on
        && file.labels == labels;
    match says && after.signs().is_empty() {
        true => Ok(text),
        false => Err(unproven()),
    }
}

/// What is replaced in a function, and by what.
fn cut<'a>(
    edit: &Edit<'_>,
    body: &Body,
    is_upgrade: bool,
) -> Result<Vec<(Span, &'a str)>, Vec<Stuck>> {
    let (source, parts) = (edit.source, &body.parts);
    let text = |part: &Part| &source[part.span.clone()];
    let stuck = obstacles(edit, parts, is_upgrade);
    if !stuck.is_empty() {
        return Err(stuck);
    }
    let mut makes = parts.iter().filter(is(Verdict::Procrastinates)).peekable();
    if makes.peek().is_none() {
        return Ok(Vec::new());
    }
    if !parts.iter().any(|part| part.verdict == Verdict::Other) {
        let code = parts.iter().skip_while(|part| is_string(text(part)));
        let spans: Vec<&Span> = code.map(|part| &part.span).collect();
        let start = spans.first().map_or(0, |span| span.start);
        let end = spans.last().map_or(0, |span| span.end);
        return Ok(vec![(start..end, "pass")]);
    }
    let lines = makes.map(|part| {
        let span = whole_lines(source, &part.span);
        span.map(|span| (span, ""))
            .ok_or_else(|| vec![stuck_at(part, SHARED)])
    });
    lines.collect()
}

/// What a person has to look at first.
fn obstacles(edit: &Edit<'_>, parts: &[Part], is_upgrade: bool) -> Vec<Stuck> {
    let text = |part: &Part| &edit.source[part.span.clone()];
    let all = |which: &dyn Fn(usize, &Part) -> bool, why| {
        let found = parts
            .iter()
            .enumerate()
            .filter(|(place, part)| which(*place, part));
        found
            .map(|(_, part)| stuck_at(part, why))
            .collect::<Vec<Stuck>>()
    };
    let mixed = all(&|_, part| part.verdict == Verdict::Mixed, MIXED);
    if !mixed.is_empty() {
        return mixed;
    }
    let is_other = |part: &Part| part.verdict == Verdict::Other;
    // A schema is dropped with all that is in it; and a loop over all tables finds Procrastinate's.
    let drops = |_: usize, part: &Part| {
        let own = text(part).to_ascii_uppercase();
        let says =
            |word: &str| own.contains(word) || part.texts.iter().any(|text| text.contains(word));
        let words = ["DROP SCHEMA", "DROPSCHEMA", "PROCRASTINATE"];
        is_other(part) && (part.open || words.iter().any(|word| says(word)))
    };
    if !is_upgrade {
        let drops = all(&drops, DROPS);
        if !drops.is_empty() {
            return drops;
        }
    }
    let first = parts
        .iter()
        .position(|part| part.verdict == Verdict::Procrastinates);
    let Some(first) = first.filter(|_| parts.iter().any(is_other)) else {
        return Vec::new();
    };
    let gone: Vec<&String> = parts
        .iter()
        .filter(is(Verdict::Procrastinates))
        .flat_map(|part| &part.binds)
        .collect();
    let stays = |part: &Part| part.verdict != Verdict::Procrastinates;
    let early = |place, part: &Part| {
        is_upgrade
            && place < first
            && is_other(part)
            && (part.open || prepares(part, text(part), edit.pinned))
    };
    let leaves = |_, part: &Part| stays(part) && part.leaves;
    let bound = |_, part: &Part| stays(part) && part.uses.iter().any(|name| gone.contains(&name));
    [
        all(&early, BEFORE),
        all(&leaves, LEAVES),
        all(&bound, BOUND),
    ]
    .concat()
}

fn is(wanted: Verdict) -> impl Fn(&&Part) -> bool {
    move |part| part.verdict == wanted
}

fn stuck_at(part: &Part, why: &'static str) -> Stuck {
    Stuck {
        lines: part.lines,
        why,
    }
}

/// Whether a statement, which stays, decides where the tables are made, or whose they are. Where the schema is pinned, a search
/// path decides nothing.
fn prepares(part: &Part, text: &str, pinned: bool) -> bool {
    const PATHS: [&str; 2] = ["SEARCH_PATH", "SET_CONFIG"];
    const SIGNS: [&str; 7] = [
        "DEFAULT PRIVILEGES",
        "EVENT TRIGGER",
        "CREATE SCHEMA",
        "CREATESCHEMA",
        "SET ROLE",
        "SESSION AUTHORIZATION",
        "SET LOCAL ROLE",
    ];
    let text = text.to_ascii_uppercase();
    let says =
        |sign: &str| text.contains(sign) || part.texts.iter().any(|text| text.contains(sign));
    let has = |sign: &&str| says(sign);
    SIGNS.iter().any(has) || !pinned && PATHS.iter().any(has)
}

fn is_string(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .starts_with(['"', '\''])
}

/// The lines of a statement, with their ends; none if something else stands on them. A comment behind it goes with it.
fn whole_lines(source: &str, span: &Span) -> Option<Span> {
    let start = source[..span.start].rfind('\n').map_or(0, |end| end + 1);
    let end = source[span.end..]
        .find('\n')
        .map_or(source.len(), |end| span.end + end + 1);
    let (before, behind) = (&source[start..span.start], source[span.end..end].trim());
    let alone = before.trim().is_empty() && (behind.is_empty() || behind.starts_with('#'));
    alone.then_some(start..end)
}
