//! Compares a distribution's files with its `RECORD` (PyPA's "Recording installed projects" specification).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::package::is_wanted;
use crate::digest::{Content, Digest};
use crate::procrastinate::SQL;

/// A file that differs from what was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modified {
    /// Relative to site-packages.
    pub path: String,
    pub why: &'static str,
    pub evidence: Evidence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    Record,
    Catalogue,
    Both,
}

impl std::fmt::Display for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Record => "its RECORD",
            Self::Catalogue => "the catalogue of releases",
            Self::Both => "its RECORD and the catalogue of releases",
        })
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) modified: Vec<Modified>,
    /// Listed without a SHA-256.
    pub(super) unverified: Vec<String>,
    /// SQL below the migrations that is not wanted: in a directory of its own, or with another ending.
    pub(super) passed_over: Vec<String>,
}

/// Compares `files` with `record`, both ways. The error says why `record` cannot be read.
pub(super) fn verify(record: &[u8], files: &BTreeMap<String, Content>) -> Result<Verdict, String> {
    let mut verdict = Verdict::default();
    let listed = read(record, &mut verdict.passed_over)?;
    let paths: BTreeSet<&String> = listed.keys().chain(files.keys()).collect();
    for path in paths {
        let why = match (listed.get(path), files.get(path)) {
            (_, None) => "it is missing",
            (None, _) => "it is not part of the distribution",
            (Some(None), _) => {
                verdict.unverified.push(path.clone());
                continue;
            }
            (Some(Some((hash, size))), Some(content)) => {
                if *hash != base64url(content.digest().bytes()) {
                    "its contents were changed"
                } else if size.is_some_and(|size| size != content.len() as u64) {
                    "its size is not the one recorded"
                } else {
                    continue;
                }
            }
        };
        verdict.modified.push(Modified {
            path: path.clone(),
            why,
            evidence: Evidence::Record,
        });
    }
    Ok(verdict)
}

/// The SHA-256 in base64, if there is one, and the size.
type Entry = Option<(String, Option<u64>)>;

/// The wanted files by path.
fn read(record: &[u8], passed_over: &mut Vec<String>) -> Result<BTreeMap<String, Entry>, String> {
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(record);
    let mut listed = BTreeMap::new();
    let mut is_empty = true;
    for row in rows.records() {
        let row = row.map_err(|error| format!("does not parse: {error}"))?;
        is_empty = false;
        let path = row.get(0).unwrap_or_default().replace('\\', "/");
        if is_wanted(&path) {
            let size = Some(row.get(2).unwrap_or_default()).filter(|size| !size.is_empty());
            let parsed = size.map(str::parse).transpose().map_err(|_| {
                let size = size.unwrap_or_default().escape_debug();
                format!("has the size `{size}` for `{path}`")
            })?;
            let hash = row.get(1).and_then(|hash| hash.strip_prefix("sha256="));
            let hash = hash.map(|hash| hash.trim_end_matches('=').to_owned());
            listed.insert(path, hash.map(|hash| (hash, parsed)));
        } else if path.starts_with(SQL) && path.to_ascii_lowercase().ends_with(".sql") {
            passed_over.push(path);
        }
    }
    match is_empty {
        true => Err("is empty".to_owned()),
        false => Ok(listed),
    }
}

/// The SHA-256 that it lists for a file.
pub(super) fn listed(record: &[u8], path: &str) -> Option<Digest> {
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(record);
    let mut rows = rows.records().filter_map(Result::ok);
    let row = rows.find(|row| row.get(0) == Some(path))?;
    digest(row.get(1)?)
}

/// The SHA-256 that it lists for each of the wanted files, as far as they can be read: [`verify`] says what is wrong with it.
pub(super) fn digests(record: &[u8]) -> HashMap<String, Digest> {
    let lines = record.split(|byte| *byte == b'\n');
    let listed = lines.filter_map(|line| {
        let mut fields = std::str::from_utf8(line).ok()?.split(',');
        let path = fields.next().filter(|path| is_wanted(path))?;
        Some((path.to_owned(), digest(fields.next()?)?))
    });
    listed.collect()
}

/// `sha256=`, and the digest in base64.
fn digest(field: &str) -> Option<Digest> {
    let hash = field.strip_prefix("sha256=")?;
    let (mut bytes, mut rest, mut bits) = (Vec::new(), 0, 0);
    for digit in hash.trim_end_matches('=').bytes() {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        rest = (rest << 6 | value) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((rest >> bits & 0xff) as u8);
        }
    }
    bytes.try_into().ok().map(Digest::from_bytes)
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// URL-safe base64 without padding.
fn base64url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0; 4];
        group[1..=chunk.len()].copy_from_slice(chunk);
        let group = u32::from_be_bytes(group);
        for digit in 0..=chunk.len() {
            let index = group >> (18 - 6 * digit) & 0x3f;
            text.push(char::from(DIGITS[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "procrastinate/sql/migrations/01.sql";

    #[test]
    fn the_digest_that_is_listed_is_read() {
        let digest = Digest::of("SELECT 1;");
        let record = format!("a,,\nb,sha256={},9\n", base64url(digest.bytes()));
        assert_eq!(listed(record.as_bytes(), "b"), Some(digest));
        assert_eq!(listed(record.as_bytes(), "a"), None);
        assert_eq!(listed(b"b,sha256=!,", "b"), None);
    }

    #[test]
    fn sql_that_is_not_named_like_a_migration_is_said_to_be_passed_over() {
        let odd = [
            "procrastinate/sql/migrations/deep/02.sql",
            "procrastinate/sql/migrations/03.SQL",
        ];
        let record = format!(
            "{SQL},,\n{},,\n{},,\nprocrastinate/sql/schema.sql,,\n",
            odd[0], odd[1]
        );
        assert_eq!(
            verify(record.as_bytes(), &files(b"a")).unwrap().passed_over,
            odd
        );
    }

    fn files(bytes: &[u8]) -> BTreeMap<String, Content> {
        BTreeMap::from([(SQL.to_owned(), bytes.to_vec().into())])
    }

    #[test]
    fn base64_follows_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn every_difference_is_found() {
        let record = format!(
            "{SQL},sha256={},1\nprocrastinate/app.py,,\n",
            base64url(Digest::of("a").bytes())
        );
        let verdict = |record: &str, files| verify(record.as_bytes(), &files).unwrap();
        assert_eq!(verdict(&record, files(b"a")), Verdict::default());
        let modified = |record: &str, files| {
            verdict(record, files)
                .modified
                .into_iter()
                .map(|m| m.why)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            modified(&record, files(b"b")),
            ["its contents were changed"]
        );
        assert_eq!(modified(&record, BTreeMap::new()), ["it is missing"]);
        assert_eq!(
            modified("x,,\n", files(b"a")),
            ["it is not part of the distribution"]
        );
        assert_eq!(
            modified(&record.replace(",1\n", ",2\n"), files(b"a")),
            ["its size is not the one recorded"]
        );
        assert_eq!(
            verdict(&format!("{SQL},,\n"), files(b"a")).unverified,
            [SQL]
        );
    }

    #[test]
    fn an_unreadable_record_is_an_error() {
        assert!(verify(b"", &files(b"a")).is_err());
        assert!(verify(&[b'"', 0xff, b'\n'], &files(b"a")).is_err());
        assert!(verify(format!("{SQL},sha256=x,many\n").as_bytes(), &files(b"a")).is_err());
    }
}
