use super::*;
use crate::lockfile::tests_support::of_release;

fn release(name: &str) -> &'static Release {
    catalog::release(&name.parse().unwrap()).unwrap()
}

fn words(rollout: &Rollout) -> Vec<String> {
    let word = |action: &Action| match action {
        Action::Upgrade(target) => target.revision.replace("procrastinate_", ""),
        Action::Deploy => "deploy".to_owned(),
        Action::Stop => "stop".to_owned(),
        Action::Start => "start".to_owned(),
    };
    let words = |step: &Step| step.actions.iter().map(word).collect::<Vec<_>>().join(" ");
    let steps = rollout.steps.iter();
    steps
        .map(|step| format!("{}: {}", step.release.name, words(step)))
        .collect()
}

#[test]
fn every_release_that_ships_migrations_is_a_stop() {
    let lock = of_release(release("3.10.0"));
    let found = rollout(&lock, release("3.0.0"), release("3.10.0")).unwrap();
    assert_eq!(found.at, "procrastinate_03_00_00_50");
    assert_eq!(
        words(&found),
        [
            "3.1.0: 03_01_00_01 deploy 03_01_00_50",
            "3.2.1: 03_02_00_01 deploy 03_02_00_50",
            "3.3.0: 03_03_00_01 deploy",
            "3.4.0: 03_04_00_01 deploy 03_04_00_50",
            "3.10.0: deploy",
        ]
    );
    assert!(found.steps.iter().all(|step| step.interruption.is_none()));
    assert_eq!(found.notes.len(), 1, "{:?}", found.notes);
    assert!(found.notes[0].contains("03.00.00_01_pre_cancel_notification.sql"));
}

#[test]
fn names_from_before_the_phases_run_before_the_deploy() {
    let lock = of_release(release("3.10.0"));
    let found = rollout(&lock, release("2.4.0"), release("2.7.0")).unwrap();
    assert_eq!(
        words(&found),
        [
            "2.5.0: 02_00_03_01 deploy",
            "2.6.0: 02_05_00_01 deploy",
            "2.7.0: 02_06_00_01 deploy",
        ]
    );
}

#[test]
fn without_migrations_there_is_one_deploy_or_nothing() {
    let lock = of_release(release("3.10.0"));
    let found = rollout(&lock, release("3.6.0"), release("3.9.0")).unwrap();
    assert_eq!(words(&found), ["3.9.0: deploy"]);
    let found = rollout(&lock, release("3.6.0"), release("3.6.0")).unwrap();
    assert!(found.steps.is_empty());
}

#[test]
fn what_the_chain_cannot_separate_needs_an_interruption() {
    // The chain as somebody has it who began with 0.24.0: the renamed migration is behind that of 0.23.0.
    let lock = of_release(release("0.24.0"));
    let found = rollout(&lock, release("0.20.0"), release("0.24.0")).unwrap();
    assert_eq!(
        words(&found),
        ["0.23.0: stop 00_23_00_01 deploy start", "0.24.0: deploy"]
    );
    assert!(found.steps[0].interruption.is_some());
    // As somebody has it who came by every release.
    let mut lock = lock;
    let last = lock.revisions.len() - 1;
    lock.revisions.swap(last - 1, last);
    let found = rollout(&lock, release("0.20.0"), release("0.24.0")).unwrap();
    assert_eq!(
        words(&found),
        [
            "0.22.0: 00_23_00_01 deploy",
            "0.23.0: 00_22_00_01 deploy",
            "0.24.0: deploy"
        ]
    );
}

#[test]
fn a_pre_behind_a_post_of_the_same_release_needs_an_interruption() {
    let mut lock = of_release(release("3.10.0"));
    let last = lock.revisions.len() - 1;
    lock.revisions.swap(last - 1, last);
    let found = rollout(&lock, release("3.3.0"), release("3.4.0")).unwrap();
    assert_eq!(words(&found), ["3.4.0: stop 03_04_00_01 deploy start"]);
}

#[test]
fn every_migration_runs_once_and_in_order_whatever_the_releases() {
    let lock = of_release(release("3.10.0"));
    for from in catalog::releases() {
        let Ok(at) = position(&lock, from) else {
            continue;
        };
        for to in catalog::releases().filter(|to| to.version() >= from.version()) {
            let found = rollout(&lock, from, to).unwrap();
            let ran = found
                .steps
                .iter()
                .flat_map(|step| &step.actions)
                .filter_map(|action| match action {
                    Action::Upgrade(target) => Some(&target.migrations),
                    Action::Deploy | Action::Stop | Action::Start => None,
                });
            let ran: Vec<String> = ran.flatten().cloned().collect();
            let chain = lock
                .revisions
                .iter()
                .map(|revision| revision.sql.as_ref().unwrap().to_string());
            let expected: Vec<String> = chain.skip(at + 1).take(ran.len()).collect();
            assert_eq!(ran, expected, "{} to {}", from.name, to.name);
            assert!(found.steps.last().is_none_or(|step| step.release == to));
            assert!(at + ran.len() + 1 >= to.migrations.len());
        }
    }
}

#[test]
fn the_projects_own_revisions_among_them_and_copies_are_named() {
    let mut lock = of_release(release("3.10.0"));
    lock.upstream.mode = Mode::Copy;
    let last = lock.revisions.len() - 1;
    lock.revisions[last].down = Some("app".to_owned());
    let found = rollout(&lock, release("3.3.0"), release("3.4.0")).unwrap();
    let Some(Action::Upgrade(Target { own, .. })) = found.steps[0].actions.last() else {
        panic!("{found:?}")
    };
    assert_eq!(own, &["app"]);
    assert!(
        found
            .notes
            .iter()
            .any(|note| note.contains("3.10.0 is installed")),
        "{:?}",
        found.notes
    );
}

#[test]
fn what_is_not_vendored_is_refused() {
    let lock = of_release(release("3.0.2"));
    let refusal = rollout(&lock, release("3.0.0"), release("3.4.0")).unwrap_err();
    assert!(
        matches!(refusal, Refusal::NotVendored { behind: true, .. }),
        "{refusal}"
    );
}
