//! Finds the source tree behind an editable installation of Procrastinate.

use camino::{Utf8Path, Utf8PathBuf};

use super::UpstreamError;
use crate::environment::editable::{Editable, path_file_entries, source_tree};
use crate::procrastinate::{PACKAGE, SQL};

/// The directory that holds the `procrastinate` package of an editable installation; none if it is not one.
pub(super) fn root(
    site: &Utf8Path,
    dist_info: &Utf8Path,
) -> Result<Option<Utf8PathBuf>, UpstreamError> {
    let bad = |why| UpstreamError::bad_file("direct_url.json", dist_info.as_str(), why);
    let (url, project) = match source_tree(dist_info)? {
        Editable::No => return Ok(None),
        Editable::Unreadable(why) => return Err(bad(why)),
        Editable::From { url, directory } => (url, directory),
    };
    let sources = project.into_iter();
    let sources = sources.flat_map(|project| [project.join("src"), project]);
    let mut roots = path_file_entries(site)?.into_iter().chain(sources);
    let root = roots.find(|root| root.join(SQL).is_dir());
    root.map(Some).ok_or_else(|| {
        bad(format!(
            "describes an editable installation of `{}`, but no `{PACKAGE}` package with migrations is there",
            url.escape_debug()
        ))
    })
}
