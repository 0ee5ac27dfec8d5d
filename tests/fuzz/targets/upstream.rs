//! What a package index or an environment gives: `RECORD` and wheels.

use std::io::Write as _;

use camino::Utf8Path;
use vendor_migrations::digest::Digest;
use vendor_migrations::environment::Environments;
use vendor_migrations::upstream::{Processes, Search, Upstream, UpstreamError, Upstreams, find};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::project::Directory;

/// A release that the catalogue does not know, so that `RECORD` alone decides.
const METADATA: &str = "Metadata-Version: 2.1\nName: procrastinate\nVersion: 99.1\n";
/// Two migrations, and the digest of each as `RECORD` has it.
const MIGRATIONS: [(&str, &str, &str); 2] = [
    (
        "procrastinate/sql/migrations/01.00.00_01_one.sql",
        "SELECT 1;\n",
        "tOBJeATkbgoLC4wxl1sGIVLVUbrEnDwugJMlZ7QIXc0",
    ),
    (
        "procrastinate/sql/migrations/01.00.00_02_pre_two.sql",
        "SELECT 2;\n",
        "pBEJ0kBptIIt3F82eyXUhNx-g5v_M4zno-XaZByqzaA",
    ),
];

/// An installation that is said to be as published is listed with the digests that its files have.
pub fn record(input: &[u8]) {
    let site = Directory::new();
    site.write("procrastinate-99.1.dist-info/METADATA", METADATA);
    site.write("procrastinate-99.1.dist-info/RECORD", input);
    for (path, text, _) in MIGRATIONS {
        site.write(path, text);
    }
    let Ok(upstream) = read(&site.path) else {
        return;
    };
    assert_eq!(upstream.migrations.len(), MIGRATIONS.len());
    if upstream.modified.is_empty() && upstream.notes.is_empty() {
        let text = String::from_utf8_lossy(input);
        for (path, _, digest) in MIGRATIONS {
            assert!(text.contains(path) && text.contains(digest), "{path}");
        }
    }
}

/// Bytes that begin like a zip file are a wheel. Others are its entries, `=== NAME` and then the contents: a mutation of these gets past
/// the checksums.
pub fn wheel(input: &[u8]) {
    if input.starts_with(b"PK") {
        let _ = packed(input);
        return;
    }
    let text = String::from_utf8_lossy(input);
    let entries: Vec<(&str, &str)> = text
        .split("=== ")
        .skip(1)
        .map(|entry| entry.split_once('\n').unwrap_or((entry, "")))
        .collect();
    let Some(bytes) = archive(&entries) else {
        return;
    };
    let leaves = |name: &str| {
        name.starts_with('/')
            || name.contains(['\\', '\0'])
            || name.split('/').any(|part| part == "..")
    };
    let result = packed(&bytes);
    if entries.iter().any(|(name, _)| leaves(name)) {
        assert!(result.is_err(), "a path that leaves the wheel is accepted");
    }
    let Ok(upstream) = result else { return };
    for migration in &upstream.migrations {
        let Some(sql) = &migration.sql else { continue };
        let is_there = |(name, contents): &(&str, &str)| {
            name.rsplit('/').next() == Some(sql.name.as_str()) && *contents == sql.text
        };
        assert!(
            entries.iter().any(is_there),
            "{} is not in it",
            sql.name.as_str()
        );
    }
}

/// None for what the writer refuses.
fn archive(entries: &[(&str, &str)]) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, contents) in entries {
        writer.start_file(*name, options).ok()?;
        writer.write_all(contents.as_bytes()).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

fn packed(bytes: &[u8]) -> Result<Upstream, UpstreamError> {
    let directory = Directory::new();
    directory.write("procrastinate-99.1-py3-none-any.whl", bytes);
    read(&directory.path.join("procrastinate-99.1-py3-none-any.whl"))
}

fn read(from: &Utf8Path) -> Result<Upstream, UpstreamError> {
    let environments = Environments::default();
    let result = find(&Search {
        upstreams: &Upstreams::default(),
        project: Utf8Path::new("."),
        from: Some(from),
        release: None,
        setting: None,
        python: None,
        environments: &environments,
        cache: None,
        processes: Processes::Forbidden,
    });
    match &result {
        Ok(upstream) => {
            for sql in upstream
                .migrations
                .iter()
                .filter_map(|one| one.sql.as_ref())
            {
                assert_eq!(Digest::of(&sql.text), sql.digest);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
    }
    result
}
