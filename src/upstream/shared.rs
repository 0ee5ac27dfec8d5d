//! Releases that several projects use: each installation is read once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Upstream, UpstreamError};

use crate::links;

/// What one command has read in several projects; by default nothing is kept.
#[derive(Debug, Clone, Default)]
pub struct Upstreams(Option<Arc<Mutex<HashMap<Utf8PathBuf, Place>>>>);

/// Whoever comes first reads it, and the others wait.
type Place = Arc<Mutex<Option<Upstream>>>;

impl Upstreams {
    pub fn shared() -> Self {
        Self(Some(Arc::default()))
    }

    /// The release that a `.dist-info` describes, as it was read before, or by `read`. `source` is how this project calls its place.
    pub(super) fn once(
        &self,
        dist_info: &Utf8Path,
        source: &str,
        read: impl FnOnce() -> Result<Upstream, UpstreamError>,
    ) -> Result<Upstream, UpstreamError> {
        let (Some(all), Ok(real)) = (&self.0, links::real(dist_info)) else {
            return read();
        };
        let place = {
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(real).or_default())
        };
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*place {
            return Ok(Upstream {
                source: source.to_owned(),
                ..known.clone()
            });
        }
        let upstream = read()?;
        // What names the place in other words is this project's.
        let is_plain =
            upstream.source == source && !upstream.notes.iter().any(|note| note.contains(source));
        if is_plain {
            *place = Some(upstream.clone());
        }
        Ok(upstream)
    }
}
