//! Revision files of the project's own that are a part of a run.

use super::*;
use crate::digest::Digest;

#[test]
fn a_run_with_an_own_file_survives_a_kill_at_any_step() {
    survives_kills(|| Sandbox::filled().with_own(), Way::WithOwn);
    survives_kills(|| Sandbox::new().with_own(), Way::WithOwn);
}

/// In every state in between, the project's own revision names vendored ones that are not all there: Alembic stops.
#[test]
fn the_own_file_is_written_first() {
    for step in 1.. {
        let sandbox = Sandbox::new().with_own();
        let killed = kill_at(step, &sandbox, Way::WithOwn);
        let edited = fs_err::read_to_string(sandbox.parent.join(OWN))
            .ok()
            .as_deref()
            != Some("makes the tables");
        let vendored = ["b.py", "c.py"]
            .iter()
            .any(|name| sandbox.directory.join(name).exists());
        assert!(edited || !vendored, "step {step}");
        if !killed {
            break;
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
        "link/outside.py",
        "versions/a2.txt",
        "versions/../../outside.py",
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
        let result = finish_interrupted(&sandbox.directory, &sandbox.parent);
        assert!(
            matches!(result, Err(VendoredError::BadJournal { .. })),
            "{path}: {result:?}"
        );
        assert_eq!(outside.path().read_dir().unwrap().count(), 0);
    }
}
