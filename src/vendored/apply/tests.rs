#![expect(
    clippy::disallowed_methods,
    reason = "tests set up directories of their own"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use camino::Utf8PathBuf;

use super::super::journal::JOURNAL;
use super::super::{finish_interrupted, interrupted, leftovers};
use super::*;
use crate::place::slashed;
use crate::vendored::scan;

/// Every file, link and directory below the parent, with its contents.
type Snapshot = BTreeMap<String, String>;

struct Sandbox {
    _root: tempfile::TempDir,
    parent: Utf8PathBuf,
    directory: Utf8PathBuf,
}

impl Sandbox {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let parent = Utf8PathBuf::from_path_buf(root.path().to_owned()).unwrap();
        let directory = parent.join("versions_procrastinate");
        Self {
            _root: root,
            parent,
            directory,
        }
    }

    fn filled() -> Self {
        let sandbox = Self::new();
        let directory = &sandbox.directory;
        fs_err::create_dir_all(directory.join("sql")).unwrap();
        fs_err::create_dir_all(directory.join("__pycache__")).unwrap();
        for (path, text) in [
            ("a.py", "a"),
            ("b.py", "b"),
            ("sql/old.sql", "old"),
            ("__pycache__/x.pyc", "x"),
            ("mine.txt", "mine"),
            ("vendor-migrations.lock", "lock"),
        ] {
            fs_err::write(directory.join(path), text).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("mine.txt", directory.join("link")).unwrap();
        sandbox
    }

    fn guard(&self) -> Exclusive {
        let waits = || Ok::<(), VendoredError>(());
        Exclusive::of(&self.parent, Duration::ZERO, waits).unwrap()
    }

    fn snapshot(&self) -> Snapshot {
        walkdir::WalkDir::new(&self.parent)
            .min_depth(1)
            .into_iter()
            .map(|entry| {
                let entry = entry.unwrap();
                let path = entry.path().strip_prefix(&self.parent).unwrap();
                let contents = match entry.file_type() {
                    kind if kind.is_dir() => "directory".to_owned(),
                    kind if kind.is_symlink() => {
                        format!("{:?}", fs_err::read_link(entry.path()).unwrap())
                    }
                    _ => fs_err::read_to_string(entry.path()).unwrap(),
                };
                (slashed(path.to_str().unwrap()), contents)
            })
            .collect()
    }

    fn run(&self, way: Way, step: Steps<'_>) -> Result<(), VendoredError> {
        let tree = scan(&self.directory)?;
        let files = changes(&tree);
        let work = Apply {
            directory: &self.directory,
            tree: &tree,
            files: &files,
            own: None,
        };
        match way {
            // Windows has no call for an exchange: there, a directory that is not new is written by way of a journal.
            Way::Exchange => stepwise(&work, step).map(|done| {
                let journaled = cfg!(windows) && tree.exists;
                assert_eq!(done.how == Applied::Journaled, journaled);
            }),
            Way::Files => own_files::run(self, step),
            Way::Journal => journal::write_through(&work, step).map(drop),
            Way::WithOwn => {
                let own = own_change(fs_err::read(self.parent.join(OWN)).ok());
                let own = OwnFiles {
                    root: &self.parent,
                    files: &own,
                };
                let work = Apply {
                    own: Some(own),
                    ..work
                };
                stepwise(&work, step).map(|done| assert_eq!(done.how, Applied::Journaled))
            }
        }
    }

    fn with_own(self) -> Self {
        fs_err::create_dir(self.parent.join("versions")).unwrap();
        fs_err::write(self.parent.join(OWN), "makes the tables").unwrap();
        self
    }
}

/// A revision file of the project's own.
const OWN: &str = "versions/a2.py";

fn own_change(before: Option<Vec<u8>>) -> [FileChange; 1] {
    [FileChange {
        path: OWN.to_owned(),
        before,
        after: Some(b"depends on what is vendored".to_vec()),
    }]
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    Exchange,
    Journal,
    /// A revision file of the project's own is a part of the run.
    WithOwn,
    /// Files of the project's own alone, as `init` writes them.
    Files,
}

fn changes(tree: &Tree) -> Vec<FileChange> {
    let change = |path: &str, after: Option<&str>| FileChange {
        path: path.to_owned(),
        before: tree.file(path).map(<[u8]>::to_vec),
        after: after.map(|text| text.as_bytes().to_vec()),
    };
    let mut files = vec![
        change("b.py", Some("B")),
        change("c.py", Some("C")),
        change("sql/new.sql", Some("new")),
        change("vendor-migrations.lock", Some("LOCK")),
    ];
    if tree.exists {
        files.push(change("sql/old.sql", None));
    }
    files
}

#[cfg(unix)]
#[test]
fn what_stays_keeps_its_inode_and_what_changes_its_mode() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let sandbox = Sandbox::filled();
    let inode = |path: &str| {
        fs_err::symlink_metadata(sandbox.directory.join(path))
            .unwrap()
            .ino()
    };
    let mode = std::fs::Permissions::from_mode(0o640);
    fs_err::set_permissions(sandbox.directory.join("b.py"), mode.clone()).unwrap();
    let kept = ["a.py", "mine.txt", "link", "__pycache__/x.pyc"].map(inode);
    sandbox.run(Way::Exchange, &mut |_| Ok(())).unwrap();
    assert_eq!(
        ["a.py", "mine.txt", "link", "__pycache__/x.pyc"].map(inode),
        kept
    );
    let changed = fs_err::metadata(sandbox.directory.join("b.py")).unwrap();
    assert_eq!(changed.permissions().mode() & 0o777, 0o640);
}

/// An exchange sees a new file, a journal leaves it alone.
#[cfg(unix)]
#[test]
fn what_somebody_else_writes_during_the_run_is_kept() {
    let sandbox = Sandbox::filled();
    let old = sandbox.snapshot();
    let result = sandbox.run(Way::Exchange, &mut |step| match step {
        "exchange" => fs_err::write(sandbox.directory.join("late.py"), "late"),
        _ => Ok(()),
    });
    assert!(matches!(result, Err(VendoredError::ChangedMeanwhile(_))));
    let mut expected = old;
    expected.insert(
        "versions_procrastinate/late.py".to_owned(),
        "late".to_owned(),
    );
    assert_eq!(sandbox.snapshot(), expected);
}

#[cfg(unix)]
#[test]
fn what_somebody_else_replaces_during_the_run_is_kept() {
    let sandbox = Sandbox::filled();
    let mine = sandbox.directory.join("mine.txt");
    let result = sandbox.run(Way::Exchange, &mut |step| match step {
        "exchange" => {
            fs_err::write(sandbox.parent.join("draft"), "new")?;
            fs_err::rename(sandbox.parent.join("draft"), &mine)
        }
        _ => Ok(()),
    });
    assert!(matches!(result, Err(VendoredError::ChangedMeanwhile(_))));
    assert_eq!(fs_err::read_to_string(&mine).unwrap(), "new");
}

#[test]
fn a_second_run_waits_for_its_turn_and_no_longer_than_it_is_to() {
    let sandbox = Sandbox::filled();
    let first = sandbox.guard();
    let second = |patience| {
        let mut said = false;
        let turn = Exclusive::of(&sandbox.parent, patience, || {
            said = true;
            Ok::<(), VendoredError>(())
        });
        assert!(said);
        turn
    };
    let late = second(Duration::ZERO);
    assert!(matches!(late, Err(VendoredError::Busy(_))));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| second(Duration::from_secs(60)));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!waiting.is_finished());
        drop(first);
        waiting.join().unwrap().unwrap();
    });
}

/// A look at what is left does not take what a run is at for its leavings.
#[test]
fn nothing_is_left_behind_while_a_run_is_at_work() {
    let sandbox = Sandbox::filled();
    let look = || leftovers(&sandbox.parent, &sandbox.directory).unwrap();
    let mut seen = 0;
    let guard = sandbox.guard();
    for way in [Way::Exchange, Way::Journal] {
        let result = sandbox.run(way, &mut |_| {
            seen += 1;
            assert_eq!(look(), []);
            match seen % 3 {
                0 => Err(io::Error::other("no space")),
                _ => Ok(()),
            }
        });
        assert!(result.is_err());
    }
    drop(guard);
    assert!(seen > 3);
    fs_err::create_dir(sandbox.parent.join(".versions_procrastinate.staged")).unwrap();
    assert_eq!(look().len(), 1);
}

#[test]
fn an_interrupted_run_is_not_finished_over_newer_edits() {
    let sandbox = Sandbox::filled();
    let replace = (1..).find(|step| {
        let sandbox = Sandbox::filled();
        kill_at(*step, &sandbox, Way::Journal);
        interrupted(&sandbox.directory).is_some()
    });
    kill_at(replace.unwrap(), &sandbox, Way::Journal);
    fs_err::write(sandbox.directory.join("b.py"), "edited since").unwrap();
    let before = sandbox.snapshot();
    let result = finish_interrupted(&sandbox.guard(), &sandbox.directory, &sandbox.parent);
    assert!(matches!(
        result,
        Err(VendoredError::ChangedSinceInterruption { .. })
    ));
    assert_eq!(sandbox.snapshot(), before);
}

#[test]
fn a_journal_cannot_write_outside_of_its_directory() {
    let sandbox = Sandbox::filled();
    let journal = sandbox.directory.join(JOURNAL);
    fs_err::create_dir(&journal).unwrap();
    let manifest = r#"{"steps": [{"path": "../escaped", "before": null, "after": null}]}"#;
    fs_err::write(journal.join("manifest.json"), manifest).unwrap();
    let result = finish_interrupted(&sandbox.guard(), &sandbox.directory, &sandbox.parent);
    assert!(matches!(result, Err(VendoredError::BadJournal { .. })));
}

mod concurrent;
mod every_step;
mod own_files;

use every_step::{kill_at, survives_kills};
