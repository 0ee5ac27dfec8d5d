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
use crate::environment::PYTHON;
use crate::read;

#[derive(Debug, Clone, Copy)]
pub struct Fetch<'a> {
    pub release: &'a Version,
    /// The digest that its wheel must have; if none is given, the one in the catalogue of releases.
    pub sha256: Option<Digest>,
    /// The user's cache directory for this program; none if the system names none.
    pub cache: Option<&'a Utf8Path>,
    /// Where `uv` runs, so that it reads the project's own index configuration.
    pub directory: &'a Utf8Path,
    /// If they are forbidden, only the cache is read.
    pub processes: Processes,
}

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("Procrastinate {0} is not in the cache, and this command downloads nothing")]
    NotCached(Version),
    #[error(
        "downloading Procrastinate {0} needs `uv` or `{PYTHON} -m pip`, and neither is on the PATH"
    )]
    NoProgram(Version),
    #[error("{program} could not download Procrastinate {release} ({status}):\n{message}")]
    Failed {
        program: &'static str,
        release: Version,
        status: String,
        /// The last lines of its standard error.
        message: String,
    },
    #[error("{program} reported success, but left no Procrastinate {release} behind")]
    Nothing {
        program: &'static str,
        release: Version,
    },
    #[error("asked for Procrastinate {wanted}, but the index served {got}")]
    OtherRelease { wanted: Version, got: Version },
    /// Not the published wheel, or other files than it holds.
    #[error("{what} differs from the published Procrastinate {release}: {why}")]
    NotPublished {
        /// The wheel or the directory, in words.
        what: String,
        release: Version,
        why: String,
        /// Where it lies, if that is the cache.
        cached: Option<Utf8PathBuf>,
    },
    #[error("the cache directory cannot be used: {0}")]
    Cache(#[source] io::Error),
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
                "check that the package index can be reached, and that it serves the published wheel; or give a wheel with `--from`"
                    .to_owned()
            }
            Self::Failed { release, .. } => format!(
                "check that release {release} exists{}, and that the package index can be reached; without network, give a \
                 wheel with `--from`",
                nearest(release)
            ),
            Self::NotPublished {
                cached: Some(cached),
                ..
            } => format!("delete `{cached}`, and run the command again to have it downloaded"),
            Self::NotPublished { cached: None, .. } => {
                "check which package index `uv` or `pip` is configured for: it serves its own build. To use that build, \
                 give it with `--from`"
                    .to_owned()
            }
            Self::Nothing { .. } | Self::OtherRelease { .. } | Self::Unusable(_) => {
                "check which package index `uv` or `pip` is configured for, or give a wheel with `--from`".to_owned()
            }
            Self::Cache(_) => "set `XDG_CACHE_HOME` to a directory that can be written".to_owned(),
        }
    }
}

/// Names the nearest known releases for an unknown one.
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
        // A damaged entry is downloaded again, like a missing one.
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
    // It was read where it was downloaded to.
    let root = upstream.root.as_ref().map(|_| kept);
    Ok(Upstream { root, ..upstream })
}

/// Moves the download to its place in the cache. Another run may have put the same release there meanwhile.
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
    /// As the catalogue writes it: `3.6.0`, also if the user asked for `3.6`.
    pub(super) fn name(&self) -> String {
        match catalog::release(self.release) {
            Some(release) => release.name.to_owned(),
            None => self.release.to_string(),
        }
    }

    /// `uv` does not keep the wheel that it installs, so it checks this digest itself; the wheel that `pip` left is
    /// checked here.
    pub(super) fn sha256(&self) -> Option<Digest> {
        let published = || Some(catalog::release(self.release)?.wheel.as_ref()?.sha256);
        self.sha256.or_else(published)
    }

    /// The release in one of the cache's directories: a wheel that `pip` left, or a tree that `uv` installed.
    fn open(&self, directory: &Utf8Path, cached: bool) -> Result<Option<Upstream>, UpstreamError> {
        let not_published = |why: String| FetchError::NotPublished {
            what: match cached {
                true => format!("the download in the cache (`{directory}`)"),
                false => "what the package index served".to_owned(),
            },
            release: self.release.clone(),
            why,
            cached: cached.then(|| directory.to_owned()),
        };
        if !directory.is_dir() {
            return Ok(None);
        }
        let source = format!("release {} of the package index", self.name());
        let entries = directory.read_dir_utf8()?.collect::<io::Result<Vec<_>>>()?;
        let mut paths = entries.iter().map(|entry| entry.path());
        let found = match paths.find(|path| path.extension() == Some("whl")) {
            None => site_packages::read(directory, &source)?,
            Some(path) => {
                let upstream = wheel::read(path, &source)?;
                let found = Digest::of(read::bytes(path)?);
                if let Some(published) = self.sha256().filter(|published| *published != found) {
                    let why =
                        format!("its SHA-256 is {found}, the published wheel's is {published}");
                    return Err(not_published(why).into());
                }
                Some(upstream)
            }
        };
        let Some(upstream) = found else {
            return Ok(None);
        };
        let Some(first) = upstream.modified.first() else {
            return Ok(Some(upstream));
        };
        let mut evidence = upstream.modified.iter().map(|file| file.evidence);
        if evidence.all(|evidence| evidence == Evidence::Catalogue) {
            let why = format!("`{}`: {}", first.path, first.why);
            return Err(not_published(why).into());
        }
        let why = format!("does not match {}: {}", first.evidence, first.why);
        Err(UpstreamError::bad_file(&first.path, &upstream.source, why))
    }
}
