//! `stamp`: commands on standard output, all else on standard error, and refusals.

use crate::support::project::outcome;
use crate::support::vendored::lock_of;
use crate::support::{Project, put};

#[test]
fn the_command_stands_alone_on_standard_output() {
    let project = Project::of_release("3.10.0");
    let outcome = project.run(&["stamp", "3.3.0"]);
    assert_eq!(
        outcome.exits(0).out,
        "alembic stamp procrastinate_03_03_00_01\n"
    );
    outcome.err_has(&[
        "3.3.0",
        "schema --apply",
        "`alembic upgrade heads` then runs the 2 vendored revisions",
    ]);
    let quiet = project.run(&["-q", "stamp", "3.10.0"]);
    assert_eq!(
        (quiet.out.as_str(), quiet.err.as_str()),
        ("alembic stamp procrastinate_03_04_00_50\n", "")
    );
}

#[cfg(unix)]
#[test]
fn the_users_own_options_are_in_it() {
    let project = Project::of_release("3.10.0");
    let ini = std::fs::read_to_string(project.root.join("alembic.ini")).unwrap();
    put(
        &project.root.join("my conf/a.ini"),
        ini.replace("[alembic]", "[jobs]"),
    );
    let outcome = project.run(&["-c", "my conf/a.ini", "-n", "jobs", "stamp", "3.4.0"]);
    assert_eq!(
        outcome.exits(0).out,
        "alembic -c 'my conf/a.ini' -n jobs stamp procrastinate_03_04_00_50\n"
    );
}

#[test]
fn a_configuration_that_was_found_is_named() {
    let project = Project::of_release("3.10.0");
    let below = project.root.join("conf");
    std::fs::create_dir(&below).unwrap();
    std::fs::rename(project.root.join("alembic.ini"), below.join("alembic.ini")).unwrap();
    let outcome = project.run(&["stamp", "3.4.0"]);
    let command = "alembic -c conf/alembic.ini stamp procrastinate_03_04_00_50\n";
    assert_eq!(outcome.exits(0).out, command, "{outcome}");
    // With its scripts beside it, Alembic is run there.
    std::fs::rename(project.root.join("alembic"), below.join("alembic")).unwrap();
    let outcome = project.run(&["stamp", "3.4.0"]);
    assert_eq!(
        outcome.exits(0).out,
        "(cd conf && alembic stamp procrastinate_03_04_00_50)\n"
    );
}

#[test]
fn from_elsewhere_alembic_is_run_in_the_project() {
    let project = Project::of_release("3.10.0");
    let mut command = project.tool(&["-C", "project", "stamp", "3.4.0"]);
    let outcome = outcome(command.current_dir(project.beside("")));
    assert_eq!(
        outcome.exits(0).out,
        "(cd project && alembic stamp procrastinate_03_04_00_50)\n"
    );
}

#[test]
fn sql_that_the_database_keeps_is_named() {
    let project = Project::of_release("3.10.0");
    let outcome = project.run(&["stamp", "3.0.0", "-q"]);
    outcome.exits(0).err_has(&[
        "03.00.00_01_pre_cancel_notification.sql",
        "diff 3.0.0 3.10.0",
    ]);
    project.run(&["stamp", "3.0.2"]).exits(0);
    assert!(!project.run(&["stamp", "3.0.2"]).err.contains("03.00.00_01"));
}

#[test]
fn what_no_revision_stands_for_is_refused() {
    let project = Project::of_release("3.0.2");
    let outcome = project.run(&["stamp", "3.1.0"]);
    outcome.exits(1).err_has(&[
        "refused:",
        "03.01.00_01_pre_add_heartbeat.sql",
        "help:",
        "sync --release 3.1.0",
    ]);
    assert_eq!(outcome.out, "");
    let outcome = project.run(&["stamp", "0.22.0"]);
    outcome
        .exits(1)
        .err_has(&["00.22.00_01_add_kwargs_to_defer_periodic_job.sql", "0.23.0"]);
    assert_eq!(outcome.out, "");
    Project::new()
        .run(&["stamp", "3.0.2"])
        .exits(1)
        .err_has(&["nothing is vendored", "sync"]);
}

#[test]
fn unknown_releases_name_the_nearest() {
    let project = Project::of_release("3.10.0");
    for (release, nearest) in [
        ("3.0.1", "3.0.0 and 3.0.2"),
        ("3.5.0.1", "3.4.0 and 3.5.1"),
        ("99", "3.10.0"),
        ("0.1", "0.17.0"),
    ] {
        let outcome = project.run(&["stamp", release]);
        outcome.fails(&[release, nearest]);
        assert_eq!(outcome.out, "");
    }
    project.run(&["stamp", "newest"]).exits(2);
    project.run(&["stamp"]).exits(2);
}

#[test]
fn a_linear_history_is_gone_through_run_by_run() {
    let own = |id: &str| match id {
        "procrastinate_00_00_00_01" => Some("app1"),
        "procrastinate_03_01_00_01" => Some("app2"),
        _ => None,
    };
    let project = Project::of_lock(lock_of("3.10.0"), own);
    let outcome = project.run(&["stamp", "3.4.0"]);
    assert_eq!(
        outcome.exits(0).out,
        "alembic upgrade app1 &&\nalembic stamp procrastinate_03_00_00_50 &&\nalembic upgrade app2 &&\n\
         alembic stamp procrastinate_03_04_00_50\n"
    );
    let outcome = project.run(&["stamp", "2.15.1"]);
    assert_eq!(
        outcome.exits(0).out,
        "alembic upgrade app1 &&\nalembic stamp procrastinate_02_14_01_01\n"
    );
    outcome.err_has(&["`alembic upgrade head` then"]);
}

/// Writes a revision of the project's own.
fn own_revision(project: &Project, id: &str, down: &str, depends_on: &str) {
    let text = format!("revision = {id:?}\ndown_revision = {down}\ndepends_on = {depends_on}\n");
    put(
        &project.root.join(format!("alembic/versions/{id}.py")),
        text,
    );
}

/// Where the revision has run, the version table has its row for the vendored ones, too, and a stamp would take it out.
#[test]
fn what_an_own_revision_builds_upon_is_not_stamped() {
    let on = "\"procrastinate_03_00_00_50\"";
    let merge = format!("(\"a1\", {on})");
    let label = "\"procrastinate\"";
    for (down, depends_on, refused, stamped) in [
        (
            "\"a1\"",
            on,
            &["2.15.1", "3.0.2"][..],
            &["3.1.0", "3.10.0"][..],
        ),
        (&merge, "None", &["0.17.0", "3.0.2"], &["3.1.0"]),
        (on, "None", &["3.0.2"], &["3.1.0"]),
        // The label is that of the first revision.
        ("\"a1\"", label, &[], &["0.17.0", "3.0.2"]),
        ("\"a1\"", "None", &[], &["2.15.1", "3.0.2"]),
    ] {
        let project = Project::of_release("3.10.0");
        own_revision(&project, "a1", "None", "None");
        own_revision(&project, "b1", down, depends_on);
        for release in refused {
            let outcome = project.run(&["stamp", release]);
            outcome.exits(1).err_has(&[
                "refused:",
                "`b1`",
                "procrastinate_03_00_00_50",
                "alembic current",
            ]);
            assert_eq!(outcome.out, "", "{outcome}");
        }
        for release in stamped {
            let outcome = project.run(&["stamp", release]);
            assert!(
                outcome
                    .exits(0)
                    .out
                    .starts_with("alembic stamp procrastinate_"),
                "{outcome}"
            );
        }
    }
}

#[test]
fn it_writes_nothing() {
    let project = Project::of_release("3.10.0");
    let before = project.tree();
    project.run(&["stamp", "3.0.0"]).exits(0);
    project.run(&["rollout", "--from", "3.0.0"]).exits(0);
    before.assert_untouched(&project.tree());
}

#[test]
fn own_revisions_that_say_nothing_plain_are_named() {
    let project = Project::of_release("3.10.0");
    let computed = "revision = 'b1'\ndown_revision = None\ndepends_on = compute()\n";
    put(&project.root.join("alembic/versions/b1.py"), computed);
    let outcome = project.run(&["stamp", "3.4.0"]);
    let command = "alembic stamp procrastinate_03_04_00_50\n";
    assert_eq!(outcome.exits(0).out, command);
    outcome.err_has(&["alembic/versions/b1.py", "must not be stamped"]);
}

/// Also one that lies among the vendored ones; also where only the setting says that the history is linear.
#[test]
fn what_depends_on_a_stamped_one_is_found_wherever_it_is() {
    for (directory, settings) in [
        ("alembic/versions_procrastinate", ""),
        ("alembic/versions", "history = \"linear\"\n"),
    ] {
        let project = Project::of_release("3.10.0");
        put(&project.root.join("vendor-migrations.toml"), settings);
        for id in ["b1", "b2"] {
            let text = format!(
                "revision = {id:?}\ndown_revision = None\ndepends_on = 'procrastinate_03_04_00_50'\n"
            );
            put(&project.root.join(format!("{directory}/{id}.py")), text);
        }
        let outcome = project.run(&["stamp", "3.10.0"]);
        outcome
            .exits(1)
            .err_has(&["`b1` (on", "`b2` (on", "alembic current"]);
        assert_eq!(outcome.out, "", "{outcome}");
    }
}

#[test]
fn what_follows_in_a_linear_history_is_named() {
    let project = Project::of_release("3.10.0");
    put(
        &project.root.join("vendor-migrations.toml"),
        "history = \"linear\"\n",
    );
    own_revision(&project, "app1", "\"procrastinate_03_04_00_50\"", "None");
    let outcome = project.run(&["stamp", "3.10.0"]);
    assert_eq!(
        outcome.exits(0).out,
        "alembic stamp procrastinate_03_04_00_50\n"
    );
    outcome.err_has(&["has run none of `app1`"]);
}

#[test]
fn locations_that_are_not_known_are_said() {
    let project = Project::of_release("3.10.0");
    let ini = project.root.join("alembic.ini");
    let text = std::fs::read_to_string(&ini).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("version_locations"));
    let text = lines.collect::<Vec<_>>().join("\n");
    put(
        &ini,
        text.replace(
            "[alembic]",
            "[alembic]\nversion_locations = %(nope)s/versions",
        ),
    );
    let outcome = project.run(&["stamp", "3.10.0"]);
    outcome
        .exits(0)
        .err_has(&["not looked at", "must not be stamped"]);
}
