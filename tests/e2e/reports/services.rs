//! What GitHub, GitLab and code scanning get.

use fs_err as fs;
use serde_json::Value;

use super::hostile::{FILES, Site};
use super::{json, read, sarif_schema};
use crate::support::process::run;

#[test]
fn sarif_is_valid_and_points_at_real_files() {
    let schema = sarif_schema();
    let site = Site::hostile();
    for (command, upstream) in [("check", "3.5.2"), ("diff", "3.5.2")] {
        let found = site.report(command, "sarif", upstream).exits(1);
        read(&["standard", schema.as_str()], &found.stdout);
        let report = json(&found);
        let results = report["runs"][0]["results"]
            .as_array()
            .expect("there are results");
        assert!(!results.is_empty());
        let rules = &report["runs"][0]["tool"]["driver"]["rules"];
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index"))
                .expect("a small one");
            assert_eq!(rules[index]["id"], result["ruleId"]);
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
            assert_eq!(place["uriBaseId"], "SRCROOT");
            let uri = place["uri"].as_str().expect("it is text");
            let path = percent_encoding::percent_decode_str(uri)
                .decode_utf8()
                .expect("UTF-8");
            assert!(site.repository().join(path.as_ref()).exists(), "{uri}");
        }
    }
    let clean = Site::clean();
    let found = clean.report("check", "sarif", "3.5.1").exits(0);
    read(&["standard", schema.as_str()], &found.stdout);
    assert_eq!(json(&found)["runs"][0]["results"], Value::Array(Vec::new()));
    let found = clean
        .run(&["diff", "3.5.1", "3.5.2", "--format", "sarif"], &[])
        .exits(1);
    read(&["standard", schema.as_str()], &found.stdout);
    clean.accept_older();
    let found = clean.report("check", "sarif", "3.4.0").exits(0);
    read(&["standard", schema.as_str()], &found.stdout);
    let suppressed = &json(&found)["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppressed["status"], "accepted");
}

#[test]
fn gitlab_gets_real_paths_and_different_fingerprints() {
    let site = Site::hostile();
    let found = site.report("check", "gitlab", "3.5.2").exits(1);
    read(&["gitlab"], &found.stdout);
    let issues = json(&found);
    let issues = issues.as_array().expect("it is an array");
    let paths: Vec<&str> = issues
        .iter()
        .filter_map(|issue| issue["location"]["path"].as_str())
        .collect();
    for path in &paths {
        assert!(site.repository().join(path).exists(), "{path:?}");
    }
    for name in FILES {
        assert!(
            paths.iter().any(|path| path.ends_with(name)),
            "{name:?} in {paths:?}"
        );
    }
    let again = json(&site.report("check", "gitlab", "3.5.2"));
    assert_eq!(
        again.as_array(),
        Some(issues),
        "a second run gives the same"
    );
    read(
        &["gitlab"],
        &site.report("diff", "gitlab", "3.5.2").exits(1).stdout,
    );
    read(
        &["gitlab"],
        &Site::clean()
            .report("check", "gitlab", "3.5.1")
            .exits(0)
            .stdout,
    );
}

#[test]
fn github_finds_ten_annotations_and_no_other_command() {
    let site = Site::hostile();
    let all = json(&site.report("check", "json", "3.5.2"))["findings"]
        .as_array()
        .map_or(0, Vec::len);
    assert!(all > 10);
    let found = site.report("check", "github", "3.5.2").exits(1);
    let commands = read(&["github"], &(found.stdout.clone() + &found.stderr));
    let commands = commands.as_array().expect("it is an array");
    assert_eq!(commands.len(), 10, "{commands:#?}");
    let (last, shown) = commands.split_last().expect("there are ten");
    for command in shown {
        assert_eq!(command["command"], "error");
        let path = command["properties"]["file"]
            .as_str()
            .expect("it has a file");
        // A character that must not reach a terminal stands as an escape.
        assert!(
            site.repository().join(path).exists() || path.contains("\\"),
            "{path:?}"
        );
    }
    assert_eq!(last["properties"]["file"], Value::Null);
    let rest = last["data"].as_str().expect("it is text");
    assert!(rest.starts_with(&format!("{} more: ", all - 9)), "{rest}");
    found.says("error[edited]");
    // What ended the command is the tenth.
    let required = ["check", "--format", "github", "--require-upstream"];
    let found = site.run(&required, &[]).exits(2);
    let commands = read(&["github"], &(found.stdout + &found.stderr));
    assert_eq!(commands.as_array().map(Vec::len), Some(10));
    let last = commands[9]["data"].as_str().expect("it is text");
    assert!(last.contains("upstream is required"), "{last}");
    let few = Site::clean();
    let found = few.report("diff", "github", "3.5.2").exits(1);
    let commands = read(&["github"], &found.stdout);
    assert_eq!(commands.as_array().map(Vec::len), Some(1), "{commands:#?}");
    found.shows_diff("public.", "FUNCTION");
    let failed = few
        .run(&["check", "--format", "github", "--from", "no::where"], &[])
        .exits(2);
    let commands = read(&["github"], &failed.stdout);
    assert_eq!(commands[0]["command"], "error");
}

#[test]
fn in_a_job_of_github_actions_annotations_and_a_summary_come_by_themselves() {
    let site = Site::clean();
    let summary = site.repository().with_file_name("summary.md");
    fs::write(&summary, "# before\n").expect("it can be written");
    let job = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", summary.as_str()),
    ];
    let found = site.in_job(&["check"], "3.5.2", &job).exits(1);
    let commands = read(&["github"], &found.stdout);
    assert_eq!(
        commands[0]["properties"]["title"],
        "vendor-migrations: migration-changed"
    );
    let page = fs::read_to_string(&summary).expect("it is there");
    assert!(
        page.starts_with(
            "# before\n<!-- vendor-migrations check -->\n### vendor-migrations check: 1 error"
        ),
        "{page}"
    );
    read(&["markdown"], &page);
    // Asked for text, it is text.
    let found = site
        .in_job(&["check", "--format", "text"], "3.5.2", &job)
        .exits(1);
    assert_eq!(read(&["github"], &found.stdout), Value::Array(Vec::new()));
    assert_eq!(fs::read_to_string(&summary).expect("it is there"), page);
    // The variable makes nothing of a project change.
    let ini = site.root().join("alembic.ini");
    let before = fs::read_to_string(&ini).expect("it is there");
    let beside = site.repository().join("README.md");
    fs::write(&beside, "").expect("it can be written");
    let pipe = site.repository().with_file_name("pipe");
    run(std::process::Command::new("mkfifo").arg(&pipe)).exits(0);
    let linked = site.repository().with_file_name("linked");
    fs::hard_link(&ini, &linked).expect("a link can be made");
    let targets = [&ini, &beside, &pipe, &linked].map(|path| path.as_str());
    for target in targets.into_iter().chain(["/nowhere/at/all"]) {
        let job = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", target)];
        let found = site.in_job(&["check"], "3.5.1", &job).exits(0);
        found.says("the step's summary was not written");
    }
    assert_eq!(fs::read_to_string(&ini).expect("it is there"), before);
}
