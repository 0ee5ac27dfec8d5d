//! Two texts side by side.

use maud::{Markup, html as page};
use similar::{ChangeTag, TextDiff};

use super::safe;

/// A line of each, or of one.
type Row = (Option<String>, Option<String>);

pub(super) fn table(before: &str, after: &str, heading: &str) -> Markup {
    page! {
        div.wide tabindex="0" role="region" aria-labelledby=(heading) {
            table.sides {
                thead { tr { th scope="col" { "Before" } th scope="col" { "After" } } }
                tbody {
                    @for (left, right) in rows(before, after) {
                        tr { (cell(&left, &right, "d")) (cell(&right, &left, "a")) }
                    }
                }
            }
        }
    }
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
            let changes = diff.iter_changes(op).filter(move |change| change.tag() == tag);
            changes.map(|change| change.value().trim_end_matches('\n').to_owned()).collect()
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
}
