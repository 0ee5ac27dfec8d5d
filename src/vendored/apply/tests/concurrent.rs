//! Somebody writes into the directory while a run is at work, and the run is cut off or fails after that.

use super::super::leftover;
use super::*;

const MINE: &str = "somebody's own words";

/// What somebody does.
#[derive(Debug, Clone, Copy)]
enum Edit {
    /// A file that the run does not know.
    Adds,
    /// A file that the run replaces, as an editor does that writes a new file and renames it.
    Replaces,
    /// The same, as a program that opens the file and writes.
    Writes,
    /// A file that the run deletes.
    WritesDeleted,
    /// A file that the run leaves alone.
    ReplacesKept,
    /// A file that the run makes.
    AddsTheSame,
}

const EDITS: [Edit; 6] = [
    Edit::Adds,
    Edit::Replaces,
    Edit::Writes,
    Edit::WritesDeleted,
    Edit::ReplacesKept,
    Edit::AddsTheSame,
];

impl Edit {
    fn make(self, sandbox: &Sandbox) {
        let path = sandbox.directory.join(match self {
            Self::Adds => "late.py",
            Self::Replaces | Self::Writes => "b.py",
            Self::WritesDeleted => "sql/old.sql",
            Self::ReplacesKept => "a.py",
            Self::AddsTheSame => "c.py",
        });
        match self {
            Self::Replaces | Self::ReplacesKept => {
                let draft = sandbox.parent.join("draft");
                fs_err::write(&draft, MINE).unwrap();
                fs_err::rename(draft, path).unwrap();
            }
            Self::Adds | Self::Writes | Self::WritesDeleted | Self::AddsTheSame => {
                fs_err::write(path, MINE).unwrap();
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    Kill,
    Error,
}

/// A run with an edit before one of its steps, and a fault at a later one. Returns none if it has fewer steps.
fn disturbed(
    sandbox: &Sandbox,
    way: Way,
    edit: (Edit, usize),
    fault: (Fault, usize),
) -> Option<()> {
    let mut seen = 0;
    let _ = catch_unwind(AssertUnwindSafe(|| {
        sandbox.run(way, &mut |_| {
            seen += 1;
            if seen == edit.1 {
                edit.0.make(sandbox);
            }
            match fault {
                (Fault::Kill, step) if step == seen => {
                    std::panic::resume_unwind(Box::new("killed"))
                }
                (Fault::Error, step) if step == seen => Err(io::Error::other("no space")),
                _ => Ok(()),
            }
        })
    }));
    (seen >= edit.1 && (fault.0 == Fault::None || seen >= fault.1)).then_some(())
}

/// What the next `sync` does: it refuses to overwrite an edit that it sees.
fn next_run(sandbox: &Sandbox, way: Way) {
    if finish_interrupted(&sandbox.directory).is_err() {
        return;
    }
    leftover::tidy(&sandbox.directory).unwrap();
    let tree = scan(&sandbox.directory).unwrap();
    let overwritten = |file: &FileChange| file.before.as_deref() == Some(MINE.as_bytes());
    if !changes(&tree).iter().any(overwritten) {
        sandbox.run(way, &mut |_| Ok(())).unwrap();
    }
}

#[track_caller]
fn is_there(sandbox: &Sandbox, case: &dyn std::fmt::Debug) {
    let files = sandbox.snapshot();
    assert!(
        files.values().any(|text| text == MINE),
        "{case:?}: {files:#?}"
    );
}

/// Each edit at each step, alone and with each fault at each later step.
fn loses_nothing(way: Way) {
    for edit in EDITS {
        for at in 1.. {
            let mut sandbox = Sandbox::filled();
            if disturbed(&sandbox, way, (edit, at), (Fault::None, 0)).is_none() {
                break;
            }
            is_there(&sandbox, &(edit, at));
            for fault in [Fault::Kill, Fault::Error] {
                for later in at.. {
                    sandbox = Sandbox::filled();
                    if disturbed(&sandbox, way, (edit, at), (fault, later)).is_none() {
                        break;
                    }
                    let case = (edit, at, fault, later);
                    is_there(&sandbox, &case);
                    next_run(&sandbox, way);
                    is_there(&sandbox, &case);
                }
            }
        }
    }
}

#[test]
fn an_exchange_loses_nothing() {
    loses_nothing(Way::Exchange);
}

#[test]
fn a_journal_loses_nothing() {
    loses_nothing(Way::Journal);
}
