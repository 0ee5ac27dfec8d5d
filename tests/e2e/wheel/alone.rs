//! A machine with Python only: a root directory with a Python, its libraries and nothing else, not even a shell.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::built::wheel;
use crate::support::process::{Outcome, run, scrub};
use crate::support::{python, releases, storage, tools};

/// Says where the interpreter is, its standard library, and the version in its directories' names.
const WHERE: &str = "import os, sys, sysconfig; \
    print(os.path.realpath(sys.executable), sysconfig.get_path('stdlib'), sep='\\n')";

/// A root directory, and programs that run in it.
struct Root {
    directory: tempfile::TempDir,
    python: String,
}

impl Root {
    fn new() -> Self {
        let directory = storage::temporary();
        let root = storage::path(&directory);
        let told = run(python::python().args(["-c", WHERE])).exits(0).stdout;
        let (program, library) = told.trim().split_once('\n').expect("two lines");
        copy(program.into(), root);
        copy_library(library.into(), root);
        let mut needed = libraries_of(program.into());
        for extension in tools::files(&Utf8Path::new(library).join("lib-dynload"), ".so") {
            needed.extend(libraries_of(&extension));
        }
        needed.sort();
        needed.dedup();
        for library in &needed {
            copy(library, root);
        }
        fs::create_dir(root.join("wheels")).expect("the root can be written");
        let python = program.to_owned();
        Self { directory, python }
    }

    fn path(&self) -> &Utf8Path {
        storage::path(&self.directory)
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Outcome {
        run(&mut inside(self.path(), arguments))
    }
}

/// A program in a root directory, without any variable of the machine's.
pub(super) fn inside(root: &Utf8Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("/usr/bin/unshare");
    // Others than root need a namespace of users, which containers forbid.
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command
        .args(["--root", root.as_str()])
        .args(["--wd", "/project"])
        .args(arguments)
        .env_clear()
        .env("PATH", "/project/.venv/bin")
        .env("HOME", "/tmp");
    command
}

/// Copies a file to the place in the root that it has on the machine. What is a link there is a file here.
fn copy(file: &Utf8Path, root: &Utf8Path) {
    let to = root.join(file.strip_prefix("/").expect("an absolute path"));
    fs::create_dir_all(to.parent().expect("a directory")).expect("the root can be written");
    fs::copy(file, to).expect("the file can be copied");
}

/// The standard library, without packages that are installed beside it, its tests and compiled files.
fn copy_library(library: &Utf8Path, root: &Utf8Path) {
    let unwanted = ["site-packages", "dist-packages", "test", "__pycache__"];
    let wanted = walkdir::WalkDir::new(library)
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            !unwanted.contains(&name.as_ref())
        });
    for entry in wanted {
        let entry = entry.expect("the library can be read");
        let path = Utf8Path::from_path(entry.path()).expect("UTF-8");
        if path.is_file() {
            copy(path, root);
        }
    }
}

/// The shared libraries that the system's loader finds for a program, and the loader.
fn libraries_of(program: &Utf8Path) -> Vec<Utf8PathBuf> {
    let shown = run(Command::new("ldd").arg(program)).exits(0).stdout;
    let words = shown.split_whitespace();
    let found = words.filter(|word| word.starts_with('/') && !word.ends_with(':'));
    found.map(Utf8PathBuf::from).collect()
}

#[test]
fn pip_and_three_commands_lead_to_a_check_that_passes() {
    let root = Root::new();
    let files = [wheel().to_owned(), releases::wheel("3.10.0")].map(|file| {
        let name = format!("/wheels/{}", file.file_name().expect("a file"));
        fs::copy(&file, root.path().join(&name[1..])).expect("the root can be written");
        name
    });
    run(scrub(python::program("alembic").args(["init", "alembic"]))
        .current_dir(project_in(root.path())))
    .exits(0);
    root.run(&[&root.python, "-m", "venv", "--without-pip", ".venv"])
        .exits(0);
    let told = root.run(&[
        "python",
        "-c",
        "import sysconfig; print(sysconfig.get_path('purelib'))",
    ]);
    let packages = root.path().join(&told.exits(0).stdout.trim()[1..]);
    let pip = python::site_packages().join("pip");
    run(Command::new("cp").arg("-r").args([&pip, &packages])).exits(0);
    let install = ["python", "-m", "pip", "install", "--no-index", "--no-deps"];
    root.run(&[&install[..], &[&files[0], &files[1]]].concat())
        .exits(0);
    // Parts of the C library that this Python does not need.
    for library in libraries_of(&root.path().join("project/.venv/bin/vendor-migrations")) {
        copy(&library, root.path());
    }
    for verb in ["init", "sync"] {
        root.run(&["vendor-migrations", verb]).exits(0);
    }
    let checked = root
        .run(&["vendor-migrations", "check", "--strict"])
        .exits(0);
    checked.says("38 revisions of Procrastinate 3.10.0, compared with Procrastinate 3.10.0");
}

/// An empty project in the root, and the files of the system that every program may use.
pub(super) fn project_in(root: &Utf8Path) -> Utf8PathBuf {
    let project = root.join("project");
    for directory in [&project, &root.join("dev"), &root.join("tmp")] {
        fs::create_dir_all(directory).expect("the root can be written");
    }
    fs::write(root.join("dev/null"), "").expect("the root can be written");
    project
}
