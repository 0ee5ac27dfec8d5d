//! The workflows as data, and a stand-in for the machine that runs their steps.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::Value;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::support::process::{Outcome, run, scrub};
use crate::support::storage;
use crate::support::tools::{files, tool};
use crate::wheel::built::repository;

const READ: &str = "import json, sys; from ruamel.yaml import YAML; \
                    print(json.dumps([YAML(typ='safe', pure=True).load(open(path)) for path in sys.argv[1:]]))";

/// What the action and each workflow hold, by the files' names.
pub(super) fn documents() -> &'static BTreeMap<String, Value> {
    static DOCUMENTS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
        let mut paths = files(&repository().join(".github/workflows"), ".yml");
        paths.push(repository().join("action.yml"));
        let mut reader = tool(&["check-jsonschema"], "python");
        let found = run(reader.args(["-c", READ]).args(&paths)).exits(0);
        let contents: Vec<Value> = serde_json::from_str(&found.stdout).expect("it prints JSON");
        let names = paths
            .iter()
            .map(|path| path.file_name().expect("it has one").to_owned());
        names.zip(contents).collect()
    });
    &DOCUMENTS
}

/// The lists of steps, by "file / job".
fn jobs() -> impl Iterator<Item = (String, &'static [Value])> {
    documents().iter().flat_map(|(file, document)| {
        let jobs = document["jobs"].as_object().into_iter().flatten();
        let jobs = jobs.map(|(name, job)| (format!("{file} / {name}"), &job["steps"]));
        let action = document.get("runs");
        jobs.chain(action.map(|runs| (format!("{file} / runs"), &runs["steps"])))
            .map(|(name, steps)| (name, steps.as_array().expect("a list").as_slice()))
            .collect::<Vec<_>>()
    })
}

/// The steps that run commands, each with its place, "file / job / name".
pub(super) fn steps() -> impl Iterator<Item = (String, &'static Value)> {
    jobs().flat_map(|(job, steps)| {
        let runs = steps.iter().filter(|step| step.get("run").is_some());
        runs.map(move |step| {
            let name = step["name"].as_str();
            let name = name.unwrap_or_else(|| panic!("{job}: a step has no name"));
            (format!("{job} / {name}"), step)
        })
        .collect::<Vec<_>>()
    })
}

/// The actions that are used, each with the place of its step.
pub(super) fn actions() -> impl Iterator<Item = (String, &'static Value)> {
    jobs().flat_map(|(job, steps)| {
        let uses = steps.iter().filter(|step| step.get("uses").is_some());
        uses.map(move |step| (job.clone(), step))
            .collect::<Vec<_>>()
    })
}

#[track_caller]
pub(super) fn step(place: &str) -> &'static Value {
    let found = steps().find(|(name, _)| name == place);
    found.unwrap_or_else(|| panic!("no step {place}")).1
}

/// A directory with a checkout, and what a runner has beside it.
pub(super) struct Runner {
    directory: TempDir,
    /// What the expressions of the steps stand for.
    values: BTreeMap<&'static str, String>,
}

impl Runner {
    /// One with an empty checkout. `gh` and `cargo` are stand-ins.
    pub(super) fn new() -> Self {
        let runner = Self {
            directory: storage::temporary(),
            values: BTreeMap::new(),
        };
        for name in ["checkout", "temp", "home", "bin", "answers"] {
            fs::create_dir(runner.path(name)).expect("a directory can be made");
        }
        for name in ["calls", "output", "summary"] {
            fs::write(runner.path(name), "").expect("a file can be made");
        }
        for name in ["gh", "cargo"] {
            runner.stands_in(name);
        }
        runner
    }

    /// One whose checkout has these files and directories of the repository, but what was built there.
    pub(super) fn with(paths: &[&str]) -> Self {
        let runner = Self::new();
        for path in paths {
            for entry in WalkDir::new(repository().join(path)) {
                let entry = entry.expect("the repository can be read");
                let from = Utf8Path::from_path(entry.path()).expect("it is UTF-8");
                let to = runner.checkout().join(
                    from.strip_prefix(repository())
                        .expect("it is a part of the repository"),
                );
                if entry.file_type().is_file() && !from.as_str().contains("__pycache__") {
                    fs::create_dir_all(to.parent().expect("it has one")).expect("it can be made");
                    fs::copy(from, to).expect("it can be copied");
                }
            }
        }
        runner
    }

    /// A program that notes its arguments, prints the answer to its first two, and fails if the answer says so.
    fn stands_in(&self, name: &str) {
        let script = "#!/bin/sh\n\
                      name=$(basename \"$0\")\n\
                      echo \"$name $*\" >> \"$CALLS\"\n\
                      answer=\"$ANSWERS/$name $1 $2\"\n\
                      test ! -e \"$answer.fails\" || exit 1\n\
                      test ! -e \"$answer\" || cat \"$answer\"\n";
        self.program(name, script);
    }

    pub(super) fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, script).expect("it can be written");
        let mode = std::fs::Permissions::from_mode(0o755);
        fs::set_permissions(path, mode).expect("it can be made a program");
    }

    /// From now on, a stand-in answers so to a call that begins with these words.
    pub(super) fn answers(&self, call: &str, answer: &str) {
        let path = self.path("answers").join(call);
        fs::write(&path, answer).expect("it can be written");
        let _ = fs::remove_file(format!("{path}.fails"));
    }

    /// From now on, such a call fails.
    pub(super) fn refuses(&self, call: &str) {
        let path = self.path("answers").join(format!("{call}.fails"));
        fs::write(path, "").expect("it can be written");
    }

    pub(super) fn value(&mut self, expression: &'static str, value: &str) {
        self.values.insert(expression, value.to_owned());
    }

    /// A path beside the checkout.
    pub(super) fn path(&self, name: &str) -> Utf8PathBuf {
        storage::path(&self.directory).join(name)
    }

    pub(super) fn checkout(&self) -> Utf8PathBuf {
        self.path("checkout")
    }

    /// A file of the runner or of the checkout.
    #[track_caller]
    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("it is there")
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    /// The calls of the stand-ins since the last time.
    pub(super) fn calls(&self) -> Vec<String> {
        let calls = self.read("calls");
        self.write("calls", "");
        calls.lines().map(str::to_owned).collect()
    }

    /// A command in the checkout, with the environment of a job.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").expect("there is a PATH");
        scrub(&mut command)
            .current_dir(self.checkout())
            .env("PATH", format!("{}:{path}", self.path("bin")))
            .env("HOME", self.path("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("CALLS", self.path("calls"))
            .env("ANSWERS", self.path("answers"))
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("GITHUB_ACTION_PATH", repository())
            .env("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567")
            .env("GITHUB_REF_NAME", concat!("v", env!("CARGO_PKG_VERSION")));
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "XDG_CONFIG_HOME",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// `git` in the checkout.
    #[track_caller]
    pub(super) fn git(&self, args: &[&str]) -> String {
        let author = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
        let mut git = self.command("git");
        run(git.args(author).args(args)).exits(0).stdout
    }

    /// Runs a step's commands as the service does.
    #[track_caller]
    pub(super) fn run(&self, place: &str) -> Outcome {
        run(&mut self.prepared(place))
    }

    /// The same, to be given more.
    #[track_caller]
    pub(super) fn prepared(&self, place: &str) -> Command {
        let step = step(place);
        let text = step["run"].as_str().expect("a step with commands");
        assert!(!text.contains("${{"), "{place}: an expression in a script");
        let mut shell = self.command("bash");
        shell.args(["--noprofile", "--norc", "-e", "-c", text]);
        let (file, job) = place.split_once(" / ").expect("a place has a file");
        let job = job.split(" / ").next().expect("and a job");
        let of_job = &documents()[file]["jobs"][job]["env"];
        for (name, value) in [of_job, &step["env"]]
            .into_iter()
            .flat_map(|env| env.as_object().into_iter().flatten())
        {
            shell.env(name, self.filled(value.as_str().expect("a text")));
        }
        shell
    }

    /// A text with its expressions replaced.
    #[track_caller]
    fn filled(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{ ") {
            let (expression, after) = after.split_once(" }}").expect("it ends");
            let value = match expression {
                "github.token" => "secret",
                "github.repository" => "vendor-migrations/vendor-migrations",
                "github.server_url" => "https://github.com",
                "github.run_id" => "42",
                other => self
                    .values
                    .get(other)
                    .unwrap_or_else(|| panic!("no value for {other}")),
            };
            filled.extend([before, value]);
            rest = after;
        }
        filled + rest
    }
}
