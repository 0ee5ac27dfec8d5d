//! Independent readers of the files below `.github`, and of the action.

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::steps::{actions, documents, step};
use crate::support::process::{Outcome, run};
use crate::support::storage;
use crate::support::tools::{files, tool};
use crate::wheel::built::repository;

/// Compares files with the schema that the service publishes.
fn compared(schema: &str, paths: &[Utf8PathBuf]) -> Outcome {
    run(tool(&["check-jsonschema"], "check-jsonschema")
        .args(["--builtin-schema", &format!("vendor.{schema}")])
        .args(paths))
}

/// What zizmor says below a directory, at its strictest.
fn audited(directory: &Utf8Path) -> Outcome {
    run(tool(&["zizmor"], "zizmor")
        .args(["--offline", "--no-progress", "--persona", "pedantic"])
        .arg("--config")
        .arg(repository().join(".github/zizmor.yml"))
        .args([".github", "action.yml"].map(|name| directory.join(name))))
}

#[test]
fn every_file_has_the_form_of_its_service() {
    let github = repository().join(".github");
    let forms = github.join("ISSUE_TEMPLATE");
    let mut issues = files(&forms, ".yml");
    issues.retain(|path| path.file_name() != Some("config.yml"));
    assert_eq!(issues.len(), 2);
    for (schema, paths) in [
        ("github-workflows", files(&github.join("workflows"), ".yml")),
        ("github-actions", vec![repository().join("action.yml")]),
        ("dependabot", vec![github.join("dependabot.yml")]),
        ("github-issue-config", vec![forms.join("config.yml")]),
        ("github-issue-forms", issues),
    ] {
        compared(schema, &paths).exits(0);
    }
}

#[test]
fn zizmor_finds_nothing_and_would() {
    audited(repository()).exits(0);
    let path = ".github/workflows/release.yml";
    let mut text = fs::read_to_string(repository().join(path)).expect("it is there");
    let faults = [
        ("persist-credentials: false", "fetch-depth: 0", "artipacked"),
        (
            "\"$GITHUB_REF_NAME\" > notes.md",
            "${{ github.ref_name }}",
            "template-injection",
        ),
        (
            "@3d3c42e5aac5ba805825da76410c181273ba90b1",
            "@v7",
            "unpinned-uses",
        ),
    ];
    for (old, new, _) in faults {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    let directory = storage::temporary();
    let root = storage::path(&directory);
    fs::create_dir_all(root.join(".github/workflows")).expect("it can be made");
    fs::write(root.join(path), text).expect("it can be written");
    fs::copy(repository().join("action.yml"), root.join("action.yml")).expect("a copy");
    let mut found = audited(root);
    assert_ne!(found.status, Some(0), "{found}");
    for (_, _, rule) in faults {
        found = found.says(rule);
    }
}

/// A digest with its version behind it, the same one everywhere.
#[test]
fn actions_are_pinned_by_digest_and_named_by_version() {
    let mut known = std::collections::BTreeMap::new();
    for path in files(&repository().join(".github/workflows"), ".yml") {
        let text = fs::read_to_string(&path).expect("it is there");
        for line in text.lines().filter_map(|line| line.split_once("uses: ")) {
            let (name, version) = line.1.split_once(" # v").expect("a version");
            let (name, digest) = name.split_once('@').expect("a digest");
            let is_hex = digest.chars().all(|digit| digit.is_ascii_hexdigit());
            assert!(digest.len() == 40 && is_hex, "{path}: {name}@{digest}");
            let one = (digest.to_owned(), version.to_owned());
            assert_eq!(
                known.entry(name.to_owned()).or_insert(one.clone()),
                &one,
                "{path}"
            );
        }
    }
    assert!(known.len() > 5, "{known:?}");
    for (job, step) in actions() {
        if step["uses"]
            .as_str()
            .is_some_and(|name| name.starts_with("actions/checkout@"))
        {
            assert_eq!(step["with"]["persist-credentials"], false, "{job}");
        }
    }
}

/// No job that has a token to write with runs the repository's code or somebody else's, but for what makes the release.
#[test]
fn few_jobs_may_write() {
    let mut writers = Vec::new();
    for (file, document) in documents() {
        let Some(jobs) = document["jobs"].as_object() else {
            continue;
        };
        assert!(
            document["permissions"]
                .as_object()
                .is_some_and(serde_json::Map::is_empty),
            "{file}"
        );
        assert!(document.get("concurrency").is_some(), "{file}");
        for (name, job) in jobs {
            assert!(job["timeout-minutes"].is_u64(), "{file} / {name}");
            for (scope, access) in job["permissions"].as_object().expect("its own") {
                if access == "write" {
                    writers.push(format!("{file} / {name}: {scope}"));
                }
            }
        }
    }
    writers.sort();
    assert_eq!(
        writers,
        [
            "dependencies.yml / tell: issues",
            "release.yml / attest: attestations",
            "release.yml / attest: id-token",
            "release.yml / crates-io: id-token",
            "release.yml / github: contents",
            "release.yml / pypi: id-token",
        ]
    );
}

/// The commands that CONTRIBUTING.md gives are those of the jobs.
#[test]
fn jobs_run_what_the_page_says() {
    let page = fs::read_to_string(repository().join("CONTRIBUTING.md")).expect("it is there");
    let documented: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .collect();
    for (place, needs) in [
        ("ci.yml / crates / Run cargo-deny", "deny.toml"),
        (
            "dependencies.yml / advisories / Run cargo-deny",
            "deny.toml",
        ),
        ("ci.yml / site / Run MkDocs", "mkdocs.yml"),
        ("release.yml / build / Build all wheels", "python/wheels"),
        (
            "catalogue.yml / measure / Add the facts of new releases",
            "procrastinate-versions",
        ),
    ] {
        if !repository().join(needs).exists() {
            continue;
        }
        let command = step(place)["run"].as_str().expect("a text");
        let command = command.replace("cargo run --locked", "cargo run");
        assert!(
            documented.contains(&command.as_str()),
            "{place}: `{command}`"
        );
    }
}
