//! Environments that the real tools made, each where that tool keeps its own, and found by `check` without a process.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;

use crate::support::process::{Outcome, run, scrub};
use crate::support::releases;
use crate::support::storage::{path, temporary};
use crate::support::tools::{tool, uv};

const RELEASE: &str = "3.10.0";

/// A home directory and a project in it, with Alembic's configuration.
struct Home {
    directory: TempDir,
}

impl Home {
    fn new(files: &[(&str, &str)]) -> Self {
        let home = Self {
            directory: temporary(),
        };
        let ini = "[alembic]\nscript_location = alembic\n";
        for (name, text) in [("alembic.ini", ini), ("alembic/env.py", "")]
            .iter()
            .chain(files)
        {
            home.put(name, text);
        }
        home
    }

    fn root(&self) -> Utf8PathBuf {
        let home = path(&self.directory).canonicalize_utf8();
        home.expect("it is there").join("app")
    }

    fn put(&self, name: &str, text: &str) {
        let file = self.root().join(name);
        fs::create_dir_all(file.parent().expect("it lies in the project")).expect("it can be made");
        fs::write(file, text).expect("it can be written");
    }

    /// Lets a command see this home and nothing of the user's.
    fn at_home<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("HOME", path(&self.directory))
            .env("PIPENV_VENV_IN_PROJECT", "0")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env_remove("XDG_CACHE_HOME")
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("VIRTUAL_ENV")
            .current_dir(self.root())
    }

    fn run(&self, command: &mut Command) -> Outcome {
        run(self.at_home(command)).exits(0)
    }

    /// Installs the release into an environment, and expects `status` to find it there.
    fn found_in(&self, prefix: &Utf8Path, shown: &str) {
        install(&prefix.join("bin/python"));
        self.finds(shown);
    }

    fn finds(&self, shown: &str) {
        let status = run(&mut status(self));
        assert!(
            status
                .stderr
                .contains(&format!("Found: Procrastinate {RELEASE} ({shown})")),
            "{status}"
        );
    }
}

/// The program, in the project, with nothing on the PATH.
fn status(home: &Home) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
    home.at_home(scrub(&mut command))
        .env("PATH", "/nowhere")
        .args(["status", "-v"]);
    command
}

fn install(python: &Utf8Path) {
    let wheel = releases::wheel(RELEASE);
    run(uv(&["pip", "install", "--quiet", "--no-deps", "--python"]).args([python, &wheel]))
        .exits(0);
}

/// A workspace has one environment, in its root; its members lie below.
#[test]
fn uv_makes_one_for_a_workspace() {
    let workspace = "[project]\nname = \"all\"\nversion = \"1\"\nrequires-python = \">=3.10\"\n\n[tool.uv.workspace]\nmembers = [\"app\"]\n";
    let member = "[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.10\"\n";
    let home = Home::new(&[("pyproject.toml", member), ("../pyproject.toml", workspace)]);
    fs::create_dir(home.root().join("../.git")).expect("it can be made");
    home.run(&mut uv(&["sync", "--quiet", "--offline"]));
    let root = home.root();
    let above = root.parent().expect("it lies in the home directory");
    home.found_in(&above.join(".venv"), above.join(".venv").as_str());

    let named = above.join("elsewhere");
    home.run(uv(&["sync", "--quiet", "--offline"]).env("UV_PROJECT_ENVIRONMENT", "elsewhere"));
    fs::remove_dir_all(above.join(".venv")).expect("it can be removed");
    install(&named.join("bin/python"));
    let status = run(status(&home).env("UV_PROJECT_ENVIRONMENT", "elsewhere"));
    assert!(
        status
            .stderr
            .contains(&format!("Found: Procrastinate {RELEASE} ({named})")),
        "{status}"
    );
}

#[test]
fn poetry_keeps_one_in_its_cache() {
    let home = Home::new(&[(
        "pyproject.toml",
        "[tool.poetry]\nname = \"My.App_x\"\nversion = \"1\"\ndescription = \"\"\npackage-mode = false\n\n[tool.poetry.dependencies]\npython = \">=3.9\"\n",
    )]);
    home.run(tool(&["poetry"], "poetry").args(["install", "--quiet"]));
    let prefix = home.run(tool(&["poetry"], "poetry").args(["env", "info", "--path"]));
    let prefix = Utf8PathBuf::from(prefix.stdout.trim());
    assert!(!prefix.starts_with(home.root()), "{prefix}");
    home.found_in(&prefix, prefix.as_str());
    // A second one, for another Python: which one counts, only `envs.toml` tells.
    let name = prefix.file_name().expect("it has one");
    let (stem, version) = name.rsplit_once("-py").expect("it ends with the version");
    let other = prefix.with_file_name(format!("{stem}-py2.7"));
    fs::create_dir(&other).expect("it can be made");
    fs::write(
        prefix.with_file_name("envs.toml"),
        format!("[{stem}]\nminor = \"{version}\"\npatch = \"{version}.1\"\n"),
    )
    .expect("it can be written");
    home.finds(prefix.as_str());
}

#[test]
fn hatch_keeps_one_by_the_hash_of_the_path() {
    let home = Home::new(&[(
        "pyproject.toml",
        "[project]\nname = \"My.App_x\"\nversion = \"1\"\n\n[tool.hatch.envs.default]\nskip-install = true\n",
    )]);
    let hatch = || tool(&["hatch"], "hatch");
    home.run(hatch().args(["env", "create"]));
    let prefix = Utf8PathBuf::from(home.run(hatch().args(["env", "find"])).stdout.trim());
    home.found_in(&prefix, prefix.as_str());
    fs::remove_dir_all(&prefix).expect("it can be removed");
    let config = "[dirs.env]\nvirtual = \".hatch\"\n";
    home.put("../.config/hatch/config.toml", config);
    home.run(hatch().args(["env", "create"]));
    let prefix = Utf8PathBuf::from(home.run(hatch().args(["env", "find"])).stdout.trim());
    let shown = prefix
        .strip_prefix(home.root())
        .expect("it lies in the project");
    home.found_in(&prefix, shown.as_str());
}

#[test]
fn pipenv_names_the_project_in_the_environment() {
    let home = Home::new(&[("Pipfile", "[packages]\n")]);
    let pipenv = || tool(&["pipenv"], "pipenv");
    home.run(pipenv().args(["install", "--skip-lock"]));
    let prefix = Utf8PathBuf::from(home.run(pipenv().arg("--venv")).stdout.trim());
    home.found_in(&prefix, prefix.as_str());
}

#[test]
fn pdm_names_the_interpreter() {
    let home = Home::new(&[(
        "pyproject.toml",
        "[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9\"\n\n[tool.pdm]\ndistribution = false\n",
    )]);
    let pdm = || tool(&["pdm"], "pdm");
    home.run(pdm().args(["config", "venv.in_project", "false"]));
    home.run(pdm().args(["venv", "create", "--quiet", "--name", "ours"]));
    home.run(pdm().args(["use", "--first", "--venv", "ours"]));
    let named = fs::read_to_string(home.root().join(".pdm-python")).expect("PDM writes it");
    let prefix = Utf8Path::new(named.trim())
        .parent()
        .and_then(Utf8Path::parent);
    let prefix = prefix
        .expect("an interpreter lies in an environment")
        .to_owned();
    home.found_in(&prefix, prefix.as_str());
}

#[test]
fn virtualenv_and_uv_make_any_name() {
    let home = Home::new(&[]);
    home.run(tool(&["virtualenv"], "virtualenv").args(["--no-download", "env"]));
    home.found_in(&home.root().join("env"), "env");
    fs::remove_dir_all(home.root().join("env")).expect("it can be removed");
    home.run(&mut uv(&["venv", "--quiet", "../.virtualenvs/of-app"]));
    home.put(".venv", "of-app\n");
    let prefix = path(&home.directory)
        .canonicalize_utf8()
        .expect("it is there")
        .join(".virtualenvs/of-app");
    home.found_in(&prefix, prefix.as_str());
}
