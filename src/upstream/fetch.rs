//! `--release X.Y.Z`: downloads a release with the user's own `uv` or `pip`, and keeps it in the cache.
#![expect(
    clippy::disallowed_methods,
    reason = "it writes to the cache, never to a project"
)]

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use pep440_rs::Version;

use super::download::download;
use super::locate::Processes;
use super::package::refuse_too_old;
use super::{Evidence, Upstream, UpstreamError, site_packages, wheel};
use crate::catalog;
use crate::digest::Digest;

#[derive(Debug, Clone, Copy)]
pub struct Fetch<'a> {
    pub release: &'a Version,
    /// The digest that its wheel must have, where it is known. Of a wheel that is installed by `uv`, and gone
    /// afterwards, `uv` itself checks it.
    pub sha256: Option<Digest>,
    /// The user's cache directory for this program; none if the system names none.
    pub cache: Option<&'a Utf8Path>,
    /// Where `uv` runs, so that the project's own index configuration holds.
    pub directory: &'a Utf8Path,
    /// Without processes, only what is in the cache can be had.
    pub processes: Processes,
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
        program: &'static str,
        release: Version,
        status: String,
        /// The end of what it said.
        message: String,
    },
    /// It left nothing behind.
    #[error("{program} reported success, but left no Procrastinate {release} behind")]
    Nothing {
        program: &'static str,
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
    /// Not the published wheel, or not what it holds.
    #[error("{what} is not what Procrastinate {release} was published as: {why}")]
    NotPublished {
        /// The wheel or the directory, in words.
        what: String,
        release: Version,
        why: String,
        /// Where it lies, if that is the cache.
        cached: Option<Utf8PathBuf>,
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
            Self::NotCached(release) => format!(
                "`vendor-migrations diff --release {release}` downloads it, and shows what `sync` would change{}",
                nearest(release)
            ),
            Self::NoProgram(release) => format!(
                "install `uv` or `pip`, or give a wheel with `--from`{}",
                nearest(release)
            ),
            Self::Failed { release, .. } if catalog::release(release).is_some() => {
                "is the package index in reach, and does it serve the published wheel? Otherwise give a wheel with `--from`"
                    .to_owned()
            }
            Self::Failed { release, .. } => format!(
                "does release {release} exist{}, and is the package index in reach? Without network, give a wheel with \
                 `--from`",
                nearest(release)
            ),
            Self::NotPublished {
                cached: Some(cached),
                ..
            } => format!("delete `{cached}`, and run the command again to have it downloaded"),
            Self::NotPublished { cached: None, .. } => {
                "check which package index `uv` or `pip` is configured for: it serves a build of its own. To use that, give it \
                 with `--from`"
                    .to_owned()
            }
            Self::Nothing { .. } | Self::OtherRelease { .. } | Self::Unusable(_) => {
                "check which package index `uv` or `pip` is configured for, or give a wheel with `--from`".to_owned()
            }
            Self::Cache(_) => "set `XDG_CACHE_HOME` to a directory that can be written".to_owned(),
        }
    }
}

/// Names the releases that are there, for one that is not.
fn nearest(release: &Version) -> String {
    match catalog::known(release) {
        Ok(_) => String::new(),
        Err(unknown) => format!(" ({})", unknown.nearest()),
    }
}

/// The release from the cache, or else from the package index.
pub fn fetch(request: &Fetch<'_>) -> Result<Upstream, UpstreamError> {
    refuse_too_old(request.release)?;
    let Some(cache) = request.cache else {
        let message = "the system names no home directory".to_owned();
        return Err(FetchError::Cache(io::Error::new(io::ErrorKind::NotFound, message)).into());
    };
    let releases = cache.join("releases");
    let kept = releases.join(request.name());
    match request.open(&kept, true) {
        Ok(Some(upstream)) if upstream.release == *request.release => return Ok(upstream),
        Err(error @ UpstreamError::Fetch(FetchError::NotPublished { .. })) => return Err(error),
        // A damaged entry is worth no more than a missing one: it is downloaded again.
        Ok(_) | Err(_) => {}
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
    let upstream = match request.open(&directory, false) {
        Ok(Some(upstream)) => upstream,
        Ok(None) => {
            let release = request.release.clone();
            return Err(FetchError::Nothing { program, release }.into());
        }
        Err(error @ UpstreamError::Fetch(_)) => return Err(error),
        Err(error) => return Err(FetchError::Unusable(Box::new(error)).into()),
    };
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

impl Fetch<'_> {
    /// `3.6.0`, also for somebody who asked for `3.6`.
    pub(super) fn name(&self) -> String {
        match catalog::release(self.release) {
            Some(release) => release.name.to_owned(),
            None => self.release.to_string(),
        }
    }

    /// The release in one of the cache's directories: a wheel that `pip` left, or a tree that `uv` installed.
    fn open(&self, directory: &Utf8Path, cached: bool) -> Result<Option<Upstream>, UpstreamError> {
        if !directory.is_dir() {
            return Ok(None);
        }
        let source = format!("release {} of the package index", self.name());
        for entry in directory.read_dir_utf8()? {
            let path = entry?.into_path();
            if path.extension() == Some("whl") {
                let upstream = wheel::read(&path, &source)?;
                let found = Digest::of(fs_err::read(&path)?);
                if let Some(published) = self.sha256.filter(|published| *published != found) {
                    let why =
                        format!("its SHA-256 is {found}, the published wheel's is {published}");
                    return Err(self.not_published(directory, cached, why));
                }
                return self.intact(upstream, directory, cached).map(Some);
            }
        }
        site_packages::read(directory, &source)?
            .map(|upstream| self.intact(upstream, directory, cached))
            .transpose()
    }

    fn intact(
        &self,
        upstream: Upstream,
        directory: &Utf8Path,
        cached: bool,
    ) -> Result<Upstream, UpstreamError> {
        let Some(modified) = upstream.modified.first() else {
            return Ok(upstream);
        };
        let forged = |modified: &super::Modified| modified.evidence == Evidence::Catalogue;
        if upstream.modified.iter().all(forged) {
            let why = format!("`{}`: {}", modified.path, modified.why);
            return Err(self.not_published(directory, cached, why));
        }
        Err(UpstreamError::BadMetadata {
            file: modified.path.clone(),
            source_name: upstream.source,
            why: format!("does not match {}: {}", modified.evidence, modified.why),
        })
    }

    fn not_published(&self, directory: &Utf8Path, cached: bool, why: String) -> UpstreamError {
        let what = match cached {
            true => format!("the download in the cache (`{directory}`)"),
            false => "what the package index served".to_owned(),
        };
        FetchError::NotPublished {
            what,
            release: self.release.clone(),
            why,
            cached: cached.then(|| directory.to_owned()),
        }
        .into()
    }
}
