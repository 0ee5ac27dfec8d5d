//! What has to hold for the facts of one release, and for the whole catalogue.
//!
//! The build script reads the catalogue with this code, too.

use std::collections::{BTreeMap, HashMap};

use pep440_rs::Version;

use super::facts::{Facts, Fault, fault, line_of};
use crate::digest::Digest;
use crate::procrastinate::Layout;

/// A fault in one file of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, {fault}")]
pub struct FileFault {
    pub file: String,
    pub fault: Fault,
}

/// Reads all files of the catalogue, by name, and compares them with each other. The result is sorted by release.
pub fn read_all(files: &BTreeMap<String, String>) -> Result<Vec<Facts>, Vec<FileFault>> {
    let mut faults = Vec::new();
    let mut all = Vec::new();
    for (file, text) in files {
        match read(file, text) {
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
    faults.extend(all.iter().filter_map(|facts| {
        let file = facts.file_name();
        let fault = firsts.fault(facts, files.get(&file)?)?;
        Some(FileFault { file, fault })
    }));
    match faults.is_empty() {
        true => Ok(all),
        false => Err(faults),
    }
}

fn read(file: &str, text: &str) -> Result<Facts, Fault> {
    let facts = Facts::parse(text)?;
    if facts.file_name() != file {
        let release = &facts.release;
        let why = format!("these are the facts of {release}, so the file's name is wrong");
        return Err(fault(line_of(text, "release = "), why));
    }
    Ok(facts)
}

/// Whether a release belongs into the catalogue: pre-releases and local builds do not.
fn is_final(release: &Version) -> bool {
    !release.any_prerelease() && !release.is_local() && release.epoch() == 0
}

/// Finds the first thing that cannot be true. `text` is used for line numbers only.
pub(super) fn validate(facts: &Facts, text: &str) -> Result<(), Fault> {
    let at = |start: &str, why: String| Err(fault(line_of(text, start), why));
    let release = &facts.release;
    if !is_final(release) {
        return at("release = ", format!("{release} is not a final release"));
    }
    let wheel = &facts.wheel.name;
    if !wheel.starts_with(&format!("procrastinate-{release}-")) || !wheel.ends_with(".whl") {
        let line = format!("name = \"{wheel}\"");
        return at(&line, format!("this is not a wheel of {release}"));
    }
    if let Some(sdist) = &facts.sdist
        && sdist.name != format!("procrastinate-{release}.tar.gz")
    {
        let line = format!("name = \"{}\"", sdist.name);
        let why = format!("this is not a source distribution of {release}");
        return at(&line, why);
    }
    if facts.migrations.is_empty() {
        return at("migration", "no `[[migration]]` follows".to_owned());
    }
    if (facts.layout == Layout::Alembic) == facts.revisions.is_empty() {
        let why = "the layout `alembic` has `[[revision]]` tables, the layout `sql` has none";
        return at("layout = ", why.to_owned());
    }
    for (index, migration) in facts.migrations.iter().enumerate() {
        let name = &migration.name;
        let earlier = &facts.migrations[..index];
        let sorted = earlier.last().is_none_or(|earlier| earlier.name < *name);
        let why = if earlier.iter().any(|earlier| earlier.name == *name) {
            format!("`{name}` is in it twice")
        } else if !sorted && facts.layout == Layout::Sql {
            format!("`{name}` is not in the order of names")
        } else if !name.as_str().ends_with(".sql") {
            format!("`{name}` is not a `.sql` file")
        } else if migration.phase != name.phase() {
            format!("`{name}` is of the phase `{}`", name.phase())
        } else {
            continue;
        };
        return at(&format!("name = \"{name}\""), why);
    }
    for (index, revision) in facts.revisions.iter().enumerate() {
        let path = &revision.path;
        let earlier = &facts.revisions[..index];
        let why = if earlier.iter().any(|earlier| earlier.path == *path) {
            format!("`{path}` is in it twice")
        } else if !path.starts_with("procrastinate/") || !path.ends_with(".py") {
            format!("`{path}` is not a file of Procrastinate's")
        } else {
            continue;
        };
        return at(&format!("path = \"{path}\""), why);
    }
    Ok(())
}

/// The SQL and the revision files of a release: the line that names the file, its digest, its `first`.
fn files(facts: &Facts) -> impl Iterator<Item = (String, Digest, &Version)> {
    let sql = facts.migrations.iter().map(|migration| {
        let line = format!("name = \"{}\"", migration.name);
        (line, migration.sha256, &migration.first)
    });
    let revisions = facts.revisions.iter().map(|revision| {
        let line = format!("path = \"{}\"", revision.path);
        (line, revision.sha256, &revision.first)
    });
    sql.chain(revisions)
}

/// For each digest the oldest release that shipped it; a yanked one only for what no other shipped.
pub struct Firsts(HashMap<Digest, Version>);

impl Firsts {
    /// `all` is sorted by release.
    pub fn of(all: &[Facts]) -> Self {
        let mut firsts = HashMap::new();
        let (yanked, kept): (Vec<&Facts>, Vec<&Facts>) = all.iter().partition(|facts| facts.yanked);
        for facts in kept.into_iter().chain(yanked) {
            for (_, digest, _) in files(facts) {
                let release = || facts.release.clone();
                firsts.entry(digest).or_insert_with(release);
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

    /// The first `first` that is wrong. `text` is used for line numbers only.
    fn fault(&self, facts: &Facts, text: &str) -> Option<Fault> {
        files(facts).find_map(|(line, sha256, said)| {
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
