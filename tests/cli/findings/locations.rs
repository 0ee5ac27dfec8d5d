//! Where Alembic looks for revisions.

use super::{ENV, INI, edit, finds, packages, project};
use crate::support::releases::{WRAPPINGS, Wrapping, three};
use crate::support::{Project, put};

const LOCATIONS: &str =
    "version_locations = %(here)s/alembic/versions;%(here)s/alembic/versions_procrastinate\n";
const VENDORED: &str = "alembic/versions_procrastinate";

#[test]
fn the_vendored_directory_is_not_among_them() {
    for package in packages() {
        let project = project(&package);
        edit(&project, "alembic.ini", LOCATIONS, "");
        let facts = [VENDORED, "exits 0", "vendor-migrations init"];
        finds(
            &project,
            &package,
            &[("error[not-wired] alembic.ini", &facts)],
        );
        let only = "version_locations = %(here)s/alembic/versions\n";
        edit(
            &project,
            "alembic.ini",
            "path_separator",
            &format!("{only}path_separator"),
        );
        finds(
            &project,
            &package,
            &[("error[not-wired] alembic.ini:4", &facts)],
        );
    }
}

/// The published guide's wiring, and what Alembic makes of it: one directory that is not there.
#[cfg(unix)]
#[test]
fn entries_are_joined_by_another_character_than_the_separator() {
    let project = project(&three());
    edit(
        &project,
        "alembic.ini",
        "versions;%(here)s",
        "versions %(here)s",
    );
    finds(
        &project,
        &three(),
        &[
            ("error[not-wired] alembic.ini:4", &[VENDORED]),
            (
                "error[location-missing] alembic.ini:4",
                &["alembic/versions /", "no directory"],
            ),
        ],
    );
}

#[test]
fn the_table_in_pyproject_lacks_it() {
    let project = Project::bare();
    let text = "[project]\nname = \"x\"\n\n[tool.alembic]\nscript_location = \"%(here)s/alembic\"\n\
                version_locations = [\n    \"%(here)s/alembic/versions\",\n]\n";
    put(&project.root.join("pyproject.toml"), text);
    put(&project.root.join("alembic/env.py"), ENV);
    project.syncs(&three(), &[]);
    finds(
        &project,
        &three(),
        &[("error[not-wired] pyproject.toml:6", &[VENDORED])],
    );
}

#[test]
fn the_section_that_the_user_names_lacks_it() {
    let project = project(&three());
    let other = "\n[shop]\nscript_location = %(here)s/alembic\n";
    put(&project.root.join("alembic.ini"), format!("{INI}{other}"));
    finds(&project, &three(), &[]);
    let outcome = project.check(&three(), &["-n", "shop"]);
    outcome
        .exits(1)
        .out_has(&["error[not-wired] alembic.ini\n"]);
}

#[cfg(unix)]
#[test]
fn a_location_does_not_exist() {
    for package in packages() {
        let project = project(&package);
        edit(
            &project,
            "alembic.ini",
            "versions;%(here)s/alembic/versions_",
            "versions;%(here)s/gone;%(here)s/alembic/versions_",
        );
        let gone = project.root.join("gone");
        let facts = ["no directory", gone.as_str()];
        finds(
            &project,
            &package,
            &[("error[location-missing] alembic.ini:4", &facts)],
        );
        put(&gone.join("x.txt"), "");
        finds(&project, &package, &[]);
    }
}

#[test]
fn a_location_in_a_package_does_not_exist() {
    let project = project(&three());
    edit(
        &project,
        "alembic.ini",
        "path_separator = ;",
        "path_separator = newline",
    );
    let lines = "version_locations =\n  alembic/versions\n  shop.db:revisions\n  alembic/versions_procrastinate\n";
    edit(&project, "alembic.ini", LOCATIONS, lines);
    put(&project.root.join(".venv/pyvenv.cfg"), "home = /nowhere\n");
    put(
        &project
            .root
            .join(".venv/lib/python3.12/site-packages/alembic-1.18.0.dist-info/METADATA"),
        "Metadata-Version: 2.1\nName: alembic\nVersion: 1.18.0\n",
    );
    finds(
        &project,
        &three(),
        &[(
            "error[location-missing] alembic.ini:4",
            &["shop.db:revisions", "cannot be found"],
        )],
    );
}

/// `env.py` runs after Alembic has read the option.
#[test]
fn locations_are_set_in_env_py() {
    let line = "config.set_main_option(\"version_locations\", \"a b\")";
    for package in packages() {
        let project = project(&package);
        edit(
            &project,
            "alembic/env.py",
            "config = context.config\n",
            &format!("config = context.config\n{line}\n"),
        );
        let facts = [
            line,
            "version_locations",
            "`heads`, `history` and `revision`",
        ];
        // Dead weight: the configuration has the directory.
        finds(
            &project,
            &package,
            &[("warning[locations-in-env] alembic/env.py:5", &facts)],
        );
        edit(&project, "alembic.ini", LOCATIONS, "");
        finds(
            &project,
            &package,
            &[
                ("error[not-wired] alembic.ini", &[VENDORED]),
                ("error[locations-in-env] alembic/env.py:5", &facts),
            ],
        );
    }
}

/// `upgrade` sees what `env.py` makes of the list that Alembic has read.
#[test]
fn env_py_changes_the_list() {
    let changed = |line: &str, listed: bool, lost: &[&str]| {
        let project = project(&three());
        let first = "config = context.config\n";
        edit(
            &project,
            "alembic/env.py",
            first,
            &format!("{first}{line}\n"),
        );
        if !listed {
            edit(&project, "alembic.ini", LOCATIONS, "");
        }
        let at = 4 + line.lines().count();
        let head = format!("error[locations-in-env] alembic/env.py:{at}");
        let expected: &[(&str, &[&str])] = &[(&head, lost)];
        let expected = if lost.is_empty() { &[] } else { expected };
        finds(&project, &three(), expected);
    };
    let own = "made, and alembic/versions ";
    let vendored = "alembic/versions_procrastinate may";
    for line in [
        "context.script.version_locations = [\"alembic/versions\"]",
        "context.script.version_locations[:] = [\"alembic/versions\"]",
        "script = context.script\nscript.version_locations = [str(BASE / \"versions\")]",
        "setattr(context.script, \"version_locations\", [\"alembic/versions\"])",
        "getattr(context, \"script\").version_locations = [\"alembic/versions\"]",
        "context.script.version_locations, x = [\"alembic/versions\"], 1",
        "(s := context.script).version_locations = [\"alembic/versions\"]",
        "vars(context.script)[\"version_locations\"] = [\"alembic/versions\"]",
        "context.script.__dict__.update(version_locations=[\"alembic/versions\"])",
        "from alembic.context import script\nscript.version_locations = [\"alembic/versions\"]",
        "def use(script): script.version_locations = [\"alembic/versions\"]",
    ] {
        changed(line, true, &[vendored]);
    }
    let all = "OWN = [\"./alembic/versions\"]\ncontext.script.version_locations = OWN + [str(HERE / \"versions_procrastinate\")]";
    changed(all, true, &[]);
    changed(all, false, &[]);
    for healthy in [
        "context.script.version_locations = [f\"{here}/versions\", f\"{here}/versions_procrastinate\"]",
        "context.script.version_locations = [str(p) for p in HERE.glob(\"versions*\")]",
        "context.script.version_locations = config.get_main_option(\"version_locations\").split(os.pathsep)",
        "locations = [\"alembic/versions\"]\nlocations.append(\"alembic/versions_procrastinate\")\ncontext.script.version_locations = locations",
        "context.script.version_locations = [p.strip() for p in context.script.version_locations if p.strip()]",
    ] {
        changed(healthy, true, &[]);
    }
    for line in [
        "context.script.revision_map = make()",
        "context.script.version_locations = locations()",
        "context.script.version_locations.clear()",
        "context.script.version_locations.pop()",
        "del context.script.version_locations[1:]",
        "context.script.version_locations.remove(OTHER)",
        "context.script.version_locations = list(filter(wanted, context.script.version_locations))",
        "context.script.version_locations = [p for p in context.script.version_locations if \"x\" not in p]",
    ] {
        changed(line, true, &[own, vendored]);
    }
    for line in [
        "context.script.version_locations.append(\"alembic/versions_procrastinate\")",
        "context.script.version_locations += [\"alembic/versions_procrastinate\"]",
        "context.script.version_locations = [*context.script.version_locations, \"alembic/versions_procrastinate\"]",
    ] {
        changed(line, true, &[]);
        // Without a list, what is added is all that there is.
        changed(line, false, &[own]);
    }
}

/// A package's own revisions, and the vendored ones beside them.
#[test]
fn upstreams_own_location_is_active_too() {
    for wrapping in WRAPPINGS {
        let package = wrapping.three();
        let project = project(&package);
        package.install_in_environment(&project.root.join(".venv"));
        let module = match wrapping {
            Wrapping::Call => "procrastinate.contrib.alembic",
            Wrapping::Constant => "procrastinate.alembic",
        };
        let lines = format!(
            "version_locations =\n  alembic/versions\n  {module}:versions\n  alembic/versions_procrastinate\n"
        );
        edit(&project, "alembic.ini", LOCATIONS, &lines);
        edit(
            &project,
            "alembic.ini",
            "path_separator = ;",
            "path_separator = newline",
        );
        let head = "error[upstream-location] alembic.ini:4";
        let written = format!("`{module}:versions`");
        finds(&project, &package, &[(head, &[&written, VENDORED])]);
        // By its path.
        let path = format!(
            ".venv/lib/python3.12/site-packages/{}",
            wrapping.directory().trim_end_matches('/')
        );
        edit(
            &project,
            "alembic.ini",
            &format!("{module}:versions"),
            &path,
        );
        finds(&project, &package, &[(head, &[&path])]);
    }
}

#[test]
fn the_projects_own_directory_is_not_among_them() {
    let project = project(&three());
    let own = project.root.join("alembic/versions/a.py");
    put(&own, "revision = 'a'\ndown_revision = None\n");
    finds(&project, &three(), &[]);
    edit(
        &project,
        "alembic.ini",
        LOCATIONS,
        "version_locations = %(here)s/alembic/versions_procrastinate\n",
    );
    let facts = [
        "alembic/versions",
        "applies none of them",
        "vendor-migrations init",
    ];
    finds(
        &project,
        &three(),
        &[("error[own-versions] alembic.ini:4", &facts)],
    );
    project
        .run(&["init"])
        .exits(0)
        .out_has(&["Wrote alembic.ini"]);
    finds(&project, &three(), &[]);
    // Both are missing: one run adds them.
    let listed = std::fs::read_to_string(project.root.join("alembic.ini")).unwrap();
    let line = listed
        .lines()
        .find(|line| line.starts_with("version_locations"))
        .unwrap();
    put(&project.root.join("db/more/.keep"), "");
    edit(&project, "alembic.ini", line, "version_locations = db/more");
    project
        .run(&["init"])
        .exits(0)
        .out_has(&["Wrote alembic.ini"]);
    project.run(&["init"]).exits(0).out_has(&["Wired already"]);
    finds(&project, &three(), &[]);
}
