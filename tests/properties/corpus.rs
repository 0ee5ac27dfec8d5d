//! Short runs of the fuzz targets (`tests/fuzz`): each file of the corpus, and mutations of it.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use camino::{Utf8Path, Utf8PathBuf};
use fastrand::Rng;

use super::targets::{TARGETS, run};

/// Mutations of each file.
const MUTATIONS: usize = 200;
/// Edits of one mutation, at most.
const EDITS: usize = 4;
/// What parsers make a difference of.
const SCRAPS: [&str; 28] = [
    "\n", "\r\n", "\r", "\t", " ", "\0", "\u{feff}", "é", "'", "\"", "\"\"\"", "#", "--", "/*",
    "$$", "\\", "(", ")", "[", "]", "{", "}", ":", ";", "=", ",", "../", "%",
];

fn fuzz() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

fn names(directory: &str) -> BTreeSet<String> {
    let entries = fuzz().join(directory).read_dir_utf8().unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().to_owned())
        .collect()
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let directory = format!("corpus/{target}");
    let read = |name: String| {
        let bytes = fs_err::read(fuzz().join(&directory).join(&name)).unwrap();
        (name, bytes)
    };
    names(&directory).into_iter().map(read).collect()
}

fn mutated(input: &[u8], others: &[(String, Vec<u8>)], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..rng.usize(1..=EDITS) {
        let one = rng.usize(0..=bytes.len());
        let other = rng.usize(0..=bytes.len());
        let (start, end) = (one.min(other), one.max(other));
        match rng.u8(0..6) {
            0 => drop(bytes.drain(start..end)),
            1 => {
                let repeated = bytes[start..end].to_vec();
                bytes.splice(end..end, repeated);
            }
            2 if start < bytes.len() => bytes[start] = rng.u8(..),
            3 => {
                let (_, from) = &others[rng.usize(0..others.len())];
                let cut = rng.usize(0..=from.len());
                bytes.splice(start..end, from[cut..].iter().copied());
            }
            _ => {
                let scrap = SCRAPS[rng.usize(0..SCRAPS.len())];
                bytes.splice(start..start, scrap.bytes());
            }
        }
    }
    bytes
}

fn holds(target: &str) {
    let corpus = corpus(target);
    assert!(!corpus.is_empty());
    // The same mutations in every run: a failure can be looked at again.
    let mut rng = Rng::with_seed(
        target
            .bytes()
            .fold(1, |seed, byte| seed * 31 + u64::from(byte)),
    );
    for (name, input) in &corpus {
        let mutations = std::iter::repeat_with(|| mutated(input, &corpus, &mut rng));
        for (number, input) in [input.clone()]
            .into_iter()
            .chain(mutations.take(MUTATIONS))
            .enumerate()
        {
            if catch_unwind(AssertUnwindSafe(|| run(target, &input))).is_err() {
                panic!(
                    "`{target}` fails on mutation {number} of `{name}`; it belongs into tests/fuzz/corpus/{target}:\n{}",
                    input.escape_ascii()
                );
            }
        }
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test] fn $name() { holds(stringify!($name)); })*

        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

targets! {
    database env_file ini journal lock_files lockfile own_revision record requirements revision scripts shown_text sql toml wheel
    yaml
}

#[test]
fn every_target_has_a_corpus_and_a_program() {
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let tested: BTreeSet<String> = TESTED.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(tested, known);
    assert_eq!(names("corpus"), known);
    let programs = names("fuzz_targets");
    let programs = programs
        .iter()
        .map(|name| name.strip_suffix(".rs").unwrap().to_owned());
    assert_eq!(programs.collect::<BTreeSet<_>>(), known);
}

/// What is fuzzed and measured is what is released.
#[test]
fn the_targets_are_built_with_the_crates_of_the_program() {
    let packages = |path: &Utf8Path| -> BTreeMap<String, BTreeSet<String>> {
        let text = fs_err::read_to_string(path).unwrap();
        let lock: toml::Table = toml::from_str(&text).unwrap();
        let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for package in lock["package"].as_array().unwrap() {
            let text = |key: &str| package[key].as_str().unwrap().to_owned();
            packages
                .entry(text("name"))
                .or_default()
                .insert(text("version"));
        }
        packages
    };
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = packages(&root.join("Cargo.lock"));
    let fuzzed = packages(&fuzz().join("Cargo.lock"));
    let measured = packages(&root.join("tests/benchmark/Cargo.lock"));
    for (name, versions) in fuzzed.into_iter().chain(measured) {
        if let Some(known) = own.get(&name) {
            assert!(
                versions.is_subset(known),
                "{name}: {versions:?} and {known:?}"
            );
        }
    }
}
