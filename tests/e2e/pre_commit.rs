//! The hooks, run by the real pre-commit on real git repositories. pre-commit clones this checkout and builds it; what a
//! project's configuration says is what `init` wrote.

mod configuration;
mod files;
mod formatters;
mod mirror;
mod repository;
mod wheel;

use repository::{CONFIGURATION, Repository, VENDORED};

use crate::support::package::rewritten_line;
use crate::support::process::Outcome;

const OLD: &str = "3.5.1";
/// It has other SQL under a name that the old one has, too.
const NEW: &str = "3.5.2";
const CHANGED: &str = "03.04.00_50_post_add_retry_failed_job_procedure";

/// The bump of Procrastinate fails, with the diff; nothing was touched.
#[track_caller]
fn fails_with_the_diff(repository: &Repository, run: impl Fn() -> Outcome) {
    let before = repository.tree();
    let failed = run().exits(1).says("check vendored migrations");
    let output = format!("{}{}", failed.stdout, failed.stderr);
    for fact in ["Failed", "exit code: 1", "migration-changed", CHANGED, NEW] {
        assert!(output.contains(fact), "{fact:?} is missing from {failed}");
    }
    let [removed, added] = rewritten_line([OLD, NEW], &format!("{CHANGED}.sql"));
    for (sign, text) in [('-', &removed), ('+', &added)] {
        // prek indents what a hook printed.
        let shown =
            |line: &str| line.trim_start().starts_with(sign) && line.contains(text.as_str());
        assert!(
            output.lines().any(shown),
            "{sign}{text} is missing from {failed}"
        );
    }
    assert_eq!(repository.tree(), before, "the check is read-only");
}

#[test]
fn a_commit_goes_through_in_sync_and_stops_after_a_bump() {
    let repository = Repository::vendored("");
    repository.install(".venv", OLD);
    repository.pre_commit(&["install"]).exits(0);
    repository.git(&["add", "--all"]).exits(0);
    repository
        .git(&["commit", "-m", "Vendor Procrastinate"])
        .exits(0)
        .says("check vendored migrations")
        .says("Passed");
    repository.install(".venv", NEW);
    repository.pin(NEW);
    repository.git(&["add", "--all"]).exits(0);
    fails_with_the_diff(&repository, || repository.git(&["commit", "-m", "Bump"]));
    assert_eq!(repository.commits(), 1);
    // As the finding says.
    repository.tool(&["sync"]).exits(0);
    repository.git(&["add", "--all"]).exits(0);
    repository
        .git(&["commit", "-m", "Bump"])
        .exits(0)
        .says("Passed");
    assert_eq!(repository.commits(), 2);
}

#[test]
fn the_sync_hook_repairs_and_touches_nothing_else() {
    let repository = Repository::vendored("");
    repository.install(".venv", OLD);
    repository.configure(|text| text.replace("vendor-migrations-check", "vendor-migrations-sync"));
    repository.git(&["add", "--all"]).exits(0);
    let before = repository.tree();
    repository
        .pre_commit(&["run"])
        .exits(0)
        .says("sync vendored migrations")
        .says("Passed");
    assert_eq!(repository.tree(), before);
    repository
        .git(&["commit", "-m", "Vendor Procrastinate"])
        .exits(0);

    repository.install(".venv", NEW);
    repository.pin(NEW);
    repository.git(&["add", "--all"]).exits(0);
    repository
        .pre_commit(&["run"])
        .exits(1)
        .says("files were modified by this hook")
        .says(&rewritten_line([OLD, NEW], &format!("{CHANGED}.sql"))[0]);
    let changed = repository.git(&["diff", "--name-only"]).exits(0).stdout;
    let wanted = format!(
        "{VENDORED}/procrastinate_{}.py\n{VENDORED}/vendor-migrations.lock\n",
        CHANGED.replace('.', "_")
    );
    assert_eq!(changed, wanted);
    repository.git(&["add", "--all"]).exits(0);
    repository.pre_commit(&["run"]).exits(0).says("Passed");
    // Both agree.
    repository.configure(|text| text.replace("vendor-migrations-sync", "vendor-migrations-check"));
    repository.git(&["add", "--all"]).exits(0);
    repository
        .pre_commit(&["run", "--all-files"])
        .exits(0)
        .says("Passed");
}

/// Nothing is installed: the release that the lock file pins is compared by its digests.
#[test]
fn a_bump_in_the_lock_file_alone_is_found() {
    let repository = Repository::vendored("");
    repository.pin(OLD);
    repository.git(&["add", "--all"]).exits(0);
    repository
        .pre_commit(&["run", "--verbose"])
        .exits(0)
        .says("compared with the digests of Procrastinate 3.5.1, which uv.lock:4 pins");
    repository
        .git(&["commit", "-m", "Vendor Procrastinate"])
        .exits(0);
    repository.pin(NEW);
    repository.git(&["add", "uv.lock"]).exits(0);
    let before = repository.tree();
    repository
        .pre_commit(&["run"])
        .exits(1)
        .says("migration-changed")
        .says("uv.lock:4")
        .says("vendor-migrations sync --release 3.5.2");
    assert_eq!(repository.tree(), before);
    // There is nothing to sync from: it says so, and writes nothing.
    repository.configure(|text| text.replace("vendor-migrations-check", "vendor-migrations-sync"));
    repository.git(&["add", "--all"]).exits(0);
    let before = repository.tree();
    repository
        .pre_commit(&["run"])
        .exits(1)
        .says("exit code: 2")
        .says("skipped, because");
    assert_eq!(repository.tree(), before);
}

/// pre-commit puts the hook's own environment first; the one that was activated comes next on the PATH.
#[test]
fn an_environment_outside_of_the_project_counts_while_it_is_active() {
    let repository = Repository::vendored("");
    let environment = repository.install("../environment", OLD);
    repository.git(&["add", "--all"]).exits(0);
    let title = format!("compared with Procrastinate {OLD} ({environment})");
    repository
        .active_in(&environment, &["run", "--verbose"])
        .exits(0)
        .says(&title);
    // Nobody activated it.
    repository
        .pre_commit(&["run", "--verbose"])
        .exits(1)
        .says("compared with the lock only")
        .says("skipped, because");
    repository.install("../environment", NEW);
    fails_with_the_diff(&repository, || repository.active_in(&environment, &["run"]));
    repository.configure(|text| text.replace("vendor-migrations-check", "vendor-migrations-sync"));
    repository.git(&["add", "--all"]).exits(0);
    repository
        .active_in(&environment, &["run"])
        .exits(1)
        .says("files were modified by this hook");
}

#[test]
fn a_project_in_a_directory_of_the_repository() {
    let repository = Repository::vendored("services/api");
    let text = repository.read(CONFIGURATION);
    assert!(text.contains("args: [--project, services/api]"), "{text}");
    repository.install(".venv", OLD);
    repository.git(&["add", "--all"]).exits(0);
    repository
        .pre_commit(&["run", "--verbose"])
        .exits(0)
        .says(&format!("{VENDORED}: 38 revisions of Procrastinate {OLD}"))
        .says("(.venv)");
    repository.install(".venv", NEW);
    fails_with_the_diff(&repository, || repository.pre_commit(&["run"]));
}

#[test]
fn it_runs_when_a_file_that_it_reads_is_staged() {
    let repository = Repository::vendored("");
    repository.install(".venv", OLD);
    repository.git(&["add", "--all"]).exits(0);
    repository
        .git(&["commit", "-m", "Vendor Procrastinate"])
        .exits(0);
    let staged = |path: &str| {
        let before = repository.read(path);
        repository.write(
            path,
            &format!("{before}\nrevision = \"own\"\ndown_revision = None\n"),
        );
        repository.git(&["add", "--all"]).exits(0);
        let outcome = repository.pre_commit(&["run"]);
        repository.git(&["reset", "--quiet", "--hard"]).exits(0);
        outcome
    };
    for path in [
        "README.md",
        "app/main.py",
        "app/it's \"odd\" \u{202e}\n$(x).py",
    ] {
        staged(path).exits(0).says("Skipped");
    }
    for path in [
        "alembic/env.py",
        "alembic/versions/mine.py",
        "requirements/\u{202e}odd\n`x`.txt",
    ] {
        staged(path).exits(0).says("Passed");
    }
    // A vendored file that somebody edits.
    let path = format!("{VENDORED}/procrastinate_{}.py", CHANGED.replace('.', "_"));
    staged(&path).exits(1).says("error[edited]");
}

/// pre-commit shows nothing of a hook that passes, so it must not pass where nothing was compared.
#[test]
fn it_fails_with_what_to_add_where_no_release_can_be_compared() {
    let repository = Repository::vendored("");
    repository.git(&["add", "--all"]).exits(0);
    repository
        .pre_commit(&["run"])
        .exits(1)
        .says("upstream is required (`--require-upstream=pinned`)")
        .says("no lock file pins a release: this program looked for uv.lock, ")
        .says(&format!("additional_dependencies: [procrastinate=={OLD}]"));
    // Each of the three that it names is enough.
    repository.pin(OLD);
    repository.git(&["add", "--all"]).exits(0);
    repository.pre_commit(&["run"]).exits(0).says("Passed");
    repository.write("uv.lock", "version = 1\n");
    repository.write("requirements.txt", "procrastinate>=3\n");
    repository.git(&["add", "--all"]).exits(0);
    repository.pre_commit(&["run"]).exits(1);
    repository.install(".venv", OLD);
    repository.pre_commit(&["run"]).exits(0).says("Passed");
    fs_err::remove_dir_all(repository.project().join(".venv")).expect("it can be removed");
    repository.configure(|text| {
        format!("{text}        additional_dependencies: [procrastinate=={OLD}]\n")
    });
    repository.git(&["add", "--all"]).exits(0);
    repository.pre_commit(&["run"]).exits(0).says("Passed");
    // Who wants to do without says so.
    repository.configure(|text| {
        text.replace(
            &format!("additional_dependencies: [procrastinate=={OLD}]"),
            "args: [--require-upstream=none]",
        )
    });
    repository.git(&["add", "--all"]).exits(0);
    repository.pre_commit(&["run"]).exits(0).says("Passed");
}

/// It is an option of the hooks, and stands behind the verb.
#[test]
fn options_in_the_configuration_reach_the_program() {
    let repository = Repository::vendored("");
    repository
        .configure(|text| format!("{text}        args: [--require-upstream, --strict, -C, .]\n"));
    repository.git(&["add", "--all"]).exits(0);
    repository
        .pre_commit(&["run"])
        .exits(1)
        .says("exit code: 2")
        .says("upstream is required");
    repository.install(".venv", OLD);
    repository.pre_commit(&["run"]).exits(0).says("Passed");
}
