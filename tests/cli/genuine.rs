//! Packages with the number of a published release and other migrations. Their RECORD agrees with them, so only the
//! catalogue tells.

use crate::support::package::{CONTRIB, SQL};
use crate::support::releases::{FIRST, FIRST_SQL, Wrapping, three_as, three_migrations};
use crate::support::{Package, Project, wheel};

const INITIAL: &str = "00.00.00_01_initial.sql";
const MISSING: &str = "00.05.00_01_drop_started_at_column.sql";
/// Nothing but these words is to be believed of it.
const EVIDENCE: &str = "compared with the catalogue of releases";

/// Release 3.5.2, as somebody else would have it: one migration edited, one added, all others gone.
fn forged() -> Package {
    Package::posing_as("3.5.2")
        .sql(INITIAL, FIRST_SQL)
        .sql(FIRST, FIRST_SQL)
}

fn faults() -> [String; 3] {
    [
        format!("{SQL}{INITIAL}: its contents were changed ({EVIDENCE})"),
        format!("{SQL}{MISSING}: it is missing ({EVIDENCE})"),
        format!("{SQL}{FIRST}: it is not part of the release ({EVIDENCE})"),
    ]
}

#[test]
fn sync_refuses_a_forged_release_and_names_every_file() {
    let faults = faults();
    let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
    let project = Project::new();
    let site = project.install(&forged());
    project.sync_fails(&site, &faults);
    let path = wheel::save(&wheel::bytes(&forged()), &project.beside("wheels"));
    project.sync_fails(&path, &faults);
    let before = project.tree();
    project.sync(&forged(), &["--force"]).fails(&faults);
    before.assert_untouched(&project.tree());
}

#[cfg(unix)]
#[test]
fn an_editable_installation_and_a_source_tree_are_held_against_the_catalogue_too() {
    let project = Project::new();
    let source = project.beside("checkout");
    let url = format!("{{\"url\": \"file://{source}\", \"dir_info\": {{\"editable\": true}}}}");
    let site = project.beside("site");
    forged().install_editable(&site, &source, &url);
    project.sync_fails(&site, &[EVIDENCE, INITIAL]);
    project.sync_fails(&project.install(&forged().without_record()), &[EVIDENCE]);
}

#[test]
fn check_reports_each_file_and_says_what_it_was_compared_with() {
    let project = Project::with(&three_as("91.1.0"));
    let outcome = project.check(&forged(), &[]);
    outcome.exits(1).out_has(&[
        "error[modified-source] 39 findings",
        "\n  procrastinate/sql/migrations/00.00.00_01_initial.sql\n",
        "`-v` shows each",
    ]);
    let outcome = project.check(&forged(), &["-v"]);
    outcome.exits(1).out_has(&[
        "error[modified-source] procrastinate/sql/migrations/00.00.00_01_initial.sql",
        "does not match the catalogue of releases: its contents were changed",
        "does not match the catalogue of releases: it is not part of the release",
    ]);
    outcome.out_lacks(&["its RECORD", "migration-missing"]);
    // A file that was not recorded either differs from both.
    let patched = forged().sealed().sql(FIRST, "SELECT 1;\n");
    let both = "does not match its RECORD and the catalogue of releases: its contents were changed";
    project.check(&patched, &["-v"]).exits(1).out_has(&[both]);
}

#[test]
fn allow_modified_source_takes_it_and_says_so() {
    let project = Project::new();
    let allow = ["--allow-modified-source"];
    project.sync(&forged(), &allow).exits(0).err_has(&[
        "warning:",
        INITIAL,
        "its contents were changed",
    ]);
    let outcome = project.check(&forged(), &allow);
    outcome.exits(0).out_has(&["warning[modified-source]"]);
}

#[test]
fn an_unknown_release_is_said_to_be_unknown_once() {
    for (release, why) in [
        ("91.1.0", "newer than"),
        ("3.0.1", "never published"),
        ("3.5.0.1", "never published"),
        ("4.0.0rc1", "pre-release"),
        ("3.5.2+mine", "local build"),
    ] {
        let (project, package) = (Project::new(), three_as(release));
        for command in ["sync", "check", "status", "diff"] {
            let outcome = project.against(&package, command, &[]);
            let notes = outcome
                .err
                .lines()
                .filter(|line| line.contains("catalogue"));
            let notes: Vec<&str> = notes.collect();
            assert_eq!(notes.len(), 1, "{command} {release}: {outcome}");
            assert!(notes[0].contains(why), "{command} {release}: {outcome}");
        }
    }
}

#[test]
fn revision_files_that_a_release_never_had_are_not_vouched_for() {
    let package = Wrapping::Call.add_to(Package::posing_as("3.5.2"), &three_migrations());
    let outcome = Project::new().sync(&package, &["--allow-modified-source"]);
    outcome.exits(0).err_has(&[
        "3.5.2 was published without revision files",
        "only its SQL was compared with the catalogue",
    ]);
    outcome.err_lacks(&[CONTRIB]);
}
