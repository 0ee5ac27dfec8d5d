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
    let (url, project) = match source_tree(dist_info)? {
        Editable::No => return Ok(None),
        Editable::Unreadable(why) => return Err(bad(dist_info, why)),
        Editable::From { url, directory } => (url, directory),
    };
    let mut roots = path_file_entries(site)?;
    roots.extend(
        project
            .into_iter()
            .flat_map(|project| [project.join("src"), project]),
    );
    match roots.into_iter().find(|root| root.join(SQL).is_dir()) {
        Some(root) => Ok(Some(root)),
        None => Err(bad(
            dist_info,
            format!(
                "describes an editable installation of `{}`, but no `{PACKAGE}` package with migrations is there",
                url.escape_debug()
            ),
        )),
    }
}

fn bad(dist_info: &Utf8Path, why: String) -> UpstreamError {
    UpstreamError::BadFile {
        file: "direct_url.json".to_owned(),
        source_name: dist_info.to_string(),
        why,
    }
}
