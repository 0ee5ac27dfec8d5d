//! What the vendored revisions need of `env.py`.

use std::borrow::Cow;

use crate::findings::wiring::Needs;
use crate::lockfile::{Lock, Mode};
use crate::python_source::leaves_transaction;
use crate::sql::adds_enum_value;
use crate::vendored::tree::Tree;

pub(super) fn needs(tree: &Tree, lock: &Lock) -> Needs {
    let text = |path: &str| tree.file(path).map(String::from_utf8_lossy);
    // The common case is told fast.
    let lossy = |bytes| match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    };
    let kept = |path: &str| tree.kept(path).map(lossy);
    let revisions = lock.revisions.iter();
    let mut revisions = revisions.filter_map(|revision| kept(revision.file.as_str()));
    let leaves_transaction = revisions.any(|revision| leaves_transaction(&revision));
    let files = lock.files();
    let mut kept_sql = files
        .iter()
        .filter(|file| file.path.ends_with(".sql"))
        .filter_map(|file| text(&file.path));
    Needs {
        mode: lock.upstream.mode,
        leaves_transaction,
        adds_enum_values: lock.upstream.mode == Mode::Copy
            && !leaves_transaction
            && kept_sql.any(|sql| adds_enum_value(&sql)),
    }
}
