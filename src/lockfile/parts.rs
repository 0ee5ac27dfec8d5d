//! Reads a lockfile revision by revision: as the program writes it, each is some lines by itself.

use serde::Deserialize;

use super::LockedRevision;
use super::format::Document;
use crate::file_name::FileName;
use crate::procrastinate::{MigrationName, Phase};

/// A revision of a lockfile by itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    revision: [LockedRevision; 1],
}

/// A lockfile read revision by revision, which takes little memory and time; none if one of its parts is no TOML by itself, or holds anything
/// else. Where each is, the parts say what the whole does: no string and no table goes on from one to the next.
pub(super) fn in_parts(text: &str) -> Option<Document> {
    const START: &str = "\n[[revision]]\n";
    let mut parts = text.split_inclusive(START);
    let mut document: Document = toml::from_str(parts.next()?.strip_suffix(START)?).ok()?;
    for part in parts {
        let part = part.strip_suffix(START).unwrap_or(part);
        let parsed = || {
            let part: Part = toml::from_str(&format!("{START}{part}")).ok()?;
            let [one] = part.revision;
            Some(one)
        };
        document.revision.push(in_lines(part).or_else(parsed)?);
    }
    Some(document)
}

/// A revision whose part has nothing but lines `key = "value"`, each key once and no sign that may mean more than itself.
fn in_lines(part: &str) -> Option<LockedRevision> {
    const KEYS: [&str; 7] = ["id", "down", "file", "sha256", "sql", "sql_sha256", "phase"];
    let mut values = [None; KEYS.len()];
    for line in part.split('\n').filter(|line| !line.is_empty()) {
        let (key, value) = line.strip_suffix('"')?.split_once(" = \"")?;
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        let place = KEYS.iter().position(|known| *known == key)?;
        if !value.bytes().all(is_plain) || values[place].replace(value).is_some() {
            return None;
        }
    }
    let [id, down, file, sha256, sql, sql_sha256, phase] = values;
    let name = |name| MigrationName::new(name).ok();
    let digest = |digest: &str| digest.parse().ok();
    Some(LockedRevision {
        id: id?.to_owned(),
        down: down.map(str::to_owned),
        depends_on: Vec::new(),
        file: FileName::new(file?).ok()?,
        sha256: digest(sha256?)?,
        // One that is no name is no reason to leave it out.
        sql: sql.map(name).map_or(Some(None), |sql| sql.map(Some))?,
        sql_sha256: sql_sha256
            .map(digest)
            .map_or(Some(None), |sql| sql.map(Some))?,
        phase: match phase? {
            "pre" => Phase::Pre,
            "post" => Phase::Post,
            _ => return None,
        },
        superseded: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::lock;
    use super::*;

    #[test]
    fn parts_say_what_the_whole_does() {
        let text = lock().to_text().unwrap();
        let parts = in_parts(&text).unwrap();
        let whole: Document = toml::from_str(&text).unwrap();
        assert_eq!(parts.revision, whole.revision);
        assert_eq!(parts.upstream, whole.upstream);
        for (from, to) in [
            // A string, a comment's opposite, a table and a key that go over the border of two parts.
            ("\n[[revision]]\n", "\nx = \"\"\"\n[[revision]]\n\"\"\"\n"),
            ("\n[[revision]]\n", "\n[schema]\n[[revision]]\n"),
            ("phase = \"pre\"", "phase = \"pre\"\n[upstream]\n"),
            ("\n[[revision]]\n", "\n[[revision]] # one\n"),
        ] {
            let damaged = text.replacen(from, to, 2);
            assert!(damaged != text, "{from}");
            match (in_parts(&damaged), toml::from_str::<Document>(&damaged)) {
                (Some(parts), Ok(whole)) => assert_eq!(parts.revision, whole.revision),
                (Some(_), Err(error)) => panic!("{damaged}: {error}"),
                (None, _) => {}
            }
        }
    }

    /// Each letter of a revision is replaced by others, taken out and doubled.
    #[test]
    fn lines_say_what_toml_does() {
        let text = lock().to_text().unwrap();
        let part = text.split("[[revision]]\n").nth(1).unwrap();
        let parsed = |part: &str| {
            let part: Part = toml::from_str(&format!("[[revision]]\n{part}")).ok()?;
            let [one] = part.revision;
            Some(one)
        };
        assert!(in_lines(part).is_some() && in_lines(part) == parsed(part));
        for (at, letter) in part.char_indices() {
            let (before, rest) = (&part[..at], &part[at + 1..]);
            let others = [
                "", "\"", "\\", "\n", "\r\n", "\t", " ", "é", "#", "=", "A", "\u{7f}",
            ];
            let doubled = letter.to_string().repeat(2);
            for other in others.into_iter().chain([doubled.as_str()]) {
                let edited = format!("{before}{other}{rest}");
                let found = in_lines(&edited);
                assert!(found.is_none() || found == parsed(&edited), "{edited}");
            }
        }
        for line in part.lines().filter(|line| !line.is_empty()) {
            let twice = format!("{line}\n{part}");
            assert_eq!((in_lines(&twice), parsed(&twice)), (None, None));
            let without = part.replacen(&format!("{line}\n"), "", 1);
            assert_eq!(in_lines(&without), parsed(&without), "{line}");
        }
    }
}
