//! The manual: what it holds, that it is well-formed, and where it is written.

use std::collections::BTreeMap;
use std::fs;

use super::VERBS;
use crate::support::{Project, put};

/// All pages, by the names of their files.
fn pages() -> BTreeMap<String, String> {
    let project = Project::bare();
    let directory = project.beside("share/man/man1");
    let outcome = project.run(&["man", "--dir", directory.as_str()]);
    outcome.exits(0);
    let mut pages = BTreeMap::new();
    for entry in directory.read_dir_utf8().unwrap() {
        let entry = entry.unwrap();
        assert!(outcome.out.contains(entry.path().as_str()), "{outcome}");
        let text = fs::read_to_string(entry.path()).unwrap();
        pages.insert(entry.file_name().to_owned(), text);
    }
    assert_eq!(pages.len(), outcome.out.lines().count());
    pages
}

/// The words of a page as a reader sees them.
fn read(page: &str) -> String {
    let lines = page.lines().map(|line| match line.strip_prefix('.') {
        Some(request) => request
            .split_once(' ')
            .map_or("", |(_, rest)| rest)
            .replace('"', ""),
        None => line.to_owned(),
    });
    let mut text = lines.collect::<Vec<_>>().join("\n");
    for (escape, plain) in [
        ("\\fB", ""),
        ("\\fI", ""),
        ("\\fR", ""),
        ("\\-", "-"),
        ("\\*(Aq", "'"),
        ("\\(aq", "'"),
        ("\\&", ""),
    ] {
        text = text.replace(escape, plain);
    }
    text
}

#[test]
fn there_is_a_page_for_the_program_and_for_each_command() {
    let pages = pages();
    let mut expected: Vec<String> = VERBS
        .iter()
        .map(|verb| format!("vendor-migrations-{verb}.1"))
        .collect();
    expected.push("vendor-migrations.1".to_owned());
    expected.sort();
    assert_eq!(pages.keys().cloned().collect::<Vec<_>>(), expected);
    let main = read(&pages["vendor-migrations.1"]);
    for verb in VERBS {
        assert!(
            main.contains(&format!("vendor-migrations-{verb}(1)")),
            "{verb}"
        );
    }
    assert!(!main.contains("catalogue"), "{main}");
    for heading in [
        "SYNOPSIS",
        "EXAMPLES",
        "EXIT STATUS",
        "ENVIRONMENT",
        "FILES",
        "SEE ALSO",
    ] {
        assert!(main.contains(heading), "{heading}");
    }
    assert!(
        main.contains("Vendors Procrastinate's database migrations"),
        "{main}"
    );
}

#[test]
fn a_page_says_what_the_help_says() {
    let project = Project::bare();
    let pages = pages();
    for verb in VERBS {
        let page = read(&pages[&format!("vendor-migrations-{verb}.1")]);
        let help = project.run(&[verb, "--help"]).exits(0).out.clone();
        let examples = help
            .lines()
            .filter(|line| line.starts_with("  vendor-migrations "));
        let mut number = 0;
        for example in examples {
            assert!(page.contains(example.trim()), "{example} in {page}");
            number += 1;
        }
        assert!(number > 0, "{help}");
        let options = help
            .split_whitespace()
            .filter(|word| word.starts_with("--"));
        for option in options.map(|word| word.trim_end_matches([',', '`', '\'', ')', ';', '.'])) {
            let option = option.split(['=', '[', ' ']).next().unwrap();
            assert!(page.contains(option), "{option} of {verb} in {page}");
        }
    }
}

#[test]
fn pages_are_well_formed() {
    for (name, page) in pages() {
        let mut filled = 0;
        for line in page.lines() {
            if let Some(request) = line.strip_prefix('.') {
                let word = request.split(' ').next().unwrap();
                let known = [
                    "TH", "SH", "TP", "PP", "IP", "RS", "RE", "nf", "fi", "nh", "ie", "el", "ds",
                    "br", "sp",
                ];
                assert!(known.contains(&word), "{name}: {line}");
                filled += match word {
                    "nf" | "RS" => 1,
                    "fi" | "RE" => -1,
                    _ => 0,
                };
            } else {
                assert!(!line.starts_with('\''), "{name}: {line}");
            }
        }
        assert_eq!(filled, 0, "{name}: what is begun is ended");
        assert!(page.contains("\n.TH "), "{name}");
        assert!(page.is_ascii(), "{name}");
    }
}

#[test]
fn standard_output_gets_one_page() {
    let project = Project::bare();
    let before = project.tree();
    let pages = pages();
    assert_eq!(
        project.run(&["man"]).exits(0).out,
        pages["vendor-migrations.1"]
    );
    assert_eq!(
        project.run(&["man", "sync"]).exits(0).out,
        pages["vendor-migrations-sync.1"]
    );
    project.run(&["man", "snyc"]).fails(&["`snyc`", "sync"]);
    project.run(&["man", "catalogue"]).fails(&["`catalogue`"]);
    before.assert_untouched(&project.tree());
}

#[test]
fn pages_replace_older_ones_and_nothing_else() {
    let project = Project::bare();
    let directory = project.beside("pages");
    put(&directory.join("vendor-migrations.1"), "old");
    put(&directory.join("other.1"), "other");
    let write = ["man", "--dir", directory.as_str()];
    project.run(&write).exits(0);
    assert_ne!(
        fs::read_to_string(directory.join("vendor-migrations.1")).unwrap(),
        "old"
    );
    assert_eq!(
        fs::read_to_string(directory.join("other.1")).unwrap(),
        "other"
    );
    let names: Vec<String> = directory
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_owned())
        .collect();
    assert!(names.iter().all(|name| name.ends_with(".1")), "{names:?}");
    // What cannot be written is an error.
    put(&project.beside("file"), "");
    project
        .run(&["man", "--dir", project.beside("file").as_str()])
        .fails(&["file"]);
    fs::remove_file(directory.join("vendor-migrations.1")).unwrap();
    fs::create_dir(directory.join("vendor-migrations.1")).unwrap();
    project.run(&write).fails(&["vendor-migrations.1"]);
}
