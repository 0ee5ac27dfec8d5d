//! A run is killed at its every step, and each step fails.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;

pub(super) fn kill_at(step: usize, sandbox: &Sandbox, way: Way) -> bool {
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
pub(super) fn survives_kills(start: fn() -> Sandbox, way: Way) {
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
            assert!(cfg!(windows) || way != Way::Exchange);
            assert!(
                finish_interrupted(&sandbox.guard(), &sandbox.directory, &sandbox.parent)
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

/// Lets each step of a run fail: all is as it was before, or, where the last steps fail that only clear away, as it is to be.
fn survives_failures(start: fn() -> Sandbox, way: Way) {
    let reference = start();
    let old = reference.snapshot();
    reference.run(way, &mut |_| Ok(())).unwrap();
    let new = reference.snapshot();
    for failing in 1.. {
        let sandbox = start();
        let mut seen = 0;
        let mut name = "";
        let result = sandbox.run(way, &mut |step| {
            seen += 1;
            if seen != failing {
                return Ok(());
            }
            name = step;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        });
        if seen < failing {
            assert!(result.is_ok());
            break;
        }
        let context = format!("{way:?}, step {failing}, {name}: {result:?}");
        match result {
            Ok(()) => {
                assert_eq!(name, "discard", "{context}");
                let now = sandbox.snapshot();
                let is_there = |(path, text): (&String, &String)| now.get(path) == Some(text);
                assert!(new.iter().all(is_there), "{context}");
            }
            Err(VendoredError::Io(_)) => assert_eq!(sandbox.snapshot(), old, "{context}"),
            Err(_) => panic!("{context}"),
        }
    }
}

#[test]
fn a_failure_at_any_step_leaves_everything_as_it_was() {
    for way in [Way::Exchange, Way::Journal] {
        survives_failures(Sandbox::filled, way);
        survives_failures(Sandbox::new, way);
    }
    survives_failures(|| Sandbox::filled().with_own(), Way::WithOwn);
    survives_failures(|| Sandbox::new().with_own(), Way::WithOwn);
    survives_failures(own_files::application, Way::Files);
}
