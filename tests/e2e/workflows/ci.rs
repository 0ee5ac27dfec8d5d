//! What a change has to pass: ci.yml.

use super::steps::{Runner, documents, step};

/// The version stands in one place.
#[test]
fn the_oldest_rust_is_that_of_the_manifest() {
    let runner = Runner::with(&["Cargo.toml"]);
    runner.program("rustup", "#!/bin/sh\necho \"rustup $*\" >> \"$CALLS\"\n");
    runner
        .run("ci.yml / oldest-rust / Build with the rust-version of Cargo.toml")
        .exits(0);
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    let wanted = [
        format!("rustup toolchain install {oldest} --profile minimal"),
        format!("cargo +{oldest} build --locked"),
    ];
    assert_eq!(runner.calls(), wanted);
}

/// `.ci/run` is the whole job on Debian, and the other systems run the tests that need nothing of Debian's.
#[test]
fn the_script_of_contributors_decides() {
    let jobs = &documents()["ci.yml"]["jobs"];
    assert_eq!(
        step("ci.yml / debian / Formatting, lints, all tests")["run"],
        ".ci/run"
    );
    let runners = &jobs["systems"]["strategy"]["matrix"]["runner"];
    assert_eq!(
        *runners,
        serde_json::json!(["windows-2025", "macos-15", "macos-15-intel"])
    );
}
