//! A project below a repository's root, clean or with names and contents that aim at every reader.

use std::process::Command;

use camino::Utf8PathBuf;
use fs_err as fs;
use tempfile::TempDir;

use crate::support::process::{Outcome, run, scrub};
use crate::support::{python, releases, storage};

/// File names beside the vendored revisions. Their directory's name is no better.
pub(super) const FILES: [&str; 16] = [
    "a'b\"c.py",
    "new\nline.py",
    "100%0A%25.py",
    "x]]>y.py",
    "esc\u{1b}[31m.py",
    "bidi\u{202e}yp.py",
    "::set-output name=x::y.py",
    "::stop-commands::x.py",
    "##vso[task.setvariable]x.py",
    "tick`b`.py",
    "<img src=x>.py",
    "@octocat #1.py",
    "comma,colon:.py",
    "[l](http:x).py",
    "{0}.py",
    "*é* _x_ ~~y~~.py",
];

const CONTENTS: &str = "\n::set-env name=PATH::/evil\n \u{a0}::error file=x::y\n##vso[task.setvariable variable=x]y\n\
    x ##[command]rm\n##TeamCity[message text='x']\n</details>\n```\n~~~~~~\n]]>\n\u{202e}\u{1b}[31m\r\u{9b}0K\n\
    section_start:1:x\r\u{1b}[0K\n%0A::warning::x\n<script>\n@octocat\n![i](http://x)\n";

pub(super) struct Site {
    directory: TempDir,
}

impl Site {
    /// Procrastinate 3.5.1, vendored, in a directory of a git repository.
    pub(super) fn clean() -> Self {
        let site = Self::without_git();
        fs::create_dir(site.repository().join(".git")).expect("a directory can be made");
        site
    }

    /// The same without a repository around it.
    pub(super) fn without_git() -> Self {
        let site = Self {
            directory: storage::temporary(),
        };
        fs::create_dir_all(site.root()).expect("a directory can be made");
        let mut init = python::program("alembic");
        run(init
            .args(["init", "-t", "generic", "alembic"])
            .current_dir(site.root()))
        .exits(0);
        site.run(&["init"], &[]).exits(0);
        site.run(&["sync"], &["3.5.1"]).exits(0);
        site
    }

    /// The same with files that the lock does not know, and an edited one.
    pub(super) fn hostile() -> Self {
        let site = Self::clean();
        let vendored = site.root().join("alembic/versions_procrastinate");
        for (index, name) in FILES.iter().enumerate() {
            let text = format!("revision = 'h{index}'\ndown_revision = None\n");
            fs::write(vendored.join(name), text).expect("the project can be written");
        }
        let edited = vendored.join("procrastinate_03_03_00_01_pre_job_heartbeat.py");
        let edited = if edited.exists() {
            edited
        } else {
            site.some_revision()
        };
        let text = fs::read_to_string(&edited).expect("it is vendored");
        fs::write(&edited, text + CONTENTS).expect("the project can be written");
        site
    }

    fn some_revision(&self) -> Utf8PathBuf {
        let vendored = self.root().join("alembic/versions_procrastinate");
        let mut names: Vec<Utf8PathBuf> = vendored
            .read_dir_utf8()
            .expect("it is a directory")
            .filter_map(|entry| Some(entry.ok()?.into_path()))
            .filter(|path| {
                path.file_name()
                    .is_some_and(|name| name.starts_with("procrastinate_03"))
            })
            .collect();
        names.sort();
        names.remove(0)
    }

    pub(super) fn repository(&self) -> Utf8PathBuf {
        storage::path(&self.directory).join("repository")
    }

    pub(super) fn root(&self) -> Utf8PathBuf {
        self.repository().join("back end, [x](y) é")
    }

    /// Accepts that upstream is older than what is vendored.
    pub(super) fn accept_older(&self) {
        let settings = "[[accept]]\ncode = \"older-upstream\"\n\
            path = \"alembic/versions_procrastinate/vendor-migrations.lock\"\nreason = \"a test [x](1) {0}\"\n";
        fs::write(self.root().join("vendor-migrations.toml"), settings)
            .expect("the project can be written");
    }

    /// A report against a published release.
    pub(super) fn report(&self, command: &str, format: &str, upstream: &str) -> Outcome {
        self.run(&[command, "--format", format], &[upstream])
    }

    /// The tool, with the wheel of a release if there is one.
    pub(super) fn run(&self, arguments: &[&str], upstream: &[&str]) -> Outcome {
        run(&mut self.command(arguments, upstream))
    }

    /// The same with variables of a CI job.
    pub(super) fn in_job(
        &self,
        arguments: &[&str],
        upstream: &str,
        job: &[(&str, &str)],
    ) -> Outcome {
        run(self
            .command(arguments, &[upstream])
            .envs(job.iter().copied()))
    }

    fn command(&self, arguments: &[&str], upstream: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
        scrub(&mut command)
            .current_dir(self.root())
            .env("XDG_CACHE_HOME", storage::root().join("reports-cache"))
            // It has `uv`, and no Procrastinate.
            .env("PATH", python::bin())
            .args(arguments);
        for release in upstream {
            command.arg("--from").arg(releases::wheel(release));
        }
        command
    }
}
