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
        "`env.py` of {0} does not plainly name a version table of its own: it would share `alembic_version` with the application, and \
         each environment would stumble over the other's rows"
    )]
    SharedVersionTable(String),
    #[error(
        "{place}: `{text}` hands arguments to the `upgrade()` of every revision, as Alembic's template for several databases does, and a \
         vendored revision takes none: every upgrade would stop with a TypeError"
    )]
    SeveralDatabases { place: Place, text: String },
    #[error("Procrastinate's migrations are vendored in {0} already, and would be in two places")]
    VendoredElsewhere(Utf8PathBuf),
    /// No configuration here, and a project in a directory above, which the user did not name: its root, as a word of a shell.
    #[error(
        "there is no Alembic configuration of its own here, and the project in `{0}` was not named"
    )]
    Above(String),
    #[error("a schema is set, and copies of upstream's revision files cannot be told theirs")]
    SchemaOfCopies,
}

impl InitError {
    pub fn hint(&self) -> String {
        match self {
            Self::Separate(error) => error.hint(),
            Self::NoTemplates(_) => {
                "leave `--upstream-templates` out: this program has templates of its own".to_owned()
            }
            Self::SharedVersionTable(_) => {
                "leave `--upstream-templates` out: this program's own template has a version table of its own".to_owned()
            }
            Self::SeveralDatabases { .. } => {
                "keep Procrastinate's revisions in an environment of their own: `vendor-migrations init --separate`".to_owned()
            }
            Self::VendoredElsewhere(_) => {
                "stay with it; databases that have applied those revisions know them by their version table".to_owned()
            }
            Self::Above(root) => {
                format!("`vendor-migrations init -C {}` wires that one; with `-C .` this directory is meant", root)
            }
            Self::SchemaOfCopies => {
                "set `mode = \"render\"`, and vendor with `vendor-migrations sync --mode render`; or leave the schema out".to_owned()
            }
        }
    }
}
