//! The recipes of `docs/ci.md`: its files are valid, and its commands do what it says, on a real project, with the program
//! installed from the wheel.

mod files;
pub(crate) mod repository;
mod review;
mod runner;

use camino::Utf8Path;
use fs_err as fs;
use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::run;
use crate::support::{python, storage};
use files::{recipe, recipe_with};
use repository::{BUMPED, MAIN, Repository, VENDORED};
use runner::{Job, gitlab_job};

const CHECK: &str = ".github/workflows/migrations.yml";
const COMMENT: &str = ".github/workflows/migrations-comment.yml";
const DEPLOY: &str = ".github/workflows/deploy.yml";
const SCANNING: &str = ".github/workflows/migrations-scanning.yml";
const SYNC: &str = ".github/workflows/migrations-sync.yml";

#[test]
fn github_checks() {
    let repository = Repository::shared();
    let passed = Job::run(recipe(CHECK), &repository.checkout(MAIN)).passes();
    assert!(!passed.output.contains("::error"), "{}", passed.output);
    let failed = Job::run(recipe(CHECK), &repository.checkout(BUMPED)).fails_at("check");
    assert!(
        failed
            .output
            .contains("::error file=alembic/versions_procrastinate/"),
        "{}",
        failed.output
    );
    assert!(
        failed.summary.contains("migration-changed"),
        "{}",
        failed.summary
    );
}

/// The code that is to be deployed is 3.5.1; the job does not get to the deploy if the database is not fit for it.
#[test]
fn github_deploys() {
    let repository = Repository::shared();
    let checkout = repository.checkout(MAIN);
    for (release, revision, is_fit) in [
        ("3.5.1", "procrastinate_03_04_00_50", true),
        ("3.2.2", "procrastinate_03_02_00_50", false),
        // Stamped only.
        ("3.2.2", "procrastinate_03_04_00_50", false),
    ] {
        let database = Database::of_release(release);
        let table = "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)";
        database
            .psql(&format!(
                "{table}; INSERT INTO alembic_version VALUES ('{revision}')"
            ))
            .exits(0);
        checkout.reaches(&database);
        let job = Job::run(recipe(DEPLOY), &checkout);
        match is_fit {
            true => assert!(job.passes().output.contains("your own deploy")),
            false => assert!(!job.fails_at("database").output.contains("your own deploy")),
        }
    }
}

#[test]
fn github_comments() {
    let repository = Repository::shared();
    let passed = Job::run(recipe(COMMENT), &repository.checkout(MAIN)).passes();
    assert_eq!(passed.calls.len(), 1, "it only looks: {:?}", passed.calls);
    let checkout = repository.checkout(BUMPED);
    let failed = Job::run(recipe(COMMENT), &checkout).fails_at("check");
    let [looks, comments] = failed.calls.as_slice() else {
        panic!("{:?}", failed.calls);
    };
    assert!(looks.starts_with("gh api --paginate repos/us/app/issues/7/comments --jq "));
    let file = comments
        .strip_prefix("gh pr comment 7 --body-file ")
        .expect("it makes a comment");
    assert_eq!(file, checkout.outside("runner/comment.md"));
    // A comment that is there is rewritten, also when all is well again.
    for (branch, well) in [(BUMPED, false), (MAIN, true)] {
        let checkout = repository.checkout(branch);
        fs::write(checkout.outside("found"), "4711\n4712\n").expect("it can be written");
        let job = Job::run(recipe(COMMENT), &checkout);
        let rewritten = job.calls.last().expect("there are calls");
        let patch =
            "gh api --silent --method PATCH repos/us/app/issues/comments/4711 --field body=@";
        assert!(rewritten.starts_with(patch), "{:?}", job.calls);
        let page = fs::read_to_string(checkout.outside("runner/comment.md"));
        assert_eq!(page.expect("it is there").contains("no findings"), well);
    }
    let comment = fs::read_to_string(file).expect("check wrote it");
    assert!(
        comment.contains("migration-changed") && comment.contains("```diff"),
        "{comment}"
    );
}

#[test]
fn github_scans() {
    let repository = Repository::shared();
    for (branch, findings) in [(MAIN, false), (BUMPED, true)] {
        let job = Job::run(recipe(SCANNING), &repository.checkout(branch));
        let job = if findings {
            job.fails_at("check")
        } else {
            job.passes()
        };
        let report: Value = serde_json::from_str(&job.uploaded[0]).expect("SARIF is JSON");
        let results = report["runs"][0]["results"].as_array().expect("a list");
        let errors = results
            .iter()
            .filter(|result| result["level"] == "error")
            .count();
        assert_eq!(errors > 0, findings, "{report}");
    }
}

#[test]
fn gitlab_checks() {
    let repository = Repository::shared();
    let job = &recipe_with(".gitlab-ci.yml", "migrations")["migrations"];
    let file = job["artifacts"]["reports"]["codequality"]
        .as_str()
        .expect("a path");
    assert_eq!(job["artifacts"]["when"], "always");
    for (branch, status) in [(MAIN, 0), (BUMPED, 1)] {
        let checkout = repository.checkout(branch);
        gitlab_job(job, &checkout).exits(status);
        let report = fs::read_to_string(checkout.root().join(file)).expect("check wrote it");
        let report: Value = serde_json::from_str(&report).expect("it is JSON");
        let findings = report.as_array().expect("a list");
        let changed = findings
            .iter()
            .any(|finding| finding["check_name"] == "migration-changed");
        assert_eq!(changed, status == 1, "{report}");
    }
}

/// What the workflow of Dependabot's and of the hosted Renovate's pull requests does.
#[test]
fn a_bump_brings_its_migrations() {
    let repository = Repository::new();
    Job::run(recipe(CHECK), &repository.checkout(BUMPED)).fails_at("check");
    let before = repository.tip(BUMPED);
    let job = Job::run(recipe(SYNC), &repository.checkout(BUMPED)).passes();
    assert_eq!(job.calls, ["gh auth setup-git"]);
    let told = "### vendor-migrations sync: 1 changed";
    assert!(job.summary.contains(told), "{}", job.summary);

    let after = repository.tip(BUMPED);
    assert_eq!(repository.git(&["rev-parse", &format!("{after}^")]), before);
    let changed = repository.git(&["diff", "--name-only", &before, &after]);
    assert!(!changed.is_empty());
    assert!(
        changed
            .lines()
            .all(|path| path.starts_with(&format!("{VENDORED}/"))),
        "{changed}"
    );
    assert!(
        repository
            .git(&["log", "-1", "--format=%B", &after])
            .contains("[dependabot skip]")
    );
    Job::run(recipe(CHECK), &repository.checkout(BUMPED)).passes();

    // The push starts the workflow again.
    Job::run(recipe(SYNC), &repository.checkout(BUMPED)).passes();
    assert_eq!(repository.tip(BUMPED), after);
}

#[test]
fn a_bump_beside_a_local_change_stops() {
    let repository = Repository::new();
    let checkout = repository.checkout(BUMPED);
    let changed = "procrastinate_03_04_00_50_post_add_retry_failed_job_procedure.py";
    let path = checkout.root().join(VENDORED).join(changed);
    let text = fs::read_to_string(&path).expect("the revision is vendored");
    fs::write(&path, format!("{text}\n# ours\n")).expect("it can be edited");
    checkout.commit_and_push("A change of our own", BUMPED);
    let before = repository.tip(BUMPED);
    let job = Job::run(recipe(SYNC), &repository.checkout(BUMPED)).fails_at("sync");
    let told = "### vendor-migrations sync: refused, 1 conflict";
    for text in [told, changed] {
        assert!(job.summary.contains(text), "{}", job.summary);
    }
    assert_eq!(repository.tip(BUMPED), before);
}

#[test]
fn renovate_runs_sync_itself() {
    let configuration = recipe_with("renovate.json", "packageRules");
    let tasks = &configuration["packageRules"][0]["postUpgradeTasks"];
    let command = tasks["commands"][0].as_str().expect("a command");
    let command = command.replace("{{{newVersion}}}", "3.5.2");
    assert_allowed(&command, true);
    assert_allowed(&format!("{command}; id"), false);
    assert_allowed(&format!("{command} --force"), false);

    let checkout = Repository::shared().checkout(BUMPED);
    run(&mut checkout.shell(&["sh", "-euc", &command])).exits(0);
    let changed = checkout.git(&["status", "--porcelain", "--no-renames", "-uall"]);
    let filter = tasks["fileFilters"][0].as_str().expect("a glob");
    let directory = filter.strip_suffix("**").expect("all files of a directory");
    assert!(!changed.is_empty());
    let within = |line: &str| line[3..].starts_with(directory);
    assert!(changed.lines().all(within), "{changed}");
    run(&mut checkout.shell(&[
        "uvx",
        "vendor-migrations",
        "check",
        "--require-upstream=pinned",
    ]))
    .exits(0);
}

/// Whether the server's setting allows a command.
#[track_caller]
fn assert_allowed(command: &str, allowed: bool) {
    let text = fs::read_to_string(files::document()).expect("it is there");
    let mut settings = text
        .lines()
        .filter_map(|line| line.strip_prefix("RENOVATE_ALLOWED_COMMANDS='"));
    let setting = settings
        .next()
        .and_then(|line| line.strip_suffix('\''))
        .expect("the setting");
    let script = "import json, re, sys; sys.exit(not any(re.search(p, sys.argv[2]) for p in json.loads(sys.argv[1])))";
    let status = i32::from(!allowed);
    run(python::python().args(["-c", script, setting, command])).exits(status);
}

/// Every command that the text names is one of the program's.
#[test]
fn the_commands_in_the_text_exist() {
    let text = fs::read_to_string(files::document()).expect("it is there");
    let directory = storage::temporary();
    let root: &Utf8Path = storage::path(&directory);
    for verb in ["check", "sync", "review"] {
        assert!(
            text.contains(&format!("uvx vendor-migrations {verb}")),
            "{verb}"
        );
        let help = [verb, "--help"];
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
        let help = run(command.args(help).current_dir(root)).exits(0).stdout;
        let lines = text
            .lines()
            .filter(|line| line.contains(&format!("vendor-migrations {verb}")));
        for option in lines
            .flat_map(|line| line.split(['`', ' ', '=']))
            .filter(|word| word.starts_with("--") && !word.starts_with("-->"))
        {
            let known = help.contains(option) || ["--locked", "--dev"].contains(&option);
            assert!(known, "{verb} {option}");
        }
    }
}
