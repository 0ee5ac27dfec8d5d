//! `rollout`: the steps in each format, and what is refused. That they work is for the end-to-end tests.

use serde_json::Value;
use vendor_migrations::lockfile::Mode;

use crate::support::Project;
use crate::support::vendored::lock_of;

const TEXT: &str = "\
Procrastinate 3.2.1 to 3.5.1
3 steps. The database begins at `procrastinate_03_02_00_50`.

1. Procrastinate 3.3.0
   alembic upgrade procrastinate_03_03_00_01
     03.03.00_01_pre_priority_lock_fetch_job.sql
   Deploy Procrastinate 3.3.0 everywhere

2. Procrastinate 3.4.0
   alembic upgrade procrastinate_03_04_00_01
     03.04.00_01_pre_add_retry_failed_job_procedure.sql
   Deploy Procrastinate 3.4.0 everywhere
   alembic upgrade procrastinate_03_04_00_50
     03.04.00_50_post_add_retry_failed_job_procedure.sql

3. Procrastinate 3.5.1
   Deploy Procrastinate 3.5.1; it needs no migration
";

const MARKDOWN: &str = "\
# Procrastinate 3.3.0 to 3.4.0

1 step. The database begins at `procrastinate_03_03_00_01`.

## Procrastinate 3.4.0

- [ ] `alembic -n jobs upgrade procrastinate_03_04_00_01`: `03.04.00_01_pre_add_retry_failed_job_procedure.sql`
- [ ] Deploy Procrastinate 3.4.0 everywhere
- [ ] `alembic -n jobs upgrade procrastinate_03_04_00_50`: `03.04.00_50_post_add_retry_failed_job_procedure.sql`
";

#[test]
fn text_and_markdown() {
    let project = Project::of_release("3.10.0");
    let outcome = project.run(&["rollout", "--from", "3.2.1", "--to", "3.5.1"]);
    assert_eq!(
        (outcome.exits(0).out.as_str(), outcome.err.as_str()),
        (TEXT, "")
    );
    let ini = std::fs::read_to_string(project.root.join("alembic.ini")).unwrap();
    project.put("alembic.ini", ini.replace("[alembic]", "[jobs]"));
    let outcome = project.run(&[
        "-n",
        "jobs",
        "rollout",
        "--from=3.3.0",
        "--to=3.4.0",
        "--format=markdown",
    ]);
    assert_eq!(
        (outcome.exits(0).out.as_str(), outcome.err.as_str()),
        (MARKDOWN, "")
    );
}

#[test]
fn json_has_its_documented_keys() {
    let project = Project::of_release("3.10.0");
    let outcome = project.run(&["rollout", "--from", "3.0.0", "--format", "json"]);
    let report: Value = serde_json::from_str(&outcome.exits(0).out).unwrap();
    assert_eq!(
        (&report["version"], &report["command"]),
        (&1.into(), &"rollout".into())
    );
    assert_eq!(
        (&report["from"], &report["to"]),
        (&"3.0.0".into(), &"3.10.0".into())
    );
    assert_eq!(report["revision"], "procrastinate_03_00_00_50");
    assert_eq!(report["notes"].as_array().unwrap().len(), 1);
    let first = &report["steps"][0];
    assert_eq!(
        (&first["release"], &first["interruption"]),
        (&"3.1.0".into(), &Value::Null)
    );
    let upgrade = &first["actions"][0];
    assert_eq!(upgrade["action"], "upgrade");
    assert_eq!(
        upgrade["command"],
        "alembic upgrade procrastinate_03_01_00_01"
    );
    assert_eq!(upgrade["revision"], "procrastinate_03_01_00_01");
    assert_eq!(
        upgrade["migrations"][0],
        "03.01.00_01_pre_add_heartbeat.sql"
    );
    assert_eq!(upgrade["own"], Value::Array(Vec::new()));
    assert_eq!(first["actions"][1], serde_json::json!({"action": "deploy"}));
}

#[test]
fn what_cannot_be_separated_says_so_in_each_format() {
    let project = Project::of_release("3.10.0");
    for format in ["text", "markdown", "json"] {
        let outcome = project.run(&[
            "rollout", "--from", "0.20.0", "--to", "0.23.0", "--format", format,
        ]);
        outcome
            .exits(0)
            .out_has(&["migrations of later releases before the last one of 0.22.0"]);
    }
    let text = project.run(&["rollout", "--from", "0.20.0", "--to", "0.23.0"]);
    text.out_has(&[
        "Not without interruption",
        "Stop everything",
        "Start it again",
    ]);
}

#[test]
fn copies_need_the_package_where_the_command_runs() {
    let mut lock = lock_of("3.10.0");
    lock.upstream.mode = Mode::Copy;
    let project = Project::of_lock(lock, |_| None);
    project
        .run(&["rollout", "--from", "3.3.0"])
        .exits(0)
        .out_has(&["where Procrastinate 3.10.0 is installed"]);
}

#[test]
fn a_linear_history_names_the_projects_own_revisions() {
    let own = |id: &str| (id == "procrastinate_03_04_00_50").then_some("app1");
    let project = Project::of_lock(lock_of("3.10.0"), own);
    for format in ["text", "markdown"] {
        let outcome = project.run(&["rollout", "--from", "3.3.0", "--format", format]);
        outcome
            .exits(0)
            .out_has(&["the project's own revisions up to", "app1"]);
    }
}

#[test]
fn from_and_to() {
    let project = Project::of_release("3.4.0");
    project
        .run(&["rollout", "--from", "3.4.0"])
        .exits(0)
        .out_has(&["nothing to do"]);
    project
        .run(&["rollout", "--from", "3.4.0", "--to", "3.0.0"])
        .fails(&["3.4.0", "3.0.0", "newer"]);
    project
        .run(&["rollout", "--from", "3.0.1"])
        .fails(&["3.0.0 and 3.0.2"]);
    project
        .run(&["rollout", "--from", "3.0.0", "--to", "99"])
        .fails(&["newest known release"]);
    project.run(&["rollout"]).exits(2);
    let project = Project::of_release("3.0.2");
    let outcome = project.run(&["rollout", "--from", "3.0.0", "--to", "3.4.0"]);
    outcome.exits(1).err_has(&[
        "refused:",
        "03.04.00_01_pre_add_retry_failed_job_procedure.sql",
        "sync --release 3.4.0",
    ]);
    assert_eq!(outcome.out, "");
    Project::new()
        .run(&["rollout", "--from", "3.0.0"])
        .exits(1)
        .err_has(&["nothing is vendored"]);
}
