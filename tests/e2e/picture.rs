//! The picture of the README: `check` fails after an upgrade, and `sync` adds what is missing. It is drawn from a real run.
//!
//! `ACCEPT_SCREENS=1 cargo test --test e2e picture` draws it anew. Look at it before it is committed.

use camino::Utf8Path;
use fs_err as fs;
use serde_json::json;

use crate::screens::Site;
use crate::support::process::{feed, run};
use crate::support::tools;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/check-and-sync.svg");
const TITLE: &str = "After an upgrade of Procrastinate, check fails with two errors: migration-missing. sync adds the two migrations. \
    Then check passes.";

#[test]
fn check_fails_and_sync_adds_what_is_missing() {
    let mut site = Site::vendored("3.3.0");
    site.install("3.4.0");
    let steps = [("check", 1), ("sync", 0), ("check", 0)].map(|(verb, status)| {
        let shown = run(&mut site.command(&format!("{verb} --color always"))).exits(status);
        (
            format!("vendor-migrations {verb}"),
            shown.stderr + &shown.stdout,
        )
    });
    let input = json!([TITLE, steps]).to_string();
    let script = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/support/picture.py");
    let drawn = feed(
        tools::tool(&["rich"], "python").arg(script),
        input.as_bytes(),
    )
    .exits(0);
    let svg = drawn.stdout;
    // The only address is the name of the format.
    assert_eq!(svg.matches("://").count(), 1, "{svg}");
    if std::env::var_os("ACCEPT_SCREENS").is_some() {
        fs::write(PICTURE, &svg).expect("the checkout can be written");
    }
    let known = fs::read_to_string(PICTURE).unwrap_or_default();
    assert!(
        known == svg,
        "the run prints something else than {PICTURE} shows; `ACCEPT_SCREENS=1 cargo test --test e2e picture` draws it anew"
    );
}
