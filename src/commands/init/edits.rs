//! The files that `init` writes.

use std::io;

use anstyle::Style;
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::Init;
use crate::failure::Failure;
use crate::patch::{FileChange, Patch};
use crate::project::Project;
use crate::read;
use crate::report::prose::labelled;
use crate::report::style::{self, GOOD};
use crate::session::Output;
use crate::settings::{OWN, PYPROJECT};
use crate::vendored::tree::{ATTRIBUTES, ATTRIBUTES_NAME, Tree};
use crate::vendored::{Apply, Replacement, apply, existing, replace, scan};
use crate::wiring::settings;

/// Files of the project, and perhaps a new vendored directory.
#[derive(Default)]
pub(super) struct Edits {
    /// Each relative to a root. Written in this order.
    files: Vec<(Utf8PathBuf, Replacement)>,
    directory: Option<NewDirectory>,
}

struct NewDirectory {
    /// From the working directory.
    path: Utf8PathBuf,
    /// Relative to the project.
    shown: Utf8PathBuf,
    tree: Tree,
}

impl Edits {
    pub(super) fn add(&mut self, root: &Utf8Path, files: impl IntoIterator<Item = Replacement>) {
        let files = files.into_iter().map(|file| (root.to_owned(), file));
        self.files.extend(files);
    }

    pub(super) fn add_first(&mut self, root: &Utf8Path, file: Replacement) {
        self.files.insert(0, (root.to_owned(), file));
    }

    /// The vendored directory, relative to the project, unless it is there.
    pub(super) fn add_directory(
        &mut self,
        project: &Project,
        directory: &Utf8Path,
    ) -> Result<(), Failure> {
        let path = match project.root == "." {
            true => directory.to_owned(),
            false => project.root.join(directory),
        };
        let tree = scan(&path)?;
        let shown = directory.to_owned();
        self.directory = (!tree.exists).then_some(NewDirectory { path, shown, tree });
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
        let own = project.settings.file == Some(OWN) || !project.root.join(PYPROJECT).is_file();
        let path = if own { OWN } else { PYPROJECT };
        // Alembic's configuration may be in the same file.
        if let Some((_, file)) = self.files.iter_mut().find(|(_, file)| file.path == path) {
            let text = String::from_utf8_lossy(&file.after);
            file.after = settings::with(&text, !own, wanted)?.into_bytes();
            return Ok(());
        }
        let before = text(&project.root, Utf8Path::new(path))?;
        let after = settings::with(before.as_deref().unwrap_or_default(), !own, wanted)?;
        if before.as_deref() != Some(after.as_str()) {
            let file = Replacement::of_text(path.into(), before, after);
            self.add(&camino::absolute_utf8(&project.root)?, [file]);
        }
        Ok(())
    }

    /// Shows the changes. A new file is shown only in a dry run.
    pub(super) fn show(&self, dry_run: bool, output: &mut Output<'_>) -> io::Result<()> {
        let files = self.files.iter().map(|(_, file)| file);
        let patches: Vec<Patch> = files
            .filter(|file| dry_run || file.before.is_some())
            .map(|file| {
                let change = FileChange {
                    path: file.path.to_string(),
                    before: file.before.clone(),
                    after: Some(file.after.clone()),
                };
                Patch::of(&change, Utf8Path::new(""))
            })
            .collect();
        style::patches(output.out, &patches)
    }

    /// Writes the files and prints their names. A dry run only prints them. With nothing to write, prints `wired`.
    pub(super) fn write(
        &self,
        dry_run: bool,
        wired: &str,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let files = self.files.iter().map(|(_, file)| file.path.to_string());
        let directory = self.directory.iter().map(|new| format!("{}/", new.shown));
        let names: Vec<String> = files.chain(directory).collect();
        let names = names.join(", ");
        if names.is_empty() {
            return Ok(labelled(output.out, GOOD, "Wired already:", wired)?);
        }
        if dry_run {
            writeln!(output.out)?;
            return Ok(labelled(output.out, Style::new(), "Would write", &names)?);
        }
        let mut written = Vec::new();
        if let Err(failure) = self.carry_out(&mut written) {
            return Err(match written.is_empty() {
                true => failure,
                false => Failure::HalfWritten {
                    failure: Box::new(failure),
                    written,
                },
            });
        }
        writeln!(output.out)?;
        Ok(labelled(output.out, GOOD, "Wrote", &names)?)
    }

    /// Adds to `written` what was written.
    fn carry_out(&self, written: &mut Vec<String>) -> Result<(), Failure> {
        // The directory first, so that the configuration never names a missing one.
        let has_parent = |new: &mut &NewDirectory| {
            let parent = new.path.parent();
            parent.is_none_or(|parent| parent.as_str().is_empty() || parent.is_dir())
        };
        let mut directory = self.directory.as_ref();
        if let Some(new) = directory.take_if(has_parent) {
            new.make()?;
            written.push(format!("{}/", new.shown));
        }
        for (root, file) in &self.files {
            replace(root, file)?;
            written.push(file.path.to_string());
        }
        directory.map_or(Ok(()), NewDirectory::make)
    }
}

impl NewDirectory {
    fn make(&self) -> Result<(), Failure> {
        let attributes = FileChange {
            path: ATTRIBUTES_NAME.to_owned(),
            before: None,
            after: Some(ATTRIBUTES.as_bytes().to_vec()),
        };
        apply(&Apply {
            directory: &self.path,
            tree: &self.tree,
            files: &[attributes],
            own: None,
        })?;
        Ok(())
    }
}

/// The text of a file of the project, if it is there.
pub(super) fn text(root: &Utf8Path, path: &Utf8Path) -> Result<Option<String>, Failure> {
    existing(read::text(root.join(path))).map_err(Failure::Read)
}
