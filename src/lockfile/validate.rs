//! What has to hold for a lock to be possible at all.

use std::collections::{HashMap, HashSet};

use super::{Lock, LockedRevision, Mode};
use crate::file_name::FileName;
use crate::procrastinate::{LONGEST_ID, PACKAGE};

/// The error is the first thing that cannot be true.
pub(super) fn validate(lock: &Lock) -> Result<(), String> {
    let upstream = &lock.upstream;
    if upstream.package != PACKAGE {
        return Err(format!(
            "it is about the package `{}`, not about `{PACKAGE}`",
            upstream.package.escape_debug()
        ));
    }
    if lock.schema.is_some() && upstream.mode != Mode::Render {
        return Err(format!(
            "it names a schema, which revisions of mode `{}` cannot have",
            upstream.mode
        ));
    }
    let mut before = None;
    let mut earlier = Earlier::default();
    for revision in &lock.revisions {
        validate_revision(revision, upstream.mode)?;
        earlier.tell_apart(revision)?;
        match revision.down.as_deref() {
            // Linear history: it follows a revision of the project's own.
            Some(own) if upstream.mode != Mode::InPlace && lock.revision(own).is_none() => {
                validate_own_id(own)?;
            }
            down if down == before => {}
            down => {
                return Err(format!(
                    "revision `{}` does not follow the one before it in the chain (`down` is {}, it should be {})",
                    revision.id,
                    shown(down),
                    shown(before),
                ));
            }
        }
        revision
            .depends_on
            .iter()
            .try_for_each(|id| validate_own_id(id))?;
        before = Some(revision.id.as_str());
    }
    validate_adopted(lock)
}

/// Each has its place behind the one before it.
fn validate_adopted(lock: &Lock) -> Result<(), String> {
    if let Some(baseline) = &lock.baseline {
        let own = baseline.down.iter().chain([&baseline.revision]);
        own.map(|id| id.as_str()).try_for_each(validate_own_id)?;
        if !lock.adopted.is_empty() || lock.revision(&baseline.revision).is_some() {
            let id = &baseline.revision;
            return Err(format!(
                "the baseline `{id}` cannot be combined with adopted revisions, or with a vendored revision of the same id"
            ));
        }
    }
    let mut least = 0;
    for adopted in &lock.adopted {
        validate_own_id(&adopted.revision)?;
        let is = &adopted.is;
        match lock.revisions.position(is) {
            Some(place) if place >= least => least = place + 1,
            Some(_) => {
                return Err(format!(
                    "the adopted revision `{is}` does not follow the one before it"
                ));
            }
            None => return Err(format!("the adopted revision `{is}` is not in it")),
        }
    }
    Ok(())
}

fn validate_revision(revision: &LockedRevision, mode: Mode) -> Result<(), String> {
    let LockedRevision { id, file, .. } = revision;
    if id.is_empty()
        || id.len() > LONGEST_ID
        || id.chars().any(|c| !c.is_ascii_graphic())
        || id.contains(ILLEGAL)
    {
        return Err(format!("`{}` is not a revision id", id.escape_debug()));
    }
    if !file.as_str().ends_with(".py") {
        return Err(format!(
            "the file `{file}` of revision `{id}` is not a `.py` file"
        ));
    }
    if revision.sql.is_some() != revision.sql_sha256.is_some() {
        return Err(format!(
            "revision `{id}` has only one of `sql` and `sql_sha256`"
        ));
    }
    if mode == Mode::Render && revision.sql.is_none() {
        return Err(format!("the rendered revision `{id}` names no SQL"));
    }
    Ok(())
}

/// What stands in the lock before a revision.
#[derive(Default)]
struct Earlier<'a> {
    ids: HashSet<&'a str>,
    /// By the name in small letters.
    files: HashMap<String, &'a FileName>,
}

impl<'a> Earlier<'a> {
    fn tell_apart(&mut self, revision: &'a LockedRevision) -> Result<(), String> {
        let LockedRevision { id, file, .. } = revision;
        if !self.ids.insert(id) {
            return Err(format!("revision `{id}` is in it twice"));
        }
        let earlier = self.files.insert(file.as_str().to_ascii_lowercase(), file);
        match earlier {
            None => Ok(()),
            Some(same) if same == file => Err(format!("the file `{file}` is in it twice")),
            Some(other) => Err(format!(
                "the files `{other}` and `{file}` differ only in case"
            )),
        }
    }
}

/// A revision of the project's own may have any id that can be written into a file.
fn validate_own_id(id: &str) -> Result<(), String> {
    let illegal = |c: char| c.is_control() || ['"', '\'', '\\'].contains(&c);
    if id.is_empty() || id.contains(illegal) {
        return Err(format!("`{}` is not a revision id", id.escape_debug()));
    }
    Ok(())
}

/// Alembic gives these characters a meaning in a revision argument; quotes and backslashes would break the file.
const ILLEGAL: [char; 7] = ['@', '+', ':', '"', '\'', '\\', '-'];

fn shown(id: Option<&str>) -> String {
    id.map_or("none".to_owned(), |id| format!("`{id}`"))
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::lock;
    use super::super::*;

    type Damage = fn(&mut Lock);

    #[test]
    fn impossible_locks_are_refused() {
        let damages: [(&str, Damage); 10] = [
            ("not about `procrastinate`", |lock| {
                lock.upstream.package = "celery".to_owned();
            }),
            ("is in it twice", |lock| {
                lock.revisions[1].id = lock.revisions[0].id.clone()
            }),
            ("is in it twice", |lock| {
                lock.revisions[1].file = lock.revisions[0].file.clone()
            }),
            ("differ only in case", |lock| {
                lock.revisions[1].file = FileName::new(
                    lock.revisions[0]
                        .file
                        .as_str()
                        .replace("initial", "Initial"),
                )
                .unwrap();
            }),
            ("does not follow", |lock| lock.revisions[1].down = None),
            ("does not follow", |lock| lock.revisions.swap(0, 1)),
            ("not a revision id", |lock| {
                lock.revisions[0].id = "a@b".to_owned()
            }),
            ("not a revision id", |lock| {
                lock.revisions[0].id = "x".repeat(33)
            }),
            ("only one of", |lock| lock.revisions[0].sql = None),
            ("not a `.py` file", |lock| {
                lock.revisions[0].file = FileName::new("x.txt").unwrap()
            }),
        ];
        for (words, damage) in damages {
            let mut lock = lock();
            damage(&mut lock);
            let error = super::validate(&lock).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_path_in_the_lock_cannot_leave_the_directory() {
        let text = lock().to_text().unwrap();
        let file = lock().revisions[0].file.to_string();
        for path in ["../x.py", "/etc/x.py", "a/b.py", "..\\\\x.py", "C:x.py"] {
            let error = Lock::parse(text.replace(&file, path).as_bytes()).unwrap_err();
            assert!(matches!(error, LockError::Syntax(_)), "{path}: {error}");
        }
    }
}
