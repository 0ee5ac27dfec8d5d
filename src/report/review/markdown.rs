//! For a pull request: a summary of five lines, and the rest folded.

use std::fmt::Write as _;

use super::Shown;
use super::words::{about, breaks, brief, by_statement, capital, link, outline};
use crate::patch;
use crate::report::markdown::inline::{code, text};
use crate::report::markdown::page::clipped;
use crate::report::markdown::{MOST, fenced};
use crate::report::rollout;
use crate::report::style::count;
use crate::review::Migration;
use crate::steps::Action;

/// The report. Its first line is a comment by which a later run can find it.
pub fn markdown(shown: &Shown<'_>) -> String {
    let mut page = format!(
        "<!-- {} -->\n### {}\n\n",
        super::MARK,
        text(&clipped(&shown.title()))
    );
    for (label, value) in shown.summary() {
        let _ = writeln!(page, "- **{label}**: {}", text(&clipped(&value)));
    }
    let mut points = String::new();
    for point in &shown.review.attention {
        let _ = writeln!(points, "- {}.", text(&clipped(&capital(point))));
    }
    if !points.is_empty() {
        let _ = write!(page, "\n#### Look at\n\n{}", cut(&points, MOST / 4));
    }
    let steps = steps(shown);
    let notes: String = shown
        .review
        .notes
        .iter()
        .map(|note| format!("- {}\n", text(&clipped(note))))
        .collect();
    let notes = cut(&notes, MOST / 8);
    let facts: Vec<String> = shown.review.migrations.iter().map(facts).collect();
    let links = shown.review.migrations.iter().map(elsewhere);
    let facts_size: usize = facts
        .iter()
        .cloned()
        .chain(links)
        .map(|text| text.len())
        .sum();
    // The lines on what is left out.
    let facts_size = facts_size + 100 * facts.len();
    let steps = fold("Steps", &steps, MOST / 3);
    let mut room = MOST.saturating_sub(page.len() + steps.len() + notes.len() + facts_size + 1000);
    let mut migrations = String::new();
    for (migration, facts) in shown.review.migrations.iter().zip(&facts) {
        migrations.push_str(facts);
        let sql = sql(migration, room);
        room = room.saturating_sub(sql.len());
        migrations.push_str(&sql);
    }
    let number = shown.review.migrations.len();
    let room = MOST.saturating_sub(page.len() + steps.len() + notes.len() + 200);
    if number > 0 {
        page.push_str(&fold(&count(number, "migration"), &migrations, room));
    }
    page.push_str(&steps);
    if !notes.is_empty() {
        let _ = write!(page, "\n#### Notes\n\n{notes}");
    }
    page
}

/// A part that one can open; empty if there is nothing in it.
fn fold(title: &str, body: &str, room: usize) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!(
        "\n<details><summary>{title}</summary>\n\n{}\n</details>\n",
        cut(body, room)
    )
}

/// The first lines that fit into so many bytes. No line of those is within a block of code, which [`sql`] measures itself.
fn cut(body: &str, room: usize) -> String {
    if body.len() <= room {
        return body.to_owned();
    }
    let mut kept = String::new();
    for line in body
        .split_inclusive('\n')
        .take_while(|line| !line.starts_with("<details>"))
    {
        if kept.len() + line.len() > room {
            break;
        }
        kept.push_str(line);
    }
    kept + "\nThe rest is left out here: the page would be too long. `--format json` has all.\n"
}

fn facts(migration: &Migration) -> String {
    let mut block = format!(
        "#### {}\n\n{}.\n\n",
        code(&migration.name),
        text(&capital(&about(migration)))
    );
    for (verb, names) in outline(migration) {
        let names: Vec<String> = names.into_iter().map(|name| code(&brief(name))).collect();
        let _ = writeln!(block, "- {verb} {}", names.join(", "));
    }
    if migration.runs() {
        for (numbers, said) in by_statement(migration) {
            let _ = writeln!(block, "- statement {numbers}: {}", text(&clipped(&said)));
        }
    }
    for sentence in breaks(migration) {
        let _ = writeln!(block, "- {}.", text(&sentence));
    }
    if !block.ends_with("\n\n") {
        block.push('\n');
    }
    block
}

/// The SQL, or the diff, if it fits; else where it is.
fn sql(migration: &Migration, room: usize) -> String {
    let diff = patch::text(&migration.patches);
    let (title, language, body) = match (diff.is_empty(), &migration.sql) {
        (false, _) => ("Diff", "diff", diff),
        (true, Some(sql)) if migration.runs() => ("SQL", "sql", sql.clone()),
        _ => return elsewhere(migration),
    };
    let block = format!(
        "<details><summary>{title}</summary>\n\n{}\n</details>\n\n",
        fenced(language, &body)
    );
    if block.len() <= room {
        return block;
    }
    let lines = count(body.lines().count(), "line");
    format!(
        "{title} of {lines}, left out here: the page would be too long. {}",
        elsewhere(migration)
    )
    .trim_end()
    .to_owned()
        + "\n\n"
}

fn elsewhere(migration: &Migration) -> String {
    link(migration).map_or(String::new(), |link| {
        format!("The SQL is [in the release]({link}).\n\n")
    })
}

fn steps(shown: &Shown<'_>) -> String {
    let Some(rollout) = shown.rollout() else {
        let sentences = shown.runs_of(None).flat_map(|run| shown.held(run));
        return sentences
            .map(|sentence| format!("- {}.\n", text(&sentence)))
            .collect();
    };
    let mut page = String::new();
    for (place, step) in rollout.steps.iter().enumerate() {
        let mut runs = shown.runs_of(Some(place));
        page.push_str(&rollout::tasks(
            step,
            "####",
            shown.upgrade,
            &mut |action| {
                let run = matches!(action, Action::Upgrade(_))
                    .then(|| runs.next())
                    .flatten();
                let sentences = run.map_or_else(Vec::new, |run| shown.held(run));
                sentences
                    .iter()
                    .map(|sentence| format!("  - {}.\n", text(sentence)))
                    .collect()
            },
        ));
    }
    page
}
