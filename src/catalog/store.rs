//! The catalogue's directory on disk, for the one command that adds to it.
#![expect(
    clippy::disallowed_methods,
    reason = "it writes to the catalogue, never to a project"
)]

use std::collections::BTreeMap;
use std::io::{self, Write};

use camino::Utf8Path;

use super::facts::Facts;
use super::objects;
use super::rules::{FileFault, read_all};

use crate::read;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the catalogue is damaged:\n{}", list(.0))]
    Damaged(Vec<FileFault>),
    #[error("the facts of {release} cannot be written: {why}")]
    Unwritable { release: String, why: String },
}

fn list(faults: &[FileFault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
    lines.join("\n")
}

impl StoreError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io(_) => "name a directory that can be read and written",
            Self::Damaged(_) => {
                "restore the directory from version control; an empty one is filled again"
            }
            Self::Unwritable { .. } => {
                "this is a release of a kind that the catalogue does not know yet"
            }
        }
    }
}

/// All facts in the directory, sorted by release; none if there is no such directory.
pub fn read(directory: &Utf8Path) -> Result<Vec<Facts>, StoreError> {
    let mut files = BTreeMap::new();
    let entries = match directory.read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    for entry in entries {
        let path = entry?.into_path();
        if let Some(name) = path
            .file_name()
            .filter(|name| name.ends_with(".toml") && *name != objects::FILE_NAME)
        {
            files.insert(name.to_owned(), read::text(&path)?);
        }
    }
    read_all(&files).map_err(StoreError::Damaged)
}

/// Writes the file of what migrations do, in place of the one that is there.
pub fn write_objects(directory: &Utf8Path, text: &str) -> Result<(), StoreError> {
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    let path = directory.join(objects::FILE_NAME);
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes the file of one release, whole or not at all.
pub fn write(directory: &Utf8Path, facts: &Facts) -> Result<(), StoreError> {
    let unwritable = |why| StoreError::Unwritable {
        release: facts.release.to_string(),
        why,
    };
    let text = facts.to_text().map_err(unwritable)?;
    Facts::parse(&text).map_err(|fault| unwritable(fault.to_string()))?;
    fs_err::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    let path = directory.join(facts.file_name());
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}
