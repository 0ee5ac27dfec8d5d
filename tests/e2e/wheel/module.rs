//! `python -m vendor_migrations`: it becomes the program of its own installation, wherever that is.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;

use super::built::{install, repository, wheel};
use super::installed::{WAYS, Way};
use crate::support::database::Driver;
use crate::support::process::{Outcome, run, scrub};
use crate::support::project::Project;
use crate::support::tools::{only_file, pip_install, uv};
use crate::support::{python, releases, storage};

#[test]
fn is_clean_for_linters_and_type_checkers() {
    for arguments in [&["format", "--check", "--diff"][..], &["check"]] {
        run(python::program("ruff")
            .args(arguments)
            .args(["--isolated", "--no-cache"])
            .arg(repository().join("python")))
        .exits(0);
    }
    let _lock = storage::lock("mypy");
    for platform in ["linux", "win32", "darwin"] {
        run(python::program("mypy")
            .args(["--strict", "--config-file=", "--platform", platform])
            .arg(format!("--cache-dir={}", storage::root().join("mypy")))
            .arg(repository().join("python")))
        .exits(0);
    }
}

/// An installation, and how its module is started.
struct Installation {
    _directory: TempDir,
    root: Utf8PathBuf,
    python: Utf8PathBuf,
    variables: Vec<(&'static str, Utf8PathBuf)>,
    program: Utf8PathBuf,
}

impl Installation {
    fn environment() -> Self {
        let (directory, root) = place();
        install(&root);
        Self {
            python: root.join("bin/python"),
            program: root.join("bin/vendor-migrations"),
            variables: Vec::new(),
            _directory: directory,
            root,
        }
    }

    /// What an option of pip's makes, with the packages below one directory and the program in another.
    fn pip(option: &str, packages: &str) -> Self {
        let (directory, root) = place();
        let base = python::bin().parent().expect("an environment").to_owned();
        run(pip_install(&base)
            .args(["--no-index", "--no-deps", "--no-warn-script-location"])
            .args([option, root.as_str()])
            .arg(wheel()))
        .exits(0);
        let packages = packages.replace("{python}", &python_directory());
        Self {
            python: python::bin().join("python"),
            program: root.join("bin/vendor-migrations"),
            variables: vec![("PYTHONPATH", root.join(packages))],
            _directory: directory,
            root,
        }
    }

    /// `pip install --user`, which virtual environments do not have.
    fn user() -> Self {
        let (directory, root) = place();
        let variables = vec![("PYTHONUSERBASE", root.clone())];
        let found = run(python::python().args(["-c", "import sys; print(sys._base_executable)"]));
        let python = Utf8PathBuf::from(found.exits(0).stdout.trim());
        run(scrub(&mut Command::new(python::bin().join("python")))
            .args([
                "-m",
                "pip",
                "--python",
                python.as_str(),
                "install",
                "--quiet",
                "--user",
            ])
            .args([
                "--no-index",
                "--no-deps",
                "--no-warn-script-location",
                "--break-system-packages",
            ])
            .envs(variables.clone())
            .arg(wheel()))
        .exits(0);
        Self {
            python,
            program: root.join("bin/vendor-migrations"),
            variables,
            _directory: directory,
            root,
        }
    }

    /// The files of an environment are links into the cache of `uv`.
    fn links() -> Self {
        let (directory, root) = place();
        run(&mut uv(&["venv", "--quiet", root.as_str()])).exits(0);
        let python = root.join("bin/python");
        run(uv(&[
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--link-mode",
            "symlink",
            "--python",
        ])
        .arg(&python)
        .arg(wheel()))
        .exits(0);
        Self {
            program: root.join("bin/vendor-migrations"),
            python,
            variables: Vec::new(),
            _directory: directory,
            root,
        }
    }

    /// The module, with another program of that name first on the PATH.
    fn module(&self, args: &[&str]) -> Outcome {
        let decoy = self.root.join("decoy");
        fs::create_dir_all(&decoy).expect("a directory can be made");
        let program = decoy.join("vendor-migrations");
        fs::write(&program, "#!/bin/sh\nexit 99\n").expect("a file can be written");
        fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        let mut command = Command::new(&self.python);
        scrub(&mut command)
            .envs(
                self.variables
                    .iter()
                    .map(|(name, value)| (name, value.as_str())),
            )
            .env("PATH", decoy)
            .current_dir(&self.root)
            .args(["-m", "vendor_migrations"]);
        run(command.args(args))
    }

    /// Starts the program, and no other where it is gone.
    #[track_caller]
    fn assert_own(&self) {
        let version = concat!("vendor-migrations ", env!("CARGO_PKG_VERSION"), "\n");
        assert_eq!(self.module(&["--version"]).exits(0).stdout, version);
        fs::remove_file(&self.program).expect("the installer put it there");
        let failed = self.module(&["--version"]).exits(2);
        assert_eq!(failed.stdout, "");
        assert!(failed.stderr.contains(self.program.as_str()), "{failed}");
        assert!(failed.stderr.contains("--force-reinstall"), "{failed}");
        assert!(!failed.stderr.contains("Traceback"), "{failed}");
    }
}

fn place() -> (TempDir, Utf8PathBuf) {
    let directory = storage::temporary();
    let real = storage::path(&directory)
        .canonicalize_utf8()
        .expect("it is there");
    (directory, real.join("a place"))
}

/// `python3.11`, say.
fn python_directory() -> String {
    let script = "import sys; print('python%d.%d' % sys.version_info[:2])";
    let found = run(python::python().args(["-c", script])).exits(0);
    found.stdout.trim().to_owned()
}

#[test]
fn in_a_virtual_environment() {
    Installation::environment().assert_own();
}

#[test]
fn in_a_directory_of_packages() {
    Installation::pip("--target", "").assert_own();
}

#[test]
fn below_a_prefix() {
    Installation::pip("--prefix", "lib/{python}/site-packages").assert_own();
}

#[test]
fn of_a_user() {
    Installation::user().assert_own();
}

#[test]
fn in_an_environment_of_links() {
    Installation::links().assert_own();
}

/// Packages of Linux distributions come without it.
#[test]
fn without_a_record() {
    let installation = Installation::environment();
    let packages = installation
        .root
        .join("lib")
        .join(python_directory())
        .join("site-packages");
    let metadata = only_file(&packages, ".dist-info");
    fs::remove_file(metadata.join("RECORD")).expect("pip wrote it");
    installation.assert_own();
}

#[test]
fn a_program_that_cannot_be_started() {
    let installation = Installation::environment();
    fs::write(&installation.program, b"\x7fELF of another machine").expect("it can be written");
    let failed = installation.module(&["--version"]).exits(2);
    assert!(failed.stderr.contains("cannot be started"), "{failed}");
    assert!(!failed.stderr.contains("Traceback"), "{failed}");
}

/// Arguments, output and exit status are the program's own, whichever way it was started.
#[test]
fn says_what_the_program_says() {
    let installation = Installation::environment();
    let (_empty, place) = place();
    fs::create_dir(&place).expect("it is not there yet");
    let not_utf8 = OsStr::from_bytes(b"\xff 'quoted'\n");
    let lines: [&[&OsStr]; 5] = [
        &["--help".as_ref()],
        &[],
        &["releases".as_ref(), "3.5.2".as_ref()],
        &["check".as_ref(), "-C".as_ref(), not_utf8],
        &["check".as_ref(), "".as_ref(), "--".as_ref(), "-x".as_ref()],
    ];
    for line in lines {
        let [script, module] =
            WAYS.map(|way| run(way.alone(&installation.root).current_dir(&place).args(line)));
        assert_eq!(script.status, module.status, "{module}");
        assert_eq!(script.stdout, module.stdout, "{module}");
        assert_eq!(script.stderr, module.stderr, "{module}");
    }
}

/// It becomes the program, so that a signal hits what it is meant for.
#[test]
fn dies_of_the_signal_that_the_program_dies_of() {
    let installation = Installation::environment();
    let project = Project::new(Driver::Psycopg);
    for (name, number) in [("INT", 2), ("TERM", 15)] {
        let module = Way::Module.alone(&installation.root);
        // What was started in the background, as this test may be, ignores interrupts, and so does all that it starts.
        let mut foreground = Command::new("/usr/bin/env");
        // More text than a pipe holds: the program waits for its reader.
        let mut child = scrub(&mut foreground)
            .env("PATH", "")
            .args(["--default-signal=INT".as_ref(), module.get_program()])
            .args(module.get_args())
            .current_dir(project.root())
            .args(["diff", "--from", releases::wheel("3.10.0").as_str()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let mut stdout = child.stdout.take().expect("stdout is a pipe");
        stdout
            .read_exact(&mut [0; 100])
            .expect("the program writes");
        let process = child.id().to_string();
        let program = Utf8Path::new("/proc").join(&process).join("exe");
        if cfg!(target_os = "linux") {
            assert_eq!(
                program.read_link_utf8().expect("it runs"),
                installation.program
            );
        }
        run(Command::new("kill").args(["-s", name, &process])).exits(0);
        let ended = child.wait().expect("it ends");
        assert_eq!(ended.signal(), Some(number), "{ended}");
        let mut stderr = String::new();
        child
            .stderr
            .expect("a pipe")
            .read_to_string(&mut stderr)
            .expect("it is text");
        assert!(!stderr.contains("Traceback"), "{stderr}");
    }
}
