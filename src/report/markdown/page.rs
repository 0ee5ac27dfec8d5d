//! The page of a command that changes files: as long as services take it, with the diffs in folds.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{MOST, code, fenced, folded, text};
use crate::report::Said;
use crate::report::addressed::addressed;
use crate::report::style::count;

/// A page that is put together: its head, its list, and what comes behind it.
pub(in crate::report) struct Page {
    head: String,
    items: Vec<Item>,
    behind: Vec<String>,
    /// Where everything can be seen.
    elsewhere: String,
}

struct Item {
    text: String,
    fold: Option<Fold>,
}

struct Fold {
    block: String,
    /// What it is, and how long.
    what: String,
}

/// Why there is no report.
#[derive(Debug)]
pub struct Failed {
    pub error: String,
    pub help: Option<String>,
}

impl Failed {
    /// The same, with every command in it for this project.
    pub fn addressed(self, options: &str) -> Self {
        let of = |text: String| addressed(&text, options).into_owned();
        Self {
            error: of(self.error),
            help: self.help.map(of),
        }
    }
}

impl Page {
    /// A later run finds the page by its first line. The verdict holds no foreign text.
    pub(in crate::report) fn new(command: &str, verdict: &str, elsewhere: &str) -> Self {
        Self {
            head: format!(
                "<!-- vendor-migrations {command} -->\n### vendor-migrations {command}: {verdict}\n"
            ),
            items: Vec::new(),
            behind: Vec::new(),
            elsewhere: text(elsewhere),
        }
    }

    /// The same before the list.
    pub(in crate::report) fn say(&mut self, label: &str, said: &str) {
        let block = paragraph(label, said);
        match self.head.len() + block.len() <= MOST / 2 {
            true => self.head.push_str(&block),
            false => self.head.push_str("\n(A line is left out here.)\n"),
        }
    }

    /// An entry of the list, in Markdown, with a diff; none if that is empty.
    pub(in crate::report) fn item(&mut self, text: String, diff: &str) {
        let fold = (!diff.is_empty()).then(|| Fold {
            block: folded(diff),
            what: format!("The diff ({})", count(diff.lines().count(), "line")),
        });
        self.items.push(Item { text, fold });
    }

    /// An entry that stands for several, which one can unfold.
    pub(in crate::report) fn items(&mut self, text: String, list: &[String]) {
        let block = format!(
            "\n<details><summary>All of them</summary>\n\n{}\n\n</details>\n",
            list.join("\n")
        );
        let what = format!("The list ({})", count(list.len(), "line"));
        let fold = Some(Fold { block, what });
        self.items.push(Item { text, fold });
    }

    pub(in crate::report) fn heading(&mut self, heading: &str) {
        self.behind.push(format!("\n#### {}\n", text(heading)));
    }

    /// A paragraph behind the list; a `label` is strong.
    pub(in crate::report) fn paragraph(&mut self, label: &str, said: &str) {
        self.behind.push(paragraph(label, said));
    }

    /// Text that is to be copied.
    pub(in crate::report) fn verbatim(&mut self, kind: &str, text: &str) {
        self.behind.push(format!("\n{}", fenced(kind, text)));
    }

    /// `options` are those that the user gave to every command.
    pub(in crate::report) fn notes(&mut self, notes: &[Said], options: &str) {
        for (index, Said { kind, text: said }) in notes.iter().enumerate() {
            let before = if index == 0 { "\n" } else { "" };
            let said = addressed(said, options);
            let note = format!("{before}- {kind}: {}\n", text(&clipped(&said)));
            self.behind.push(note);
        }
    }

    pub(in crate::report) fn write(self, out: &mut dyn Write) -> io::Result<()> {
        let behind = self.behind();
        let mut page = self.head.clone();
        let list = self.list(MOST.saturating_sub(page.len() + behind.len()));
        if !list.is_empty() {
            let _ = write!(page, "\n{list}");
        }
        page.push_str(&behind);
        out.write_all(page.as_bytes())
    }

    /// As many entries as fit, and the number of the others.
    fn list(&self, room: usize) -> String {
        let elsewhere = &self.elsewhere;
        // The lines on what is left out.
        let room = room.saturating_sub(2 * (200 + elsewhere.len()));
        let mut list = String::new();
        let mut is_open = true;
        for (index, item) in self.items.iter().enumerate() {
            if list.len() + item.text.len() > room {
                let left = self.items.len() - index;
                let _ = write!(list, "\n{}", left_out(left, "change", elsewhere));
                return list;
            }
            // A fold ends the list.
            if !is_open {
                list.push('\n');
            }
            list.push_str(&item.text);
            list.push('\n');
            is_open = item.fold.is_none();
            match &item.fold {
                None => {}
                Some(fold) if list.len() + fold.block.len() <= room => list.push_str(&fold.block),
                Some(Fold { what, .. }) => {
                    let left = format!(
                        "\n{what} is left out here: the page would be too long. {elsewhere} shows all.\n"
                    );
                    if list.len() + left.len() <= room {
                        list.push_str(&left);
                    }
                }
            }
        }
        list
    }

    /// What comes behind the list, in a third of the page.
    fn behind(&self) -> String {
        let mut behind = String::new();
        for (index, block) in self.behind.iter().enumerate() {
            if behind.len() + block.len() > MOST / 3 {
                let left = self.behind.len() - index;
                let _ = write!(behind, "\n{}", left_out(left, "part", &self.elsewhere));
                break;
            }
            behind.push_str(block);
        }
        behind
    }
}

fn paragraph(label: &str, said: &str) -> String {
    let label = match label {
        "" => String::new(),
        label => format!("**{}** ", text(&clipped(label))),
    };
    format!("\n{label}{}\n", text(&clipped(said)))
}

/// `3 more changes are left out here: …`
fn left_out(number: usize, one: &str, elsewhere: &str) -> String {
    let (what, are) = match number {
        1 => (one.to_owned(), "is"),
        _ => (format!("{one}s"), "are"),
    };
    format!(
        "{number} more {what} {are} left out here: the page would be too long. {elsewhere} shows all.\n"
    )
}

/// A text that is longer than any sentence is cut; marking up may make it ten times as long.
pub(in crate::report) fn clipped(text: &str) -> String {
    const LONGEST: usize = 1000;
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} … (the rest is left out here)", &text[..end]),
    }
}

/// That the command could not do its work.
pub fn failed(out: &mut dyn Write, command: &str, why: &Failed) -> io::Result<()> {
    let mut page = Page::new(command, "not done", "Standard error");
    page.say("Error:", &why.error);
    if let Some(help) = &why.help {
        page.say("Help:", help);
    }
    page.write(out)
}

/// The pages of several projects, each below its path, or why there is none.
pub fn projects<'a>(
    out: &mut dyn Write,
    pages: impl Iterator<Item = (&'a str, &'a [u8], Option<String>)>,
) -> io::Result<()> {
    for (root, page, error) in pages {
        writeln!(out, "## {}\n", code(root))?;
        match error {
            Some(error) => writeln!(out, "{}\n", text(&error))?,
            None => {
                out.write_all(page)?;
                writeln!(out)?;
            }
        }
    }
    Ok(())
}
