//! An upgrade step by step, with workers of the releases that run side by side at each stop.

use serde_json::Value;

use crate::support::database::Driver;
use crate::support::project::Project;
use crate::support::schema::Schema;
use crate::support::worker::Worker;

/// Jobs that one release defers and the other runs, both ways and each its own.
#[track_caller]
fn run_side_by_side(project: &Project, old: &Worker, new: &Worker, moment: &str) {
    for (index, (deferrer, worker)) in [(old, old), (new, new), (old, new), (new, old)]
        .iter()
        .enumerate()
    {
        let queue = format!("{moment}-{index}");
        deferrer.defer(&project.database, &queue);
        worker.work(&project.database, &queue);
    }
}

fn upgrade(project: &Project, action: &Value) {
    let command = action["command"]
        .as_str()
        .expect("an upgrade has a command");
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[0], "alembic");
    project.alembic(&words[1..]).exits(0);
    let migrations = action["migrations"].as_array().expect("a list");
    assert!(!migrations.is_empty(), "{action}");
    assert_eq!(
        project.current(),
        [action["revision"].as_str().expect("an id")]
    );
}

#[test]
fn from_3_0_0_to_3_10_0_without_interruption() {
    let project = Project::new(Driver::Psycopg);
    project.sync("3.0.0");
    project.upgrade();
    project.sync("3.10.0");
    let plan = project.tool(&[
        "rollout", "--from", "3.0.0", "--to", "3.10.0", "--format", "json",
    ]);
    let plan: Value = serde_json::from_str(&plan.exits(0).stdout).expect("JSON");
    assert_eq!(
        project.current(),
        [plan["revision"].as_str().expect("an id")]
    );
    let mut old = Worker::of("3.0.0");
    let mut stops = Vec::new();
    for step in plan["steps"].as_array().expect("a list") {
        let release = step["release"].as_str().expect("a release");
        assert!(step["interruption"].is_null(), "{step}");
        stops.push(release);
        let new = Worker::of(release);
        for (index, action) in step["actions"]
            .as_array()
            .expect("a list")
            .iter()
            .enumerate()
        {
            match action["action"].as_str() {
                Some("upgrade") => upgrade(&project, action),
                // Until the deploy has ended, both are there.
                Some("deploy") => {
                    run_side_by_side(&project, &old, &new, &format!("{release}-{index}"))
                }
                other => panic!("{other:?} in {step}"),
            }
        }
        new.defer(&project.database, release);
        new.work(&project.database, release);
        old = new;
    }
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
