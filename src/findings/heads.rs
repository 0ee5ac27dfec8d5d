//! Calls that fail when a project has several heads.

use super::{Code, Finding};
use crate::alembic::invocations::Found;
use crate::place::Place;

/// A call that fails as long as there are several heads.
pub fn upgrade_head(found: &Found, in_place: bool) -> Finding {
    let message = format!(
        "`{}` fails with several heads, and Procrastinate's revisions are a branch of their own",
        found.text
    );
    let or = if in_place {
        "join the two by a merge revision (`alembic merge heads`) after each upgrade of Procrastinate"
    } else {
        "make the history one line (`history = \"linear\"` in the settings, before the first `sync`)"
    };
    let remedy = format!("write `{}`, or {or}", found.call.program.remedy());
    let place = Place::new(found.file.as_str()).at(found.call.line);
    Finding::error(Code::UpgradeHead, place, message, remedy)
}
