//! `Pipfile.lock`: JSON, `pipfile-spec` up to 6; one object a category of dependencies.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::requirement::specifiers;
use super::text::{BadLock, few, line};
use super::{Contents, Entry, Wants, is_package};

const NEWEST: u64 = 6;

#[derive(serde::Deserialize)]
struct Meta {
    #[serde(rename = "pipfile-spec")]
    spec: Option<u64>,
}

#[derive(serde::Deserialize)]
struct Package {
    version: Option<String>,
    markers: Option<String>,
    git: Option<String>,
    file: Option<String>,
    path: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Contents, BadLock> {
    let Members(categories) = parse(text, text)?;
    let mut entries = Vec::new();
    let mut spec = None;
    for (category, value) in categories {
        if category == "_meta" {
            spec = parse::<Meta>(text, value.get())?.spec;
            continue;
        }
        let Members(packages) = parse(text, value.get())?;
        for (name, value) in packages {
            if is_package(&name) {
                let package: Package = parse(text, value.get())?;
                entries.push(package.entry(line(text, offset(text, value.get()))));
                few(&entries)?;
            }
        }
    }
    match spec {
        None => Err(BadLock::NoVersion("_meta.pipfile-spec")),
        Some(spec) if spec > NEWEST => Err(BadLock::Version {
            found: spec.to_string(),
            known: "6",
        }),
        Some(_) => Ok(Contents {
            entries,
            ..Contents::default()
        }),
    }
}

impl Package {
    fn entry(self, line: usize) -> Entry {
        let kinds = [("git", self.git), ("file", self.file), ("path", self.path)];
        let source = kinds
            .into_iter()
            .find_map(|(kind, place)| Some(format!("{kind} {}", place?)));
        Entry {
            line,
            wants: match (source, self.version) {
                (Some(source), _) => Wants::Source(source),
                (None, version) => specifiers(version.as_deref().unwrap_or("")),
            },
            marker: self.markers,
        }
    }
}

/// An object's members in their order, those of the same name, too: a merge can leave two.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// Parses `part`, a part of `text`; an error names the line in `text`.
fn parse<'a, T: Deserialize<'a>>(text: &'a str, part: &'a str) -> Result<T, BadLock> {
    serde_json::from_str(part).map_err(|error| {
        let message = error.to_string();
        let why = message.split(" at line ").next().unwrap_or(&message);
        BadLock::Syntax {
            line: line(text, offset(text, part)) + error.line().saturating_sub(1),
            why: why.to_owned(),
        }
    })
}

/// Where `part`, a slice of `text`, begins in it.
fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(default: &str) -> String {
        format!(
            "{{\n \"_meta\": {{\"pipfile-spec\": 6}},\n \"default\": {{\n{default}\n }},\n \"develop\": {{}}\n}}\n"
        )
    }

    #[test]
    fn pins_ranges_repositories_and_twins() {
        let text = lock(
            "\"attrs\": {\"version\": \"==1\"},\n\"procrastinate\": {\n\"extras\": [\"django\"],\n\"version\": \"==3.5.1\", \"markers\": \"m\"},\n\
             \"Procrastinate\": {\"version\": \"*\"},\n\"procrastinate\": {\"git\": \"https://x\", \"ref\": \"a\"}",
        );
        let entries = read(&text).unwrap().entries;
        let found: Vec<_> = entries
            .iter()
            .map(|entry| (entry.line, &entry.wants))
            .collect();
        assert_eq!(
            found,
            [
                (5, &Wants::Release("3.5.1".parse().unwrap())),
                (8, &Wants::Range(String::new())),
                (9, &Wants::Source("git https://x".to_owned())),
            ]
        );
        assert_eq!(entries[0].marker.as_deref(), Some("m"));
    }

    #[test]
    fn broken_and_newer_files_are_named() {
        let newer = lock("").replace('6', "7");
        assert!(matches!(read(&newer), Err(BadLock::Version { .. })));
        assert!(matches!(read("{}"), Err(BadLock::NoVersion(_))));
        for (text, at) in [
            (lock("<<<<<<< HEAD"), 4),
            (lock("\"procrastinate\": 1"), 4),
            ("[]".to_owned(), 1),
            (String::new(), 1),
        ] {
            match read(&text) {
                Err(BadLock::Syntax { line, .. }) => assert_eq!(line, at, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
