//! Copies of what a command overwrites although it was somebody's, in the user's state directory, outside of the project.
#![expect(
    clippy::disallowed_methods,
    reason = "it writes to the user's state directory, never to a project"
)]

use std::io;
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use fs_extra::file::CopyOptions;

use crate::digest::Digest;
use crate::file_name::FileName;
use crate::links;
use crate::read;

/// How many runs of one project are kept.
const RUNS: usize = 10;

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(
        "no copy of what `--force` would overwrite can be kept: the user has no home directory"
    )]
    NoHome,
    #[error("no copy of what `--force` would overwrite can be kept in `{directory}`: {why}")]
    Unwritable { directory: Utf8PathBuf, why: String },
    #[error("`{0}` was changed by somebody else during the run")]
    ChangedMeanwhile(Utf8PathBuf),
}

impl BackupError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoHome | Self::Unwritable { .. } => {
                "nothing was written. Set XDG_STATE_HOME to a directory that can be written, or save those files yourself and restore them \
                 from version control"
            }
            Self::ChangedMeanwhile(_) => "nothing was written: run the command again",
        }
    }
}

/// Copies the files, each with the bytes that it is to have, from the project in `root` into a new directory below `state`, the user's state
/// directory for this program. Returns that directory. Of earlier runs the newest are kept.
pub fn keep(
    state: Option<&Utf8Path>,
    root: &Utf8Path,
    files: &[(Utf8PathBuf, &[u8])],
) -> Result<Utf8PathBuf, BackupError> {
    let state = state.ok_or(BackupError::NoHome)?;
    let unwritable = |why: String| BackupError::Unwritable {
        directory: state.to_owned(),
        why,
    };
    let io = |error: io::Error| unwritable(error.to_string());
    let project = state.join("overwritten").join(name_of(root).map_err(io)?);
    let run = new_run(&project).map_err(io)?;
    for (path, bytes) in files {
        let copy = run.join(inside(path));
        make_private(copy.parent().unwrap_or(&run)).map_err(io)?;
        fs_extra::file::copy(root.join(path), &copy, &CopyOptions::new())
            .map_err(|error| unwritable(error.to_string()))?;
        if read::bytes(&copy).map_err(io)? != *bytes {
            return Err(BackupError::ChangedMeanwhile(path.clone()));
        }
        // The original goes next: the copy has to be on the disk, with its name.
        flush_file(&copy).map_err(io)?;
        copy.ancestors()
            .skip(1)
            .take_while(|above| above.starts_with(state))
            .for_each(flush);
    }
    state.ancestors().skip(1).take(2).for_each(flush);
    // They are older, and the new one is there: what cannot be removed stays.
    let _ = forget_older(&project);
    Ok(run)
}

#[cfg(unix)]
fn flush_file(file: &Utf8Path) -> io::Result<()> {
    read::open(file)?.sync_all()
}

/// Windows flushes a file that may be written to, and copies that it is read-only.
#[cfg(not(unix))]
#[expect(
    clippy::permissions_set_readonly_false,
    reason = "on Windows it gives nobody else a right"
)]
fn flush_file(file: &Utf8Path) -> io::Result<()> {
    let mut permissions = fs_err::metadata(file)?.permissions();
    permissions.set_readonly(false);
    fs_err::set_permissions(file, permissions)?;
    fs_err::OpenOptions::new()
        .append(true)
        .open(file)?
        .sync_all()
}

/// Not every system opens a directory.
fn flush(directory: &Utf8Path) {
    let _ = std::fs::File::open(directory).and_then(|directory| directory.sync_all());
}

/// A name for a project: its directory's, and what tells it from others of that name.
fn name_of(root: &Utf8Path) -> io::Result<String> {
    let root = links::canonical(root)?;
    let digest = Digest::of(root.as_str()).to_string();
    let name = root.file_name().filter(|name| FileName::new(*name).is_ok());
    let name = name.unwrap_or("project");
    Ok(format!("{name}-{}", digest.get(..8).unwrap_or_default()))
}

/// A path below the run's directory: of what lies outside of the project, its name.
fn inside(path: &Utf8Path) -> &Utf8Path {
    let mut parts = path.components();
    match parts.all(|part| matches!(part, camino::Utf8Component::Normal(_))) {
        true => path,
        false => Utf8Path::new(path.file_name().unwrap_or("file")),
    }
}

/// A new directory, named by the time.
fn new_run(project: &Utf8Path) -> io::Result<Utf8PathBuf> {
    make_private(project)?;
    let now = humantime::format_rfc3339_millis(SystemTime::now());
    // Windows has no colons in names.
    let name = now.to_string().replace(':', "-");
    let run = project.join(name);
    private().recursive(false).create(&run)?;
    Ok(run)
}

fn make_private(directory: &Utf8Path) -> io::Result<()> {
    private().recursive(true).create(directory)
}

#[cfg(unix)]
fn private() -> std::fs::DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = std::fs::DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private() -> std::fs::DirBuilder {
    std::fs::DirBuilder::new()
}

fn forget_older(project: &Utf8Path) -> io::Result<()> {
    let mut runs = Vec::new();
    for entry in project.read_dir_utf8()? {
        runs.push(entry?.into_path());
    }
    runs.sort();
    for older in runs.iter().rev().skip(RUNS) {
        fs_err::remove_dir_all(older)?;
    }
    Ok(())
}
