//! `.venv` as a text file, which names an environment: its path, or its name where virtualenvwrapper and Pipenv keep theirs.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::Environments;
use super::candidates::Found;

use crate::read;

/// What the first line of the file names.
pub(super) fn named_by(file: &Utf8Path, environments: &Environments) -> io::Result<Found> {
    let bytes = read::bytes(file)?;
    let text = String::from_utf8_lossy(&bytes);
    let named = text.lines().next().unwrap_or_default().trim();
    if named.is_empty() {
        return Ok(Found::Nothing("it is an empty file".to_owned()));
    }
    if named.contains(['/', '\\']) {
        let path = file.with_file_name("").join(environments.expanded(named));
        return Ok(Found::Prefix(path));
    }
    let homes = environments.shelves();
    let mut found = homes.iter().map(|home| home.join(named));
    Ok(match found.find(|prefix| prefix.is_dir()) {
        Some(prefix) => Found::Prefix(prefix),
        None => {
            let homes: Vec<&str> = homes.iter().map(|home| home.as_str()).collect();
            let why = format!(
                "it names `{named}`, which is not in {}",
                homes.join(", nor in ")
            );
            Found::Nothing(why)
        }
    })
}

impl Environments {
    /// Where virtualenvwrapper and Pipenv keep environments.
    pub(super) fn shelves(&self) -> Vec<Utf8PathBuf> {
        let home = |below: &str| Some(self.home.as_ref()?.join(below));
        let data = self
            .variable("XDG_DATA_HOME")
            .or_else(|| home(".local/share"));
        let all = [
            self.variable("WORKON_HOME"),
            home(".virtualenvs"),
            data.map(|data| data.join("virtualenvs")),
        ];
        all.into_iter().flatten().collect()
    }
}
