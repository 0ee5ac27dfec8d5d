//! The Markdown of `init`, for the body of a pull request or a comment.

use std::io::{self, Write};

use super::Done;
use crate::escape::one_line;
use crate::report::markdown::code;
use crate::report::markdown::page::Page;
use crate::report::style::count;

pub fn write(out: &mut dyn Write, done: &Done) -> io::Result<()> {
    let elsewhere = match done.written {
        true => "The commit".to_owned(),
        false => done.addressed("`vendor-migrations init --dry-run`"),
    };
    let mut page = Page::new("init", &verdict(done), &elsewhere);
    for (label, text) in &done.result {
        page.say(label, text);
    }
    for file in &done.files {
        let word = if file.is_new { "Added" } else { "Changed" };
        let diff = file.patch.as_ref().map(ToString::to_string);
        let entry = format!("- **{word}** {}", code(&file.path));
        page.item(entry, &diff.unwrap_or_default());
    }
    for step in &done.steps {
        page.paragraph(&step.label, &done.addressed(step.purpose));
        page.verbatim("", &step.text);
        for remark in &step.remarks {
            page.paragraph("", &done.addressed(remark));
        }
    }
    if !done.next.is_empty() {
        page.heading("Next");
        let next = done.next.iter();
        let next: String = next
            .map(|command| format!("{}\n", one_line(command)))
            .collect();
        page.verbatim("sh", &next);
    }
    page.notes(&done.notes, &done.options);
    page.write(out)
}

/// In a few words, how it went.
fn verdict(done: &Done) -> String {
    match (done.files.len(), done.written) {
        (0, _) => "wired already".to_owned(),
        (files, true) => count(files, "change"),
        (files, false) => format!("would make {}", count(files, "change")),
    }
}
