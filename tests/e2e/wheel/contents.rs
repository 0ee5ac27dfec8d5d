//! What independent readers see in the wheel: packaging, auditwheel, twine, wheel, pyelftools, readme_renderer.

use std::process::Command;
use std::sync::LazyLock;

use fs_err as fs;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::built::{repository, wheel};
use crate::support::process::{Outcome, run};
use crate::support::{storage, tools};

/// What `contents.py` says of it.
fn inspected() -> &'static Value {
    static INSPECTED: LazyLock<Value> = LazyLock::new(|| {
        let packages = [
            "readme-renderer[md]",
            "packaging",
            "pyelftools",
            "trove-classifiers",
        ];
        let script = repository().join("tests/e2e/wheel/contents.py");
        let found = run(tools::tool(&packages, "python").arg(script).arg(wheel())).exits(0);
        serde_json::from_str(&found.stdout).expect("the script prints JSON")
    });
    &INSPECTED
}

#[test]
fn its_tags_are_those_of_manylinux() {
    let seen = inspected();
    let (machine, name) = (std::env::consts::ARCH, wheel().file_name().expect("a file"));
    let tags = json!([
        format!("py3-none-manylinux2014_{machine}"),
        format!("py3-none-manylinux_2_17_{machine}")
    ]);
    assert_eq!(seen["tags"], tags, "{name}");
    assert_eq!(seen["tags_within"], tags, "{name}");
    assert_eq!(seen["supported"], true, "{name}");
    assert_eq!(seen["name"], env!("CARGO_PKG_NAME"));
    assert_eq!(seen["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn its_program_needs_no_newer_glibc_than_the_tag_says() {
    let version: Vec<u64> = serde_json::from_value(inspected()["glibc"].clone()).expect("numbers");
    assert!(version <= vec![2, 17], "{version:?}");
    let shown = run(tools::tool(&["auditwheel"], "auditwheel")
        .arg("show")
        .arg(wheel()))
    .exits(0);
    let text = shown
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let tag = format!("\"manylinux_2_17_{}\"", std::env::consts::ARCH);
    let consistent = format!("is consistent with the following platform tag: {tag}");
    assert!(text.contains(&consistent), "{text}");
}

fn unpacked() -> TempDir {
    let directory = storage::temporary();
    run(tools::tool(&["wheel"], "wheel")
        .args(["unpack", "--dest"])
        .arg(directory.path())
        .arg(wheel()))
    .exits(0);
    directory
}

#[test]
fn its_record_answers_for_every_file() {
    // It compares the digests.
    let _ = unpacked();
    let prefix = format!("vendor_migrations-{}", env!("CARGO_PKG_VERSION"));
    let program = format!("{prefix}.data/scripts/vendor-migrations");
    assert_eq!(inspected()["modes"][&program], 0o755);
    let metadata = format!("{prefix}.dist-info/");
    let entries: Vec<String> =
        serde_json::from_value(inspected()["entries"].clone()).expect("strings");
    let rest: Vec<&String> = entries
        .iter()
        .filter(|entry| !entry.starts_with(&metadata) && **entry != program)
        .collect();
    let package = ["__init__.py", "__main__.py", "py.typed"];
    assert_eq!(
        rest,
        package
            .map(|file| format!("vendor_migrations/{file}"))
            .each_ref()
    );
}

#[test]
fn it_says_what_it_is_made_of_and_not_where_it_was_made() {
    let directory = unpacked();
    let name = format!("vendor_migrations-{}", env!("CARGO_PKG_VERSION"));
    let metadata = storage::path(&directory)
        .join(&name)
        .join(format!("{name}.dist-info"));
    let own = repository().join("python/third-party");
    for (packed, source) in [
        ("sboms", "vendor-migrations.cyclonedx.json"),
        ("licenses/python/third-party", "THIRD-PARTY-LICENSES.txt"),
    ] {
        let packed = fs::read(metadata.join(packed).join(source)).expect("the wheel has it");
        let source = fs::read(own.join(source)).expect("the repository has it");
        assert!(packed == source, "it is another one");
    }
    assert_eq!(tools::files(&metadata.join("sboms"), "").len(), 1);
    for entry in walkdir::WalkDir::new(&metadata) {
        let entry = entry.expect("it can be read");
        let bytes = fs::read(entry.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for word in ["path+file", "file://", repository().as_str()] {
            assert!(
                !text.contains(word),
                "{} has {word}",
                entry.path().display()
            );
        }
    }
}

#[test]
fn its_metadata_is_complete_and_that_of_the_crate() {
    let (seen, repository) = (inspected(), env!("CARGO_PKG_REPOSITORY"));
    assert_eq!(seen["summary"], env!("CARGO_PKG_DESCRIPTION"));
    assert_eq!(seen["licence"], env!("CARGO_PKG_LICENSE"));
    let third_party = "python/third-party/THIRD-PARTY-LICENSES.txt";
    assert_eq!(seen["licence_files"], json!(["LICENSE", third_party]));
    assert_eq!(seen["requires"], json!([]));
    let manifest = fs::read_to_string(super::built::repository().join("Cargo.toml"));
    let manifest: toml::Table = manifest.expect("it is there").parse().expect("it is TOML");
    let keywords = manifest["package"]["keywords"].as_array().expect("a list");
    let keywords: Vec<&str> = keywords.iter().filter_map(toml::Value::as_str).collect();
    assert_eq!(seen["keywords"], json!(keywords));
    assert_eq!(seen["urls"]["Repository"], repository);
    assert_eq!(
        seen["urls"]["Documentation"].as_str(),
        manifest["package"]["documentation"].as_str()
    );
    for (name, url) in seen["urls"].as_object().expect("a table") {
        let url = url.as_str().expect("a text");
        assert!(url.starts_with(repository), "{name}: {url}");
        assert_no_dead_end(url);
    }
    assert!(
        seen["classifiers"]
            .as_array()
            .is_some_and(|list| list.len() > 5)
    );
    // The index refuses a wheel for one.
    assert_eq!(seen["unknown_classifiers"], json!([]));
}

#[test]
fn its_page_renders_and_leads_nowhere_that_the_index_does_not_have() {
    let checked = run(tools::tool(&["twine", "readme-renderer[md]"], "twine")
        .args(["check", "--strict"])
        .arg(wheel()));
    checked.exits(0).says("PASSED");
    let page = inspected()["page"].as_str().expect("a text");
    assert!(
        page.contains("<h1") && page.contains("<pre") && page.contains("<li>"),
        "{page}"
    );
    let links: Vec<String> = serde_json::from_value(inspected()["links"].clone()).expect("strings");
    assert!(links.len() > 5, "{links:?}");
    for link in &links {
        // The renderer gives headings links to themselves.
        assert!(
            link.starts_with("https://") || link.starts_with("#user-content-"),
            "{link}"
        );
        assert_no_dead_end(link);
    }
}

/// A link into the repository leads to a file that it has.
#[track_caller]
fn assert_no_dead_end(link: &str) {
    let files = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");
    if let Some(path) = link.strip_prefix(files) {
        let path = path.split('#').next().expect("a first part");
        assert!(repository().join(path).is_file(), "{link} leads nowhere");
    }
}

#[test]
fn cargo_binstall_finds_the_program_in_it() {
    let described = cargo(&["metadata", "--no-deps", "--locked", "--format-version", "1"]).exits(0);
    let described: Value = serde_json::from_str(&described.stdout).expect("cargo prints JSON");
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let entry = &described["packages"][0]["metadata"]["binstall"]["overrides"][&target];
    let filled = |key: &str| {
        let variables = [
            ("repo", env!("CARGO_PKG_REPOSITORY")),
            ("name", env!("CARGO_PKG_NAME")),
            ("version", env!("CARGO_PKG_VERSION")),
            ("target", &target),
            ("bin", "vendor-migrations"),
            ("binary-ext", ""),
        ];
        let template = entry[key].as_str().expect("a template").to_owned();
        let filled = variables.iter().fold(template, |text, (name, value)| {
            text.replace(&format!("{{ {name} }}"), value)
        });
        assert!(!filled.contains('{'), "{filled}");
        filled
    };
    let release = concat!(
        env!("CARGO_PKG_REPOSITORY"),
        "/releases/download/v",
        env!("CARGO_PKG_VERSION")
    );
    let name = wheel().file_name().expect("a file");
    assert_eq!(filled("pkg-url"), format!("{release}/{name}"));
    assert_eq!(filled("pkg-fmt"), "zip");
    let program = filled("bin-dir");
    assert_eq!(inspected()["modes"][&program], 0o755, "{program}");
}

/// `cargo` in the repository.
#[track_caller]
pub(crate) fn cargo(args: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["--config", tools::PLAIN])
        .args(args)
        .current_dir(repository());
    tools::build_for_development(&mut command)
}
