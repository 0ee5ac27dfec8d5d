//! `releases`, in an empty directory with nothing on the PATH.

use serde_json::Value;

use crate::support::{Outcome, Project};

/// Runs it where there is no project, and holds it to leaving no trace.
#[track_caller]
fn releases(arguments: &[&str]) -> Outcome {
    let project = Project::bare();
    let before = project.tree();
    let outcome = project.run(&[&["releases"], arguments].concat());
    before.assert_untouched(&project.tree());
    assert!(!project.cache().exists());
    outcome.does_not_panic();
    outcome
}

#[test]
fn all_releases_fit_a_screen_and_say_what_each_changed() {
    let outcome = releases(&[]);
    outcome.exits(0).out_has(&[
        "0.17.0            13 migrations; the catalogue begins here\n",
        "\n0.24.0            Renamed  00.23.00_01_null_locks_excluded.sql\n",
        "  it was 00.19.00_02_null_locks_excluded.sql\n",
        "  it runs after 00.22.00_01_add_kwargs_to_defer_periodic_job.sql\n",
        "\n0.24.1 to 0.29.1  no change in 9 releases\n0.30.0            Yanked   withdrawn from the package index\n",
        "\n2.15.0            Added    02.14.01_01_add_indexes_for_fetch_job.sql\n",
        "\n3.0.2             Changed  03.00.00_01_pre_cancel_notification.sql\n",
        "\n3.5.2             Changed  03.04.00_50_post_add_retry_failed_job_procedure.sql\n",
    ]);
    outcome.err_has(&["releases, 0.17.0 to "]);
    assert!(outcome.out.lines().count() < 60, "{outcome}");
    assert_eq!(releases(&["-q"]).err, "");
}

#[test]
fn named_releases_are_shown_alone_and_whole() {
    let one = releases(&["3.5.2"]);
    let line = "3.5.2  Changed  03.04.00_50_post_add_retry_failed_job_procedure.sql\n";
    assert_eq!((one.exits(0).out.as_str(), one.err.as_str()), (line, ""));
    let same = releases(&["3.6"]);
    assert_eq!(same.exits(0).out, "3.6.0  no change\n");
    let first = releases(&["0.17.0"]);
    assert_eq!(first.exits(0).out.matches("Added").count(), 13, "{first}");
    // In the order of releases, whatever the order of the arguments.
    let two = releases(&["3.5.2", "3.0.2", "3.5.2"]);
    assert!(two.exits(0).out.starts_with("3.0.2  Changed"), "{two}");
    assert_eq!(two.out.lines().count(), 2, "{two}");
}

#[test]
fn a_part_of_the_list_lies_between_two_bounds() {
    let part = releases(&["--from", "2.14", "--to", "3.0.1"]);
    let shown: Vec<&str> = part.exits(0).out.lines().collect();
    assert!(shown[0].starts_with("2.14.0 to 2.14.1"), "{part}");
    assert!(
        shown[shown.len() - 1].contains("03.00.00_50_post"),
        "{part}"
    );
    releases(&["--from", "3.10.0", "--to", "3.10"])
        .exits(0)
        .out_has(&["3.10.0"]);
    for bounds in [
        &["--from", "999"][..],
        &["--to", "0.1"],
        &["--from", "3.1", "--to", "3.0"],
    ] {
        releases(bounds).fails(&["the catalogue has no release", "vendor-migrations releases"]);
    }
}

#[test]
fn a_release_that_is_unknown_names_the_nearest_ones() {
    for (release, why, nearest) in [
        ("3.0.1", "never published", "3.0.0 and 3.0.2"),
        ("3.5.0.1", "never published", "3.4.0 and 3.5.1"),
        ("3.5.0.1", "never published", "3.4.0 and 3.5.1"),
        ("2.0.0b9", "pre-release", "1.1.2 and 2.0.0"),
        ("3.5.2.dev1", "pre-release", "3.5.1 and 3.5.2"),
        ("3.5.2+mine", "local build", "3.5.2 and 3.5.3"),
        (
            "0.16.0",
            "begins with 0.17.0",
            "oldest known release is 0.17.0",
        ),
        ("999.0", "newer than", "upgrade vendor-migrations"),
    ] {
        releases(&[release]).fails(&[release, why, nearest]);
        releases(&["3.5.2", release]).fails(&[release, why, nearest]);
    }
    for text in ["latest", "3.x", "", "../3.0"] {
        releases(&[text]).exits(2).err_has(&["error:"]);
    }
    releases(&["3.5.2", "--from", "3.0"])
        .exits(2)
        .err_has(&["cannot be used with"]);
}

#[test]
fn json_holds_every_fact() {
    let outcome = releases(&["--format", "json"]);
    let report: Value = serde_json::from_str(&outcome.exits(0).out).unwrap();
    assert_eq!(
        (&report["version"], &report["command"]),
        (&1.into(), &"releases".into())
    );
    let all = report["releases"].as_array().unwrap();
    let find = |name: &str| all.iter().find(|one| one["release"] == name).unwrap();
    assert_eq!(all.len(), vendor_migrations::catalog::history().len());
    let changed = &find("3.5.2")["changes"];
    assert_eq!(changed.as_array().unwrap().len(), 1);
    assert_eq!(changed[0]["change"], "changed");
    assert_ne!(changed[0]["sha256"], changed[0]["old_sha256"]);
    let renamed = &find("0.24.0")["changes"];
    assert_eq!(
        renamed[0]["old_name"],
        "00.19.00_02_null_locks_excluded.sql"
    );
    assert_eq!(renamed[1]["change"], "moved");
    assert_eq!(
        renamed[1]["behind"],
        "00.22.00_01_add_kwargs_to_defer_periodic_job.sql"
    );
    let release = find("3.4.0");
    assert_eq!(release["layout"], "sql");
    assert_eq!(
        release["wheel"]["name"],
        "procrastinate-3.4.0-py3-none-any.whl"
    );
    assert!(release["sdist"]["size"].as_u64().unwrap() > 1000);
    let last = &release["migrations"].as_array().unwrap()[37];
    assert_eq!(
        (&last["phase"], &last["first"]),
        (&"post".into(), &"3.4.0".into())
    );
    assert_eq!(last["sha256"].as_str().unwrap().len(), 64);
    assert!(last["size"].as_u64().unwrap() > 100);
}
