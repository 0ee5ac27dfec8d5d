//! Names that have to be quoted, in SQL, in Python and in a search path.

use super::*;
use crate::database::takes_all;
use crate::lint::assert_clean;

/// The longest name, in bytes.
const LONGEST: &str = "É23456789012345678901234567890123456789012345678901234567890 x";

const NAMES: [&str; 9] = [
    "a\"b'c.d",
    "x:y %(s)s :z\\z \\:q::r",
    LONGEST,
    "Pro crast",
    "JOBS",
    "select",
    "$schema$ $$ \"\"\"",
    " x\\",
    "über, \"$user\", {public}",
];

#[test]
fn odd_names_on_psycopg() {
    odd_names(Driver::Psycopg);
}

#[test]
fn odd_names_on_psycopg2() {
    odd_names(Driver::Psycopg2);
}

#[test]
fn odd_names_on_asyncpg() {
    odd_names(Driver::Asyncpg);
}

/// A sample takes one name for each driver, online or offline.
fn odd_names(driver: Driver) {
    assert_eq!(LONGEST.len(), 63);
    for (index, name) in NAMES.into_iter().enumerate() {
        if !takes_all() && index != driver as usize {
            continue;
        }
        let mut site = Site::new(driver, name);
        site.set("create_schema = true\n");
        site.project.sync("3.10.0");
        site.upgrade();
        site.assert_has("3.10.0");
        site.project = site.project.with_new_database(driver);
        site.project.upgrade_offline();
        let expected = Schema::of_release_in("3.10.0", name).with_tabs_expanded();
        Schema::of(&site.project.database).assert_is(&expected);
    }
}

/// What ruff and mypy say of revisions for a schema: nothing.
#[test]
fn revisions_are_clean() {
    for name in &NAMES[if takes_all() { 0..NAMES.len() } else { 1..2 }] {
        let site = Site::new(Driver::Psycopg, name);
        site.set("create_schema = true\n");
        site.project.sync("3.10.0");
        assert_clean(&site.project);
    }
}
