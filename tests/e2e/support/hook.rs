//! This checkout as a repository of hooks: what pre-commit clones when a project names it, and what it builds from that.

use std::process::Command;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use vendor_migrations::digest::Digest;
use walkdir::{DirEntry, WalkDir};

use super::process::{run, scrub};
use super::{python, storage};

/// What the hook's repository does without: what nothing is built from.
const LEFT_OUT: [&str; 6] = [
    ".git",
    ".venv",
    "__pycache__",
    "fixtures",
    "target",
    "tests",
];

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

static HOOK: LazyLock<Hook> = LazyLock::new(Hook::provide);

/// The hook, built once for each state of the sources.
pub(crate) struct Hook {
    root: Utf8PathBuf,
}

/// The hook of this checkout.
pub(crate) fn hook() -> &'static Hook {
    &HOOK
}

impl Hook {
    /// The wheel that is built from the sources.
    pub(crate) fn wheel(&self) -> Utf8PathBuf {
        let mut entries = self
            .root
            .join("wheels")
            .read_dir_utf8()
            .expect("it was made");
        let entry = entries.next().expect("pip made one wheel");
        entry.expect("it can be read").into_path()
    }

    /// A program of the tests' environment, or of the system's, that works on git repositories. What the project's
    /// configuration names as the hooks' repository is the one made of this checkout, and `path` comes first on the PATH.
    pub(crate) fn command(
        &self,
        program: impl AsRef<std::ffi::OsStr>,
        path: &[&Utf8Path],
    ) -> Command {
        let mut command = Command::new(program);
        scrub(&mut command);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") {
                command.env_remove(name);
            }
        }
        let instead = format!("url.{}.insteadOf", self.root.join("repository"));
        // pre-commit keeps these variables of git's, and no others.
        let settings = [
            ("user.name", "Somebody"),
            ("user.email", "somebody@example.org"),
            ("safe.directory", "*"),
            ("commit.gpgSign", "false"),
            ("core.autocrlf", "false"),
            (instead.as_str(), REPOSITORY),
        ];
        command.env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (index, (key, value)) in settings.iter().enumerate() {
            command
                .env(format!("GIT_CONFIG_KEY_{index}"), key)
                .env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        let system = [self.programs(), "/usr/bin".into(), "/bin".into()];
        let path: Vec<&str> = path
            .iter()
            .copied()
            .chain(system.iter().map(Utf8PathBuf::as_path))
            .map(Utf8Path::as_str)
            .collect();
        command
            // Nothing of the user's own settings.
            .env("HOME", &self.root)
            .env("XDG_CONFIG_HOME", &self.root)
            .env("PRE_COMMIT_HOME", self.root.join("home"))
            .env("PREK_HOME", self.root.join("prek"))
            .env("PRE_COMMIT_COLOR", "never")
            .env("XDG_CACHE_HOME", self.root.join("cache"))
            .env("PATH", path.join(":"));
        command
    }

    /// Links to the programs that hooks need, wherever they are.
    fn programs(&self) -> Utf8PathBuf {
        self.root.join("programs")
    }

    fn provide() -> Self {
        let _lock = storage::lock("hook");
        let hook = Self {
            root: storage::root().join("hook"),
        };
        let complete = hook.root.join("complete");
        let state = state();
        if fs::read_to_string(&complete).is_ok_and(|found| found == state) {
            return hook;
        }
        if hook.root.exists() {
            fs::remove_dir_all(&hook.root).expect("an old hook can be removed");
        }
        hook.link_programs();
        hook.make_repository();
        hook.install();
        fs::write(&complete, state).expect("the target directory can be written");
        hook
    }

    fn link_programs(&self) {
        fs::create_dir_all(self.programs()).expect("a directory can be made");
        let path = std::env::var_os("PATH").expect("there is a PATH");
        let found = std::env::split_paths(&path)
            .map(|directory| directory.join("git"))
            .find(|path| path.is_file());
        let git = found.expect("the end-to-end tests need `git` on the PATH");
        std::os::unix::fs::symlink(git, self.programs().join("git")).expect("a link can be made");
    }

    fn make_repository(&self) {
        let repository = self.root.join("repository");
        for (path, bytes) in sources() {
            let target = repository.join(path);
            fs::create_dir_all(target.parent().expect("it has one")).expect("it can be made");
            fs::write(target, bytes).expect("a file can be written");
        }
        let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
        for arguments in [
            &["init", "--quiet", "."][..],
            &["add", "--all"],
            &["commit", "--quiet", "-m", "The program"],
            &["tag", &tag],
        ] {
            run(self
                .command("git", &[])
                .current_dir(&repository)
                .args(arguments))
            .exits(0);
        }
    }

    /// Lets pre-commit clone and build, and keeps a wheel of what it cloned.
    fn install(&self) {
        let project = self.root.join("project");
        fs::create_dir_all(&project).expect("a directory can be made");
        run(self
            .command("git", &[])
            .current_dir(&project)
            .args(["init", "--quiet", "."]))
        .exits(0);
        let text = format!(
            "repos:\n  - repo: {REPOSITORY}\n    rev: v{}\n    hooks:\n      - id: vendor-migrations-check\n      \
             - id: vendor-migrations-sync\n",
            env!("CARGO_PKG_VERSION")
        );
        fs::write(project.join(".pre-commit-config.yaml"), text).expect("a file can be written");
        let mut install = self.building(python::bin().join("pre-commit"));
        run(install.current_dir(&project).arg("install-hooks")).exits(0);
        let clones = self.root.join("home").read_dir_utf8();
        let mut clones = clones.expect("pre-commit made it").flatten();
        let clone = clones
            .find(|entry| entry.path().join("Cargo.toml").is_file())
            .expect("pre-commit cloned the repository");
        let mut wheel = self.building(python::bin().join("python"));
        run(wheel
            .args(["-m", "pip", "wheel", "--quiet", "--no-deps", "-w"])
            .arg(self.root.join("wheels"))
            .arg(clone.path()))
        .exits(0);
    }

    /// A program that builds with the compiler of the tests. The build shares what the tests were built from, and leaves the
    /// tests' own program alone.
    fn building(&self, program: Utf8PathBuf) -> Command {
        let mut command = self.command(program, &[]);
        let shared = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
        for name in ["PATH", "HOME"] {
            command.env(name, std::env::var_os(name).unwrap_or_default());
        }
        command
            .env("MATURIN_PEP517_ARGS", "--profile dev")
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_TARGET_DIR", self.root.join("target"))
            .env(
                "CARGO_BUILD_BUILD_DIR",
                shared.expect("it lies in `target`"),
            );
        command
    }
}

/// All of the sources, by their paths.
fn sources() -> Vec<(Utf8PathBuf, Vec<u8>)> {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let kept = |entry: &DirEntry| !LEFT_OUT.iter().any(|name| entry.file_name() == *name);
    let entries = WalkDir::new(root).sort_by_file_name().into_iter();
    let mut sources = Vec::new();
    for entry in entries.filter_entry(|entry| entry.depth() == 0 || kept(entry)) {
        let entry = entry.expect("the checkout can be read");
        if entry.file_type().is_file() {
            let path = Utf8Path::from_path(entry.path()).expect("it is UTF-8");
            let bytes = fs::read(path).expect("the checkout can be read");
            let path = path.strip_prefix(root).expect("it lies there");
            sources.push((path.to_owned(), bytes));
        }
    }
    sources
}

/// What the hook is made from.
fn state() -> String {
    let mut all = String::new();
    for (path, bytes) in sources() {
        all.push_str(&format!("{path} {}\n", Digest::of(bytes)));
    }
    all.push_str(python::bin().as_str());
    all
}
