//! The project is found from any directory of it, at any depth, and named where it is not the working directory's.

use crate::support::project::outcome;
use crate::support::releases::{four, three, three_as};
use crate::support::{Outcome, Project, put};

/// The program in a directory of the project's.
fn run_in(project: &Project, directory: &str, arguments: &[&str]) -> Outcome {
    let directory = project.root.join(directory);
    std::fs::create_dir_all(&directory).unwrap();
    outcome(project.tool(arguments).current_dir(directory))
}

/// A project in a repository, with a release vendored and a newer one installed.
fn in_a_repository() -> Project {
    let project = Project::with(&three());
    std::fs::create_dir(project.root.join(".git")).unwrap();
    four().install_in_environment(&project.root.join(".venv"));
    project
}

const BELOW: [(&str, &str); 5] = [
    ("alembic", ".."),
    ("alembic/versions", "../.."),
    ("alembic/versions_procrastinate", "../.."),
    ("src/app", "../.."),
    ("docs", ".."),
];

#[test]
fn from_any_directory_the_project_is_the_nearest_above() {
    for (directory, root) in BELOW {
        let project = in_a_repository();
        let said = format!("the project is `{root}`, found above the working directory");
        let checked = run_in(&project, directory, &["check"]);
        checked.exits(1);
        checked.out_has(&["error[migration-missing]", "alembic/versions_procrastinate"]);
        // The remedy names the project, from here.
        checked.out_has(&[&format!("`vendor-migrations sync -C {root}`")]);
        assert!(!checked.err.contains("found above"), "{}", checked.err);
        for verb in ["check", "diff", "status"] {
            run_in(&project, directory, &[verb, "-v"]).err_has(&[&said]);
        }
        let synced = run_in(&project, directory, &["sync"]);
        synced.exits(0);
        synced.err_has(&[&said]);
        synced.out_has(&[&format!("(cd {root} && alembic upgrade ")]);
        run_in(&project, directory, &["check"]).exits(0);
        run_in(&project, directory, &["adopt"]).err_has(&[&said]);
        let stamp = run_in(&project, directory, &["stamp", "3.0.0"]);
        assert!(!stamp.err.contains("no Alembic project"), "{}", stamp.err);
    }
}

/// The scripts alone are no project: nothing would tell whether Alembic looks into what is vendored.
#[test]
fn a_directory_of_scripts_is_refused_where_a_configuration_above_names_them() {
    let project = Project::new();
    let root = project.root.as_str();
    for name in ["alembic/script.py.mako", "other/alembic/env.py"] {
        put(&project.root.join(name), "");
    }
    let before = project.tree();
    for verb in ["check", "sync", "status", "init"] {
        let outcome = project.run(&[verb, "-C", "alembic"]);
        outcome.fails(&["is not the project's root", "alembic.ini", root]);
    }
    before.assert_untouched(&project.tree());
    // Whoever names them means them.
    let outcome = project.run(&["check", "-C", "alembic", "--script-location", "."]);
    outcome.exits(1).out_has(&["not-vendored"]);
    // A configuration of other scripts says nothing of these.
    let outcome = project.run(&["check", "-C", "other"]);
    outcome.exits(1).out_has(&["not-vendored"]);
}

#[test]
fn a_directory_that_is_named_is_the_only_one() {
    let project = in_a_repository();
    run_in(&project, "src/app", &["check", "-C", "."]).fails(&["no Alembic project"]);
    run_in(&project, "src/app", &["check", "-C", "../.."]).exits(1);
}

#[test]
fn init_wires_no_project_that_was_not_named() {
    for options in [
        &[][..],
        &["--separate"],
        &["--in-place"],
        &["--history", "linear"],
    ] {
        let project = in_a_repository();
        let before = project.tree();
        let arguments = [&["init"], options].concat();
        run_in(&project, "alembic/versions", &arguments)
            .fails(&["`vendor-migrations init -C ../..`", "`-C .`"]);
        assert_eq!(project.tree(), before);
    }
    let project = in_a_repository();
    run_in(&project, "alembic", &["init", "-C", ".."]).exits(0);
    run_in(&project, "service", &["init", "--separate", "-C", "."]).exits(0);
    assert!(
        project
            .root
            .join("service/alembic_procrastinate.ini")
            .is_file()
    );
}

#[test]
fn nothing_above_the_repository_counts() {
    let project = in_a_repository();
    std::fs::create_dir_all(project.root.join("module/.git")).unwrap();
    run_in(&project, "module/src", &["check"]).fails(&["no Alembic project"]);
    // Without any repository, there is no bound.
    std::fs::remove_dir(project.root.join("module/.git")).unwrap();
    std::fs::remove_dir(project.root.join(".git")).unwrap();
    run_in(&project, "module/src", &["check"])
        .exits(1)
        .out_has(&["migration-missing"]);
}

/// The nearest wins: what lies below the working directory, then what lies above.
#[test]
fn in_a_monorepo_the_nearest_project_wins() {
    let project = in_a_repository();
    let ini = "[alembic]\nscript_location = migrations\n";
    for service in ["services/one", "services/two"] {
        put(&project.root.join(service).join("alembic.ini"), ini);
        put(&project.root.join(service).join("migrations/env.py"), "");
    }
    let configuration = |directory: &str| {
        let status = run_in(&project, directory, &["status", "-v"]);
        let line = status
            .err
            .lines()
            .find(|line| line.starts_with("Alembic's configuration: "));
        let line = line
            .unwrap_or_else(|| panic!("{directory}: {}", status.err))
            .to_owned();
        let above = status.err.contains("found above");
        (line.split([' ', ',']).nth(2).unwrap().to_owned(), above)
    };
    let is = |file: &str, above: bool| (file.to_owned(), above);
    assert_eq!(
        configuration("services/one/src/deep"),
        is("alembic.ini", true)
    );
    assert_eq!(configuration("services/one"), is("alembic.ini", false));
    run_in(&project, "services/one/src", &["status"])
        .out_has(&["nothing in migrations/versions_procrastinate"]);
    run_in(&project, "services", &["status"]).fails(&[
        "several Alembic configurations",
        "\n  vendor-migrations status -c one/alembic.ini\n",
        "\n  vendor-migrations status -c two/alembic.ini\n",
    ]);
    // What is run in its directory, as printed, works.
    run_in(&project, "services", &["status", "-c", "one/alembic.ini"]).exits(1);
}

/// Without a configuration in its root, a repository's only one counts from everywhere in it.
#[test]
fn a_configuration_beside_the_working_directory_counts() {
    let project = Project::bare();
    std::fs::create_dir(project.root.join(".git")).unwrap();
    put(
        &project.root.join("backend/alembic.ini"),
        "[alembic]\nscript_location = alembic\n",
    );
    put(&project.root.join("backend/alembic/env.py"), "");
    for (directory, above) in [("docs/api", "../.."), ("frontend", "..")] {
        let status = run_in(&project, directory, &["status", "-v"]);
        status.exits(1);
        status.err_has(&[&format!("the project is `{above}`"), "backend/alembic.ini"]);
    }
    // What git ignores belongs to no project.
    put(&project.root.join(".gitignore"), "/out/\n");
    run_in(&project, "out/deep", &["status"]).fails(&["no Alembic project"]);
    run_in(&project, "docs/api", &["init"]).fails(&["`vendor-migrations init -C ../..`"]);
}

/// The settings of a directory above belong to the project if they lead to its configuration.
#[test]
fn settings_above_that_lead_to_the_configuration_count() {
    let project = Project::bare();
    std::fs::create_dir(project.root.join(".git")).unwrap();
    put(
        &project.root.join("backend/alembic.ini"),
        "[alembic]\nscript_location = %(here)s/alembic\n",
    );
    put(&project.root.join("backend/alembic/env.py"), "");
    three_as("91.1.0").install_in_environment(&project.root.join(".venv"));
    for settings in [
        "config = \"backend/alembic.ini\"\n",
        "history = \"linear\"\n",
    ] {
        put(&project.root.join("vendor-migrations.toml"), settings);
        for directory in ["backend", "backend/src", "."] {
            run_in(&project, directory, &["status", "-v"])
                .err_has(&["Settings: vendor-migrations.toml"]);
        }
    }
    put(
        &project.root.join("vendor-migrations.toml"),
        "config = \"other/alembic.ini\"\n",
    );
    run_in(&project, "backend", &["status", "-v"]).err_has(&["Settings: none"]);
    put(
        &project.root.join("backend/vendor-migrations.toml"),
        "history = \"linear\"\n",
    );
    put(
        &project.root.join("vendor-migrations.toml"),
        "config = \"backend/alembic.ini\"\n",
    );
    let nearest = run_in(&project, "backend", &["status", "-v"]);
    assert!(!nearest.err.contains("found above"), "{}", nearest.err);
}

#[test]
fn a_configuration_at_any_depth_is_found() {
    let project = Project::bare();
    let deep = "src/pkg/server/store/db/migrations";
    put(
        &project.root.join(deep).join("alembic.ini"),
        "[alembic]\nscript_location = %(here)s/scripts\n",
    );
    put(&project.root.join(deep).join("scripts/env.py"), "");
    let status = || project.run(&["status", "-v"]);
    let found = format!("Alembic's configuration: {deep}/alembic.ini");
    status().exits(1).err_has(&[&found]);
    // A nearer one comes first; what git ignores, and hidden directories, do not count.
    std::fs::create_dir(project.root.join(".git")).unwrap();
    put(&project.root.join(".gitignore"), "/out/\n!/kept\n");
    put(&project.root.join("kept/.gitignore"), "generated/\n");
    for directory in ["out", ".cache/x", "kept/generated", "env3"] {
        put(
            &project.root.join(directory).join("alembic.ini"),
            "[alembic]\nscript_location = %(here)s\n",
        );
    }
    put(&project.root.join("env3/pyvenv.cfg"), "");
    status().exits(1).err_has(&[&found]);
    // A file that git ignores counts: it may hold the password of the database.
    put(&project.root.join(".gitignore"), "/out/\nalembic.ini\n");
    status().exits(1).err_has(&[&found]);
}

#[test]
fn what_was_searched_is_said() {
    let project = Project::bare();
    put(&project.root.join("src/app.py"), "");
    project.run(&["check"]).fails(&[
        "in the directories below it",
        "what git ignores",
        "--script-location",
    ]);
    let many = project.root.join("data");
    std::fs::create_dir(&many).unwrap();
    for number in 0..20_001 {
        std::fs::write(many.join(number.to_string()), "").unwrap();
    }
    project
        .run(&["check"])
        .fails(&["among the first 20000 files and directories below it"]);
}

#[test]
fn a_project_without_an_ini_is_named_by_its_scripts() {
    let project = Project::bare();
    for name in ["one", "two"] {
        put(&project.root.join(name).join("env.py"), "");
        put(&project.root.join(name).join("script.py.mako"), "");
    }
    project.run(&["status"]).fails(&[
        "several script directories: `one`, `two`",
        "\n  vendor-migrations status --script-location one\n",
    ]);
    let site = project.install(&three());
    let synced = project.run(&["sync", "--script-location", "two", "--from", site.as_str()]);
    synced.exits(0).err_has(&["two/versions_procrastinate"]);
    assert!(
        project
            .root
            .join("two/versions_procrastinate/vendor-migrations.lock")
            .is_file()
    );
    project.run(&["check", "--script-location", "two"]).exits(0);
    let damaged = project
        .root
        .join("two/versions_procrastinate/vendor-migrations.lock");
    std::fs::remove_file(damaged).unwrap();
    project
        .run(&["check", "--script-location", "three"])
        .fails(&["there is no `env.py`", "there is `one`, `two`"]);
    project
        .run(&["check", "--script-location", "two", "-c", "x.ini"])
        .exits(2)
        .err_has(&["cannot be used with"]);
    run_in(
        &project,
        "elsewhere",
        &["status", "-C", "..", "--script-location", "one"],
    )
    .exits(1)
    .out_has(&[
        "vendor-migrations sync --release ",
        " -C .. --script-location one",
    ]);
}

#[test]
fn without_a_verb_and_a_project_the_reason_and_three_lines_are_printed() {
    let project = Project::bare();
    let bare = project.run(&[]);
    bare.exits(2).err_has(&[
        "no Alembic project in",
        "status -C DIR",
        "init --separate",
        "--help",
    ]);
    assert!(bare.err.lines().count() <= 6, "{}", bare.err);
    assert!(bare.out.is_empty());
}

/// From above, the settings beside the only configuration count, too.
#[test]
fn settings_below_count_with_the_configuration_that_they_lie_beside() {
    let project = Project::bare();
    std::fs::create_dir(project.root.join(".git")).unwrap();
    put(
        &project.root.join("app/alembic.ini"),
        "[alembic]\nscript_location = alembic\n",
    );
    put(&project.root.join("app/alembic/env.py"), "");
    put(
        &project.root.join("app/vendor-migrations.toml"),
        "history = \"linear\"\n",
    );
    for directory in [".", "docs"] {
        let status = run_in(&project, directory, &["status", "-v"]);
        status.err_has(&["Settings: vendor-migrations.toml"]);
        status.out_has(&["nothing in alembic/versions_procrastinate"]);
    }
    run_in(&project, ".", &["status"]).out_has(&[" -C app"]);
    // Of several, one with settings is meant whole, and what else was given stays.
    put(
        &project.root.join("other/alembic.ini"),
        "[alembic]\nscript_location = alembic\n",
    );
    run_in(&project, ".", &["sync", "--dry-run", "--release", "3.10.0"]).fails(&[
        "\n  vendor-migrations sync -C app --dry-run --release 3.10.0\n",
        "\n  vendor-migrations sync -c other/alembic.ini --dry-run --release 3.10.0\n",
    ]);
    run_in(&project, "docs", &["-q", "stamp", "3.0.0"]).fails(&[
        "\n  vendor-migrations -q stamp -C ../app 3.0.0\n",
        "\n  vendor-migrations -q stamp -C .. -c other/alembic.ini 3.0.0\n",
    ]);
}

/// An environment of Procrastinate's own has no `alembic.ini`, but settings.
#[test]
fn a_separate_environment_below_is_found_by_its_settings() {
    let project = Project::bare();
    std::fs::create_dir_all(project.root.join("app")).unwrap();
    std::fs::create_dir(project.root.join(".git")).unwrap();
    run_in(&project, "app", &["init", "--separate"]).exits(0);
    for directory in [".", "app", "app/alembic_procrastinate"] {
        let status = run_in(&project, directory, &["status", "-v"]);
        status.err_has(&["Alembic's configuration: alembic_procrastinate.ini"]);
    }
}

/// Where the shell knows the working directory by another name, its `cd ..` leads elsewhere.
#[cfg(unix)]
#[test]
fn in_a_linked_directory_commands_name_the_project_from_its_root() {
    let project = in_a_repository();
    std::fs::create_dir_all(project.root.join("src")).unwrap();
    let link = project.beside("link");
    std::os::unix::fs::symlink(project.root.join("src"), &link).unwrap();
    let mut command = project.tool(&["sync"]);
    let synced = outcome(command.current_dir(&link).env("PWD", &link));
    synced
        .exits(0)
        .out_has(&[&format!("(cd {} && alembic upgrade ", project.root)]);
    let mut command = project.tool(&["check", "-v"]);
    let checked = outcome(
        command
            .current_dir(project.root.join("src"))
            .env("PWD", project.root.join("src")),
    );
    checked.exits(0).err_has(&["the project is `..`"]);
    // A path with a space is one word.
    let linked = project.beside("a project");
    std::fs::rename(&project.root, project.beside("the project")).unwrap();
    std::os::unix::fs::symlink(project.beside("the project"), &linked).unwrap();
    let mut command = project.command(crate::support::project::PROGRAM);
    let here = linked.join("src");
    let refused = outcome(command.arg("init").current_dir(&here).env("PWD", &here));
    let there = project.beside("the project");
    refused.fails(&[&format!("`vendor-migrations init -C '{there}'`")]);
    std::fs::rename(&there, &project.root).unwrap();
}

/// `alembic -c backend/alembic.ini` is run in the root: there the scripts are found.
#[test]
fn a_configuration_that_holds_from_above_belongs_to_the_directory_above() {
    let project = Project::bare();
    std::fs::create_dir(project.root.join(".git")).unwrap();
    put(
        &project.root.join("backend/alembic.ini"),
        "[alembic]\nscript_location = backend/alembic\n",
    );
    put(&project.root.join("backend/alembic/env.py"), "");
    for (directory, root) in [("backend", ".."), ("backend/alembic", "../..")] {
        let status = run_in(&project, directory, &["status", "-v"]);
        status.err_has(&[&format!("the project is `{root}`")]);
        status.out_has(&["nothing in backend/alembic/versions_procrastinate"]);
    }
    let before = project.tree();
    run_in(&project, "backend", &["init"]).fails(&["`vendor-migrations init -C ..`"]);
    assert_eq!(project.tree(), before);
}

#[test]
fn scripts_are_not_named_where_a_file_configures_alembic() {
    let project = Project::with(&three());
    project
        .run(&["check", "--script-location", "alembic"])
        .fails(&["has `alembic.ini`", "remove the option"]);
    // What no file tells is not as it should be.
    std::fs::remove_file(project.root.join("alembic.ini")).unwrap();
    put(&project.root.join("alembic/script.py.mako"), "");
    project
        .run(&["status", "--script-location", "alembic"])
        .out_has(&["Wiring     not known"]);
}
