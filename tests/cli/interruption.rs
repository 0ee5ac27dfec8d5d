//! A run that is cut off at any instant leaves the old state or the new one, and the next run cleans up.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use camino::Utf8Path;

use crate::support::project::outcome;
use crate::support::releases::{Wrapping, four, three};
#[cfg(unix)]
use crate::support::user::{disown, unprivileged};
use crate::support::{Outcome, Package, Project, Snapshot, put};

const KILLS: u32 = 20;
const STAGED: &str = "alembic/.versions_procrastinate.staged";
const EXCHANGED: &str = "alembic/.versions_procrastinate.exchanged";

/// A release with many migrations; `text` is in all of them.
fn many(release: &str, number: usize, text: &str) -> Package {
    let mut package = Package::new(release);
    for index in 10..10 + number {
        package = package.sql(
            &format!("01.00.00_{index}_step.sql"),
            &format!("SELECT '{text} {index}';\n"),
        );
    }
    package
}

/// The same with revision files.
fn many_copied(release: &str, text: &str) -> Package {
    let migrations: Vec<(String, String)> = (10..30)
        .map(|index| {
            (
                format!("01.00.00_{index}_step.sql"),
                format!("SELECT '{text} {index}';\n"),
            )
        })
        .collect();
    let migrations: Vec<(&str, &str)> = migrations
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    Wrapping::Call.release(release, &migrations)
}

fn spawn(project: &Project, site: &Utf8Path, options: &[&str]) -> Child {
    let mut command = project.tool(&[&["sync", "--from", site.as_str()], options].concat());
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Brings a project from `old` (if there is one) to `new`, killed after more and more of the time that it takes.
fn survives_kills(old: Option<&Package>, new: &Package, options: &[&str]) {
    let make = || old.map_or_else(Project::new, Project::with);
    let reference = make();
    let old_tree = reference.tree();
    let begin = Instant::now();
    reference.syncs(new, options);
    let whole = begin.elapsed();
    let new_tree = reference.tree();
    for kill in 0..KILLS {
        let project = make();
        let site = project.install(new);
        let mut child = spawn(&project, &site, options);
        std::thread::sleep(whole * kill / (KILLS - 5));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_old_or_new(&project, &old_tree, &new_tree);
        project
            .run(&[&["sync", "--from", site.as_str()], options].concat())
            .exits(0);
        new_tree.assert_same_contents(&project.tree());
        project.run(&["check", "--from", site.as_str()]).exits(0);
    }
}

/// What Alembic sees is whole: the directory beside it, of a run that was cut off, is none of its business.
#[track_caller]
fn assert_old_or_new(project: &Project, old: &Snapshot, new: &Snapshot) {
    let beside = [STAGED, EXCHANGED].map(|name| project.root.join(name));
    let beside: Vec<_> = beside.iter().filter(|path| path.exists()).collect();
    let parked = project.beside("parked");
    for path in &beside {
        std::fs::rename(path, &parked).unwrap();
    }
    let now = project.tree();
    for path in &beside {
        std::fs::rename(&parked, path).unwrap();
    }
    assert!(
        now.has_same_contents(old) || now.has_same_contents(new),
        "{:?}",
        now.paths()
    );
}

#[test]
fn a_first_sync_survives_kills() {
    survives_kills(None, &many("91.0.0", 40, "first"), &[]);
}

#[cfg(unix)]
#[test]
fn an_upgrade_survives_kills() {
    survives_kills(
        Some(&many("91.0.0", 30, "old")),
        &many("91.1.0", 40, "new"),
        &[],
    );
}

#[cfg(unix)]
#[test]
fn a_change_of_mode_survives_kills() {
    let old = many_copied("91.0.0", "old");
    survives_kills(
        Some(&old),
        &many_copied("91.1.0", "new"),
        &["--mode", "render"],
    );
}

/// A project in which an ordinary user may not link files, so that the exchange is not to be had: only the superuser can
/// make one. For others the exchange is killed once more.
#[cfg(unix)]
pub(crate) fn make_journaled(old: &Package) -> Project {
    let project = Project::with(old);
    let _ = unprivileged(&project, []);
    disown(&project, &project.vendored().join(".gitattributes"));
    project
}

#[cfg(unix)]
#[test]
fn files_of_another_owner_do_not_stop_a_sync() {
    let project = make_journaled(&three());
    let site = project.install(&four());
    outcome(&mut ordinary(&project, &site)).exits(0);
    project.check(&four(), &["--strict"]).exits(0);
}

/// `sync` as the ordinary user.
#[cfg(unix)]
pub(crate) fn ordinary(project: &Project, site: &Utf8Path) -> Command {
    let mut command = unprivileged(project, ["sync", "--from", site.as_str()]);
    disown(project, &project.vendored().join(".gitattributes"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[cfg(unix)]
#[test]
fn a_journaled_upgrade_survives_kills() {
    let (old, new) = (many("91.0.0", 30, "old"), many("91.1.0", 40, "new"));
    let reference = make_journaled(&old);
    let begin = Instant::now();
    outcome(&mut ordinary(&reference, &reference.install(&new))).exits(0);
    let whole = begin.elapsed();
    let new_tree = reference.tree();
    for kill in 0..KILLS {
        let project = make_journaled(&old);
        let site = project.install(&new);
        let mut child = ordinary(&project, &site).spawn().unwrap();
        std::thread::sleep(whole * kill / (KILLS - 5));
        child.kill().unwrap();
        child.wait().unwrap();
        let committed = project
            .vendored()
            .join(".vendor-migrations-journal/manifest.json");
        if committed.exists() {
            project
                .run(&["check", "--from", site.as_str()])
                .fails(&["was interrupted"]);
        }
        outcome(&mut ordinary(&project, &site)).exits(0);
        new_tree.assert_same_contents(&project.tree());
    }
}

/// What a run leaves that was killed after the exchange, before the old directory was removed.
fn leave_staged(project: &Project) {
    let staged = project.root.join(STAGED);
    std::fs::create_dir(&staged).unwrap();
    for name in project.vendored_tree().paths() {
        std::fs::hard_link(project.vendored().join(&name), staged.join(&name)).unwrap();
    }
}

#[test]
fn what_a_killed_run_left_is_removed_even_if_there_is_nothing_to_do() {
    for package in [three(), four()] {
        let project = Project::with(&three());
        leave_staged(&project);
        project.check(&three(), &[]).exits(0);
        project.syncs(&package, &[]);
        assert!(!project.root.join(STAGED).exists());
        project.check(&package, &[]).exits(0);
    }
}

#[test]
fn a_journal_that_was_never_committed_is_removed_even_if_there_is_nothing_to_do() {
    for package in [three(), four()] {
        let project = Project::with(&three());
        project.write(".vendor-migrations-journal/0.new", "half of a fi");
        project.write(".vendor-migrations-journal/manifest.draft", "{");
        project.syncs(&package, &[]);
        assert!(
            !project
                .vendored()
                .join(".vendor-migrations-journal")
                .exists()
        );
        project.check(&package, &["--strict"]).exits(0);
    }
}

#[test]
fn runs_at_the_same_time_give_one_whole_result() {
    let (old, new) = (many("91.0.0", 30, "old"), many("91.1.0", 40, "new"));
    let reference = Project::with(&old);
    reference.syncs(&new, &[]);
    for _ in 0..5 {
        let project = Project::with(&old);
        let site = project.install(&new);
        let children: Vec<Child> = (0..6).map(|_| spawn(&project, &site, &[])).collect();
        let outcomes: Vec<Outcome> = children
            .into_iter()
            .map(|child| child.wait_with_output().unwrap().into())
            .collect();
        for outcome in &outcomes {
            outcome.does_not_panic();
            if outcome.code != Some(0) {
                // It met the other run at work, or found its work done between its own two looks.
                let met = [
                    "another `vendor-migrations sync`",
                    "changed by somebody else",
                ];
                outcome.fails(&["alembic"]);
                assert!(
                    met.iter().any(|words| outcome.err.contains(words)),
                    "{outcome:?}"
                );
            }
        }
        assert!(
            outcomes.iter().any(|outcome| outcome.code == Some(0)),
            "{outcomes:?}"
        );
        reference.tree().assert_same_contents(&project.tree());
    }
}

/// Somebody's file that a run which was killed had not put back.
#[test]
fn what_a_killed_run_left_of_somebodys_is_named_and_then_put_back() {
    let project = Project::with(&three());
    let left = project.root.join(EXCHANGED);
    std::fs::create_dir(&left).unwrap();
    for name in project.vendored_tree().paths() {
        std::fs::copy(project.vendored().join(&name), left.join(&name)).unwrap();
    }
    std::fs::write(left.join("mine.txt"), "mine").unwrap();
    std::fs::write(left.join(".gitattributes"), "mine").unwrap();
    for name in ["mine.txt", ".gitattributes"] {
        let check = project.check(&three(), &[]);
        check
            .exits(1)
            .out_has(&["stranded-file", name, "vendor-migrations sync"]);
    }
    let before = project.tree();
    let dry = project.syncs(&three(), &["--dry-run"]);
    dry.err_has(&["was left behind"]);
    before.assert_untouched(&project.tree());
    let outcome = project.syncs(&three(), &[]);
    outcome.err_has(&["mine.txt", ".gitattributes.kept", "somebody wrote `"]);
    assert!(!left.exists());
    assert_eq!(project.text("mine.txt"), "mine");
    assert_eq!(project.text(".gitattributes.kept"), "mine");
    project.check(&three(), &["--strict"]).exits(0);
}

/// What an earlier run left may be somebody else's by now, mounted, or protected otherwise.
#[cfg(unix)]
#[test]
fn what_cannot_be_removed_is_named_and_stops_nothing() {
    let project = Project::with(&three());
    let left = project.root.join(STAGED);
    put(&left.join("a.py"), "half");
    let site = project.install(&four());
    let mut sync = unprivileged(&project, ["sync", "--from", site.as_str()]);
    disown(&project, &left);
    let outcome = outcome(&mut sync);
    outcome.exits(0).err_has(&[STAGED]);
    project.check(&four(), &[]).exits(0);
    assert_eq!(left.exists(), outcome.err.contains("stays"), "{outcome}");
    assert!(!project.root.join(format!("{STAGED}-2")).exists());
}

#[test]
fn a_file_that_has_the_name_of_a_runs_directory_is_left_alone() {
    let project = Project::with(&three());
    for name in [STAGED, EXCHANGED] {
        put(&project.root.join(name), "mine");
    }
    project.syncs(&four(), &[]);
    project.check(&four(), &["--strict"]).exits(0);
    for name in [STAGED, EXCHANGED] {
        assert_eq!(std::fs::read(project.root.join(name)).unwrap(), b"mine");
    }
}
