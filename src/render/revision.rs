//! One SQL migration as the source of one or more self-contained Alembic revisions.

use super::frame::Frame;
use super::literal::{escape_colons, python_text};
use crate::digest::Digest;
use crate::procrastinate::MigrationName;
use crate::sql::statements::{SplitError, Statement, split};
use crate::sql::{Schema, is_repeatable, needs_autocommit, rewritten};

/// Procrastinate's migrations become three at most.
const MOST_PARTS: usize = 100;

/// A revision's place in Alembic's graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    pub id: &'a str,
    /// The id of the revision before it, if there is one.
    pub down: Option<&'a str>,
    /// Branch labels; the chain's root carries `procrastinate`.
    pub labels: &'a [String],
    /// The ids of other revisions that have to run before it.
    pub depends_on: &'a [String],
    /// Whether it is the first of the chain.
    pub is_first: bool,
}

/// A migration that cannot be rendered as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    #[error(transparent)]
    Split(#[from] SplitError),
    /// Alembic holds the transaction; a migration that ends it would be half committed on a failure.
    #[error("line {line}: the migration begins or ends a transaction itself (`{statement}`)")]
    OwnTransaction {
        /// Counted from 1.
        line: usize,
        statement: String,
    },
    /// SQLAlchemy would change the statement, each of its versions in another way.
    #[error(
        "line {line}: SQLAlchemy 2.0 and 2.1 read the colon before `$` and a second colon differently"
    )]
    AmbiguousColon {
        /// Counted from 1.
        line: usize,
    },
    /// No search path holds outside of a transaction, and the statement cannot be made to name the schema.
    #[error(
        "line {line}: the statement runs outside of a transaction, where the setting `schema` cannot be applied to it"
    )]
    NeedsPath {
        /// Counted from 1.
        line: usize,
    },
    #[error("it would become more than {MOST_PARTS} revisions")]
    TooManyParts,
    #[error("SQLAlchemy 2.0 and 2.1 read the colons in the schema's name differently")]
    AmbiguousSchema,
    /// `COPY … FROM STDIN` reads data from the connection, not from the statement.
    #[error("line {line}: `COPY … FROM STDIN` cannot run as a statement of its own")]
    CopyFromStdin {
        /// Counted from 1.
        line: usize,
    },
}

/// A migration cut into the parts that each become one revision.
///
/// A statement that cannot run inside a transaction block commits whatever ran before it. So that a revision can
/// always be run again after a failure, new enum values stand at the beginning of a part, and a statement that cannot be
/// repeated (`CREATE INDEX CONCURRENTLY`) is followed by nothing in its part.
#[derive(Debug)]
pub struct Migration<'a> {
    name: &'a MigrationName,
    digest: Digest,
    /// For one schema: what stands around its statements.
    frame: Option<Frame>,
    parts: Vec<Vec<Step>>,
}

#[derive(Debug)]
struct Step {
    /// What `sqlalchemy.text` turns into the statement.
    text: String,
    /// It has to be committed on its own.
    alone: bool,
}

impl<'a> Migration<'a> {
    /// With `schema`, its statements run in that schema; else where the session's search path points.
    pub fn new(
        name: &'a MigrationName,
        sql: &'a str,
        schema: Option<&Schema>,
    ) -> Result<Self, RenderError> {
        let mut parts: Vec<Vec<Step>> = vec![Vec::new()];
        let (mut leading, mut ended) = (true, false);
        for statement in split(sql)? {
            let step = Step::new(&statement, schema)?;
            if !leading && (step.alone || ended) {
                parts.push(Vec::new());
            }
            if parts.len() > MOST_PARTS {
                return Err(RenderError::TooManyParts);
            }
            // What cannot be repeated has a revision of its own, or ends one that begins with what can.
            ended = step.alone && !is_repeatable(&statement);
            leading = step.alone && !ended;
            if let Some(part) = parts.last_mut() {
                part.push(step);
            }
        }
        let frame = match schema {
            Some(schema) => Some(Frame::new(schema).ok_or(RenderError::AmbiguousSchema)?),
            None => None,
        };
        Ok(Self {
            name,
            digest: Digest::of(sql),
            frame,
            parts,
        })
    }

    /// The number of revisions that the migration becomes, at least 1.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Part `index` of `of` as a revision file. A migration that was vendored as `of` revisions keeps that
    /// number: the last one takes what is left over, and those beyond the end are empty.
    pub fn render(&self, index: usize, of: usize, place: &Place<'_>) -> String {
        let parts = self.parts.iter().enumerate();
        let own = parts.filter(|(part, _)| (*part).min(of - 1) == index);
        let steps: Vec<&Step> = own.flat_map(|(_, steps)| steps).collect();
        let part = if of > 1 {
            format!(", part {} of {of}", index + 1)
        } else {
            String::new()
        };
        let title = format!("Procrastinate: {}{part}", self.name.title());
        [
            docstring(&title, self.name, self.digest),
            if steps.is_empty() { "" } else { IMPORT }.to_owned(),
            header(place),
            upgrade(&steps, self.frame.as_ref(), place.is_first),
            DOWNGRADE.to_owned(),
        ]
        .concat()
    }
}

impl Step {
    fn new(statement: &Statement<'_>, schema: Option<&Schema>) -> Result<Self, RenderError> {
        refuse(statement)?;
        let alone = needs_autocommit(statement);
        if schema.is_some() && alone && !is_repeatable(statement) {
            return Err(RenderError::NeedsPath {
                line: statement.line(),
            });
        }
        let sql = rewritten(statement, schema.map(|schema| &schema.name));
        let text = escape_colons(&sql).map_err(|at| RenderError::AmbiguousColon {
            line: statement.first_line() + sql[..at].matches('\n').count(),
        })?;
        Ok(Self { text, alone })
    }
}

fn refuse(statement: &Statement<'_>) -> Result<(), RenderError> {
    const ENDS_A_TRANSACTION: [&[&str]; 9] = [
        &["BEGIN"],
        &["START", "TRANSACTION"],
        &["COMMIT"],
        &["END"],
        &["ROLLBACK"],
        &["ABORT"],
        &["PREPARE", "TRANSACTION"],
        &["SAVEPOINT"],
        &["RELEASE"],
    ];
    if let Some(words) = ENDS_A_TRANSACTION
        .iter()
        .find(|words| statement.starts_with(words))
    {
        return Err(RenderError::OwnTransaction {
            line: statement.line(),
            statement: words.join(" "),
        });
    }
    if statement.starts_with(&["COPY"]) && statement.has_word("STDIN") {
        return Err(RenderError::CopyFromStdin {
            line: statement.line(),
        });
    }
    Ok(())
}

/// Whether a file says that it was rendered.
pub fn is_rendered(file: &[u8]) -> bool {
    String::from_utf8_lossy(file).contains("\nRendered by vendor-migrations. ")
}

fn docstring(title: &str, name: &MigrationName, digest: Digest) -> String {
    format!(
        r#""""{title}

SQL file: {name}
SHA-256:  {digest}
Origin:   Procrastinate, https://github.com/procrastinate-org/procrastinate
Licence:  MIT, Copyright (c) PeopleDoc, Joachim Jablon, Eric Lemoine, Kai Schlamp

Rendered by vendor-migrations. Do not edit: `vendor-migrations check` compares this file
with its lock, and `vendor-migrations sync` renews it when Procrastinate's SQL changes.
"""

"#
    )
}

fn header(place: &Place<'_>) -> String {
    let down = place.down.map_or("None".to_owned(), quoted);
    let labels = match place.labels {
        [] => "None".to_owned(),
        [label] => format!("({},)", quoted(label)),
        labels => {
            let labels: Vec<_> = labels.iter().map(|label| quoted(label)).collect();
            format!("({})", labels.join(", "))
        }
    };
    let depends_on = match place.depends_on {
        [] => "None".to_owned(),
        [id] => quoted(id),
        ids => {
            let ids: Vec<_> = ids.iter().map(|id| quoted(id)).collect();
            format!("({})", ids.join(", "))
        }
    };
    format!(
        "revision = {}\ndown_revision = {down}\nbranch_labels = {labels}\ndepends_on = {depends_on}\n\n\n",
        quoted(place.id)
    )
}

const IMPORT: &str = "from alembic import op\n\n";

/// A short text as a Python string.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

fn upgrade(steps: &[&Step], frame: Option<&Frame>, is_first: bool) -> String {
    let mut body = String::from("def upgrade() -> None:\n");
    let create = frame.and_then(|frame| frame.create.as_ref());
    if let Some(create) = create.filter(|_| is_first && !steps.is_empty()) {
        execute(&mut body, create, INDENT);
    }
    let (mut inside, mut framed) = (false, false);
    for step in steps {
        if let Some(frame) = frame.filter(|_| framed == step.alone) {
            let frame = if framed {
                std::slice::from_ref(&frame.leave)
            } else {
                &frame.enter
            };
            for text in frame {
                execute(&mut body, text, INDENT);
            }
            framed = !framed;
        }
        if step.alone && !inside {
            body.push_str("    with op.get_context().autocommit_block():\n");
        }
        inside = step.alone;
        let indent = if inside { "        " } else { INDENT };
        execute(&mut body, &step.text, indent);
    }
    if let Some(frame) = frame.filter(|_| framed) {
        execute(&mut body, &frame.leave, INDENT);
    }
    if steps.is_empty() {
        body.push_str("    pass\n");
    }
    body.push_str("\n\n");
    body
}

const INDENT: &str = "    ";

fn execute(body: &mut String, text: &str, indent: &str) {
    let text = python_text(text);
    body.push_str(&format!("{indent}op.execute(\"\"\"\\\n{text}\"\"\")\n"));
}

const DOWNGRADE: &str = r#"def downgrade() -> None:
    raise NotImplementedError(
        "Procrastinate's migrations cannot be undone: restore a backup of the database."
    )
"#;

#[cfg(test)]
mod tests;
