//! Runs the commands of a job as its service does. What only the service can do is left out, by name.

use fs_err as fs;
use serde_json::Value;

use super::repository::Checkout;
use crate::support::process::{Outcome, run};

/// What a GitHub job did.
#[derive(Default)]
pub(super) struct Job {
    /// The command that failed first.
    failed: Option<String>,
    /// What all steps printed.
    pub(super) output: String,
    /// The page of the run.
    pub(super) summary: String,
    /// The calls of `gh`, which talks to the service, with their arguments.
    pub(super) calls: Vec<String>,
    /// The reports that were to be uploaded.
    pub(super) uploaded: Vec<String>,
}

impl Job {
    /// Runs the steps of the only job.
    #[track_caller]
    pub(super) fn run(workflow: &Value, checkout: &Checkout) -> Self {
        let jobs = workflow["jobs"].as_object().expect("a workflow has jobs");
        assert_eq!(jobs.len(), 1);
        let job = jobs.values().next().expect("there is one");
        let mut done = Self::default();
        fs::write(checkout.outside("calls"), "").expect("it can be written");
        for step in job["steps"].as_array().expect("a job has steps") {
            if done.is_due(step) {
                match step["uses"].as_str() {
                    Some(action) => done.use_action(action, step, checkout),
                    None => done.run_step(step, checkout),
                }
            }
        }
        let calls = fs::read_to_string(checkout.outside("calls")).expect("it was made");
        done.calls = calls.lines().map(str::to_owned).collect();
        done.summary = fs::read_to_string(checkout.outside("summary")).expect("it was made");
        done
    }

    fn is_due(&self, step: &Value) -> bool {
        let failed = self.failed.is_some();
        match step["if"].as_str() {
            None => !failed,
            Some("failure()") => failed,
            Some("success() || failure()") => true,
            Some(other) => panic!("unknown condition: {other}"),
        }
    }

    /// The clone is there already, and `uv` on the PATH.
    fn use_action(&mut self, action: &str, step: &Value, checkout: &Checkout) {
        match action.split('@').next().expect("a name") {
            "actions/checkout" => {
                assert_eq!(step["with"]["persist-credentials"], false);
                let wanted = &step["with"]["ref"];
                assert!(
                    wanted.is_null() || *wanted == "${{ github.head_ref }}",
                    "{wanted}"
                );
            }
            "astral-sh/setup-uv" => {}
            "github/codeql-action/upload-sarif" => {
                let path = step["with"]["sarif_file"].as_str().expect("a path");
                let report = fs::read_to_string(checkout.root().join(path));
                self.uploaded.push(report.expect("check wrote it"));
            }
            other => panic!("unknown action: {other}"),
        }
    }

    fn run_step(&mut self, step: &Value, checkout: &Checkout) {
        let text = step["run"].as_str().expect("a step uses or runs something");
        assert!(
            !text.contains("${{"),
            "text of the event in a script: {text}"
        );
        // Of the service's own program, only the calls are seen. What it would find lies beside them.
        let script = format!(
            "gh() {{ echo \"gh $*\" >> \"$CALLS\"; cat \"$FOUND\"; }}\nPATH=\"$PATH:$CLIENT\"\n{text}\n"
        );
        if !checkout.outside("found").exists() {
            fs::write(checkout.outside("found"), "").expect("it can be written");
        }
        let (file, summary) = (checkout.outside("step.sh"), checkout.outside("summary"));
        fs::write(&file, script).expect("it can be written");
        if !summary.exists() {
            fs::write(&summary, "").expect("it can be written");
        }
        let mut command = checkout.shell(&["bash", "-e", file.as_str()]);
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", checkout.root())
            .env("GITHUB_STEP_SUMMARY", summary)
            .env("GITHUB_REPOSITORY", "us/app")
            .env("CALLS", checkout.outside("calls"))
            .env("FOUND", checkout.outside("found"))
            .env("CLIENT", checkout.read("client"))
            .env("RUNNER_TEMP", checkout.outside("runner"));
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            let value = match value.as_str().expect("a text") {
                "${{ steps.check.outcome }}" => self.outcome().to_owned(),
                value => filled(value, checkout),
            };
            command.env(name, value);
        }
        let outcome = run(&mut command);
        self.output.push_str(&outcome.to_string());
        if outcome.status != Some(0) && self.failed.is_none() {
            self.failed = Some(text.to_owned());
        }
    }

    fn outcome(&self) -> &'static str {
        match self.failed {
            Some(_) => "failure",
            None => "success",
        }
    }

    #[track_caller]
    pub(super) fn passes(self) -> Self {
        assert_eq!(self.failed, None, "{}", self.output);
        self
    }

    /// The step that ran this command of the program failed.
    #[track_caller]
    pub(super) fn fails_at(self, verb: &str) -> Self {
        let failed = self.failed.as_deref().unwrap_or_default();
        assert!(
            failed.contains(&format!("vendor-migrations {verb}")),
            "{failed}\n{}",
            self.output
        );
        self
    }
}

/// The value of an expression, as an event of a pull request has it.
fn filled(value: &str, checkout: &Checkout) -> String {
    match value {
        "${{ github.head_ref }}" => checkout.branch.clone(),
        "${{ github.event.pull_request.number }}" => "7".to_owned(),
        "${{ github.repository }}" => "us/app".to_owned(),
        "${{ secrets.DATABASE_URL }}" => checkout.read("database"),
        "${{ github.token }}" | "${{ secrets.VENDOR_MIGRATIONS_TOKEN }}" => "secret".to_owned(),
        other => panic!("unknown expression: {other}"),
    }
}

/// Runs the script of a GitLab job.
pub(super) fn gitlab_job(job: &Value, checkout: &Checkout) -> Outcome {
    let lines = job["script"].as_array().expect("a job has a script");
    let lines: Vec<&str> = lines
        .iter()
        .map(|line| line.as_str().expect("a text"))
        .collect();
    // Of `curl`, only the calls are seen. What it would find lies beside them.
    let script = format!(
        "curl() {{ echo \"curl $*\" >> \"$CALLS\"; cat \"$FOUND\"; }}\n{}",
        lines.join("\n")
    );
    fs::write(checkout.outside("calls"), "").expect("it can be written");
    if !checkout.outside("found").exists() {
        fs::write(checkout.outside("found"), "[]").expect("it can be written");
    }
    let parents = checkout.git(&["log", "-1", "--format=%P"]);
    let base = parents.split_whitespace().next().unwrap_or_default();
    run(checkout
        .shell(&["bash", "-eo", "pipefail", "-c", &script])
        .env("GITLAB_CI", "true")
        .env("CALLS", checkout.outside("calls"))
        .env("FOUND", checkout.outside("found"))
        .env("CI_API_V4_URL", "https://git.example/api/v4")
        .env("CI_PROJECT_ID", "4")
        .env("CI_MERGE_REQUEST_IID", "7")
        .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
        .env("VENDOR_MIGRATIONS_TOKEN", "secret")
        .env("CI_PROJECT_DIR", checkout.root()))
}
