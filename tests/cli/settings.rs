//! The user's settings, and Alembic's configuration.

use crate::support::releases::{FIRST_PY, Wrapping, three};
use crate::support::{Package, Project, put};

const OWN: &str = "vendor-migrations.toml";
const PYPROJECT: &str = "pyproject.toml";

/// A project without Alembic's usual configuration, with these files.
fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::bare();
    for (name, text) in files {
        put(&project.root.join(name), text);
    }
    project
}

/// Every command refuses the configuration with the facts.
#[track_caller]
fn refused(project: &Project, options: &[&str], facts: &[&str]) {
    let before = project.tree();
    for command in ["sync", "check", "diff", "status"] {
        project.run(&[&[command], options].concat()).fails(facts);
    }
    before.assert_untouched(&project.tree());
}

/// `sync` vendors into `directory`.
#[track_caller]
fn vendors_into(project: &Project, package: &Package, options: &[&str], directory: &str) {
    project.syncs(package, options);
    let lock = project.root.join(directory).join("vendor-migrations.lock");
    assert!(lock.is_file(), "{lock}: {:?}", project.tree().paths());
    project.check(package, options).exits(0);
}

#[test]
fn unknown_keys_are_refused_with_their_line() {
    let project = Project::new();
    put(
        &project.root.join(OWN),
        "mode = \"render\"\nmood = \"copy\"\n",
    );
    refused(&project, &[], &[OWN, "line 2", "mood"]);
    let project = Project::new();
    let text = "[project]\nname = \"x\"\n\n[tool.vendor-migrations]\nfrm = \"x\"\n";
    put(&project.root.join(PYPROJECT), text);
    refused(&project, &[], &[PYPROJECT, "line 5", "frm"]);
}

#[test]
fn settings_that_cannot_be_used_are_refused() {
    for (text, facts) in [
        ("mode = \"link\"\n", &["line 1", "link"][..]),
        ("mode = 3\n", &["line 1"]),
        ("mode = \n", &["line 1"]),
        ("directory = \"../outside\"\n", &["../outside"]),
        ("directory = \"/outside\"\n", &["/outside"]),
        ("directory = \"a/../../outside\"\n", &["outside"]),
        ("directory = \"\"\n", &["directory"]),
        ("directory = \".\"\n", &["directory"]),
    ] {
        let project = Project::new();
        put(&project.root.join(OWN), text);
        refused(&project, &[], facts);
    }
}

#[test]
fn settings_that_are_not_text_are_refused() {
    for name in [OWN, PYPROJECT, "alembic.ini"] {
        let project = Project::new();
        put(
            &project.root.join(name),
            b"[tool.vendor-migrations]\n# \xff\n",
        );
        refused(&project, &[], &[name]);
    }
}

#[test]
fn settings_in_two_places_are_refused() {
    let project = Project::new();
    put(&project.root.join(OWN), "mode = \"render\"\n");
    put(
        &project.root.join(PYPROJECT),
        "[tool.vendor-migrations]\nmode = \"render\"\n",
    );
    refused(&project, &[], &[OWN, PYPROJECT]);
}

#[test]
fn a_pyproject_without_our_table_is_none_of_our_business() {
    let project = Project::new();
    put(
        &project.root.join(PYPROJECT),
        "[tool.vendor-migration]\nx = 1\n[tool.other]\n",
    );
    vendors_into(&project, &three(), &[], "alembic/versions_procrastinate");
}

#[test]
fn the_settings_hold() {
    let project = Project::new();
    three().install(&project.root.join("vendor/site"));
    let text = "[tool.vendor-migrations]\nfrom = \"vendor/site\"\nmode = \"render\"\ndirectory = \"db/procrastinate\"\n";
    put(&project.root.join(PYPROJECT), text);
    std::fs::create_dir(project.root.join("db")).unwrap();
    let ini = "[alembic]\nscript_location = alembic\nversion_locations = alembic/versions db/procrastinate\n";
    put(&project.root.join("alembic.ini"), ini);
    project.run(&["sync"]).exits(0);
    assert!(
        project
            .root
            .join("db/procrastinate")
            .join(FIRST_PY)
            .is_file()
    );
    assert!(!project.vendored().exists());
    let mut elsewhere = project.tool(&["check", "--project", project.root.as_str()]);
    let status = elsewhere.current_dir("/").status().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn the_mode_of_the_settings_gives_way_to_the_option() {
    let project = Project::new();
    put(&project.root.join(OWN), "mode = \"render\"\n");
    let package = Wrapping::Call.three();
    project.syncs(&package, &[]);
    assert!(project.lock().contains("mode = \"render\""));
    project.syncs(&package, &["--mode", "copy"]);
    project
        .check(&package, &[])
        .exits(1)
        .out_has(&["error[mode]"]);
    project.syncs(&package, &[]);
    project.check(&package, &[]).exits(0);
}

#[test]
fn a_directory_in_the_settings_needs_no_alembic_configuration() {
    let project = project(&[(OWN, "directory = \"revisions\"\n")]);
    vendors_into(&project, &three(), &[], "revisions");
}

#[test]
fn without_any_alembic_project_it_says_what_was_looked_for() {
    let facts = ["alembic.ini", "tool.alembic", "alembic/env.py"];
    refused(&Project::bare(), &[], &facts);
    refused(&project(&[("alembic/versions/a.py", "")]), &[], &facts);
}

#[test]
fn an_environment_script_alone_is_enough() {
    let project = project(&[("alembic/env.py", "")]);
    vendors_into(&project, &three(), &[], "alembic/versions_procrastinate");
}

#[test]
fn another_configuration_and_another_section_hold() {
    let ini = "[alembic]\nscript_location = %(here)s/one\nversion_locations = %(here)s/one/versions_procrastinate\n\
         [billing]\nscript_location = %(here)s/two\nversion_locations = %(here)s/two/versions_procrastinate\n";
    let project = project(&[
        ("conf/db.ini", ini),
        ("conf/one/env.py", ""),
        ("conf/two/env.py", ""),
    ]);
    let (config, section) = (
        ["-c", "conf/db.ini"],
        ["--config", "conf/db.ini", "--name", "billing"],
    );
    vendors_into(
        &project,
        &three(),
        &config,
        "conf/one/versions_procrastinate",
    );
    vendors_into(
        &project,
        &three(),
        &section,
        "conf/two/versions_procrastinate",
    );
    refused(
        &project,
        &["-c", "conf/db.ini", "-n", "nothing"],
        &["conf/db.ini", "nothing"],
    );
    refused(&project, &["-c", "conf/gone.ini"], &["conf/gone.ini"]);
    refused(&project, &["-c", "conf"], &["conf"]);
}

#[test]
fn the_next_steps_carry_the_users_options() {
    let ini = "[billing]\nscript_location = two\n";
    let project = project(&[("db.ini", ini), ("two/env.py", "")]);
    let outcome = project.syncs(&three(), &["-c", "db.ini", "-n", "billing"]);
    outcome.out_has(&["alembic -c db.ini -n billing upgrade heads"]);
}

#[test]
fn alembics_table_in_pyproject_holds() {
    let toml = "[tool.alembic]\nscript_location = \"%(here)s/migrations\"\n\
                version_locations = [\"%(here)s/migrations/versions_procrastinate\"]\n";
    for files in [
        &[(PYPROJECT, toml), ("migrations/env.py", "")][..],
        &[
            (PYPROJECT, toml),
            ("migrations/env.py", ""),
            ("alembic.ini", "[alembic]\n"),
        ],
    ] {
        vendors_into(
            &project(files),
            &three(),
            &[],
            "migrations/versions_procrastinate",
        );
    }
}

#[test]
fn an_ini_that_alembic_would_refuse_is_refused_with_its_line() {
    for (text, line) in [
        ("[alembic]\nnonsense\n", "line 2"),
        ("[alembic]\n\nscript_location = %(nothing)s\n", "line 3"),
        ("[alembic]\nscript_location = a%b\n", "line 2"),
    ] {
        refused(
            &project(&[("alembic.ini", text)]),
            &[],
            &["alembic.ini", line],
        );
    }
    let missing = project(&[("alembic.ini", "[alembic]\nscript_location = gone:here\n")]);
    refused(&missing, &[], &["alembic.ini", "gone"]);
}

#[test]
fn a_directory_that_alembic_does_not_look_into_is_warned_of() {
    let ini = "[alembic]\nscript_location = alembic\n";
    let project = project(&[("alembic.ini", ini), ("alembic/env.py", "")]);
    let outcome = project.syncs(&three(), &[]);
    outcome.err_has(&[
        "warning:",
        "alembic.ini",
        "version_locations",
        "alembic/versions_procrastinate",
    ]);
    let wired = Project::new().syncs(&three(), &[]);
    assert!(!wired.err.contains("warning:"), "{wired}");
}
