//! What `init` refuses.

use camino::Utf8PathBuf;

use crate::place::Place;
use crate::wiring::separate::SeparateError;

#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error(transparent)]
    Separate(#[from] SeparateError),
    #[error("{0} ships no templates of an Alembic environment")]
    NoTemplates(String),
    /// Its environment would share the application's version table.
    #[error(
        "`env.py` of {0} does not clearly name its own version table: it would share `alembic_version` with the \
         application, and each environment would fail on the rows of the other"
    )]
    SharedVersionTable(String),
    #[error(
        "{place}: `{text}` passes arguments to the `upgrade()` of every revision, as Alembic's template for several \
         databases does, but a vendored revision takes no arguments: every upgrade would stop with a TypeError"
    )]
    SeveralDatabases { place: Place, text: String },
    #[error("Procrastinate's migrations are vendored in {0} already, and would be in two places")]
    VendoredElsewhere(Utf8PathBuf),
    /// No configuration here, and a project in a directory above, which the user did not name: its root, as a word of a shell.
    #[error("this directory has no Alembic configuration, and the project in `{0}` was not named")]
    Above(String),
    #[error("a schema is set, but it cannot be applied to copies of upstream's revision files")]
    SchemaOfCopies,
}

impl InitError {
    pub fn hint(&self) -> String {
        match self {
            Self::Separate(error) => error.hint(),
            Self::NoTemplates(_) => {
                "remove `--upstream-templates`: this program has its own templates".to_owned()
            }
            Self::SharedVersionTable(_) => {
                "remove `--upstream-templates`: this program's own template has a separate version table".to_owned()
            }
            Self::SeveralDatabases { .. } => {
                "keep Procrastinate's revisions in a separate environment: `vendor-migrations init --separate`".to_owned()
            }
            Self::VendoredElsewhere(_) => {
                "keep that environment; databases that have applied those revisions have recorded them in its version \
                 table".to_owned()
            }
            Self::Above(root) => {
                format!("`vendor-migrations init -C {}` wires that project; `-C .` means this directory", root)
            }
            Self::SchemaOfCopies => {
                "set `mode = \"render\"`, and vendor with `vendor-migrations sync --mode render`; or do not set a schema".to_owned()
            }
        }
    }
}
