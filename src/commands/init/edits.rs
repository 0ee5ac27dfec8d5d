//! The files that `init` writes.

use std::io;

use anstyle::Style;
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::Init;
use crate::commands::recover;
use crate::failure::Failure;
use crate::lockfile::LOCK_NAME;
use crate::patch::{FileChange, Patch};
use crate::place::joined;
use crate::project::Project;
use crate::read;
use crate::report::init::{Done, File};
use crate::report::prose::labelled;
use crate::report::style::{self, GOOD};
use crate::session::Output;
use crate::settings::{OWN, PYPROJECT};
use crate::vendored::tree::{ATTRIBUTES, ATTRIBUTES_NAME};
use crate::vendored::{Exclusive, VendoredError, existing, scan, write_files};
use crate::wiring::settings;

const WIRED: &str = "Wired already:";
const WOULD_WRITE: &str = "Would write";
const WROTE: &str = "Wrote";

/// Files of the project's own. All are written, or none; until all are, none of them names one that is not there.
#[derive(Default)]
pub(super) struct Edits {
    files: Vec<FileChange>,
    /// The vendored directory, if it is new, relative to the project.
    directory: Option<Utf8PathBuf>,
}

impl Edits {
    pub(super) fn add(&mut self, files: impl IntoIterator<Item = FileChange>) {
        self.files.extend(files);
    }

    pub(super) fn add_first(&mut self, file: FileChange) {
        self.files.insert(0, file);
    }

    /// The vendored directory, relative to the project, unless it is there.
    pub(super) fn add_directory(
        &mut self,
        project: &Project,
        directory: &Utf8Path,
    ) -> Result<(), Failure> {
        if scan(&project.root.join(directory))?.exists {
            return Ok(());
        }
        let above = directory.parent().unwrap_or(Utf8Path::new(""));
        let is_made = self
            .files
            .iter()
            .any(|file| Utf8Path::new(&file.path).starts_with(above));
        if !is_made && !project.root.join(above).is_dir() {
            return Err(VendoredError::NoParent(above.to_owned()).into());
        }
        self.directory = Some(directory.to_owned());
        Ok(())
    }

    /// Adds the schema that the user names to the settings.
    pub(super) fn add_schema(&mut self, project: &Project, options: &Init) -> Result<(), Failure> {
        match &options.schema {
            Some(schema) if project.settings.schema.as_ref() != Some(schema) => {
                self.add_settings(project, &[("schema", schema.as_str().to_owned())])
            }
            _ => Ok(()),
        }
    }

    /// Adds to this program's settings, in the file that has them, or in a new one.
    pub(super) fn add_settings(
        &mut self,
        project: &Project,
        wanted: &[(&'static str, String)],
    ) -> Result<(), Failure> {
        let pyproject = read::metadata(project.root.join(PYPROJECT));
        let pyproject = pyproject.map_err(Failure::Read)?;
        let own =
            project.settings.file == Some(OWN) || !pyproject.is_some_and(|there| there.is_file());
        let path = if own { OWN } else { PYPROJECT };
        // Alembic's configuration may be in the same file.
        if let Some(file) = self.files.iter_mut().find(|file| file.path == path) {
            let text = file.after.as_deref().map(String::from_utf8_lossy);
            let text = settings::with(&text.unwrap_or_default(), !own, wanted)?;
            file.after = Some(text.into_bytes());
            return Ok(());
        }
        let before = text(&project.root, Utf8Path::new(path))?;
        let after = settings::with(before.as_deref().unwrap_or_default(), !own, wanted)?;
        if before.as_deref() != Some(after.as_str()) {
            self.add([FileChange::of_text(Utf8Path::new(path), before, after)]);
        }
        Ok(())
    }

    /// Shows the changes. A new file is shown only in a dry run.
    pub(super) fn show(&self, dry_run: bool, output: &mut Output<'_>) -> io::Result<()> {
        let shown = self.files.iter();
        let shown = shown.filter(|file| dry_run || file.before.is_some());
        let patches: Vec<Patch> = shown
            .map(|file| Patch::of(file, Utf8Path::new("")))
            .collect();
        style::patches(output.out, &patches)
    }

    /// The files and the directory.
    fn files(&self) -> Vec<File> {
        let files = self.files.iter().map(|file| File {
            path: file.path.clone(),
            is_new: file.before.is_none(),
            // Of the lock, the next line of the report tells.
            patch: (file.path != LOCK_NAME).then(|| Patch::of(file, Utf8Path::new(""))),
        });
        let directory = self.directory.iter().map(|new| File {
            path: format!("{new}/"),
            is_new: true,
            patch: None,
        });
        files.chain(directory).collect()
    }

    /// Writes the files and prints their names. A dry run, which has no `guard`, only prints them. With nothing to write, prints `wired`.
    pub(super) fn write(
        &self,
        project: &Project,
        guard: Option<&Exclusive>,
        wired: &str,
        output: &mut Output<'_>,
    ) -> Result<Done, Failure> {
        let files = self.files();
        let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let names = names.join(", ");
        let done = |label, text: String| Done {
            written: label == WROTE,
            result: vec![(label, text)],
            files,
            ..Done::default()
        };
        if names.is_empty() {
            labelled(output.out, GOOD, WIRED, wired)?;
            return Ok(done(WIRED, wired.to_owned()));
        }
        let Some(guard) = guard else {
            writeln!(output.out)?;
            labelled(output.out, Style::new(), WOULD_WRITE, &names)?;
            return Ok(done(WOULD_WRITE, names));
        };
        // The directory first, so that the configuration never names a missing one.
        let directory = self.directory.iter().map(|directory| FileChange {
            path: joined(directory, ATTRIBUTES_NAME).into_string(),
            before: None,
            after: Some(ATTRIBUTES.as_bytes().to_vec()),
        });
        let files: Vec<FileChange> = directory.chain(self.files.iter().cloned()).collect();
        let kept = write_files(guard, &project.root, &files)?;
        writeln!(output.out)?;
        labelled(output.out, GOOD, WROTE, &names)?;
        recover::warn_of_kept(&kept, output)?;
        Ok(done(WROTE, names))
    }
}

/// The text of a file of the project, if it is there.
pub(super) fn text(root: &Utf8Path, path: &Utf8Path) -> Result<Option<String>, Failure> {
    existing(read::text(root.join(path))).map_err(Failure::Read)
}
