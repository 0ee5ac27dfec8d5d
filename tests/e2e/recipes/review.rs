//! The recipes that put the review of an upgrade into its pull request.

use camino::Utf8Path;
use fs_err as fs;

use crate::support::process::run;

use super::SYNC;
use super::files::{recipe, recipe_with};
use super::repository::{BUMPED, MAIN, Repository};
use super::runner::{Job, gitlab_job};

const REVIEW: &str = ".github/workflows/migrations-review.yml";

/// After the commit of `sync`, the review compares the release of the target branch with that of the pull request.
#[test]
fn an_upgrade_is_reviewed_in_its_pull_request() {
    let repository = Repository::new();
    Job::run(recipe(SYNC), &repository.checkout(BUMPED)).passes();
    let checkout = repository.merged(BUMPED, MAIN);
    let job = Job::run(recipe(REVIEW), &checkout).passes();
    let file = checkout.outside("runner/review.md");
    let comment = format!("gh pr comment 7 --edit-last --create-if-none --body-file {file}");
    assert_eq!(job.calls, [comment]);
    assert!(file.exists(), "{}", job.output);
    assert_reviews(&file, "### Procrastinate 3.5.1 to 3.5.2");

    // A merge request: the first run makes a note, and later ones rewrite it.
    let recipe = recipe_with(".gitlab-ci.yml", "review-migrations");
    let (name, notes) = (
        "review-migrations",
        "https://git.example/api/v4/projects/4/merge_requests/7/notes",
    );
    let [other, ours] = ["Looks good", "<!-- vendor-migrations review -->\n…"];
    for (there, call) in [
        (
            serde_json::json!([{"id": 1, "body": other}]),
            format!("--request POST --data-urlencode body@review.md {notes}"),
        ),
        (
            serde_json::json!([{"id": 1, "body": other}, {"id": 2, "body": ours}]),
            format!("--request PUT --data-urlencode body@review.md {notes}/2"),
        ),
    ] {
        let checkout = repository.merged(BUMPED, MAIN);
        fs::write(checkout.outside("found"), there.to_string()).expect("it can be written");
        gitlab_job(&recipe[name], &checkout).exits(0);
        let calls = checkout.read("calls");
        let begin = "curl --fail --silent --show-error --header PRIVATE-TOKEN: secret ";
        let [looks, writes] = calls.lines().collect::<Vec<_>>()[..] else {
            panic!("{calls}");
        };
        assert_eq!(looks, format!("{begin}{notes}?sort=asc&per_page=100"));
        assert_eq!(writes, format!("{begin}{call}"));
        assert_reviews(
            &checkout.root().join("review.md"),
            "### Procrastinate 3.5.1 to 3.5.2",
        );
    }
}

/// A target branch that has vendored nothing yet.
#[test]
fn a_first_upgrade_is_reviewed_too() {
    let repository = Repository::shared();
    let checkout = repository.checkout(MAIN);
    checkout.git(&["checkout", "--quiet", "--orphan", "empty"]);
    checkout.git(&["rm", "--quiet", "-r", "--cached", "."]);
    let author = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    checkout.git(
        &[
            &author[..],
            &["commit", "--quiet", "--allow-empty", "--message", "Empty"],
        ]
        .concat(),
    );
    checkout.git(&["add", "--all"]);
    checkout.git(&[&author[..], &["commit", "--quiet", "--message", "All"]].concat());
    Job::run(recipe(REVIEW), &checkout).passes();
    assert_reviews(
        &checkout.outside("runner/review.md"),
        "- **Migrations**: 38 new;",
    );
    fs::write(checkout.outside("found"), "[]").expect("it can be written");
    let job = recipe_with(".gitlab-ci.yml", "review-migrations");
    gitlab_job(&job["review-migrations"], &checkout).exits(0);
    assert_reviews(
        &checkout.root().join("review.md"),
        "- **Migrations**: 38 new;",
    );
}

/// A lock that has replaced SQL before names several releases; the one that is vendored counts.
#[test]
fn a_lock_with_a_past_is_read_right() {
    let repository = Repository::shared();
    let checkout = repository.checkout(BUMPED);
    let sync =
        "uv sync --quiet --locked --no-install-project --no-build && uvx vendor-migrations sync";
    run(&mut checkout.shell(&["bash", "-ec", sync])).exits(0);
    let lock = "alembic/versions_procrastinate/vendor-migrations.lock";
    let text = fs::read_to_string(checkout.root().join(lock)).expect("it is vendored");
    assert!(text.matches("\nrelease = ").count() > 1, "{text}");
    let author = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    checkout.git(&["add", "--all"]);
    for message in ["Sync", "More"] {
        let commit = ["commit", "--quiet", "--allow-empty", "--message", message];
        checkout.git(&[&author[..], &commit].concat());
    }
    Job::run(recipe(REVIEW), &checkout).passes();
    let title = "### Procrastinate 3.5.2 to 3.5.2";
    assert_reviews(&checkout.outside("runner/review.md"), title);
    fs::write(checkout.outside("found"), "[]").expect("it can be written");
    let job = &recipe_with(".gitlab-ci.yml", "review-migrations")["review-migrations"];
    gitlab_job(job, &checkout).exits(0);
    assert_reviews(&checkout.root().join("review.md"), title);
}

#[track_caller]
fn assert_reviews(file: &Utf8Path, releases: &str) {
    let page = fs::read_to_string(file).expect("review wrote it");
    assert!(page.contains(releases), "{page}");
}
