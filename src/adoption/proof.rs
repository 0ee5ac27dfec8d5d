//! Which release's schema a revision makes, told by its DDL.

use super::{How, OwnRevision, Part, Sign};
use crate::catalog::objects::short;
use crate::catalog::{self, Release};
use crate::sql::fingerprints;

/// Why the DDL of a revision does not tell a release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// Databases differ by when they ran it.
    #[error(
        "line {line} reads the installed package when it runs (`{what}`), so a database has the schema of the release that was installed then"
    )]
    Package { line: usize, what: String },
    /// Not all of its SQL can be read.
    #[error("line {line} makes a part of it in a way that this program does not read: {what}")]
    Unread { line: usize, what: String },
    #[error("its DDL is that of Procrastinate {}, which is older", .proven.join(", "))]
    Earlier { proven: Vec<&'static str> },
    #[error("its DDL is that of no known release")]
    NoRelease,
}

/// The releases whose schema a database has after the revision: those whose `schema.sql`, or whose migrations from `before`
/// on, say what its DDL says. `schema` is left out before the names of Procrastinate's.
pub fn proven(
    own: &OwnRevision,
    before: Option<&'static Release>,
    schema: &str,
) -> Result<Vec<&'static Release>, Unproven> {
    if let Some(unclear) = own.unclear.first() {
        return Err(Unproven::Unread {
            line: unclear.line,
            what: format!("`{}`", unclear.what),
        });
    }
    let parts: Vec<&Part> = own.upgrade.iter().flat_map(|body| &body.parts).collect();
    let last = parts.iter().rposition(|part| !part.signs.is_empty());
    for part in parts.iter().take(last.map_or(0, |last| last + 1)) {
        let why = match part.leaves {
            true => Some("what comes after it runs under a condition"),
            false => part.doubt.filter(|_| !part.signs.is_empty()),
        };
        if let Some(why) = why {
            return Err(Unproven::Unread {
                line: part.lines.0,
                what: why.to_owned(),
            });
        }
    }
    let signs: Vec<&Sign> = own.upgrade.iter().flat_map(|body| body.signs()).collect();
    let texts: Vec<&str> = signs
        .iter()
        .map(|sign| text(sign))
        .collect::<Result<_, _>>()?;
    // SQLAlchemy, or a driver, takes these escapes away before the server sees the text.
    for (colon, percent) in [("\\:", "%%"), (":", "%%"), ("\\:", "%"), (":", "%")] {
        let mut said: Vec<u64> = Vec::new();
        for (sign, text) in signs.iter().zip(&texts) {
            let text = text.replace("\\:", colon).replace("%%", percent);
            let all = fingerprints(&text, Some(schema)).map_err(|error| Unproven::Unread {
                line: sign.line,
                what: error.to_string(),
            })?;
            said.extend(all.iter().map(short));
        }
        let releases = catalog::releases().filter(|release| says(release, before, &said));
        let found: Vec<_> = releases.collect();
        if !found.is_empty() && !said.is_empty() {
            return Ok(found);
        }
    }
    Err(Unproven::NoRelease)
}

fn text(sign: &Sign) -> Result<&str, Unproven> {
    let unread = |what: String| Unproven::Unread {
        line: sign.line,
        what,
    };
    match &sign.how {
        How::Package(what) | How::Command(what) => Err(Unproven::Package {
            line: sign.line,
            what: what.clone(),
        }),
        How::Operation(name, object) => Err(unread(format!("`op.{name}` of `{object}`"))),
        How::Literal(ddl) | How::File { ddl, .. } => {
            let text = ddl.text.as_deref();
            text.ok_or_else(|| unread("SQL that is put together when it runs".to_owned()))
        }
    }
}

fn says(release: &'static Release, before: Option<&'static Release>, said: &[u64]) -> bool {
    let old = before.map_or(&[][..], |before| before.migrations);
    let new = release
        .migrations
        .iter()
        .filter(|migration| old.iter().all(|old| old.sha256 != migration.sha256));
    let of_migrations = new
        .flat_map(|migration| catalog::effects_of(&migration.sha256))
        .flat_map(|effects| effects.says);
    let later = before.is_none_or(|before| before.version() < release.version());
    let whole = before.is_none() && schema(release).is_some_and(|schema| schema.says == said);
    whole || later && of_migrations.eq(said)
}

/// The `schema.sql` of a release.
fn schema(release: &'static Release) -> Option<&'static catalog::Schema> {
    let mut schemas = catalog::schemas().iter().rev();
    schemas.find(|schema| schema.first().version() <= release.version())
}
