//! What git does not take into the repository, of what a clone needs.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::findings::{Finding, git_ignored};
use crate::links;
use crate::lockfile::{LOCK_NAME, Lock, Mode};
use crate::place::{Place, joined, slashed};
use crate::project::Project;
use crate::repository::{Ignored, Ignores, normal, relative};

/// A finding for each pattern that ignores the lock, or a file of it. They lie in `directory`, which is relative to the project.
pub fn ignored(project: &Project, directory: &Utf8Path, lock: &Lock) -> Vec<Finding> {
    let Ok(root) = links::real(&project.root) else {
        return Vec::new();
    };
    let there = normal(&root.join(directory));
    let Some(ignores) = Ignores::around(&there) else {
        return Vec::new();
    };
    let mut files = vec![LOCK_NAME.to_owned()];
    if lock.upstream.mode != Mode::InPlace {
        files.extend(lock.files().into_iter().map(|file| file.path));
    }
    let mut patterns: BTreeMap<_, Vec<(String, Ignored)>> = BTreeMap::new();
    for file in files {
        let Some(found) = ignores.of(&there.join(&file)) else {
            continue;
        };
        let shown = joined(directory, file).into_string();
        let key = (found.file.clone(), found.line);
        patterns.entry(key).or_default().push((shown, found));
    }
    let mut findings = Vec::new();
    for ((file, line), found) in patterns {
        let place = Place::new(relative(&root, &file).as_str()).at(line);
        let (files, ignored): (Vec<String>, Vec<Ignored>) = found.into_iter().unzip();
        let lines = taken_back(&ignored);
        findings.push(git_ignored(place, &files, &ignored[0].pattern, &lines));
    }
    findings
}

/// The lines that take back what one pattern ignores: they go behind it, in the same file.
fn taken_back(ignored: &[Ignored]) -> BTreeSet<String> {
    let line = |found: &Ignored| {
        let path = Utf8PathBuf::from(slashed(found.matched.as_str()));
        match (found.is_directory, path.parent(), path.extension()) {
            (true, ..) => format!("!/{path}/"),
            // All of a kind.
            (false, Some(parent), Some(extension)) if ignored.len() > 1 => {
                format!("!/{parent}/*.{extension}")
            }
            (false, ..) => format!("!/{path}"),
        }
    };
    ignored.iter().map(line).collect()
}
