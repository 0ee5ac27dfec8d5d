use camino::Utf8Path;

use super::super::{search, search_around};
use super::ALL;

/// Files, as path and text, in a new directory.
fn project(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = directory.path().join(path);
        std::fs::DirBuilder::new()
            .recursive(true)
            .create(path.parent().unwrap())
            .unwrap();
        let mut file = fs_err::File::create(path).unwrap();
        std::io::Write::write_all(&mut file, text).unwrap();
    }
    directory
}

#[test]
fn a_project_is_searched() {
    let call: &[u8] = b"alembic upgrade head\n";
    let large = vec![b'#'; (1 << 20) + 1];
    let directory = project(&[
        ("Makefile", b"db:\n\talembic upgrade head\n\xff\xfe\n"),
        (".github/workflows/ci.yml", b"- run: alembic upgrade head\n"),
        ("bin/start", b"#!/bin/sh\nalembic upgrade head\n"),
        ("bin/data", b"\x00\x01alembic upgrade head\n"),
        ("a/large.sh", &large),
        (".venv/x.sh", call),
        ("env/pyvenv.cfg", b""),
        ("env/x.sh", call),
        (".tox/x.sh", call),
        ("web/node_modules/p/x.sh", call),
        ("lib/site-packages/x.sh", call),
        ("README.md", call),
    ]);
    #[cfg(unix)]
    {
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(to, directory.path().join(name)).unwrap();
        };
        link("bin", "linked");
        link("Makefile", "other.mk");
    }
    let root = Utf8Path::from_path(directory.path()).unwrap();
    let found = search(root, ALL, |_| None);
    let files: Vec<(&str, usize)> = found
        .found
        .iter()
        .map(|found| (found.file.as_str(), found.call.line))
        .collect();
    assert_eq!(
        files,
        [
            (".github/workflows/ci.yml", 1),
            ("Makefile", 2),
            ("bin/start", 2)
        ]
    );
    assert_eq!(found.found[1].text, "alembic upgrade head");
    let passed: Vec<&str> = found
        .passed_over
        .iter()
        .map(|passed| passed.path.as_str())
        .collect();
    let expected: &[&str] = if cfg!(unix) {
        &["a/large.sh", "other.mk"]
    } else {
        &["a/large.sh"]
    };
    assert_eq!(passed, expected);
}

#[test]
fn around_a_project_what_others_vendored_is_not_searched() {
    let call: &[u8] = b"alembic upgrade head\n";
    let directory = project(&[
        ("own/start.sh", call),
        ("deploy.sh", call),
        (
            "a/vendored/vendor-migrations.lock",
            b"[upstream]\nmode = \"render\"\n",
        ),
        ("a/vendored/run.sh", call),
        ("a/vendored.sh", call),
        // In place, the lock lies beside the project's own files.
        (
            "b/vendor-migrations.lock",
            b"[upstream]\r\nmode = \"in-place\"\r\n",
        ),
        ("b/start.sh", call),
    ]);
    let root = Utf8Path::from_path(directory.path()).unwrap();
    let around = search_around(&root.join("own"), root);
    let files: Vec<&str> = around
        .found
        .iter()
        .map(|found| found.file.as_str())
        .collect();
    assert_eq!(files, ["a/vendored.sh", "b/start.sh", "deploy.sh"]);
    assert_eq!(around.beyond, None);
}
