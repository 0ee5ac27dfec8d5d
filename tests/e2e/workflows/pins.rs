//! The weekly look at newer versions of the exactly pinned crates: dependencies.yml.

use super::steps::{Runner, documents, step};
use crate::support::process::run;

const WRITE: &str = "dependencies.yml / pins / Write the newest versions";
const HAND_ON: &str = "dependencies.yml / pins / Hand the list on";
const TELL: &str = "dependencies.yml / tell / Open the issue, or write it anew";

fn index(runner: &Runner, name: &str, versions: &[(&str, bool)]) {
    let line = |(version, yanked): &(&str, bool)| {
        format!("{{\"vers\":\"{version}\",\"yanked\":{yanked}}}\n")
    };
    let lines: String = versions.iter().map(line).collect();
    runner.write(
        &format!("index/{}/{}/{name}", &name[..2], &name[2..4]),
        &lines,
    );
}

/// Each family moves to the newest version that all of its crates have.
#[test]
fn newer_versions_are_written_and_handed_on() {
    let mut runner = Runner::with(&[".github/scripts"]);
    let manifest = "[dependencies]\nruff_text_size = \"=0.0.9\"\nserde = \"1.0.0\"\nsquawk-lexer = \"=2.9.0\"\nsquawk-syntax = \"=2.9.0\"\n";
    runner.write("checkout/Cargo.toml", manifest);
    let listed = [
        ("2.9.0", false),
        ("2.10.0", false),
        ("2.11.0", true),
        ("3.0.0-rc.1", false),
    ];
    index(
        &runner,
        "squawk-lexer",
        &[&listed[..], &[("2.12.0", false)]].concat(),
    );
    index(&runner, "squawk-syntax", &listed);
    index(&runner, "ruff_text_size", &[("0.0.9", false)]);
    let source = format!("file://{}", runner.path("index"));
    for (family, pins) in [
        (
            "squawk",
            "squawk-lexer 2.9.0 2.10.0\nsquawk-syntax 2.9.0 2.10.0\n",
        ),
        ("ruff", ""),
    ] {
        runner.value("matrix.family", family);
        run(runner.prepared(WRITE).env("CARGO_INDEX", &source)).exits(0);
        assert_eq!(runner.read("temp/pins"), pins);
        assert_eq!(runner.calls(), ["cargo metadata --format-version 1"]);
    }
    let wanted = manifest.replace("=2.9.0", "=2.10.0");
    assert_eq!(runner.read("checkout/Cargo.toml"), wanted);

    // Only the first of them is built and tested.
    assert_eq!(runner.read("output"), "newer=true\n");
    let build = step("dependencies.yml / pins / Build and test");
    assert_eq!(build["if"], "steps.write.outputs.newer == 'true'");

    // A step that fails hands on what it tried.
    runner.write("output", "");
    runner.write("temp/pins", "squawk-lexer 2.9.0 2.10.0\n");
    runner.value("matrix.family", "squawk");
    runner.value("steps.write.outcome", "success");
    runner.run(HAND_ON).exits(0);
    let output = "squawk<<end of the list\nsquawk-lexer 2.9.0 2.10.0\nend of the list\n";
    assert_eq!(runner.read("output"), output);

    // A script that fails before it knows the versions is told of, too.
    runner.write("output", "");
    run(runner.prepared(WRITE).env("CARGO_INDEX", "file:///nowhere")).exits(1);
    assert_eq!(runner.read("output"), "");
    runner.value("steps.write.outcome", "failure");
    runner.run(HAND_ON).exits(0);
    let output = "squawk<<end of the list\nsquawk: .github/scripts/pins failed\nend of the list\n";
    assert_eq!(runner.read("output"), output);
}

#[test]
fn a_failure_opens_one_issue() {
    let mut runner = Runner::new();
    runner.value("needs.pins.outputs.ruff", "");
    runner.value("needs.pins.outputs.squawk", "squawk-lexer 2.9.0 2.10.0");
    let file = runner.path("temp/issue.md");
    runner.run(TELL).exits(0);
    let title = "Newest versions of pinned crates are not known, do not build, or fail tests";
    assert_eq!(
        runner.calls()[1],
        format!("gh issue create --title {title} --body-file {file}")
    );
    let body = runner.read("temp/issue.md");
    assert!(
        body.contains("```text\n\nsquawk-lexer 2.9.0 2.10.0\n```\n"),
        "{body}"
    );
    assert!(body.contains("/actions/runs/42)"), "{body}");
    runner.answers("gh issue list", "7\n");
    runner.run(TELL).exits(0);
    assert_eq!(
        runner.calls()[1],
        format!("gh issue edit 7 --body-file {file}")
    );
}

/// The job looks at every pin.
#[test]
fn every_family_has_its_run() {
    let manifest = include_str!("../../../Cargo.toml");
    let pinned = manifest
        .lines()
        .filter(|line| line.contains(" = \"=") && !line.starts_with('['));
    let mut families: Vec<&str> = pinned
        .filter_map(|line| line.split(['-', '_']).next())
        .collect();
    families.dedup();
    let job = &documents()["dependencies.yml"]["jobs"]["pins"];
    assert_eq!(
        job["strategy"]["matrix"]["family"],
        serde_json::json!(families)
    );
    for family in families {
        let handed = format!("${{{{ steps.result.outputs.{family} }}}}");
        assert_eq!(job["outputs"][family], handed.as_str());
    }
    let left_out = "the_targets_are_built_with_the_crates_of_the_program";
    let tests = step("dependencies.yml / pins / Build and test")["run"].as_str();
    assert!(tests.expect("a text").ends_with(left_out));
    assert!(include_str!("../../properties/corpus.rs").contains(&format!("fn {left_out}()")));
}
