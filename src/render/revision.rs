//! One SQL migration as the source of one or more self-contained Alembic revisions.

use super::literal::{escape_colons, python_text};
use crate::digest::Digest;
use crate::procrastinate::MigrationName;
use crate::sql::statements::{SplitError, Statement, split};
use crate::sql::{is_repeatable, needs_autocommit, rewritten};

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
    pub fn new(name: &'a MigrationName, sql: &'a str) -> Result<Self, RenderError> {
        let mut parts: Vec<Vec<Step>> = vec![Vec::new()];
        let (mut leading, mut ended) = (true, false);
        for statement in split(sql)? {
            let step = Step::new(&statement)?;
            if !leading && (step.alone || ended) {
                parts.push(Vec::new());
            }
            // What cannot be repeated has a revision of its own, or ends one that begins with what can.
            ended = step.alone && !is_repeatable(&statement);
            leading = step.alone && !ended;
            if let Some(part) = parts.last_mut() {
                part.push(step);
            }
        }
        Ok(Self {
            name,
            digest: Digest::of(sql),
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
            upgrade(&steps),
            DOWNGRADE.to_owned(),
        ]
        .concat()
    }
}

impl Step {
    fn new(statement: &Statement<'_>) -> Result<Self, RenderError> {
        refuse(statement)?;
        let sql = rewritten(statement);
        let text = escape_colons(&sql).map_err(|at| RenderError::AmbiguousColon {
            line: statement.first_line() + sql[..at].matches('\n').count(),
        })?;
        Ok(Self {
            text,
            alone: needs_autocommit(statement),
        })
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

fn upgrade(steps: &[&Step]) -> String {
    let mut body = String::from("def upgrade() -> None:\n");
    let mut inside = false;
    for step in steps {
        if step.alone && !inside {
            body.push_str("    with op.get_context().autocommit_block():\n");
        }
        inside = step.alone;
        let indent = if step.alone { "        " } else { "    " };
        let text = python_text(&step.text);
        body.push_str(&format!("{indent}op.execute(\"\"\"\\\n{text}\"\"\")\n"));
    }
    if steps.is_empty() {
        body.push_str("    pass\n");
    }
    body.push_str("\n\n");
    body
}

const DOWNGRADE: &str = r#"def downgrade() -> None:
    raise NotImplementedError(
        "Procrastinate's migrations cannot be undone: restore a backup of the database."
    )
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn render(sql: &str, of: Option<usize>) -> Vec<String> {
        let name = MigrationName::new("03.04.00_50_post_add_thing.sql").unwrap();
        let migration = Migration::new(&name, sql).unwrap();
        let of = of.unwrap_or(migration.parts());
        let place = Place {
            id: "b",
            down: Some("a"),
            labels: &[],
            depends_on: &[],
        };
        (0..of)
            .map(|index| migration.render(index, of, &place))
            .collect()
    }

    #[test]
    fn each_statement_is_executed_once_in_its_order() {
        let files = render("SELECT 1;\n-- two\nSELECT ':x', 100 % 3;", None);
        let [file] = files.as_slice() else {
            panic!("{files:?}")
        };
        assert!(file.starts_with("\"\"\"Procrastinate: add thing (post)\n"));
        assert!(file.contains("revision = \"b\"\ndown_revision = \"a\"\nbranch_labels = None\n"));
        let body = "    op.execute(\"\"\"\\\nSELECT 1\"\"\")\n    op.execute(\"\"\"\\\n-- two\nSELECT '\\\\:x', 100 % 3\"\"\")\n";
        assert!(file.contains(body), "{file}");
    }

    #[test]
    fn a_statement_that_commits_begins_a_revision() {
        let add = "ALTER TYPE t ADD VALUE 'x';";
        assert_eq!(render(&format!("{add}{add}SELECT 1;"), None).len(), 1);
        let files = render(&format!("SELECT 1;{add}SELECT 2;{add}"), None);
        assert_eq!(files.len(), 3);
        assert!(!files[0].contains("autocommit_block"));
        assert!(files[1].contains("autocommit_block") && files[1].contains("SELECT 2"));
        assert!(files[2].contains("part 3 of 3"));
        let index = "CREATE INDEX CONCURRENTLY i ON t (a);";
        assert_eq!(render(&format!("{add}{index}"), None).len(), 1);
        assert_eq!(
            render(&format!("{index}{index}SELECT 1;{index}"), None).len(),
            4
        );
    }

    #[test]
    fn the_number_of_revisions_stays_when_the_sql_changes() {
        let sql = "SELECT 1;ALTER TYPE t ADD VALUE 'x';SELECT 2;";
        let one = render(sql, Some(1)).concat();
        assert!(one.contains("SELECT 1") && one.contains("'x'") && one.contains("SELECT 2"));
        let three = render(sql, Some(3));
        assert!(three[1].contains("SELECT 2") && three[2].contains("    pass\n"));
        assert!(!three[2].contains("import op"));
    }

    #[test]
    fn what_ends_alembics_transaction_is_refused_with_its_line() {
        let name = MigrationName::new("1.sql").unwrap();
        for (sql, line) in [
            ("BEGIN;", 1),
            ("SELECT 1;\nCOMMIT;", 2),
            ("\n\nCOPY t FROM STDIN;", 3),
        ] {
            let error = Migration::new(&name, sql).unwrap_err();
            assert!(
                error.to_string().starts_with(&format!("line {line}: ")),
                "{error}"
            );
        }
    }
}
