//! Calls in scripts and Python files that fail beside the vendored revisions.

use camino::Utf8Path;

use super::{Code, Finding};
use crate::alembic::invocations::{Found, Upgrade};
use crate::place::Place;

/// A call that fails as long as there are several heads.
pub fn upgrade_head(found: &Found, upgrade: &Upgrade, in_place: bool) -> Finding {
    let message = format!(
        "`{}` fails with several heads, and Procrastinate's revisions are a branch of their own",
        without_password(&found.text)
    );
    let or = if in_place {
        "join the two by a merge revision (`alembic merge heads`) after each upgrade of Procrastinate"
    } else {
        "make the history one line (`history = \"linear\"` in the settings, before anything is vendored)"
    };
    let remedy = format!("write `{}`, or {or}", upgrade.program.remedy());
    Finding::error(Code::UpgradeHead, place(found), message, remedy)
}

/// A call that makes Procrastinate's tables beside the revisions that make them.
pub fn schema_apply(found: &Found) -> Finding {
    let message = format!(
        "`{}` makes Procrastinate's tables, and the revisions that `alembic upgrade` runs make them as well: on a fresh \
         database, the second of the two fails (\"already exists\")",
        without_password(&found.text)
    );
    let remedy = "remove it: vendored revisions make the tables. Stamp a database that it made once, by hand \
                  (`vendor-migrations stamp --database URL` prints the command), and never in a script that runs at each \
                  start";
    Finding::error(Code::SchemaApply, place(found), message, remedy)
}

fn place(found: &Found) -> Place {
    Place::new(found.file.as_str()).at(found.call.line)
}

/// A line, without what stands in a URL before its host, and without the value of `password=`: reports are read by many.
pub(super) fn without_password(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line;
    let next = |rest: &str| {
        let signs = ["://", "password="].iter();
        signs
            .filter_map(|sign| Some(rest.find(sign)? + sign.len()))
            .min()
    };
    while let Some(at) = next(rest) {
        let (before, after) = rest.split_at(at);
        shown.push_str(before);
        let end = after.find([' ', '"', '\'', '`']).unwrap_or(after.len());
        let secret = match before.ends_with("://") {
            true => after[..end].rfind('@').unwrap_or(0),
            false => end,
        };
        shown.push_str(if secret > 0 { "…" } else { "" });
        rest = &after[secret..];
    }
    shown + rest
}

/// A Dockerfile that leaves the vendored directory out.
pub fn not_in_image(found: &Found, directory: &Utf8Path) -> Finding {
    let message = format!(
        "`{}` copies a part of Alembic's scripts, but no line copies {directory}: in the image Alembic does not have the \
         vendored revisions",
        found.text
    );
    let remedy = format!("copy {directory}, too");
    Finding::error(Code::NotInImage, place(found), message, remedy)
}

/// A package that is built without the vendored directory.
pub fn not_in_package(found: &Found, directory: &Utf8Path) -> Finding {
    let message = format!(
        "`{}` puts a part of Alembic's scripts into the package, but no entry includes {directory}: where the package is \
         installed, Alembic does not have the vendored revisions",
        found.text
    );
    let remedy = format!("list {directory}, too");
    Finding::error(Code::NotInPackage, place(found), message, remedy)
}

/// A program that hands on a connection in whose transaction Alembic cannot leave its own.
pub fn shared_connection(found: &Found) -> Finding {
    let message = format!(
        "`{}` opens a transaction on the connection that `env.py` is given, and a revision that has to leave the \
         transaction (`ALTER TYPE … ADD VALUE`) stops with an AssertionError",
        without_password(&found.text)
    );
    let remedy = "pass a connection without an open transaction: `with engine.connect() as connection:`; Alembic begins \
                  and commits its own";
    Finding::error(Code::EnvTransaction, place(found), message, remedy)
}

/// A program whose configuration does not have the vendored directory.
pub fn unseen(found: &Found, directory: &Utf8Path, why: &str) -> Finding {
    let message = format!(
        "`{}` makes a configuration that does not have {directory}: {why}, so an upgrade with it ends without an error, \
         and applies none of the revisions there",
        without_password(&found.text)
    );
    let remedy = "let it read the project's configuration file, and set no `version_locations`";
    Finding::error(Code::NotWired, place(found), message, remedy)
}

/// The same where its text does not tell.
pub fn maybe_unseen(found: &Found, directory: &Utf8Path) -> String {
    format!(
        "{}: it is not known whether the configuration that is made there has {directory}: its `version_locations` are \
         only known when it runs",
        place(found)
    )
}

/// A program that may be started from elsewhere than its configuration's locations count from.
pub fn moved(found: &Found, directory: &Utf8Path) -> String {
    format!(
        "{}: it finds the script location from every directory, but some of the configuration's `version_locations` are \
         relative. Started from another directory, it applies no revision of those, without a message ({directory} may be \
         one of them); begin them with `%(here)s/`",
        place(found)
    )
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn passwords_are_not_shown() {
        for (line, shown) in [
            (
                "psql postgresql://u:s3cret@h/d -f x.sql",
                "psql postgresql://…@h/d -f x.sql",
            ),
            (
                "a = 'postgresql://u:p@ss@h/d?x=1'",
                "a = 'postgresql://…@h/d?x=1'",
            ),
            (
                "psql \"host=h password=s3cret\" -f x",
                "psql \"host=h password=…\" -f x",
            ),
            ("A=http://a@b B=http://c:d@e", "A=http://…@b B=http://…@e"),
            (
                "psql postgresql://h/d # mail@example.org",
                "psql postgresql://h/d # mail@example.org",
            ),
            (
                "procrastinate schema --apply",
                "procrastinate schema --apply",
            ),
            ("x://", "x://"),
        ] {
            assert_eq!(without_password(line), shown);
        }
    }
}
