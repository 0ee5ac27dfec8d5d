//! What is impossible in place.

use camino::Utf8PathBuf;

/// An option or a state that does not fit `--in-place`.
#[derive(Debug, thiserror::Error)]
pub enum InPlaceError {
    #[error(
        "{title} ships no Alembic revisions, only SQL files, so there is nothing that Alembic could run in place"
    )]
    NoRevisions { title: String },
    #[error(
        "in place, the history cannot be linear: the package's own files say which revision follows which, and revisions \
         that are not copied cannot be chained onto the project's"
    )]
    Linear,
    #[error("{0} is not installed, but in place, Alembic imports the installed package")]
    NotInstalled(String),
    #[error("Alembic would take `{location}` from {imported}, which is not {title}")]
    Elsewhere {
        /// As Alembic's configuration has it.
        location: String,
        imported: Utf8PathBuf,
        /// The release that was found, and its source.
        title: String,
    },
    #[error(
        "`{0}` holds vendored revisions, and the package's own revisions would run in addition to them"
    )]
    Vendored(Utf8PathBuf),
    /// An option about vendored files, in a project that is in place.
    #[error(
        "{0} works on vendored files, but this project has none: the package's own revisions run (mode `in-place`)"
    )]
    NoFiles(&'static str),
    #[error(
        "this project runs the package's own revisions (mode `in-place`), and vendored revisions would run in addition to them"
    )]
    Already,
    #[error("`init` reads a release only with `--in-place`")]
    NoSource,
}

impl InPlaceError {
    pub fn hint(&self) -> String {
        match self {
            Self::NoRevisions { .. } => {
                "run `vendor-migrations init` and `vendor-migrations sync`, which make revisions from the SQL files".to_owned()
            }
            Self::Linear => "vendor the revisions (`vendor-migrations init --history linear`), or do not use `linear`, and \
                             upgrade with `alembic upgrade heads`"
                .to_owned(),
            Self::NotInstalled(_) => "install that release into the project's environment; `vendor-migrations` finds it there, \
                                      or at `--from DIR` or `--python EXE`"
                .to_owned(),
            Self::Elsewhere { .. } => {
                "name the installation that Alembic imports with `--from` or `--python`, or fix the environment".to_owned()
            }
            Self::Vendored(_) => "keep the vendored revisions; or, if no database has applied them, delete the directory, \
                                  remove it from `version_locations`, and run `vendor-migrations init --in-place` again"
                .to_owned(),
            Self::NoFiles(_) | Self::Already => {
                "keep mode `in-place`; or vendor copies, which keep the ids: docs/shipped-revisions.md".to_owned()
            }
            Self::NoSource => "name the source to `vendor-migrations sync`".to_owned(),
        }
    }
}
