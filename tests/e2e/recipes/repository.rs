//! A project in git, with a bare repository in the place of the hosted one.

use std::process::Command;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;

use crate::support::database::{Database, Driver};
use crate::support::process::{run, scrub};
use crate::support::tools::with_uv;
use crate::support::{python, storage};
use crate::wheel::built::wheel;

/// In sync with what its `uv.lock` names.
pub(crate) const MAIN: &str = "main";
/// The same with a later Procrastinate in `uv.lock`, as a bot leaves it.
pub(crate) const BUMPED: &str = "dependabot/uv/procrastinate-3.5.2";
pub(crate) const VENDORED: &str = "alembic/versions_procrastinate";

const PYPROJECT: &str = "[project]\nname = \"app\"\nversion = \"1.0\"\nrequires-python = \">=3.10\"\n\
                         dependencies = [\"procrastinate>=3.5,<4\"]\n";

/// The hosted repository.
pub(crate) struct Repository {
    directory: TempDir,
}

impl Repository {
    /// One for all tests that push nothing.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: LazyLock<Repository> = LazyLock::new(Repository::new);
        &SHARED
    }

    pub(crate) fn new() -> Self {
        let directory = storage::temporary();
        let hosted = Self { directory };
        run(git(storage::path(&hosted.directory)).args([
            "init",
            "--quiet",
            "--bare",
            "--initial-branch",
            MAIN,
            "hosted",
        ]))
        .exits(0);
        let checkout = hosted.checkout("");
        fs::write(checkout.root().join("pyproject.toml"), PYPROJECT).expect("it can be written");
        fs::write(checkout.root().join(".gitignore"), "/.venv/\n").expect("it can be written");
        run(python::program("alembic")
            .args(["init", "alembic"])
            .current_dir(checkout.root()))
        .exits(0);
        checkout.lock("3.5.1");
        for command in [
            &["uv", "sync", "--quiet", "--locked"][..],
            &["uvx", "vendor-migrations", "init"],
            &["uvx", "vendor-migrations", "sync"],
        ] {
            run(&mut checkout.shell(command)).exits(0);
        }
        checkout.commit_and_push("The application", MAIN);
        checkout.lock("3.5.2");
        checkout.commit_and_push("Bump procrastinate from 3.5.1 to 3.5.2", BUMPED);
        hosted
    }

    /// A fresh clone of a branch; without a branch, of the empty repository.
    pub(crate) fn checkout(&self, branch: &str) -> Checkout {
        let directory = storage::temporary();
        let mut clone = git(storage::path(&directory));
        clone.args(["clone", "--quiet"]);
        if !branch.is_empty() {
            clone.args(["--branch", branch]);
        }
        run(clone
            .arg(storage::path(&self.directory).join("hosted"))
            .arg("app"))
        .exits(0);
        let checkout = Checkout {
            directory,
            branch: branch.to_owned(),
        };
        fs::create_dir(checkout.outside("runner")).expect("a directory can be made");
        checkout
    }

    /// A fresh clone in which a pull request's branch is merged into its target, as GitHub checks it out.
    pub(crate) fn merged(&self, branch: &str, target: &str) -> Checkout {
        let checkout = self.checkout(target);
        let author = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
        let branch = format!("origin/{branch}");
        let merge = ["merge", "--quiet", "--no-ff", "--message", "Merge", &branch];
        checkout.git(&[&author[..], &merge].concat());
        checkout
    }

    /// A branch's last commit.
    pub(crate) fn tip(&self, branch: &str) -> String {
        self.git(&["rev-parse", &format!("refs/heads/{branch}")])
    }

    /// What git says of it.
    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let hosted = storage::path(&self.directory).join("hosted");
        run(git(&hosted).args(args))
            .exits(0)
            .stdout
            .trim()
            .to_owned()
    }
}

/// A clone, and what a runner has beside it.
pub(crate) struct Checkout {
    directory: TempDir,
    pub(crate) branch: String,
}

impl Checkout {
    pub(crate) fn root(&self) -> Utf8PathBuf {
        self.outside("app")
    }

    /// A path beside the clone.
    pub(crate) fn outside(&self, name: &str) -> Utf8PathBuf {
        storage::path(&self.directory).join(name)
    }

    /// What a file beside the clone holds; nothing if it is not there.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.outside(name)).unwrap_or_default()
    }

    /// The job can reach this database, and has `psql`.
    pub(crate) fn reaches(&self, database: &Database) {
        let url = database.url(Driver::Psycopg);
        fs::write(self.outside("database"), url).expect("it can be written");
        fs::write(self.outside("client"), database.programs().as_str()).expect("it can be written");
    }

    /// A program in the clone, in the environment of a runner: with `uv`, which finds this program's wheel, with the programs
    /// of the system, and without this user's settings.
    pub(crate) fn shell(&self, command: &[&str]) -> Command {
        let constraint = self.outside("constraint.txt");
        let line = format!("vendor-migrations @ file://{}\n", wheel());
        fs::write(&constraint, line).expect("it can be written");
        let mut shell = Command::new("env");
        with_uv(isolated(scrub(&mut shell)))
            .args(command)
            .current_dir(self.root())
            .env("UV_CONSTRAINT", constraint)
            .env("XDG_CACHE_HOME", self.outside("cache"))
            .env("CI", "true");
        shell
    }

    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        run(git(&self.root()).args(args)).exits(0).stdout
    }

    fn lock(&self, release: &str) {
        let package = format!("procrastinate=={release}");
        run(&mut self.shell(&["uv", "lock", "--quiet", "--upgrade-package", &package])).exits(0);
    }

    #[track_caller]
    pub(crate) fn commit_and_push(&self, message: &str, branch: &str) {
        self.git(&["add", "--all"]);
        let author = ["-c", "user.name=A bot", "-c", "user.email=bot@example.org"];
        self.git(&[&author[..], &["commit", "--quiet", "--message", message]].concat());
        self.git(&[
            "push",
            "--quiet",
            "origin",
            &format!("HEAD:refs/heads/{branch}"),
        ]);
    }
}

fn git(directory: &Utf8Path) -> Command {
    let mut command = Command::new("git");
    isolated(&mut command).current_dir(directory);
    command
}

fn isolated(command: &mut Command) -> &mut Command {
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
}
