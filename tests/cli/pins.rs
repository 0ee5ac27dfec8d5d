//! Where nothing is installed, the release that the project's lock files pin is compared, by its digests.

use serde_json::Value;
use vendor_migrations::lockfile::Mode;
use vendor_migrations::procrastinate::Layout;

use crate::support::releases::three_as;
use crate::support::vendored::lock_of;
use crate::support::{Outcome, Project};

const CHANGED: &str = "03.04.00_50_post_add_retry_failed_job_procedure.sql";

/// A lock file of each tool, as the tool writes it, with its name and the line of the pin.
fn lock_files(release: &str) -> Vec<(&'static str, usize, String)> {
    let package = format!("name = \"procrastinate\"\nversion = \"{release}\"\n");
    vec![
        (
            "uv.lock",
            6,
            format!(
                "version = 1\nrevision = 3\nrequires-python = \">=3.10\"\n\n[[package]]\n{package}source = {{ registry = \"https://pypi.org/simple\" }}\n"
            ),
        ),
        (
            "poetry.lock",
            4,
            format!(
                "# Poetry\n\n[[package]]\n{package}optional = false\n\n[metadata]\nlock-version = \"2.1\"\n"
            ),
        ),
        (
            "pdm.lock",
            5,
            format!("[metadata]\nlock_version = \"4.5.0\"\n\n[[package]]\n{package}"),
        ),
        (
            "pylock.toml",
            4,
            format!("lock-version = \"1.0\"\n\n[[packages]]\n{package}"),
        ),
        (
            "pylock.prod.toml",
            4,
            format!("lock-version = \"1.0\"\n\n[[packages]]\n{package}"),
        ),
        (
            "Pipfile.lock",
            4,
            format!(
                "{{\n \"_meta\": {{\"pipfile-spec\": 6}},\n \"default\": {{\n  \"procrastinate\": {{\"version\": \"=={release}\"}}\n }}\n}}\n"
            ),
        ),
        (
            "requirements.txt",
            2,
            format!(
                "attrs==26.1.0\nProcrastinate[django]=={release} ; python_version >= '3.9' \\\n    --hash=sha256:aa\n"
            ),
        ),
        (
            "requirements-prod.txt",
            1,
            format!("procrastinate=={release}\n"),
        ),
        (
            "requirements/base.txt",
            1,
            format!("procrastinate=={release}\n"),
        ),
        (
            "requirements/base.in",
            2,
            format!("# ours\nprocrastinate=={release}\n"),
        ),
        ("requirements.in", 1, format!("procrastinate=={release}\n")),
        (
            "pixi.lock",
            10,
            format!(
                "version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n      - pypi: https://x/procrastinate-{release}-py3-none-any.whl\n\
                 packages:\n- conda: https://x/noarch/attrs-26.1.0-pyhd8ed1ab_0.conda\n  sha256: aa\n- pypi: https://x/procrastinate-{release}-py3-none-any.whl\n  name: procrastinate\n  version: {release}\n"
            ),
        ),
        (
            "conda-lock.yml",
            4,
            format!(
                "version: 1\nmetadata: {{}}\npackage:\n- name: procrastinate\n  version: {release}\n  manager: pip\n  platform: linux-64\n"
            ),
        ),
        (
            "environment.yml",
            4,
            format!("name: app\ndependencies:\n- python=3.12\n- procrastinate={release}\n"),
        ),
    ]
}

fn uv_lock(release: &str) -> String {
    lock_files(release).remove(0).2
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}\n{outcome}"))
}

fn codes(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

#[test]
fn a_moved_pin_names_the_migration_that_changed() {
    for (name, line, text) in lock_files("3.5.2") {
        let project = Project::of_release("3.5.1");
        project.put(name, text);
        let outcome = project.run(&["check"]);
        outcome.exits(1).out_has(&[
            "error[migration-changed]",
            CHANGED,
            "3.5.2",
            "vendor-migrations diff --release 3.5.2",
            &format!("{name}:{line} pins"),
        ]);
        assert_eq!(outcome.err, "", "{outcome}");
        let report = json(project.run(&["check", "--format", "json"]).exits(1));
        assert_eq!(codes(&report), ["migration-changed"], "{name}");
        assert_eq!(report["upstream"], Value::Null);
        assert_eq!(report["pinned"]["release"], "3.5.2");
        assert_eq!(report["pins"][0]["path"], name);
        assert_eq!(report["pins"][0]["line"], line);
        assert_eq!(report["pins"][0]["release"], "3.5.2");
    }
}

#[test]
fn a_pin_of_what_is_vendored_is_fine() {
    for (name, line, text) in lock_files("3.5.1") {
        let project = Project::of_release("3.5.1");
        project.put(name, text);
        let place = format!("{name}:{line}");
        project
            .run(&["check", "--strict"])
            .exits(0)
            .out_has(&["the digests of Procrastinate 3.5.1", &place]);
        let quiet = project.run(&["check", "-q", "--require-upstream=pinned"]);
        assert_eq!((quiet.exits(0).out.as_str(), quiet.err.as_str()), ("", ""));
        project
            .run(&["check", "--require-upstream"])
            .fails(&["--require-upstream", "=pinned"]);
        project
            .run(&["status"])
            .exits(0)
            .out_has(&[&place, "compared by digest", "none"]);
    }
}

#[test]
fn missing_renamed_and_recorded_only() {
    let project = Project::of_release("3.3.0");
    project.put("uv.lock", uv_lock("3.4.0"));
    project.run(&["check"]).exits(1).out_has(&[
        "error[migration-missing]",
        "03.04.00_01_pre_add_retry_failed_job_procedure.sql",
        CHANGED,
        "to be run before its deploy",
        "to be run after its deploy",
        "2 errors",
    ]);
    project
        .run(&["status"])
        .exits(1)
        .out_has(&["sync --release 3.4.0"]);
    let project = Project::of_release("0.23.0");
    project.put("uv.lock", uv_lock("0.24.0"));
    project.run(&["check"]).exits(1).out_has(&[
        "error[migration-renamed]",
        "`00.23.00_01_null_locks_excluded.sql`; it was `00.19.00_02_null_locks_excluded.sql`",
    ]);
    let project = Project::of_release("3.6.0");
    project.put("uv.lock", uv_lock("3.7.0"));
    project
        .run(&["check"])
        .exits(0)
        .out_has(&["warning[release]", "sync --release 3.7.0"]);
    project.run(&["check", "--strict"]).exits(1);
}

#[test]
fn an_older_pin_is_an_error() {
    let project = Project::of_release("3.5.2");
    project.put("uv.lock", uv_lock("3.5.1"));
    let outcome = project.run(&["check"]);
    outcome
        .exits(1)
        .out_has(&["error[older-upstream]", "uv.lock:6", "3.5.1", "1 error"]);
}

#[test]
fn pins_that_disagree_are_a_finding() {
    let project = Project::of_release("3.5.1");
    project.put("uv.lock", uv_lock("3.5.1"));
    project.put("requirements.txt", "procrastinate==3.5.2\n");
    project.run(&["check"]).exits(1).out_has(&[
        "error[pins-disagree]",
        "3.5.1 in uv.lock:6",
        "3.5.2 in requirements.txt:1",
        "error[migration-changed]",
    ]);
    // The same release, written in two ways, is one.
    let project = Project::of_release("3.6.0");
    project.put("uv.lock", uv_lock("3.6.0"));
    project.put("requirements.txt", "procrastinate===3.6\n");
    project
        .run(&["check", "--strict"])
        .exits(0)
        .out_lacks(&["pins-disagree"]);
}

#[test]
fn a_file_that_holds_the_package_twice_disagrees_with_itself() {
    let project = Project::of_release("3.5.2");
    let second = "[[package]]\nname = \"procrastinate\"\nversion = \"3.5.2\"\nsource = { registry = \"r\" }\n\
                  resolution-markers = [\"python_full_version >= '3.12'\"]\n";
    project.put("uv.lock", uv_lock("3.5.1") + second);
    let report = json(project.run(&["check", "--format", "json"]).exits(1));
    assert_eq!(codes(&report), ["pins-disagree"]);
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("uv.lock:6") && message.contains("for python_full_version >= '3.12'"),
        "{message}"
    );
    assert_eq!(report["pins"].as_array().unwrap().len(), 2);
    // Once for each extra, but of one release.
    let again =
        "\n[[package]]\nname = \"procrastinate\"\nversion = \"3.5.2\"\nextras = [\"django\"]\n";
    let project = Project::of_release("3.5.2");
    let (name, _, text) = lock_files("3.5.2").remove(2);
    project.put(name, text + again);
    project.run(&["check"]).exits(0);
}

#[test]
fn a_range_or_an_unknown_release_is_said() {
    for (text, said) in [
        (
            "procrastinate>=3.4",
            "requirements.txt:1 asks for `procrastinate>=3.4`, which pins no release",
        ),
        ("procrastinate", "which pins no release"),
        ("procrastinate==3.*", "which pins no release"),
        (
            "procrastinate==99.0",
            "newer than 3.10.0, the newest that this program knows",
        ),
        (
            "procrastinate==3.5.0.1",
            "the nearest releases are 3.4.0 and 3.5.1",
        ),
        ("procrastinate==3.0.0b1", "pre-release"),
        ("procrastinate==3.5.1+local", "local build"),
        ("procrastinate==0.5", "begins with 0.17.0"),
        (
            "procrastinate @ git+https://example.org/p",
            "does not take Procrastinate from a package index",
        ),
        (
            "-e ../procrastinate",
            "does not take Procrastinate from a package index",
        ),
    ] {
        let project = Project::of_release("3.5.1");
        project.put("requirements.txt", format!("{text}\n"));
        let outcome = project.run(&["check", "-q"]);
        outcome
            .exits(0)
            .err_has(&["note:", said, "not compared with upstream"]);
        let report = json(&project.run(&["check", "--format", "json"]));
        assert_eq!(report["pinned"], Value::Null, "{text}");
        assert!(
            report["notes"].to_string().contains("requirements.txt:1"),
            "{text}"
        );
        for option in ["--require-upstream", "--require-upstream=pinned"] {
            project
                .run(&["check", option])
                .fails(&["--require-upstream"]);
        }
    }
    // A range beside a pin says nothing against it.
    let project = Project::of_release("3.5.1");
    project.put("requirements.txt", "procrastinate>=3.4\n");
    project.put("uv.lock", uv_lock("3.5.1"));
    assert_eq!(project.run(&["check"]).exits(0).err, "");
}

#[test]
fn broken_and_newer_lock_files_count_as_absent_and_are_named() {
    for (name, text, said) in [
        (
            "uv.lock",
            "version = 1\n<<<<<<< HEAD\n".to_owned(),
            "line 2",
        ),
        (
            "uv.lock",
            uv_lock("3.5.2").replace("version = 1", "version = 2"),
            "version 2",
        ),
        ("uv.lock", uv_lock("next"), "`next` is not a version"),
        (
            "poetry.lock",
            "[metadata]\nlock-version = \"9.0\"\n".to_owned(),
            "version 9.0",
        ),
        (
            "pdm.lock",
            "[metadata]\nlock_version = \"5.0\"\n".to_owned(),
            "version 5.0",
        ),
        (
            "pylock.toml",
            "lock-version = \"2.0\"\n".to_owned(),
            "version 2.0",
        ),
        (
            "Pipfile.lock",
            "{\"_meta\": {\"pipfile-spec\": 7}}".to_owned(),
            "version 7",
        ),
        ("Pipfile.lock", "{\n\"default\": {,}}".to_owned(), "line 2"),
        ("uv.lock", String::new(), "version"),
    ] {
        let project = Project::of_release("3.5.1");
        project.put(name, text);
        let named = format!("`{name}` cannot be used, and is ignored");
        project
            .run(&["check", "-q"])
            .exits(0)
            .err_has(&[&named, said, "not compared"]);
        project.put("requirements.txt", "procrastinate==3.5.2\n");
        project
            .run(&["check"])
            .exits(1)
            .err_has(&[&named, said])
            .out_has(&["migration-changed"]);
    }
    let project = Project::of_release("3.5.1");
    project.put("uv.lock", b"version = 1\n\xff");
    project
        .run(&["check"])
        .exits(0)
        .err_has(&["not UTF-8 text (byte 12)"]);
    let project = Project::of_release("3.5.1");
    project.put("uv.lock/x", "");
    project
        .run(&["check"])
        .exits(0)
        .err_has(&["not a regular file"]);
}

#[test]
fn a_newer_minor_version_is_read_and_named() {
    let project = Project::of_release("3.5.1");
    let (name, _, text) = lock_files("3.5.2").remove(1);
    project.put(name, text.replace("2.1", "2.9"));
    project
        .run(&["check"])
        .exits(1)
        .err_has(&["version 2.9"])
        .out_has(&["migration-changed"]);
}

#[test]
fn a_workspaces_lock_file_lies_above_the_project() {
    let project = Project::of_release("3.5.1");
    std::fs::write(project.beside("uv.lock"), uv_lock("3.5.2")).unwrap();
    // Not a repository: who knows what lies above.
    project.run(&["check"]).exits(0).err_has(&["not compared"]);
    std::fs::create_dir(project.beside(".git")).unwrap();
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["../uv.lock:6 pins"]);
    // A requirements file that names no release is none; one that does comes first.
    project.put("requirements.txt", "attrs==1\nprocrastinate>=3\n");
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["../uv.lock:6 pins"]);
    project.put("requirements.txt", "procrastinate==3.5.1\n");
    project.run(&["check"]).exits(0).out_lacks(&["uv.lock"]);
    std::fs::remove_file(project.root.join("requirements.txt")).unwrap();
    // The project is a repository of its own.
    project.put(".git", "gitdir: elsewhere\n");
    project.run(&["check"]).exits(0).err_has(&["not compared"]);
}

#[test]
fn requirements_files_include_each_other() {
    let project = Project::of_release("3.5.1");
    project.put(
        "requirements.txt",
        "-r deps/a.txt\n-c constraints.txt\n-r https://example.org/x.txt\n-r gone.txt\n",
    );
    project.put("deps/a.txt", "-r b.txt\nprocrastinate\n");
    project.put(
        "deps/b.txt",
        "-r ../requirements.txt\n--requirement=a.txt\n",
    );
    project.put("constraints.txt", "# pins\nprocrastinate==3.5.2\n");
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["constraints.txt:2 pins", "migration-changed"])
        .err_has(&[
            "requirements.txt:3 includes `https://example.org/x.txt`, which was not read",
            "`gone.txt` cannot be used",
        ]);
    let project = Project::of_release("3.5.1");
    project.put("requirements/dev.txt", "-r ../pins/all.txt\n");
    project.put("pins/all.txt", "procrastinate==3.5.2\n");
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["pins/all.txt:1 pins"]);
}

#[test]
fn a_pin_and_another_release_that_is_installed_are_both_shown_and_compared() {
    let project = Project::of_release("3.5.1");
    three_as("91.0.0").install_in_environment(&project.root.join(".venv"));
    project.put("uv.lock", uv_lock("3.5.2"));
    project.run(&["check"]).exits(1).out_has(&[
        "warning[pin-differs]",
        "uv.lock:6 pins Procrastinate 3.5.2, but Procrastinate 91.0.0 (.venv)",
        CHANGED,
        "in Procrastinate 3.5.2, the SQL of this migration is different",
        "compared with Procrastinate 91.0.0 (.venv) and the digests of Procrastinate 3.5.2",
    ]);
    project
        .run(&["status"])
        .exits(1)
        .out_has(&["91.0.0", "3.5.2 in uv.lock:6"]);
    project
        .run(&["sync", "--dry-run"])
        .err_has(&["uv.lock:6 pins Procrastinate 3.5.2"]);
    // What the user names as a release is what is meant.
    let site = project.install(&three_as("91.0.0"));
    project
        .run(&["check", "--from", site.as_str()])
        .exits(1)
        .out_has(&["pin-differs"]);
}

#[test]
fn an_installation_that_the_pin_agrees_with_is_compared_alone() {
    let project = Project::with(&three_as("91.0.0"));
    three_as("91.0.0").install_in_environment(&project.root.join(".venv"));
    project.put("requirements.txt", "procrastinate==91\n");
    let outcome = project.run(&["check", "--strict"]);
    outcome.exits(0).out_lacks(&["digests", "pin"]);
    assert!(!outcome.err.contains("requirements.txt"), "{outcome}");
}

#[test]
fn a_sync_that_finds_nothing_names_the_pinned_release() {
    let project = Project::of_release("3.5.1");
    project.put("uv.lock", uv_lock("3.5.2"));
    let before = project.tree();
    for command in ["sync", "diff"] {
        project
            .run(&[command])
            .fails(&["not found", "uv.lock:6 pins", "--release 3.5.2"]);
    }
    before.assert_untouched(&project.tree());
}

#[test]
fn a_copy_is_compared_by_the_sql_that_the_lock_records() {
    let mut lock = lock_of("3.5.1");
    (lock.upstream.mode, lock.upstream.layout) = (Mode::Copy, Layout::Alembic);
    let last = lock.revisions.len() - 1;
    (lock.revisions[0].sql, lock.revisions[0].sql_sha256) = (None, None);
    let file = lock.revisions[0].file.to_string();
    let project = Project::of_lock(lock.clone(), |_| None);
    project.put("uv.lock", uv_lock("3.5.2"));
    let outcome = project.run(&["check", "--format", "json"]);
    outcome.exits(1).err_has(&["without SQL of its own", &file]);
    let report = json(&outcome);
    let findings = report["findings"].as_array().unwrap();
    let changed = findings
        .iter()
        .find(|finding| finding["code"] == "migration-changed")
        .unwrap();
    assert_eq!(changed["revisions"][0], lock.revisions[last].id.as_str());
}

#[test]
fn nothing_vendored_is_still_the_finding() {
    let project = Project::new();
    project.put("uv.lock", uv_lock("3.5.2"));
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["not-vendored"])
        .out_lacks(&["migration-missing"]);
}

#[test]
fn what_lock_files_say_cannot_steer_a_terminal() {
    let project = Project::of_release("3.5.1");
    let marker = "resolution-markers = [\"\\u001b[31m\"]\n";
    let second = uv_lock("3.5.2").split_off(uv_lock("3.5.2").find("[[package]]").unwrap());
    project.put("uv.lock", uv_lock("3.5.1") + &second + marker);
    project.put(
        "requirements.txt",
        "-r \u{1b}[31m${x}.txt\nprocrastinate @ git+https://\u{202e}\n",
    );
    let outcome = project.run(&["check"]);
    outcome
        .exits(1)
        .out_has(&["\\x1b[31m"])
        .err_has(&["\\x1b[31m", "\\u{202e}"]);
    assert!(
        !outcome.out.contains('\u{1b}') && !outcome.err.contains('\u{1b}'),
        "{outcome}"
    );
}

#[test]
fn a_long_chain_of_includes_is_followed_to_its_end() {
    const LENGTH: usize = 20_000;
    let project = Project::of_release("3.5.1");
    project.put("requirements.txt", "-r r0.txt\n");
    for number in 0..LENGTH {
        let next = format!("-r r{}.txt\n", number + 1);
        project.put(&format!("r{number}.txt"), next);
    }
    project.put(&format!("r{LENGTH}.txt"), "procrastinate==3.5.2\n");
    project
        .run(&["check"])
        .exits(1)
        .out_has(&[CHANGED, &format!("r{LENGTH}.txt:1 pins")]);
}

#[test]
fn a_lock_file_beside_a_configuration_below_the_root_counts() {
    let project = Project::of_release("3.5.1");
    std::fs::create_dir(project.root.join("backend")).unwrap();
    for name in ["alembic", "alembic.ini"] {
        let below = project.root.join("backend").join(name);
        std::fs::rename(project.root.join(name), below).unwrap();
    }
    project.put("backend/uv.lock", uv_lock("3.5.2"));
    for options in [&["check"][..], &["check", "-c", "backend/alembic.ini"]] {
        project
            .run(options)
            .exits(1)
            .out_has(&[CHANGED, "backend/uv.lock:6 pins"]);
    }
}

/// What `uv lock` makes by default where an older Python gets an older release.
fn forked(old: &str, new: &str, requires_python: &str) -> String {
    let package = |release: &str, marker: &str| {
        format!(
            "\n[[package]]\nname = \"procrastinate\"\nversion = \"{release}\"\nsource = {{ registry = \"r\" }}\n\
             resolution-markers = [\n    \"python_full_version {marker}\",\n]\n"
        )
    };
    format!(
        "version = 1\nrevision = 3\nrequires-python = \"{requires_python}\"\n{}{}",
        package(old, "< '3.10'"),
        package(new, ">= '3.10'")
    )
}

#[test]
fn releases_with_the_same_migrations_do_not_disagree() {
    for files in [
        &[("uv.lock", forked("3.5.2", "3.5.3", ">=3.9"))][..],
        &[
            ("requirements.txt", "procrastinate==3.5.2\n".to_owned()),
            ("requirements-dev.txt", "procrastinate==3.5.3\n".to_owned()),
        ],
    ] {
        let project = Project::of_release("3.5.3");
        for (name, text) in files {
            project.put(name, text);
        }
        let checked = project.run(&["check", "--strict"]);
        checked.exits(0).out_lacks(&["pins-disagree"]);
        assert!(!checked.err.contains("same migrations"), "{checked}");
        project
            .run(&["check", "-v"])
            .err_has(&["the pinned releases 3.5.2 and 3.5.3 have the same migrations"]);
    }
}

#[test]
fn markers_about_python_are_evaluated_before_pins_disagree() {
    let project = Project::of_release("3.5.2");
    // What the project supports is in the lock file.
    project.put("uv.lock", forked("3.5.1", "3.5.2", ">=3.10"));
    project.run(&["check", "--strict"]).exits(0);
    project.run(&["check", "-v"]).err_has(&[
        "pins 3.5.1 for python_full_version < '3.10', which is not the project's Python",
    ]);
    project.put("uv.lock", forked("3.5.1", "3.5.2", ">=3.9"));
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["error[pins-disagree]"]);
    // The environment's own Python: it is 3.12 here.
    let alembic = project
        .root
        .join(".venv/lib/python3.12/site-packages/alembic-1.16.0.dist-info");
    crate::support::put(
        &alembic.join("METADATA"),
        "Name: alembic\nVersion: 1.16.0\n",
    );
    project.run(&["check", "--strict"]).exits(0);
    let status = project.run(&["status"]);
    status
        .exits(0)
        .out_has(&["3.5.2 in uv.lock"])
        .out_lacks(&["3.5.1"]);
    // Of pins that are all for other Pythons, one will have to do.
    project.put("uv.lock", "");
    project.put(
        "requirements.txt",
        "procrastinate==3.5.1; python_version < '3.9'\n",
    );
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["older-upstream"]);
}

#[test]
fn constraints_that_a_file_names_are_read() {
    let project = Project::of_release("3.5.1");
    project.put(
        "requirements/dev.in",
        "-c ../constraints-prod.txt\nprocrastinate\n",
    );
    project.put("constraints-prod.txt", "procrastinate==3.5.2\n");
    project
        .run(&["check"])
        .exits(1)
        .out_has(&["constraints-prod.txt:1 pins", "migration-changed"]);
    // One that nothing names constrains nothing.
    project.put("requirements/dev.in", "procrastinate\n");
    project.run(&["check"]).exits(0);
}

#[test]
fn a_required_pin_says_what_to_add_and_where_it_looked() {
    let files = [
        "uv.lock",
        "pixi.lock",
        "environment.yml",
        "requirements/*.in",
    ];
    let required = ["check", "--require-upstream=pinned"];
    let advice = "additional_dependencies: [procrastinate==";
    let project = Project::of_release("3.5.1");
    let failed = project.run(&required);
    failed
        .fails(&files)
        .err_has(&["no lock file pins a release", advice, ".venv"]);
    assert!(!failed.err.contains("are enough"), "{failed}");
    project.put("uv.lock", uv_lock("99.0.0"));
    let failed = project.run(&required);
    failed.fails(&[
        "uv.lock:6 pins 99.0.0, which cannot be compared",
        "newer than",
        advice,
    ]);
    // A release that it can do without.
    let site = project.root.join(".venv/lib/python3.12/site-packages");
    three_as("99.0.0").install(&site);
    project.run(&required).exits(1);
    // The last of several counts: a hook's own option, and what somebody adds to it.
    project.put("uv.lock", "");
    std::fs::remove_dir_all(project.root.join(".venv")).unwrap();
    let both = [&required[..], &["--require-upstream"]].concat();
    project
        .run(&both)
        .fails(&["upstream is required (`--require-upstream`), and"]);
}
