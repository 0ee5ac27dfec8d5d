//! Revision files of the project's own that are a part of a run.

use super::*;
use crate::digest::Digest;
use crate::vendored::files::write_files_stepwise;
use crate::vendored::tidy_root;

/// The configuration of `application`, behind the link.
const CONFIGURATION: &str = match cfg!(unix) {
    true => "app/config/alembic.ini",
    false => "app/alembic.ini",
};

/// An application that `init` is to wire: a link leads to its configuration (not on Windows), and the repository's hooks are configured
/// above.
pub(super) fn application() -> Sandbox {
    let sandbox = Sandbox::new();
    let repository = &sandbox.parent;
    for directory in ["app/config", "app/alembic", ".git"] {
        fs_err::create_dir_all(repository.join(directory)).unwrap();
    }
    for name in [
        CONFIGURATION,
        "app/pyproject.toml",
        ".pre-commit-config.yaml",
    ] {
        fs_err::write(repository.join(name), "old").unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("config/alembic.ini", repository.join("app/alembic.ini")).unwrap();
    sandbox
}

pub(super) fn run(sandbox: &Sandbox, step: Steps<'_>) -> Result<(), VendoredError> {
    let root = sandbox.parent.join("app");
    let change = |path: &str| FileChange {
        path: path.to_owned(),
        before: fs_err::read(root.join(path)).ok(),
        after: Some(b"new".to_vec()),
    };
    let files = [
        "alembic/versions_procrastinate/.gitattributes",
        "alembic.ini",
        "pyproject.toml",
        "../.pre-commit-config.yaml",
    ];
    write_files_stepwise(&root, &files.map(change), step).map(drop)
}

/// Until the run is committed nothing has changed; from then on the next finishes it.
#[test]
fn files_of_the_projects_own_survive_a_kill_at_any_step() {
    let reference = application();
    let old = reference.snapshot();
    reference.run(Way::Files, &mut |_| Ok(())).unwrap();
    let new = reference.snapshot();
    assert_eq!(new[CONFIGURATION], "new");
    #[cfg(unix)]
    assert_eq!(new["app/alembic.ini"], old["app/alembic.ini"]);
    let mut commits = 0;
    for step in 1.. {
        let sandbox = application();
        let root = sandbox.parent.join("app");
        let killed = kill_at(step, &sandbox, Way::Files);
        let now = sandbox.snapshot();
        for name in [
            CONFIGURATION,
            "app/pyproject.toml",
            ".pre-commit-config.yaml",
        ] {
            // Windows has no call that exchanges files.
            assert!(
                cfg!(windows) || now.contains_key(name),
                "step {step}: {name}"
            );
        }
        let finished = finish_interrupted(&sandbox.guard(), &root, &root).unwrap();
        commits += u32::from(finished.is_some());
        tidy_root(&sandbox.guard(), &root).unwrap();
        let expected = if finished.is_some() || !killed {
            &new
        } else {
            &old
        };
        assert_eq!(sandbox.snapshot(), *expected, "step {step}");
        if !killed {
            break;
        }
    }
    assert!(commits > 4, "{commits}");
}

#[test]
fn a_run_with_an_own_file_survives_a_kill_at_any_step() {
    survives_kills(|| Sandbox::filled().with_own(), Way::WithOwn);
    survives_kills(|| Sandbox::new().with_own(), Way::WithOwn);
}

/// In every state in between there is one, and Alembic stops, or the run fails: the project's own revision names vendored ones
/// that are not all there, or makes the tables that the vendored ones make. (On Windows it is gone for a moment.)
#[cfg(unix)]
#[test]
fn the_own_file_is_there_at_every_moment() {
    for (start, first) in [
        (Sandbox::new as fn() -> Sandbox, true),
        (Sandbox::filled, false),
    ] {
        for step in 1.. {
            let sandbox = start().with_own();
            let old = sandbox.snapshot();
            let killed = kill_at(step, &sandbox, Way::WithOwn);
            let edited =
                fs_err::read_to_string(sandbox.parent.join(OWN)).unwrap() != "makes the tables";
            let now = sandbox.snapshot();
            let changed = |name: &str| {
                let path = format!("versions_procrastinate/{name}");
                now.get(&path) != old.get(&path)
            };
            let any = ["b.py", "c.py"].into_iter().any(changed);
            let all = ["b.py", "c.py"].into_iter().all(changed);
            assert!(
                if first {
                    edited || !any
                } else {
                    all || !edited
                },
                "step {step}"
            );
            if !killed {
                break;
            }
        }
    }
}

#[test]
fn an_own_file_that_somebody_wrote_meanwhile_stays() {
    let sandbox = Sandbox::filled().with_own();
    let old = sandbox.snapshot();
    let result = sandbox.run(Way::WithOwn, &mut |step| {
        if step == "prepare" {
            fs_err::write(sandbox.parent.join(OWN), "written meanwhile")?;
        }
        Ok(())
    });
    assert!(
        matches!(result, Err(VendoredError::ChangedMeanwhile(_))),
        "{result:?}"
    );
    let mut expected = old;
    expected.insert(OWN.to_owned(), "written meanwhile".to_owned());
    assert_eq!(sandbox.snapshot(), expected);
}

/// A journal may come with a repository.
#[test]
fn a_journal_does_not_reach_out_of_the_project() {
    for path in [
        "../outside.py",
        "/tmp/outside.py",
        #[cfg(unix)]
        "link/outside.py",
        "versions/a2.txt",
        ".git/hooks/a2.py",
        "versions/.envrc",
        "../alembic.ini",
        #[cfg(unix)]
        "link/.pre-commit-config.yaml",
        "../../versions/.pre-commit-config.yaml",
        "versions/../../outside.py",
        #[cfg(windows)]
        "x\\\\..\\\\outside.py",
        #[cfg(windows)]
        "x:stream.py",
    ] {
        let sandbox = Sandbox::filled().with_own();
        let outside = tempfile::tempdir().unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside.path(), sandbox.parent.join("link")).unwrap();
        let journal = sandbox.directory.join(JOURNAL);
        fs_err::create_dir(&journal).unwrap();
        fs_err::write(journal.join("0.new"), "new").unwrap();
        let after = Digest::of("new");
        let manifest = format!(
            "{{\"steps\": [{{\"path\": \"{path}\", \"of_project\": true, \"before\": null, \"after\": \"{after}\"}}]}}"
        );
        fs_err::write(journal.join("manifest.json"), manifest).unwrap();
        let result = finish_interrupted(&sandbox.guard(), &sandbox.directory, &sandbox.parent);
        assert!(
            matches!(result, Err(VendoredError::BadJournal { .. })),
            "{path}: {result:?}"
        );
        assert_eq!(outside.path().read_dir().unwrap().count(), 0);
    }
}
