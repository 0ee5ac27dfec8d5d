//! Markdown for a pull-request comment and for the summary of a CI step.

mod inline;

use std::fmt::Write as _;
use std::io::{self, Write};

use inline::{code, text};

use super::outcome::{Entry, Level, Outcome, Place};
use super::style::count;
use crate::escape;

/// GitHub takes comments of up to 65,536 characters. What does not fit in is left out, and the report says so.
const MOST: usize = 60_000;

/// The report. Its first line is a comment by which a later run can find it.
pub fn write(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let command = outcome.command;
    let mut page = format!(
        "<!-- vendor-migrations {command} -->\n### vendor-migrations {command}: {}\n\n{}\n",
        verdict(outcome),
        text(&outcome.title)
    );
    if let Some(failure) = &outcome.failure {
        let _ = write!(page, "\n**error:** {}\n", text(failure));
    }
    let mut tail = String::new();
    for (entry, reason) in &outcome.accepted {
        let (rule, place) = (code(entry.rule.id), code(entry.path_in_repository()));
        let _ = write!(tail, "\n- accepted: {rule} {place}: {}", text(reason));
    }
    for note in &outcome.notes {
        let _ = write!(tail, "\n- note: {}", text(note));
    }
    let room = MOST.saturating_sub(page.len() + tail.len().min(MOST / 4));
    page.push_str(&entries(outcome, room));
    let room = MOST.saturating_sub(page.len());
    page.push_str(&fitting(&tail, room));
    writeln!(out, "{}", page.trim_end())
}

/// In a few words, how it went.
fn verdict(outcome: &Outcome) -> String {
    let (errors, warnings) = (outcome.count(Level::Error), outcome.count(Level::Warning));
    let differences = outcome.entries.len();
    match (outcome.command, outcome.failure.is_some()) {
        (_, true) => "not done".to_owned(),
        ("diff", _) if differences == 0 => "no difference".to_owned(),
        ("diff", _) => count(differences, "difference"),
        _ => match (errors, warnings) {
            (0, 0) => "no findings".to_owned(),
            (errors, 0) => count(errors, "error"),
            (0, warnings) => count(warnings, "warning"),
            (errors, warnings) => {
                format!("{}, {}", count(errors, "error"), count(warnings, "warning"))
            }
        },
    }
}

/// As many entries as fit into so many bytes, and the number of the others.
fn entries(outcome: &Outcome, room: usize) -> String {
    // The line on what is left out.
    let room = room.saturating_sub(200);
    let mut page = String::new();
    for (index, entry) in outcome.entries.iter().enumerate() {
        let head = self::entry(entry);
        if page.len() + head.len() > room {
            let left = outcome.entries.len() - index;
            let _ = write!(
                page,
                "\n{left} more {} left out here: the report would be too long. \
                 `vendor-migrations {}` shows all.\n",
                if left == 1 { "is" } else { "are" },
                outcome.command
            );
            return page;
        }
        page.push_str(&head);
        if let Some(diff) = &entry.diff {
            page.push_str(&details(diff, outcome.command, room - page.len()));
        }
    }
    if let Some(patch) = &outcome.patch {
        page.push_str(&details(
            patch,
            outcome.command,
            room.saturating_sub(page.len()),
        ));
    }
    page
}

fn entry(entry: &Entry) -> String {
    let level = match entry.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let line = entry
        .line
        .map_or(String::new(), |line| format!(", line {line}"));
    let place = match &entry.place {
        Place::Repository(path) => code(path),
        Place::Elsewhere => code(&entry.path),
        Place::SitePackages => format!("{} in site-packages", code(&entry.path)),
    };
    let mut block = format!(
        "\n#### {level} [{}]({})\n\n{place}{line}",
        code(entry.rule.id),
        entry.rule.address()
    );
    if let Some(migration) = &entry.migration {
        let _ = write!(block, "  \n{}", code(migration));
    }
    let _ = write!(block, "\n\n{}\n", text(&entry.message));
    if let Some(remedy) = &entry.remedy {
        let _ = write!(block, "\n**Help:** {}\n", text(remedy));
    }
    block
}

/// A diff that one can open, if it fits.
fn details(diff: &str, command: &str, room: usize) -> String {
    let diff = escape::lines(diff);
    let fence = "`".repeat(inline::longest_run(&diff).max(2) + 1);
    let end = if diff.ends_with('\n') { "" } else { "\n" };
    let block = format!(
        "\n<details><summary>Diff</summary>\n\n{fence}diff\n{diff}{end}{fence}\n\n</details>\n"
    );
    if block.len() <= room {
        return block;
    }
    format!(
        "\nThe diff ({}) is left out here: the report would be too long. `vendor-migrations {command}` shows it.\n",
        count(diff.lines().count(), "line")
    )
}

/// The first lines that fit into so many bytes, and the number of the others.
fn fitting(text: &str, room: usize) -> String {
    let mut page = String::new();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for (index, line) in lines.iter().enumerate() {
        if page.len() + line.len() > room.saturating_sub(100) {
            let _ = write!(page, "\n- {} more left out here", lines.len() - index);
            break;
        }
        page.push_str(line);
    }
    page
}

#[cfg(test)]
mod tests;
