//! The catalogue of releases, `procrastinate-versions/`, against the package index that it was made from.

use std::collections::BTreeMap;

use camino::Utf8Path;
use fs_err as fs;
use vendor_migrations::catalog::facts::Facts;

use crate::support::database::{Database, Major};
use crate::support::process::{Outcome, run, scrub};
use crate::support::{python, storage};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// Runs the documented command on a directory.
fn catalogue(directory: &Utf8Path) -> Outcome {
    catalogue_with(directory, &[])
}

/// The same, asking servers what migrations do.
fn catalogue_with(directory: &Utf8Path, servers: &[&Database]) -> Outcome {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
    let programs = servers.iter().map(|server| server.programs().as_str());
    let uv = python::bin();
    let path = [uv.as_str()].into_iter().chain(programs);
    let urls = servers.iter().map(|server| server.libpq_url());
    run(scrub(&mut command)
        .env("PATH", path.collect::<Vec<_>>().join(":"))
        .arg("catalogue")
        .arg(directory)
        .args(["0.18.0", "0.18.1", "0.30.0", "3.5.0"])
        .args(urls.flat_map(|url| ["--objects".to_owned(), url])))
}

/// Every file of a catalogue, by name.
fn files(directory: &Utf8Path) -> BTreeMap<String, String> {
    let entries = directory
        .read_dir_utf8()
        .expect("the directory can be read");
    entries
        .map(|entry| entry.expect("the directory can be read").into_path())
        .filter(|path| path.extension() == Some("toml"))
        .map(|path| {
            let name = path.file_name().expect("a file has a name").to_owned();
            (
                name,
                fs::read_to_string(&path).expect("the file can be read"),
            )
        })
        .collect()
}

fn embedded() -> BTreeMap<String, String> {
    files(&Utf8Path::new(REPOSITORY).join("procrastinate-versions"))
}

fn write_all(directory: &Utf8Path, files: &BTreeMap<String, String>) {
    for (name, text) in files {
        fs::write(directory.join(name), text).expect("the directory can be written");
    }
}

/// The world moves on: what is newer than the catalogue is told, and fails nothing.
#[expect(clippy::print_stdout, reason = "whoever runs the tests is told")]
fn without_newer(mut files: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let newest = vendor_migrations::catalog::newest().expect("the catalogue holds releases");
    let mut objects = files.remove("objects.toml");
    files.retain(|name, text| {
        let facts = Facts::parse(text).expect("the command wrote it");
        let newer = facts.release > newest.version();
        if newer {
            println!("{name} is new in the index; CONTRIBUTING.md says how to add it");
            // It has what its migrations do, too.
            let known = embedded().remove("objects.toml");
            objects = known;
        }
        !newer
    });
    files.extend(objects.map(|text| ("objects.toml".to_owned(), text)));
    files
}

/// Every release, from the index's own artifacts: what the index lists is what the catalogue holds, byte for byte. What
/// migrations do is asked of PostgreSQL 16 and 18, which have to agree.
#[test]
fn an_empty_directory_becomes_the_catalogue_again() {
    let directory = storage::temporary();
    let directory = storage::path(&directory);
    let servers = [Major::Eighteen, Major::Sixteen].map(Database::on);
    catalogue_with(directory, &servers.each_ref())
        .exits(0)
        .says("0 as the index has them");
    let (built, embedded) = (without_newer(files(directory)), embedded());
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&built), names(&embedded));
    for (name, text) in &built {
        assert_eq!(text, &embedded[name], "{name}");
    }

    // Again, with the newest one gone: only that is written.
    let newest = vendor_migrations::catalog::newest().expect("the catalogue holds releases");
    let newest = format!("{}.toml", newest.name);
    fs::remove_file(directory.join(&newest)).expect("the file was written");
    let before = modified(directory);
    catalogue(directory).exits(0).says("1 added");
    let after = modified(directory);
    assert_eq!(without_newer(files(directory)), embedded);
    for (name, time) in before {
        assert_eq!(after[&name], time, "{name} was written again");
    }
}

fn modified(directory: &Utf8Path) -> BTreeMap<String, std::time::SystemTime> {
    let time = |name: &String| {
        let metadata = fs::metadata(directory.join(name)).expect("the file is there");
        metadata.modified().expect("the system keeps times")
    };
    files(directory)
        .into_keys()
        .map(|name| {
            let time = time(&name);
            (name, time)
        })
        .collect()
}

/// Facts that the index contradicts are refused, although their digest line is right, and nothing is written.
#[test]
fn a_known_release_is_never_rewritten() {
    let mut files = embedded();
    let mut facts = Facts::parse(&files["3.5.2.toml"]).expect("the catalogue is valid");
    facts.wheel.size += 1;
    files.insert(
        "3.5.2.toml".to_owned(),
        facts.to_text().expect("it can be written"),
    );
    let newest = files.remove("3.10.0.toml");
    assert!(newest.is_some());
    let directory = storage::temporary();
    let directory = storage::path(&directory);
    write_all(directory, &files);
    catalogue(directory)
        .exits(1)
        .says("3.5.2.toml: the index has another wheel")
        .says("nothing was written");
    assert_eq!(self::files(directory), files);
}

#[test]
fn a_tampered_catalogue_is_refused_before_anything_is_fetched() {
    let mut files = embedded();
    let text = files["3.5.2.toml"].replacen("size = ", "size = 1", 1);
    files.insert("3.5.2.toml".to_owned(), text);
    let directory = storage::temporary();
    let directory = storage::path(&directory);
    write_all(directory, &files);
    catalogue(directory)
        .exits(2)
        .says("3.5.2.toml, line 3: the facts below are not those that this digest was made of");
    assert_eq!(self::files(directory), files);
}
