//! `--recursive`: one command in many projects.

use camino::Utf8PathBuf;
use serde_json::Value;

use crate::support::releases::{SECOND_PY, four, three};
use crate::support::{Outcome, Package, Project, put};

const SITE: &str = ".venv/lib/python3.11/site-packages";

/// A repository with a project in each of these directories, all of which use one environment in its root.
struct Repository(Project);

impl Repository {
    fn with(directories: &[&str], release: &Package) -> Self {
        let repository = Self(Project::bare());
        std::fs::create_dir(repository.path(".git")).unwrap();
        for directory in directories {
            repository.add(directory);
        }
        repository.install(release);
        for directory in directories {
            repository.run(&["sync", "-C", directory]).exits(0);
        }
        repository
    }

    /// A project without a lock.
    fn add(&self, directory: &str) {
        let one = Project::new();
        for file in ["alembic.ini", "alembic/env.py"] {
            let text = std::fs::read(one.root.join(file)).unwrap();
            put(&self.path(directory).join(file), text);
        }
    }

    fn install(&self, release: &Package) {
        let _ = std::fs::remove_dir_all(self.path(SITE));
        release.install(&self.path(SITE));
    }

    fn path(&self, path: &str) -> Utf8PathBuf {
        self.0.root.join(path)
    }

    fn vendored(&self, directory: &str, name: &str) -> Utf8PathBuf {
        self.path(directory)
            .join("alembic/versions_procrastinate")
            .join(name)
    }

    fn edit(&self, directory: &str) {
        let path = self.vendored(directory, SECOND_PY);
        let text = std::fs::read_to_string(&path).unwrap();
        put(&path, text + "# mine\n");
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.0.run(arguments)
    }

    fn json(&self, verb: &str, code: i32) -> Value {
        let outcome = self.run(&[verb, "--recursive", "--format", "json"]);
        outcome.exits(code);
        serde_json::from_str(&outcome.out).unwrap()
    }
}

#[test]
fn all_projects_are_brought_up_to_date_and_checked() {
    let all = ["a", "b", "services/c"];
    let repository = Repository::with(&all, &three());
    repository
        .run(&["check", "--recursive"])
        .exits(0)
        .out_has(&["== a ==", "== services/c ==", "3 projects: 3 fine"]);
    repository.install(&four());
    let checked = repository.run(&["check", "--recursive"]);
    checked
        .exits(1)
        .out_has(&["migration-missing", "3 projects: 3 with something to do"]);
    // The advice names the project.
    checked.out_has(&["vendor-migrations sync -C services/c"]);
    let before = repository.0.tree();
    repository
        .run(&["sync", "--recursive", "--dry-run"])
        .exits(0);
    repository.run(&["status", "--recursive"]).exits(1);
    before.assert_untouched(&repository.0.tree());
    repository.run(&["sync", "--recursive"]).exits(0);
    repository
        .run(&["check", "--recursive", "--strict"])
        .exits(0);
    for directory in all {
        repository
            .run(&["check", "-C", directory, "--strict"])
            .exits(0);
    }
    // Only what lies below the directory.
    let below = repository.run(&["check", "--recursive", "services"]);
    below
        .exits(0)
        .out_has(&["1 project: 1 fine"])
        .out_lacks(&["== a =="]);
    let elsewhere = repository.run(&["check", "-C", "services", "--recursive"]);
    assert_eq!(elsewhere.out, below.out);
}

/// As without `--recursive`: a call in a file around the projects is told of the one that it names.
#[test]
fn a_call_around_the_projects_is_told_of_the_one_that_it_names() {
    let repository = Repository::with(&["a", "services/c"], &three());
    for directory in ["a", "services/c"] {
        let revision = "revision = 'own'\ndown_revision = None\n";
        put(
            &repository.path(directory).join("alembic/versions/own.py"),
            revision,
        );
    }
    let call = "alembic -c services/c/alembic.ini upgrade head\n";
    put(&repository.path("deploy.sh"), call);
    // In a project, it is its own.
    put(&repository.path("a/start.sh"), "alembic upgrade head\n");
    let json = repository.json("check", 1);
    let calls = |one: usize| {
        let findings = json["projects"][one]["findings"].as_array().unwrap();
        let calls = findings.iter().filter(|one| one["code"] == "upgrade-head");
        calls.map(|one| one["path"].clone()).collect::<Vec<_>>()
    };
    assert_eq!([calls(0), calls(1)], [["start.sh"], ["../../deploy.sh"]]);
    for (directory, found) in [("a", "start.sh"), ("services/c", "deploy.sh")] {
        let checked = repository.run(&["check", "-C", directory]);
        checked.exits(1).out_has(&["upgrade-head", found]);
    }
}

#[test]
fn a_place_is_shown_as_each_project_sees_it() {
    let repository = Repository::with(&["a", "services/c"], &three());
    std::fs::remove_dir_all(repository.path(SITE)).unwrap();
    repository
        .run(&["status", "--recursive"])
        .exits(0)
        .err_has(&["\n  ../.venv: ", "\n  ../../.venv: "]);
}

#[test]
fn each_project_is_compared_with_its_own_installation() {
    let repository = Repository::with(&["a", "b"], &three());
    four().install(&repository.path("b").join(SITE));
    let json = repository.json("check", 1);
    let releases: Vec<_> = [0, 1]
        .map(|one| json["projects"][one]["upstream"]["release"].to_string())
        .to_vec();
    assert_ne!(releases[0], releases[1]);
    assert_eq!(json["projects"][0]["status"], 0);
    assert_eq!(json["projects"][1]["status"], 1);
    // With nothing to say, `-q` says nothing.
    repository.run(&["sync", "--recursive"]).exits(0);
    let quiet = repository.run(&["check", "--recursive", "a", "-q"]);
    assert_eq!(quiet.exits(0).out, "");
}

#[test]
fn one_broken_project_does_not_stop_the_others() {
    let repository = Repository::with(&["a", "b", "c", "d"], &three());
    repository.edit("a");
    put(&repository.path("c/alembic.ini"), "[alembic\n");
    let checked = repository.run(&["check", "--recursive"]);
    checked.exits(2);
    checked.out_has(&[
        "error[edited]",
        "== d ==",
        "4 projects: 2 fine, 1 with something to do, 1 where it could not be done",
    ]);
    checked.err_has(&["== c ==", "alembic.ini", "help:"]);
    // In the order of the paths.
    let at = |heading: &str| checked.out.find(heading).unwrap();
    assert!(at("== a ==") < at("== b ==") && at("== b ==") < at("== d =="));
    let json = repository.json("check", 2);
    let projects = json["projects"].as_array().unwrap();
    let statuses: Vec<_> = projects
        .iter()
        .map(|one| one["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [1, 0, 2, 0]);
    assert_eq!(projects[0]["findings"][0]["code"], "edited");
    assert!(
        projects[2]["error"]
            .as_str()
            .unwrap()
            .contains("alembic.ini")
    );
    assert_eq!(json["summary"]["projects"], 4);
    assert_eq!(json["summary"]["errors"], 1);
    // `sync` writes what it can, and says what it cannot.
    repository.install(&four());
    let synced = repository.json("sync", 2);
    assert_eq!(
        synced["summary"],
        serde_json::json!({"projects": 4, "fine": 2, "to_do": 1, "failed": 1})
    );
    assert_eq!(repository.json("status", 2)["projects"][1]["status"], 0);
}

#[test]
fn every_format_has_all_projects() {
    let repository = Repository::with(&["a", "b", "c"], &three());
    for directory in ["a", "b"] {
        repository.edit(directory);
    }
    put(&repository.path("c/alembic.ini"), "[alembic\n");
    let report = |format: &str| {
        let outcome = repository.run(&["check", "--recursive", "--format", format]);
        outcome.exits(2).err_has(&["== c =="]);
        outcome.out
    };
    let gitlab: Value = serde_json::from_str(&report("gitlab")).unwrap();
    let places: Vec<&str> = gitlab
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["location"]["path"].as_str().unwrap())
        .collect();
    let second = format!("alembic/versions_procrastinate/{SECOND_PY}");
    assert_eq!(places, [format!("a/{second}"), format!("b/{second}")]);
    assert_ne!(gitlab[0]["fingerprint"], gitlab[1]["fingerprint"]);
    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    assert_eq!(sarif["runs"].as_array().unwrap().len(), 1);
    let run = &sarif["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 2);
    for result in run["results"].as_array().unwrap() {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let notes = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains("c: `alembic.ini`"), "{notes}");
    let markdown = report("markdown");
    for heading in ["## `a`", "## `b`", "## `c`"] {
        assert!(markdown.contains(heading), "{markdown}");
    }
    let github = report("github");
    assert_eq!(github.matches("::error file=").count(), 2, "{github}");
    assert!(
        github.contains("::error title=vendor-migrations::"),
        "{github}"
    );
}

#[test]
fn the_summary_of_a_step_on_github_has_all_projects_in_order() {
    let repository = Repository::with(&["a", "b", "c"], &three());
    ["a", "b", "c"]
        .into_iter()
        .for_each(|directory| repository.edit(directory));
    let page = repository.0.beside("summary.md");
    put(&page, "");
    let mut command = repository
        .0
        .tool(&["check", "--recursive", "--format", "github"]);
    command.env("GITHUB_STEP_SUMMARY", &page);
    Outcome::from(command.output().unwrap()).exits(1);
    let page = std::fs::read_to_string(page).unwrap();
    let places: Vec<usize> = ["a/alembic", "b/alembic", "c/alembic"]
        .iter()
        .map(|place| {
            page.find(place)
                .unwrap_or_else(|| panic!("{place}: {page}"))
        })
        .collect();
    assert!(places.is_sorted(), "{page}");
}

#[test]
fn a_project_in_a_project_and_two_that_share_a_directory_are_all_there() {
    let repository = Repository::with(&["a", "a/inner", "b"], &three());
    let shared = "[alembic]\nscript_location = %(here)s/../b/alembic\npath_separator = ;\nversion_locations = \
                  %(here)s/../b/alembic/versions;%(here)s/../b/alembic/versions_procrastinate\n";
    put(&repository.path("shares/alembic.ini"), shared);
    let json = repository.json("check", 0);
    let projects = json["projects"].as_array().unwrap();
    let names: Vec<_> = projects
        .iter()
        .map(|one| one["project"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a", "a/inner", "b", "shares"]);
    // They write one after the other.
    repository.install(&four());
    repository
        .run(&["sync", "--recursive"])
        .exits(0)
        .err_lacks(&["error:"]);
    repository.json("check", 0);
}

#[cfg(unix)]
#[test]
fn what_is_hidden_ignored_or_a_link_is_not_a_project() {
    let repository = Repository::with(&["a", ".hidden/b", "ignored/c"], &three());
    put(&repository.path(".gitignore"), "ignored/\n.venv\n");
    std::os::unix::fs::symlink("..", repository.path("a/loop")).unwrap();
    std::os::unix::fs::symlink("a", repository.path("again")).unwrap();
    for number in 0..2_000 {
        put(
            &repository.path(&format!("many/{}/{number}.txt", number % 20)),
            "",
        );
    }
    let json = repository.json("check", 0);
    assert_eq!(json["summary"]["projects"], 1);
    assert_eq!(json["projects"][0]["project"], "a");
}

#[test]
fn a_lock_that_no_configuration_leads_to_is_said() {
    let repository = Repository::with(&["a", "b"], &three());
    std::fs::remove_file(repository.path("b/alembic.ini")).unwrap();
    let ini = std::fs::read_to_string(repository.path("a/alembic.ini")).unwrap();
    let lost = "a/old/versions_procrastinate/vendor-migrations.lock";
    std::fs::copy(repository.vendored("a", "vendor-migrations.lock"), {
        put(&repository.path(lost), "");
        repository.path(lost)
    })
    .unwrap();
    let checked = repository.run(&["check", "--recursive"]);
    checked.exits(2).out_has(&["== a =="]).err_has(&[
        "== a/old/versions_procrastinate ==",
        "== b/alembic/versions_procrastinate ==",
        "no Alembic configuration around it uses this directory",
    ]);
    assert_eq!(
        std::fs::read_to_string(repository.path("a/alembic.ini")).unwrap(),
        ini
    );
}

#[test]
fn where_there_is_nothing_to_do_is_an_error() {
    let repository = Repository::with(&[], &three());
    repository.add("new");
    for verb in ["check", "sync", "status"] {
        let outcome = repository.run(&[verb, "--recursive"]);
        outcome.fails(&[
            "there is no project with a lock below `.`",
            "vendor-migrations init",
        ]);
        let outcome = repository.run(&[verb, "--recursive", "nowhere"]);
        outcome.fails(&["`nowhere`", "not a directory"]);
        let outcome = repository.run(&[verb, "--recursive", "-c", "alembic.ini"]);
        outcome.exits(2).err_has(&["--recursive", "--config"]);
    }
}

/// The error that lists several configurations tells of it.
#[test]
fn several_configurations_lead_to_it() {
    let repository = Repository::with(&["a", "b"], &three());
    let outcome = repository.run(&["check"]);
    outcome.fails(&[
        "several Alembic configurations",
        "`--recursive`",
        "check -c a/alembic.ini",
    ]);
    repository.run(&["check", "--recursive"]).exits(0);
}
