#![expect(
    clippy::disallowed_methods,
    reason = "tests set up directories of their own"
)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use camino::Utf8PathBuf;

use super::super::journal::JOURNAL;
use super::super::{finish_interrupted, interrupted};
use super::*;

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
                (path.to_str().unwrap().to_owned(), contents)
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
            Way::Exchange => {
                stepwise(&work, step).map(|done| assert_eq!(done.how, Applied::Exchanged))
            }
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

fn kill_at(step: usize, sandbox: &Sandbox, way: Way) -> bool {
    let mut seen = 0;
    let killed = catch_unwind(AssertUnwindSafe(|| {
        sandbox.run(way, &mut |_| {
            seen += 1;
            if seen == step {
                std::panic::resume_unwind(Box::new("killed"));
            }
            Ok(())
        })
    }));
    killed.is_err()
}

/// Kills a run at its every step; what is left is the old state or the new one, and the next run needs no help.
fn survives_kills(start: fn() -> Sandbox, way: Way) {
    let reference = start();
    let old = reference.snapshot();
    reference.run(way, &mut |_| Ok(())).unwrap();
    let new = reference.snapshot();
    assert_ne!(old, new);
    let own = |snapshot: &Snapshot| -> Snapshot {
        let inside = |path: &String| path.starts_with("versions") && !path.contains(JOURNAL);
        snapshot
            .clone()
            .into_iter()
            .filter(|(path, _)| inside(path))
            .collect()
    };
    for step in 1.. {
        let sandbox = start();
        let killed = kill_at(step, &sandbox, way);
        let committed = interrupted(&sandbox.directory).is_some();
        if committed {
            assert_ne!(way, Way::Exchange);
            assert!(
                finish_interrupted(&sandbox.directory, &sandbox.parent)
                    .unwrap()
                    .is_some()
            );
            assert_eq!(sandbox.snapshot(), new, "step {step}");
        }
        let left = own(&sandbox.snapshot());
        let mut bare = left.clone();
        bare.remove("versions_procrastinate");
        let empty = bare == own(&old);
        assert!(
            left == own(&old) || left == own(&new) || empty,
            "step {step}: {left:?}"
        );
        if left != own(&new) {
            sandbox.run(way, &mut |_| Ok(())).unwrap();
        } else if !killed {
            break;
        }
        if way != Way::Exchange || left != own(&new) {
            assert_eq!(sandbox.snapshot(), new, "step {step}");
        }
    }
}

#[test]
fn an_exchange_survives_a_kill_at_any_step() {
    survives_kills(Sandbox::filled, Way::Exchange);
    survives_kills(Sandbox::new, Way::Exchange);
}

#[test]
fn a_journal_survives_a_kill_at_any_step() {
    survives_kills(Sandbox::filled, Way::Journal);
    survives_kills(Sandbox::new, Way::Journal);
}

#[test]
fn a_failure_before_the_commit_leaves_everything_as_it_was() {
    for way in [Way::Exchange, Way::Journal] {
        for failing in ["stage", "prepare", "write", "exchange", "commit"] {
            let sandbox = Sandbox::filled();
            let old = sandbox.snapshot();
            let mut reached = false;
            let result = sandbox.run(way, &mut |step| {
                reached |= step == failing;
                if step == failing {
                    Err(io::Error::other("no space"))
                } else {
                    Ok(())
                }
            });
            if reached {
                assert!(
                    matches!(result, Err(VendoredError::Io(_))),
                    "{way:?} {failing}"
                );
                assert_eq!(sandbox.snapshot(), old, "{way:?} {failing}");
            }
        }
    }
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
fn a_second_run_is_kept_out() {
    let sandbox = Sandbox::filled();
    let guard = exclusive(&sandbox.parent).unwrap();
    assert!(guard.is_some());
    let result = sandbox.run(Way::Exchange, &mut |_| Ok(()));
    assert!(matches!(result, Err(VendoredError::Busy(_))));
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
    let result = finish_interrupted(&sandbox.directory, &sandbox.parent);
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
    let result = finish_interrupted(&sandbox.directory, &sandbox.parent);
    assert!(matches!(result, Err(VendoredError::BadJournal { .. })));
}

mod concurrent;
mod own_files;
