//! Where statements end, in the tool's opinion and in that of PostgreSQL's own parser.

mod nasty;

use std::collections::BTreeMap;

use serde_json::json;
use vendor_migrations::sql::statements::split;

use crate::support::process::feed;
use crate::support::{python, releases};

#[test]
fn agrees_on_every_file_of_every_release() {
    let files = published_sql();
    assert_eq!(files.len(), 59, "distinct files in the pinned releases");
    assert_agreement(
        files
            .iter()
            .map(|(sql, name)| (name.as_str(), sql.as_str())),
    );
}

#[test]
fn agrees_on_nasty_input() {
    assert_agreement(nasty::INPUTS.iter().copied());
    let dos: Vec<(&str, String)> = nasty::INPUTS
        .iter()
        .map(|(name, sql)| (*name, sql.replace('\n', "\r\n")))
        .collect();
    assert_agreement(dos.iter().map(|(name, sql)| (*name, sql.as_str())));
}

/// One file that holds every input is split as the inputs are.
#[test]
fn agrees_on_all_nasty_input_in_one_file() {
    let all: Vec<&str> = nasty::INPUTS.iter().map(|(_, sql)| *sql).collect();
    assert_agreement([("all", all.join("\n;\n").as_str())].into_iter());
}

/// Every statement that the tool finds has the tokens that the parser's statement has, kind and
/// text, comments left out; and there are as many.
fn assert_agreement<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) {
    let cases: Vec<serde_json::Value> = files
        .map(|(name, sql)| {
            let found = split(sql).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let statements: Vec<&str> = found.iter().map(|found| found.text()).collect();
            json!({ "name": name, "sql": sql, "statements": statements })
        })
        .collect();
    assert!(!cases.is_empty());
    let input = serde_json::to_vec(&cases).expect("it is JSON");
    feed(&mut python::script("split.py"), &input).exits(0);
}

/// The SQL files of all releases: text and one of its names.
fn published_sql() -> BTreeMap<String, String> {
    let found = feed(
        python::script("published_sql.py").args(releases::wheels(&releases::ALL)),
        b"",
    )
    .exits(0);
    serde_json::from_str(&found.stdout).expect("the script prints JSON")
}
