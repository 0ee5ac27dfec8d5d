//! Catalogues that were tampered with.

use std::collections::BTreeMap;

use super::{FileFault, read_all};
use crate::catalog::facts::{ArtifactFacts, Facts, MigrationFacts, RevisionFacts};
use crate::digest::Digest;
use crate::procrastinate::Layout;
use crate::procrastinate::{MigrationName, Phase};

const NAMES: [&str; 3] = [
    "01.00.00_01_initial.sql",
    "01.01.00_01_pre_add.sql",
    "01.01.00_50_post_drop.sql",
];

/// Release `release` with these migrations; their bytes are their names.
fn facts(release: &str, names: &[&str], first: &str) -> Facts {
    let artifact = |name: String| ArtifactFacts {
        sha256: Digest::of(&name),
        size: 7,
        name,
    };
    Facts {
        yanked: false,
        release: release.parse().unwrap(),
        layout: Layout::Sql,
        wheel: artifact(format!("procrastinate-{release}-py3-none-any.whl")),
        sdist: Some(artifact(format!("procrastinate-{release}.tar.gz"))),
        migrations: names
            .iter()
            .map(|name| MigrationFacts {
                name: MigrationName::new(*name).unwrap(),
                size: 3,
                sha256: Digest::of(name),
                phase: MigrationName::new(*name).unwrap().phase(),
                first: first.parse().unwrap(),
            })
            .collect(),
        revisions: Vec::new(),
    }
}

fn text(facts: &Facts) -> String {
    facts.to_text().unwrap()
}

/// One release in a file of its own; the first fault in it.
fn fault(text: &str) -> String {
    fault_in("1.1.0.toml", text)
}

fn fault_in(file: &str, text: &str) -> String {
    let files = BTreeMap::from([(file.to_owned(), text.to_owned())]);
    let FileFault { file: named, fault } = read_all(&files).unwrap_err().remove(0);
    assert_eq!(named, file);
    fault.to_string()
}

#[test]
fn facts_round_trip_and_are_sorted_by_release() {
    let old = facts("1.2.0", &NAMES[..1], "1.2.0");
    let mut new = facts("1.10.0", &NAMES, "1.10.0");
    new.migrations[0].first = "1.2.0".parse().unwrap();
    new.sdist = None;
    let files = [&old, &new].map(|facts| (facts.file_name(), text(facts)));
    assert_eq!(read_all(&BTreeMap::from(files)), Ok(vec![old, new]));
}

#[test]
fn no_byte_of_a_file_can_be_changed_or_left_out() {
    let text = text(&facts("1.1.0", &NAMES, "1.1.0"));
    for at in 0..text.len() {
        let mut other = text.clone().into_bytes();
        other[at] = if other[at] == b'x' { b'y' } else { b'x' };
        let fault = fault(&String::from_utf8(other).unwrap());
        assert!(fault.starts_with("line "), "{fault}");
        if at > 0 {
            assert!(fault_in("1.1.0.toml", &text[..at]).starts_with("line "));
        }
    }
}

#[test]
fn a_changed_digest_or_size_is_found_by_the_digest_line() {
    let text = text(&facts("1.1.0", &NAMES, "1.1.0"));
    let sha256 = Digest::of(NAMES[1]).to_string();
    for (old, new) in [
        (sha256.as_str(), Digest::of("other").to_string().as_str()),
        ("size = 3\n", "size = 4\n"),
        ("size = 7\n", "size = 8\n"),
    ] {
        let fault = fault(&text.replacen(old, new, 1));
        assert_eq!(
            fault,
            "line 3: the facts below are not those that this digest was made of"
        );
    }
}

#[test]
fn what_a_formatter_or_a_merge_does_is_found_and_named_by_line() {
    let text = text(&facts("1.1.0", &NAMES, "1.1.0"));
    assert!(fault(&text.replace("size = 3", "size = 3 ")).starts_with("line 20: this line"));
    assert!(fault(&text.replace('\n', "\r\n")).starts_with("line "));
    assert!(fault(&format!("{text}# more\n")).starts_with("line 38: this line"));
    assert!(
        fault(&text.replacen("# @generated", "# generated", 1)).starts_with("line 1: this line")
    );
    assert!(fault(&format!("{text}<<<<<<< HEAD\n")).starts_with("line 38: "));
    assert!(fault("").starts_with("line 1: "));
}

#[test]
fn unknown_keys_and_formats_are_refused() {
    let text = text(&facts("1.1.0", &NAMES, "1.1.0"));
    let more = fault(&text.replacen("layout =", "colour = \"red\"\nlayout =", 1));
    assert!(more.starts_with("line 6: unknown field `colour`"), "{more}");
    let head = fault(&text.replacen("digest =", "colour = 1\ndigest =", 1));
    assert!(head.starts_with("line 3: unknown field `colour`"), "{head}");
    let newer = fault(&text.replacen("version = 1", "version = 2", 1));
    assert_eq!(
        newer,
        "line 2: the format is version 2; this program knows version 1"
    );
}

/// Facts that cannot be true, under a digest line that agrees with them.
#[test]
fn facts_that_cannot_be_true_are_refused() {
    type Damage = fn(&mut Facts);
    let damages: [(&str, Damage); 12] = [
        (
            "line 33: `01.01.00_50_post_drop.sql` is of the phase `post`",
            |f| {
                f.migrations[2].phase = Phase::Pre;
            },
        ),
        (
            "`01.00.00_01_initial.sql` is not in the order of names",
            |f| f.migrations.swap(0, 1),
        ),
        ("`01.00.00_01_initial.sql` is in it twice", |f| {
            f.migrations[1].name = f.migrations[0].name.clone();
        }),
        ("`x.txt` is not a `.sql` file", |f| {
            f.migrations[2].name = MigrationName::new("x.txt").unwrap();
        }),
        ("line 19: `first` is 1.0.0, which is missing", |f| {
            f.migrations[0].first = "1.0.0".parse().unwrap();
        }),
        ("the layout `alembic` has `[[revision]]` tables", |f| {
            f.layout = Layout::Alembic
        }),
        ("line 5: 1.1.0rc1 is not a final release", |f| {
            f.release = "1.1.0rc1".parse().unwrap()
        }),
        ("line 5: 1.1.0+x is not a final release", |f| {
            f.release = "1.1.0+x".parse().unwrap()
        }),
        ("this is not a wheel of 1.1.0", |f| {
            f.wheel.name = "procrastinate-1.1.tar.gz".to_owned()
        }),
        ("this is not a source distribution of 1.1.0", |f| {
            f.sdist.as_mut().unwrap().name = "procrastinate-1.1.1.tar.gz".to_owned();
        }),
        ("no `[[migration]]` follows", |f| f.migrations.clear()),
        (
            "these are the facts of 1.1.1, so the file's name is wrong",
            |f| {
                *f = facts("1.1.1", &NAMES, "1.1.1");
            },
        ),
    ];
    for (words, damage) in damages {
        let mut facts = facts("1.1.0", &NAMES, "1.1.0");
        damage(&mut facts);
        let fault = fault(&text(&facts));
        assert!(fault.contains(words), "{fault} lacks {words}");
    }
}

#[test]
fn first_has_to_agree_across_the_files() {
    let old = facts("1.0.0", &NAMES[..1], "1.0.0");
    let new = facts("1.1.0", &NAMES, "1.1.0");
    let files = [&old, &new].map(|facts| (facts.file_name(), text(facts)));
    let faults = read_all(&BTreeMap::from(files)).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!(
        (
            faults[0].file.as_str(),
            faults[0].fault.to_string().as_str()
        ),
        (
            "1.1.0.toml",
            "line 19: `first` is 1.1.0, and 1.0.0 shipped these bytes first"
        )
    );
}

#[test]
fn revision_files_are_recorded_in_the_layout_alembic() {
    let mut facts = facts("1.1.0", &["b.sql", "a.sql"], "1.1.0");
    facts.layout = Layout::Alembic;
    facts.revisions = vec![RevisionFacts {
        path: "procrastinate/alembic/versions/0001.py".to_owned(),
        size: 1,
        sha256: Digest::of("0001"),
        first: facts.release.clone(),
    }];
    let whole = text(&facts);
    assert_eq!(Facts::parse(&whole), Ok(facts.clone()));
    facts.revisions[0].path = "../x.py".to_owned();
    assert!(fault(&text(&facts)).contains("is not a file of Procrastinate's"));
    facts.revisions.clear();
    assert!(fault(&text(&facts)).contains("`[[revision]]`"));
}
