//! An upgrade step by step, with workers of the releases that run side by side at each stop.

use serde_json::Value;

use crate::sequences::commands;
use crate::support::database::Driver;
use crate::support::process::Outcome;
use crate::support::project::Project;
use crate::support::schema::Schema;
use crate::support::worker::Worker;

/// Jobs that one release defers and the other runs, both ways and each its own.
#[track_caller]
fn run_side_by_side(project: &Project, old: &Worker, new: &Worker, moment: &str) {
    let [own_old, own_new, from_old, from_new] =
        ["old", "new", "old-to-new", "new-to-old"].map(|name| format!("{moment}-{name}"));
    old.defer(&project.database, &[&own_old, &from_old]);
    new.defer(&project.database, &[&own_new, &from_new]);
    old.work(&project.database, &[&own_old, &from_new]);
    new.work(&project.database, &[&own_new, &from_old]);
}

fn upgrade(project: &Project, action: &Value) {
    let command = action["command"]
        .as_str()
        .expect("an upgrade has a command");
    project.shell(command).exits(0);
    let migrations = action["migrations"].as_array().expect("a list");
    assert!(!migrations.is_empty(), "{action}");
    assert_eq!(
        project.current(),
        [action["revision"].as_str().expect("an id")]
    );
}

/// Goes through the steps, with workers of the releases before and after each. Returns the releases that were deployed.
#[track_caller]
fn walk(project: &Project, plan: &Value) -> Vec<String> {
    assert_eq!(
        project.current(),
        [plan["revision"].as_str().expect("an id")]
    );
    let mut old = Worker::of(plan["from"].as_str().expect("a release"));
    let mut stops = Vec::new();
    for step in plan["steps"].as_array().expect("a list") {
        let release = step["release"].as_str().expect("a release");
        assert!(step["interruption"].is_null(), "{step}");
        stops.push(release.to_owned());
        let new = Worker::of(release);
        for (index, action) in step["actions"]
            .as_array()
            .expect("a list")
            .iter()
            .enumerate()
        {
            match action["action"].as_str() {
                Some("upgrade") => upgrade(project, action),
                // Until the deploy has ended, both are there.
                Some("deploy") => {
                    run_side_by_side(project, &old, &new, &format!("{release}-{index}"))
                }
                other => panic!("{other:?} in {step}"),
            }
        }
        new.defer(&project.database, &[release]);
        new.work(&project.database, &[release]);
        old = new;
    }
    stops
}

/// A project and its database at one release, and then the revisions of a later one. Returns what `sync` printed.
#[track_caller]
fn bumped(from: &str, to: &str) -> (Project, Outcome) {
    let project = Project::new(Driver::Psycopg);
    project.sync(from);
    project.upgrade();
    let printed = project.sync(to);
    (project, printed)
}

#[test]
fn from_3_0_0_to_3_10_0_without_interruption() {
    let (project, _) = bumped("3.0.0", "3.10.0");
    let plan = project.tool(&[
        "rollout", "--from", "3.0.0", "--to", "3.10.0", "--format", "json",
    ]);
    let plan: Value = serde_json::from_str(&plan.exits(0).stdout).expect("JSON");
    let stops = walk(&project, &plan);
    assert_eq!(stops, ["3.1.0", "3.2.1", "3.3.0", "3.4.0", "3.10.0"]);
    project.assert_at_head();
    let schema = Schema::of(&project.database);
    // A function of 3.0.0 that 3.0.2 wrote anew: `rollout` says that such a database keeps it.
    let old = Schema::of_release("3.0.0");
    let expected = ["abort_job_v1", "job_inserted_v1"].iter().fold(
        Schema::of_release("3.10.0"),
        |schema, end| {
            schema.with_lines_of(
                &old,
                &format!("function: public | procrastinate_notify_queue_{end} |"),
            )
        },
    );
    schema.assert_is(&expected);
    assert!(
        plan["notes"][0]
            .as_str()
            .is_some_and(|note| note.contains("03.00.00_01_pre_cancel_notification.sql"))
    );
}

/// Workers and a client that defers, of the old release or the new one, at each moment of what `sync` prints.
#[test]
fn what_sync_prints_for_several_releases_stops_nothing_that_runs() {
    for from in ["2.5.0", "3.0.0"] {
        let (project, printed) = bumped(from, "3.10.0");
        for pair in ["Before you deploy", "After it is deployed"] {
            assert!(!printed.stdout.contains(pair), "{printed}");
        }
        let [rollout, upgrade] = commands(&printed)[..] else {
            panic!("{printed}");
        };
        let plan = project.shell(&format!("{rollout} --format json")).exits(0);
        let plan: Value = serde_json::from_str(&plan.stdout).expect("JSON");
        assert_eq!(plan["from"], from);
        assert_eq!(plan["to"], "3.10.0");

        // With the interruption: the old release runs until it is stopped, the new one from when it is started.
        let old = Worker::of(from);
        old.defer(&project.database, &["before"]);
        project.shell(upgrade).exits(0);
        project.assert_at_head();
        let new = Worker::of("3.10.0");
        new.work(&project.database, &["before"]);
        new.defer(&project.database, &["after"]);
        new.work(&project.database, &["after"]);
    }
}

#[test]
fn what_sync_prints_for_one_deploy_stops_nothing_that_runs() {
    for (from, to, number) in [("3.2.2", "3.4.0", 2), ("2.8.0", "2.9.0", 1)] {
        let (project, printed) = bumped(from, to);
        let commands = commands(&printed);
        assert_eq!(commands.len(), number, "{printed}");
        let (old, new) = (Worker::of(from), Worker::of(to));
        project.shell(commands[0]).exits(0);
        run_side_by_side(&project, &old, &new, "deploy");
        for after in &commands[1..] {
            project.shell(after).exits(0);
        }
        project.assert_at_head();
        new.defer(&project.database, &["after"]);
        new.work(&project.database, &["after"]);
    }
}

#[test]
fn the_rollout_that_sync_prints_goes_from_2_5_0_to_3_10_0() {
    let (project, printed) = bumped("2.5.0", "3.10.0");
    let [rollout, _] = commands(&printed)[..] else {
        panic!("{printed}");
    };
    let plan = project.shell(&format!("{rollout} --format json")).exits(0);
    let plan: Value = serde_json::from_str(&plan.stdout).expect("JSON");
    let stops = walk(&project, &plan);
    assert_eq!(stops.last().map(String::as_str), Some("3.10.0"));
    project.assert_at_head();
    Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
}

/// A chain that began with a release from before a migration was moved cannot go release by release all the way.
#[test]
fn a_rollout_with_an_interruption_is_announced_as_one() {
    let project = Project::new(Driver::Psycopg);
    project.sync("0.17.0");
    let printed = project
        .sync("1.0.0")
        .says("which of them need an interruption");
    let [rollout, _] = commands(&printed)[..] else {
        panic!("{printed}");
    };
    project
        .shell(rollout)
        .exits(0)
        .says("Not without interruption");
}
