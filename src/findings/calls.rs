//! Calls in scripts and Python files that fail beside the vendored revisions.

use super::{Code, Finding};
use crate::alembic::invocations::{Found, Upgrade};
use crate::place::Place;

/// A call that fails as long as there are several heads.
pub fn upgrade_head(found: &Found, upgrade: &Upgrade, in_place: bool) -> Finding {
    let message = format!(
        "`{}` fails with several heads, and Procrastinate's revisions are a branch of their own",
        found.text
    );
    let or = if in_place {
        "join the two by a merge revision (`alembic merge heads`) after each upgrade of Procrastinate"
    } else {
        "make the history one line (`history = \"linear\"` in the settings, before the first `sync`)"
    };
    let remedy = format!("write `{}`, or {or}", upgrade.program.remedy());
    Finding::error(Code::UpgradeHead, place(found), message, remedy)
}

/// A call that makes Procrastinate's tables beside the revisions that make them.
pub fn schema_apply(found: &Found) -> Finding {
    let message = format!(
        "`{}` makes Procrastinate's tables, and so do the revisions that `alembic upgrade` runs: on a fresh database, whichever \
         comes second fails (\"already exists\")",
        found.text
    );
    let remedy = "take it out: the revisions make the tables. A database that it made is stamped once, by hand \
                  (`vendor-migrations stamp --database URL` prints the command), and never by what runs at each start";
    Finding::error(Code::SchemaApply, place(found), message, remedy)
}

fn place(found: &Found) -> Place {
    Place::new(found.file.as_str()).at(found.call.line)
}
