//! Markdown for a pull-request comment and for the summary of a CI step.

pub(super) mod inline;
pub(super) mod page;

use std::fmt::Write as _;
use std::io::{self, Write};

pub(super) use inline::{code, text};

use super::style::count;
use super::text::totals;
use super::{Compared, Location, Report};
use crate::escape;
use crate::findings::{Finding, Severity};
use crate::patch;

/// GitHub takes comments of up to 65,536 characters. What does not fit in is left out, and the report says so.
pub(super) const MOST: usize = 60_000;

/// The report. Its first line is a comment by which a later run can find it.
pub fn write(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let command = report.command;
    let mut page = format!(
        "<!-- vendor-migrations {command} -->\n### vendor-migrations {command}: {}\n\n{}\n",
        verdict(report),
        text(&report.title)
    );
    if let Some(failure) = &report.failure {
        let _ = write!(page, "\n**error:** {}\n", text(failure));
    }
    let mut tail = String::new();
    for accepted in &report.accepted {
        let finding = &accepted.finding;
        let (rule, place) = (code(finding.code.as_str()), code(&report.path(finding)));
        let reason = text(&accepted.reason);
        let _ = write!(tail, "\n- accepted: {rule} {place}: {reason}");
    }
    for note in &report.notes {
        let _ = write!(tail, "\n- note: {}", text(note));
    }
    let room = MOST.saturating_sub(page.len() + tail.len().min(MOST / 4));
    page.push_str(&findings(report, room));
    let room = MOST.saturating_sub(page.len());
    page.push_str(&fitting(&tail, room));
    writeln!(out, "{}", page.trim_end())
}

/// In a few words, how it went.
fn verdict(report: &Report<'_>) -> String {
    match (&report.failure, &report.compared) {
        (Some(_), _) => "not done".to_owned(),
        (None, Compared::Sides { .. }) => match report.findings.len() {
            0 => "no difference".to_owned(),
            differences => count(differences, "difference"),
        },
        (None, Compared::Lock { .. }) => totals(report.findings.iter(), Severity::as_str)
            .unwrap_or_else(|| "no findings".to_owned()),
    }
}

/// As many findings as fit into so many bytes, and the number of the others.
fn findings(report: &Report<'_>, room: usize) -> String {
    let command = report.command;
    // The line on what is left out.
    let room = room.saturating_sub(200);
    let mut page = String::new();
    for (index, finding) in report.findings.iter().enumerate() {
        let head = self::finding(report, finding);
        if page.len() + head.len() > room {
            let left = report.findings.len() - index;
            let _ = write!(
                page,
                "\n{left} more {} left out here: the report would be too long. `vendor-migrations {command}` shows all.\n",
                if left == 1 { "is" } else { "are" },
            );
            return page;
        }
        page.push_str(&head);
        if !finding.patches.is_empty() {
            let diff = patch::text(&finding.patches);
            page.push_str(&details(&diff, command, room - page.len()));
        }
    }
    let patch = patch::text(&report.patches);
    if !patch.is_empty() {
        page.push_str(&details(&patch, command, room.saturating_sub(page.len())));
    }
    page
}

fn finding(report: &Report<'_>, finding: &Finding) -> String {
    let line = match finding.place.line {
        Some(line) => format!(", line {line}"),
        None => String::new(),
    };
    let place = match report.location(finding) {
        Location::Repository(path) => code(&path),
        Location::Elsewhere => code(&finding.place.path),
        Location::SitePackages => format!("{} in site-packages", code(&finding.place.path)),
    };
    let mut block = format!(
        "\n#### {} [{}]({})\n\n{place}{line}",
        finding.severity.as_str(),
        code(finding.code.as_str()),
        finding.code.page()
    );
    if let Some(migration) = &finding.migration {
        let _ = write!(block, "  \n{}", code(migration));
    }
    let _ = write!(block, "\n\n{}\n", text(&finding.message));
    if let Some(remedy) = &finding.remedy {
        let _ = write!(block, "\n**Help:** {}\n", text(&remedy.to_string()));
    }
    block
}

/// A text that nothing in it closes.
pub(super) fn fenced(kind: &str, text: &str) -> String {
    let text = escape::lines(text);
    let fence = "`".repeat(inline::longest_run(&text).max(2) + 1);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{kind}\n{text}{end}{fence}\n")
}

/// A diff that one can open.
fn folded(diff: &str) -> String {
    let diff = fenced("diff", diff);
    format!("\n<details><summary>Diff</summary>\n\n{diff}\n</details>\n")
}

/// A diff that one can open, if it fits.
fn details(diff: &str, command: &str, room: usize) -> String {
    let block = folded(diff);
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
