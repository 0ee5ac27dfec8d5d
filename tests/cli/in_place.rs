//! In place: the installed package's own revisions run, and the lock in the project's root says what they were.

mod refusals;
mod surroundings;
mod upgrades;

use camino::Utf8PathBuf;

use crate::support::releases::{FIRST, FIRST_SQL, WRAPPINGS, Wrapping, three_migrations};
use crate::support::{Package, Project, put};

const LOCK: &str = "vendor-migrations.lock";
const INI: &str = "# ours\n[alembic]\nscript_location = alembic\n\n# logging below\n";
const ENV: &str = "from alembic import context\n\nfrom app import engine\n\n\
                   with engine.connect() as connection:\n    context.configure(connection=connection)\n    \
                   with context.begin_transaction():\n        context.run_migrations()\n";

impl Wrapping {
    fn location(self) -> &'static str {
        match self {
            Self::Call => "procrastinate.contrib.alembic:versions",
            Self::Constant => "procrastinate.alembic:versions",
        }
    }
}

impl Project {
    /// A project with Alembic and, in its environment, a release of Procrastinate.
    pub(crate) fn installed(package: &Package) -> Self {
        let project = Self::bare();
        put(&project.root.join("alembic.ini"), INI);
        put(&project.root.join("alembic/env.py"), ENV);
        put(&project.root.join("alembic/versions/.keep"), "");
        let site = project.site();
        put(&site.join("alembic/__init__.py"), "");
        put(
            &site.join("alembic-1.18.0.dist-info/METADATA"),
            "Metadata-Version: 2.1\nName: alembic\nVersion: 1.18.0\n",
        );
        package.install_in_environment(&project.root.join(".venv"));
        project.importable();
        project
    }

    /// The same, initialised.
    #[track_caller]
    fn in_place(package: &Package) -> Self {
        let project = Self::installed(package);
        project.run(&["init", "--in-place"]).exits(0);
        project
    }

    fn site(&self) -> Utf8PathBuf {
        self.root.join(".venv/lib/python3.12/site-packages")
    }

    /// As `pip install` leaves it: nothing of the old release stays.
    fn upgrade_to(&self, package: &Package) {
        self.uninstall();
        package.install(&self.site());
        self.importable();
    }

    fn importable(&self) {
        for below in ["contrib", "contrib/alembic", "alembic"] {
            let directory = self.site().join("procrastinate").join(below);
            if directory.is_dir() {
                put(&directory.join("__init__.py"), "");
            }
        }
    }

    fn uninstall(&self) {
        for entry in self.site().read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().starts_with("procrastinate") {
                std::fs::remove_dir_all(entry.path()).unwrap();
            }
        }
    }

    #[track_caller]
    fn root_file(&self, name: &str) -> String {
        std::fs::read_to_string(self.root.join(name)).unwrap()
    }

    /// `init --in-place` cannot be done, names the facts, and touches nothing.
    #[track_caller]
    fn init_fails(&self, options: &[&str], facts: &[&str]) {
        let before = self.tree();
        self.run(&[&["init", "--in-place"], options].concat())
            .fails(facts);
        before.assert_untouched(&self.tree());
    }
}

#[test]
fn init_wires_the_package_and_locks_what_it_ships() {
    for wrapping in WRAPPINGS {
        let project = Project::installed(&wrapping.three());
        let before = project.tree();
        let dry = project.run(&["init", "--in-place", "--dry-run"]);
        dry.exits(0).out_has(&[
            "+version_locations",
            "Would write vendor-migrations.lock, alembic.ini",
        ]);
        before.assert_untouched(&project.tree());

        let outcome = project.run(&["init", "--in-place"]);
        outcome.exits(0).out_has(&[
            "Wrote vendor-migrations.lock, alembic.ini",
            "nothing is copied",
        ]);
        let ini = project.root_file("alembic.ini");
        assert!(
            ini.contains(&format!("alembic/versions;{}", wrapping.location())),
            "{ini}"
        );
        assert!(
            ini.starts_with("# ours\n[alembic]\nscript_location = alembic\n"),
            "{ini}"
        );
        assert!(ini.contains("# logging below"), "{ini}");
        assert!(!project.vendored().exists());
        let lock: toml::Table = toml::from_str(&project.root_file(LOCK)).unwrap();
        assert_eq!(lock["upstream"]["mode"].as_str(), Some("in-place"));
        assert_eq!(lock["revision"].as_array().unwrap().len(), 3);

        let before = project.tree();
        project
            .run(&["init", "--in-place"])
            .exits(0)
            .out_has(&["Wired already"]);
        project
            .run(&["sync"])
            .exits(0)
            .out_has(&["Up to date", "3 revisions"]);
        project
            .run(&["check", "--strict"])
            .exits(0)
            .out_has(&[wrapping.location(), "3 revisions"]);
        project
            .run(&["status"])
            .exits(0)
            .out_has(&["In place", "head 0003", "nothing"]);
        project.run(&["diff"]).exits(0).out_lacks(&["@@"]);
        before.assert_untouched(&project.tree());
    }
}

#[test]
fn a_changed_installation_is_refused_and_compared_all_the_same() {
    let project = Project::in_place(&Wrapping::Call.three());
    put(
        &project
            .site()
            .join(format!("procrastinate/sql/migrations/{FIRST}")),
        "SELECT 1;\n",
    );
    project.run(&["check"]).exits(1).out_has(&[
        "[modified-source]",
        "[migration-changed]",
        "in the same release 91.1.0",
    ]);
    project
        .run(&["sync", "--force"])
        .fails(&["is not what it published"]);
    let fresh = Project::installed(&Wrapping::Call.three());
    put(
        &fresh
            .site()
            .join(format!("procrastinate/sql/migrations/{FIRST}")),
        "SELECT 1;\n",
    );
    fresh.init_fails(&[], &["is not what it published"]);
}

#[test]
fn json_says_that_it_is_in_place() {
    let project = Project::in_place(&Wrapping::Constant.three());
    let outcome = project.run(&["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(report["vendored"]["mode"], "in-place");
    assert_eq!(
        report["vendored"]["directory"],
        "procrastinate.alembic:versions"
    );
    assert_eq!(report["vendored"]["head"], "0003");
}

#[test]
fn copies_can_take_over_with_the_same_ids() {
    let project = Project::in_place(&Wrapping::Call.three());
    std::fs::remove_file(project.root.join(LOCK)).unwrap();
    put(&project.root.join("alembic.ini"), INI);
    project.run(&["init"]).exits(0);
    project.run(&["sync", "--mode", "render"]).exits(0);
    assert_eq!(project.ids(), ["0001", "0002", "0003"]);
    project.run(&["check", "--strict"]).exits(0);
    assert_eq!(FIRST_SQL, three_migrations()[0].1);
}
