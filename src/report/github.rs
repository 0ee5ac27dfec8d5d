//! Annotations of GitHub Actions: workflow commands, which the runner reads out of the log.
//!
//! The format and what has to be escaped in it: <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>.

use std::io::{self, Write};

use super::outcome::{Entry, Level, Outcome, Place};
use super::style::count;
use crate::escape::lines;

/// GitHub shows no more than ten of a kind a step.
const MOST: usize = 10;

/// One annotation an entry, errors first. Of more than ten, the last says how many are left out; a failure, which is told
/// when the command ends, counts.
pub fn annotations(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let mut entries: Vec<&Entry> = outcome.entries.iter().collect();
    entries.sort_by_key(|entry| entry.level);
    let most = MOST - usize::from(outcome.failure.is_some());
    let shown = if entries.len() > most {
        most - 1
    } else {
        entries.len()
    };
    let (shown, rest) = entries.split_at(shown);
    for entry in shown {
        annotation(out, entry)?;
    }
    let Some(gravest) = rest.first() else {
        return Ok(());
    };
    let text = format!(
        "{} more: {}. This step's log has them all",
        rest.len(),
        by_level(rest)
    );
    let title = format!("vendor-migrations {}", outcome.command);
    command(out, gravest.level, &[("title", &title)], &text)
}

/// The error that ended the command, as an annotation.
pub fn failure(out: &mut dyn Write, text: &str) -> io::Result<()> {
    command(out, Level::Error, &[("title", "vendor-migrations")], text)
}

fn annotation(out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
    let title = format!("vendor-migrations: {}", entry.rule.id);
    let line = entry.line.map(|line| line.to_string());
    let mut properties: Vec<(&str, &str)> = Vec::new();
    // The runner takes any path for one of the repository.
    if let Place::Repository(path) = &entry.place {
        properties.push(("file", path));
        properties.extend(line.as_deref().map(|line| ("line", line)));
    }
    properties.push(("title", &title));
    command(out, entry.level, &properties, &entry.located())
}

/// `2 errors, 1 warning`.
fn by_level(entries: &[&Entry]) -> String {
    let counted = [
        (Level::Error, "error"),
        (Level::Warning, "warning"),
        (Level::Note, "notice"),
    ];
    let parts: Vec<String> = counted
        .into_iter()
        .map(|(level, word)| {
            let number = entries.iter().filter(|entry| entry.level == level);
            (number.count(), word)
        })
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| count(number, word))
        .collect();
    parts.join(", ")
}

fn command(
    out: &mut dyn Write,
    level: Level,
    properties: &[(&str, &str)],
    text: &str,
) -> io::Result<()> {
    let name = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    writeln!(out, "::{name} {}::{}", properties.join(","), data(text))
}

fn property(text: &str) -> String {
    let text = encoded(text).replace(':', "%3A").replace(',', "%2C");
    lines(&text).into_owned()
}

fn data(text: &str) -> String {
    lines(&encoded(text)).into_owned()
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Code;

    fn entry(level: Level, path: &str) -> Entry {
        Entry {
            rule: Code::Edited.into(),
            level,
            path: path.to_owned(),
            place: Place::Repository(path.to_owned()),
            line: Some(7),
            migration: None,
            revisions: Vec::new(),
            message: "one\ntwo::100%".to_owned(),
            remedy: None,
            diff: None,
        }
    }

    fn written(entries: Vec<Entry>) -> String {
        let outcome = Outcome {
            command: "check",
            title: String::new(),
            entries,
            accepted: Vec::new(),
            notes: Vec::new(),
            patch: None,
            failure: None,
        };
        let mut out = Vec::new();
        annotations(&mut out, &outcome).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn properties_and_data_are_escaped_each_by_its_own_rule() {
        assert_eq!(
            written(vec![entry(Level::Error, "a,b:c%\n\u{1b}.py")]),
            "::error file=a%2Cb%3Ac%25%0A\\x1b.py,line=7,title=vendor-migrations%3A edited::one%0Atwo::100%25\n"
        );
    }

    #[test]
    fn the_rest_is_summed_up_and_errors_come_first() {
        let warnings = (0..9).map(|_| entry(Level::Warning, "w"));
        let ten: Vec<Entry> = warnings.chain([entry(Level::Error, "e")]).collect();
        let shown = written(ten.clone());
        assert!(shown.starts_with("::error file=e,") && shown.lines().count() == 10);
        let eleven = [ten, vec![entry(Level::Note, "n")]].concat();
        let shown = written(eleven);
        assert_eq!(
            shown.lines().last(),
            Some(
                "::warning title=vendor-migrations check::2 more: 1 warning, 1 notice. This step's log has them all"
            )
        );
        assert_eq!(shown.lines().count(), 10);
    }
}
