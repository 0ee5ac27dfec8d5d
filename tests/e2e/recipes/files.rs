//! The files that the page shows, and independent readers of them.

use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::process::{Outcome, run};
use crate::support::tools::tool;
use crate::support::{python, storage};

/// One file.
struct Recipe {
    name: String,
    path: Utf8PathBuf,
    contents: Value,
}

pub(super) fn document() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md")
}

fn recipes() -> &'static [Recipe] {
    static RECIPES: LazyLock<(TempDir, Vec<Recipe>)> = LazyLock::new(|| {
        let directory = storage::temporary();
        let script = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/recipes/extract.py");
        let found = run(tool(&["check-jsonschema"], "python")
            .arg(script)
            .arg(document())
            .arg(directory.path()))
        .exits(0);
        let files: Vec<Value> =
            serde_json::from_str(&found.stdout).expect("the script prints JSON");
        let text = |file: &Value, key: &str| file[key].as_str().expect("a text").to_owned();
        let recipes = files.iter().map(|file| Recipe {
            name: text(file, "name"),
            path: text(file, "path").into(),
            contents: file["contents"].clone(),
        });
        (directory, recipes.collect())
    });
    &RECIPES.1
}

/// What the only file of that name holds.
#[track_caller]
pub(super) fn recipe(name: &str) -> &'static Value {
    let mut found = recipes().iter().filter(|recipe| recipe.name == name);
    let recipe = found.next().unwrap_or_else(|| panic!("no {name}"));
    assert!(found.next().is_none(), "{name} occurs twice");
    &recipe.contents
}

/// What the file of that name holds that has this key.
#[track_caller]
pub(super) fn recipe_with(name: &str, key: &str) -> &'static Value {
    let mut found = recipes().iter().filter(|recipe| recipe.name == name);
    let recipe = found.find(|recipe| recipe.contents.get(key).is_some());
    &recipe
        .unwrap_or_else(|| panic!("no {name} with {key}"))
        .contents
}

/// Has a file compared with the schema that its service publishes, or read by its own program.
fn compared(name: &str, path: &Utf8Path) -> Outcome {
    let schema = match name {
        ".pre-commit-config.yaml" => {
            return run(python::program("pre-commit")
                .arg("validate-config")
                .arg(path));
        }
        ".github/dependabot.yml" => "dependabot",
        ".gitlab-ci.yml" => "gitlab-ci",
        "renovate.json" => "renovate",
        name if name.starts_with(".github/workflows/") => "github-workflows",
        name => panic!("no schema for {name}"),
    };
    run(tool(&["check-jsonschema"], "check-jsonschema")
        .args(["--builtin-schema", &format!("vendor.{schema}")])
        .arg(path))
}

/// What zizmor says of the workflows and of Dependabot's configuration below a directory.
fn audited(directory: &Utf8Path) -> Outcome {
    let configuration =
        Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/recipes/zizmor.yml");
    run(tool(&["zizmor"], "zizmor")
        .args([
            "--offline",
            "--no-progress",
            "--config",
            configuration.as_str(),
        ])
        .arg(directory))
}

#[test]
fn are_valid() {
    assert!(recipes().len() >= 11);
    for recipe in recipes() {
        compared(&recipe.name, &recipe.path).exits(0);
    }
    let first = recipes()[0].path.as_str();
    let directory = first.strip_suffix(&format!("/0/{}", recipes()[0].name));
    audited(directory.expect("the files are numbered").into()).exits(0);
}

/// A recipe with one text replaced by another.
fn broken(name: &str, old: &str, new: &str) -> (TempDir, Utf8PathBuf) {
    let recipe = recipes()
        .iter()
        .find(|recipe| recipe.name == name)
        .expect("it is there");
    let text = fs::read_to_string(&recipe.path).expect("it was extracted");
    assert!(text.contains(old), "{name} has no {old:?}");
    let directory = storage::temporary();
    let path = storage::path(&directory).join(name);
    fs::create_dir_all(path.parent().expect("a directory")).expect("it can be made");
    fs::write(&path, text.replace(old, new)).expect("it can be written");
    (directory, path)
}

#[test]
fn are_refused_when_broken() {
    for (name, old, new) in [
        (super::CHECK, "runs-on:", "run-on:"),
        (super::SYNC, "contents: read", "contents: none of it"),
        (
            ".github/dependabot.yml",
            "interval: weekly",
            "interval: often",
        ),
        (".gitlab-ci.yml", "when: always", "when: sometimes"),
        (
            "renovate.json",
            "\"extends\": [",
            "\"extends\": 1, \"enabled\": [",
        ),
    ] {
        let (_directory, path) = broken(name, old, new);
        compared(name, &path).exits(1);
    }
}

#[test]
fn are_refused_when_unsafe() {
    for (old, new, rule) in [
        (
            "pull_request:",
            "pull_request_target:",
            "dangerous-triggers",
        ),
        (
            "refs/heads/$BRANCH",
            "refs/heads/${{ github.head_ref }}",
            "template-injection",
        ),
        ("persist-credentials: false", "fetch-depth: 1", "artipacked"),
        (
            "permissions:\n      contents: read",
            "permissions: write-all",
            "excessive-permissions",
        ),
    ] {
        let (directory, _path) = broken(super::SYNC, old, new);
        let found = audited(storage::path(&directory));
        assert_ne!(found.status, Some(0), "{found}");
        found.says(rule);
    }
}
