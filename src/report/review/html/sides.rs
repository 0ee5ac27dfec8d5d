//! Two texts side by side.

use maud::{Markup, html as page};
use similar::{ChangeTag, TextDiff};

use super::{count, safe};

/// A line of each, or of one.
type Row = (Option<String>, Option<String>);

pub(super) fn table(before: &str, after: &str, label: &str) -> Markup {
    page! {
        div.wide tabindex="0" role="region" aria-label=(label) {
            table.sides {
                thead { tr { th scope="col" { "Before" } th scope="col" { "After" } } }
                tbody {
                    @let rows = rows(before, after);
                    @for (place, (left, right)) in rows.iter().enumerate() {
                        @match far(&rows, place) {
                            Far::Near => tr { (cell(left, right, "d")) (cell(right, left, "a")) },
                            Far::Begin(lines) => tr { td.c colspan="2" { "… " (count(lines, "equal line")) } },
                            Far::Within => {}
                        }
                    }
                }
            }
        }
    }
}

/// How a line lies to the next change.
#[derive(Debug, PartialEq, Eq)]
enum Far {
    Near,
    /// The first of so many that are far from every change.
    Begin(usize),
    Within,
}

fn far(rows: &[Row], place: usize) -> Far {
    const AROUND: usize = 4;
    let is_near = |place: usize| {
        let around = place.saturating_sub(AROUND)..(place + AROUND + 1).min(rows.len());
        rows[around].iter().any(|(left, right)| left != right)
    };
    if is_near(place) {
        return Far::Near;
    }
    if place > 0 && !is_near(place - 1) {
        return Far::Within;
    }
    Far::Begin(
        (place..rows.len())
            .take_while(|place| !is_near(*place))
            .count(),
    )
}

fn cell(line: &Option<String>, other: &Option<String>, class: &str) -> Markup {
    let text = safe(line.as_deref().unwrap_or_default());
    page! {
        @if line.is_some() && line != other { td class=(class) { (text) } } @else { td { (text) } }
    }
}

/// Lines that are the same stand beside each other, and changed ones beside what took their place.
fn rows(before: &str, after: &str) -> Vec<Row> {
    let diff = TextDiff::from_lines(before, after);
    let mut rows = Vec::new();
    for op in diff.ops() {
        let side = |tag: ChangeTag| -> Vec<String> {
            let changes = diff
                .iter_changes(op)
                .filter(move |change| change.tag() == tag);
            changes
                .map(|change| change.value().trim_end_matches('\n').to_owned())
                .collect()
        };
        let same = side(ChangeTag::Equal).into_iter();
        rows.extend(same.map(|line| (Some(line.clone()), Some(line))));
        let (old, new) = (side(ChangeTag::Delete), side(ChangeTag::Insert));
        let row = |place: usize| (old.get(place).cloned(), new.get(place).cloned());
        rows.extend((0..old.len().max(new.len())).map(row));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_either_side_is_lost() {
        let (before, after) = ("a\nb\nc\nd\n", "a\nB\nd\ne\nf\n");
        let rows = rows(before, after);
        let of = |side: fn(&Row) -> Option<String>| {
            let lines: Vec<String> = rows.iter().filter_map(side).collect();
            lines.join("\n") + "\n"
        };
        assert_eq!(of(|row| row.0.clone()), before);
        assert_eq!(of(|row| row.1.clone()), after);
        let row = |left: &str, right: &str| (Some(left.to_owned()), Some(right.to_owned()));
        assert_eq!(rows[..2], [row("a", "a"), row("b", "B")]);
    }

    #[test]
    fn what_is_far_from_every_change_is_counted() {
        let lines = |middle: &str| {
            let line = |number: usize| format!("{number}\n");
            let (before, after): (String, String) =
                ((0..20).map(line).collect(), (20..40).map(line).collect());
            format!("{before}{middle}\n{after}")
        };
        let rows = rows(&lines("x"), &lines("y"));
        let all: Vec<Far> = (0..rows.len()).map(|place| far(&rows, place)).collect();
        assert_eq!(all[0], Far::Begin(16));
        assert_eq!(all[1], Far::Within);
        assert_eq!(all.iter().filter(|one| **one == Far::Near).count(), 9);
        assert_eq!(all[25], Far::Begin(16));
    }
}
