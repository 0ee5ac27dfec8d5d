//! The two outputs, and the messages that every command may print.

use std::io;

use crate::report::Said;
use crate::report::prose::labelled;
use crate::report::screen::Screen;
use crate::report::style::{BAD, GOOD, NOTE};
use crate::steps::Refusal;
use crate::upstream::Upstream;

pub struct Output<'a> {
    /// Data: standard output.
    pub out: &'a mut dyn Screen,
    /// Messages: standard error.
    pub err: &'a mut dyn Screen,
    /// The notes and warnings so far, for a report that has them, too.
    pub said: Vec<Said>,
    /// What is for the summary of a step on GitHub, where that is not written at once.
    pub page: Option<&'a mut Vec<u8>>,
}

impl<'a> Output<'a> {
    pub fn new(out: &'a mut dyn Screen, err: &'a mut dyn Screen) -> Self {
        Self {
            out,
            err,
            said: Vec::new(),
            page: None,
        }
    }
}

impl Output<'_> {
    /// The same outputs; what was said so far goes with them.
    pub fn reborrow(&mut self) -> Output<'_> {
        Output {
            page: self.page.as_deref_mut(),
            said: std::mem::take(&mut self.said),
            ..Output::new(self.out, self.err)
        }
    }

    /// A note on standard error. `-q` does not hide it: what could not be checked is always said.
    pub fn note(&mut self, text: &str) -> io::Result<()> {
        self.say("note", text)
    }

    pub fn warning(&mut self, text: &str) -> io::Result<()> {
        self.say("warning", text)
    }

    fn say(&mut self, kind: &'static str, text: &str) -> io::Result<()> {
        let text = text.to_owned();
        labelled(self.err, NOTE, &format!("{kind}:"), &text)?;
        self.said.push(Said { kind, text });
        Ok(())
    }

    /// What was asked for is not possible with what is vendored: why, and what to do.
    pub fn refused(&mut self, refusal: &Refusal) -> io::Result<()> {
        self.refuse(&refusal.to_string(), &refusal.hint())
    }

    pub fn refuse(&mut self, why: &str, hint: &str) -> io::Result<()> {
        labelled(self.err, BAD, "refused:", why)?;
        labelled(self.err, GOOD, "help:", hint)
    }

    /// What could not be verified in a release, and what is not what it published.
    pub fn doubts(&mut self, upstream: &Upstream) -> io::Result<()> {
        for text in &upstream.notes {
            self.note(text)?;
        }
        for text in warnings(upstream) {
            self.warning(&text)?;
        }
        Ok(())
    }
}

/// The texts of [`Output::doubts`].
pub fn doubts(upstream: &Upstream) -> impl Iterator<Item = String> {
    upstream.notes.iter().cloned().chain(warnings(upstream))
}

fn warnings(upstream: &Upstream) -> impl Iterator<Item = String> {
    let others = [upstream.and_elsewhere(), upstream.withdrawn()];
    modified(upstream).chain(others.into_iter().flatten())
}

/// The files of a release that are not what it published.
fn modified(upstream: &Upstream) -> impl Iterator<Item = String> {
    let title = upstream.title();
    let files = upstream.modified.iter();
    files.map(move |modified| format!("{} of {title}: {}", modified.path, modified.why))
}
