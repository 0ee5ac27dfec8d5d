//! `review`: which two sides it compares, which file it writes, and what it refuses. What it says of real releases is for the end-to-end tests.

#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::Value;

use crate::support::package::Package;
use crate::support::snapshot::Snapshot;
use crate::support::{Project, put};

fn json(project: &Project, arguments: &[&str]) -> Value {
    let arguments = [&["review", "--format", "json"], arguments].concat();
    serde_json::from_str(&project.run(&arguments).exits(0).out).unwrap()
}

fn names(report: &Value, change: &str) -> Vec<String> {
    let all = report["migrations"].as_array().unwrap().iter();
    let changed = all.filter(|one| one["change"] == change);
    changed
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn it_compares_what_is_vendored_with_what_is_pinned() {
    let project = Project::of_release("3.3.0");
    put(
        &project.root.join("requirements.txt"),
        "procrastinate==3.4.0\n",
    );
    let before = project.tree();
    let report = json(&project, &[]);
    assert_eq!(
        (&report["from"], &report["to"]),
        (&"3.3.0".into(), &"3.4.0".into())
    );
    assert_eq!(names(&report, "new").len(), 2);
    assert_eq!(report["summary"]["statements"], 6);
    assert_eq!(
        report["runs"][0]["command"],
        "alembic upgrade procrastinate_03_04_00_01"
    );
    assert_eq!(report["runs"][0]["beside"], "3.3.0");
    assert_eq!(report["runs"][1]["beside"], "3.4.0");
    before.assert_untouched(&project.tree());
    // What is named comes before both.
    let report = json(&project, &["--from", "3.1.0", "--to", "3.2.1"]);
    assert_eq!(
        (&report["from"], &report["to"]),
        (&"3.1.0".into(), &"3.2.1".into())
    );
}

#[cfg(unix)]
#[test]
fn what_is_not_known_is_said() {
    let project = Project::of_release("3.10.0");
    let sql = "ALTER TABLE procrastinate_jobs ADD COLUMN x int NOT NULL;\nCREATE INDEX i ON procrastinate_jobs (x);\n";
    let site = project.install(&Package::new("90.0.0").sql("90.00.00_01_pre_x.sql", sql));
    put(
        &project.root.join("vendor-migrations.toml"),
        format!("from = \"{site}\"\n"),
    );
    let report = json(&project, &[]);
    let new = report["migrations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["change"] == "new")
        .unwrap();
    assert_eq!(
        (&new["facts"], &new["release"], &new["sql"]),
        (&"estimated".into(), &Value::Null, &sql.into())
    );
    let rules: Vec<&str> = new["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["estimates"][0]["rule"].as_str().unwrap())
        .collect();
    assert_eq!(
        rules,
        ["adding-required-field", "require-concurrent-index-creation"]
    );
    // That release has nothing else: what it lacks is told, too.
    assert_eq!(names(&report, "left").len(), 38);
    let text = project.run(&["review"]).exits(0).out.clone();
    assert!(
        text.contains("not measured: an estimate")
            && text.contains("estimate by the rules of a linter"),
        "{text}"
    );
}

#[test]
fn nothing_to_do_is_said() {
    let project = Project::of_release("3.10.0");
    for arguments in [
        &["--from", "3.5.2", "--to", "3.10.0"][..],
        &["--from", "3.10", "--to", "3.10.0"],
    ] {
        let report = json(&project, arguments);
        assert_eq!(report["migrations"], Value::Array(Vec::new()));
        let arguments = [&["review"], arguments].concat();
        project.run(&arguments).exits(0).out_has(&[
            "none: both releases have the same migrations",
            "nothing stands out",
        ]);
    }
}

#[test]
fn a_new_project_needs_no_order() {
    let project = Project::new();
    let report = json(&project, &["--to", "3.10.0"]);
    assert_eq!(
        (&report["from"], &report["steps"]),
        (&Value::Null, &Value::Null)
    );
    assert!(
        report["no_steps"]
            .as_str()
            .unwrap()
            .contains("needs no order")
    );
    assert_eq!(report["summary"]["strongest"], Value::Null);
    assert_eq!(report["runs"][0]["command"], "alembic upgrade heads");
}

#[test]
fn releases_that_are_not_there_are_refused() {
    let project = Project::of_release("3.0.0");
    project
        .run(&["review", "--to", "3.99"])
        .exits(2)
        .err_has(&["3.99 is not in the catalogue of releases", "help:"]);
    project
        .run(&["review", "--from", "0.1", "--to", "3.0.0"])
        .exits(2)
        .err_has(&["0.1 is not in the catalogue of releases"]);
    project
        .run(&["review", "--to", "three"])
        .exits(2)
        .err_has(&["three"]);
    project
        .run(&["review"])
        .exits(2)
        .err_has(&[
            "Procrastinate was not found",
            "name the release to deploy (`--to X.Y.Z`)",
        ])
        .err_lacks(&["--from PATH"]);
}

const ARGUMENTS: [&str; 6] = ["review", "--from", "3.0.0", "--to", "3.1.0", "--output"];

/// Each format, into a file, and what it begins with.
#[cfg(unix)]
#[test]
fn its_own_files_are_overwritten() {
    let project = Project::of_release("3.10.0");
    for (format, begin) in [
        ("text", "vendor-migrations review: "),
        ("markdown", "<!-- vendor-migrations review -->\n"),
        ("json", "{\n  \"version\": 1,\n  \"command\": \"review\""),
        ("html", "<!DOCTYPE html>"),
    ] {
        let arguments = [&ARGUMENTS[..], &["report", "--format", format]].concat();
        // Whatever the format was that is there.
        let outcome = project.run(&arguments);
        assert_eq!(
            (outcome.exits(0).out.as_str(), outcome.err.as_str()),
            ("", "wrote report\n")
        );
        let piped = project.run(&[&ARGUMENTS[..5], &["--format", format]].concat());
        let written = std::fs::read_to_string(project.root.join("report")).unwrap();
        assert_eq!(written, piped.exits(0).out);
        assert!(written.starts_with(begin), "{written}");
    }
    let quiet = project.run(&[&ARGUMENTS[..], &["report", "-q"]].concat());
    assert_eq!((quiet.exits(0).out.as_str(), quiet.err.as_str()), ("", ""));
    // A link stays one, and has the report.
    symlink("report", project.root.join("link")).unwrap();
    project.run(&[&ARGUMENTS[..], &["link"]].concat()).exits(0);
    assert!(project.root.join("link").is_symlink());
}

#[cfg(unix)]
#[test]
fn other_files_are_not() {
    let project = Project::of_release("3.10.0");
    put(&project.root.join("notes.md"), "mine\n");
    std::fs::create_dir(project.root.join("directory")).unwrap();
    symlink("nowhere/file", project.root.join("broken")).unwrap();
    let before = Snapshot::of(&project.root);
    for (path, why, help) in [
        (
            "notes.md",
            "`notes.md` exists, but is not a report of `vendor-migrations review`",
            "`--force`",
        ),
        (
            "directory",
            "`directory` is a directory",
            "name a file in it",
        ),
        (
            "absent/report",
            "the directory of `absent/report` does not exist",
            "make the directory",
        ),
        (
            "/dev/null",
            "`/dev/null` is not a file",
            "without `--output`",
        ),
        ("broken", "`broken` is not a file", "without `--output`"),
    ] {
        project
            .run(&[&ARGUMENTS[..], &[path]].concat())
            .exits(2)
            .err_has(&[why, help]);
    }
    before.assert_untouched(&Snapshot::of(&project.root));
    project
        .run(&[&ARGUMENTS[..], &["notes.md", "--force"]].concat())
        .exits(0);
    assert!(
        std::fs::read_to_string(project.root.join("notes.md"))
            .unwrap()
            .contains("vendor-migrations review")
    );
    // A file that only quotes a report is somebody's, wherever the words stand.
    for before in [
        "",
        "# Upgrades\n\nRun `",
        "<!-- ",
        "{\"command\": \"review\"} ",
    ] {
        let quoted = format!("{before}vendor-migrations review` first\n");
        put(&project.root.join("quoted.md"), &quoted);
        project
            .run(&[&ARGUMENTS[..], &["quoted.md"]].concat())
            .exits(2);
        assert_eq!(
            std::fs::read_to_string(project.root.join("quoted.md")).unwrap(),
            quoted
        );
    }
    project
        .run(&["review", "--force"])
        .exits(2)
        .err_has(&["--output"]);
    // Nor does a report belong beside vendored revisions.
    let vendored = "alembic/versions_procrastinate/review.html";
    project
        .run(&[&ARGUMENTS[..], &[vendored, "--force"]].concat())
        .exits(2)
        .err_has(&["inside of the vendored directory", "name a file elsewhere"]);
    assert!(!project.root.join(vendored).exists());
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_is_named() {
    if rustix::process::geteuid().is_root() {
        // Root writes everywhere but here.
        let project = Project::of_release("3.10.0");
        project
            .run(&[&ARGUMENTS[..], &["/proc/report"]].concat())
            .exits(2)
            .err_has(&["`/proc/report` cannot be written"]);
        return;
    }
    let project = Project::of_release("3.10.0");
    let directory = project.root.join("closed");
    std::fs::create_dir(&directory).unwrap();
    std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o555)).unwrap();
    project
        .run(&[&ARGUMENTS[..], &["closed/report"]].concat())
        .exits(2)
        .err_has(&["`closed/report` cannot be written"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_there_keeps_who_may_read_it() {
    let project = Project::of_release("3.10.0");
    let path = project.root.join("private");
    put(&path, "");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    project
        .run(&[&ARGUMENTS[..], &["private"]].concat())
        .exits(0);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let piped = project.run(&[&ARGUMENTS[..], &["-"]].concat());
    assert_eq!(piped.exits(0).out, std::fs::read_to_string(&path).unwrap());
}

#[test]
fn a_review_may_begin_at_nothing() {
    let project = Project::of_release("3.10.0");
    let report = json(&project, &["--from", "none", "--to", "3.10.0"]);
    assert_eq!(
        (&report["from"], &report["summary"]["new"]),
        (&Value::Null, &38.into())
    );
    // The lock has what is to be deployed: that is said.
    put(
        &project.root.join("requirements.txt"),
        "procrastinate==3.10.0\n",
    );
    let report = json(&project, &[]);
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("3.10.0 is vendored already") && notes.contains("requirements.txt:1 pins"),
        "{notes}"
    );
}

#[test]
fn pins_that_disagree_or_are_not_known_are_named() {
    let project = Project::of_release("3.0.0");
    put(
        &project.root.join("requirements.txt"),
        "procrastinate==3.3.0\n",
    );
    put(
        &project.root.join("requirements-dev.txt"),
        "procrastinate==3.4.0\n",
    );
    let report = json(&project, &[]);
    assert_eq!(report["to"], "3.4.0");
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("requirements.txt:1 pins 3.3.0, and the newest is used"),
        "{notes}"
    );
    put(
        &project.root.join("requirements-dev.txt"),
        "procrastinate==3.99.0\n",
    );
    project.run(&["review"]).exits(2).err_has(&[
        "requirements-dev.txt:1 pins a release that cannot be reviewed",
        "install it",
    ]);
}

#[cfg(unix)]
#[test]
fn what_sync_would_refuse_is_said_with_the_options_of_the_run() {
    let project = Project::new();
    let package = Package::new("90.0.0").sql("90.00.00_01_pre_x.sql", "SELECT 1;\n");
    project.syncs(&package, &[]);
    project.edit("procrastinate_90_00_00_01_pre_x.py");
    let site = project.install(
        &Package::new("90.1.0")
            .sql("90.00.00_01_pre_x.sql", "SELECT 1;\n")
            .sql("90.01.00_01_pre_`@y` #1.sql", "SELECT 2;\n"),
    );
    put(
        &project.root.join("vendor-migrations.toml"),
        format!("from = \"{site}\"\n"),
    );
    let root = project.root.to_string();
    let outcome = project.run(&["-C", &root, "review", "--format", "json"]);
    let report: Value = serde_json::from_str(&outcome.exits(0).out).unwrap();
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("`sync` refuses this release")
            && notes.contains(&format!("`vendor-migrations check -C {root}`")),
        "{notes}"
    );
    // A name is no mention, in no format.
    let page = project
        .run(&["review", "--format", "markdown"])
        .exits(0)
        .out
        .clone();
    let outside = page.split('`').step_by(2).collect::<String>();
    assert!(!outside.contains("@y"), "{page}");
}

#[test]
fn what_is_vendored_is_the_last_resort() {
    let project = Project::of_release("3.4.0");
    let report = json(&project, &["--from", "3.3.0"]);
    assert_eq!(
        (&report["to"], &report["summary"]["new"]),
        (&"3.4.0".into(), &2.into())
    );
    assert!(
        report["notes"]
            .to_string()
            .contains("3.4.0 is the vendored release: no release is installed or pinned")
    );
    // It is not compared with itself: nobody would learn that nothing was compared.
    let itself = project.run(&["review", "--from", "3.4.0"]);
    itself.fails(&["Procrastinate was not found"]);
}
