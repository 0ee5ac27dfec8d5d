//! Where a project calls what makes tables: `alembic upgrade head`, which fails as soon as there is a second head, and
//! `procrastinate schema --apply`, which makes what the vendored revisions make. Beside them, the connectors of workers that
//! name a search path, and programs that make Alembic's configuration for themselves.
//!
//! Files that hold commands are read: build files, containers, CI, scripts, and Python that uses the packages' own functions. Prose is
//! not. What counts is that a line would run the command; these are decided, and documented here:
//!
//! - Comments, and labels such as `name:` or `description =`, run nothing.
//! - What `echo`, `printf` and the like are given runs nothing, a quoted text with `&&` in it included.
//! - The text of a here-document is read like a script, for that is what it mostly is.
//! - `CMD="alembic upgrade head"` counts, because a later line runs it; `"$ALEMBIC" upgrade head` does not,
//!   because the value of the variable is not known. `${REVISION:-head}` is read as its default, `head`.
//! - A Dockerfile's `ENTRYPOINT ["alembic"]` is not put together with its `CMD ["upgrade", "head"]`.
//! - Test code may make a database of its own with Procrastinate's schema, which it throws away: [`is_test`].

mod arguments;
mod commands;
mod configured;
mod directory;
mod images;
mod kind;
mod lines;
mod mappings;
mod packages;
mod python;
mod schema;
mod search;
mod words;

use std::sync::Arc;

use camino::Utf8PathBuf;

use self::directory::{Directory, joined};
use self::kind::Kind;
use self::mappings::Mappings;
use super::env_file::TransactionKind;
use crate::python_source::Stmt;
use crate::sql::SearchPath;

pub use self::configured::{Given, MadeConfig};
pub use self::kind::is_image;
pub(super) use self::search::found_in;
pub use self::search::{
    Around, Found, PassedOver, Search, calls_in, search, search_around, share_around,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Counted from 1: where the command's own name stands, if it spans several lines.
    pub line: usize,
    pub does: Does,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    UpgradeHead(Upgrade),
    /// It runs Procrastinate's `schema.sql`.
    ApplySchema,
    /// It makes a connector of Procrastinate's with this search path.
    Connect(SearchPath),
    /// It makes a configuration of Alembic's for itself.
    Configures(MadeConfig),
    /// It hands on a connection to `env.py` while a transaction is open on it.
    SharesConnection(TransactionKind),
    /// It takes these paths, which may be patterns, into an image (a Dockerfile copies them) or a package (`pyproject.toml` lists them).
    TakesIn(Vec<Utf8PathBuf>),
    /// It may do more: what the file holds beyond a bound of this program's was not read. The bound, for people.
    Beyond(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    pub program: Program,
    /// The configuration file that it names: Alembic's `-c`, `ALEMBIC_CONFIG`, `Config("…")`, or the one in Flask-Migrate's
    /// directory. None if it names none, or not in plain text.
    pub config: Option<String>,
    pub section: Option<String>,
    /// Where it runs: the `cd`s before it, `uv --directory`, `working-directory:`. Relative to the file or to the repository's root, or a
    /// container's path. None where nothing says so, or not in plain text.
    pub directory: Option<Arc<str>>,
}

impl Call {
    /// The same, run in a directory that is seen from `directory`.
    fn run_in(mut self, directory: Option<&Arc<str>>) -> Self {
        if let Does::UpgradeHead(upgrade) = &mut self.does {
            upgrade.directory = joined(directory.cloned(), upgrade.directory.take());
        }
        self
    }
}

/// What upgrades to `head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `alembic upgrade head`, in whatever form.
    Alembic,
    /// `flask db upgrade`, whose revision is `head` unless another is given.
    FlaskMigrate,
}

impl Program {
    /// What to call instead.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Alembic => "alembic upgrade heads",
            Self::FlaskMigrate => "flask db upgrade heads",
        }
    }
}

/// Which calls are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// `alembic upgrade head`.
    pub upgrades: bool,
    /// What applies Procrastinate's schema, and its connectors.
    pub procrastinate: bool,
}

impl Wanted {
    pub(crate) const ALL: Self = Self {
        upgrades: true,
        procrastinate: true,
    };

    /// Whether a text may hold such a call. Most texts need not be read any further.
    fn may_be_in(self, text: &str) -> bool {
        let has = |word| text.contains(word);
        let applies = || has("apply_schema") || (has("procrastinate") && has("schema"));
        let connects = || has("Connector") && has("search_path");
        let configures = || has("alembic") && (has("Config(") || has("attributes"));
        let about = || applies() || connects() || configures();
        // Flask's commands need no `head`.
        let programs = || has("alembic") && has("head") || has("flask") || has("manage.py");
        let upgrades = || has("upgrade") && programs();
        (self.upgrades && upgrades()) || (self.procrastinate && about())
    }

    pub(super) fn is(self, does: &Does) -> bool {
        match does {
            Does::UpgradeHead(_) => self.upgrades,
            Does::ApplySchema
            | Does::Connect(_)
            | Does::Configures(_)
            | Does::SharesConnection(_)
            | Does::TakesIn(_) => self.procrastinate,
            Does::Beyond(_) => true,
        }
    }
}

/// The calls in a file, in the order of lines; none if files of this name hold no commands.
///
/// `path` is relative to the project, with `/`. The kind of a script without an extension is told by the first line of its text.
pub fn calls(path: &str, text: &str, wanted: Wanted) -> Vec<Call> {
    let Some(kind) = Kind::of(path).or_else(|| Kind::of_script(path, text)) else {
        return Vec::new();
    };
    let taken_in = match path.rsplit('/').next() {
        _ if is_image(path) => images::copies(text),
        Some("pyproject.toml") => packages::listed(text),
        _ => Vec::new(),
    };
    let mut calls = match kind {
        _ if !wanted.may_be_in(text) => Vec::new(),
        Kind::Python => python::calls(text),
        _ => of_lines(kind, text),
    };
    calls.extend(taken_in);
    calls.retain(|call| wanted.is(&call.does));
    calls.sort_by_key(|call| call.line);
    calls
}

/// The calls of all kinds in Python that is parsed already.
pub(super) fn calls_of_python(source: &str, suite: &[Stmt]) -> Vec<Call> {
    if !Wanted::ALL.may_be_in(source) {
        return Vec::new();
    }
    let mut calls = python::calls_of(source, suite);
    calls.sort_by_key(|call| call.line);
    calls
}

/// The calls in lines that are run one after the other.
fn of_lines(kind: Kind, text: &str) -> Vec<Call> {
    let mut found = Vec::new();
    let mut directory: Directory = None;
    // How far the line that entered it is indented.
    let mut entered_at = 0;
    for line in lines::logical(kind, text) {
        let string = line.text.trim_start();
        let indent = line.text[..line.text.len() - string.len()].chars().count();
        let mut begin = string;
        while let Some(rest) = begin.strip_prefix("- ") {
            begin = rest;
        }
        let enters = begin.starts_with("cd ") || begin.starts_with("pushd ");
        // A script is one shell, and so are the lines of one scalar or list in YAML; elsewhere each line has its own.
        let (goes_on, leaves) = match kind {
            Kind::Script => (true, true),
            Kind::Yaml => (indent >= entered_at, enters),
            _ => (false, false),
        };
        let before = directory.take().filter(|_| goes_on);
        directory.clone_from(&before);
        found.extend(commands::calls(&line, &mut directory));
        if leaves {
            entered_at = indent;
        } else {
            directory = before;
        }
    }
    if kind == Kind::Yaml && !found.is_empty() {
        let mappings = Mappings::of(text);
        let of_keys = |call: Call| {
            let enters =
                matches!(&call.does, Does::UpgradeHead(upgrade) if upgrade.directory.is_some());
            let keys = mappings.directory(call.line, !enters);
            call.run_in(keys.as_ref())
        };
        found = found.into_iter().map(of_keys).collect();
    }
    found
}

/// Whether a file is test code by its path: below `test` or `tests`, or called as pytest has it.
pub fn is_test(path: &str) -> bool {
    let mut directories: Vec<&str> = path.split('/').collect();
    let name = directories.pop().unwrap_or_default();
    directories
        .iter()
        .any(|directory| matches!(*directory, "test" | "tests"))
        || name == "conftest.py"
        || name
            .strip_suffix(".py")
            .is_some_and(|name| name.starts_with("test_") || name.ends_with("_test"))
}

#[cfg(test)]
mod tests;
