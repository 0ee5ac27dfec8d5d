//! Every report, read by somebody else's rules: JSON schemas, GitHub's runner, GitLab, CommonMark. File names and contents are
//! as bad as they get.

mod hostile;
mod pages;
mod services;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::Value;

use crate::support::process::{Outcome, feed, run};
use crate::support::{python, releases, storage};
use hostile::{FILES, Site};

const FORMATS: [&str; 6] = ["text", "json", "github", "gitlab", "sarif", "markdown"];

/// What a reader makes of a report.
#[track_caller]
pub(crate) fn read(how: &[&str], report: &str) -> Value {
    let mut reader = python::python();
    reader
        .arg(Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/reports/readers.py"))
        .args(how);
    let outcome = feed(&mut reader, report.as_bytes()).exits(0);
    serde_json::from_str(&outcome.stdout).unwrap_or_default()
}

/// One of our own schemas.
pub(crate) fn own_schema(name: &str) -> String {
    let schemas = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    schemas.join(format!("{name}.schema.json")).into_string()
}

/// The schema of SARIF 2.1.0, from a crate that carries it; Cargo fetches it from wherever it fetches crates.
pub(crate) fn sarif_schema() -> Utf8PathBuf {
    const CRATE: &str = "serde-sarif";
    let _lock = storage::lock("sarif");
    let root = storage::root().join("sarif");
    let schema = root.join("vendor").join(CRATE).join("src/schema.json");
    if !schema.exists() {
        fs::create_dir_all(root.join("src")).expect("the target directory can be written");
        fs::write(root.join("src/lib.rs"), "").expect("the target directory can be written");
        let manifest = format!(
            "[package]\nname = \"schema\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [dependencies]\n{CRATE} = {{ version = \"=0.8.0\", default-features = false }}\n[workspace]\n"
        );
        fs::write(root.join("Cargo.toml"), manifest).expect("the target directory can be written");
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let mut vendor = std::process::Command::new(cargo);
        run(vendor.arg("vendor").current_dir(&root)).exits(0);
    }
    schema
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error} in {outcome}"))
}

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().expect("it is an array").iter();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

#[test]
fn json_is_as_its_schema_says() {
    let site = Site::hostile();
    for (command, upstream) in [
        ("check", "3.5.2"),
        ("check", "3.5.1"),
        ("diff", "3.5.2"),
        ("diff", "3.10.0"),
    ] {
        let found = site.report(command, "json", upstream);
        read(&["schema", &own_schema(command)], &found.stdout);
        assert!(!json(&found)["notes"].is_null());
    }
    let clean = Site::clean();
    for command in ["check", "diff"] {
        let found = clean.report(command, "json", "3.5.1").exits(0);
        read(&["schema", &own_schema(command)], &found.stdout);
    }
    let accepting = Site::clean();
    accepting.accept_older();
    let found = accepting.report("check", "json", "3.4.0").exits(0);
    read(&["schema", &own_schema("check")], &found.stdout);
    assert_eq!(json(&found)["summary"]["accepted"], 1);
    for arguments in [
        vec!["releases", "--format", "json"],
        vec!["rollout", "--from", "2.0.0", "--format", "json"],
    ] {
        let found = clean.run(&arguments, &[]).exits(0);
        read(&["schema", &own_schema(arguments[0])], &found.stdout);
    }
}

#[test]
fn the_json_of_status_sync_and_init_is_as_its_schema_says() {
    let (hostile, clean) = (Site::hostile(), Site::clean());
    for site in [&hostile, &clean] {
        for (arguments, upstream) in [
            (&["status"][..], &["3.5.1"][..]),
            (&["status"], &["3.10.0"]),
            (&["status"], &[]),
            (&["sync", "--dry-run"], &["3.5.2"]),
            (&["sync", "--dry-run", "--mode", "copy"], &["3.5.2"]),
            (&["sync"], &["3.10.0"]),
            (&["sync"], &["3.10.0"]),
            (&["sync"], &["3.5.1"]),
            (&["sync", "-n", "nowhere"], &["3.5.1"]),
            (&["status", "-n", "nowhere"], &[]),
            (&["init", "--dry-run"], &[]),
            (&["init", "--dry-run", "--separate", "an odd * name"], &[]),
            (&["init", "-n", "nowhere"], &[]),
        ] {
            let arguments = [arguments, &["--format", "json"]].concat();
            let found = site.run(&arguments, upstream);
            read(&["schema", &own_schema(arguments[0])], &found.stdout);
            let failed = found.status == Some(2);
            assert_eq!(json(&found)["error"].is_string(), failed, "{found}");
        }
    }
    let site = Site::clean();
    let report = json(&site.run(&["sync", "--format", "json"], &["3.5.2"]).exits(0));
    assert_eq!(report["changes"][0]["change"], "changed");
    assert_eq!(
        (&report["written"], &report["before"]),
        (&true.into(), &"3.5.1".into())
    );
    assert!(report["changes"][0]["diff"].to_string().contains("SHA-256"));
    let report = json(&site.run(&["sync", "--format", "json"], &["3.5.1"]).exits(1));
    assert_eq!(report["written"], false);
    assert!(!report["conflicts"][0]["message"].is_null());
    assert!(report["help"].to_string().contains("--allow-downgrade"));
}

#[test]
fn the_reports_of_many_projects_are_as_their_schemas_say() {
    let (hostile, clean) = (Site::hostile(), Site::clean());
    for site in [&hostile, &clean] {
        for command in ["check", "status", "sync"] {
            let arguments = [command, "--recursive", "--format", "json"];
            let found = site.run(&arguments, &["3.5.2"]);
            read(&["schema", &own_schema("recursive")], &found.stdout);
            // Each is the command's own report, which names itself.
            let mut one = json(&found)["projects"][0].clone();
            let fields = one.as_object_mut().expect("it is an object");
            assert_eq!(fields.remove("project"), Some(".".into()));
            assert_eq!(fields.remove("status"), Some(found.status.into()));
            fields.insert("version".to_owned(), 1.into());
            fields.insert("command".to_owned(), command.into());
            read(&["schema", &own_schema(command)], &one.to_string());
        }
        let arguments = ["check", "--recursive", "--format", "sarif"];
        let found = site.run(&arguments, &["3.10.0"]);
        read(&["standard", sarif_schema().as_str()], &found.stdout);
    }
    for format in FORMATS {
        let found = hostile.run(&["check", "--recursive", "--format", format], &["3.5.1"]);
        let log = found.stdout + &found.stderr;
        let ours = |line: &&str| !line.starts_with("::error ") && !line.starts_with("::warning ");
        let log = log.lines().filter(ours).collect::<Vec<_>>().join("\n");
        assert_eq!(
            read(&["runners"], &log),
            Value::Array(Vec::new()),
            "{format}"
        );
    }
}

#[test]
fn every_format_ends_alike() {
    let (hostile, clean) = (Site::hostile(), Site::clean());
    for format in FORMATS {
        for command in ["check", "diff"] {
            hostile.report(command, format, "3.5.2").exits(1);
            clean.report(command, format, "3.5.1").exits(0);
            clean
                .run(&[command, "--format", format, "--from", "nowhere"], &[])
                .exits(2);
        }
    }
}

#[test]
fn no_format_lets_a_command_into_the_log() {
    let site = Site::hostile();
    for format in FORMATS {
        for (command, upstream) in [("check", "3.5.2"), ("diff", "3.5.2")] {
            let found = site.report(command, format, upstream);
            let mut log = found.stdout.clone() + &found.stderr;
            if format == "github" {
                let ours =
                    |line: &&str| !line.starts_with("::error ") && !line.starts_with("::warning ");
                log = log.lines().filter(ours).collect::<Vec<_>>().join("\n");
            }
            assert_eq!(
                read(&["runners"], &log),
                Value::Array(Vec::new()),
                "{command} --format {format}"
            );
        }
    }
    for arguments in [
        &["status"][..],
        &["sync", "--dry-run"],
        &["sync"],
        &["stamp", "3.5.1"],
    ] {
        let found = site.run(arguments, &["3.5.2"]);
        let log = found.stdout.clone() + &found.stderr;
        assert_eq!(
            read(&["runners"], &log),
            Value::Array(Vec::new()),
            "{arguments:?}"
        );
    }
}

#[test]
fn in_markdown_nothing_foreign_is_markup() {
    let site = Site::hostile();
    for command in ["check", "diff"] {
        let found = site.report(command, "markdown", "3.5.2").exits(1);
        assert!(found.stdout.len() < 65_536);
        let page = read(&["markdown"], &found.stdout);
        for html in strings(&page["html"]) {
            let known = [
                "<details><summary>Diff</summary>",
                "</details>",
                "<br>",
                "<!-- -->",
                &format!("<!-- vendor-migrations {command} -->"),
            ]
            .contains(&html.as_str());
            assert!(known, "{html:?}");
        }
        let home = "https://github.com/vendor-migrations/vendor-migrations/blob/v";
        assert!(
            strings(&page["links"])
                .iter()
                .all(|link| link.starts_with(home)),
            "{page:#}"
        );
        assert!(
            !strings(&page["other"])
                .iter()
                .any(|kind| kind == "image" || kind == "blockquote_open"),
            "{page:#}"
        );
        let fences = page["fences"].as_array().expect("it is an array");
        assert!(
            fences
                .iter()
                .any(|fence| fence["content"].to_string().contains("</details>")),
            "{page:#}"
        );
    }
    let found = site.report("check", "markdown", "3.5.2");
    let codes = strings(&read(&["markdown"], &found.stdout)["codes"]);
    for name in FILES
        .iter()
        .filter(|name| !name.contains(['\n', '\u{1b}', '\u{202e}', ':', '#']))
    {
        assert!(
            codes.iter().any(|code| code.ends_with(name)),
            "{name:?} in {codes:#?}"
        );
    }
}

#[test]
fn outside_of_a_repository_paths_are_those_of_the_project() {
    let site = Site::without_git();
    let found = json(&site.report("check", "gitlab", "3.5.2").exits(1));
    let path = found[0]["location"]["path"].as_str().expect("it is text");
    assert!(
        path.starts_with("alembic/versions_procrastinate/"),
        "{path}"
    );
    // Unless the service says where its checkout is.
    let checkout = site.repository();
    let job = [("CI_PROJECT_DIR", checkout.as_str())];
    let found = json(
        &site
            .in_job(&["check", "--format", "gitlab"], "3.5.2", &job)
            .exits(1),
    );
    let path = found[0]["location"]["path"].as_str().expect("it is text");
    assert!(site.repository().join(path).exists(), "{path}");
}

#[test]
fn a_release_against_another_has_every_format() {
    let site = Site::clean();
    releases::wheels(&["3.5.1", "3.5.2"]);
    let report = |format: &str| {
        site.run(&["diff", "3.5.1", "3.5.2", "--format", format], &[])
            .exits(1)
    };
    read(&["schema", &own_schema("diff")], &report("json").stdout);
    read(&["gitlab"], &report("gitlab").stdout);
    let page = read(&["markdown"], &report("markdown").stdout);
    assert!(
        page["fences"][0]["content"].to_string().contains("public."),
        "{page:#}"
    );
    let commands = read(&["github"], &report("github").stdout);
    assert_eq!(commands[0]["command"], "notice");
}
