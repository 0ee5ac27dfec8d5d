//! The table of environments in docs/reference.md, walked from its first row to its last.

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::support::package::base64url;
use crate::support::project::{PROGRAM, outcome};
use crate::support::releases::three_as;
use crate::support::{Outcome, Project, copy_program, put, put_script};

/// A project with everything that the table lists.
struct Everywhere {
    project: Project,
    variables: Vec<(&'static str, String)>,
    program: Utf8PathBuf,
}

/// The first cells of the table.
fn rows() -> Vec<String> {
    let text = include_str!("../../docs/reference.md");
    let section = text.split("\n## Environments\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    rows.skip(1)
        .map(|row| {
            row.trim_start_matches("| ")
                .split(" | ")
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
}

impl Everywhere {
    fn new() -> Self {
        let project = Project::new();
        let program = project.beside("own/bin/vendor-migrations");
        copy_program(PROGRAM.into(), &program);
        put(
            &project.root.join("pyproject.toml"),
            "[project]\nname = \"My.App\"\n",
        );
        put_script(&project.programs().join("python3.12"), "exit 9");
        Self {
            project,
            variables: Vec::new(),
            program,
        }
    }

    /// Puts a release where the row says; what has to go to take it away again.
    fn make(&mut self, row: &str, release: &str) -> Vec<Utf8PathBuf> {
        let (root, home) = (self.project.root.clone(), self.project.beside("home"));
        let package = three_as(release);
        let hash = &base64url(root.as_str().as_bytes())[..8];
        let prefix = match row {
            "`UV_PROJECT_ENVIRONMENT`" => {
                self.variables
                    .push(("UV_PROJECT_ENVIRONMENT", "of-uv".to_owned()));
                root.join("of-uv")
            }
            "`.pdm-python`" => {
                let prefix = self.project.beside("of-pdm");
                put_script(&prefix.join("bin/python"), "exit 9");
                put(
                    &root.join(".pdm-python"),
                    prefix.join("bin/python").as_str(),
                );
                prefix
            }
            "`.venv`" | "`venv`" | "`env`" | "`.pixi/envs/default`" => {
                root.join(row.trim_matches('`'))
            }
            "`__pypackages__`" => {
                let directory = root.join("__pypackages__");
                package.install(&directory.join("3.12/lib"));
                return vec![directory];
            }
            "Poetry's own" => {
                home.join(format!(".cache/pypoetry/virtualenvs/my-app-{hash}-py3.12"))
            }
            "Hatch's own" => home.join(format!(
                ".local/share/hatch/env/virtual/my-app/{hash}/my-app"
            )),
            "Pipenv's own" => {
                let prefix = home.join(".local/share/virtualenvs/project-x");
                put(&prefix.join(".project"), root.as_str());
                prefix
            }
            "`VIRTUAL_ENV`" | "`CONDA_PREFIX`" => {
                let name = if row.contains("CONDA") {
                    "CONDA_PREFIX"
                } else {
                    "VIRTUAL_ENV"
                };
                let prefix = self.project.beside(name);
                self.variables.push((name, prefix.to_string()));
                prefix
            }
            "that of `vendor-migrations`" => self.project.beside("own"),
            "`python3` on the PATH" => {
                let base = self.project.beside("usr");
                put_script(&base.join("bin/python3.12"), "exit 9");
                std::os::unix::fs::symlink("python3.12", base.join("bin/python3")).unwrap();
                package.install(&base.join("lib/python3.12/site-packages"));
                self.variables.push(("PATH", base.join("bin").to_string()));
                return vec![base];
            }
            other => panic!("docs/reference.md has the row {other}, and no test makes that place"),
        };
        package.install_in_environment(&prefix);
        vec![prefix.join("lib"), root.join(".pdm-python")]
            .into_iter()
            .filter(|path| row == "`.pdm-python`" || !path.ends_with(".pdm-python"))
            .collect()
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.project.command(&self.program);
        // The cache is Poetry's, too.
        command.env_remove("XDG_CACHE_HOME").args(arguments);
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        outcome(&mut command)
    }
}

#[test]
fn the_table_is_walked_from_its_first_row_to_its_last() {
    let rows = rows();
    assert_eq!(rows.len(), 14, "{rows:?}");
    let mut everywhere = Everywhere::new();
    let number = |index: usize| format!("91.{index}.0");
    let places: Vec<Vec<Utf8PathBuf>> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| everywhere.make(row, &number(index)))
        .collect();
    for (index, (row, places)) in rows.iter().zip(places).enumerate() {
        let found = format!("Found: Procrastinate {} (", number(index));
        let checked = everywhere.run(&["check", "-v"]);
        checked.err_has(&[&found]);
        let mut expected = String::new();
        for later in index + 1..rows.len() {
            write!(expected, "{} in ", number(later)).unwrap();
            assert!(
                checked.out.replace('\n', " ").contains(&expected),
                "{row}: {}",
                checked.out
            );
            expected.clear();
        }
        assert_eq!(
            checked.out.contains("environment-differs"),
            index + 1 < rows.len(),
            "{row}: {}",
            checked.out
        );
        for place in places {
            if place.is_dir() {
                std::fs::remove_dir_all(place).unwrap();
            } else {
                std::fs::remove_file(place).unwrap();
            }
        }
    }
    everywhere
        .run(&["check", "--require-upstream"])
        .fails(&["was not found"]);
}

/// The nearest directory first, then those above, up to the repository's root.
#[test]
fn environments_above_the_project_and_beside_the_configuration_count() {
    let project = Project::bare();
    put(
        &project.root.join("services/app/db/alembic.ini"),
        "[alembic]\nscript_location = alembic\n",
    );
    put(&project.root.join("services/app/db/alembic/env.py"), "");
    let app = project.root.join("services/app");
    let places = [
        "services/app/db/.venv",
        "services/app/venv",
        "services/.venv",
        ".venv",
    ];
    for (index, place) in places.iter().enumerate() {
        three_as(&format!("91.{index}.0")).install_in_environment(&project.root.join(place));
    }
    // What lies above a repository belongs to somebody else.
    three_as("91.9.0").install_in_environment(&project.beside(".venv"));
    let status = || {
        let mut command = project.tool(&["status", "-v"]);
        outcome(command.current_dir(&app))
    };
    // Without a repository nothing above the project counts.
    std::fs::rename(app.join("venv"), project.beside("aside")).unwrap();
    std::fs::rename(app.join("db/.venv"), project.beside("near")).unwrap();
    assert!(status().out.contains("not found"), "{}", status().out);
    std::fs::rename(project.beside("aside"), app.join("venv")).unwrap();
    std::fs::rename(project.beside("near"), app.join("db/.venv")).unwrap();
    std::fs::create_dir(project.root.join(".git")).unwrap();
    for (index, place) in places.iter().enumerate() {
        status().err_has(&[&format!("Found: Procrastinate 91.{index}.0 (")]);
        std::fs::remove_dir_all(project.root.join(place)).unwrap();
    }
    assert!(status().out.contains("not found"), "{}", status().out);
}

/// Writes `.venv` as a text file, and says what `status` finds.
fn with_text_file(project: &Project, text: &str) -> Outcome {
    put(&project.root.join(".venv"), text);
    project.run(&["status", "-v"])
}

#[test]
fn a_text_file_names_an_environment_by_its_path_or_its_name() {
    let project = Project::new();
    let home = project.beside("home");
    three_as("91.1.0").install_in_environment(&project.beside("far/one"));
    three_as("91.2.0").install_in_environment(&home.join(".virtualenvs/two"));
    three_as("91.3.0").install_in_environment(&home.join(".local/share/virtualenvs/three"));
    let absolute = project.beside("far/one");
    for (text, release) in [
        (absolute.as_str(), "91.1.0"),
        ("../far/one\n", "91.1.0"),
        ("two\n", "91.2.0"),
        ("~/.virtualenvs/two", "91.2.0"),
        ("three\r\n", "91.3.0"),
    ] {
        with_text_file(&project, text).err_has(&[&format!("Found: Procrastinate {release} (")]);
    }
    for (text, why) in [
        ("four", "it names `four`, which is not in "),
        ("/nowhere/at/all", "no such directory"),
        ("\n", "it is an empty file"),
    ] {
        with_text_file(&project, text);
        project.run(&["sync"]).fails(&[&format!(".venv: {why}")]);
    }
}

/// Runs `status -v` behind pyenv's shims.
fn behind_shims(project: &Project, version: Option<&str>) -> Outcome {
    let mut command = project.tool(&["status", "-v"]);
    command.env(
        "PATH",
        format!(
            "{}:{}",
            project.beside("pyenv/shims"),
            project.beside("usr/bin")
        ),
    );
    if let Some(version) = version {
        command.env("PYENV_VERSION", version);
    }
    outcome(&mut command)
}

#[cfg(unix)]
#[test]
fn pyenv_tells_which_python_its_shim_starts() {
    let project = Project::new();
    let pyenv = project.beside("pyenv");
    put_script(&pyenv.join("shims/python3"), "exit 9");
    let install = |prefix: &Utf8Path, python: &str, release: &str| {
        put_script(&prefix.join("bin").join(python), "exit 9");
        std::os::unix::fs::symlink(python, prefix.join("bin/python3")).unwrap();
        three_as(release).install(&prefix.join(format!("lib/{python}/site-packages")));
    };
    install(&pyenv.join("versions/3.11.7"), "python3.11", "91.1.0");
    install(&pyenv.join("versions/3.12.9"), "python3.12", "91.2.0");
    install(&pyenv.join("versions/3.12.10"), "python3.12", "91.3.0");
    install(&project.beside("usr"), "python3.10", "91.4.0");
    let finds = |outcome: Outcome, release: &str| {
        outcome.err_has(&[&format!("Found: Procrastinate {release} (")]);
    };
    finds(behind_shims(&project, None), "91.4.0");
    put(&pyenv.join("version"), "3.11.7\n");
    finds(behind_shims(&project, None), "91.1.0");
    put(&project.beside(".python-version"), "# ours\n3.12\n");
    finds(behind_shims(&project, None), "91.3.0");
    put(&project.root.join(".python-version"), "3.12.9 3.11.7\n");
    finds(behind_shims(&project, None), "91.2.0");
    finds(behind_shims(&project, Some("system")), "91.4.0");
    finds(behind_shims(&project, Some("3.11.7")), "91.1.0");
    let outcome = behind_shims(&project, Some("3.9"));
    outcome.err_has(&["python3 on the PATH: pyenv has no version `3.9`"]);
}

/// Debian's own Python sees what its pip installs in `/usr/local`, and what the user installed.
#[cfg(unix)]
#[test]
fn an_installed_python_sees_the_users_packages_and_debians() {
    let project = Project::new();
    let usr = project.beside("usr");
    put_script(&usr.join("bin/python3.11"), "exit 9");
    std::os::unix::fs::symlink("python3.11", usr.join("bin/python3")).unwrap();
    let home = project.beside("home");
    let sites = [
        home.join(".local/lib/python3.11/site-packages"),
        usr.join("local/lib/python3.11/dist-packages"),
        usr.join("lib/python3/dist-packages"),
    ];
    for (index, site) in sites.iter().enumerate() {
        three_as(&format!("91.{index}.0")).install(site);
    }
    for (index, site) in sites.iter().enumerate() {
        let mut command = project.tool(&["status", "-v"]);
        let outcome = outcome(command.env("PATH", usr.join("bin")));
        outcome.err_has(&[&format!("Found: Procrastinate 91.{index}.0 (")]);
        if index == 0 {
            outcome.err_has(&[&format!("({site})")]);
        }
        std::fs::remove_dir_all(site).unwrap();
    }
}

/// Its own environment counts if Procrastinate is in it: `uv add --dev`, an image's `/opt/venv`.
#[cfg(unix)]
#[test]
fn the_programs_own_environment_counts_where_procrastinate_is_in_it() {
    let project = Project::with(&three_as("91.1.0"));
    let own = project.beside("opt/venv");
    three_as("91.1.0").install_in_environment(&own);
    let program = own.join("bin/vendor-migrations");
    copy_program(PROGRAM.into(), &program);
    put_script(
        &own.join("bin/python3"),
        &format!("printf %s {own}/lib/python3.12/site-packages"),
    );
    let run = |variables: &[(&str, String)], verb: &[&str]| {
        let mut command = project.command(&program);
        command.args(verb);
        for (name, value) in variables {
            command.env(name, value);
        }
        outcome(&mut command)
    };
    let active = ("VIRTUAL_ENV", own.to_string());
    let path = ("PATH", own.join("bin").to_string());
    for variables in [
        vec![],
        vec![active.clone()],
        vec![path.clone()],
        vec![active, path],
    ] {
        run(&variables, &["check", "--require-upstream"])
            .exits(0)
            .out_has(&["91.1.0", own.as_str()]);
        run(&variables, &["sync"])
            .exits(0)
            .err_has(&["Procrastinate 91.1.0"]);
    }
}

#[test]
fn a_stale_environment_does_not_win_in_silence() {
    let project = Project::with(&three_as("91.1.0"));
    three_as("91.1.0").install_in_environment(&project.root.join(".venv"));
    let active = project.beside("active");
    three_as("91.2.0").install_in_environment(&active);
    let run = |arguments: &[&str]| {
        let mut command = project.tool(arguments);
        outcome(command.env("VIRTUAL_ENV", &active))
    };
    let facts = [
        "Procrastinate 91.1.0 (.venv)",
        "91.2.0 in VIRTUAL_ENV",
        active.as_str(),
    ];
    run(&["check", "--require-upstream", "--strict"])
        .exits(1)
        .out_has(&["warning[environment-differs]", "--from"])
        .out_has(&facts);
    run(&["check", "--require-upstream"]).exits(0);
    run(&["sync", "--dry-run"])
        .err_has(&["warning:"])
        .err_has(&facts);
    run(&["status"]).out_has(&["environment-differs"]);
    three_as("91.1.0").install_in_environment(&project.root.join("venv"));
    run(&["check", "--strict"]).exits(1);
    // Somebody can live with it.
    put(
        &project.root.join("vendor-migrations.toml"),
        "[[accept]]\ncode = \"environment-differs\"\npath = \"alembic/versions_procrastinate/vendor-migrations.lock\"\nreason = \"x\"\n",
    );
    run(&["check", "--strict"]).exits(0);
}

#[test]
fn what_takes_a_process_is_said_with_the_command() {
    for (file, text, command) in [
        ("poetry.lock", "", "poetry run vendor-migrations check"),
        ("pdm.lock", "", "pdm run vendor-migrations check"),
        (
            "pyproject.toml",
            "[tool.hatch.envs.default]\n",
            "hatch run vendor-migrations check",
        ),
        (
            "pyproject.toml",
            "[tool.poetry]\n",
            "poetry run vendor-migrations check",
        ),
        ("Pipfile", "", "pipenv run vendor-migrations check"),
    ] {
        let project = Project::with(&three_as("91.1.0"));
        put(&project.root.join(file), text);
        project
            .run(&["check", "--require-upstream"])
            .fails(&[command]);
        project.run(&["check"]).exits(0).err_has(&[command]);
    }
}

/// A checkout that Windows shares, or that was made there.
#[test]
fn windows_keeps_packages_and_programs_under_other_names() {
    let project = Project::new();
    let prefix = project.beside("of-windows");
    three_as("91.1.0").install(&prefix.join("Lib/site-packages"));
    put(
        &prefix.join("pyvenv.cfg"),
        "home = C:\\Python312\nversion = 3.12.1\n",
    );
    put(&prefix.join("Scripts/python.exe"), "");
    put(
        &project.root.join(".pdm-python"),
        prefix.join("Scripts/python.exe").as_str(),
    );
    let found = || project.run(&["status", "-v"]);
    found().err_has(&[&format!("Found: Procrastinate 91.1.0 ({prefix})")]);
    std::fs::remove_file(project.root.join(".pdm-python")).unwrap();
    std::fs::rename(&prefix, project.root.join(".venv")).unwrap();
    found().err_has(&["Found: Procrastinate 91.1.0 (.venv)"]);
    // A lock file's markers are held against its Python.
    three_as("91.1.0").install(&project.root.join(".venv/Lib/site-packages"));
    put(
        &project.root.join("requirements.txt"),
        "procrastinate==91.0.0; python_version < '3.12'\nprocrastinate==91.1.0; python_version >= '3.12'\n",
    );
    project
        .run(&["status"])
        .out_has(&["91.1.0 in requirements.txt:2"])
        .out_lacks(&["91.0.0"]);
}

#[test]
fn a_tilde_in_a_setting_is_the_home_directory() {
    let project = Project::new();
    let home = project.beside("home");
    let hash = &base64url(project.root.as_str().as_bytes())[..8];
    put(
        &project.root.join("pyproject.toml"),
        "[project]\nname = \"app\"\n",
    );
    for (number, (variable, place)) in [
        ("POETRY_VIRTUALENVS_PATH", format!("app-{hash}-py3.12")),
        ("POETRY_CACHE_DIR", format!("virtualenvs/app-{hash}-py3.12")),
        ("HATCH_DATA_DIR", format!("env/virtual/app/{hash}/app")),
        ("WORKON_HOME", "of-pipenv".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let shelf = format!("shelf-{number}");
        let prefix = home.join(&shelf).join(&place);
        three_as(&format!("91.{number}.0")).install_in_environment(&prefix);
        put(&prefix.join(".project"), project.root.as_str());
        let mut command = project.tool(&["status", "-v"]);
        command.env(variable, format!("~/{shelf}"));
        outcome(&mut command).err_has(&[&format!("Found: Procrastinate 91.{number}.0 ({prefix})")]);
    }
    // A relative one lies in the project, and its environments right there.
    three_as("91.9.0").install_in_environment(&project.root.join("data/env/virtual/app"));
    let mut command = project.tool(&["status", "-v"]);
    command.env("HATCH_DATA_DIR", "data");
    outcome(&mut command).err_has(&["Found: Procrastinate 91.9.0 (data/env/virtual/app)"]);
}

#[test]
fn of_several_versions_in_pypackages_the_newest_comes_first() {
    let project = Project::new();
    for (version, release) in [("3.9", "91.1.0"), ("3.12", "91.2.0"), ("3.11", "91.3.0")] {
        three_as(release).install(
            &project
                .root
                .join("__pypackages__")
                .join(version)
                .join("lib"),
        );
    }
    let checked = project.run(&["check", "-v"]);
    checked
        .err_has(&["Found: Procrastinate 91.2.0 (__pypackages__/3.12/lib)"])
        .out_has(&["91.3.0 in __pypackages__/3.11/lib, 91.1.0 in __pypackages__/3.9/lib"]);
}

#[cfg(unix)]
#[test]
fn a_venv_that_is_none_is_said_to_be_none() {
    let project = Project::new();
    std::os::unix::fs::symlink("nowhere", project.root.join(".venv")).unwrap();
    project.run(&["sync"]).fails(&[
        ".venv: it is a link that leads to no directory",
        "venv: no such directory",
    ]);
}
