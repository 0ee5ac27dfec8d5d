//! What the program writes for itself: the lockfile, and the journal of a run that was interrupted.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use vendor_migrations::digest::Digest;
use vendor_migrations::lockfile::Lock;
use vendor_migrations::vendored::{Exclusive, VendoredError, finish_interrupted, interrupted};

use super::project::Directory;

/// A lock that is read and written says the same. Without its `digest` line a lockfile's contents are taken as such, so that a mutation
/// reaches the checks behind the digest.
pub fn lockfile(input: &[u8]) {
    match Lock::parse(input) {
        Ok(lock) => comes_back(&lock),
        Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
    }
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(lock) = toml::from_str::<Lock>(text)
        && lock.to_text().is_ok()
    {
        comes_back(&lock);
    }
}

fn comes_back(lock: &Lock) {
    let text = lock.to_text().unwrap();
    let again = Lock::parse(text.as_bytes()).unwrap();
    assert_eq!(again, *lock);
    assert_eq!(again.to_text().unwrap(), text);
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(Lock::parse(crlf.as_bytes()).unwrap(), *lock);
}

const JOURNAL: &str = "project/versions/.vendor-migrations-journal";

/// A journal may come with a repository. Whatever it says, nothing outside of the project changes, and no file is lost that it does not name
/// by its digest.
pub fn journal(input: &[u8]) {
    for name in ["manifest.json", "undone.json"] {
        recover(name, input);
    }
}

fn recover(name: &str, manifest: &[u8]) {
    let base = Directory::new();
    base.write("outside.py", "outside");
    base.write("beside/own.py", "beside");
    for (path, text) in [
        ("own/own.py", "own"),
        ("versions/a.py", "a"),
        ("versions/b.py", "b"),
        ("versions/sql/a.sql", "c"),
    ] {
        base.write(&format!("project/{path}"), text);
    }
    for (file, text) in [("0.new", "n0"), ("1.new", "n1"), ("1.old", "o1")] {
        base.write(&format!("{JOURNAL}/{file}"), text);
    }
    base.write(&format!("{JOURNAL}/{name}"), manifest);
    #[cfg(unix)]
    std::os::unix::fs::symlink("../beside", base.path.join("project/link")).unwrap();

    let (root, directory) = (
        base.path.join("project"),
        base.path.join("project/versions"),
    );
    let before = files(&base.path);
    let waits = || Ok::<(), VendoredError>(());
    let guard = Exclusive::of(&root, Duration::ZERO, waits).unwrap();
    let result = finish_interrupted(&guard, &directory, &root);
    let after = files(&base.path);

    let outside = |files: &BTreeMap<Utf8PathBuf, Vec<u8>>| -> Vec<(Utf8PathBuf, Vec<u8>)> {
        let outside = files
            .iter()
            .filter(|(path, _)| !path.starts_with("project"));
        outside
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect()
    };
    assert_eq!(outside(&before), outside(&after));
    let named = serde_json::from_slice::<serde_json::Value>(manifest);
    let named = named.map(|value| value.to_string()).unwrap_or_default();
    for (path, bytes) in before.iter().filter(|(path, _)| !path.starts_with(JOURNAL)) {
        let is_named = named.contains(&Digest::of(bytes).to_string());
        let is_kept = after.values().any(|other| other == bytes);
        assert!(is_named || is_kept, "{path} is lost");
    }
    match result {
        Ok(_) => assert_eq!(interrupted(&directory), None),
        Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
    }
}

/// The files below a directory, without what links lead to.
fn files(top: &Utf8Path) -> BTreeMap<Utf8PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![top.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in directory.read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                waiting.push(entry.into_path());
            } else if kind.is_file() {
                let path = entry.path().strip_prefix(top).unwrap().to_owned();
                found.insert(path, fs_err::read(entry.path()).unwrap());
            }
        }
    }
    found
}
