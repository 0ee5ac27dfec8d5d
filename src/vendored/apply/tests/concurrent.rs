//! Somebody writes into the directory while a run is at work, and the run is cut off or fails after that.

use super::super::leftover;
use super::*;

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq)]
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

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    Kill,
    Error,
}

/// Before which steps of a run what happens. They count from 1.
#[derive(Debug, Clone, Copy)]
struct Case {
    edit: Edit,
    at: usize,
    fault: Fault,
    /// Not before the edit.
    later: usize,
}

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
                fs_err::write(&draft, self.words()).unwrap();
                fs_err::rename(draft, path).unwrap();
            }
            Self::Adds | Self::Writes | Self::WritesDeleted | Self::AddsTheSame => {
                fs_err::write(path, self.words()).unwrap();
            }
        }
    }

    fn words(self) -> String {
        format!("somebody {self:?}")
    }
}

impl Case {
    /// Runs it. Returns false if the run has fewer steps.
    fn run(self, sandbox: &Sandbox, way: Way) -> bool {
        let mut seen = 0;
        let result = catch_unwind(AssertUnwindSafe(|| {
            sandbox.run(way, &mut |_| {
                seen += 1;
                if seen == self.at {
                    self.edit.make(sandbox);
                }
                match self.fault {
                    Fault::Kill if seen == self.later => {
                        std::panic::resume_unwind(Box::new("killed"))
                    }
                    Fault::Error if seen == self.later => Err(io::Error::other("no space")),
                    _ => Ok(()),
                }
            })
        }));
        // Its hint says that all is as it was.
        if matches!(result, Ok(Err(VendoredError::Io(_)))) && seen >= self.at {
            let untouched = Sandbox::filled();
            self.edit.make(&untouched);
            assert_eq!(sandbox.snapshot(), untouched.snapshot(), "{self:?}");
        }
        seen >= self.at && (self.fault == Fault::None || seen >= self.later)
    }
}

/// What the next `sync` does: it refuses to overwrite an edit that it sees.
fn next_run(sandbox: &Sandbox, way: Way) {
    if finish_interrupted(&sandbox.directory).is_err() {
        return;
    }
    leftover::tidy(&sandbox.directory).unwrap();
    let files = changes(&scan(&sandbox.directory).unwrap());
    let overwritten = |file: &FileChange| {
        let before = file.before.as_deref().unwrap_or_default();
        before.starts_with(b"somebody")
    };
    if !files.iter().any(overwritten) {
        sandbox.run(way, &mut |_| Ok(())).unwrap();
    }
}

#[track_caller]
fn assert_there(sandbox: &Sandbox, edits: &[Edit], case: Case) {
    let files = sandbox.snapshot();
    for edit in edits {
        let is_there = files.values().any(|text| *text == edit.words());
        assert!(is_there, "{edit:?} in {case:?}: {files:#?}");
    }
}

/// Each edit at each step, alone, and with a fault at one of `stride` later steps; then a second edit, and the next run.
fn loses_nothing(way: Way, stride: usize) {
    let mut number = 0;
    for edit in EDITS {
        for fault in [Fault::None, Fault::Kill, Fault::Error] {
            'edits: for at in 1.. {
                for later in at.. {
                    let case = Case {
                        edit,
                        at,
                        fault,
                        later,
                    };
                    number += 1;
                    if later > at && number % stride != 0 {
                        continue;
                    }
                    let sandbox = Sandbox::filled();
                    if !case.run(&sandbox, way) {
                        if later == at {
                            break 'edits;
                        }
                        break;
                    }
                    assert_there(&sandbox, &[edit], case);
                    let second = EDITS[number % EDITS.len()];
                    let same = [edit, second]
                        .iter()
                        .all(|edit| matches!(edit, Edit::Replaces | Edit::Writes));
                    let mut edits = vec![edit];
                    if !same && second != edit && number % 2 == 0 {
                        second.make(&sandbox);
                        edits.push(second);
                    }
                    next_run(&sandbox, way);
                    assert_there(&sandbox, &edits, case);
                    if fault == Fault::None {
                        break;
                    }
                }
            }
        }
    }
}

#[test]
fn an_exchange_loses_nothing() {
    loses_nothing(Way::Exchange, 1);
}

#[test]
fn a_journal_loses_nothing() {
    loses_nothing(Way::Journal, 7);
}
