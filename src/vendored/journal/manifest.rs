//! What a journal is to do, and the writing of it.
#![expect(clippy::disallowed_methods, reason = "this module writes")]

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::MANIFEST;
use crate::digest::Digest;
use crate::file_name::FileName;
use crate::links;
use crate::lockfile::LOCK_NAME;
use crate::place::slashed;
use crate::vendored::apply::{Apply, Steps};
use crate::vendored::attributes::{copy_all, take_owner};
use crate::vendored::exchange::{above, sync_directory, write};
use crate::vendored::tree::ATTRIBUTES_NAME;

#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) steps: Vec<Step>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Step {
    /// Relative to the vendored directory: a file name, or one below `sql/`.
    pub(super) path: String,
    /// It is a revision file of the project's own instead, and the path is relative to the project's root.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) of_project: bool,
    /// The digest of what was there.
    pub(super) before: Option<Digest>,
    /// The digest of what will be there; none to delete it.
    pub(super) after: Option<Digest>,
}

/// Writes the journal, its manifest last.
pub(super) fn prepare(
    work: &Apply<'_>,
    journal: &Utf8Path,
    step: Steps<'_>,
) -> io::Result<Manifest> {
    step("prepare")?;
    fs_err::create_dir(journal)?;
    take_owner(work.directory, journal)?;
    sync_directory(work.directory)?;
    // Whatever becomes of the run, nobody commits its journal.
    write(&journal.join(".gitignore"), b"*\n")?;
    let mut steps = Vec::with_capacity(work.files.len());
    // Where nothing is vendored yet, the project's own come first: until all is in place, they name revisions that are not there,
    // and Alembic stops. Else they come last: until then they make tables that the vendored ones make, and the run fails.
    let own = work
        .own
        .iter()
        .flat_map(|own| own.files.iter().map(|file| (Some(own.root), file)));
    let vendored = || work.files.iter().map(|file| (None, file));
    let behind = match work.tree.file(LOCK_NAME) {
        None => 0,
        Some(_) => work.files.len().saturating_sub(1),
    };
    let all = vendored()
        .take(behind)
        .chain(own)
        .chain(vendored().skip(behind));
    for (index, (root, file)) in all.enumerate() {
        step("write")?;
        let target = root.unwrap_or(work.directory).join(&file.path);
        if let Some(bytes) = &file.after {
            let new = new_file(journal, index);
            write(&new, bytes)?;
            take_owner(nearest(&target), &new)?;
            copy_all(&target, &new)?;
        }
        if root.is_some() {
            same_file_system(journal, &target)?;
        }
        steps.push(Step {
            path: slashed(file.path.as_str()),
            of_project: root.is_some(),
            before: file.before.as_ref().map(Digest::of),
            after: file.after.as_ref().map(Digest::of),
        });
    }
    let manifest = Manifest { steps };
    let text = serde_json::to_vec_pretty(&manifest)?;
    let draft = journal.join("manifest.draft");
    write(&draft, &text)?;
    step("commit")?;
    fs_err::rename(&draft, journal.join(MANIFEST))?;
    sync_directory(journal)?;
    Ok(manifest)
}

pub(super) fn new_file(journal: &Utf8Path, index: usize) -> Utf8PathBuf {
    journal.join(format!("{index}.new"))
}

/// Whether what a manifest names is a file that a run may write. A journal may come with a repository: it must not reach out of the project,
/// not by a link either, and not into hidden directories, as Git's.
pub(super) fn is_safe(step: &Step, root: &Utf8Path) -> bool {
    let path = &step.path;
    if !step.of_project {
        let name = path.strip_prefix("sql/").unwrap_or(path);
        return FileName::new(name).is_ok();
    }
    let Ok(root) = links::canonical(root) else {
        return false;
    };
    let target = root.join(path);
    let Ok(place) = links::canonical(nearest(&target)) else {
        return false;
    };
    if HOOKS.contains(&path.trim_start_matches("../")) {
        // The repository's root may lie above the project.
        let mut above = root.ancestors();
        let repository = above.find(|above| above.join(".git").exists());
        return place == root || repository == Some(&place);
    }
    let parts: Vec<&str> = path.split('/').collect();
    let Some((name, directories)) = parts.split_last() else {
        return false;
    };
    is_written(name)
        && directories
            .iter()
            .all(|part| FileName::new(*part).is_ok() && !part.starts_with('.'))
        && place.starts_with(root)
}

/// The configuration of the repository's hooks.
const HOOKS: [&str; 2] = [".pre-commit-config.yaml", ".pre-commit-config.yml"];

/// Whether a run writes files of that name.
fn is_written(name: &str) -> bool {
    // Windows takes what is behind a backslash for another name, and behind a colon for another stream. Journals have `/`.
    if cfg!(windows) && name.contains(['\\', ':']) {
        return false;
    }
    let extensions = ["py", "ini", "toml", "cfg", "mako"];
    HOOKS.contains(&name)
        || [LOCK_NAME, ATTRIBUTES_NAME].contains(&name)
        || !name.starts_with('.')
            && Utf8Path::new(name)
                .extension()
                .is_some_and(|extension| extensions.contains(&extension))
}

/// The nearest directory above that is there.
fn nearest(path: &Utf8Path) -> &Utf8Path {
    let mut directory = above(path);
    while !directory.exists() && above(directory) != directory {
        directory = above(directory);
    }
    directory
}

/// A file is moved into the journal and out of it, which works on one file system only.
#[cfg(unix)]
fn same_file_system(journal: &Utf8Path, target: &Utf8Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let there = fs_err::metadata(nearest(target))?;
    if fs_err::metadata(journal)?.dev() == there.dev() {
        return Ok(());
    }
    let why = format!(
        "`{target}` and the vendored directory are on different file systems, and cannot be written in one step"
    );
    Err(io::Error::other(why))
}

#[cfg(not(unix))]
fn same_file_system(_: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
    Ok(())
}
