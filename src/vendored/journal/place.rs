//! One step of a journal: what is where, and how a file is replaced.
#![expect(clippy::disallowed_methods, reason = "this module writes")]

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::manifest::Step;
use crate::digest::Digest;
use crate::read;
use crate::vendored::apply::Steps;
use crate::vendored::exchange::{above, make_directory, rename_exchange, rename_to_nothing};
use crate::vendored::existing;

/// Where the files of a step are.
pub(super) struct Place<'a> {
    pub(super) step: &'a Step,
    pub(super) target: Utf8PathBuf,
    pub(super) new: Utf8PathBuf,
    /// Where the file that is replaced, or deleted, is moved to.
    pub(super) old: Utf8PathBuf,
}

impl Place<'_> {
    /// Returns false if the file is not what the plan was made for. Then it is where somebody left it, or aside.
    pub(super) fn replace(&self, step: Steps<'_>) -> io::Result<bool> {
        let (before, after) = (self.step.before, self.step.after);
        let mut now = digest_of(&self.target)?;
        if now.is_some() && now != after {
            if now != before {
                return Ok(false);
            }
            step("move aside")?;
            if self.exchange()? {
                now = digest_of(&self.target)?;
            } else {
                existing(fs_err::rename(&self.target, &self.old))?;
            }
        }
        let is_done = now == after;
        step("name")?;
        self.name()?;
        // Somebody may have written it, or deleted it, just before it was moved.
        let aside = digest_of(&self.old)?;
        if aside != before && !(is_done && aside.is_none()) {
            return Ok(false);
        }
        if is_done || after.is_none() {
            return Ok(true);
        }
        make_directory(above(&self.target))?;
        step("put in place")?;
        rename_to_nothing(&self.new, &self.target)
    }

    /// What was exchanged lies where the new one was: gives it the name of what is replaced.
    pub(super) fn name(&self) -> io::Result<()> {
        let there = digest_of(&self.new)?;
        if there.is_none() || there == self.step.after {
            return Ok(());
        }
        match rename_to_nothing(&self.new, &self.old)? {
            true => Ok(()),
            false => Err(io::Error::other(format!(
                "`{}` and `{}` are both what was replaced",
                self.new, self.old
            ))),
        }
    }

    /// Exchanges a revision file of the project's own with the new one, so that there is one at every moment. Returns false where that is
    /// not possible.
    fn exchange(&self) -> io::Result<bool> {
        Ok(self.step.of_project
            && self.step.after.is_some()
            && rename_exchange(&self.new, &self.target).is_ok())
    }

    /// Brings back what was moved aside. Returns false if something else has its place.
    pub(super) fn put_back(&self) -> io::Result<bool> {
        match self.old.symlink_metadata() {
            Ok(_) => rename_to_nothing(&self.old, &self.target),
            Err(_) => Ok(true),
        }
    }
}

/// The digest of a file. What is no file has one that no file has.
pub(super) fn digest_of(path: &Utf8Path) -> io::Result<Option<Digest>> {
    let Some(metadata) = existing(fs_err::symlink_metadata(path))? else {
        return Ok(None);
    };
    if !metadata.is_file() {
        return Ok(Some(Digest::from_bytes([0; 32])));
    }
    Ok(existing(read::bytes(path))?.map(Digest::of))
}
