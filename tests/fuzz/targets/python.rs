//! Python files of a project and of a package: revisions and `env.py`.

use camino::Utf8Path;
use vendor_migrations::alembic::env_file::EnvFile;
use vendor_migrations::alembic::graph::Node;
use vendor_migrations::alembic::search_path;
use vendor_migrations::fuzzing::{Edit, OwnRevision, edited};
use vendor_migrations::python_source::{Header, Place, RevisionFile, leaves_transaction};

use super::has_line;

const DEPENDS_ON: [&str; 1] = ["fuzz_0"];

/// A revision file with another header is a revision file, and says what it was given. With its own header it keeps its bytes.
pub fn revision(input: &[u8]) {
    let node = Node::read("versions/0123.py".into(), input);
    let Ok(source) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(node) = node {
        let lines = node.lines;
        for line in [lines.id, lines.down, lines.depends_on, lines.labels] {
            assert!(has_line(source, line), "line {line}");
        }
    }
    let _ = (leaves_transaction(source), search_path::in_revision(source));
    let Ok(file) = RevisionFile::parse(source) else {
        return;
    };
    let _ = file.without_docstring(source);
    if file.down.len() < 2 {
        let own = Header {
            id: &file.id,
            down: file.down.first().map(String::as_str),
            depends_on: &file.depends_on,
            labels: true,
        };
        assert_eq!(file.at(source, &own).as_deref(), Some(source));
    }
    let depends_on = DEPENDS_ON.map(str::to_owned);
    for labels in [true, false] {
        let header = Header {
            id: "fuzz_2",
            down: Some("fuzz_1"),
            depends_on: &depends_on,
            labels,
        };
        if let Some(text) = file.at(source, &header) {
            says(&text, &header, &file);
        }
    }
}

fn says(text: &str, header: &Header<'_>, before: &RevisionFile) {
    let file = RevisionFile::parse(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    assert_eq!(file.id, header.id);
    assert_eq!(file.down.first().map(String::as_str), header.down);
    assert_eq!(file.depends_on, header.depends_on);
    match header.labels {
        true => assert_eq!(file.labels, before.labels),
        false => assert_eq!(file.labels, Vec::<String>::new()),
    }
    assert_eq!(file.sql, before.sql);
}

/// A revision of the project's own without what makes Procrastinate's objects has nothing left to be taken out.
pub fn own_revision(input: &[u8]) {
    let Ok(source) = std::str::from_utf8(input) else {
        return;
    };
    let path = Utf8Path::new("alembic/versions/0123.py");
    let files = |path: &Utf8Path| {
        (path == "tables.sql").then(|| "CREATE TABLE procrastinate_jobs (id int);".to_owned())
    };
    let Ok(own) = OwnRevision::read(source, path, &files) else {
        return;
    };
    for sign in own.signs() {
        assert!(has_line(source, sign.line), "line {}", sign.line);
    }
    for unclear in &own.unclear {
        assert!(has_line(source, unclear.line), "line {}", unclear.line);
    }
    let depends_on = DEPENDS_ON.map(str::to_owned);
    let header = Header {
        id: "fuzz_2",
        down: Some("fuzz_1"),
        depends_on: &depends_on,
        labels: true,
    };
    let edit = |source: &str| -> Option<String> {
        let own = OwnRevision::read(source, path, &files).ok()?;
        let edit = Edit {
            source,
            path,
            files: &files,
            own: &own,
            pinned: false,
        };
        edited(&edit, &header).ok()
    };
    if let Some(text) = edit(source) {
        assert_eq!(edit(&text), Some(text));
    }
}

/// Each fact of an `env.py` stands on a line that the file has.
pub fn env_file(input: &[u8]) {
    let Ok(source) = std::str::from_utf8(input) else {
        return;
    };
    let env = match EnvFile::parse(source) {
        Ok(env) => env,
        Err(error) => {
            assert!(has_line(source, error.line), "line {}", error.line);
            return;
        }
    };
    let one = [&env.asynchronous, &env.run_arguments, &env.translates];
    let unclear = env
        .unclear
        .iter()
        .filter_map(|unclear| unclear.place.as_ref());
    let places = one.into_iter().flatten().chain(unclear);
    let places = places.chain(env.lost.iter().map(|(_, place)| place));
    let places = places.chain(env.search_paths.iter().map(|sign| &sign.place));
    places.for_each(|place| stands_in(source, place));
    let _ = env.version_table();
}

fn stands_in(source: &str, place: &Place) {
    assert!(has_line(source, place.line), "line {}", place.line);
    assert!(source.contains(&place.text), "{}", place.text);
}
