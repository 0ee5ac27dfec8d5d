//! What has to hold for the facts of one release, and for the whole catalogue.
//!
//! The build script reads the catalogue with this code, too.

use std::collections::{BTreeMap, HashMap};

use pep440_rs::Version;

use super::facts::{Facts, Fault, fault, line_of};
use crate::digest::Digest;
use crate::procrastinate::Layout;

/// A fault in one file of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    pub file: String,
    /// What is wrong in it.
    pub fault: Fault,
}

/// Reads all files of the catalogue, by name, and holds them against each other. The result is sorted by release.
pub fn read_all(files: &BTreeMap<String, String>) -> Result<Vec<Facts>, Vec<FileFault>> {
    let mut faults = Vec::new();
    let mut all = Vec::new();
    for (file, text) in files {
        match Facts::parse(text).and_then(|facts| facts.belongs_to(file, text)) {
            Ok(facts) => all.push(facts),
            Err(fault) => faults.push(FileFault {
                file: file.clone(),
                fault,
            }),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    all.sort_by(|a, b| a.release.cmp(&b.release));
    let firsts = Firsts::of(&all);
    let wrong = all.iter().filter_map(|facts| {
        let file = facts.file_name();
        let text = files.get(&file)?;
        let fault = firsts.fault(facts, text)?;
        Some(FileFault { file, fault })
    });
    faults.extend(wrong);
    if faults.is_empty() {
        Ok(all)
    } else {
        Err(faults)
    }
}

/// Whether a release belongs into the catalogue: pre-releases and local builds do not.
pub fn is_final(release: &Version) -> bool {
    !release.any_prerelease() && !release.is_local() && release.epoch() == 0
}

impl Facts {
    /// The name of the release's file.
    pub fn file_name(&self) -> String {
        format!("{}.toml", self.release)
    }

    fn belongs_to(self, file: &str, text: &str) -> Result<Self, Fault> {
        if self.file_name() == file {
            return Ok(self);
        }
        let why = format!(
            "these are the facts of {}, so the file's name is wrong",
            self.release
        );
        Err(fault(line_of(text, "release = "), why))
    }

    /// Names the first thing that cannot be true. `text` is only asked for lines.
    pub(super) fn validate(&self, text: &str) -> Result<(), Fault> {
        let at = |start: &str, why: String| Err(fault(line_of(text, start), why));
        let release = &self.release;
        if !is_final(release) {
            return at("release = ", format!("{release} is not a final release"));
        }
        let wheel = &self.wheel.name;
        if !wheel.starts_with(&format!("procrastinate-{release}-")) || !wheel.ends_with(".whl") {
            let line = format!("name = \"{wheel}\"");
            return at(&line, format!("this is not a wheel of {release}"));
        }
        if let Some(sdist) = &self.sdist
            && sdist.name != format!("procrastinate-{release}.tar.gz")
        {
            let line = format!("name = \"{}\"", sdist.name);
            return at(
                &line,
                format!("this is not a source distribution of {release}"),
            );
        }
        if self.migrations.is_empty() {
            return at("migration", "no `[[migration]]` follows".to_owned());
        }
        if (self.layout == Layout::Alembic) == self.revisions.is_empty() {
            let why = "the layout `alembic` has `[[revision]]` tables, the layout `sql` has none";
            return at("layout = ", why.to_owned());
        }
        self.validate_migrations(text)?;
        self.validate_revisions(text)
    }

    fn validate_migrations(&self, text: &str) -> Result<(), Fault> {
        for (index, migration) in self.migrations.iter().enumerate() {
            let name = &migration.name;
            let line = line_of(text, &format!("name = \"{name}\""));
            let earlier = &self.migrations[..index];
            if earlier.iter().any(|earlier| earlier.name == *name) {
                return Err(fault(line, format!("`{name}` stands in it twice")));
            }
            let sorted = earlier.last().is_none_or(|earlier| earlier.name < *name);
            if !sorted && self.layout == Layout::Sql {
                return Err(fault(
                    line,
                    format!("`{name}` is not in the order of names"),
                ));
            }
            if !name.as_str().ends_with(".sql") {
                return Err(fault(line, format!("`{name}` is not a `.sql` file")));
            }
            if migration.phase != name.phase() {
                let why = format!("`{name}` is of the phase `{}`", name.phase());
                return Err(fault(line, why));
            }
        }
        Ok(())
    }

    fn validate_revisions(&self, text: &str) -> Result<(), Fault> {
        for (index, revision) in self.revisions.iter().enumerate() {
            let path = &revision.path;
            let line = line_of(text, &format!("path = \"{path}\""));
            if self.revisions[..index]
                .iter()
                .any(|earlier| earlier.path == *path)
            {
                return Err(fault(line, format!("`{path}` stands in it twice")));
            }
            if !path.starts_with("procrastinate/") || !path.ends_with(".py") {
                return Err(fault(
                    line,
                    format!("`{path}` is not a file of Procrastinate's"),
                ));
            }
        }
        Ok(())
    }
}

/// Which release shipped which bytes first.
pub struct Firsts(HashMap<Digest, Version>);

impl Firsts {
    /// Learns it from releases, the oldest first.
    pub fn of(all: &[Facts]) -> Self {
        let mut firsts = HashMap::new();
        for facts in all {
            let sql = facts.migrations.iter().map(|migration| migration.sha256);
            let revisions = facts.revisions.iter().map(|revision| revision.sha256);
            for digest in sql.chain(revisions) {
                firsts
                    .entry(digest)
                    .or_insert_with(|| facts.release.clone());
            }
        }
        Self(firsts)
    }

    pub fn settle(&self, facts: &mut Facts) {
        for migration in &mut facts.migrations {
            migration.first = self.first(&migration.sha256, &migration.first);
        }
        for revision in &mut facts.revisions {
            revision.first = self.first(&revision.sha256, &revision.first);
        }
    }

    fn first(&self, digest: &Digest, otherwise: &Version) -> Version {
        self.0.get(digest).unwrap_or(otherwise).clone()
    }

    fn fault(&self, facts: &Facts, text: &str) -> Option<Fault> {
        let sql = facts.migrations.iter().map(|migration| {
            let line = format!("name = \"{}\"", migration.name);
            (line, migration.sha256, &migration.first)
        });
        let revisions = facts.revisions.iter().map(|revision| {
            let line = format!("path = \"{}\"", revision.path);
            (line, revision.sha256, &revision.first)
        });
        sql.chain(revisions).find_map(|(line, sha256, said)| {
            let first = self.first(&sha256, said);
            let why = || match self.0.values().any(|release| release == said) {
                true => format!("`first` is {said}, and {first} shipped these bytes first"),
                false => format!("`first` is {said}, which is missing or shipped nothing new"),
            };
            (first != *said).then(|| fault(line_of(text, &line), why()))
        })
    }
}

#[cfg(test)]
mod tests;
