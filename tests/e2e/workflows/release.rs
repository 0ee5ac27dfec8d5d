//! What a tag starts: release.yml.

use fs_err as fs;

use super::steps::{Runner, step};
use crate::support::process::run;
use crate::support::python;
use crate::wheel::built::{repository, wheel};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const TAG: &str = concat!("v", env!("CARGO_PKG_VERSION"));
const NOTES: &str =
    "release.yml / check / Compare the tag with Cargo.toml, and take the notes from the changelog";
const MOVE: &str = "release.yml / major-tag / Move the major tag, which the action is used by";
const MIRROR: &str = "release.yml / pre-commit / Write, tag and push the repository of the hooks";

/// A checkout with a section for this version in the changelog.
fn ready() -> Runner {
    let runner = Runner::with(&[
        "Cargo.toml",
        "CHANGELOG.md",
        "LICENSE",
        ".pre-commit-hooks.yaml",
        ".github",
        "python",
    ]);
    let text = format!(
        "# Changelog\n\n## Unreleased\n\nLater.\n\n## {VERSION} (2026-12-01)\n\nOurs: [a page](docs/guide.md#x), \
         [another](https://example.org).\n\n## 0.0.9\n\nOlder.\n"
    );
    runner.write("checkout/CHANGELOG.md", &text);
    runner
}

#[test]
fn a_tag_needs_its_version_and_its_section() {
    let runner = ready();
    runner.run(NOTES).exits(0);
    let page = concat!(
        env!("CARGO_PKG_REPOSITORY"),
        "/blob/v",
        env!("CARGO_PKG_VERSION")
    );
    let wanted =
        format!("Ours: [a page]({page}/docs/guide.md#x), [another](https://example.org).\n");
    assert_eq!(runner.read("checkout/notes.md"), wanted);
    for (tag, told) in [
        ("v9.9.9", format!("its tag is {TAG}")),
        (VERSION, "of the form vX.Y.Z".to_owned()),
        ("v1.0.0rc1", "of the form vX.Y.Z".to_owned()),
    ] {
        let mut step = runner.prepared(NOTES);
        run(step.env("GITHUB_REF_NAME", tag)).exits(1).says(&told);
    }
    runner.write(
        "checkout/CHANGELOG.md",
        &format!("## Unreleased\n\nText.\n\n## {VERSION}\n\n## 0.0.9\n\nOlder.\n"),
    );
    runner.run(NOTES).exits(1).says("has no section");
}

/// The page of this repository has a place for the notes of the next release.
#[test]
fn the_changelog_has_a_section_that_can_be_renamed() {
    let text = fs::read_to_string(repository().join("CHANGELOG.md")).expect("it is there");
    let runner = ready();
    runner.write(
        "checkout/CHANGELOG.md",
        &text.replace("## Unreleased\n", &format!("## {VERSION}\n")),
    );
    runner.run(NOTES).exits(0);
    assert!(
        runner
            .read("checkout/notes.md")
            .starts_with("The first version.\n")
    );
}

#[test]
fn a_commit_needs_tests_that_passed() {
    let place = "release.yml / check / Look whether ci.yml passed for this commit";
    let runner = Runner::new();
    runner.answers("gh run list", "1\n");
    runner.run(place).exits(0);
    runner.answers("gh run list", "0\n");
    runner
        .run(place)
        .exits(1)
        .says("::error::ci.yml did not pass for 0123");
    let call = "gh run list --workflow ci.yml --branch main --event push --commit 0123456789abcdef0123456789abcdef01234567 --status success --json \
                databaseId --jq length";
    assert_eq!(runner.calls(), [call, call]);
    // The notes of a tag come from the same commit.
    assert_eq!(super::steps::documents()["ci.yml"]["name"], "ci");
}

#[test]
fn the_files_have_checksums_and_the_list_of_parts() {
    let runner = ready();
    for name in ["a-1.whl", "b 2.whl", "c.tar.gz"] {
        runner.write(&format!("checkout/target/wheels/{name}"), name);
    }
    runner
        .run("release.yml / build / Put the files of the release together")
        .exits(0);
    let sums = runner.read("checkout/dist/SHA256SUMS");
    assert_eq!(sums.lines().count(), 4, "{sums}");
    assert!(sums.contains("vendor-migrations.cyclonedx.json") && !sums.contains("SHA256SUMS"));
    let mut verify = runner.command("sha256sum");
    let dist = runner.path("checkout/dist");
    run(verify
        .args(["--check", "--strict", "SHA256SUMS"])
        .current_dir(&dist))
    .exits(0);
    fs::write(dist.join("a-1.whl"), "other").expect("it can be written");
    run(&mut verify).exits(1).says("a-1.whl: FAILED");

    runner
        .run("release.yml / pypi / Leave only what the index takes")
        .exits(0);
    let mut packages: Vec<_> = crate::support::tools::files(&runner.path("checkout/packages"), "");
    packages.sort();
    let names: Vec<_> = packages
        .iter()
        .filter_map(|path| path.file_name())
        .collect();
    assert_eq!(names, ["a-1.whl", "b 2.whl", "c.tar.gz"]);
}

/// The wheels are tried where they will run, by the same commands.
#[test]
fn a_wheel_that_starts_is_published() {
    let [here, musl] = ["try", "try-musl"].map(|job| {
        format!("release.yml / {job} / Install the wheel of this system, and start the program")
    });
    let text = |place: &str| step(place)["run"].as_str().expect("a text");
    let commands = text(&here)
        .lines()
        .filter(|line| line.starts_with("\"$bin/"));
    assert_eq!(commands.clone().count(), 2);
    for command in commands {
        assert!(text(&musl).contains(command), "{command}");
    }
    for place in [here, musl] {
        let runner = Runner::new();
        // The commands run without the container.
        let docker = "#!/bin/sh\nwhile [ \"$1\" != sh ]; do shift; done\nexec \"$@\"\n";
        runner.program("docker", docker);
        let dist = runner.path("checkout/dist");
        fs::create_dir(&dist).expect("it can be made");
        fs::copy(wheel(), dist.join(wheel().file_name().expect("it has one"))).expect("a copy");
        std::os::unix::fs::symlink(python::bin().join("python"), runner.path("bin/python3"))
            .expect("a link");
        runner
            .run(&place)
            .exits(0)
            .says(&format!("vendor-migrations {VERSION}"));
    }
}

#[test]
fn a_crate_that_is_there_is_not_published_again() {
    let look = "release.yml / crates-io / Look whether the crate is there already";
    let publish = "release.yml / crates-io / Publish the crate";
    let mut runner = Runner::new();
    runner.value("steps.auth.outputs.token", "secret");
    runner.run(look).exits(0);
    assert_eq!(runner.read("output"), "");
    runner.refuses("cargo info --registry");
    runner.run(look).exits(0);
    assert_eq!(runner.read("output"), "missing=true\n");
    assert_eq!(step(publish)["if"], "steps.crate.outputs.missing == 'true'");
    runner.run(publish).exits(0);
    let looked = format!("cargo info --registry crates-io vendor-migrations@{VERSION}");
    let published = "cargo publish --locked --no-verify";
    assert_eq!(runner.calls(), [looked.as_str(), &looked, published]);
}

#[test]
fn a_release_is_made_once_and_then_completed() {
    let place = "release.yml / github / Make the release";
    let runner = Runner::new();
    runner.write("checkout/dist/a.whl", "");
    runner.write("checkout/dist/SHA256SUMS", "");
    runner.refuses("gh release view");
    runner.run(place).exits(0);
    let made = format!(
        "gh release create {TAG} --verify-tag --title {TAG} --notes-file notes.md dist/SHA256SUMS dist/a.whl"
    );
    assert_eq!(runner.calls()[1], made);
    runner.answers("gh release view", "");
    runner.run(place).exits(0);
    assert_eq!(
        runner.calls()[1],
        format!("gh release upload {TAG} --clobber dist/SHA256SUMS dist/a.whl")
    );
}

/// A clone of a bare repository, with two commits.
fn cloned() -> Runner {
    let runner = Runner::new();
    let hosted = runner.path("hosted");
    runner.git(&["init", "--quiet", "--bare", hosted.as_str()]);
    runner.git(&["clone", "--quiet", hosted.as_str(), "."]);
    for tag in ["v0.0.9", TAG] {
        runner.git(&["commit", "--quiet", "--allow-empty", "--message", tag]);
        runner.git(&["tag", tag]);
    }
    runner.git(&[
        "push",
        "--quiet",
        "--tags",
        "origin",
        "HEAD:refs/heads/main",
    ]);
    runner
}

#[test]
fn the_major_tag_follows_the_newest_release() {
    let mut runner = cloned();
    runner.value("steps.app.outputs.token", "secret");
    let hosted = |name: &str| {
        let listed = runner.git(&["ls-remote", "origin", &format!("refs/tags/{name}")]);
        listed.split('\t').next().unwrap_or_default().to_owned()
    };
    runner.git(&["push", "--quiet", "origin", "v0.0.9:refs/tags/v0"]);
    runner.run(MOVE).exits(0);
    assert_eq!(hosted("v0"), hosted(TAG));
    assert_eq!(runner.calls(), ["gh auth setup-git"]);
    // A repair of an older release.
    runner.git(&["checkout", "--quiet", "v0.0.9"]);
    let mut step = runner.prepared(MOVE);
    run(step.env("GITHUB_REF_NAME", "v0.0.9"))
        .exits(0)
        .says("so v0 stays");
    assert_eq!(hosted("v0"), hosted(TAG));
}

#[test]
fn the_repository_of_the_hooks_follows_once() {
    let mut runner = ready();
    runner.value("steps.app.outputs.token", "secret");
    let hosted = runner.path("hosted");
    runner.git(&[
        "init",
        "--quiet",
        "--bare",
        "--initial-branch",
        "main",
        hosted.as_str(),
    ]);
    let url = "https://github.com/vendor-migrations/vendor-migrations-pre-commit";
    runner.git(&[
        "config",
        "--global",
        &format!("url.{hosted}.insteadOf"),
        url,
    ]);
    runner.run(MIRROR).exits(0).says(&format!("Pushed {TAG}"));
    let shown = |name: &str| runner.git(&["-C", hosted.as_str(), "show", &format!("{TAG}:{name}")]);
    assert_eq!(
        shown(".pre-commit-hooks.yaml"),
        runner.read("checkout/.pre-commit-hooks.yaml")
    );
    assert!(shown("pyproject.toml").contains(&format!("vendor-migrations=={VERSION}")));
    let tip = |name: &str| runner.git(&["-C", hosted.as_str(), "rev-parse", name]);
    assert_eq!(tip("main"), tip(TAG));
    // The job is run again.
    let before = tip("main");
    fs::remove_dir_all(runner.path("temp/mirror")).expect("a new machine has none");
    runner.run(MIRROR).exits(0).says("is there already");
    assert_eq!(tip("main"), before);
    // The next release.
    let text = runner
        .read("checkout/Cargo.toml")
        .replace(&format!("version = \"{VERSION}\""), "version = \"0.9.0\"");
    runner.write("checkout/Cargo.toml", &text);
    fs::remove_dir_all(runner.path("temp/mirror")).expect("a new machine has none");
    runner.run(MIRROR).exits(0).says("Pushed v0.9.0");
    assert_eq!(tip("main"), tip("v0.9.0"));
    assert_eq!(tip("v0.9.0^"), before);
}
