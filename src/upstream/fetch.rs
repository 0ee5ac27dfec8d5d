//! `--release X.Y.Z`: downloads a release with the user's own `uv` or `pip`, and keeps it in the cache.
#![expect(
    clippy::disallowed_methods,
    reason = "it writes to the cache, never to a project"
)]

use std::io;
use std::process::{Command, Output};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use indicatif::ProgressBar;
use pep440_rs::Version;

use super::locate::Processes;
use super::package::refuse_too_old;
use super::{PACKAGE, Upstream, UpstreamError, site_packages, wheel};

/// What to download.
pub(super) struct Fetch<'a> {
    pub(super) release: &'a Version,
    /// The user's cache directory for this program; none if the system names none.
    pub(super) cache: Option<&'a Utf8Path>,
    /// Where `uv` runs, so that the project's own index configuration holds.
    pub(super) directory: &'a Utf8Path,
    /// Without processes, only what is in the cache can be had.
    pub(super) processes: Processes,
}

/// A download that failed.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A read-only command downloads nothing.
    #[error("Procrastinate {0} is not in the cache, and this command downloads nothing")]
    NotCached(Version),
    /// Neither program is there.
    #[error(
        "downloading Procrastinate {0} needs `uv` or `python3 -m pip`, and neither is on the PATH"
    )]
    NoProgram(Version),
    /// The program said no.
    #[error("{program} could not download Procrastinate {release} ({status}):\n{message}")]
    Failed {
        /// `uv` or `pip`.
        program: &'static str,
        /// The release.
        release: Version,
        /// Its exit status.
        status: String,
        /// The end of what it said.
        message: String,
    },
    /// It left nothing behind.
    #[error("{program} reported success, but left no Procrastinate {release} behind")]
    Nothing {
        /// `uv` or `pip`.
        program: &'static str,
        /// The release.
        release: Version,
    },
    /// The download is another release than the one asked for.
    #[error("asked for Procrastinate {wanted}, the index served {got}")]
    OtherRelease {
        /// The release asked for.
        wanted: Version,
        /// The release in the download.
        got: Version,
    },
    /// The cache cannot be written.
    #[error("the cache directory cannot be used: {0}")]
    Cache(#[source] io::Error),
    /// What was downloaded cannot be used.
    #[error("the download is not usable: {0}")]
    Unusable(#[source] Box<UpstreamError>),
}

impl FetchError {
    pub(super) fn hint(&self) -> String {
        match self {
            Self::NotCached(release) => {
                format!("`vendor-migrations diff --release {release}` downloads it, and shows what `sync` would change")
            }
            Self::NoProgram(_) => "install `uv` or `pip`, or give a wheel with `--from`".to_owned(),
            Self::Failed { release, .. } => format!(
                "does release {release} exist (`pip index versions {PACKAGE}` lists them), and is the package index in \
                 reach? Without network, give a wheel with `--from`"
            ),
            Self::Nothing { .. } | Self::OtherRelease { .. } | Self::Unusable(_) => {
                "check which package index `uv` or `pip` is configured for, or give a wheel with `--from`".to_owned()
            }
            Self::Cache(_) => "set `XDG_CACHE_HOME` to a directory that can be written".to_owned(),
        }
    }
}

/// The release from the cache, or else from the package index.
pub(super) fn fetch(request: &Fetch<'_>) -> Result<Upstream, UpstreamError> {
    refuse_too_old(request.release)?;
    let Some(cache) = request.cache else {
        let message = "the system names no home directory".to_owned();
        return Err(FetchError::Cache(io::Error::new(io::ErrorKind::NotFound, message)).into());
    };
    let releases = cache.join("releases");
    let kept = releases.join(request.release.to_string());
    // A damaged entry is worth no more than a missing one: it is downloaded again.
    if let Ok(Some(upstream)) = open(&kept, request.release)
        && upstream.release == *request.release
    {
        return Ok(upstream);
    }
    if request.processes == Processes::Forbidden {
        return Err(FetchError::NotCached(request.release.clone()).into());
    }
    let mut builder = tempfile::Builder::new();
    let staging = fs_err::create_dir_all(&releases)
        .and_then(|()| builder.prefix(".download-").tempdir_in(&releases))
        .map_err(FetchError::Cache)?;
    let directory = Utf8PathBuf::from_path_buf(staging.path().to_owned())
        .map_err(|_| FetchError::Cache(io::Error::other("its path is not UTF-8")))?;
    let program = download(request, &directory)?;
    let upstream = open(&directory, request.release)
        .map_err(|error| FetchError::Unusable(Box::new(error)))?
        .ok_or_else(|| FetchError::Nothing {
            program,
            release: request.release.clone(),
        })?;
    if upstream.release != *request.release {
        return Err(FetchError::OtherRelease {
            wanted: request.release.clone(),
            got: upstream.release,
        }
        .into());
    }
    keep(staging, &kept)?;
    Ok(upstream)
}

/// Puts the download in its place; a run that did the same meanwhile has won, which is as good.
fn keep(staging: tempfile::TempDir, kept: &Utf8Path) -> Result<(), FetchError> {
    if kept.exists() {
        fs_err::remove_dir_all(kept).map_err(FetchError::Cache)?;
    }
    match fs_err::rename(staging.path(), kept) {
        Ok(()) => {
            let _moved = staging.keep();
            Ok(())
        }
        Err(_) if kept.exists() => Ok(()),
        Err(error) => Err(FetchError::Cache(error)),
    }
}

/// The release in one of the cache's directories: a wheel that `pip` left, or a tree that `uv` installed.
fn open(directory: &Utf8Path, release: &Version) -> Result<Option<Upstream>, UpstreamError> {
    if !directory.is_dir() {
        return Ok(None);
    }
    let source = format!("release {release} of the package index");
    for entry in directory.read_dir_utf8()? {
        let path = entry?.into_path();
        if path.extension() == Some("whl") {
            return intact(wheel::read(&path, &source)?).map(Some);
        }
    }
    site_packages::read(directory, &source)?
        .map(intact)
        .transpose()
}

fn intact(upstream: Upstream) -> Result<Upstream, UpstreamError> {
    match upstream.modified.first() {
        None => Ok(upstream),
        Some(modified) => Err(UpstreamError::BadMetadata {
            file: modified.path.clone(),
            source_name: upstream.source,
            why: format!("does not match the RECORD: {}", modified.why),
        }),
    }
}

fn download(request: &Fetch<'_>, directory: &Utf8Path) -> Result<&'static str, FetchError> {
    let requirement = format!("{PACKAGE}=={}", request.release);
    let spinner = ProgressBar::new_spinner().with_message(format!("Downloading {requirement}"));
    spinner.enable_steady_tick(Duration::from_millis(100));
    let uv = [
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--no-compile-bytecode",
        "--link-mode",
        "copy",
        "--target",
        directory.as_str(),
        &requirement,
    ];
    let pip = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--ignore-requires-python",
        "--dest",
        directory.as_str(),
        &requirement,
    ];
    // `uv` reads the project's own configuration. Python would import modules from where it runs, so pip runs elsewhere.
    for (name, program, arguments, place) in [
        ("uv", "uv", uv.as_slice(), request.directory),
        ("pip", "python3", pip.as_slice(), directory),
    ] {
        match Command::new(program)
            .args(arguments)
            .current_dir(place)
            .output()
        {
            Ok(output) if output.status.success() => return Ok(name),
            Ok(output) => {
                return Err(FetchError::Failed {
                    program: name,
                    release: request.release.clone(),
                    status: output.status.to_string(),
                    message: end_of(&output),
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(FetchError::Failed {
                    program: name,
                    release: request.release.clone(),
                    status: "it did not start".to_owned(),
                    message: error.to_string(),
                });
            }
        }
    }
    Err(FetchError::NoProgram(request.release.clone()))
}

/// The last lines of what a program said, indented, without control characters.
fn end_of(output: &Output) -> String {
    const MOST_LINES: usize = 8;
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(MOST_LINES)..]
        .iter()
        .map(|line| format!("  {}", crate::report::escape::one_line(line)))
        .collect::<Vec<_>>()
        .join("\n")
}
