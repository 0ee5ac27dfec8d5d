//! The command as its users meet it: arguments and a project in; exit status, output and a changed or unchanged tree out.
#![cfg_attr(
    not(unix),
    allow(dead_code, unused_imports, reason = "what only tests of Unix use")
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests prepare and inspect what the program must not touch"
)]

mod accepted_edits;
mod adopt;
#[cfg(unix)]
mod attributes;
mod bad_directory;
mod bad_lock;
mod bad_package;
mod bad_record;
mod bad_release;
mod bad_wheel;
#[cfg(unix)]
mod bounds;
mod change_of_mode;
mod check;
#[cfg(unix)]
mod concurrent_edits;
mod configuration;
mod control_characters;
mod copy_mode;
mod database;
mod deep_files;
mod diff_releases;
mod discovery;
mod editable;
#[cfg(unix)]
mod environments;
#[cfg(unix)]
mod faults;
mod findings;
mod first_run;
mod forged_release;
mod genuine;
mod hard_wrappers;
#[path = "../healthy/mod.rs"]
mod healthy;
mod in_place;
mod init;
mod interruption;
mod journal;
mod linear;
mod local_changes;
mod odd_input;
#[cfg(unix)]
mod odd_names;
mod overwritten;
mod own_tables;
mod pages;
mod parallel;
mod path_python;
mod pins;
mod read_only;
mod recursive;
mod releases;
mod review;
mod rollout;
mod schema;
mod separate;
mod settings;
mod sources;
#[cfg(unix)]
mod special_files;
mod stamp;
mod support;
mod sync;
#[cfg(unix)]
mod terminal;
mod typos;
#[cfg(unix)]
mod unreadable_place;
mod upstream_changes;
mod versions;
