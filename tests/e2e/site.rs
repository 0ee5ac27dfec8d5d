//! The documentation as a site, built by the command in CONTRIBUTING.md: without a warning, with every page and every link,
//! and readable on a telephone. Every block of its pages is one that a test runs or reads.

mod blocks;
mod links;
mod pages;

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::support::process::{Outcome, run, scrub};
use crate::support::storage;
use crate::support::tools::{files, with_uv};

/// The site, built once.
struct Site {
    root: Utf8PathBuf,
    outcome: Outcome,
    /// What git says of the checkout before and after.
    checkout: [String; 2],
}

fn repository() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn site() -> &'static Site {
    static SITE: LazyLock<Site> = LazyLock::new(|| {
        let _lock = storage::lock("site");
        let before = status();
        let mut shell = Command::new("sh");
        shell
            .args(["-euc", &documented()])
            .current_dir(repository());
        let outcome = run(with_uv(scrub(&mut shell))).exits(0);
        Site {
            root: repository().join("target/site"),
            outcome,
            checkout: [before, status()],
        }
    });
    &SITE
}

/// The command, as CONTRIBUTING.md has it.
fn documented() -> String {
    let text = fs::read_to_string(repository().join("CONTRIBUTING.md")).expect("it is there");
    let mut commands = text.lines().filter_map(|line| line.strip_prefix("$ "));
    let command = commands.find(|command| command.contains("mkdocs build"));
    command.expect("CONTRIBUTING.md has the command").to_owned()
}

/// The files that git knows to be changed or new, with what they hold.
fn status() -> String {
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        run(command.args(args).current_dir(repository())).stdout
    };
    git(&["status", "--porcelain"]) + &git(&["diff"])
}

/// The pages in `docs/`, without their extension.
fn names() -> BTreeSet<String> {
    let pages = files(&repository().join("docs"), ".md");
    let names = pages.iter().filter_map(|page| page.file_stem());
    names.map(str::to_owned).collect()
}

#[test]
fn it_is_built_without_a_warning_and_leaves_the_checkout_clean() {
    let site = site();
    // What `uv` says of its own work.
    let quiet = [
        "Installed",
        "Downloading",
        "Downloaded",
        "Prepared",
        "Resolved",
        "Built",
    ];
    let told = site
        .outcome
        .stderr
        .lines()
        .chain(site.outcome.stdout.lines());
    let loud: Vec<&str> = told
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("INFO "))
        .filter(|line| !quiet.iter().any(|word| line.starts_with(word)))
        .collect();
    assert!(loud.is_empty(), "{loud:#?}");
    assert_eq!(site.checkout[0], site.checkout[1]);
    let hidden = [
        "hooks.py",
        "hooks/index.html",
        "requirements.txt",
        "__pycache__",
        "templates",
    ];
    for name in hidden {
        assert!(!site.root.join(name).exists(), "{name} is on the site");
    }
}

#[test]
fn the_navigation_and_the_search_have_every_page() {
    let root = &site().root;
    let home = fs::read_to_string(root.join("index.html")).expect("the site has a home");
    let (_, nav) = home
        .split_once("<nav class=\"md-nav md-nav--primary")
        .expect("a nav");
    let nav = nav.split("<main").next().unwrap_or(nav);
    let index = fs::read_to_string(root.join("search/search_index.json"));
    let index: serde_json::Value =
        serde_json::from_str(&index.expect("it can be searched")).expect("it is JSON");
    let found: BTreeSet<&str> = index["docs"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|entry| entry["location"].as_str())
        .collect();
    for name in names() {
        let place = match name.as_str() {
            "index" => String::new(),
            name => format!("{name}/"),
        };
        assert!(root.join(&place).join("index.html").exists(), "{name}");
        assert!(found.contains(place.as_str()), "{name} cannot be found");
        let link = format!("href=\"{}\"", if place.is_empty() { "." } else { &place });
        assert!(nav.contains(&link), "{name} is not in the navigation");
    }
}
