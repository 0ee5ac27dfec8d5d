//! The separators of Alembic's versions.

use super::{ENV, INI, edit, finds, packages, project};
use crate::support::releases::three;
use crate::support::{Project, put};

/// Makes it look as if this Alembic were installed in the project's environment.
fn install_alembic(project: &Project, version: &str) {
    let venv = project.root.join(".venv");
    put(&venv.join("pyvenv.cfg"), "home = /nowhere\n");
    put(
        &venv.join(format!(
            "lib/python3.12/site-packages/alembic-{version}.dist-info/METADATA"
        )),
        format!("Metadata-Version: 2.1\nName: alembic\nVersion: {version}\n"),
    );
}

/// Templates of 1.8 to 1.13 put a comment behind the value; Alembic takes it for a part of the value.
#[test]
fn the_comment_behind_an_old_templates_separator() {
    for package in packages() {
        let project = project(&package);
        let new = "version_path_separator = os  # Use os.pathsep. Default configuration used for new projects.\n";
        edit(&project, "alembic.ini", "path_separator = ;\n", new);
        for version in ["1.8.1", "1.13.1", "1.15.2", "1.20.1"] {
            install_alembic(&project, version);
            let facts = ["Use os.pathsep", version, "vendor-migrations init"];
            finds(
                &project,
                &package,
                &[("error[version-locations] alembic.ini:5", &facts)],
            );
            std::fs::remove_dir_all(project.root.join(".venv")).unwrap();
        }
        finds(
            &project,
            &package,
            &[(
                "error[version-locations] alembic.ini:5",
                &["the newest Alembic"],
            )],
        );
    }
}

#[test]
fn a_separator_that_only_later_versions_know() {
    let project = project(&three());
    let lines = "version_path_separator = newline\n";
    edit(&project, "alembic.ini", "path_separator = ;\n", lines);
    edit(
        &project,
        "alembic.ini",
        "%(here)s/alembic/versions;%(here)s",
        "%(here)s/alembic/versions\n  %(here)s",
    );
    install_alembic(&project, "1.13.2");
    finds(
        &project,
        &three(),
        &[(
            "error[version-locations] alembic.ini:6",
            &["1.13.2", "newline"],
        )],
    );
    std::fs::remove_dir_all(project.root.join(".venv")).unwrap();
    install_alembic(&project, "1.13.3");
    finds(&project, &three(), &[]);
}

#[test]
fn path_separator_splits_prepend_sys_path_too() {
    for package in packages() {
        let project = project(&package);
        edit(
            &project,
            "alembic.ini",
            "prepend_sys_path = .\n",
            "prepend_sys_path = . src\n",
        );
        let facts = ["`path_separator` (line 5)", "`. src`", "one directory"];
        let head = "warning[prepend-sys-path] alembic.ini:3";
        finds(&project, &package, &[(head, &facts)]);
        edit(&project, "alembic.ini", ". src\n", ".;src\n");
        finds(&project, &package, &[]);
    }
}

/// Before 1.16, `prepend_sys_path` has its own rule.
#[test]
fn an_older_alembic_splits_prepend_sys_path_at_blanks() {
    let project = Project::bare();
    let old = "prepend_sys_path = . src\n";
    let text = INI.replace("prepend_sys_path = .\n", old);
    put(
        &project.root.join("alembic.ini"),
        text.replace("\npath_sep", "\nversion_path_sep"),
    );
    put(&project.root.join("alembic/env.py"), ENV);
    project.syncs(&three(), &[]);
    for version in ["1.8.1", "1.15.2", "1.18.0"] {
        install_alembic(&project, version);
        finds(&project, &three(), &[]);
        std::fs::remove_dir_all(project.root.join(".venv")).unwrap();
    }
}
