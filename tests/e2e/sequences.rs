//! The commands that a run prints, given to a shell that goes on after a failure: nothing is skipped, no row of the version table
//! is lost, and the same commands, given again when the cause is gone, end where they should.

use fs_err as fs;

use crate::support::database::Driver;
use crate::support::process::Outcome;
use crate::support::project::Project;
use crate::support::releases;
use crate::support::schema::Schema;

/// The commands among what was printed: indented lines of their own.
#[track_caller]
pub(crate) fn commands(printed: &Outcome) -> Vec<&str> {
    let lines = printed.stdout.lines();
    let indented = lines.filter_map(|line| line.strip_prefix("  ").map(str::trim_start));
    let starts = ["vendor-migrations ", "alembic ", "(cd "];
    let is_one = |line: &&str| starts.iter().any(|start| line.starts_with(start));
    indented.filter(is_one).collect()
}

/// Runs the commands in a shell that goes on after a failure.
#[track_caller]
fn paste(project: &Project, commands: &[&str]) -> Outcome {
    project.shell(&commands.join("\n"))
}

/// The rows of the version table.
pub(crate) fn rows(project: &Project) -> Vec<String> {
    project
        .database
        .query("SELECT version_num FROM alembic_version ORDER BY 1")
}

/// The commands fail while a table is in the way of 3.1.0, keep the rows, and then lead to the head.
#[track_caller]
fn stopped_and_repeated(project: &Project, commands: &[&str]) {
    let before = rows(project);
    let table = "procrastinate_workers";
    project
        .database
        .execute(&format!("CREATE TABLE {table} ()"));
    paste(project, commands).says("already exists");
    assert_eq!(rows(project), before);
    project.database.execute(&format!("DROP TABLE {table}"));
    paste(project, commands).exits(0);
    project.assert_at_head();
}

/// A project and its database at one release, with revisions of its own.
fn project_at(release: &str) -> Project {
    let project = Project::new(Driver::Psycopg);
    project.write_own_revision("app1", "SELECT 1");
    project.sync(release);
    project.upgrade();
    project
}

#[test]
fn before_and_after_a_deploy() {
    let project = project_at("3.0.2");
    let printed = project.sync("3.1.0");
    let commands = commands(&printed);
    assert_eq!(commands.len(), 2, "{printed}");
    stopped_and_repeated(&project, &commands);
    Schema::of(&project.database).assert_is(&Schema::of_release("3.1.0"));
}

#[test]
fn around_several_deploys() {
    for rolls_out in [true, false] {
        let project = project_at("3.0.2");
        let printed = project.sync("3.10.0");
        let [rollout, interruption] = commands(&printed)[..] else {
            panic!("{printed}");
        };
        if rolls_out {
            let steps = project.shell(rollout).exits(0);
            let steps = commands(&steps);
            assert_eq!(steps.len(), 7, "{steps:?}");
            stopped_and_repeated(&project, &steps);
        } else {
            stopped_and_repeated(&project, &[interruption]);
        }
        Schema::of(&project.database).assert_is(&Schema::of_release("3.10.0"));
    }
}

/// As `alembic init` left it, with a revision of its own.
fn unwired() -> Project {
    let project = Project::new(Driver::Psycopg);
    let ini = project.root().join("alembic.ini");
    let text = fs::read_to_string(&ini).expect("it is there");
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("version_locations"));
    let text: Vec<&str> = lines.collect();
    fs::write(ini, text.join("\n") + "\n").expect("the project can be written");
    project.write_own_revision("app1", "CREATE TABLE app1 ()");
    project
}

/// Sets where `sync` finds its release.
fn set_source(project: &Project, source: &str) {
    let path = project.root().join("vendor-migrations.toml");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let others = text.lines().filter(|line| !line.starts_with("from = "));
    let lines: Vec<String> = [format!("from = \"{source}\"")]
        .into_iter()
        .chain(others.map(str::to_owned))
        .collect();
    fs::write(path, lines.join("\n") + "\n").expect("the project can be written");
}

/// `sync` finds no release: what comes after it runs, and fails or does its part.
#[test]
fn after_init() {
    for (options, table, heads) in [
        (
            "",
            "alembic_version",
            &["app1", "procrastinate_03_04_00_50"][..],
        ),
        (
            " --history linear",
            "alembic_version",
            &["procrastinate_03_04_00_50"],
        ),
        (
            " --separate",
            "alembic_version_procrastinate",
            &["procrastinate_03_04_00_50"],
        ),
    ] {
        let project = unwired();
        let printed = project
            .shell(&format!("vendor-migrations init{options}"))
            .exits(0);
        let commands = commands(&printed);
        let [sync, check, upgrade] = commands[..] else {
            panic!("{printed}");
        };
        set_source(&project, "nowhere");
        paste(&project, &[sync, check, upgrade]);
        assert_ne!(project.shell(check).status, Some(0));
        set_source(&project, releases::wheel("3.10.0").as_str());
        paste(&project, &commands).exits(0);
        let rows = format!("SELECT version_num FROM {table} ORDER BY 1");
        assert_eq!(project.database.query(&rows), heads, "{options}");
        project
            .database
            .query("SELECT count(*) FROM procrastinate_jobs");
        project.alembic(&["upgrade", "heads"]).exits(0);
        project.database.query("SELECT count(*) FROM app1");
    }
}

/// The project has no configuration that Alembic would find the revisions by, so `sync` says what is to be run first.
#[test]
fn after_a_first_sync() {
    let project = unwired();
    set_source(&project, releases::wheel("3.10.0").as_str());
    let printed = project.shell("vendor-migrations sync").exits(0);
    let commands = commands(&printed);
    let [init, check, upgrade] = commands[..] else {
        panic!("{printed}");
    };
    let ini = project.root().join("alembic.ini");
    let text = fs::read_to_string(&ini).expect("it is there");
    let broken = text.replace(
        "[alembic]\n",
        "[alembic]\nversion_locations = %(nothing)s\n",
    );
    fs::write(&ini, broken).expect("it can be written");
    paste(&project, &[init, check]);
    assert_ne!(project.shell(upgrade).status, Some(0));
    fs::write(&ini, text).expect("it can be written");
    paste(&project, &commands).exits(0);
    project.assert_at_head();
    assert_eq!(rows(&project), ["app1", "procrastinate_03_04_00_50"]);
}
