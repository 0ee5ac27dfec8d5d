//! Where a project calls `alembic upgrade head`, which fails as soon as there is a second head.
//!
//! Files that hold commands are read: build files, containers, CI, scripts, and Python that uses Alembic's own commands. Prose is
//! not. What counts is that a line would run the command; these are decided, and documented here:
//!
//! - Comments, and labels such as `name:` or `description =`, run nothing.
//! - What `echo`, `printf` and the like are given runs nothing, a quoted text with `&&` in it included.
//! - The text of a here-document is read like a script, for that is what it mostly is.
//! - `CMD="alembic upgrade head"` counts, because a later line runs it; `"$ALEMBIC" upgrade head` does not,
//!   because the value of the variable is not known. `${REVISION:-head}` is read as its default, `head`.
//! - A Dockerfile's `ENTRYPOINT ["alembic"]` is not put together with its `CMD ["upgrade", "head"]`.

mod commands;
mod kind;
mod lines;
mod python;
mod search;
mod words;

use self::kind::Kind;

pub use self::search::{Found, PassedOver, Search, search};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Counted from 1: where the command's own name stands, if it spans several lines.
    pub line: usize,
    pub program: Program,
    /// The configuration file that it names: Alembic's `-c`, `ALEMBIC_CONFIG`, `Config("…")`, or the one in Flask-Migrate's
    /// directory. None if it names none, or not in plain text.
    pub config: Option<String>,
    pub section: Option<String>,
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

/// The calls in a file, in the order of lines; none if files of this name hold no commands.
///
/// `path` is relative to the project, with `/`. The kind of a script without an extension is told by the first line of its text.
pub fn calls(path: &str, text: &str) -> Vec<Call> {
    let Some(kind) = Kind::of(path).or_else(|| Kind::of_script(path, text)) else {
        return Vec::new();
    };
    if !text.contains("upgrade") {
        return Vec::new();
    }
    let mut calls = match kind {
        Kind::Python => python::calls(text),
        _ => lines::logical(kind, text)
            .iter()
            .flat_map(|line| commands::calls(line))
            .collect(),
    };
    calls.sort_by_key(|call| call.line);
    calls
}

#[cfg(test)]
mod tests;
