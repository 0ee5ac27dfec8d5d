//! Somebody writes into the directory while a run is at work, and the run is cut off or fails after that.

use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::vendored::scan;
use crate::vendored::tidy;

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
    if finish_interrupted(&sandbox.guard(), &sandbox.directory, &sandbox.parent).is_err() {
        return;
    }
    tidy(&sandbox.guard(), &sandbox.directory).unwrap();
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

/// Whoever has a file or the directory open writes there whatever its name is now.
#[test]
fn what_is_written_after_the_last_look_is_kept() {
    for (way, last, place) in [
        #[cfg(unix)]
        (
            Way::Exchange,
            "discard",
            ".versions_procrastinate.exchanged/b.py",
        ),
        (
            Way::Journal,
            "forget",
            "versions_procrastinate/.vendor-migrations-journal/0.old",
        ),
    ] {
        let sandbox = Sandbox::filled();
        let written = |step| {
            if step == last {
                let path = sandbox.parent.join(place);
                assert_eq!(fs_err::read_to_string(&path)?, "b");
                fs_err::write(path, "b, and more")?;
            }
            Ok(())
        };
        sandbox.run(way, &mut { written }).unwrap();
        let files = sandbox.snapshot();
        let file = |name: &str| files[&format!("versions_procrastinate/{name}")].as_str();
        assert_eq!((file("b.py"), file("b.py.kept")), ("B", "b, and more"));
        assert_eq!(
            files
                .keys()
                .filter(|name| name.contains("/.") || name.starts_with('.'))
                .count(),
            0,
            "{files:?}"
        );
    }
}

/// What cannot be told apart from somebody's work is not removed.
#[test]
fn a_lock_that_somebody_wrote_into_vouches_for_nothing() {
    let sandbox = Sandbox::filled();
    let left = sandbox.parent.join(".versions_procrastinate.exchanged");
    fs_err::create_dir(&left).unwrap();
    fs_err::write(left.join("vendor-migrations.lock"), "# mine\n").unwrap();
    fs_err::write(left.join("b.py"), "other").unwrap();
    let tidied = tidy(&sandbox.guard(), &sandbox.directory).unwrap();
    assert_eq!(tidied[0].kept.len(), 2, "{tidied:?}");
    assert!(!left.exists());
    let files = sandbox.snapshot();
    assert_eq!(files["versions_procrastinate/b.py"], "b");
    assert_eq!(files["versions_procrastinate/b.py.kept"], "other");
    assert_eq!(
        files["versions_procrastinate/vendor-migrations.lock.kept"],
        "# mine\n"
    );
}

/// Names that are not UTF-8, and directories that only look like ours, are left alone.
#[cfg(unix)]
#[test]
fn what_lies_beside_it_is_left_alone() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::filled();
    let odd = sandbox
        .parent
        .as_std_path()
        .join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs_err::write(&odd, "").unwrap();
    for name in ["exchanged7", "exchanged-", "exchanged-x"] {
        fs_err::create_dir(
            sandbox
                .parent
                .join(format!(".versions_procrastinate.{name}")),
        )
        .unwrap();
    }
    assert_eq!(leftovers(&sandbox.parent, &sandbox.directory).unwrap(), []);
    let unread = sandbox.parent.join(".versions_procrastinate.exchanged-2");
    fs_err::create_dir(&unread).unwrap();
    fs_err::write(
        unread
            .as_std_path()
            .join(std::ffi::OsStr::from_bytes(b"\xe9")),
        "",
    )
    .unwrap();
    let found = leftovers(&sandbox.parent, &sandbox.directory).unwrap();
    assert!(
        matches!(&found[..], [one] if one.fault.is_some()),
        "{found:?}"
    );
    tidy(&sandbox.guard(), &sandbox.directory).unwrap();
    assert!(unread.exists());
}

/// A directory in the place of a file is somebody's, too.
#[test]
fn a_directory_that_took_a_files_place_is_put_back() {
    let sandbox = Sandbox::filled();
    let path = sandbox.directory.join("b.py");
    let replaced = |step| {
        if step == "move aside" && path.is_file() {
            fs_err::remove_file(&path)?;
            fs_err::create_dir(&path)?;
            fs_err::write(path.join("mine"), "mine")?;
        }
        Ok(())
    };
    let result = sandbox.run(Way::Journal, &mut { replaced });
    assert!(
        matches!(result, Err(VendoredError::ChangedMeanwhile(_))),
        "{result:?}"
    );
    assert_eq!(fs_err::read_to_string(path.join("mine")).unwrap(), "mine");
}

/// The remedy of the error removes the journal: nothing of somebody's may be in it then.
#[test]
fn a_journal_that_is_refused_holds_nothing_of_somebodys() {
    let sandbox = Sandbox::filled();
    let _ = catch_unwind(AssertUnwindSafe(|| {
        sandbox.run(Way::Journal, &mut |step| match step {
            "forget" => std::panic::resume_unwind(Box::new("killed")),
            _ => Ok(()),
        })
    }));
    fs_err::write(sandbox.directory.join("b.py"), "edited since").unwrap();
    let lock = sandbox.directory.join(JOURNAL).join("3.old");
    assert_eq!(fs_err::read_to_string(&lock).unwrap(), "lock");
    fs_err::write(lock, "mine").unwrap();
    let result = finish_interrupted(&sandbox.guard(), &sandbox.directory, &sandbox.parent);
    assert!(matches!(
        result,
        Err(VendoredError::ChangedSinceInterruption { .. })
    ));
    let files = sandbox.snapshot();
    let kept = "versions_procrastinate/vendor-migrations.lock.kept";
    assert_eq!(files[kept], "mine", "{files:?}");
}
