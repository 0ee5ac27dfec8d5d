use super::*;
use crate::python_source;
use crate::sql::path_of;

/// An empty list is one that is only known when it runs.
fn path(list: &str) -> SearchPath {
    path_of(list).unwrap_or(SearchPath::open())
}

fn sign(file: &str, schema: &str) -> Sign {
    Sign {
        place: Place::new(file).at(1),
        text: "the line".to_owned(),
        path: path(schema),
        local: false,
    }
}

fn seen(alembic: &[&str], workers: &[&str], configured_url: bool) -> Seen {
    Seen {
        alembic: alembic
            .iter()
            .map(|schema| sign("env.py", schema))
            .collect(),
        configured_url,
        workers: workers
            .iter()
            .map(|schema| sign("worker.py", schema))
            .collect(),
        revisions: Vec::new(),
        mode: Mode::Render,
        leaves_transaction: true,
    }
}

/// The path and the severity of each finding.
fn found(seen: &Seen) -> Vec<(String, Severity)> {
    assert_eq!(schema(seen, true), [], "the setting pins it");
    let found = schema(seen, false).into_iter();
    found
        .map(|finding| (finding.place.path, finding.severity))
        .collect()
}

use Severity::{Error, Warning};

#[test]
fn the_two_connections_have_to_agree() {
    for (alembic, workers, configured_url, expected) in [
        (&[][..], &[][..], true, None),
        (&[], &[], false, None),
        // Only Alembic's is seen.
        (&["jobs"], &[], true, Some(("env.py", Warning))),
        (&[""], &[], false, Some(("env.py", Warning))),
        // They agree, as far as files tell.
        (&["jobs"], &["jobs"], true, None),
        (&["jobs", "jobs"], &["jobs", "jobs"], false, None),
        (&["jobs"], &[""], true, None),
        (&[""], &[""], true, None),
        // They differ.
        (&["jobs"], &["other"], true, Some(("worker.py", Error))),
        (&[], &["jobs"], true, Some(("worker.py", Error))),
        (&["other,jobs"], &["jobs"], true, Some(("worker.py", Error))),
        // Workers find what is in any schema of their path.
        (&[], &["jobs,public"], true, None),
        (&[], &["jobs,public"], false, None),
        (&[], &["{schema},public"], true, None),
        (&["jobs"], &["other,jobs"], true, None),
        // They may differ.
        (&[], &["jobs"], false, Some(("worker.py", Warning))),
        (&[], &[""], true, Some(("worker.py", Warning))),
        (&[], &[""], false, Some(("worker.py", Warning))),
        (&[""], &["jobs"], true, Some(("worker.py", Warning))),
        (
            &["one", "two"],
            &["one"],
            true,
            Some(("worker.py", Warning)),
        ),
    ] {
        let expected: Vec<_> = expected
            .map(|(path, severity)| (path.to_owned(), severity))
            .into_iter()
            .collect();
        assert_eq!(
            found(&seen(alembic, workers, configured_url)),
            expected,
            "{alembic:?} {workers:?} {configured_url}"
        );
    }
}

#[test]
fn a_local_path_does_not_outlive_the_transaction() {
    let mut env = seen(&["jobs"], &["jobs"], true);
    env.alembic[0].local = true;
    assert_eq!(found(&env), [("env.py".to_owned(), Error)]);
    env.leaves_transaction = false;
    assert_eq!(found(&env), []);
    let mut open = seen(&[""], &[], true);
    open.alembic[0].local = true;
    assert_eq!(found(&open), [("env.py".to_owned(), Warning)]);
}

#[test]
fn a_revision_that_sets_its_own_path_says_where_the_objects_are() {
    let place = python_source::Place {
        line: 3,
        text: "the line".to_owned(),
    };
    let sets = |list: &str| {
        InRevision::Sets(crate::alembic::search_path::PathSign {
            place: place.clone(),
            path: path(list),
            local: false,
        })
    };
    let names = || InRevision::Names(place.clone(), "jobs".to_owned());
    for (alembic, revision, expected) in [
        (&[][..], sets("jobs"), Some(Error)),
        (&["jobs"], sets("jobs"), None),
        (&["other"], sets("jobs"), Some(Error)),
        (&[""], sets("jobs"), None),
        (&[], sets(""), Some(Warning)),
        (&[""], sets(""), None),
        (&[], names(), Some(Warning)),
        (&["jobs"], names(), None),
    ] {
        let mut seen = seen(alembic, &[], true);
        seen.revisions.push(("own.py".into(), revision.clone()));
        let of_revision = found(&seen).into_iter().find(|(path, _)| path == "own.py");
        assert_eq!(
            of_revision.map(|(_, severity)| severity),
            expected,
            "{alembic:?} {revision:?}"
        );
    }
}

/// One mends all of a file's.
#[test]
fn the_gravest_of_a_file_is_said() {
    let mut twice = seen(&["jobs", "jobs"], &[], true);
    twice.alembic[1].local = true;
    twice.alembic[1].place = Place::new("env.py").at(9);
    let findings = schema(&twice, false);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].severity, Error);
}

#[test]
fn the_remedy_is_one_that_the_mode_has() {
    for (mode, has, lacks) in [
        (
            Mode::Render,
            "`schema = \"jobs\"` in the settings",
            "--mode render",
        ),
        (Mode::Copy, "--mode render", "nothing"),
        (Mode::InPlace, "the same search path", "schema ="),
    ] {
        let mut seen = seen(&["jobs"], &[], true);
        seen.mode = mode;
        let remedy = schema(&seen, false)[0].remedy.as_ref().unwrap().to_string();
        assert!(remedy.contains(has) && !remedy.contains(lacks), "{remedy}");
    }
}
