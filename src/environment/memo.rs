//! What a run has seen of the environments. Several questions lead to the same places: each is looked at once, so that all
//! answers are of one moment.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8PathBuf;

use super::candidates::{Candidate, Found};
use super::{Environments, Packages};

/// Shared by the clones of [`Environments`].
#[derive(Debug, Clone, Default)]
pub struct Memo(Arc<Mutex<Seen>>);

/// Where several have packages, and why others have none that count.
pub(super) type Usable = Result<Packages, String>;

#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The candidates that lie in a directory, which is shown like that.
    pub(super) inside: HashMap<(Utf8PathBuf, String), Vec<Candidate>>,
    /// Those that tools keep elsewhere for it.
    pub(super) elsewhere: HashMap<(Utf8PathBuf, String), Vec<Candidate>>,
    /// That of this program, unless a variable names it.
    pub(super) of_this_program: HashMap<(), Option<Candidate>>,
    /// Where a project's environments may lie, and how each place is shown: by the project, and the directory of its configuration.
    pub(super) directories: HashMap<(Utf8PathBuf, Utf8PathBuf), Vec<(Utf8PathBuf, String)>>,
    /// For each project: an environment inside of it is its own.
    pub(super) packages: HashMap<(Utf8PathBuf, Found), Usable>,
    /// `python3` on the PATH, or why there is none, for each project.
    pub(super) pythons: HashMap<Utf8PathBuf, Result<Utf8PathBuf, String>>,
    /// Its packages.
    pub(super) on_the_path: HashMap<Utf8PathBuf, Usable>,
    /// The names of the `.dist-info` directories in a directory of packages.
    pub(super) dist_infos: HashMap<Utf8PathBuf, Arc<[String]>>,
    /// The `METADATA` of a `.dist-info`.
    pub(super) metadata: HashMap<Utf8PathBuf, Option<Arc<[u8]>>>,
}

impl Environments {
    /// What was seen before, or what `look` sees now. An error is not kept.
    pub(super) fn once<K, V, E>(
        &self,
        of: impl Fn(&mut Seen) -> &mut HashMap<K, V>,
        key: &K,
        look: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E>
    where
        K: Clone + Eq + Hash,
        V: Clone,
    {
        let seen = || self.memo.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = of(&mut seen()).get(key) {
            return Ok(known.clone());
        }
        let found = look()?;
        of(&mut seen()).insert(key.clone(), found.clone());
        Ok(found)
    }
}
