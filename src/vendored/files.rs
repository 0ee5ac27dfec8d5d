//! Writes the project's own files.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::apply::{Apply, OwnFiles, Steps};
use super::exclusive::Exclusive;
use super::journal::write_through;
use super::tree::Tree;
use super::{VendoredError, existing};
use crate::links;
use crate::patch::FileChange;
use crate::place::slashed;
use crate::read;

/// Writes files of the project: all of them, or none. A directory that a new file is to lie in is made; a link leads to the file that is
/// written. Returns where that is what somebody wrote into replaced files meanwhile.
pub fn write_files(
    _guard: &Exclusive,
    root: &Utf8Path,
    files: &[FileChange],
) -> Result<Vec<Utf8PathBuf>, VendoredError> {
    write_files_stepwise(root, files, &mut |_| Ok(()))
}

pub(super) fn write_files_stepwise(
    root: &Utf8Path,
    files: &[FileChange],
    step: Steps<'_>,
) -> Result<Vec<Utf8PathBuf>, VendoredError> {
    let mut targets = Vec::with_capacity(files.len());
    for file in files {
        let path = root.join(&file.path);
        if existing(read::bytes(&path))? != file.before {
            return Err(VendoredError::ChangedMeanwhile(file.path.clone().into()));
        }
        let mut target = file.clone();
        if path.is_symlink() {
            let named =
                |error: io::Error| io::Error::new(error.kind(), format!("`{path}`: {error}"));
            let real = links::canonical(&path).map_err(named)?;
            let root = links::canonical(root)?;
            target.path = slashed(real.strip_prefix(root).unwrap_or(&real).as_str());
        }
        targets.push(target);
    }
    let tree = Tree {
        exists: true,
        ..Tree::default()
    };
    let own = OwnFiles {
        root,
        files: &targets,
    };
    let work = Apply {
        directory: root,
        tree: &tree,
        files: &[],
        own: Some(own),
    };
    write_through(&work, step)
}
