//! What has to hold for a lock to be possible at all.

use super::{Lock, LockedRevision, Mode};
use crate::procrastinate::LONGEST_ID;
use crate::procrastinate::PACKAGE;

impl Lock {
    /// Names the first thing that cannot be true.
    pub(super) fn validate(&self) -> Result<(), String> {
        if self.upstream.package != PACKAGE {
            return Err(format!(
                "it is about the package `{}`, not about `{PACKAGE}`",
                self.upstream.package.escape_debug()
            ));
        }
        let mut down = None;
        let vendored = |id: &str| self.revisions.iter().any(|revision| revision.id == id);
        for (index, revision) in self.revisions.iter().enumerate() {
            revision.validate(self.upstream.mode)?;
            for earlier in &self.revisions[..index] {
                revision.tell_apart(earlier)?;
            }
            // Linear history: it follows a revision of the project's own.
            let chained = self.upstream.mode != Mode::InPlace;
            let onto_own = revision
                .down
                .as_deref()
                .is_some_and(|id| chained && !vendored(id));
            if let Some(id) = revision.down.as_deref().filter(|_| onto_own) {
                validate_own_id(id)?;
            } else if revision.down.as_deref() != down {
                return Err(format!(
                    "revision `{}` does not follow the one before it in the chain (`down` is {}, it should be {})",
                    revision.id,
                    shown(revision.down.as_deref()),
                    shown(down),
                ));
            }
            down = Some(revision.id.as_str());
        }
        Ok(())
    }
}

impl LockedRevision {
    fn validate(&self, mode: Mode) -> Result<(), String> {
        let id = &self.id;
        if id.is_empty()
            || id.len() > LONGEST_ID
            || id.chars().any(|c| !c.is_ascii_graphic())
            || id.contains(ILLEGAL)
        {
            return Err(format!("`{}` is not a revision id", id.escape_debug()));
        }
        if !self.file.as_str().ends_with(".py") {
            return Err(format!(
                "the file `{}` of revision `{id}` is not a `.py` file",
                self.file
            ));
        }
        if self.sql.is_some() != self.sql_sha256.is_some() {
            return Err(format!(
                "revision `{id}` has only one of `sql` and `sql_sha256`"
            ));
        }
        if mode == Mode::Render && self.sql.is_none() {
            return Err(format!("the rendered revision `{id}` names no SQL"));
        }
        Ok(())
    }

    fn tell_apart(&self, earlier: &Self) -> Result<(), String> {
        if self.id == earlier.id {
            return Err(format!("revision `{}` stands in it twice", self.id));
        }
        if self.file == earlier.file {
            return Err(format!("the file `{}` stands in it twice", self.file));
        }
        if self
            .file
            .as_str()
            .eq_ignore_ascii_case(earlier.file.as_str())
        {
            return Err(format!(
                "the files `{}` and `{}` differ only in case",
                earlier.file, self.file
            ));
        }
        Ok(())
    }
}

/// A revision of the project's own; what its id may be is the project's affair, as far as it can be written down.
fn validate_own_id(id: &str) -> Result<(), String> {
    let writable = |c: char| !c.is_control() && !['"', '\'', '\\'].contains(&c);
    if id.is_empty() || !id.chars().all(writable) {
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
            ("stands in it twice", |lock| {
                lock.revisions[1].id = lock.revisions[0].id.clone()
            }),
            ("stands in it twice", |lock| {
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
            let error = lock.validate().unwrap_err();
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
