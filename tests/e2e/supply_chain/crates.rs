//! The crates that the program is made of, as `cargo metadata` tells.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::wheel::cargo;

/// What the program is built for, as `deny.toml` and `about.toml` list it.
pub(super) const TARGETS: [&str; 5] = [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-gnu",
];

pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: String,
    pub(super) repository: Option<String>,
    is_macro: bool,
    /// Whether the program has its code; else it only builds it.
    pub(super) linked: bool,
    /// The ids of those that it is built with.
    pub(super) needs: Vec<String>,
}

/// By Cargo's ids.
pub(super) struct Crates {
    all: BTreeMap<String, Crate>,
    root: String,
}

impl Crates {
    /// Those that are built for any of these targets, without what only tests need.
    pub(super) fn read(targets: &[&str]) -> Self {
        let filters = targets
            .iter()
            .flat_map(|target| ["--filter-platform", target]);
        let mut args = vec!["metadata", "--locked", "--format-version", "1"];
        args.extend(filters);
        let found = cargo(&args).exits(0);
        let found: Value = serde_json::from_str(&found.stdout).expect("cargo prints JSON");
        let root = text(&found["resolve"]["root"]);
        let mut crates = Self {
            all: BTreeMap::new(),
            root: root.clone(),
        };
        let nodes: BTreeMap<String, &Value> = list(&found["resolve"]["nodes"])
            .map(|node| (text(&node["id"]), node))
            .collect();
        let packages: BTreeMap<String, &Value> = list(&found["packages"])
            .map(|package| (text(&package["id"]), package))
            .collect();
        let built = built(targets);
        let mut waiting = vec![(root, true)];
        while let Some((id, linked)) = waiting.pop() {
            let known = crates.all.get(&id);
            if known.is_some_and(|known| known.linked || !linked) {
                continue;
            }
            let mut one = described(packages[&id]);
            one.linked = linked && !one.is_macro;
            for dependency in list(&nodes[&id]["deps"]) {
                let kinds: Vec<&Value> = list(&dependency["dep_kinds"]).collect();
                let is = |kind: Option<&str>| kinds.iter().any(|one| one["kind"].as_str() == kind);
                let (normal, build) = (is(None), is(Some("build")));
                let other = text(&dependency["pkg"]);
                let package = packages[&other];
                let is_built = built.contains(&(text(&package["name"]), text(&package["version"])));
                if is_built && (normal || build) {
                    waiting.push((other.clone(), one.linked && normal));
                    one.needs.push(other);
                }
            }
            crates.all.insert(id, one);
        }
        crates
    }

    pub(super) fn root(&self) -> &Crate {
        &self.all[&self.root]
    }

    /// All but the program's own.
    pub(super) fn others(&self) -> impl Iterator<Item = &Crate> {
        let others = self.all.iter().filter(|(id, _)| **id != self.root);
        others.map(|(_, one)| one)
    }

    pub(super) fn needs<'a>(&'a self, one: &'a Crate) -> impl Iterator<Item = &'a Crate> {
        one.needs.iter().map(|id| &self.all[id])
    }
}

/// The names and versions that a build takes. `cargo metadata` has more: what is only needed for a feature that tests turn on.
fn built(targets: &[&str]) -> BTreeSet<(String, String)> {
    let mut args = vec![
        "tree",
        "--locked",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
    ];
    args.extend(targets.iter().flat_map(|target| ["--target", target]));
    let found = cargo(&args).exits(0);
    let names = found.stdout.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        Some((name.to_owned(), version.to_owned()))
    });
    names.collect()
}

fn described(package: &Value) -> Crate {
    let has_kind = |target: &Value| list(&target["kind"]).any(|kind| kind == "proc-macro");
    Crate {
        name: text(&package["name"]),
        version: text(&package["version"]),
        // An older way to write it.
        licence: text(&package["license"]).replace('/', " OR "),
        repository: package["repository"].as_str().map(str::to_owned),
        is_macro: list(&package["targets"]).any(has_kind),
        linked: false,
        needs: Vec::new(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}
